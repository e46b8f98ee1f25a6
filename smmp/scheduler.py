"""The scheduler: each second it wakes what is due, and does it itself while the broker is away, save what takes long.

An advisory lock in Postgres makes a second scheduler stand by harmlessly. Nothing that matters
lives in the broker: a message lost is a message sent again a second later. What a life may depend on
is done by threads beside it (smmp.lanes), broker or not, and so is what waits for platforms while the broker is away.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from celery import current_app
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from kombu.exceptions import OperationalError

from smmp import lanes, pulse
from smmp.jobs import JOBS, Job
from smmp.lanes import do_here

logger = logging.getLogger("smmp.scheduler")
LOCK = 0x534D_4D50
"""Advisory lock key ("SMMP" in ASCII)."""
BROKER_PAUSE_S = 5.0
"""How long the broker is left alone after it did not answer; work is done here meanwhile."""


class Scheduler:
    """One second at a time. `tick` is what the tests call."""

    def __init__(self, *, send: Callable[[Job], None] | None = None) -> None:
        current_app.loader.import_default_modules()
        self._send = send or _send
        self._next: dict[str, float] = {}
        self._broker_back_at = 0.0
        self._alone = not settings.CELERY_BROKER_URL
        self._leading = False

    def close(self) -> None:
        """Let another scheduler lead."""
        if self._leading:
            self._leading = False
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])

    def run(self, *, stop: Callable[[], bool], rest: Callable[[float], object] = time.sleep) -> None:
        """Tick until told to stop. A database that went away is tried again each second.

        rest: waits so many seconds between two turns, or less where it knows that it is over.
        """
        threads = lanes.start(over=stop, leading=lambda: self._leading, alone=lambda: self._alone, rest=rest)
        while not stop():
            started = time.monotonic()
            try:
                self.tick(started)
            except DatabaseError:
                logger.exception("The database is away; trying again")
                self._leading = False
                connection.close()
            rest(max(0.05, 1.0 - (time.monotonic() - started)))
        for thread in threads:
            thread.join(timeout=lanes.END_WITHIN_S)

    def tick(self, at_s: float) -> list[str]:
        """Wake every job whose time has come, save those of the lanes; answers their names. Stands by without the lock."""
        if not self._hold_lock():
            pulse.beat("scheduler standing by")
            return []
        pulse.beat("scheduler")
        woken = []
        for job in JOBS:
            if job.lane:
                continue
            if at_s < self._next.get(job.task, 0.0):
                continue
            self._next[job.task] = at_s + (min(job.every_s, 60) if job.once_per_period else job.every_s) - 0.5
            if job.once_per_period and not pulse.claim_period(job.task, job.every_s):
                continue
            self._wake(job)
            woken.append(job.task)
        return woken

    def _hold_lock(self) -> bool:
        if self._leading and connection.connection is not None and not connection.connection.closed:
            return True
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            self._leading = bool(cursor.fetchone()[0])
        return self._leading

    def _wake(self, job: Job) -> None:
        if settings.CELERY_BROKER_URL and time.monotonic() >= self._broker_back_at:
            try:
                self._send(job)
                self._alone = False
                return
            except (OperationalError, OSError):
                self._broker_back_at = time.monotonic() + BROKER_PAUSE_S
                self._alone = True
                logger.warning("The broker is away; the scheduler does the work itself")
        if not job.by_workers_alone and not job.stand_in:
            do_here(job)


def _send(job: Job) -> None:
    """Wake a worker. A message that waited longer than a few periods is dropped unread."""
    current_app.send_task(job.task, expires=max(5, min(job.every_s * 3, 600)), retry=False)
