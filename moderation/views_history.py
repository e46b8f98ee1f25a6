"""What one commenter wrote to the force before, and the surveillance guard around it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from audit import reasons
from core import clock
from core.errors import NotFound, NotValid
from core.gate import needs
from moderation import forms, guard
from moderation.actions import guard as actions
from moderation.models import Commenter
from platforms import registry
from staff.roles import Power

REASONS = "moderation.history_reasons"
"""Session key: commenter's number -> reason, and until when it stands (seconds since 1970)."""
KEPT_FOR = timedelta(minutes=30)
MOST_KEPT = 20


@needs(Power.SEE_COMMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that one commenter wrote to the viewer's official accounts, once it may be read."""
    if pk >= 2**63:
        raise NotFound("Nobody of that number wrote to an official account that you may see.")
    of = guard.commenter(request.user, pk)
    if request.method == "POST":
        return _answer(request, of)
    before = _cursor(request.GET.get("before", ""))
    rows, more = guard.history(request.user, of, before=before)
    try:
        actions.look_up(
            actor=request.user,
            commenter=of,
            shown_ids=[comment.pk for comment in rows],
            via="search" if request.GET.get("via") == "search" else "history",
            reason=_reason(request, of),
        )
    except actions.PurposeNeeded as needed:
        return _ask(request, of, counts=needed.counts)
    except NotValid as refusal:
        return _ask(request, of, problem=refusal.sentence if _reason(request, of) else "")
    last = rows[-1] if more else None
    return render(
        request,
        "moderation/history.html",
        {
            "commenter": of,
            "platform": registry.NAMES.get(of.platform, of.platform),
            "rows": rows,
            "older": "?" + urlencode({"before": f"{last.posted_at.isoformat()}_{last.pk}"}) if last else "",
            "counts": guard.counts(request.user, of),
            "work": guard.is_work(request.user, of),
            "mode": reasons.mode("commenter.history"),
            "reason": _reason(request, of),
            "question": reasons.ASKED["commenter.history"].question,
        },
    )


def _answer(request: HttpRequest, of: Commenter) -> HttpResponse:
    """A reason or a purpose was given; the page then opens."""
    form = forms.LookAgain(request.POST)
    counts = guard.counts(request.user, of)
    due = counts if counts.due and not guard.is_work(request.user, of) else None
    if not form.is_valid():
        return _ask(request, of, counts=due, problem="Say it in fewer words.", status=422)
    try:
        reason = reasons.check("commenter.history", form.cleaned_data["reason"])
        if due is not None:
            actions.give_purpose(actor=request.user, commenter=of, text=form.cleaned_data["purpose"])
    except NotValid as refusal:
        return _ask(request, of, counts=due, problem=refusal.sentence, status=422)
    kept = dict(list(request.session.get(REASONS, {}).items())[-MOST_KEPT + 1 :])
    kept[str(of.pk)] = [reason, (clock.now() + KEPT_FOR).timestamp()]
    request.session[REASONS] = kept
    return redirect("moderation:history", pk=of.pk)


def _reason(request: HttpRequest, of: Commenter) -> str:
    text, until = request.session.get(REASONS, {}).get(str(of.pk), ["", 0])
    return str(text) if until > clock.now().timestamp() else ""


def _ask(
    request: HttpRequest,
    of: Commenter,
    *,
    counts: guard.Counts | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """Nothing of theirs is shown yet: why is it needed?"""
    return render(
        request,
        "moderation/history_ask.html",
        {
            "commenter": of,
            "counts": counts,
            "problem": problem,
            "required": reasons.is_required("commenter.history"),
            "mode": reasons.mode("commenter.history"),
            "question": reasons.ASKED["commenter.history"].question,
            "typed": request.POST,
            "kept": _reason(request, of),
        },
        status=status,
    )


def _cursor(text: str) -> tuple[datetime, int] | None:
    at, _, pk = text.rpartition("_")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    if moment.tzinfo is None or not 2000 <= moment.year <= 2200:
        return None
    return (moment.astimezone(UTC), int(pk)) if pk.isascii() and pk.isdigit() and len(pk) < 19 else None


@needs(Power.ACKNOWLEDGE_CASES)
@require_safe
def purposes(request: HttpRequest) -> HttpResponse:
    """What was given as purpose for looking somebody up again."""
    rows = list(guard.purposes(request.user))
    actions.see_purposes(actor=request.user, shown=rows)
    return render(request, "moderation/purposes.html", {"rows": rows, "rule": guard.rule()})


@needs(Power.SET_SAFEGUARDS)
@require_http_methods(["GET", "HEAD", "POST"])
def guard_rule(request: HttpRequest) -> HttpResponse:
    """When a policing purpose is asked for."""
    held = guard.rule()
    start = {name: getattr(held, name) for name in forms.Guard.base_fields}
    form = forms.Guard(request.POST if request.method == "POST" else None, initial=start)
    if form.is_bound and form.is_valid():
        try:
            actions.set_guard(actor=request.user, **form.cleaned_data)
        except NotValid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            messages.success(request, "Saved. It holds from the next look on.")
            return redirect("moderation:guard")
    return render(
        request, "moderation/guard.html", {"form": form, "rule": held}, status=422 if form.is_bound else 200
    )
