"""A signed-in session: when it began, when it was last used, and whether it still holds.

A session is *half* after the password and *whole* after the second factor. It ends after 30
minutes without a person's own request, after 14 hours in any case, and at once when the
authentication epoch of its person has moved on (a leaver is out at commit).
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth import login
from django.http import HttpRequest
from django_otp import login as otp_login
from django_otp.models import Device

from core import clock
from staff.models import StaffMember

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=14)
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

FRESH = timedelta(minutes=5)
"""How long a proof of the second factor lasts for what asks for it again (ASVS 7.5.3)."""
SHIFT = ABSOLUTE

BACKGROUND_HEADER = "X-Background"
"""A page that refreshes itself sends this header, so that a deserted desk still signs itself out."""


def begin(request: HttpRequest, member: StaffMember) -> None:
    """The password was right: the session is half open, under a new key."""
    login(request, member)
    at = clock.now().timestamp()
    request.session[EPOCH] = member.authentication_epoch
    request.session[BEGAN] = at
    request.session[SEEN] = at


def complete(request: HttpRequest, device: Device) -> None:
    """The second factor was right: the session is whole, under a new key, and its hours begin."""
    otp_login(request, device)
    request.session.cycle_key()
    at = clock.now().timestamp()
    request.session[BEGAN] = at
    request.session[SEEN] = at
    request.session[PROVED] = at


def prove_again(request: HttpRequest) -> None:
    """The second factor was right once more: the session goes on under a new key (ASVS 7.2.4)."""
    request.session.cycle_key()
    at = clock.now().timestamp()
    request.session[PROVED] = request.session[PROVED_AGAIN] = at


def is_fresh(request: HttpRequest) -> bool:
    """Whether the second factor was proved within the last five minutes."""
    return _within(request, PROVED, FRESH)


def is_fresh_this_shift(request: HttpRequest) -> bool:
    """Whether the second factor was proved again in this shift, or proved at all just now."""
    return is_fresh(request) or _within(request, PROVED_AGAIN, SHIFT)


def _within(request: HttpRequest, key: str, span: timedelta) -> bool:
    try:
        age_s = clock.now().timestamp() - float(request.session[key])
    except (KeyError, TypeError, ValueError):
        return False
    # A time to come, from a clock that was put back, proves nothing.
    return 0 <= age_s <= span.total_seconds()


def is_whole(request: HttpRequest) -> bool:
    """Whether both factors of somebody who still works here stand behind the request."""
    return request.user.is_authenticated and _is_verified(request)


def _is_verified(request: HttpRequest) -> bool:
    # django_otp's middleware puts `is_verified` on the person of each request.
    return bool(request.user.is_verified())  # type: ignore[union-attr]


def why_over(request: HttpRequest) -> str:
    """Why the session of a signed-in person has ended, as a sentence; empty while it holds."""
    session, at = request.session, clock.now().timestamp()
    try:
        epoch, began, seen = int(session[EPOCH]), float(session[BEGAN]), float(session[SEEN])
    except (KeyError, TypeError, ValueError):
        return "Sign in to go on."
    if not isinstance(request.user, StaffMember) or epoch != request.user.authentication_epoch:
        return "Your sign-in was ended. Ask your service administrator if you did not expect this."
    if not _is_verified(request):
        return "That took longer than ten minutes. Begin again." if at - began > HALF.total_seconds() else ""
    if at - began > ABSOLUTE.total_seconds():
        return "You had been signed in for 14 hours. Sign in again to go on."
    if at - seen > IDLE.total_seconds():
        return "You were signed out after 30 minutes without use. Sign in again to go on."
    return ""


def note_use(request: HttpRequest) -> None:
    """The person did something now; a page that refreshed itself does not count."""
    if request.headers.get(BACKGROUND_HEADER):
        return
    at = clock.now().timestamp()
    if at - float(request.session[SEEN]) >= _NOTED_EVERY_S:
        request.session[SEEN] = at
