"""Changing person at one screen: each keeps a sign-in of their own, locked while another works.

A managed desk keeps, in a signed cookie that no script reads, the keys of the locked sessions of
those who work at it. Each opens again with its own person's second factor alone; nobody shares a
sign-in. A device off the network keeps none.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from staff import devices, queries, sessions
from staff.models import StaffMember

MOST = 6
"""How many people one desk keeps beside the one who works at it."""
_SALT = "staff.switching"


@dataclass(frozen=True)
class Parked:
    """Somebody's locked session on this device."""

    row: int
    key: str
    called: str


def parked(request: HttpRequest) -> list[Parked]:
    """The locked sessions that this desk keeps and that still hold, the latest first."""
    if not devices.policy(request).remembered:
        return []
    try:
        kept = signing.loads(
            request.COOKIES.get(settings.PARKED_COOKIE_NAME, ""),
            salt=_SALT,
            max_age=devices.POLICIES[devices.DeviceClass.MANAGED].absolute,
        )
        keys = {int(row): str(key) for row, key in kept}
    except (signing.BadSignature, TypeError, ValueError):
        return []
    names = queries.names_of_open_sessions(keys)
    mine = request.session.session_key
    return [Parked(row, key, names[row]) for row, key in keys.items() if row in names and key != mine]


def leave(request: HttpRequest) -> list[Parked]:
    """The present session is locked and kept; the request goes on with none. Answers what is kept."""
    kept = parked(request)
    if sessions.is_whole(request):
        sessions.lock(request)
        request.session.save()
        member = request.user
        assert isinstance(member, StaffMember)
        mine = Parked(request.session[sessions.ROW], str(request.session.session_key), member.called)
        kept = [mine, *kept][:MOST]
    request.session = _store()()
    return kept


def go_to(request: HttpRequest, row: int) -> bool:
    """The request goes on with the locked session of somebody kept here. False where it is not kept."""
    kept = leave(request)
    found = next((one for one in kept if one.row == row), None)
    request._parked = kept  # type: ignore[attr-defined]
    if found is None:
        return False
    request.session = _store()(found.key)
    request.session.modified = True
    request._parked = [one for one in kept if one.row != row]  # type: ignore[attr-defined]
    return True


def keep(request: HttpRequest, response: HttpResponse) -> None:
    """Let the browser keep the locked sessions as they are after a change of person."""
    kept = getattr(request, "_parked", None)
    if kept is None:
        return
    if not kept:
        response.delete_cookie(settings.PARKED_COOKIE_NAME, samesite="Strict")
        return
    response.set_cookie(
        settings.PARKED_COOKIE_NAME,
        signing.dumps([[one.row, one.key] for one in kept], salt=_SALT),
        max_age=devices.POLICIES[devices.DeviceClass.MANAGED].absolute,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _store():
    return import_module(settings.SESSION_ENGINE).SessionStore
