"""The schedule is changed by a draft: compared with the records as they are, approved by another, in force from a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from retention import queries, tasks
from retention.actions import schedule
from retention.models import ScheduleDraft, ScheduleRow
from tests import comments

OLD = datetime(2020, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def row(db):
    return ScheduleRow.objects.get(slug="routine_comment")


def edit(row, actor, number=1, unit="years", **changes):
    version = changes.pop("version", row.version)
    return schedule.edit_row(
        actor=actor, row=row, number=number, unit=unit, version=version, changes=changes
    ).draft


def put(draft, actor, days=0):
    return schedule.put_forward(
        actor=actor,
        draft=draft,
        effective_on=clock.today() + timedelta(days=days),
        why="National schedule v5",
    )


def test_a_change_counts_once_another_person_has_approved_it(row, graham_ellis, ines_moreau):
    draft = put(edit(row, graham_ellis, 3), graham_ellis)
    row.refresh_from_db()
    assert row.period == "2 years"
    with pytest.raises(NotPermitted, match="somebody else who may change the schedule has to approve"):
        schedule.approve(actor=graham_ellis, draft=draft)
    schedule.approve(actor=ines_moreau, draft=draft)
    row.refresh_from_db()
    assert (row.period, row.version, row.confirmed_by) == ("3 years", 2, ines_moreau)
    kept = row.changes.get()
    assert (kept.was, kept.became, kept.changed_by) == (
        "2 years, then dispose",
        "3 years, then dispose",
        graham_ellis,
    )
    assert Entry.objects.get(event="schedule.row_changed").details["draft"] == draft.pk
    assert row.slug in [found.slug for found in queries.disposable_rows()]


def test_a_change_comes_into_force_on_its_day_and_not_before(row, graham_ellis, ines_moreau):
    draft = schedule.approve(actor=ines_moreau, draft=put(edit(row, graham_ellis, 3), graham_ellis, days=3))
    tasks.run_daily()
    row.refresh_from_db()
    assert (row.period, draft.state) == ("2 years", "approved")
    with time_machine.travel(clock.now() + timedelta(days=3), tick=False):
        tasks.run_daily()
        tasks.run_daily()
    row.refresh_from_db()
    draft.refresh_from_db()
    assert (row.period, row.version, draft.state) == ("3 years", 2, "in_force")
    assert Entry.objects.filter(event="schedule.row_changed").count() == 1


def test_the_comparison_is_counted_from_the_records(row, force_account, amira_hussain, graham_ellis):
    for number, years in enumerate((1, 1, 3)):
        at = clock.now() - timedelta(days=365 * years + 100)
        comments.decide(comments.write(force_account, str(number), at=at), amira_hussain, at=at)
    comments.write(force_account, "open", at=OLD)
    draft = edit(row, graham_ellis, 1)
    (one,) = queries.compared(graham_ellis, draft)
    assert (one.effect.stored, one.effect.earlier, one.effect.at_once, one.effect.later) == (3, 3, 2, 0)
    assert one.differences == [("Kept for", "2 years", "1 year")]
    edit(row, graham_ellis, 9)
    (one,) = queries.compared(graham_ellis, draft)
    assert (one.effect.earlier, one.effect.later, one.effect.spared) == (0, 3, 1)


def test_what_was_counted_when_it_was_put_forward_stays_with_it(
    row, force_account, amira_hussain, graham_ellis
):
    draft = put(edit(row, graham_ellis, 1), graham_ellis)
    comments.decide(comments.write(force_account, at=OLD), amira_hussain, at=OLD)
    assert queries.compared(graham_ellis, draft)[0].effect.stored == 0


@pytest.mark.parametrize(
    "given",
    [
        {"number": 0},
        {"number": 101},
        {"unit": "weeks"},
        {"unit": "hours"},
        {"number": 2},
        {"mopi_group": 1},
        {"source": " "},
        {"outcome": "burn"},
    ],
)
def test_a_change_that_makes_no_sense_is_refused(row, graham_ellis, given):
    with pytest.raises(NotValid):
        edit(row, graham_ellis, **{"number": 3 if given.keys() - {"number"} else 2, **given})
    assert not ScheduleDraft.objects.filter(rows__isnull=False).exists()


def test_the_database_lets_no_grave_class_go_by_itself(row):
    with pytest.raises(IntegrityError), transaction.atomic():
        ScheduleRow.objects.filter(pk=row.pk).update(mopi_group=2, version=2, confirmed_at=None)


def test_one_person_drafts_at_a_time_and_alone(row, graham_ellis, ines_moreau, nadia_rahman):
    with pytest.raises(NotPermitted):
        edit(row, nadia_rahman, 3)
    draft = edit(row, graham_ellis, 3)
    with pytest.raises(TransitionNotAllowed, match="Graham Ellis is drafting"):
        edit(row, ines_moreau, 4)
    with pytest.raises(NotPermitted, match="Whoever drafts"):
        put(draft, ines_moreau)
    schedule.leave_out(actor=graham_ellis, draft=draft, row=row)
    with pytest.raises(NotValid, match="changes nothing yet"):
        put(draft, graham_ellis)
    schedule.withdraw(actor=graham_ellis, draft=draft, why="Not now")
    assert edit(row, ines_moreau, 4).made_by == ines_moreau
    with pytest.raises(TransitionNotAllowed):
        schedule.withdraw(actor=graham_ellis, draft=draft, why="Again")


def test_two_drafts_over_one_row_do_not_undo_each_other(row, graham_ellis, ines_moreau):
    first = put(edit(row, graham_ellis, 3), graham_ellis)
    second = put(edit(row, graham_ellis, 4), graham_ellis)
    schedule.approve(actor=ines_moreau, draft=first)
    with pytest.raises(ChangedSinceSeen, match="3 years now"):
        schedule.approve(actor=ines_moreau, draft=second)
    with pytest.raises(ChangedSinceSeen):
        edit(row, graham_ellis, 5, version=1)


def test_a_proposal_is_overtaken_where_its_rule_changes(
    row, force_account, amira_hussain, graham_ellis, ines_moreau
):
    comment = comments.decide(comments.write(force_account, at=OLD), amira_hussain, at=OLD)
    tasks.run_daily()
    schedule.approve(actor=ines_moreau, draft=put(edit(row, graham_ellis, 50), graham_ellis))
    with time_machine.travel(clock.now() + timedelta(days=3), tick=False):
        tasks.run_daily()
        tasks.run_daily()
    comment.refresh_from_db()
    assert [one.state for one in row.proposals.all()] == ["overtaken"]


def test_only_a_records_manager_confirms_a_row_as_it_came(row, nadia_rahman, ben_osei, graham_ellis):
    for person in (nadia_rahman, ben_osei):
        with pytest.raises(NotPermitted):
            schedule.confirm(actor=person, row=row, version=1)
    schedule.confirm(actor=graham_ellis, row=row, version=1)
    with pytest.raises(TransitionNotAllowed):
        schedule.confirm(actor=graham_ellis, row=row, version=1)
    with pytest.raises(ChangedSinceSeen):
        schedule.confirm(actor=graham_ellis, row=row, version=7)
