"""The log of a case, whose lines are added and never changed, and its entries in the audit trail."""

from __future__ import annotations

from collections.abc import Sequence

from audit.actions import record
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


def audit(actor: Actor, event: str, case: Case, *, shown_ids: Sequence[int] = (), **details: object) -> None:
    """The trail's entry of what was done to a case, within the caller's transaction."""
    record(
        actor=actor,
        event=event,
        subject=case,
        subject_name=case.reference,
        official_account_id=case.official_account_id,
        shown_ids=shown_ids,
        details=details,
    )
