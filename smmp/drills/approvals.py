"""Edits, approvals, calls, covers, steps, lockdowns and sends racing: whether anything goes out that was not approved
in exactly that form, by everybody whom the steps of that moment ask for.

People act on several connections at once, workers send from processes of their own and are killed, and the
platform on this machine notes when each request began and with which words. What was approved is what the
approver had read, noted by the approver's side, not by the code that is on trial. On the first official account the
steps always ask for two; on the second they do for a while and then not; on the fourth they ask for one team, whose one
approver is away at times and has named a cover.
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
from publishing.actions import covers, posts, telephone
from publishing.actions import lockdown as lockdowns
from publishing.actions import steps as step_actions
from publishing.models import Approval, Delivery, Lockdown, LockdownRelease, LockdownStop, Post, StepRule
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
CLAIMED_BEFORE_S = 3.0
"""A request began at most so long after it was claimed, which is when steps and covers are read."""
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
    lacking: int = 0
    """Requests for which somebody was missing whom the steps of that moment asked for."""
    late_by_itself: int = 0
    """Approvals after the time of a post that let it go without another time."""
    doubled: int = 0
    unsettled: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def raced(self) -> int:
        return self.tried.total()


@dataclass(frozen=True)
class Said:
    """One yes: by whom with a sign-in, or who took the call."""

    by: int
    on_the_telephone: bool = False


@dataclass
class Race:
    """What the people share. `approved`: words, official account -> who said yes; `replaced`: words -> when an edit was
    answered; `strict`, `away`: since and until when two were surely asked, or somebody may have stood in."""

    told: Told
    lock: threading.Lock = field(default_factory=threading.Lock)
    approved: dict[tuple[str, int], set[Said]] = field(default_factory=dict)
    strict: list[tuple[float, float]] = field(default_factory=list)
    away: list[tuple[float, float]] = field(default_factory=list)
    replaced: dict[str, float] = field(default_factory=dict)
    locked: list[Locked] = field(default_factory=list)
    over: bool = False
    number: int = 0

    def words(self) -> str:
        with self.lock:
            self.number += 1
            return f"Invented words, form {self.number}."

    def note(self, texts: dict[int, str], said: Said) -> None:
        with self.lock:
            for account, text in texts.items():
                self.approved.setdefault((text, account), set()).add(said)

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
        force.make_seconds(world)
        accounts = [world.accounts[handle].pk for handle in sorted(world.accounts)][:4]
        helen, admins = people["helen_achebe"], (people["ben_osei"], people["joan_pritchard"])
        _steps_at_first(admins[0], accounts, team=helen.teams.all()[0].pk)
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
                lambda dice: _call(race, dice, people["amira_hussain"]),
                lambda dice: _cover(race, dice, helen, deputy),
                lambda dice: _change_steps(race, dice, *admins, accounts[1]),
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
        _judge(race, platform, accounts, helen=helen.pk, cover=deputy.pk)
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
    late = seen.publish_at is not None and seen.publish_at < clock.now()
    new_time = posts.AT_ONCE if late and dice.random() < 0.7 else None
    done = race.step(
        "approve",
        lambda: posts.approve_post(actor=approver, post=seen, version_seen=seen.version, new_time=new_time),
    )
    if done:
        race.note(texts, Said(approver.pk))
        with race.lock:
            race.told.late_by_itself += late and new_time is None


def _call(race: Race, dice: random.Random, taker: StaffMember) -> None:
    """Gold or an SIO says yes on the telephone to what is read out to them."""
    found = _open_posts(Post.State.SUBMITTED)
    if not found:
        time.sleep(0.05)
        return
    pk = dice.choice(found).pk
    with transaction.atomic():
        seen = Post.objects.select_for_update().get(pk=pk)
        texts, _ = queries.words_by_account(seen)
    time.sleep(dice.uniform(0, 0.05))
    done = race.step(
        "call",
        lambda: telephone.record_call(
            actor=taker,
            post=seen,
            version_seen=seen.version,
            name=dice.choice(["Superintendent Powell", "DCI Lloyd"]),
            function=dice.choice(["gold", "sio"]),
            known_by="called_back",
            known_as="01632 960555",
            read_out=True,
        ),
    )
    if done:
        race.note(texts, Said(taker.pk, on_the_telephone=True))
    time.sleep(dice.uniform(0, 0.2))


def _cover(race: Race, dice: random.Random, away: StaffMember, cover: StaffMember) -> None:
    """Somebody stands in for a moment."""
    made = []
    since = time.time()
    race.step(
        "cover",
        lambda: made.append(
            covers.name_cover(
                actor=away,
                cover=cover,
                since=clock.now(),
                until=clock.now() + timedelta(hours=1),
                why="Drill",
            )
        ),
    )
    if not made:
        time.sleep(0.05)
        return
    time.sleep(dice.uniform(0.2, 1.5))
    covers.end_cover(actor=away, cover=made[0])
    with race.lock:
        race.away.append((since, time.time()))
    time.sleep(dice.uniform(0.2, 1.5))


def _steps_at_first(one: StaffMember, accounts: list[int], *, team: int) -> None:
    draft = step_actions.begin_draft(actor=one)
    step_actions.add_rule(actor=one, version=draft, name="Two", needs="two", place=f"account:{accounts[0]}")
    if len(accounts) > 3:
        step_actions.add_rule(
            actor=one,
            version=draft,
            name="Team",
            needs="any",
            parties=[f"team:{team}"],
            place=f"account:{accounts[3]}",
        )
    step_actions.put_in_force(actor=one, version=draft, why="Drill")


def _change_steps(race: Race, dice: random.Random, one: StaffMember, two: StaffMember, account: int) -> None:
    """Two are asked on one official account from now on, and after a while one is enough again."""

    def stricter() -> None:
        draft = step_actions.begin_draft(actor=one)
        step_actions.add_rule(
            actor=one, version=draft, name="For now", needs="two", place=f"account:{account}"
        )
        step_actions.put_in_force(actor=one, version=draft, why="Drill")

    if not race.step("steps", stricter):
        time.sleep(0.05)
        return
    since = time.time()
    time.sleep(dice.uniform(1.0, 6.0))
    draft = step_actions.begin_draft(actor=one)
    for rule in StepRule.objects.filter(version=draft, name="For now", removed_at=None):
        step_actions.remove_rule(actor=one, rule=rule)
    asked = step_actions.put_in_force(actor=one, version=draft, why="Drill")
    until = time.time()
    step_actions.confirm(actor=two, version=asked)
    with race.lock:
        race.strict.append((since, until))
    time.sleep(dice.uniform(0.2, 1.0))


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
    row = stop.delivery
    done = race.step(
        "decide",
        lambda: lockdowns.decide_stop(
            actor=person,
            stop=stop,
            decision=decision,
            due_at=due_at if decision == "send" else None,
            why="Drill",
        ),
    )
    if done and decision == "send" and row.variant is not None:
        # Whoever lets it go has approved it where an approval was lacking.
        post = row.variant.post
        if Approval.objects.filter(post=post, version=post.version, approver=person).exists():
            race.note({row.official_account_id: row.text}, Said(person.pk))


def _judge(race: Race, platform: Platform, accounts: list[int], *, helen: int, cover: int) -> None:
    told = race.told
    account_of = {
        str(key): account for key, account in Delivery.objects.values_list("key", "official_account_id")
    }
    for at, key, text in platform.began:
        account = account_of.get(key, 0)
        said = race.approved.get((text, account), set())
        told.not_approved += not said
        told.after_edit += text in race.replaced and at > race.replaced[text]
        told.under_lockdown += any(
            one.since + WITHIN_S < at < one.until and account in one.accounts for one in race.locked
        )
        two = account == accounts[0] or (
            account == accounts[1] and any(s + CLAIMED_BEFORE_S < at < u for s, u in race.strict)
        )
        told.lacking += two and _people(said) < 2
        if len(accounts) > 3 and account == accounts[3]:
            stood_in = any(s <= at and at - CLAIMED_BEFORE_S <= u for s, u in race.away)
            signed = {one.by for one in said if not one.on_the_telephone}
            told.lacking += not (helen in signed or (cover in signed and stood_in))
    told.doubled = sum(max(0, len(kept) - 1) for kept in platform.standing.values())
    told.sent = Delivery.objects.filter(state=Delivery.State.SENT).count()
    told.unsettled = publish.left()


def _people(said: set[Said]) -> int:
    """How many people: one call counts once, and whoever took it is not counted besides."""
    signed = {one.by for one in said if not one.on_the_telephone}
    calls = {one.by for one in said if one.on_the_telephone}
    return max([len(signed), *(len(signed - {taker}) + 1 for taker in calls)])
