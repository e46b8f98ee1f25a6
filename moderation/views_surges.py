"""Surges: what comes more than usual and why, surge mode, groups that say the same, and decisions for them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.queries import may
from core.errors import NotFound, Refused
from core.gate import needs
from core.refusals import show_refusal
from moderation import forms_surges as forms
from moderation import queries, queries_surges
from moderation.actions import surges as actions
from moderation.actions import viewing
from moderation.models import Surge, SurgeAct, SurgeGroup, SurgeItem
from platforms.contract import Capability
from staff.roles import Power

SEEN = "moderation.surges.seen"
"""Salt of the signed list of what a preview showed, which its decision sends back."""
PREVIEW_HOLDS_S = 3600
AT_ONCE_S = 8.0
"""How long one answer carries out; the page that it leads to goes on by itself."""


@needs(Power.SEE_COMMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def surges(request: HttpRequest) -> HttpResponse:
    """What is under way and what was; surge mode is started by hand here."""
    accounts = queries_surges.startable(request.user)
    form = forms.Start(request.POST if request.method == "POST" else None, accounts=accounts)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                surge = actions.start(
                    actor=request.user,
                    account=form.cleaned_data["official_account"],
                    why=form.cleaned_data["why"],
                    since=form.cleaned_data["since"],
                )
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                return redirect(surge.address)
    return render(
        request,
        "moderation/surges.html",
        {
            "surges": queries_surges.surges(request.user),
            "form": form,
            "may_start": accounts.exists(),
        },
        status=status,
    )


@needs(Power.SEE_COMMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def surge(request: HttpRequest, pk: int) -> HttpResponse:
    """One surge: why, what says the same, what stands apart, and its start, end or report."""
    row = queries_surges.surge(request.user, pk)
    form = forms.Why(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                _do(request, row, form.cleaned_data["do"], form.cleaned_data["why"])
            except NotFound:
                raise
            except Refused as refusal:
                status = refusal.status
                show_refusal(form, refusal)
            else:
                return redirect(row.address)
    blind = queries_surges.grouping_is_off()
    found = queries_surges.groups(row) if row.state == Surge.State.RUNNING and not blind else []
    viewing.record_listed(
        actor=request.user, ids=[one.first.pk for one in found if one.first], queue=f"surge {row.pk}"
    )
    return render(
        request,
        "moderation/surge.html",
        {
            "surge": row,
            "form": form,
            "groups": found,
            "apart": queries_surges.apart(row) if row.state == Surge.State.RUNNING else None,
            "hours": queries_surges.by_the_hour(row),
            "acts": queries_surges.acts(row),
            "helpers": queries_surges.helpers(row),
            "native": queries_surges.native_controls(row.official_account),
            "why_no_groups": blind,
            "may_start": may(request.user, Power.HIDE_COMMENTS, row.official_account_id),
            "may_work": may(request.user, Power.WORK_COMMENTS, row.official_account_id),
        },
        status=status,
    )


def _do(request: HttpRequest, row: Surge, do: str, why: str) -> None:
    if do == "start":
        actions.start(actor=request.user, account=row.official_account, why=why)
        messages.success(request, "Surge mode is on. Whoever works on this official account sees it.")
    elif do == "dismiss":
        actions.dismiss(actor=request.user, surge=row, why=why)
        messages.success(request, "Noted: no surge. It is not suggested again for two hours.")
    else:
        actions.end(actor=request.user, surge=row, why=why)
        messages.success(request, "Surge mode is off. Its report is below.")


@needs(Power.WORK_COMMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def group(request: HttpRequest, pk: int) -> HttpResponse:
    """Exactly what a decision for the group would touch, and the decision."""
    row = queries_surges.surge_group(request.user, pk)
    form = forms.Decide(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                return _decide(request, row, form)
            except NotFound:
                raise
            except Refused as refusal:
                status = refusal.status
                show_refusal(form, refusal)
    return _group_page(request, row, form, status)


def _decide(request: HttpRequest, row: SurgeGroup, form: forms.Decide) -> HttpResponse:
    try:
        seen = signing.loads(form.cleaned_data["seen"], salt=SEEN, max_age=PREVIEW_HOLDS_S)
    except signing.BadSignature:
        seen = {}
    if (seen.get("me"), seen.get("group")) != (request.user.pk, row.pk):
        form.add_error(None, "This page was too old to decide by. Read it once more, as it is now.")
        return _group_page(request, row, form, 422)
    begun = actions.begin(
        actor=request.user,
        group=row,
        kind=form.cleaned_data["kind"],
        clause=form.cleaned_data["clause"],
        why=form.cleaned_data["why"],
        seen=[(int(pk), int(revision)) for pk, revision in seen["items"]],
    )
    actions.carry_out(actor=request.user, act=begun, for_s=AT_ONCE_S)
    return redirect("moderation:surge_act", pk=begun.pk)


def _group_page(request: HttpRequest, row: SurgeGroup, form: forms.Decide, status: int) -> HttpResponse:
    shown = queries_surges.preview(row)
    viewing.record_listed(actor=request.user, ids=shown.shown_ids, queue=f"surge {row.surge_id}, alike")
    account = row.surge.official_account
    why_not_hide = queries.why_not_on(account.platform, Capability.HIDE)
    return render(
        request,
        "moderation/surge_group.html",
        {
            "group": row,
            "surge": row.surge,
            "preview": shown,
            "form": form,
            "seen": signing.dumps(
                {"me": request.user.pk, "group": row.pk, "items": shown.items}, salt=SEEN, compress=True
            ),
            "may_hide": may(request.user, Power.HIDE_COMMENTS, account.pk) and not why_not_hide,
            "why_not_hide": why_not_hide,
            "running": row.surge.state == Surge.State.RUNNING,
            "clauses": queries.clauses(),
        },
        status=status,
    )


@needs(Power.WORK_COMMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of each comment that a decision for a group was about; undo, and going on after a break."""
    row = queries_surges.act(request.user, pk)
    problem = ""
    status = 200
    if request.method == "POST":
        try:
            if request.POST.get("do") == "undo":
                actions.undo(actor=request.user, act=row, for_s=AT_ONCE_S)
            else:
                actions.carry_out(actor=request.user, act=row, for_s=AT_ONCE_S)
        except NotFound:
            raise
        except Refused as refusal:
            problem, status = refusal.sentence, refusal.status
        else:
            return redirect("moderation:surge_act", pk=row.pk)
    counts = dict(queries_surges.results(row))
    return render(
        request, "moderation/surge_act.html", _results(request, row, counts, problem), status=status
    )


def _results(
    request: HttpRequest, row: SurgeAct, counts: dict[SurgeItem.State, int], problem: str
) -> dict[str, Any]:
    stuck = [SurgeItem.State.REFUSED, SurgeItem.State.STAYS]
    power = Power.HIDE_COMMENTS if row.kind == SurgeAct.Kind.HIDE else Power.WORK_COMMENTS
    account = row.surge.official_account_id
    return {
        "act": row,
        "surge": row.surge,
        "counts": [(state.label, n) for state, n in counts.items()],
        "done": counts.get(SurgeItem.State.DONE, 0),
        "waiting": counts.get(SurgeItem.State.WAITING, 0),
        "items": list(row.items.filter(state__in=stuck)[:200]),
        "decided": list(
            row.items.exclude(state__in=stuck).values_list("comment_id", "state").order_by("id")[:500]
        ),
        "may_undo": may(request.user, power, account)
        and bool(counts.get(SurgeItem.State.DONE))
        and row.surge is not None,
        "mine": row.by_id == request.user.pk,
        "problem": problem,
    }
