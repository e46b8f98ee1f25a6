"""A lockdown while many acts are due and workers send as fast as they can: how soon the platform sees no more.

Real processes, a scratch database, and a platform on this machine that notes when each request began.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from core import clock
from core.actors import System
from publishing import queries_lockdown
from publishing.actions import lockdown as lockdowns
from publishing.actions import outbox
from publishing.models import Delivery, LockdownStop
from smmp.drills import publish
from smmp.drills.platform import Behaviour, Platform, listening
from smmp.local import scratch
from smmp.seed import force

DRILL = System("drill")
ACTS = 500
WORKERS = 8
WITHIN_S = 1.0
SHARE_BEFORE = 0.2
"""So much of it has gone out when somebody locks down."""
ANSWER_S = 0.05
"""The platform takes so long over each answer, as a real one does: some are always under way."""
AFTERWARDS_S = 5.0
GIVEN_UP_AFTER_S = 120.0


@dataclass
class Found:
    """What the platform saw and what the people were told."""

    acts: int
    before: int = 0
    """Requests that had begun when the lockdown was committed."""
    commit_s: float = 0.0
    last_s: float = 0.0
    """The last request began so long after the commit; 0 where none did."""
    late: int = 0
    """Requests that began more than WITHIN_S after the commit."""
    between: int = 0
    not_listed: int = 0
    """Requests that were under way at the commit or began after it, and that whoever locked down was not shown."""
    told: bool = False
    by_itself: int = 0
    """Requests that began after its end and before anybody had decided."""
    kept: int = 0
    decided: int = 0
    sent: int = 0
    doubled: int = 0


def measure(*, acts: int = ACTS, workers: int = WORKERS) -> Found:
    """Posts and replies are due, workers send, one person locks down; two end it; each is decided."""
    found = Found(acts)
    with scratch.database() as made, listening(Behaviour(answer_s=ANSWER_S), seed=7) as platform:
        people = _queue(acts)
        environment = {
            **made.environment,
            "SMMP_EXERCISE_ADDRESS": platform.address,
            "SMMP_OUTBOX_PACED": "off",
            "SMMP_READ_BACK_DELAYS_S": "exercise=1",
        }
        one, two = people["sergeant_okafor"], people["inspector_calder"]
        with publish.pool(environment, workers=workers, kills=0, seed=7, lease_s=0.0):
            _until(lambda: len(platform.began) >= acts * SHARE_BEFORE)
            asked = time.time()
            lock = lockdowns.start_lockdown(actor=one, why="Bench: an intruder")
            committed = time.time()
            lockdowns.note_under_way(actor=one, lockdown=lock)
            found.commit_s = committed - asked
            time.sleep(AFTERWARDS_S)
            lockdowns.tell_what_was_caught(lockdown=lock)
            _judge(found, platform, committed=committed, lock=lock)
            seen = len(platform.began)
            asked_for = lockdowns.ask_release(actor=one, lockdown=lock, why="Bench: over")
            lockdowns.confirm_release(actor=two, release=asked_for)
            time.sleep(AFTERWARDS_S / 2)
            found.by_itself = len(platform.began) - seen
            kept = list(LockdownStop.objects.exclude(how=LockdownStop.How.UNDER_WAY).filter(decision=""))
            found.kept = len(kept)
            for stop in kept:
                lockdowns.decide_stop(actor=two, stop=stop, decision=LockdownStop.Decision.SEND)
                found.decided += 1
            _until(lambda: not publish.left())
        found.sent = Delivery.objects.filter(state=Delivery.State.SENT).count()
        found.doubled = sum(max(0, len(posts) - 1) for posts in platform.standing.values())
    return found


def _queue(acts: int):
    """Invented posts and replies, due now on every official account. Answers the people of the force."""
    made = force.make()
    accounts = [made.accounts[handle] for handle in sorted(made.accounts)]
    author = made.people["leah_brandt"]
    now = clock.now()
    for number in range(acts):
        reply = number % 2
        outbox.queue(
            actor=DRILL,
            official_account=accounts[number % len(accounts)],
            kind=Delivery.Kind.REPLY if reply else Delivery.Kind.POST,
            author=author,
            text=f"Invented {'reply' if reply else 'post'} {number}",
            target_external_id="invented-comment" if reply else "",
            due_at=now,
        )
    return made.people


def _judge(found: Found, platform: Platform, *, committed: float, lock) -> None:
    began = list(platform.began)
    after = [at - committed for at, _, _ in began if at > committed]
    found.before = sum(at <= committed for at, _, _ in began)
    found.last_s = max(after, default=0.0)
    found.late = sum(seconds > WITHIN_S for seconds in after)
    between = queries_lockdown.stops_between(lock)
    found.between = len(between)
    listed = {str(stop.delivery.key) for stop in between}
    answered = {key: posts[0].at for key, posts in platform.standing.items() if posts}
    in_flight = {key for at, key, _ in began if at > committed or answered.get(key, 0) > committed}
    found.not_listed = len(in_flight - listed)
    found.told = not between or lock.started_by.notices.filter(key=f"lockdown:{lock.pk}:between").exists()


def _until(done) -> None:
    until = time.monotonic() + GIVEN_UP_AFTER_S
    while not done() and time.monotonic() < until:
        time.sleep(0.005)
