"""Second factors: the authenticator app, and recovery codes for the day it is lost."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils.crypto import salted_hmac
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential

from audit.actions import record
from core.acting import action_on_oneself
from core.errors import NotFound, NotValid, TooMany, TransitionNotAllowed
from staff import queries
from staff.actions import letters
from staff.models import Letter, StaffMember

RECOVERY_CODES = 10
APP = "authenticator app"
RECOVERY = "recovery codes"
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter or digit that is mistaken for another on paper."""


@action_on_oneself
def begin_enrolment(*, actor: StaffMember, proved: bool = False) -> TOTPDevice:
    """An authenticator key that waits for its first code. Asked again, it is the same key.

    proved: the person has just proved a second factor, so a new phone may take the place of the old one.
    Raises TransitionNotAllowed where a factor is set up already and not proved: a password alone never
    adds or replaces one.
    """
    devices = TOTPDevice.objects.select_for_update().filter(user=actor)
    if not proved and queries.has_factor(actor):
        raise TransitionNotAllowed(
            "A second factor is set up for you already. Use it, or enter a recovery code."
        )
    return devices.filter(confirmed=False).first() or TOTPDevice.objects.create(
        user=actor, name=APP, confirmed=False
    )


def finish_enrolment(*, actor: StaffMember, code: str) -> tuple[TOTPDevice, list[str]]:
    """The app has proved itself with a code: it counts from now on, in the place of an earlier one.

    The first second factor brings ten recovery codes, answered once, in clear, and kept as keyed hashes. Raises NotValid for a wrong code,
    TooMany during the pause after one. Audits staff.second_factor_enrolled and
    staff.recovery_codes_made.
    """
    device, codes, wait = _confirm(actor=actor, code="".join(code.split()))
    if device is not None:
        return device, codes
    if wait:
        raise TooMany("Wait a few seconds after a wrong code, then enter the one that shows then.")
    raise NotValid(
        "That code is not right. Check that the clock of your phone sets itself, and enter the six "
        "digits that the app shows now.",
        field="code",
    )


@action_on_oneself
def _confirm(*, actor: StaffMember, code: str) -> tuple[TOTPDevice | None, list[str], bool]:
    device = TOTPDevice.objects.select_for_update().filter(user=actor, confirmed=False).first()
    if device is None:
        raise TransitionNotAllowed("There is nothing to set up any more. Sign in again.")
    allowed, _ = device.verify_is_allowed()
    if not allowed:
        return None, [], True
    if not device.verify_token(code):
        record(actor=actor, event="staff.second_factor_refused", subject=actor, subject_name=actor.called)
        return None, [], False
    first = not queries.has_factor(actor)
    TOTPDevice.objects.filter(user=actor, confirmed=True).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    record(actor=actor, event="staff.second_factor_enrolled", subject=actor, subject_name=actor.called)
    letters.queue(actor, Letter.Kind.FACTOR, what="an authenticator app was set up for your sign-in.")
    return device, _make_codes(actor) if first else [], False


@action_on_oneself
def remove_app(*, actor: StaffMember) -> None:
    """The authenticator app counts no longer; a passkey is there in its place.

    Raises NotFound, TransitionNotAllowed for the last second factor. Audits staff.app_removed.
    """
    devices = TOTPDevice.objects.select_for_update().filter(user=actor, confirmed=True)
    if not devices.exists():
        raise NotFound("No authenticator app is set up for you.")
    if not queries.passkeys(actor).exists():
        raise TransitionNotAllowed("That is your last second factor. Set up another one first.")
    devices.delete()
    record(actor=actor, event="staff.app_removed", subject=actor, subject_name=actor.called)
    letters.queue(actor, Letter.Kind.FACTOR, what="the authenticator app of your sign-in was removed.")


@action_on_oneself
def renew_recovery_codes(*, actor: StaffMember) -> list[str]:
    """Ten new recovery codes in clear; the ones before them no longer work.

    Audits staff.recovery_codes_made.
    """
    return _make_codes(actor)


def _make_codes(member: StaffMember) -> list[str]:
    StaffMember.objects.alone(member.pk)
    device = recovery_device(member, lock=True) or StaticDevice.objects.create(
        user=member, name=RECOVERY, confirmed=True
    )
    device.token_set.all().delete()
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(
        [StaticToken(device=device, token=kept_form(member, code)) for code in codes]
    )
    record(actor=member, event="staff.recovery_codes_made", subject=member, subject_name=member.called)
    letters.queue(member, Letter.Kind.FACTOR, what="new recovery codes were made for your sign-in.")
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def recovery_device(member: StaffMember, *, lock: bool = False) -> StaticDevice | None:
    """The holder of somebody's recovery codes, if there ever were any."""
    devices = StaticDevice.objects.filter(user=member, confirmed=True).order_by("pk")
    return (devices.select_for_update() if lock else devices).first()


def kept_form(member: StaffMember, code: str) -> str:
    """A recovery code as the database keeps it: a keyed hash, as long as django-otp's column allows."""
    plain = code.replace("-", "").strip().lower()
    return salted_hmac("staff.recovery", f"{member.pk}:{plain}", algorithm="sha256").hexdigest()[:16]


@transaction.atomic
def remove_factors(member: StaffMember) -> None:
    """Nothing that somebody set up counts any longer; they set up anew at the next sign-in."""
    TOTPDevice.objects.filter(user=member).delete()
    WebAuthnCredential.objects.filter(user=member).delete()
    StaticToken.objects.filter(device__user=member).delete()
