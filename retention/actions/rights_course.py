"""What happens to requests as their deadline nears and passes, with nobody's hand in it. Safe to run twice."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from accounts.queries import people_with
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from notices.actions import notify
from notices.models import Notice
from retention.actions.rights import locked, note
from retention.models import RightsRequest
from staff.roles import Power

WARN_BEFORE = timedelta(days=7)


@action
def carry_on(*, actor: Actor, request: RightsRequest) -> bool:
    """Whoever has it is told a week before its deadline; once that is over, it is a fact that escalation makes a case of.

    Nothing happens while its clock stands still. Answers whether anything was done. Audits request.overdue.
    """
    request = locked(request)
    now = clock.now()
    if not request.is_open or request.stopped:
        return False
    if request.due_at <= now and request.climbed_for != request.due_at:
        request.climbed_for, request.needs_case = request.due_at, "overdue"
        request.warned_for = request.due_at
        request.save(update_fields=["climbed_for", "needs_case", "warned_for"])
        note(actor, request, "Its time is over, and it was not answered.")
        record(
            actor=actor,
            event="request.overdue",
            subject=request,
            subject_name=request.title,
            details={"due_at": request.due_at.isoformat()},
        )
        _tell(actor, request, "was not answered in time", Notice.Urgency.SOON)
        return True
    if request.due_at - WARN_BEFORE <= now and request.warned_for != request.due_at:
        request.warned_for = request.due_at
        request.save(update_fields=["warned_for"])
        _tell(actor, request, "is due within a week", Notice.Urgency.FYI)
        return True
    return False


@action
def case_opened(*, actor: Actor, request: RightsRequest, reference: str) -> None:
    """It is in a case: the fact is taken back. Audits request.case_opened."""
    request = locked(request)
    request.needs_case = ""
    request.save(update_fields=["needs_case"])
    note(actor, request, f"Case {reference} was opened for it.")
    record(
        actor=actor,
        event="request.case_opened",
        subject=request,
        subject_name=request.title,
        details={"case": reference},
    )


def _tell(actor: Actor, request: RightsRequest, says: str, urgency: str) -> None:
    handler = request.handler
    people = [handler] if handler is not None and handler.active else people_with(Power.HANDLE_REQUESTS)
    by = clock.in_london(request.due_at)
    notify(
        actor=actor,
        to=people,
        urgency=urgency,
        title=f"{request.title} {says}",
        body=f"Its time ends {by:%-d %B %Y}. {request.source}.",
        link=reverse("retention:request", args=[request.pk]),
        key=f"request {request.pk} {says} {by:%Y-%m-%d}",
    )
