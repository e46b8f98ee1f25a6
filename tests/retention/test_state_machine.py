"""Any order of writing, holding, lifting, changing the schedule, disposing, crashing, backing up and restoring.

The oracle is a few lines of Python: what is over its period and held by nothing goes, once, and never comes back. A
backup is a savepoint here, and a restore goes back to it and does again what left for the sinks meanwhile, by the code
that `manage.py restore` does it with. More of it: SMMP_MORE_STATES=200 .venv/bin/pytest tests/retention/test_state_machine.py
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlsplit

from django.db import connection, connections, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts.actions import give_grant
from accounts.models import OfficialAccount
from audit.models import Entry, Manifest
from core import clock
from core.actors import System
from moderation.models import Comment
from retention import certificate, queries, replay, tasks
from retention.actions import disposals, proposals, schedule
from retention.actions.holds import Covers, ask_to_lift, lift_hold, place_hold
from retention.models import Disposal, Hold, Proposal, ScheduleRow, Tombstone
from smmp.drills.disposal import go_round
from staff.models import StaffMember
from staff.roles import Role
from tests import comments

WORDS = ("lantern", "harbour", "meadow")
MORE = "SMMP_MORE_STATES" in os.environ
EXAMPLES = int(os.environ.get("SMMP_MORE_STATES", "6"))
"""So many walks, the same each time; make test-more walks more, and others each time."""


@dataclass(frozen=True)
class Known:
    """What the oracle knows of the world, apart from what is gone for good."""

    ages: dict[int, int] = field(default_factory=dict)
    """Days since each comment was decided, of those that are there."""
    words: dict[int, str] = field(default_factory=dict)
    on_records: dict[int, int] = field(default_factory=dict)
    """Hold -> the comment that it keeps."""
    on_words: dict[int, str] = field(default_factory=dict)
    period: int = 730

    def held(self, pk: int) -> bool:
        return pk in self.on_records.values() or self.words[pk] in self.on_words.values()

    def due(self) -> set[int]:
        return {pk for pk, age in self.ages.items() if age > self.period and not self.held(pk)}


class Retention(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.known, self.gone, self.backup, self.passed, self.number = Known(), set(), None, 0, 0
        self.batch, disposals.BATCH = disposals.BATCH, 2

    def teardown(self):
        disposals.BATCH = self.batch
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @initialize()
    def stand(self):
        self.account = OfficialAccount.objects.order_by("pk").first()
        self.graham = StaffMember.objects.get(email="graham.ellis@wealdshire.example")
        self.ines = StaffMember.objects.get(email="nadia.rahman@wealdshire.example")
        give_grant(actor=System("test"), person=self.ines, role=Role.RECORDS_MANAGER, why="Deputy")
        self.change_the_schedule(730)

    def _row(self):
        return ScheduleRow.objects.get(slug="routine_comment")

    @rule(age=st.integers(700, 760), word=st.sampled_from(WORDS))
    def write(self, age, word):
        at = _noon(age)
        self.number += 1
        made = comments.write(self.account, word, at=at, external_id=f"state-{self.number}")
        comments.decide(made, self.graham, at=at)
        Comment.objects.filter(pk=made.pk).update(decided_at=at, category="question", needs_case="")
        self.known.ages[made.pk], self.known.words[made.pk] = age, word

    @rule(which=st.integers(0, 5))
    def hold_record(self, which):
        if self.known.ages:
            pk = sorted(self.known.ages)[which % len(self.known.ages)]
            hold = self._place(Covers(subject_type="moderation.comment", subject_id=pk))
            self.known.on_records[hold.pk] = pk

    @rule(word=st.sampled_from(WORDS))
    def hold_words(self, word):
        self.known.on_words[self._place(Covers(kind="query", words=word)).pk] = word

    def _place(self, covers):
        return place_hold(
            actor=self.graham,
            covers=covers,
            reference=str(Hold.objects.count()),
            reason="A request",
            review_on=clock.today() + timedelta(days=30),
        )

    @rule(which=st.integers(0, 5))
    def lift(self, which):
        standing = sorted({**self.known.on_records, **self.known.on_words})
        if standing:
            pk = standing[which % len(standing)]
            lift_hold(
                actor=self.ines,
                hold=ask_to_lift(actor=self.graham, hold=Hold.objects.get(pk=pk), reason="Answered"),
            )
            self.known.on_records.pop(pk, None)
            self.known.on_words.pop(pk, None)

    @rule(days=st.sampled_from([710, 730, 750]))
    def change_the_period(self, days):
        self.change_the_schedule(days)

    def change_the_schedule(self, days):
        row = self._row()
        if row.keep_for_days == days:
            return
        draft = schedule.edit_row(
            actor=self.graham, row=row, number=days, unit="days", version=row.version, changes={}
        ).draft
        draft = schedule.put_forward(
            actor=self.graham, draft=draft, effective_on=clock.today(), why="Practice"
        )
        schedule.approve(actor=self.ines, draft=draft)
        self.known = replace(self.known, period=days)

    @rule(days=st.integers(1, 20))
    def days_pass(self, days):
        self.passed += days
        self._age(days)
        for pk in self.known.ages:
            self.known.ages[pk] += days

    def _age(self, days):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE moderation_comment SET decided_at = decided_at - make_interval(days => %s)", [days]
            )

    @rule()
    def dispose(self):
        go_round()
        go_round()
        self._went(self.known.due())

    @rule()
    def crash_while_disposing(self):
        due = self.known.due()
        row = self._row()
        if not due or Proposal.objects.filter(row=row, state__in=queries.OPEN).exists():
            return
        proposal = proposals.propose(actor=tasks.RETENTION, row=row)
        Proposal.objects.filter(pk=proposal.pk).update(goes_at=clock.now())
        disposal = disposals.begin(actor=tasks.RETENTION, proposal=proposal)
        disposals.dispose_batch(actor=tasks.RETENTION, disposal=disposal, after_id=0)
        there = set(Comment.objects.filter(pk__in=self.known.ages).values_list("pk", flat=True))
        went = self.known.ages.keys() - there
        assert went <= due
        self._went(went)

    def _went(self, went):
        self.gone |= went
        for pk in went:
            del self.known.ages[pk]

    @rule()
    def back_up(self):
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT backup")
        self.backup = (dict(self.known.ages), Entry.objects.order_by("-pk")[0].pk, self.passed)

    @rule()
    def restore(self):
        if self.backup is None:
            return
        ages, last, passed = self.backup
        contents = dict(Manifest.objects.filter(entry_id__gt=last).values_list("entry_id", "content"))
        told = [({"id": pk}, json.loads(contents[pk])) for pk in sorted(contents)]
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK TO SAVEPOINT backup")
        self._age(self.passed - passed)
        done = replay.replay(told)
        assert not done.kept
        assert not done.left_out
        self.known = replace(
            self.known,
            ages={pk: age + self.passed - passed for pk, age in ages.items() if pk not in self.gone},
        )
        # What came after the backup and was not disposed of is lost with it; the platforms are read again.

    @invariant()
    def nothing_else_is_there_and_nothing_else_is_gone(self):
        there = set(Comment.objects.filter(text__in=WORDS).values_list("pk", flat=True))
        assert there == set(self.known.ages)
        tombstones = set(
            Tombstone.objects.filter(subject_type="moderation.comment").values_list("subject_id", flat=True)
        )
        assert tombstones == self.gone
        assert set(Hold.objects.filter(lifted_at=None).values_list("pk", flat=True)) == {
            *self.known.on_records,
            *self.known.on_words,
        }
        for one in Disposal.objects.exclude(finished_at=None).select_related("row"):
            assert certificate.digest(certificate.document(one)) == one.digest
        connection.check_constraints()


def _noon(age):
    day = datetime.now(UTC).date() - timedelta(days=age)
    return datetime.combine(day, time(12), tzinfo=UTC)


@contextmanager
def _as_owner():
    """Restoring is the owner's: the application deletes nothing."""
    given = urlsplit(os.environ["SMMP_TEST_ADMIN"])
    connections.close_all()
    before = dict(connection.settings_dict)
    connection.settings_dict.update(USER=given.username, PASSWORD=given.password)
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict.update(USER=before["USER"], PASSWORD=before["PASSWORD"])


def test_whatever_happens_in_whatever_order_the_held_stays_and_the_disposed_never_comes_back(
    committed_db, wealdshire
):
    with _as_owner():
        run_state_machine_as_test(
            Retention,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=14,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                derandomize=not MORE,
            ),
        )
