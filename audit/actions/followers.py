"""Moving along the trail: who reads on, from where, and what became of it. The platform's own pace."""

from __future__ import annotations

from datetime import timedelta

from audit.following import Place
from audit.models import Follower
from core import clock
from core.acting import action
from core.actors import Actor

LONGEST_PAUSE_S = 300


@action
def hold(*, actor: Actor, name: str) -> Follower | None:
    """The follower, locked until the caller's transaction ends; None while somebody else has it."""
    Follower.objects.bulk_create([Follower(name=name)], ignore_conflicts=True)
    return Follower.objects.select_for_update(skip_locked=True).filter(name=name).first()


@action
def lease(*, actor: Actor, name: str, for_s: float) -> Follower | None:
    """The follower for `for_s` seconds, without a lock: for work that goes over the network.

    None while somebody else has it, or while a pause after a fault lasts.
    """
    follower = hold(actor=actor, name=name)
    at = clock.now()
    if follower is None or any(until and until > at for until in (follower.lease_until, follower.try_at)):
        return None
    follower.lease_until = at + timedelta(seconds=for_s)
    follower.save(update_fields=["lease_until"])
    return follower


@action
def move(*, actor: Actor, follower: Follower, place: Place) -> Follower:
    """Everything up to the place is done with. A lease ends with it, and what failed before is forgotten."""
    at = clock.now()
    moved = (place.transaction_id, place.entry_id) != (follower.transaction_id, follower.entry_id)
    follower.transaction_id = place.transaction_id
    follower.entry_id = place.entry_id
    follower.floor_id = place.floor_id
    follower.moved_at = at if moved else follower.moved_at
    follower.read_at = at
    follower.lease_until = None
    follower.failures = 0
    follower.fault = ""
    follower.try_at = None
    follower.save()
    return follower


@action
def pause(*, actor: Actor, follower: Follower, fault: str) -> Follower:
    """It did not work: the same entries are tried again after a pause that doubles up to five minutes."""
    follower.failures += 1
    follower.fault = fault[:200]
    follower.lease_until = None
    follower.try_at = clock.now() + timedelta(seconds=min(2**follower.failures, LONGEST_PAUSE_S))
    follower.save(update_fields=["failures", "fault", "lease_until", "try_at"])
    return follower
