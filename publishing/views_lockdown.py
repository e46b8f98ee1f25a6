"""The one control as pages: pause or stop, what each keeps back, its end by two people, and its history."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.actions import record_reading
from core import clock
from core.errors import NotFound, NotValid, Refused
from core.gate import fresh, needs
from core.refusals import show_refusal
from core.typed import whole
from publishing import queries, queries_lockdown, stopping, times
from publishing.actions import lockdown as lockdowns
from publishing.actions import outbox as outbox_actions
from publishing.forms_lockdown import EndForm, StartForm
from publishing.models import Lockdown, LockdownStop
from staff.roles import Power

MAY_DECIDE = tuple(sorted({*outbox_actions.POWER.values(), Power.LOCK_DOWN}))


@needs(Power.LOCK_DOWN, Power.SEE_POSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def lockdown(request: HttpRequest) -> HttpResponse:
    """The one control: what is in force, what each kind would stop, and starting. Stopping asks for nothing more."""
    choices = queries_lockdown.choices()
    if request.method != "POST":
        return _control_page(request, StartForm(choices=choices))
    form = StartForm(request.POST, choices=choices)
    if not form.is_valid():
        return _control_page(request, form, status=422)
    try:
        made = lockdowns.start_lockdown(
            actor=request.user,
            why=form.cleaned_data["why"],
            kind=form.cleaned_data["kind"] or Lockdown.Kind.COMPROMISE,
            scope=form.scope(),
            drill=form.cleaned_data["drill"],
        )
    except NotValid as refusal:
        show_refusal(form, refusal)
        return _control_page(request, form, status=422)
    lockdowns.note_under_way(actor=request.user, lockdown=made)
    if made.drill:
        messages.success(
            request, "The exercise has begun. Nothing is held, and people are told that it is one."
        )
    elif made.kind == Lockdown.Kind.PAUSE:
        messages.success(request, f"Posts wait from now on, over {made.reach}. Replies and take-downs go on.")
    else:
        messages.success(request, f"Nothing goes out from now on, over {made.reach}.")
    return redirect("publishing:one_lockdown", pk=made.pk)


def _control_page(request: HttpRequest, form: StartForm, *, status: int = 200) -> HttpResponse:
    past = queries_lockdown.past()
    return render(
        request,
        "publishing/lockdown.html",
        {
            "form": form,
            "live": [
                {
                    "lockdown": one,
                    "stops": queries_lockdown.what_it_stops(one),
                    "means": queries_lockdown.what_it_means(one, request.user),
                    "waiting": queries_lockdown.waiting_count(one),
                }
                for one in queries_lockdown.live()
            ],
            "past": past[:5],
            "waiting": queries_lockdown.waiting_now(),
            "may_switch": request.user.has_perm(f"accounts.{Power.LOCK_DOWN}"),
            "to_decide": queries_lockdown.to_decide_count(request.user),
        },
        status=status,
    )


@needs(Power.LOCK_DOWN, Power.SEE_POSTS)
@require_safe
def one_lockdown(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: what it keeps back, what was in between when it began, who may pass, how it ends, its times."""
    return _one_page(request, queries_lockdown.lockdown(pk))


def _one_page(
    request: HttpRequest,
    found: Lockdown,
    *,
    form: EndForm | None = None,
    wrong_pass: str = "",
    wrong_pk: int = 0,
    status: int = 200,
) -> HttpResponse:
    waiting = queries_lockdown.waiting_under(request.user, found)
    if answers := [row.pk for row in waiting if row.variant_id is None and row.text]:
        record_reading(actor=request.user, event="outbox.viewed", shown_ids=answers)
    releases = queries_lockdown.releases(found)
    asked = (
        next((one for one in releases if one.decided_at is None), None) if found.lifted_at is None else None
    )
    return render(
        request,
        "publishing/lockdown_one.html",
        {
            "lockdown": found,
            "stops": queries_lockdown.what_it_stops(found),
            "means": queries_lockdown.what_it_means(found, request.user) if found.lifted_at is None else "",
            "waiting": waiting,
            "waiting_count": queries_lockdown.waiting_count(found),
            "between": [
                {"stop": stop, "outcome": queries_lockdown.outcome_between(stop)}
                for stop in queries_lockdown.stops_between(found)
            ],
            "exceptions": queries_lockdown.exceptions(found),
            "asked": asked,
            "may_switch": request.user.has_perm(f"accounts.{Power.LOCK_DOWN}"),
            "is_pause": found.kind == Lockdown.Kind.PAUSE,
            "times": queries_lockdown.times(found),
            "kept": queries_lockdown.kept_back(found),
            "decided": queries_lockdown.decided(request.user, found),
            "form": form or EndForm(),
            "wrong_pass": wrong_pass,
            "wrong_pk": wrong_pk,
            "typed": request.POST.get("why", "") if wrong_pass else "",
        },
        status=status,
    )


@needs(Power.LOCK_DOWN)
@require_POST
def let_pass(request: HttpRequest, pk: int) -> HttpResponse:
    """One act goes out although it is covered, because a life may depend on it. Asks for nothing more."""
    found = queries_lockdown.lockdown(pk)
    delivery = queries.delivery(request.user, whole(request.POST.get("delivery", "")) or 0)
    try:
        lockdowns.let_pass(
            actor=request.user, lockdown=found, delivery=delivery, why=request.POST.get("why", "")[:500]
        )
    except NotValid as refusal:
        return _one_page(request, found, wrong_pass=refusal.sentence, wrong_pk=delivery.pk, status=422)
    messages.success(request, "Let pass. It is checked once more and goes out when it is due.")
    return redirect("publishing:one_lockdown", pk=pk)


@fresh
@needs(Power.LOCK_DOWN)
@require_POST
def lift_lockdown(request: HttpRequest) -> HttpResponse:
    """Ask that one ends, confirm or decline it, end a pause alone with a name, or end an exercise."""
    do = request.POST.get("do", "")
    if do in ("confirm", "decline"):
        asked = queries_lockdown.release(whole(request.POST.get("release", "")) or 0)
        found = asked.lockdown
    else:
        found = queries_lockdown.lockdown(_which(request))
    form = EndForm(request.POST)
    form.is_valid()
    why, manager = form.cleaned_data.get("why", ""), form.cleaned_data.get("manager_name", "")
    ended = False
    try:
        if form.errors:
            return _one_page(request, found, form=form, status=422)
        if do == "ask":
            lockdowns.ask_release(actor=request.user, lockdown=found, why=why)
            messages.success(request, "Asked. It ends when a colleague who may lock down confirms.")
        elif do == "confirm":
            lockdowns.confirm_release(actor=request.user, release=asked)
            ended = True
        elif do == "decline":
            lockdowns.decline_release(actor=request.user, release=asked, why=why)
            messages.success(request, "It goes on.")
        elif do == "alone":
            lockdowns.release_pause(actor=request.user, lockdown=found, why=why, manager_name=manager)
            ended = True
        elif do == "end_drill":
            lockdowns.end_drill(actor=request.user, lockdown=found, why=why)
            messages.success(request, "The exercise is over. Its times stand below.")
        else:
            raise NotValid("Choose what should happen: ask for its end, or confirm it.")
    except NotValid as refusal:
        show_refusal(form, refusal)
        return _one_page(request, found, form=form, status=422)
    if ended:
        kept = queries_lockdown.kept_back(found)["open"]
        messages.success(
            request,
            f"It is over. {kept} wait for somebody to look at each: nothing goes out by itself."
            if kept
            else "It is over. Nothing had been kept back.",
        )
        if kept and queries_lockdown.to_decide(request.user, of=found):
            return redirect("publishing:stops")
    return redirect("publishing:one_lockdown", pk=found.pk)


def _which(request: HttpRequest) -> int:
    """The one that was named; where one alone is in force, that one."""
    named = whole(request.POST.get("lockdown", ""))
    if named is not None:
        return named
    live = queries_lockdown.live()
    if len(live) != 1:
        raise NotFound("Open the pause or lockdown that you mean, and end it there.")
    return live[0].pk


@needs(*MAY_DECIDE)
@require_safe
def stops(request: HttpRequest) -> HttpResponse:
    """What lockdowns have kept back, to be looked at one by one. Audits outbox.viewed where it shows answers."""
    return _stops_page(request)


def _stops_page(
    request: HttpRequest, *, wrong: str = "", wrong_pk: int = 0, status: int = 200
) -> HttpResponse:
    after = whole(request.GET.get("after", ""), under=7) or 0
    found = queries_lockdown.to_decide(request.user, after=after)
    shown = found[: queries_lockdown.PAGE_LENGTH]
    if answers := [
        stop.delivery_id for stop in shown if stop.delivery.variant_id is None and stop.delivery.text
    ]:
        record_reading(actor=request.user, event="outbox.viewed", shown_ids=answers)
    return render(
        request,
        "publishing/stops.html",
        {
            "stops": [{"stop": stop, "over": stopping.over_now(stop.delivery)} for stop in shown],
            "count": queries_lockdown.to_decide_count(request.user),
            "more": after + len(shown) if len(found) > len(shown) else 0,
            "wrong": wrong,
            "wrong_pk": wrong_pk,
            "typed": {name: request.POST.get(name, "") for name in ("why", "due_at")} if wrong else {},
            "now": clock.now(),
        },
        status=status,
    )


@needs(*MAY_DECIDE)
@require_POST
def decide_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """What becomes of one act that was kept back: out now, out at a new time, back to a draft, or never."""
    stop = queries_lockdown.stop(request.user, pk)
    do = request.POST.get("do", "")
    decision = "send" if do in ("send_now", "send_at") else do
    try:
        due_at = None
        if do == "send_at":
            due_at = times.from_wall_clock(request.POST.get("due_at", "")[:40], field="due_at")
            if due_at is None:
                raise NotValid("Give the new time, or send it now.", field="due_at")
        lockdowns.decide_stop(
            actor=request.user,
            stop=stop,
            decision=decision,
            due_at=due_at,
            why=request.POST.get("why", "")[:500],
        )
    except Refused as refusal:
        if refusal.status not in (403, 409, 422):
            raise
        return _stops_page(request, wrong=refusal.sentence, wrong_pk=pk, status=refusal.status)
    said = {
        "send_now": "It is checked once more and goes out now.",
        "send_at": "It goes out at its new time, and is checked once more then.",
        LockdownStop.Decision.DRAFT: "It is a draft again.",
        LockdownStop.Decision.DROP: "Dropped. It never goes out.",
    }
    messages.success(request, said[do])
    return redirect("publishing:stops")


@needs(Power.LOCK_DOWN, Power.SEE_POSTS)
@require_safe
def lockdowns_past(request: HttpRequest) -> HttpResponse:
    """Every pause, lockdown and exercise that is over, with its times."""
    before = whole(request.GET.get("before", ""))
    anchor = queries_lockdown.lockdown(before) if before else None
    found = queries_lockdown.past(before=anchor)
    shown = found[: queries_lockdown.PAGE_LENGTH]
    return render(
        request,
        "publishing/lockdowns.html",
        {
            "past": [
                {"lockdown": one, "kept": queries_lockdown.kept_back(one), "took": _took(one)}
                for one in shown
            ],
            "older": f"{reverse('publishing:lockdowns')}?before={shown[-1].pk}"
            if len(found) > len(shown)
            else "",
        },
    )


def _took(lockdown: Lockdown) -> dict[str, object]:
    began = lockdown.started_at
    return {
        "told": lockdown.told_at - began if lockdown.told_at else None,
        "ended": lockdown.lifted_at - began if lockdown.lifted_at else None,
    }
