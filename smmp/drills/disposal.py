"""Holds, lifts, late matches and changes of the schedule race with two disposing workers that are killed now and then.

The oracle is kept beside the race: what a person was told is held, from the answer on until they begin to lift it. At
the end whatever it names must be there, everything else that was due must be gone, and the certificates must add up.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection, connections
from django.test import override_settings

from accounts.actions import give_grant
from core import clock
from core.actors import System
from core.errors import Refused
from moderation.models import Comment, Commenter
from retention import certificate, queries, tasks
from retention.actions import disposals, holds, proposals, schedule
from retention.actions.holds import Covers
from retention.models import Disposal, Hold, Proposal, ScheduleRow, Tombstone
from smmp.local import scratch
from smmp.local.children import BASE_DIR
from smmp.seed import force
from staff.models import StaffMember
from staff.roles import Role

AT_ONCE = 200
"""So many due comments wait at a time."""
PEOPLE, WORKERS, GROUPS = 4, 2, 17
MOST_HELD = 12
"""Holds in force at once; above that people lift and write."""
EASING = ("lifted", "written late")
ANY_NUMBER = 10_000_000
"""What may go without a second person here: the race is between holds and disposal, not for signatures."""
UP_WITHIN_S = 60.0
SETTLED_WITHIN_S = 120.0
SAY_EVERY_S = 15.0
KILLED_EVERY_S = (2.0, 5.0)


@dataclass
class Told:
    """What came of the race."""

    wanted: int
    tried: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    killed: int = 0
    made: int = 0
    gone: int = 0
    held_and_gone: int = 0
    due_and_left: int = 0
    certificates: int = 0
    not_adding_up: int = 0


@dataclass
class Race:
    """What the people share, and what the oracle knows: hold -> the comments that it was said to keep."""

    told: Told
    account_id: int
    lock: threading.Lock = field(default_factory=threading.Lock)
    kept: dict[int, set[int]] = field(default_factory=dict)
    words_of: dict[int, str] = field(default_factory=dict)
    number: int = 0


def disposal(*, races: int, kills: int = 20, seed: int = 17) -> Told:
    """So many steps race; answers what came of them."""
    with scratch.database() as made, override_settings(RETENTION_BULK_LIMIT=ANY_NUMBER):
        world = force.make()
        race = Race(Told(races), world.accounts["wealdshire-police"].pk)
        graham, ines = world.people["graham_ellis"], world.people["nadia_rahman"]
        give_grant(actor=System("drill"), person=ines, role=Role.RECORDS_MANAGER, why="Drill")
        _write(race, AT_ONCE)
        stop = threading.Event()
        killer = threading.Thread(target=_workers, args=(race.told, made.environment, stop, kills, seed))
        killer.start()
        _wait_for_workers()
        people = [
            threading.Thread(target=_act, args=(race, graham, ines, random.Random(seed + n)))
            for n in range(PEOPLE)
        ]
        for person in people:
            person.start()
        begun = time.monotonic()
        for person in people:
            while person.is_alive():
                person.join(timeout=SAY_EVERY_S)
                _say(f"{race.told.tried.total():,} of {races:,} steps in {time.monotonic() - begun:.0f} s")
        stop.set()
        killer.join()
        _say("What is still due goes, and everything is counted")
        _settle(race)
        _count(race)
        connections.close_all()
    return race.told


def _wait_for_workers() -> None:
    """The race begins when something has been disposed of."""
    until = time.monotonic() + UP_WITHIN_S
    while not Disposal.objects.exists() and time.monotonic() < until:
        time.sleep(0.1)


def _say(words: str) -> None:
    """How far it is, for whoever waits; the figures alone go to standard output."""
    print(words, file=sys.stderr, flush=True)


def _workers(told: Told, environment: dict[str, str], stop: threading.Event, kills: int, seed: int) -> None:
    """Two workers dispose all the time; one of them is killed now and then, and another takes its place."""
    dice = random.Random(seed)
    running = [_worker(environment) for _ in range(WORKERS)]
    while not stop.wait(dice.uniform(*KILLED_EVERY_S)):
        if told.killed < kills:
            victim = running.pop(0)
            os.kill(victim.pid, signal.SIGKILL)
            victim.wait()
            told.killed += 1
            running.append(_worker(environment))
    for one in running:
        one.terminate()
        one.wait()


def _worker(environment: dict[str, str]) -> subprocess.Popen:
    program = "import django; django.setup(); from smmp.drills.disposal import work; work()"
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=BASE_DIR,
        env={
            **environment,
            "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
            "SMMP_RETENTION_BULK_LIMIT": str(ANY_NUMBER),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def work() -> None:
    """One worker: proposes what is due, waits for no quiet time, and carries it out, until it is ended."""
    disposals.BATCH = 7
    while True:
        go_round()
        time.sleep(0.05)


def go_round() -> None:
    """What is due of the class goes, as far as this worker gets."""
    row = ScheduleRow.objects.get(slug="routine_comment")
    if queries.is_disposable(row):
        proposals.propose(actor=tasks.RETENTION, row=row)
    Proposal.objects.filter(state=Proposal.State.WAITING).update(goes_at=clock.now())
    for proposal in queries.proposals_to_go():
        disposals.carry_out(actor=tasks.RETENTION, proposal=proposal)


def _act(race: Race, graham: StaffMember, ines: StaffMember, dice: random.Random) -> None:
    steps: list[tuple[str, Callable[[], object]]] = [
        ("hold on a record", lambda: _hold_record(race, graham, dice)),
        ("hold on a record", lambda: _hold_record(race, graham, dice)),
        ("hold by query", lambda: _hold_query(race, graham, dice)),
        ("hold on a commenter", lambda: _hold_commenter(race, graham, dice)),
        ("lifted", lambda: _lift(race, graham, ines, dice)),
        ("lifted", lambda: _lift(race, graham, ines, dice)),
        ("written late", lambda: _write(race, dice.randint(1, 4))),
        ("written late", lambda: _write(race, dice.randint(5, 20))),
        ("schedule changed", lambda: _change(graham, ines, dice)),
    ]
    try:
        while True:
            # Where every word is held nothing is due any more, and nothing races.
            crowded = len(race.kept) > MOST_HELD
            name, act = dice.choice([step for step in steps if not crowded or step[0] in EASING])
            with race.lock:
                if race.told.tried.total() >= race.told.wanted:
                    return
                race.told.tried[name] += 1
            try:
                act()
            except Refused:
                with race.lock:
                    race.told.refused[name] += 1
            except Exception as fault:
                with race.lock:
                    race.told.faults[f"{name}: {type(fault).__name__}: {fault}"[:200]] += 1
    finally:
        connections.close_all()


_WRITE = """
WITH n AS (SELECT generate_series(%(first)s::int, %(last)s::int) AS n),
author AS (
    INSERT INTO moderation_commenter (platform, external_id, handle, name, first_seen_at)
    SELECT 'exercise', 'race-' || n, 'race-' || n, '', now() FROM n RETURNING id, external_id),
thread AS (
    INSERT INTO moderation_conversation (official_account_id, root_external_id, root_text, root_url, private)
    SELECT %(account)s, 'race-' || n, '', '', false FROM n RETURNING id, root_external_id),
came AS (
    INSERT INTO moderation_comment (platform, external_id, official_account_id, conversation_id, commenter_id,
        parent_external_id, text, revision_number, private, url, language, posted_at, received_at, state, priority,
        category, findings, triage_version, triage_broken, needs_case, decided_at)
    SELECT 'exercise', 'race-' || n, %(account)s, t.id, a.id, '', 'lantern' || n %% %(groups)s, 1, false, '', 'en',
        now() - interval '9 years', now() - interval '9 years', 'decided', 5, 'question', '[]', '', false, '',
        now() - interval '9 years'
    FROM n JOIN author a ON a.external_id = 'race-' || n JOIN thread t ON t.root_external_id = 'race-' || n
    RETURNING id, text)
INSERT INTO moderation_revision (comment_id, number, text, seen_at) SELECT id, 1, text, now() FROM came
RETURNING comment_id, text
"""


def _write(race: Race, many: int) -> None:
    """Comments that are due at once; those with the words of a hold in force are held from the moment they are there."""
    with race.lock:
        first, race.number = race.number + 1, race.number + many
        standing = dict(race.words_of)
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE, {"first": first, "last": first + many - 1, "account": race.account_id, "groups": GROUPS}
        )
        written = cursor.fetchall()
    with race.lock:
        race.told.made += len(written)
        for hold, words in standing.items():
            if hold in race.kept and hold in race.words_of:
                race.kept[hold].update(pk for pk, text in written if text == words)


def _hold_record(race: Race, graham: StaffMember, dice: random.Random) -> None:
    some = list(Comment.objects.order_by("?").values_list("pk", flat=True)[:1])
    if some:
        _place(
            race,
            graham,
            dice,
            Covers(subject_type="moderation.comment", subject_id=some[0]),
            lambda: set(some),
        )


def _hold_commenter(race: Race, graham: StaffMember, dice: random.Random) -> None:
    some = list(Commenter.objects.order_by("?").values_list("pk", flat=True)[:1])
    if some:
        theirs = Comment.objects.filter(commenter_id=some[0]).values_list("pk", flat=True)
        _place(race, graham, dice, Covers(kind="commenter", subject_id=some[0]), lambda: set(theirs))


def _hold_query(race: Race, graham: StaffMember, dice: random.Random) -> None:
    words = f"lantern{dice.randrange(GROUPS)}"
    with_them = Comment.objects.filter(text=words).values_list("pk", flat=True)
    _place(race, graham, dice, Covers(kind="query", words=words), lambda: set(with_them), words)


def _place(
    race: Race,
    graham: StaffMember,
    dice: random.Random,
    covers: Covers,
    there: Callable[[], set[int]],
    words: str = "",
) -> None:
    hold = holds.place_hold(
        actor=graham,
        covers=covers,
        reference=str(dice.random()),
        reason="Race",
        review_on=clock.today() + timedelta(days=30),
    )
    # From the answer on: whatever is there now and covered stays. What is gone by now went before the hold.
    found = there()
    with race.lock:
        race.kept[hold.pk] = found
        if words:
            race.words_of[hold.pk] = words


def _lift(race: Race, graham: StaffMember, ines: StaffMember, dice: random.Random) -> None:
    with race.lock:
        if not race.kept:
            return
        pk = dice.choice(list(race.kept))
        race.kept.pop(pk)
        race.words_of.pop(pk, None)
    hold = holds.ask_to_lift(actor=graham, hold=Hold.objects.get(pk=pk), reason="Race")
    holds.lift_hold(actor=ines, hold=hold)


def _change(graham: StaffMember, ines: StaffMember, dice: random.Random) -> None:
    row = ScheduleRow.objects.get(slug="routine_comment")
    draft = schedule.edit_row(
        actor=graham, row=row, number=dice.randint(1, 8), unit="years", version=row.version, changes={}
    ).draft
    draft = schedule.put_forward(actor=graham, draft=draft, effective_on=clock.today(), why="Race")
    schedule.approve(actor=ines, draft=draft)


def _settle(race: Race) -> None:
    until = time.monotonic() + SETTLED_WITHIN_S
    row = ScheduleRow.objects.get(slug="routine_comment")
    while time.monotonic() < until:
        go_round()
        row.refresh_from_db()
        if (
            not queries.due(row, on=clock.today()).exists()
            and not Proposal.objects.filter(state__in=queries.OPEN).exists()
        ):
            return


def _count(race: Race) -> None:
    told = race.told
    there = set(Comment.objects.filter(external_id__startswith="race-").values_list("pk", flat=True))
    told.gone = told.made - len(there)
    told.held_and_gone = len(set().union(*race.kept.values()) - there) if race.kept else 0
    told.due_and_left = queries.due(ScheduleRow.objects.get(slug="routine_comment"), on=clock.today()).count()
    finished = list(Disposal.objects.select_related("row").order_by("pk"))
    told.certificates = len(finished)
    for one in finished:
        document = certificate.document(one)
        right = len(document["records"]) == one.disposed_count and certificate.digest(document) == one.digest
        told.not_adding_up += not right
    if sum(one.disposed_count for one in finished) != told.gone or Tombstone.objects.count() != told.gone:
        told.not_adding_up += 1
