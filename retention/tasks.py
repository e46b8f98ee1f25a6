"""The daily run of disposal, and the months that partitions come and go by."""

from __future__ import annotations

import logging

from celery import shared_task

from core import clock
from core.actors import System
from retention import queries
from retention.actions import disposals

RETENTION = System("retention")
_log = logging.getLogger(__name__)


@shared_task(name="retention.run_daily")
def run_daily() -> int:
    """What is due today is disposed of, each class by itself. Every ten minutes; it does a day's work once.

    A class that fails is logged and taken up again in ten minutes; it stops no other.
    Answers how many classes were finished now.
    """
    finished = 0
    today = clock.today()
    for row in queries.rows_to_run(today):
        try:
            disposals.dispose(actor=RETENTION, row=row, on=today)
        except Exception:
            _log.exception("The disposal of %s failed and will be tried again", row.slug)
        else:
            finished += 1
    return finished


@shared_task(name="retention.drop_months")
def drop_months() -> int:
    """Months of raw payloads and of the audit trail whose period is over are gone. Daily. Answers how many."""
    return len(disposals.drop_months(actor=RETENTION)) + len(disposals.drop_audit_months(actor=RETENTION))


@shared_task(name="retention.ensure_months")
def ensure_months() -> int:
    """Partitions for this month and the next three stand ready. Daily. Answers how many were made."""
    return disposals.ensure_months(actor=RETENTION)
