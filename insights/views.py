"""Information security's alerts, their rules, and what platforms charge."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.actions import record_reading
from core import clock
from core.errors import NotFound, Refused
from core.gate import needs
from core.refusals import show_refusal
from insights import costs as costing
from insights import forms, queries
from insights.actions import alerts as actions
from insights.kinds import KINDS
from insights.models import Alert
from staff.roles import Power


@needs(Power.SEE_AUDIT)
@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    """What was noticed and waits for somebody, newest first."""
    shelf = request.GET.get("shelf", "open")
    shelf = shelf if shelf in queries.SHELVES else "open"
    before = request.GET.get("before", "")
    rows = queries.alerts(
        request.user, shelf, before=int(before) if before.isdecimal() and len(before) < 19 else None
    )
    more = len(rows) > queries.PAGE_LENGTH
    rows = rows[: queries.PAGE_LENGTH]
    record_reading(
        actor=request.user, event="alerts.listed", details={"shelf": shelf, "alerts": [a.pk for a in rows]}
    )
    return render(
        request,
        "insights/alerts.html",
        {
            "alerts": rows,
            "shelf": shelf,
            "shelves": queries.SHELVES.items(),
            "older": f"?shelf={shelf}&before={rows[-1].pk}" if more else "",
        },
    )


@needs(Power.SEE_AUDIT)
@require_safe
def alert(request: HttpRequest, pk: int) -> HttpResponse:
    """One alert: what was noticed, where to look on, and how it ends."""
    return _alert(request, pk)


def _alert(
    request: HttpRequest,
    pk: int,
    *,
    close_form: forms.Close | None = None,
    reopen_form: forms.Reopen | None = None,
    status: int = 200,
) -> HttpResponse:
    if pk >= 2**63:
        raise NotFound("There is no such alert.")
    found = queries.alert(request.user, pk)
    record_reading(
        actor=request.user, event="alert.viewed", subject=found, subject_name=found.get_kind_display()
    )
    return render(
        request,
        "insights/alert.html",
        {
            "alert": found,
            "kind": KINDS[found.kind],
            "mine": found.claimed_by_id == request.user.pk,
            "own": found.person_id == request.user.pk or actions.had_a_part(request.user, found),
            "close_form": close_form or forms.Close(),
            "reopen_form": reopen_form or forms.Reopen(),
            **queries.leads(found),
        },
        status=status,
    )


@needs(Power.SEE_AUDIT)
@require_POST
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """I look into it."""
    return _act(request, pk, lambda found: actions.claim(actor=request.user, alert=found))


@needs(Power.SEE_AUDIT)
@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Colleagues may have it."""
    return _act(request, pk, lambda found: actions.release(actor=request.user, alert=found))


def _act(request: HttpRequest, pk: int, act: Callable[[Alert], Alert]) -> HttpResponse:
    act(queries.alert(request.user, pk))
    return redirect("insights:alert", pk=pk)


@needs(Power.SEE_AUDIT)
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """It ends with an outcome and a note."""
    form = forms.Close(request.POST)
    if form.is_valid():
        try:
            actions.close(actor=request.user, alert=queries.alert(request.user, pk), **form.cleaned_data)
        except Refused as refusal:
            show_refusal(form, refusal)
            return _alert(request, pk, close_form=form, status=refusal.status)
        messages.success(request, "The alert is closed.")
        return redirect("insights:alerts")
    return _alert(request, pk, close_form=form, status=422)


@needs(Power.SEE_AUDIT)
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """It waits again."""
    form = forms.Reopen(request.POST)
    if not form.is_valid():
        return _alert(request, pk, reopen_form=form, status=422)
    return _act(
        request,
        pk,
        lambda found: actions.reopen(actor=request.user, alert=found, why=form.cleaned_data["why"]),
    )


@needs(Power.SET_SAFEGUARDS)
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """When an alert is raised: each kind's numbers, as the force sets them."""
    asked = request.POST.get("kind", "") if request.method == "POST" else ""
    if request.method == "POST" and asked not in KINDS:
        raise NotFound("There is no such kind of alert.")
    rows, status = [], 200
    for slug, kind, rule, numbers in queries.rules(request.user):
        start = {name: value for name, _, value in numbers} | {"on": rule.on if rule else True}
        form = forms.Rule(request.POST if slug == asked else None, kind=slug, initial=start)
        if slug == asked:
            if form.is_valid() and _set(request, slug, form):
                messages.success(request, "Saved. It holds for what happens from now on.")
                return redirect("insights:rules")
            status = 422
        rows.append({"slug": slug, "kind": kind, "rule": rule, "form": form})
    return render(request, "insights/rules.html", {"rows": rows}, status=status)


def _set(request: HttpRequest, slug: str, form: forms.Rule) -> bool:
    given = dict(form.cleaned_data)
    try:
        actions.set_rule(actor=request.user, kind=slug, on=given.pop("on"), numbers=given)
    except Refused as refusal:
        show_refusal(form, refusal)
        return False
    return True


@needs(Power.SEE_POSTS)
@require_safe
def costs(request: HttpRequest) -> HttpResponse:
    """What platforms charge, by month and official account."""
    known = costing.months(clock.today())
    asked = request.GET.get("month", "")
    month = next((month for month in known if f"{month:%Y-%m}" == asked), known[0])
    place = known.index(month)
    return render(
        request,
        "insights/costs.html",
        {
            "month": month,
            "before": known[place + 1] if place + 1 < len(known) else None,
            "after": known[place - 1] if place else None,
            "costs": costing.of_month(request.user, month),
        },
    )
