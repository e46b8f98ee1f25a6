"""Worker processes of the outbox that die. `main` is run in a process of its own.

Each worker is a process of its own that takes from the outbox what is due and reads back what is
unknown, as the real workers do. Half of the deaths are at a named point between two steps, half at
any moment; all are by SIGKILL, and the dead are replaced. It ends when its input has ended and all of
them that were asked for are dead, and prints how many died.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import random
import select
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connections

from moderation import polling
from platforms import registry
from publishing import sending
from publishing.actions import machinery

POINTS = [
    f"{moment} {step}"
    for step in (
        "claim_next",
        "stopped_since",
        "the socket",
        "keep_id",
        "note_sent",
        "note_unknown",
        "claim_unsettled",
        "note_not_found",
    )
    for moment in ("before", "after")
]
IDLE_S = 0.1
POINT_WITHIN_S = 4.0
ALL_DEAD_WITHIN_S = 40.0
"""After the end of the input: how long those are waited for whose death is still to come."""


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--workers", type=int, required=True)
    asked.add_argument("--kills", type=int, required=True)
    asked.add_argument("--seed", type=int, required=True)
    asked.add_argument("--lease-s", type=float, default=0.0)
    asked.add_argument("--platform", default="exercise")
    asked.add_argument("--between-kills-s", type=float, default=0.2)
    asked.add_argument("--listen", action="store_true", help="take in comments as well")
    given = asked.parse_args()

    _hurry(given.lease_s)
    dice = random.Random(given.seed)
    at_points = [POINTS[number % len(POINTS)] for number in range(given.kills // 2)]
    dice.shuffle(at_points)
    at_random = given.kills - len(at_points)
    alive: dict[int, str] = {}
    began: dict[int, float] = {}
    died: Counter[str] = Counter()
    dying: set[int] = set()
    """Killed and not gone yet: nobody dies twice."""
    next_kill = time.monotonic() + 1
    last_at = 0.0
    while True:
        while alive:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            died[alive.pop(pid, "") or "at random"] += 1
            dying.discard(pid)
        if not last_at and _input_ended():
            last_at = time.monotonic() + ALL_DEAD_WITHIN_S
        if last_at and (died.total() >= given.kills or time.monotonic() > last_at):
            break
        while len(alive) < given.workers:
            point = at_points.pop() if at_points else ""
            pid = _fork(
                point,
                dice.randint(1, 4),
                dice.randint(0, 2**31),
                platform=given.platform,
                listen=given.listen,
            )
            alive[pid], began[pid] = point, time.monotonic()
        living = [pid for pid in alive if pid not in dying]
        ordinary = [pid for pid in living if not alive[pid]] or living
        if at_random and ordinary and time.monotonic() >= next_kill:
            next_kill = time.monotonic() + given.between_kills_s * dice.uniform(0.25, 1.75)
            pid = dice.choice(ordinary)
            if alive[pid]:
                at_points.append(alive[pid])
                alive[pid] = ""
            os.kill(pid, signal.SIGKILL)
            dying.add(pid)
            at_random -= 1
        for pid, point in alive.items():
            # Not every point is come by in every run: what waits too long for its own dies anywhere.
            if point and pid not in dying and time.monotonic() - began[pid] > POINT_WITHIN_S:
                alive[pid] = ""
                os.kill(pid, signal.SIGKILL)
                dying.add(pid)
        time.sleep(0.02)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    print(json.dumps(died), flush=True)


def _input_ended() -> bool:
    ready, _, _ = select.select([sys.stdin], [], [], 0)
    return bool(ready) and not sys.stdin.read(1)


def _fork(point: str, passes: int, seed: int, *, platform: str, listen: bool) -> int:
    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    try:
        random.seed(seed)
        if point:
            _die_at(point, passes, platform)
        _work(listen=listen)
    finally:
        os._exit(1)


def _work(*, listen: bool) -> None:
    parent = os.getppid()
    while os.getppid() == parent:
        try:
            done = sending.send_due(most=20, budget_s=5) + sending.settle_due(most=10)
            if listen:
                polling.poll_due()
                polling.sweep_due()
        except Exception as fault:
            print(f"worker {os.getpid()}: {type(fault).__name__}: {fault}", file=sys.stderr, flush=True)
            done = 0
        if not done:
            time.sleep(IDLE_S)


def _die_at(point: str, passes: int, platform: str) -> None:
    """The process kills itself when it comes by this point for the last of so many times."""
    moment, _, step = point.partition(" ")
    place: Any = registry.connector_class(platform) if step == "the socket" else machinery
    name = "send" if step == "the socket" else step
    setattr(place, name, _deadly(getattr(place, name), moment, passes))


def _deadly(step: Callable[..., Any], moment: str, passes: int) -> Callable[..., Any]:
    left = [passes]

    @functools.wraps(step)
    def run(*args: Any, **kwargs: Any) -> Any:
        left[0] -= 1
        if moment == "before" and left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = step(*args, **kwargs)
        # A claim that took nothing up is no step that anybody could die in.
        if answer is None and step.__name__.startswith("claim_"):
            left[0] += 1
        elif moment == "after" and left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return run


def _hurry(lease_s: float) -> None:
    """Shorter leases and waits in the same proportions, for a drill that has no minutes to spare."""
    if not lease_s:
        return
    share = lease_s / machinery.LEASE.total_seconds()
    machinery.SEND_WITHIN_S *= share
    machinery.LEASE = timedelta(seconds=lease_s)
    machinery.FIRST_READ *= share
    machinery.BETWEEN_READS *= share
    waits = tuple(max(1, round(wait * share)) for wait in machinery.BACK_OFF_S)
    setattr(machinery, "BACK_OFF_S", waits)  # noqa: B010 - a constant elsewhere
