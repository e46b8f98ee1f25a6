"""The log of a case: lines are added, never changed."""

from __future__ import annotations

from core import clock
from core.actors import Actor
from escalation.models import Case, LogEntry
from staff.models import StaffMember


def write(*, actor: Actor, case: Case, event: str, text: str) -> LogEntry:
    """One line of the log, within the caller's transaction; the caller audits what it tells of."""
    return LogEntry.objects.create(
        case=case,
        at=clock.now(),
        event=event,
        text=text,
        by=actor if isinstance(actor, StaffMember) else None,
        by_name=actor.actor_name,
    )
