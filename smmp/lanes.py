"""What a life may depend on has threads of its own in the scheduler, which wait for nothing else.

A comment that cries for help, the case that somebody opened, the next call and the message that calls are read from
Postgres each second by a thread that does nothing besides. No broker carries them and no worker is asked, so neither a
surge that keeps every worker busy nor a broker that is away delays them. They are safe beside workers and a second
scheduler, as every task is.

While the broker is away, the scheduler does the workers' jobs itself, one after another, save those that wait for
platforms: sending, reading back and listening have a *stand-in* thread each, since one platform that does not answer
would keep what is due on the others waiting.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping

from celery import current_app
from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError, connection

from core import context
from smmp import pulse
from smmp.jobs import JOBS, Job

logger = logging.getLogger("smmp.scheduler")
ROUND_S = 1.0
OLDEST_BEAT_S = 60.0
"""A lane that has been silent for longer is not well: a round with much to do takes half of that."""
END_WITHIN_S = 15.0
"""A try to send may take ten seconds (notices.ways.TIMEOUT_S)."""


def lanes() -> dict[str, list[Job]]:
    """Each lane's jobs, in the order in which it does them."""
    found: dict[str, list[Job]] = {}
    for job in JOBS:
        if job.lane:
            found.setdefault(job.lane, []).append(job)
    return found


def stand_ins() -> dict[str, list[Job]]:
    """The jobs of each thread that stands in for the workers while the broker is away."""
    found: dict[str, list[Job]] = {}
    for job in JOBS:
        if job.stand_in:
            found.setdefault(job.stand_in, []).append(job)
    return found


def start(
    *,
    over: Callable[[], bool],
    leading: Callable[[], bool],
    alone: Callable[[], bool],
    rest: Callable[[float], object] = time.sleep,
) -> list[threading.Thread]:
    """One thread for each lane, and for each stand-in. They work while we lead, and end soon after it is over.

    alone: whether the broker is away, so that stand-ins are wanted. rest: waits so many seconds between two rounds.
    """
    work = [(f"lane {name}", jobs, leading) for name, jobs in lanes().items()]
    work += [(f"stand-in {name}", jobs, lambda: leading() and alone()) for name, jobs in stand_ins().items()]
    threads = [
        threading.Thread(target=_work, args=(name, jobs, over, wanted, rest), name=name, daemon=True)
        for name, jobs, wanted in work
    ]
    for thread in threads:
        thread.start()
    return threads


def turn(name: str, jobs: list[Job]) -> None:
    """Each job of the lane once, and a sign of life. What breaks one stops neither the next nor the lane."""
    for job in jobs:
        try:
            do_here(job)
        except DatabaseError:
            logger.exception("The database was away for the job %s", job.task)
            connection.close()
    pulse.beat(name)


def do_here(job: Job) -> None:
    """Run a job in this thread. Its fault is logged and stops nothing else; a database that went away is raised."""
    task = current_app.tasks.get(job.task)
    if task is None:
        logger.error("There is no task %s", job.task)
        return
    try:
        with context.request():
            task.run()
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("The job %s failed", job.task)


def oldest_beat_s(ages: Mapping[str, float]) -> float | None:
    """Seconds since the lane that has been silent for longest was alive; None where one has never been."""
    found = [ages.get(f"lane {name}") for name in lanes()]
    return None if None in found else max(age for age in found if age is not None)


def _work(
    name: str,
    jobs: list[Job],
    over: Callable[[], bool],
    wanted: Callable[[], bool],
    rest: Callable[[float], object],
) -> None:
    try:
        _rounds(name, jobs, over, wanted, rest)
    finally:
        connection.close()


def _rounds(
    name: str,
    jobs: list[Job],
    over: Callable[[], bool],
    wanted: Callable[[], bool],
    rest: Callable[[float], object],
) -> None:
    while not over():
        began = time.monotonic()
        if wanted():
            try:
                turn(name, jobs)
            except Exception:
                logger.exception("A round of %s failed and is tried again", name)
                connection.close()
        rest(max(0.05, _period_s(jobs) - (time.monotonic() - began)))


def _period_s(jobs: list[Job]) -> float:
    """Lanes go round each second; a stand-in of a rarer job looks at least every two, so as to end soon."""
    return min(2 * ROUND_S, min(job.every_s for job in jobs) * ROUND_S)
