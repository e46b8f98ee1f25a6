"""Alerts of the desk: what a machine found, waiting for a person to say whether it is so."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from core.errors import NotFound, NotValid
from core.gate import needs, open_to_all, signed_in
from escalation import forms, queries, queries_alerts
from escalation.actions import alerts as actions
from escalation.actions import cases, taking
from escalation.texts import read_text
from moderation.models import Comment
from moderation.queries import UNRESTRICTED
from staff.roles import Power


@needs(Power.WORK_COMMENTS)
@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    """What waits for the desk, those of nearly the same words together; then what became of the latest."""
    groups = queries_alerts.grouped(request.user)
    actions.list_alerts(actor=request.user, alerts=[group.first for group in groups])
    return render(
        request,
        "escalation/alerts.html",
        {
            "groups": groups,
            "version": queries_alerts.list_version(groups),
            "settled": queries_alerts.settled(request.user),
        },
    )


@needs(Power.WORK_COMMENTS)
@require_safe
def alert(request: HttpRequest, pk: int) -> HttpResponse:
    """One alert with the words. Opening it counts as having seen it."""
    return _page(request, pk)


@needs(Power.ESCALATE)
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """It is so: the ladder begins."""
    found = queries_alerts.alert(request.user, pk)
    form = forms.ConfirmAlert(request.POST)
    if form.is_valid():
        try:
            case = actions.confirm(actor=request.user, alert=found, **form.cleaned_data)
        except NotValid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            try:
                return redirect("escalation:case", pk=queries.case(request.user, case.pk).pk)
            except NotFound:
                return render(request, "escalation/opened.html", {"case": case})
    return _page(request, pk, status=422, confirm_form=form)


@needs(Power.WORK_COMMENTS)
@require_POST
def stand_down(request: HttpRequest, pk: int) -> HttpResponse:
    """It is not so."""
    found = queries_alerts.alert(request.user, pk)
    form = forms.StandDown(request.POST)
    if form.is_valid():
        try:
            count = actions.stand_down(actor=request.user, alert=found, **form.cleaned_data)
        except NotValid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            messages.success(
                request, "The alert is stood down." if count == 1 else f"{count} alerts are stood down."
            )
            return redirect("escalation:alerts")
    return _page(request, pk, status=422, down_form=form)


def _page(request: HttpRequest, pk: int, *, status: int = 200, **given: object) -> HttpResponse:
    found = actions.look(actor=request.user, alert=queries_alerts.alert(request.user, pk))
    found = queries_alerts.alert(request.user, pk)
    comment = (
        Comment.objects.filter(UNRESTRICTED, pk=found.comment_id)
        .select_related("commenter", "conversation")
        .first()
    )
    if comment is None:
        raise NotFound(
            "The comment of this alert has been disposed of, or is kept from sight by a restriction."
        )
    return render(
        request,
        "escalation/alert.html",
        {
            "alert": found,
            "comment": comment,
            "alike": queries_alerts.alike(request.user, found),
            "case": queries.case_of(comment),
            "confirm_form": forms.ConfirmAlert(initial={"category": found.category}),
            "down_form": forms.StandDown(),
            **given,
        },
        status=status,
    )


@needs(Power.WORK_COMMENTS)
@require_GET
def strip(request: HttpRequest) -> HttpResponse:
    """How many alerts wait, at the head of every page of the desk; 204 where the browser has it."""
    shown = queries_alerts.strip(request.user)
    if request.GET.get("v", "") == shown.version:
        return HttpResponse(status=204)
    return render(request, "escalation/_strip.html", {"strip": shown})


@signed_in
@require_safe
def alarm(request: HttpRequest) -> HttpResponse:
    """How many pages and alerts wait unseen: a number alone, so that it is open to a locked screen too."""
    return JsonResponse(queries_alerts.alarm(request.user))


@csrf_exempt
@open_to_all
@require_http_methods(["POST"])
def text_back(request: HttpRequest) -> HttpResponse:
    """GOV.UK Notify hands over a text that somebody sent back. It says the same whether a code counted or not.

    Source: docs.notifications.service.gov.uk, callbacks: a POST with a bearer token that the service set.
    """
    token = settings.NOTIFY_CALLBACK_TOKEN
    if not token:
        raise NotFound("Nobody hands over texts here.")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if not constant_time_compare(given, token):
        return HttpResponse("This call does not bear the token.", status=403, content_type="text/plain")
    text = read_text(request.body)
    if text is None:
        return HttpResponse("This is no text.", status=422, content_type="text/plain")
    taking.take_by_text(source=text.source, words=text.words)
    return HttpResponse("Kept.", content_type="text/plain")


@needs(Power.RUN_EXERCISES)
@require_http_methods(["GET", "HEAD", "POST"])
def drills(request: HttpRequest) -> HttpResponse:
    """Run a ladder from beginning to end, and read how long each step took."""
    form = forms.BeginDrill(
        request.POST or None,
        accounts=queries.accounts_to_escalate(request.user),
        pathways=queries.pathways(),
    )
    if request.method == "POST" and form.is_valid():
        case = cases.begin_drill(actor=request.user, **form.cleaned_data)
        return redirect("escalation:case", pk=case.pk)
    return render(
        request,
        "escalation/drills.html",
        {"form": form, "drills": queries.drills(request.user)},
        status=422 if form.is_bound else 200,
    )


@needs(Power.SEE_CASES)
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Open cases by the level at which they stand, the oldest first."""
    found = queries.board(request.user)
    cases.view_list(actor=request.user, cases=[case for column in found for case in column.cases])
    return render(request, "escalation/board.html", {"columns": found})
