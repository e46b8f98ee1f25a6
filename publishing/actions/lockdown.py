"""The one switch: start a lockdown and nothing goes out; lift it and people decide what still should."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotValid, TransitionNotAllowed
from publishing.actions.outbox import hold_what_fell_due
from publishing.models import Lockdown
from staff.models import StaffMember
from staff.roles import Power


@action
def start_lockdown(*, actor: StaffMember, why: str) -> Lockdown:
    """From this commit on nothing leaves the force: no post, no reply, no hiding, whatever was approved.

    The outbox reads the switch before it takes anything up and again before each socket opens.
    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed naming whoever started the one
    in force. Audits lockdown.started.
    """
    require(actor, Power.LOCK_DOWN)
    why = _reason(why)
    try:
        with transaction.atomic():
            lockdown = Lockdown.objects.create(why=why, started_by=actor, started_at=clock.now())
    except IntegrityError:
        live = Lockdown.objects.select_related("started_by").filter(lifted_at=None).first()
        who = f"{live.started_by.called} started it at {_hour(live)}" if live else "A colleague started it"
        raise TransitionNotAllowed(f"A lockdown is in force already: {who}. Nothing goes out.") from None
    record(actor=actor, event="lockdown.started", subject=lockdown, reason=why)
    return lockdown


@action
def lift_lockdown(*, actor: StaffMember, why: str) -> Lockdown:
    """Things may go out again, but nothing resumes by itself: what fell due meanwhile is held.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (none is in force).
    Audits lockdown.lifted, and delivery.held for each delivery.
    """
    require(actor, Power.LOCK_DOWN)
    why = _reason(why)
    lockdown = (
        Lockdown.objects.select_for_update(of=("self",))
        .select_related("started_by")
        .filter(lifted_at=None)
        .first()
    )
    if lockdown is None:
        raise TransitionNotAllowed("No lockdown is in force. Reload the page to see where things stand.")
    held = hold_what_fell_due(actor=actor, lockdown=lockdown)
    lockdown.lifted_by = actor
    lockdown.lifted_at = clock.now()
    lockdown.lifted_why = why
    lockdown.save(update_fields=["lifted_by", "lifted_at", "lifted_why"])
    record(actor=actor, event="lockdown.lifted", subject=lockdown, reason=why, details={"held": held})
    return lockdown


def _reason(why: str) -> str:
    why = why.strip()
    if not why:
        raise NotValid("Say why, in a few words. Colleagues see it at the top of every page.", field="why")
    if len(why) > 400:
        raise NotValid("Say it in at most 400 characters.", field="why")
    return why


def _hour(lockdown: Lockdown) -> str:
    london = clock.in_london(lockdown.started_at)
    return f"{london:%H:%M} on {london.day} {london:%B}"
