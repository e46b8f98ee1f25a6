"""Second factors: the authenticator app, and recovery codes for the day it is lost."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils.crypto import salted_hmac
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from audit.actions import record
from core.acting import action_on_oneself
from core.errors import NotValid, TooMany, TransitionNotAllowed
from staff.models import StaffMember

RECOVERY_CODES = 10
APP = "authenticator app"
RECOVERY = "recovery codes"
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter or digit that is mistaken for another on paper."""


@action_on_oneself
def begin_enrolment(*, actor: StaffMember) -> TOTPDevice:
    """An authenticator key that waits for its first code. Asked again, it is the same key.

    Raises TransitionNotAllowed where an app is set up already: a password alone never replaces it.
    """
    StaffMember.objects.select_for_update().get(pk=actor.pk)
    devices = TOTPDevice.objects.select_for_update().filter(user=actor)
    if devices.filter(confirmed=True).exists():
        raise TransitionNotAllowed(
            "An authenticator app is set up for you already. Enter its code, or a recovery code."
        )
    return devices.first() or TOTPDevice.objects.create(user=actor, name=APP, confirmed=False)


def finish_enrolment(*, actor: StaffMember, code: str) -> tuple[TOTPDevice, list[str]]:
    """The app has proved itself with a code: it counts from now on, and ten recovery codes are made.

    The codes are answered once, in clear, and kept as keyed hashes. Raises NotValid for a wrong code,
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
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    record(actor=actor, event="staff.second_factor_enrolled", subject=actor, subject_name=actor.called)
    return device, _make_codes(actor), False


@action_on_oneself
def renew_recovery_codes(*, actor: StaffMember) -> list[str]:
    """Ten new recovery codes in clear; the ones before them no longer work.

    Audits staff.recovery_codes_made.
    """
    return _make_codes(actor)


def _make_codes(member: StaffMember) -> list[str]:
    StaffMember.objects.select_for_update().get(pk=member.pk)
    device = recovery_device(member, lock=True) or StaticDevice.objects.create(
        user=member, name=RECOVERY, confirmed=True
    )
    device.token_set.all().delete()
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(
        [StaticToken(device=device, token=kept_form(member, code)) for code in codes]
    )
    record(actor=member, event="staff.recovery_codes_made", subject=member, subject_name=member.called)
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
    StaticToken.objects.filter(device__user=member).delete()
