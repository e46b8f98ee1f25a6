"""What the staff room does by the clock."""

from __future__ import annotations

from celery import shared_task

from staff.actions import sessions, sign_in


@shared_task(name="staff.sweep_throttles")
def sweep_throttles() -> None:
    """Throttle rows that are a day old go."""
    sign_in.sweep_throttles()


@shared_task(name="staff.sweep_sessions")
def sweep_sessions() -> None:
    """Sessions and known devices that nobody used for 90 days go."""
    sessions.sweep_sessions()
