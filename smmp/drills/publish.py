"""The outbox while its workers are killed and its platform loses answers: what became of each post.

Real processes, a scratch database, and a platform on this machine that keeps whatever it accepts.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from core import clock
from core.actors import System
from publishing.actions import outbox
from publishing.models import Delivery
from smmp.drills.platform import Behaviour, Platform, listening
from smmp.local import scratch
from smmp.local.children import BASE_DIR
from smmp.seed import force

DRILL = System("drill")
WORKERS = 10
SHOWN_AFTER_S = 3
"""The read-back delay that the outbox is told; the platform shows its late posts a second earlier."""
LATEST_S = 60.0
"""A post is never later than this in the variants."""
PER_SECOND = 1
"""How many posts fall due each second in the variants: one scheduler alone, which does all other work as
well, has to keep up with it. Far more than a force posts in its busiest hour."""
BETWEEN_LOOKS_S = 0.5


@dataclass
class Told:
    """What came of the posts."""

    wanted: int
    sent: int = 0
    doubled: int = 0
    lost: int = 0
    unsettled: int = 0
    """Not settled, and nobody was told."""
    to_people: int = 0
    sentences: set[str] = field(default_factory=set)
    """What people were told of those."""
    read_back: int = 0
    latest_s: float = 0.0
    died: dict[str, int] = field(default_factory=dict)
    happened: dict[str, int] = field(default_factory=dict)
    took_s: float = 0.0


def publish(
    *,
    posts: int,
    kills: int,
    lost_replies: float,
    redis_dead: bool = False,
    two_schedulers: bool = False,
    seed: int = 41,
    lease_s: float = 0.0,
    workers: int = WORKERS,
    within_s: float = 1800.0,
) -> Told:
    """So many posts go out while that goes wrong; answers what became of them.

    By schedulers in the variants, else by `workers` processes of which `kills` are killed.
    lease_s: shorter leases and waits, for a quick run; 0 for the real ones. within_s: when it is given up.
    """
    by_schedulers = redis_dead or two_schedulers
    behaviour = Behaviour(
        lost_replies=lost_replies,
        lost_requests=0.02,
        faults_after=0.03,
        faults_before=0.02,
        time_outs=0.005,
        refused_for_now=0.02,
        unreadable=0.05,
        shown_late=0.3,
        late_s=SHOWN_AFTER_S - 1,
    )
    with scratch.database() as made, listening(behaviour, seed=seed) as platform:
        queued = queue_posts(posts, per_second=PER_SECOND if by_schedulers else 0)
        environment = {
            **made.environment,
            "SMMP_EXERCISE_ADDRESS": platform.address,
            "SMMP_OUTBOX_PACED": "off",
            "SMMP_READ_BACK_DELAYS_S": f"exercise={SHOWN_AFTER_S}",
        }
        began = time.monotonic()
        if by_schedulers:
            died = _with_schedulers(
                environment,
                number=2 if two_schedulers else 1,
                broker_dead=redis_dead,
                within_s=within_s + posts / PER_SECOND,
            )
        else:
            died = _with_workers(
                environment, workers=workers, kills=kills, seed=seed, lease_s=lease_s, within_s=within_s
            )
        told = _count(queued, platform)
        told.took_s = time.monotonic() - began
        told.died = died
        return told


def queue_posts(posts: int, *, per_second: int) -> list[int]:
    """Invented posts in the outbox, due now, or so many a second from now on. Answers their ids."""
    made = force.make()
    author = made.people["leah_brandt"]
    accounts = [made.accounts[handle] for handle in sorted(made.accounts)]
    now = clock.now()
    return [
        outbox.queue(
            actor=DRILL,
            official_account=accounts[number % len(accounts)],
            kind=Delivery.Kind.POST,
            author=author,
            text=f"Invented post {number}",
            due_at=now + timedelta(seconds=10 + number / per_second) if per_second else now,
        ).pk
        for number in range(posts)
    ]


def left() -> int:
    """How many are neither sent nor in front of a person."""
    state = Delivery.State
    return (
        Delivery.objects.filter(state__in=[state.SCHEDULED, state.CLAIMED, state.SENDING, state.UNKNOWN])
        .filter(held_why="", unsettled_why="")
        .count()
    )


def _wait_until_settled(within_s: float) -> None:
    until = time.monotonic() + within_s
    while left() and time.monotonic() < until:
        time.sleep(BETWEEN_LOOKS_S)


@dataclass
class Pool:
    """Workers that are killed and replaced, in a process of their own."""

    process: subprocess.Popen[str]
    died: dict[str, int] | None = None
    """How many died where; known once it has ended."""


@contextlib.contextmanager
def pool(
    environment: dict[str, str],
    *,
    workers: int,
    kills: int,
    seed: int,
    lease_s: float,
    more: Sequence[str] = (),
) -> Iterator[Pool]:
    """The workers run for the length of the block."""
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        "import django; django.setup(); from smmp.drills import publish_workers; publish_workers.main()",
        f"--workers={workers}",
        f"--kills={kills}",
        f"--seed={seed}",
        f"--lease-s={lease_s}",
        *more,
    ]
    running = Pool(
        subprocess.Popen(
            command, env=environment, cwd=BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
    )
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()


def deaths_of(running: Pool) -> dict[str, int]:
    """The workers are ended; answers how many were killed where."""
    if running.died is None:
        printed, _ = running.process.communicate(timeout=60)
        running.died = json.loads(printed.strip().splitlines()[-1])
    return running.died


def _with_workers(
    environment: dict[str, str], *, workers: int, kills: int, seed: int, lease_s: float, within_s: float
) -> dict[str, int]:
    with pool(environment, workers=workers, kills=kills, seed=seed, lease_s=lease_s) as running:
        _wait_until_settled(within_s)
        return deaths_of(running)


def _with_schedulers(
    environment: dict[str, str], *, number: int, broker_dead: bool, within_s: float
) -> dict[str, int]:
    """Schedulers do the work themselves; of two, the first is killed half way through."""
    if broker_dead:
        environment = {**environment, "REDIS_URL": f"redis://127.0.0.1:{_closed_port()}/0"}
    died: Counter[str] = Counter()
    with contextlib.ExitStack() as running:
        schedulers = []
        for _ in range(number):
            schedulers.append(running.enter_context(_scheduler(environment)))
            time.sleep(1)
        halfway = left() // 2
        until = time.monotonic() + within_s
        while (waiting := left()) and time.monotonic() < until:
            if number > 1 and waiting <= halfway and not died:
                schedulers[0].kill()
                died["scheduler"] += 1
            time.sleep(BETWEEN_LOOKS_S)
    return died


@contextlib.contextmanager
def _scheduler(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(BASE_DIR / "manage.py"), "scheduler"],
        env=environment,
        cwd=BASE_DIR,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _closed_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _count(queued: list[int], platform: Platform) -> Told:
    told = Told(len(queued), happened=dict(platform.happened))
    for row in Delivery.objects.filter(pk__in=queued).prefetch_related("changes"):
        standing = platform.standing.get(str(row.key), [])
        told.doubled += max(0, len(standing) - 1)
        by_person = bool(row.held_why or row.unsettled_why) or row.state == Delivery.State.REJECTED
        unknown = [change for change in row.changes.all() if change.state == Delivery.State.UNKNOWN]
        told.read_back += bool(unknown)
        if row.state == Delivery.State.SENT:
            told.sent += 1
            # Sent by our record, and not there: lost without anybody knowing.
            told.lost += row.external_id not in {post.external_id for post in standing}
        elif by_person:
            told.to_people += 1
            told.sentences.add(row.held_why or row.unsettled_why or row.fault)
        else:
            told.unsettled += 1
        if standing and not (unknown and unknown[0].why.startswith("The work on it broke off")):
            told.latest_s = max(told.latest_s, min(post.at for post in standing) - _first_due(row))
    return told


def _first_due(row: Delivery) -> float:
    """When it was to go out first; a delivery that was put back is due later since."""
    cut_off = row.cut_off_at or row.due_at + outbox.CUT_OFF[row.kind]
    return (cut_off - outbox.CUT_OFF[row.kind]).timestamp()


def deaths(told: Told) -> int:
    """How many processes were killed."""
    return sum(told.died.values())
