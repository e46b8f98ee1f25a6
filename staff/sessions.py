"""A signed-in session: when it began, when it was last used, and whether it still holds.

A session is *half* after the password and *whole* after the second factor. How long it lasts, and
whether a screen left alone is locked or signed out, follows from the device (staff.devices). It
ends at once when it is ended from elsewhere, and when the authentication epoch of its person has
moved on (a leaver is out at commit).
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django_otp import login as otp_login
from django_otp.models import Device

from core import clock
from core.errors import NotPermitted
from staff import devices, queries
from staff.actions import sessions as acting
from staff.actions import sign_in
from staff.models import Allowance, SignInSession, StaffMember

HALF = timedelta(minutes=10)
"""How long somebody may take from the password to the second factor."""

_NOTED_EVERY_S = 60
"""The time of last use is written to the session at most this often."""

EPOCH = "epoch"
BEGAN = "began_at"
SEEN = "seen_at"
PROVED = "proved_at"
"""When the second factor was proved last, at the sign-in or since."""
PROVED_AGAIN = "proved_again_at"
"""When the second factor was proved last at something that asked for it again."""
ROW = "sign_in_session"
AT_PROVIDER = "at_provider"
LOCKED = "locked_at"

FRESH = timedelta(minutes=5)
"""How long a proof of the second factor lasts for what asks for it again (ASVS 7.5.3)."""
SHIFT = devices.POLICIES[devices.DeviceClass.MANAGED].absolute

BACKGROUND_HEADER = "X-Background"
"""A page that refreshes itself sends this header, so that a deserted desk still locks itself."""

_MARK_FOR = timedelta(days=400)
"""How long a browser keeps the mark by which it is known again (the most that browsers allow)."""


def require_here(request: HttpRequest, member: StaffMember) -> None:
    """Refuse somebody who may not sign in on this device or with this address, whichever way they came.

    `begin` asks it; a page asks it before, where it would spend something first. Raises NotPermitted.
    Audits staff.device_refused.
    """
    if sentence := why_not_here(request, member):
        sign_in.refuse_device(member=member, device_class=devices.class_of(request))
        raise NotPermitted(sentence)


def begin(request: HttpRequest, member: StaffMember, *, at_provider: str = "") -> None:
    """The first factor was right: the session is half open, under a new key.

    at_provider: the session at the force's provider that it rests on, as it is kept. Raises NotPermitted
    where this person may not sign in on this device or with this address.
    """
    require_here(request, member)
    login(request, member)
    request.session[AT_PROVIDER] = at_provider
    at = clock.now().timestamp()
    request.session[EPOCH] = member.authentication_epoch
    request.session[BEGAN] = at
    request.session[SEEN] = at
    request.session.pop(ROW, None)
    request.session.pop(LOCKED, None)


def complete(request: HttpRequest, device: Device) -> None:
    """The second factor was right: the session is whole, under a new key, and its hours begin.

    It stands in the person's list of sessions; on a device that is new to them they get a letter.
    """
    otp_login(request, device)
    request.session.cycle_key()
    at = clock.now().timestamp()
    request.session[BEGAN] = at
    request.session[SEEN] = at
    request.session[PROVED] = at
    member = request.user
    assert isinstance(member, StaffMember)
    session = acting.begin_session(
        actor=member,
        device_class=devices.class_of(request),
        called=devices.called(request.headers.get("User-Agent", "")),
        network=network_of(request),
        mark=_mark(request),
        at_provider=request.session.pop(AT_PROVIDER, ""),
    )
    request.session[ROW] = session.pk


def stand_on(request: HttpRequest, device: Device) -> None:
    """The session rests on this second factor: it ends with it."""
    otp_login(request, device)


def prove_again(request: HttpRequest, device: Device | None = None) -> None:
    """The second factor was right once more: the session goes on under a new key (ASVS 7.2.4).

    A locked screen is unlocked by it.
    """
    if device is not None:
        stand_on(request, device)
    request.session.cycle_key()
    at = clock.now().timestamp()
    request.session[PROVED] = request.session[PROVED_AGAIN] = request.session[SEEN] = at
    request.session.pop(LOCKED, None)


def is_fresh(request: HttpRequest) -> bool:
    """Whether the second factor was proved within the last five minutes."""
    return _within(request, PROVED, FRESH)


def is_fresh_this_shift(request: HttpRequest) -> bool:
    """Whether the second factor was proved again in this shift, or proved at all just now.

    Off the network no proof lasts for a shift.
    """
    if not devices.policy(request).locks:
        return is_fresh(request)
    return is_fresh(request) or _within(request, PROVED_AGAIN, SHIFT)


def _within(request: HttpRequest, key: str, span: timedelta) -> bool:
    try:
        age_s = clock.now().timestamp() - float(request.session[key])
    except (KeyError, TypeError, ValueError):
        return False
    # A time to come, from a clock that was put back, proves nothing.
    return 0 <= age_s <= span.total_seconds()


def network_of(request: HttpRequest) -> str | None:
    """The address that the request came from, as the database takes it."""
    return request.META.get("REMOTE_ADDR") or None


def _mark(request: HttpRequest) -> str:
    """The keyed hash of the browser's mark, which is made where there is none; empty where none is kept."""
    if not devices.policy(request).remembered:
        return ""
    mark = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    if not 40 <= len(mark) <= 60:
        mark = secrets.token_urlsafe(32)
    request._device_mark = mark  # type: ignore[attr-defined]
    return salted_hmac("staff.device", mark, algorithm="sha256").hexdigest()


def keep_mark(request: HttpRequest, response: HttpResponse) -> None:
    """Let the browser keep its mark, if a session began in this request."""
    if mark := getattr(request, "_device_mark", ""):
        response.set_cookie(
            settings.DEVICE_COOKIE_NAME,
            mark,
            max_age=_MARK_FOR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Strict",
        )


def is_whole(request: HttpRequest) -> bool:
    """Whether both factors of somebody who still works here stand behind the request."""
    return request.user.is_authenticated and _is_verified(request)


def _is_verified(request: HttpRequest) -> bool:
    # django_otp's middleware puts `is_verified` on the person of each request.
    return bool(request.user.is_verified())  # type: ignore[union-attr]


def idle_after(request: HttpRequest) -> timedelta:
    """How long the person may be away: less for administrators."""
    policy = devices.policy(request)
    return policy.idle_of_administrators if _administers(request) else policy.idle


def _administers(request: HttpRequest) -> bool:
    user = request.user
    return user.has_perm("accounts.manage_staff") or user.has_perm("accounts.give_grants")


def why_over(request: HttpRequest) -> str:
    """Why the session of a signed-in person has ended, as a sentence; empty while it holds.

    A session that only waits behind a locked screen holds (`is_locked`).
    """
    session, at = request.session, clock.now().timestamp()
    try:
        epoch, began, seen = int(session[EPOCH]), float(session[BEGAN]), float(session[SEEN])
    except (KeyError, TypeError, ValueError):
        return "Sign in to go on."
    if not isinstance(request.user, StaffMember) or epoch != request.user.authentication_epoch:
        return "Your sign-in was ended. Ask your service administrator if you did not expect this."
    if not _is_verified(request):
        return "That took longer than ten minutes. Begin again." if at - began > HALF.total_seconds() else ""
    policy = devices.policy(request)
    if at - began > policy.absolute.total_seconds():
        hours = int(policy.absolute.total_seconds() // 3600)
        return f"You had been signed in for {hours} hours. Sign in again to go on."
    if not policy.locks and at - seen > idle_after(request).total_seconds():
        minutes = int(idle_after(request).total_seconds() // 60)
        return f"You were signed out after {minutes} minutes without use. Sign in again to go on."
    if not _is_open(request):
        return "This session was ended from another device. Sign in again to go on."
    return why_not_here(request, request.user)


def _is_open(request: HttpRequest) -> bool:
    """Whether the sign-in that the session rests on is still open; it was read with the person, for each request."""
    known = getattr(request.user, "open_sign_ins", None)
    if known is not None:
        return request.session.get(ROW) in known
    return SignInSession.objects.filter(pk=request.session.get(ROW), ended_at=None).exists()


def why_not_here(request: HttpRequest, member: StaffMember) -> str:
    """Why this person may not sign in on this device or with this address; empty where they may."""
    if queries.is_personal_address(member.email) and not queries.is_allowed(
        Allowance.Kind.ADDRESS, member.email
    ):
        return (
            "Your e-mail address is not one of the force's. Ask your service administrator to change it, or "
            "to allow it for a time."
        )
    if devices.class_of(request) == devices.DeviceClass.PERSONAL and not queries.is_allowed(
        Allowance.Kind.DEVICE, member.email
    ):
        return (
            "This is not a force device. Use a force device, or ask your service administrator to allow a "
            "personal one for a time."
        )
    return ""


def is_locked(request: HttpRequest) -> bool:
    """Whether the screen waits for the second factor: locked by hand, or left alone for too long."""
    session = request.session
    if session.get(LOCKED):
        return True
    away = clock.now().timestamp() - float(session[SEEN])
    return devices.policy(request).locks and away > idle_after(request).total_seconds()


def may_share(request: HttpRequest) -> bool:
    """Whether people change at this screen, each with a locked session of their own."""
    return devices.policy(request).remembered


def lock(request: HttpRequest) -> None:
    """The screen is locked until the second factor is proved; nothing on it is lost."""
    if not request.session.get(LOCKED):
        request.session[LOCKED] = clock.now().timestamp()
        acting.lock_screen(actor=request.user, session_id=request.session[ROW])  # type: ignore[arg-type]


def note_use(request: HttpRequest) -> None:
    """The person did something now; a page that refreshed itself does not count."""
    if request.headers.get(BACKGROUND_HEADER):
        return
    at = clock.now().timestamp()
    if at - float(request.session[SEEN]) >= _NOTED_EVERY_S:
        request.session[SEEN] = at
        acting.note_seen(session_id=request.session[ROW], network=network_of(request))
