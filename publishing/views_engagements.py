"""The register of influencers, paid media and partners as pages, and as a table to take along."""

from __future__ import annotations

import csv

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.downloads import as_file
from core.errors import NotValid
from core.gate import needs
from core.refusals import show_refusal
from core.sheets import cell
from core.typed import whole
from publishing import queries_campaigns
from publishing import queries_engagements as read
from publishing.actions import engagements as actions
from publishing.forms_engagements import EngagementForm
from publishing.models import Engagement
from publishing.workflow_campaigns import ENGAGEMENT
from staff.roles import Power


def _year(request: HttpRequest) -> int:
    asked = whole(request.GET.get("year", ""), under=5)
    return asked if asked is not None and 2000 <= asked <= 2200 else read.year_of(clock.today())


@needs(Power.PLAN_POSTS, Power.APPROVE_POSTS)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """A financial year of entries, with what they came to."""
    year = _year(request)
    return render(
        request,
        "publishing/engagements.html",
        {
            "entries": read.engagements(request.user, year),
            "totals": [(one, f"£{one.pence / 100:,.2f}") for one in read.totals(request.user, year)],
            "year": year,
            "years": [(one, f"{one} to {one + 1}") for one in read.years(request.user)],
        },
    )


@needs(Power.PLAN_POSTS, Power.APPROVE_POSTS)
@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """A financial year of entries as CSV."""
    year = _year(request)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    rows = csv.writer(response)
    rows.writerow(
        [
            "kind",
            "who",
            "what",
            "campaign",
            "cost in pounds",
            "label",
            "from",
            "until",
            "state",
            "approved by",
            "result",
        ]
    )
    for one in read.all_of(request.user, year):
        rows.writerow(
            cell(value)
            for value in (
                one.get_kind_display(),
                one.who,
                one.what,
                one.campaign.name if one.campaign else "",
                f"{one.cost_pence / 100:.2f}",
                one.label,
                one.starts_on.isoformat(),
                one.ends_on.isoformat(),
                one.get_state_display(),
                one.decided_by.called if one.decided_by and one.state != "refused" else "",
                one.result,
            )
        )
    as_file(response, f"influencers-paid-partners-{year}.csv")
    return response


@needs(Power.PLAN_POSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask for one."""
    campaigns = queries_campaigns.campaigns(request.user)
    form = EngagementForm(request.POST or None, campaigns=campaigns, initial={"starts_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.ask(actor=request.user, **form.said())
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "It waits for somebody else’s approval.")
            return redirect("publishing:engagement", pk=made.pk)
    return render(
        request, "publishing/engagement_new.html", {"form": form}, status=422 if form.errors else 200
    )


@needs(Power.PLAN_POSTS, Power.APPROVE_POSTS)
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry and its next step."""
    return _page(request, read.engagement(request.user, pk))


def _page(request: HttpRequest, entry: Engagement, *, wrong: str = "") -> HttpResponse:
    return render(
        request,
        "publishing/engagement.html",
        {
            "entry": entry,
            "cost": f"£{entry.cost_pence / 100:,.2f}",
            "can": {event for event in ENGAGEMENT.events if ENGAGEMENT.allows(entry.state, event)},
            "may_decide": request.user.has_perm(f"accounts.{Power.APPROVE_POSTS}")
            and entry.asked_by_id != request.user.pk,
            "may_close": request.user.has_perm(f"accounts.{Power.PLAN_POSTS}"),
            "wrong": wrong,
            "typed": request.POST.get("why", ""),
        },
        status=422 if wrong else 200,
    )


@needs(Power.PLAN_POSTS, Power.APPROVE_POSTS)
@require_POST
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve it, refuse it, close it with a result."""
    entry = read.engagement(request.user, pk)
    do, why = request.POST.get("do", ""), request.POST.get("why", "")[:1100]
    try:
        if do in ("approve", "refuse"):
            actions.decide(actor=request.user, entry=entry, approve=do == "approve", why=why)
            messages.success(request, "Approved." if do == "approve" else "Refused.")
        elif do == "close":
            actions.close(actor=request.user, entry=entry, result=why)
            messages.success(request, "Closed.")
        else:
            messages.error(request, "Choose what should happen.")
    except NotValid as refusal:
        return _page(request, entry, wrong=refusal.sentence)
    return redirect("publishing:engagement", pk=pk)
