"""Noting that somebody was here: for the list of dormant people, and after a notice to leave for the trail."""

from __future__ import annotations

from django.http import HttpRequest

from core import clock
from staff import sessions
from staff.actions import conduct, seen
from staff.models import StaffMember

_NOTED = "presence_noted_at"


def note(request: HttpRequest, member: StaffMember) -> None:
    """The person's own request was noted, at most once in five minutes per session.

    Under enhanced audit every request is, at once and in the trail that professional standards read. A page that refreshes itself does not count: a deserted desk is not somebody being here.
    """
    if member.enhanced_audit and request.resolver_match is not None:
        conduct.note_request(
            actor=member,
            route=request.resolver_match.view_name,
            method=request.method or "",
            about={name: str(value)[:60] for name, value in request.resolver_match.kwargs.items()},
        )
    if request.headers.get(sessions.BACKGROUND_HEADER):
        return
    at = clock.now().timestamp()
    if at - float(request.session.get(_NOTED, 0)) < seen.NOTED_EVERY.total_seconds():
        return
    request.session[_NOTED] = at
    if seen.note_seen(actor=member):
        seen.note_after_notice(actor=member)
