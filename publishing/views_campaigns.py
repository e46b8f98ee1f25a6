"""Campaigns as pages: what there is, one with its posts, planning, changing, and the steps it takes."""

from __future__ import annotations

import csv

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.downloads import as_file
from core.errors import NotValid
from core.gate import needs
from core.refusals import show_refusal
from core.sheets import cell
from publishing import queries, queries_occasions
from publishing import queries_campaigns as read
from publishing.actions import campaigns as actions
from publishing.forms_campaigns import CampaignForm, ResultForm, initial_of
from publishing.models import Campaign
from publishing.workflow_campaigns import CAMPAIGN
from staff.roles import Power

POSTS_SHOWN = 50
RUN_BY = {"log": "publishing:log", "meeting": "moderation:meeting", "occasion": "publishing:occasion"}
"""Kinds -> the page that runs them."""


@needs(Power.SEE_POSTS)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What runs and what is to come; `?over=1`: what is over."""
    over = request.GET.get("over", "") == "1"
    found = read.campaigns(request.user, over=over)
    return render(
        request,
        "publishing/campaigns.html",
        {"campaigns": found, "over": over, "kinds": Campaign.Kind.choices},
    )


@needs(Power.PLAN_POSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Plan a campaign of one kind."""
    if kind not in Campaign.Kind.values:
        return redirect("publishing:campaigns")
    accounts = queries.writable_accounts(request.user)
    initial = {"pace_s": 300, "accounts": [accounts[0].pk] if len(accounts) == 1 else []}
    form = CampaignForm(request.POST or None, kind=kind, accounts=accounts, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.make_campaign(actor=request.user, kind=kind, **form.said())
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"“{made.name}” is planned. Its posts carry it as their campaign.")
            return redirect("publishing:campaign", pk=made.pk)
    return _form_page(request, form, Campaign.Kind(kind).label, None)


@needs(Power.PLAN_POSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """What it is for, when, and how fast."""
    found = read.campaign(request.user, pk)
    form = CampaignForm(request.POST or None, kind=found.kind, present=found, initial=initial_of(found))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_campaign(actor=request.user, campaign=found, **form.said())
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "Changed.")
            return redirect("publishing:campaign", pk=pk)
    return _form_page(request, form, found.get_kind_display(), found)


def _form_page(request: HttpRequest, form: CampaignForm, kind: str, found: Campaign | None) -> HttpResponse:
    return render(
        request,
        "publishing/campaign_form.html",
        {"form": form, "kind": kind, "campaign": found},
        status=422 if form.errors else 200,
    )


@needs(Power.SEE_POSTS)
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One campaign: what it is for, where its posts stand, its story, its next step."""
    return _page(request, read.campaign(request.user, pk))


def _page(
    request: HttpRequest, found: Campaign, *, wrong: str = "", form: ResultForm | None = None
) -> HttpResponse:
    posts = list(read.posts_of(request.user, found)[: POSTS_SHOWN + 1])
    return render(
        request,
        "publishing/campaign.html",
        {
            "campaign": found,
            "posts": posts[:POSTS_SHOWN],
            "more": len(posts) > POSTS_SHOWN,
            "figures": read.figures(request.user, found),
            "changes": read.changes(found),
            "may_run": read.may_run(request.user, found),
            "can": {event for event in CAMPAIGN.events if CAMPAIGN.allows(found.state, event)}
            - ({"start"} if queries_occasions.lacking(found) else set()),
            "form": form or ResultForm(initial={"result": found.result}),
            "wrong": wrong,
            "typed": request.POST.get("why", ""),
        },
        status=422 if wrong or (form is not None and form.errors) else 200,
    )


@needs(Power.PLAN_POSTS)
@require_POST
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """Start it, stop it, let it go on, call it off, end it, or say what came of it."""
    found = read.campaign(request.user, pk)
    do, why = request.POST.get("do", ""), request.POST.get("why", "")[:1000]
    back = RUN_BY.get(request.POST.get("from", ""), "publishing:campaign")
    try:
        if do == "start":
            actions.start_campaign(actor=request.user, campaign=found)
            messages.success(request, f"“{found.name}” runs.")
        elif do == "go_on":
            actions.go_on(actor=request.user, campaign=found)
            messages.success(request, "It goes on. What was held goes out one after another.")
        elif do == "stop":
            actions.stop_campaign(actor=request.user, campaign=found, why=why)
            messages.success(request, "Stopped. Nothing more of it goes out until somebody lets it go on.")
        elif do == "call_off":
            actions.call_off(actor=request.user, campaign=found, why=why)
            messages.success(request, "Called off.")
        elif do in ("end", "result"):
            return _end(request, found, do)
        else:
            messages.error(request, "Choose what should happen to it.")
    except NotValid as refusal:
        return _page(request, found, wrong=refusal.sentence)
    return redirect(back, pk=pk)


def _end(request: HttpRequest, found: Campaign, do: str) -> HttpResponse:
    form = ResultForm(request.POST)
    if form.is_valid():
        act = actions.end_campaign if do == "end" else actions.note_result
        try:
            act(actor=request.user, campaign=found, result=form.cleaned_data["result"])
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "Written down.")
            return redirect("publishing:campaign", pk=found.pk)
    return _page(request, found, form=form)


@needs(Power.SEE_POSTS)
@require_safe
def table(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything of a campaign that went out, as CSV."""
    found = read.campaign(request.user, pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    rows = csv.writer(response)
    rows.writerow(["went out", "official account", "platform", "words", "address"])
    for row in read.went_out(request.user, found):
        assert row.sent_at is not None
        rows.writerow(
            [
                row.sent_at.isoformat(),
                row.official_account.name,
                row.platform_name,
                cell(row.text),
                row.external_url,
            ]
        )
    as_file(response, f"campaign-{found.pk}.csv")
    return response
