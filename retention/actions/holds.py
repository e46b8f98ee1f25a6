"""Holds: a record stays, whatever its period says, until somebody lifts the hold."""

from __future__ import annotations

from datetime import date

from accounts.queries import may, require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotPermitted, NotValid, Refused, TransitionNotAllowed
from retention import registry
from retention.models import Hold
from staff.models import StaffMember
from staff.roles import Power


class AlreadyHeld(Refused):
    """The record has a hold. Show it: `hold`."""

    def __init__(self, hold: Hold) -> None:
        super().__init__(
            f"{hold.subject_name} is held already, by {hold.placed_by.called} since "
            f"{clock.in_london(hold.placed_at):%d %B %Y}: {hold.why}"
        )
        self.hold = hold


@action
def place_hold(
    *, actor: StaffMember, subject_type: str, subject_id: int, reason: str, review_on: date
) -> Hold:
    """Keep a record from disposal until someone lifts the hold.

    Source: FOIA s.77 (an open request must place one); force retention policy, holds section.
    subject_type: a model label of retention.registry.HOLDABLE. review_on: London calendar date,
    later than today. The record is locked first, so a disposal at the same moment either has
    taken it (NotFound) or will see the hold.
    Raises NotPermitted, NotFound, NotValid, or AlreadyHeld (show the existing hold). Audits hold.placed.
    """
    require(actor, Power.PLACE_HOLDS)
    _check(reason, review_on)
    subject = registry.lock(subject_type, subject_id)
    standing = (
        Hold.objects.select_related("placed_by")
        .filter(subject_type=subject_type, subject_id=subject_id, lifted_at=None)
        .first()
    )
    if standing is not None:
        raise AlreadyHeld(standing)
    hold = Hold.objects.create(
        subject_type=subject_type,
        subject_id=subject_id,
        subject_name=registry.name_of(subject),
        why=reason.strip(),
        review_on=review_on,
        placed_by=actor,
        placed_at=clock.now(),
    )
    record(
        actor=actor,
        event="hold.placed",
        subject=subject,
        subject_name=hold.subject_name,
        reason=hold.why,
        details={"hold": hold.pk, "review_on": review_on.isoformat()},
    )
    return hold


@action
def review_hold(*, actor: StaffMember, hold: Hold, reason: str, review_on: date) -> Hold:
    """The hold was looked at and stays, until a later date of review.

    Raises NotPermitted, NotValid, TransitionNotAllowed (lifted). Audits hold.reviewed.
    """
    hold = _live(actor, hold)
    _check(reason, review_on)
    was, hold.review_on = hold.review_on, review_on
    hold.save(update_fields=["review_on"])
    _record(actor, "hold.reviewed", hold, reason, was=was.isoformat(), review_on=review_on.isoformat())
    return hold


@action
def lift_hold(*, actor: StaffMember, hold: Hold, reason: str) -> Hold:
    """The record follows its period again: if that is over, the next daily run disposes of it.

    Raises NotPermitted (neither who placed it nor a records manager), NotValid (no reason),
    TransitionNotAllowed (lifted already). Audits hold.lifted.
    """
    hold = _live(actor, hold)
    if not reason.strip():
        raise NotValid("Say why it is no longer needed.", field="reason")
    hold.lifted_at = clock.now()
    hold.lifted_by = actor
    hold.lifted_why = reason.strip()[:400]
    hold.save(update_fields=["lifted_at", "lifted_by", "lifted_why"])
    _record(actor, "hold.lifted", hold, reason)
    return hold


def _live(actor: StaffMember, hold: Hold) -> Hold:
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    own = hold.placed_by_id == actor.pk and may(actor, Power.PLACE_HOLDS)
    if not own and not may(actor, Power.MANAGE_RETENTION):
        raise NotPermitted("A hold is reviewed and lifted by whoever placed it, or by a records manager.")
    if hold.lifted_at is not None:
        raise TransitionNotAllowed(f"The hold on {hold.subject_name} was lifted already.")
    return hold


def _check(reason: str, review_on: date) -> None:
    if not reason.strip():
        raise NotValid("Say why it must be kept, e.g. the number of the request.", field="reason")
    if len(reason.strip()) > 400:
        raise NotValid("Keep the reason under 400 characters.", field="reason")
    if review_on <= clock.today():
        raise NotValid("Choose a date of review later than today.", field="review_on")


def _record(actor: StaffMember, event: str, hold: Hold, reason: str, **details: str) -> None:
    record(
        actor=actor,
        event=event,
        subject=hold,
        subject_name=hold.subject_name,
        reason=reason.strip(),
        details={"hold": hold.pk, "record": f"{hold.subject_type} {hold.subject_id}", **details},
    )
