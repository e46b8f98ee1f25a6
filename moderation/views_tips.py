"""Tips on public appeals: the inboxes, one inbox with its map, one tip with its two steps."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.errors import NotFound, NotValid
from core.gate import needs
from core.refusals import show_refusal
from core.typed import whole
from moderation import queries, tips
from moderation.actions import tips as actions
from moderation.forms_tips import (
    CHOICES,
    PassOnForm,
    PlaceForm,
    SettleForm,
    TakeCommentForm,
    initial_place,
)
from moderation.models import Tip
from moderation.workflow import TIP
from publishing.models import Appeal
from staff.roles import Power


@needs(Power.SEE_COMMENTS)
@require_safe
def inboxes(request: HttpRequest) -> HttpResponse:
    """Every appeal that has been out, with how many tips nobody has looked at."""
    found = tips.appeals(request.user)[:200]
    return render(request, "moderation/tip_inboxes.html", {"appeals": found})


@needs(Power.SEE_COMMENTS)
@require_safe
def inbox(request: HttpRequest, pk: int) -> HttpResponse:
    """What was told on one appeal: new first, what says the same together, and where it was."""
    return _inbox_page(request, tips.appeal(request.user, pk))


def _inbox_page(request: HttpRequest, found: Appeal, **forms: Form) -> HttpResponse:
    state = request.GET.get("state", Tip.State.NEW)
    state = state if state in Tip.State.values else Tip.State.NEW
    listed = tips.inbox(request.user, found, state=state, before=whole(request.GET.get("before", "")))
    shown = listed[: tips.PAGE_LENGTH]
    actions.note_listed(actor=request.user, appeal=found, shown=[line.tip for line in shown])
    counts = tips.counts(request.user, found)
    return render(
        request,
        "moderation/tips.html",
        {
            "appeal": found,
            "lines": shown,
            "state": state,
            "states": [(slug, label, counts[slug]) for slug, label in CHOICES],
            "map": tips.map_of([line.tip for line in shown]),
            "older": f"?state={state}&before={shown[-1].tip.pk}" if len(listed) > len(shown) else "",
            "take_form": TakeCommentForm(),
            "may_take": request.user.has_perm(f"accounts.{Power.WORK_COMMENTS}"),
            **forms,
        },
        status=422 if any(form.errors for form in forms.values()) else 200,
    )


@needs(Power.WORK_COMMENTS)
@require_POST
def take_comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a comment or message from elsewhere into this inbox."""
    found = tips.appeal(request.user, pk)
    form = TakeCommentForm(request.POST)
    if form.is_valid():
        try:
            comment = queries.comment(request.user, form.cleaned_data["comment"])
            made = actions.take_comment(actor=request.user, appeal=found, comment=comment)
        except NotFound as refusal:
            form.add_error("comment", refusal.sentence)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "It is a tip on this appeal now. It stays in the queue as well.")
            return redirect("moderation:tip", pk=made.pk)
    return _inbox_page(request, found, take_form=form)


@needs(Power.SEE_COMMENTS)
@require_safe
def tip(request: HttpRequest, pk: int) -> HttpResponse:
    """One tip: what was told, where, what came with it, and where it goes."""
    return _page(request, tips.tip(request.user, pk))


def _page(request: HttpRequest, found: Tip, **given: Any) -> HttpResponse:
    line = tips.lines([found])[0]
    alike = tips.said_alike(request.user, found)
    actions.note_listed(actor=request.user, appeal=found.appeal, shown=[found, *(one.tip for one in alike)])
    works = tips.may(request.user, Power.WORK_COMMENTS, found)
    shown: dict[str, Any] = {
        "tip": found,
        "line": line,
        "alike": alike,
        "files": tips.files_of(request.user, found),
        "comment": tips.comment_of(found),
        "map": tips.map_of([found]),
        "may_work": works,
        "may_pass": tips.may(request.user, Power.ESCALATE, found) and TIP.allows(found.state, "pass_on"),
        "may_settle": works and TIP.allows(found.state, "settle"),
        "may_reopen": works and TIP.allows(found.state, "reopen"),
        "place_form": PlaceForm(initial=initial_place(found), auto_id="place_%s"),
        "pass_form": PassOnForm(auto_id="pass_%s"),
        "settle_form": SettleForm(auto_id="settle_%s"),
        **given,
    }
    wrong = any(isinstance(one, Form) and one.errors for one in given.values())
    response = render(request, "moderation/tip.html", shown, status=422 if wrong else 200)
    if "contact" in given:
        response["Cache-Control"] = "private, no-store"
    return response


@needs(Power.WORK_COMMENTS, Power.ESCALATE)
@require_POST
def tip_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Place it, pass it on, settle it, look at it again, or read how to reach whoever told it."""
    found = tips.tip(request.user, pk)
    step = STEPS.get(request.POST.get("do", ""))
    if step is None:
        messages.error(request, "Choose what should happen to it.")
        return redirect("moderation:tip", pk=pk)
    return step(request, found)


def _place(request: HttpRequest, found: Tip) -> HttpResponse:
    form = PlaceForm(request.POST, auto_id="place_%s")
    if form.is_valid():
        point = form.cleaned_data["point"]
        actions.place(
            actor=request.user,
            tip=found,
            area=form.cleaned_data["area"],
            latitude=point[0] if point else None,
            longitude=point[1] if point else None,
        )
        messages.success(request, "Its place is kept.")
        return redirect("moderation:tip", pk=found.pk)
    return _page(request, found, place_form=form)


def _pass_on(request: HttpRequest, found: Tip) -> HttpResponse:
    form = PassOnForm(request.POST, auto_id="pass_%s")
    if form.is_valid():
        try:
            actions.pass_on(actor=request.user, tip=found, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(
                request,
                "Passed on. Its case opens within seconds; refer it from there to whoever acts on it.",
            )
            return redirect("moderation:tip", pk=found.pk)
    return _page(request, found, pass_form=form)


def _settle(request: HttpRequest, found: Tip) -> HttpResponse:
    form = SettleForm(request.POST, auto_id="settle_%s")
    if form.is_valid():
        try:
            if request.POST["do"] == "reopen":
                actions.reopen(actor=request.user, tip=found, **form.cleaned_data)
            else:
                actions.settle(actor=request.user, tip=found, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("moderation:tip", pk=found.pk)
    return _page(request, found, settle_form=form)


def _contact(request: HttpRequest, found: Tip) -> HttpResponse:
    return _page(request, found, contact=actions.read_contact(actor=request.user, tip=found))


STEPS = {
    "place": _place,
    "pass": _pass_on,
    "settle": _settle,
    "reopen": _settle,
    "contact": _contact,
}
