"""Edits, approvals, lockdowns and sends racing: whether anything goes out that was not approved in exactly that form.

People act on several connections at once, workers send from processes of their own and are killed, and the
platform on this machine notes when each request began and with which words. What was approved is what the
approver had read, noted by the approver's side, not by the code that is on trial.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection, transaction

from accounts.actions import give_grant
from core import clock
from core.actors import System
from core.errors import Refused
from publishing import queries, stopping
from publishing.actions import lockdown as lockdowns
from publishing.actions import posts
from publishing.models import Delivery, Lockdown, LockdownRelease, LockdownStop, Post
from smmp.drills import publish
from smmp.drills.platform import Behaviour, Platform, listening
from smmp.local import scratch
from smmp.seed import force
from staff.models import StaffMember
from staff.roles import Role

DRILL = System("drill")
SENDERS = 3
OPEN_POSTS = 30
"""So many posts are open at a time: few enough for people to meet on them."""
LOCKED_S = (0.1, 2.0)
WITHIN_S = 1.0
"""So soon after the commit of a lockdown the last request that it covers has begun."""
SETTLED_WITHIN_S = 240.0


@dataclass(frozen=True)
class Locked:
    """A time in which a lockdown was surely in force, in seconds since 1970, and where."""

    since: float
    until: float
    accounts: frozenset[int]


@dataclass
class Told:
    """What came of the race."""

    wanted: int
    tried: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    died: int = 0
    sent: int = 0
    not_approved: int = 0
    """Requests with words that nobody had approved for that official account."""
    after_edit: int = 0
    """Requests with approved words that began after an edit which replaced them had been answered."""
    under_lockdown: int = 0
    doubled: int = 0
    unsettled: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def raced(self) -> int:
        return self.tried.total()


@dataclass
class Race:
    """What the people share. `approved`: words -> official accounts; `replaced`: words -> when an edit was answered."""

    told: Told
    lock: threading.Lock = field(default_factory=threading.Lock)
    approved: dict[str, set[int]] = field(default_factory=dict)
    replaced: dict[str, float] = field(default_factory=dict)
    locked: list[Locked] = field(default_factory=list)
    over: bool = False
    number: int = 0

    def words(self) -> str:
        with self.lock:
            self.number += 1
            return f"Invented words, form {self.number}."

    def step(self, name: str, act: Callable[[], object]) -> bool:
        """One step of the race; answers whether it was done. Refusals are part of it."""
        with self.lock:
            if self.told.raced >= self.told.wanted:
                self.over = True
                return False
            self.told.tried[name] += 1
        try:
            act()
        except Refused:
            with self.lock:
                self.told.refused[name] += 1
            return False
        except Exception as fault:
            with self.lock:
                self.told.faults[f"{name}: {type(fault).__name__}: {fault}"[:200]] += 1
            return False
        return True


def approvals(*, steps: int, seed: int = 41, kills: int = 10) -> Told:
    """So many steps of people race with each other and with the senders; answers what came of it."""
    race = Race(Told(steps))
    behaviour = Behaviour(lost_replies=0.02, lost_requests=0.02, faults_before=0.02, answer_s=0.01)
    with scratch.database() as made, listening(behaviour, seed=seed) as platform:
        world = force.make()
        deputy = world.people["superintendent_price"]
        give_grant(actor=DRILL, person=deputy, role=Role.COMMS_APPROVER, why="Drill")
        people = world.people
        accounts = [world.accounts[handle].pk for handle in sorted(world.accounts)][:4]
        environment = {
            **made.environment,
            "SMMP_EXERCISE_ADDRESS": platform.address,
            "SMMP_OUTBOX_PACED": "off",
            "SMMP_READ_BACK_DELAYS_S": "exercise=1",
        }
        with publish.pool(environment, workers=SENDERS, kills=kills, seed=seed, lease_s=6.0) as senders:
            work: list[Callable[[random.Random], None]] = [
                lambda dice: _write(race, dice, people["leah_brandt"], accounts),
                lambda dice: _write(race, dice, people["leah_brandt"], accounts),
                lambda dice: _approve(race, dice, people["helen_achebe"]),
                lambda dice: _approve(race, dice, deputy),
                lambda dice: _lock_down(
                    race, dice, people["sergeant_okafor"], people["inspector_calder"], accounts
                ),
                lambda dice: _decide(race, dice, people["helen_achebe"]),
            ]
            threads = [
                threading.Thread(target=_until_over, args=(race, one, random.Random(seed + number)))
                for number, one in enumerate(work)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            until = time.monotonic() + SETTLED_WITHIN_S
            while publish.left() and time.monotonic() < until:
                time.sleep(0.5)
            race.told.died = sum(publish.deaths_of(senders).values())
        _judge(race, platform)
    return race.told


def _until_over(race: Race, one: Callable[[random.Random], None], dice: random.Random) -> None:
    try:
        while not race.over:
            one(dice)
    finally:
        connection.close()


def _open_posts(*states: str) -> list[Post]:
    return list(Post.objects.filter(state__in=states).order_by("-id")[:OPEN_POSTS])


def _write(race: Race, dice: random.Random, writer: StaffMember, accounts: list[int]) -> None:
    """Draft, edit, send for approval, withdraw: whatever state the post has by then."""
    found = _open_posts(Post.State.DRAFT, Post.State.SUBMITTED, Post.State.APPROVED)
    if len(found) < OPEN_POSTS // 2 or dice.random() < 0.1:
        at = clock.now() + timedelta(seconds=dice.choice([0, 1, 2])) if dice.random() < 0.5 else None
        chosen = dice.sample(accounts, dice.randint(1, 3))
        words = race.words()
        race.step(
            "draft",
            lambda: posts.draft_post(actor=writer, account_ids=chosen, words=words, publish_at=at),
        )
        return
    post = dice.choice(found)
    if post.state == Post.State.APPROVED and dice.random() < 0.7:
        time.sleep(0.01)  # most of what is approved is left to go out
    elif post.state == Post.State.DRAFT and dice.random() < 0.65:
        race.step("submit", lambda: posts.submit_post(actor=writer, post=post, version_seen=post.version))
    elif dice.random() < 0.05:
        race.step("withdraw", lambda: posts.withdraw_post(actor=writer, post=post, why="Not needed"))
    else:
        _edit(race, dice, writer, post)


def _edit(race: Race, dice: random.Random, writer: StaffMember, post: Post) -> None:
    texts, _ = queries.words_by_account(post)
    before = post.words
    words = race.words()

    def edit() -> None:
        posts.edit_post(
            actor=writer,
            post=post,
            version_seen=post.version,
            account_ids=list(texts),
            words=words,
            publish_at=post.publish_at,
        )

    if texts and race.step("edit", edit):
        with race.lock:
            race.replaced.setdefault(before, time.time())


def _approve(race: Race, dice: random.Random, approver: StaffMember) -> None:
    """Read what stands there, take a moment, and say yes to that."""
    found = _open_posts(Post.State.SUBMITTED)
    if not found:
        time.sleep(0.02)
        return
    pk = dice.choice(found).pk
    with transaction.atomic():
        seen = Post.objects.select_for_update().get(pk=pk)
        texts, _ = queries.words_by_account(seen)
    time.sleep(dice.uniform(0, 0.02))
    if dice.random() < 0.05:
        race.step(
            "return",
            lambda: posts.return_post(actor=approver, post=seen, version_seen=seen.version, why="Say where"),
        )
        return
    with race.lock:
        # Noted before the answer: a sender may be faster than it. What is refused is taken back.
        new = [
            (text, account) for account, text in texts.items() if account not in race.approved.get(text, ())
        ]
        for text, account in new:
            race.approved.setdefault(text, set()).add(account)
    done = race.step(
        "approve", lambda: posts.approve_post(actor=approver, post=seen, version_seen=seen.version)
    )
    if not done and Post.objects.get(pk=pk).approvals.filter(version=seen.version).count() == 0:
        with race.lock:
            for text, account in new:
                race.approved[text].discard(account)


def _lock_down(
    race: Race, dice: random.Random, one: StaffMember, two: StaffMember, accounts: list[int]
) -> None:
    """Lock down or pause, everywhere or on one official account, and end it by two after a moment."""
    where = frozenset(accounts if dice.random() < 0.5 else [dice.choice(accounts)])
    scope = stopping.FORCE if len(where) > 1 else stopping.scope_of(official_accounts=where)
    kind = dice.choice([Lockdown.Kind.PAUSE, Lockdown.Kind.COMPROMISE])
    made: list[Lockdown] = []
    race.step(
        "lock down",
        lambda: made.append(lockdowns.start_lockdown(actor=one, why="Drill", kind=kind, scope=scope)),
    )
    if not made:
        return
    since = time.time()
    lockdowns.note_under_way(actor=one, lockdown=made[0])
    time.sleep(dice.uniform(*LOCKED_S))
    until = time.time()
    asked: list[LockdownRelease] = []
    asked.append(lockdowns.ask_release(actor=one, lockdown=made[0], why="Drill"))
    lockdowns.confirm_release(actor=two, release=asked[0])
    with race.lock:
        race.locked.append(Locked(since, until, where))
        race.told.tried["release"] += 1
    time.sleep(dice.uniform(0.5, 3.0))


def _decide(race: Race, dice: random.Random, person: StaffMember) -> None:
    """What was kept back goes out now or later, becomes a draft again, or is dropped."""
    open_ones = LockdownStop.objects.exclude(how=LockdownStop.How.UNDER_WAY).filter(
        decision="", delivery__state=Delivery.State.SCHEDULED, lockdown__lifted_at__isnull=False
    )
    found = list(open_ones.exclude(delivery__held_why="").select_related("delivery")[:20])
    if not found:
        time.sleep(0.05)
        return
    stop = dice.choice(found)
    decision = dice.choice([*["send"] * 4, "draft", "drop"])
    due_at = clock.now() + timedelta(seconds=1) if dice.random() < 0.3 else None
    race.step(
        "decide",
        lambda: lockdowns.decide_stop(
            actor=person,
            stop=stop,
            decision=decision,
            due_at=due_at if decision == "send" else None,
            why="Drill",
        ),
    )


def _judge(race: Race, platform: Platform) -> None:
    told = race.told
    account_of = {
        str(key): account for key, account in Delivery.objects.values_list("key", "official_account_id")
    }
    for at, key, text in platform.began:
        account = account_of.get(key, 0)
        told.not_approved += account not in race.approved.get(text, ())
        told.after_edit += text in race.replaced and at > race.replaced[text]
        told.under_lockdown += any(
            one.since + WITHIN_S < at < one.until and account in one.accounts for one in race.locked
        )
    told.doubled = sum(max(0, len(kept) - 1) for kept in platform.standing.values())
    told.sent = Delivery.objects.filter(state=Delivery.State.SENT).count()
    told.unsettled = publish.left()
