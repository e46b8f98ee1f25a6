"""Signing in and out: the password, the second factor, and the throttle on both."""

from __future__ import annotations

import math

from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import F
from django_otp.models import Device, VerifyNotAllowed
from django_otp.plugins.otp_totp.models import TOTPDevice

from audit.actions import record
from core import clock
from core.acting import action, action_on_oneself
from core.actors import Stranger, System
from core.errors import NotValid, TooMany
from staff import queries
from staff.actions import factors
from staff.models import Ceremony, FailedSignIn, SignInSession, StaffMember
from staff.throttle import KEPT_FOR, MOST_FAILURES, PAUSE, SLOWED, is_of_force, key_for

WRONG = "The e-mail address or the password is wrong. Check both and try again."


def prove_password(*, email: str, password: str, source: str) -> StaffMember:
    """The person who goes by this address and password; the second factor comes next.

    An address that nobody has gets the same sentence after the same work (Django hashes once in
    either case). Raises NotValid, or TooMany after ten failures for this name from this source.
    Audits staff.sign_in_refused.
    """
    key = key_for("password", email, source)
    spend_try(key=key, source=source)
    member = authenticate(None, username=email.strip(), password=password)
    if isinstance(member, StaffMember):
        if settings.OIDC_PASSWORDS == "named" and member.email.lower() not in settings.OIDC_PASSWORD_PEOPLE:
            _refuse_password(email=email, key=key)
            raise NotValid(
                f"Passwords are for emergencies here. Sign in with {settings.OIDC_NAME}.", field="password"
            )
        forget_failures(key=key)
        return member
    _refuse_password(email=email, key=key)
    raise NotValid(WRONG, field="password")


@transaction.atomic
def spend_try(*, key: str, source: str) -> None:
    """One more try is counted before it is judged, so that many at once cannot slip past the limit.

    Raises TooMany from the eleventh within the pause; a row older than the pause counts anew. A network
    of the force is slowed and never locked: from the eleventh on, one try in fifteen seconds.
    """
    at = clock.now()
    FailedSignIn.objects.bulk_create([FailedSignIn(key=key, failures=0, last_at=at)], ignore_conflicts=True)
    row = FailedSignIn.objects.select_for_update().get(key=key)
    if at - row.last_at >= PAUSE:
        row.failures = 0
    if row.failures >= MOST_FAILURES and is_of_force(source):
        if at - row.last_at < SLOWED:
            raise TooMany("There were many wrong tries. Wait 15 seconds between two of them.")
    elif row.failures >= MOST_FAILURES:
        raise TooMany(
            "There were too many wrong tries. Wait 15 minutes, then try again, or ask your service "
            "administrator to renew your sign-in."
        )
    row.failures += 1
    row.last_at = at
    row.save(update_fields=["failures", "last_at"])


def forget_failures(*, key: str) -> None:
    """A right answer clears what went before it."""
    FailedSignIn.objects.filter(key=key).delete()


@transaction.atomic
def _refuse_password(*, email: str, key: str) -> None:
    member = StaffMember.objects.filter(email__iexact=email.strip()).first()
    record(
        actor=Stranger(),
        event="staff.sign_in_refused",
        subject=member,
        subject_name=member.called if member else "",
        # A piece of the keyed hash ties one series of tries together without naming its source.
        details={"series": key[:12]},
    )


def prove_second_factor(*, actor: StaffMember, code: str) -> Device:
    """The device that accepted the code: the authenticator app, or the recovery codes (one use each).

    Each wrong code makes the next wait longer (django-otp's throttle, 1, 2, 4 … seconds).
    Raises NotValid or TooMany. Audits staff.signed_in or staff.second_factor_refused.
    """
    return _prove(actor=actor, code=code, right="staff.signed_in", wrong="staff.second_factor_refused")


def prove_again(*, actor: StaffMember, code: str, page: str) -> Device:
    """The same in the middle of a session, before something that asks for it. page: the route's name.

    Raises NotValid or TooMany. Audits staff.step_up_proved or staff.step_up_refused.
    """
    return _prove(
        actor=actor, code=code, right="staff.step_up_proved", wrong="staff.step_up_refused", page=page
    )


def _prove(*, actor: StaffMember, code: str, right: str, wrong: str, page: str = "") -> Device:
    if _is_of_app(code) and queries.must_have_passkey(actor) and queries.passkeys(actor).exists():
        _refuse_app(actor=actor, wrong=wrong, page=page)
        raise NotValid(
            "An administrator proves their passkey. Use it, or enter one of your recovery codes.",
            field="code",
        )
    device, wait_s = _match(actor=actor, code="".join(code.split()), right=right, wrong=wrong, page=page)
    if device is not None:
        return device
    if wait_s:
        seconds = "a second" if wait_s == 1 else f"{wait_s} seconds"
        raise TooMany(f"Wait {seconds} after a wrong code, then enter the one that shows then.")
    raise NotValid(
        "That code is not right. Enter the six digits that your authenticator app shows now, or one of "
        "your recovery codes that you have not used.",
        field="code",
    )


def _is_of_app(code: str) -> bool:
    code = "".join(code.split())
    return code.isascii() and code.isdigit() and len(code) == 6


@action
def _refuse_app(*, actor: StaffMember, wrong: str, page: str) -> None:
    details = {"why": "passkey required"} | ({"page": page} if page else {})
    record(actor=actor, event=wrong, subject=actor, subject_name=actor.called, details=details)


@action
def _match(*, actor: StaffMember, code: str, right: str, wrong: str, page: str) -> tuple[Device | None, int]:
    # Locked, so that one code sent twice at the same moment opens one session.
    totp = TOTPDevice.objects.select_for_update().filter(user=actor, confirmed=True).first()
    recovery = factors.recovery_device(actor, lock=True)
    by_app = _is_of_app(code)
    device: Device | None = totp if by_app else recovery
    details = {"page": page} if page else {}
    if device is not None:
        allowed, why = device.verify_is_allowed()
        if not allowed:
            return None, _wait_s(why or {})
        if device.verify_token(code if by_app else factors.kept_form(actor, code)):
            details["by"] = "authenticator app" if by_app else "recovery code"
            record(actor=actor, event=right, subject=actor, subject_name=actor.called, details=details)
            return device, 0
    record(actor=actor, event=wrong, subject=actor, subject_name=actor.called, details=details)
    return None, 0


def _wait_s(why: dict) -> int:
    if why.get("reason") != VerifyNotAllowed.N_FAILED_ATTEMPTS:
        return 1
    left = (why["locked_until"] - clock.now()).total_seconds()
    return max(1, math.ceil(left))


@transaction.atomic
def refuse_device(*, member: StaffMember, device_class: str) -> None:
    """Somebody whose password was right was refused for their device or address.

    Audits staff.device_refused.
    """
    record(
        actor=Stranger(),
        event="staff.device_refused",
        subject=member,
        subject_name=member.called,
        details={"class": str(device_class)},
    )


@action
def record_sign_out(*, actor: StaffMember, session_id: int | None = None) -> None:
    """That somebody signed out stands in the trail; the session stands in no list any more.

    Audits staff.signed_out.
    """
    if session_id is not None:
        SignInSession.objects.filter(pk=session_id, member=actor, ended_at=None).update(
            ended_at=clock.now(), ended_by=actor
        )
    record(actor=actor, event="staff.signed_out", subject=actor, subject_name=actor.called)


@action_on_oneself
def end_all_sessions(*, actor: StaffMember) -> StaffMember:
    """Every session of the person ends, this one too. Audits staff.sessions_ended."""
    StaffMember.objects.filter(pk=actor.pk).update(authentication_epoch=F("authentication_epoch") + 1)
    actor.refresh_from_db(fields=["authentication_epoch"])
    record(actor=actor, event="staff.sessions_ended", subject=actor, subject_name=actor.called)
    return actor


def sweep_throttles(*, actor: System = System("scheduler")) -> int:  # noqa: B008
    """Throttle rows that are a day old are gone. Answers how many. Holds hashes only: no audit entry."""
    Ceremony.objects.filter(begun_at__lt=clock.now() - KEPT_FOR).delete()
    gone, _ = FailedSignIn.objects.filter(last_at__lt=clock.now() - KEPT_FOR).delete()
    return gone
