"""Reading on in the trail for what is worth an alert. Safe to run twice and beside itself."""

from __future__ import annotations

from celery import shared_task

from core.actors import System
from insights.actions import alerts

ALERTS = System("alerts")
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
