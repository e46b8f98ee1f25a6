"""Reading on in the trail for what is worth an alert, and reminding. Safe to run twice and beside itself."""

from __future__ import annotations

from celery import shared_task

from core.actors import System
from insights.actions import alerts, meetings

ALERTS = System("alerts")
SCORECARD = System("scorecard")
MOST_BATCHES = 20


@shared_task(name="insights.watch_trail")
def watch_trail() -> int:
    """Every entry is looked at once, in the order of transactions; each batch by itself. Every 15 seconds.

    What was left undone leaves no entry: it is looked for beside the trail.
    """
    alerts.raise_overdue(actor=ALERTS)
    read = 0
    for _ in range(MOST_BATCHES):
        batch = alerts.read_on(actor=ALERTS)
        if not batch:
            break
        read += batch
    return read


@shared_task(name="insights.remind_of_scorecard")
def remind_of_scorecard() -> int:
    """A review, an action or a record of the scorecard whose day has passed is told once (hourly)."""
    return meetings.remind(actor=SCORECARD)
