"""What the staff room does by the clock."""

from __future__ import annotations

from celery import shared_task

from core.actors import System
from staff import queries
from staff.actions import conduct, departures, letters, members, refusals, sessions, sign_in, sign_on


@shared_task(name="staff.sweep_throttles")
def sweep_throttles() -> None:
    """Throttle rows and logout tokens that are a day old go."""
    sign_in.sweep_throttles()
    sign_on.sweep_logouts()


@shared_task(name="staff.note_refusals")
def note_refusals() -> int:
    """Refusals that were counted and not written yet get their entry in the trail."""
    return refusals.note_counted(actor=System("access"))


@shared_task(name="staff.sweep_sessions")
def sweep_sessions() -> None:
    """Sessions and known devices that nobody used for 90 days go."""
    sessions.sweep_sessions()


@shared_task(name="staff.carry_out_departures")
def carry_out_departures() -> int:
    """People whose time has come are recorded as leavers, each by itself. Their access is over already."""
    return sum(departures.carry_out(member=member) for member in queries.due_to_leave())


@shared_task(name="staff.seal_conduct_requests")
def seal_conduct_requests() -> None:
    """Requests under covert audit, where there were any, become part of the trail."""
    conduct.seal_requests(actor=System("professional standards"))


@shared_task(name="staff.send_letters")
def send_letters() -> None:
    """Who asked for a new password is looked up, and letters about sign-ins leave."""
    actor = System("letters")
    members.answer_resets(actor=actor)
    letters.send_due(actor=actor)
