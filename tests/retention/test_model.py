"""Records, holds, time and broken-off runs at random, beside a model that knows what must be there and what must be gone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core import clock
from core.errors import NotFound
from moderation.models import Comment
from retention import queries, tasks
from retention.actions import disposals, holds, restrictions, schedule
from retention.actions.holds import Covers
from retention.models import Disposal, Hold, Restriction, ScheduleRow, Tombstone
from tests import comments
from tests.retention import going
from tests.retention.test_state_machine import EXAMPLES, MORE

WORDS = ("lantern", "bridge", "kestrel")
PEOPLE = ("kim", "lee", "jo")


class Retention(RuleBasedStateMachine):
    """One class of record. The model keeps each record's age in years, words and author, and each hold's cover."""

    people: dict = {}

    @initialize()
    def begin(self):
        self.savepoint = transaction.savepoint()
        self.years = 2
        self.records: dict[int, tuple[int, str, str]] = {}
        self.gone: set[int] = set()
        self.holds: dict[int, tuple[str, object]] = {}
        self.restricted: dict[int, int] = {}
        self.number = 0

    def teardown(self):
        transaction.savepoint_rollback(self.savepoint)

    def held(self, pk):
        _, words, author = self.records[pk]
        return any(
            (kind == "record" and of == pk)
            or (kind == "query" and of == words)
            or (kind == "commenter" and of == author)
            for kind, of in self.holds.values()
        )

    @rule(age=st.integers(0, 6), words=st.sampled_from(WORDS), author=st.sampled_from(PEOPLE))
    def a_comment_was_decided(self, age, words, author):
        self.number += 1
        at = clock.now() - timedelta(days=365 * age + 100)
        made = comments.write(
            self.people["account"], f"{words} here", by=author, at=at, external_id=f"n{self.number}"
        )
        comments.decide(made, self.people["amira"], at=at)
        self.records[made.pk] = (age, words, author)

    @precondition(lambda self: self.records)
    @rule(data=st.data(), kind=st.sampled_from(["record", "query", "commenter"]))
    def a_hold_is_placed(self, data, kind):
        pk = data.draw(st.sampled_from(sorted(self.records)))
        _, words, author = self.records[pk]
        there = Comment.objects.filter(pk=pk).first()
        covers, of = {
            "record": lambda: (Covers(subject_type="moderation.comment", subject_id=pk), pk),
            "query": lambda: (Covers(kind="query", words=words), words),
            "commenter": lambda: (
                Covers(kind="commenter", subject_id=there.commenter_id if there else 0),
                author,
            ),
        }[kind]()
        if there is None and kind != "query":
            return
        hold = holds.place_hold(
            actor=self.people["graham"],
            covers=covers,
            reference=str(len(self.holds) + self.number * 1000 + Hold.objects.count()),
            reason="Model",
            review_on=clock.today() + timedelta(days=9),
        )
        self.holds[hold.pk] = (kind, of)

    @precondition(lambda self: self.gone)
    @rule(data=st.data())
    def a_hold_on_what_is_gone_is_refused(self, data):
        pk = data.draw(st.sampled_from(sorted(self.gone)))
        with pytest.raises(NotFound):
            holds.place_hold(
                actor=self.people["graham"],
                subject_type="moderation.comment",
                subject_id=pk,
                reason="Model",
                review_on=clock.today() + timedelta(days=9),
            )

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def a_hold_is_lifted(self, data):
        pk = data.draw(st.sampled_from(sorted(self.holds)))
        asked = holds.ask_to_lift(actor=self.people["graham"], hold=Hold.objects.get(pk=pk), reason="Model")
        holds.lift_hold(actor=self.people["ines"], hold=asked)
        del self.holds[pk]

    @precondition(lambda self: self.records.keys() - self.gone - self.restricted.keys())
    @rule(data=st.data())
    def a_record_is_restricted(self, data):
        pk = data.draw(st.sampled_from(sorted(self.records.keys() - self.gone - self.restricted.keys())))
        made = restrictions.restrict(
            actor=self.people["graham"],
            subject_type="moderation.comment",
            subject_id=pk,
            ground="evidence",
            why="Model",
        )
        self.restricted[pk] = made.pk

    @precondition(lambda self: self.restricted)
    @rule(data=st.data())
    def a_restriction_is_lifted(self, data):
        pk = data.draw(st.sampled_from(sorted(self.restricted)))
        found = Restriction.objects.get(pk=self.restricted.pop(pk))
        restrictions.lift(actor=self.people["ines"], restriction=found, why="Told")

    @rule(years=st.integers(1, 7))
    def the_period_is_changed(self, years):
        row = routine()
        if years == self.years:
            return
        draft = schedule.edit_row(
            actor=self.people["graham"], row=row, number=years, unit="years", version=row.version, changes={}
        ).draft
        draft = schedule.put_forward(
            actor=self.people["graham"], draft=draft, effective_on=clock.today(), why="Model"
        )
        schedule.approve(actor=self.people["ines"], draft=draft)
        self.years = years

    @rule(breaks_off=st.booleans())
    def the_run_goes(self, breaks_off):
        if breaks_off:  # begun by a worker that died before its first batch
            disposals.begin(actor=tasks.RETENTION, proposal=going.proposal(routine(), clock.today()))
        going.run()
        going.run()
        self.gone |= {
            pk
            for pk, (age, _, _) in self.records.items()
            if age >= self.years and not self.held(pk) and pk not in self.restricted
        }

    @invariant()
    def what_must_be_there_is_there_and_no_other(self):
        present = set(Comment.objects.values_list("pk", flat=True))
        assert present == self.records.keys() - self.gone
        assert set(Tombstone.objects.values_list("subject_id", flat=True)) == self.gone
        assert sum(Disposal.objects.values_list("disposed_count", flat=True)) == len(self.gone)
        for pk in present:
            assert queries.is_held("moderation.comment", pk) == self.held(pk)


def routine():
    return ScheduleRow.objects.get(slug="routine_comment")


def test_retention_does_as_its_model(wealdshire, force_account, amira_hussain, graham_ellis, ines_moreau):
    Retention.people = {
        "account": force_account,
        "amira": amira_hussain,
        "graham": graham_ellis,
        "ines": ines_moreau,
    }
    run_state_machine_as_test(
        Retention,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=14,
            deadline=None,
            derandomize=not MORE,
            suppress_health_check=list(HealthCheck),
        ),
    )
