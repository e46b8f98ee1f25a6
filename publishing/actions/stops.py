"""What a lockdown has kept back, one row per act, and the decision of a person about each. Parts of other actions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from core import clock
from core.actors import Actor
from publishing.models import Delivery, Lockdown, LockdownStop
from staff.models import StaffMember


def note(rows: Iterable[Delivery], lockdown: Lockdown, how: str) -> int:
    """These acts were met by the lockdown. What is noted already stays as it is; answers how many were new."""
    now = clock.now()
    before = LockdownStop.objects.filter(lockdown=lockdown).count()
    LockdownStop.objects.bulk_create(
        [LockdownStop(lockdown=lockdown, delivery=row, how=how, at=now) for row in rows],
        ignore_conflicts=True,
    )
    return LockdownStop.objects.filter(lockdown=lockdown).count() - before


def open_of(row: Delivery) -> list[LockdownStop]:
    """The decisions about it that are still to be made."""
    found = LockdownStop.objects.filter(delivery=row, decision="")
    return list(found.exclude(how=LockdownStop.How.UNDER_WAY).select_related("lockdown__started_by"))


def decide(
    row: Delivery, *, actor: Actor, decision: str, why: str = "", due_at: datetime | None = None
) -> None:
    """Whatever lockdowns have kept it back, this is what becomes of it. The action that calls audits it."""
    if not isinstance(actor, StaffMember):
        return
    LockdownStop.objects.filter(delivery=row, decision="").exclude(how=LockdownStop.How.UNDER_WAY).update(
        decision=decision, decided_by=actor, decided_at=clock.now(), why=why[:500], due_at=due_at
    )
