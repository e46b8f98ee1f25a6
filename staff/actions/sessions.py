"""Sessions and devices: beginning, last use, ending one's own or somebody else's, allowances."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError

from audit.actions import record
from core import clock
from core.acting import action
from core.actors import System
from core.errors import NotPermitted, NotValid
from staff import addresses, devices, queries
from staff.actions import letters
from staff.models import (
    Allowance,
    KnownDevice,
    Letter,
    ProviderLogout,
    SignInSession,
    StaffMember,
)

KEPT_FOR = timedelta(days=90)
LONGEST_ALLOWANCE = timedelta(days=92)
"""A quarter: longer ones are given anew, so that somebody thinks of them again."""


@action
def begin_session(
    *,
    actor: StaffMember,
    device_class: devices.DeviceClass,
    called: str,
    network: str | None,
    mark: str,
    at_provider: str = "",
) -> SignInSession:
    """The session stands in the person's list; on a device that is new to them they get a letter.

    mark: the keyed hash of what the browser keeps to be known again; empty where it keeps nothing,
    and then every session counts as one on a new device. at_provider: the provider's session that it rests
    on; where that was signed out since the first factor, this one is over as it begins.
    Audits staff.new_device.
    """
    at = clock.now()
    over = at_provider and ProviderLogout.objects.filter(at_provider=at_provider).exists()
    session = SignInSession.objects.create(
        member=actor,
        device_class=device_class,
        called=called,
        network=network,
        epoch=actor.authentication_epoch,
        began_at=at,
        seen_at=at,
        at_provider=at_provider,
        ended_at=at if over else None,
    )
    new = True
    if mark:
        device, new = KnownDevice.objects.get_or_create(
            member=actor, key_hash=mark, defaults={"called": called, "first_at": at, "last_at": at}
        )
        if not new:
            device.last_at, device.called = at, called
            device.save(update_fields=["last_at", "called"])
    if new:
        record(
            actor=actor,
            event="staff.new_device",
            subject=actor,
            subject_name=actor.called,
            details={"device": called, "class": str(device_class)},
        )
        letters.queue(
            actor, Letter.Kind.DEVICE, what=f"{called}, {session.get_device_class_display().lower()}"
        )
    return session


def note_seen(*, session_id: int, network: str | None) -> None:
    """The session was used just now, from this address."""
    SignInSession.objects.filter(pk=session_id, ended_at=None).update(seen_at=clock.now(), network=network)


@action
def end_session(*, actor: StaffMember, session_id: int) -> SignInSession:
    """The session opens nothing more, from its next request on. A second time changes nothing.

    One's own, or anybody's for a service administrator. Raises NotPermitted, NotFound.
    Audits staff.session_ended.
    """
    session = queries.session(actor, session_id, lock=True)
    if session.ended_at is not None:
        return session
    session.ended_at, session.ended_by = clock.now(), actor
    session.save(update_fields=["ended_at", "ended_by"])
    record(
        actor=actor,
        event="staff.session_ended",
        subject=session.member,
        subject_name=session.member.called,
        details={"device": session.called, "began": session.began_at.isoformat()},
    )
    return session


@action
def lock_screen(*, actor: StaffMember, session_id: int) -> None:
    """That the screen of a session was locked stands in the trail. Audits staff.screen_locked."""
    record(
        actor=actor,
        event="staff.screen_locked",
        subject=actor,
        subject_name=actor.called,
        details={"session": session_id},
    )


@action
def allow(*, actor: StaffMember, kind: str, email: str, reason: str, until: datetime) -> Allowance:
    """One person may use a personal device or be reached at a personal address until then.

    `until` is at most a quarter away. Raises NotPermitted (oneself included), NotValid.
    Audits staff.allowance_given.
    """
    _require_manager(actor)
    email, reason = email.strip(), reason.strip()
    try:
        addresses.check(email)
    except ValidationError:
        raise NotValid(
            "That is not an e-mail address. Check it for a typing mistake.", field="email"
        ) from None
    if email.casefold() == actor.email.casefold():
        raise NotPermitted("You cannot give yourself an allowance. Ask another administrator.")
    if kind not in Allowance.Kind.values:
        raise NotValid("Choose what is allowed.", field="kind")
    if not reason:
        raise NotValid(
            "Say why, in a few words: what is needed that a force device cannot do.", field="reason"
        )
    at = clock.now()
    if not at < until <= at + LONGEST_ALLOWANCE:
        raise NotValid("Choose an end within the next three months.", field="until")
    allowance = Allowance.objects.create(
        kind=kind, email=email, reason=reason, until=until, given_by=actor, given_at=at
    )
    record(
        actor=actor,
        event="staff.allowance_given",
        subject=allowance,
        subject_name=str(allowance),
        reason=reason,
        details={"until": until.isoformat()},
    )
    return allowance


@action
def end_allowance(*, actor: StaffMember, allowance_id: int) -> Allowance:
    """The allowance is over now. A second time changes nothing. Audits staff.allowance_ended."""
    _require_manager(actor)
    allowance = queries.allowance(actor, allowance_id, lock=True)
    if allowance.ended_at is None:
        allowance.ended_at = clock.now()
        allowance.save(update_fields=["ended_at"])
        record(actor=actor, event="staff.allowance_ended", subject=allowance, subject_name=str(allowance))
    return allowance


def sweep_sessions(*, actor: System = System("scheduler")) -> int:  # noqa: B008
    """Sessions and known devices that nobody used for 90 days are gone. Answers how many."""
    before = clock.now() - KEPT_FOR
    gone, _ = SignInSession.objects.filter(seen_at__lt=before).delete()
    forgotten, _ = KnownDevice.objects.filter(last_at__lt=before).delete()
    return gone + forgotten


def _require_manager(actor: StaffMember) -> None:
    if not actor.has_perm("accounts.manage_staff"):
        raise NotPermitted("Devices and addresses of others belong to the service administrators.")
