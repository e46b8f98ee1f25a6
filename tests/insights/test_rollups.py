"""Figures are counted by the hour from facts, take in what changes late, and equal a rebuild to the last digit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from accounts.models import OfficialAccount
from core import clock
from core.errors import NotFound, NotValid
from escalation import tasks
from escalation.actions import cases, ladder
from escalation.models import Case
from insights import queries_figures as figures
from insights.actions import rollups
from insights.evidence import EVIDENCE, Facts, State
from insights.models import CommentHour, Placement, Touched
from insights.queries_figures import Period
from moderation.models import Comment, Decision, IngestGap, Label
from retention.models import ScheduleRow
from smmp.seed import reference
from smmp.seed.force import SEED
from tests import comments
from tests.retention import going

pytestmark = pytest.mark.usefixtures("demonstration")
AT = datetime(2026, 10, 14, 9, 20, tzinfo=UTC)
DAY = Period(date(2026, 10, 14), date(2026, 10, 14))


@pytest.fixture
def demonstration(settings):
    settings.DEMO = True


def refresh_and_check():
    """A refresh leaves nothing that a rebuild would count otherwise."""
    rollups.refresh()
    assert not Touched.objects.exists()
    found = rollups.check()
    assert found.differing == 0, found.examples


def come(account, n=1, *, at=AT, **given):
    return [
        comments.write(account, f"words {n} {at:%H%M}", at=at, by=f"person.{n}", **given) for n in range(n)
    ]


def test_an_hour_is_counted_and_takes_in_what_changes_late(force_account, saltmere_account, amira_hussain):
    rollups.refresh()
    [one, two, three] = come(
        force_account, 3, category="question", priority=4, answer_by=AT + timedelta(minutes=120)
    )
    [other] = come(saltmere_account, at=AT + timedelta(minutes=1), category="asb", priority=4)
    refresh_and_check()
    scope = figures.force()
    found = figures.figures(scope, DAY)
    assert (found.total.received, found.total.open, found.total.median) == (4, 4, "nothing yet")
    assert figures.backlog(scope, AT + timedelta(hours=2)).ages["1 to 4 hours"] == 4

    # Decided late, given another category, moved to another official account, hidden for a clause.
    comments.decide(one, amira_hussain, at=AT + timedelta(minutes=12))
    comments.decide(two, amira_hussain, at=AT + timedelta(hours=30))
    Comment.objects.filter(pk=three.pk).update(category="traffic")
    Label.objects.create(
        comment_id=two.pk, revision_number=1, category="praise", priority=5, was_category="question",
        was_priority=4, by=amira_hussain, at=AT,
    )  # fmt: skip
    Comment.objects.filter(pk=other.pk).update(official_account=force_account)
    refresh_and_check()
    found = figures.figures(scope, DAY)
    assert found.by_category["question"].received == 2
    assert found.by_category["question"].buckets[1] == 1
    assert (found.total.in_time, found.total.late, found.total.agreed) == (1, 1, 1)
    assert found.total.median == "at most 15 minutes"
    assert found.total.p90 == "at most 3 days"
    assert found.by_account == {force_account.pk: found.total}
    assert figures.events(scope, DAY, "relabelled") == {("relabelled", "question>praise"): 1}
    assert figures.events(scope, Period(date(2026, 10, 14), date(2026, 10, 15)), "decision") == {
        ("decision", "no_action"): 2
    }
    assert figures.by_hour(scope, DAY).arrivals == {(2, 10): 4}  # half past nine is half past ten in London

    again = list(CommentHour.objects.order_by("pk").values_list("pk", flat=True))
    rollups.refresh()
    assert list(CommentHour.objects.order_by("pk").values_list("pk", flat=True)) == again
    rollups.rebuild()
    assert figures.figures(scope, DAY) == found


@pytest.mark.parametrize("groups", [40, 2])
def test_what_changed_years_apart_is_counted_at_once(force_account, amira_hussain, monkeypatch, groups):
    monkeypatch.setattr(rollups, "MOST_GROUPS", groups)
    rollups.refresh()
    for years in (3, 2, 1, 0):
        long_ago = AT - timedelta(days=365 * years)
        [one] = come(force_account, at=long_ago)
        comments.decide(one, amira_hussain, at=long_ago + timedelta(minutes=3))
    refresh_and_check()
    year = Period(date(2025, 10, 15), date(2026, 10, 14))
    assert figures.events(figures.force(), year, "decision") == {("decision", "no_action"): 1}
    assert [one.hour.year for one in CommentHour.objects.order_by("hour")] == [2023, 2024, 2025, 2026]


def test_what_was_disposed_of_stays_counted(force_account, amira_hussain):
    rollups.refresh()
    long_ago = datetime(2023, 10, 14, 9, 20, tzinfo=UTC)
    then = Period(date(2023, 10, 14), date(2023, 10, 14))
    [gone, stays] = come(
        force_account, 2, at=long_ago, category="praise", priority=4, answer_by=long_ago + timedelta(hours=72)
    )
    comments.decide(gone, amira_hussain, at=long_ago + timedelta(minutes=40))
    rollups.refresh()

    def told():
        return figures.figures(figures.force(), then), figures.events(figures.force(), then)

    before = told()
    assert before[0].total.buckets[3] == 1
    reference.make()
    routine = ScheduleRow.objects.get(slug="routine_comment")
    assert going.dispose(routine, clock.today()).disposed_ids == [gone.pk]
    refresh_and_check()
    assert told() == before
    assert Decision.objects.count() == 0
    assert figures.backlog(figures.force()).total == 1
    comments.decide(stays, amira_hussain)
    rollups.rebuild()
    refresh_and_check()
    after = told()
    assert after[1] == before[1]
    assert (after[0].total.received, after[0].total.dealt, after[0].total.in_time) == (2, 2, 1)


def test_days_have_as_many_hours_as_the_clock_gives_them(force_account):
    rollups.refresh()
    # 25 October 2026: clocks go back; 00:30 UTC and 01:30 UTC are both half past one on London clocks.
    for hour in range(26):
        come(force_account, at=datetime(2026, 10, 24, 22, 30, tzinfo=UTC) + timedelta(hours=hour))
    # 28 March 2027: clocks go forward.
    for hour in range(24):
        come(force_account, at=datetime(2027, 3, 27, 23, 30, tzinfo=UTC) + timedelta(hours=hour))
    refresh_and_check()
    scope = figures.force()
    back = figures.figures(scope, Period(date(2026, 10, 24), date(2026, 10, 26)))
    assert {day: counts.received for day, counts in back.by_day.items()} == {
        date(2026, 10, 24): 1,
        date(2026, 10, 25): 25,
    }
    assert figures.by_hour(scope, Period(date(2026, 10, 25), date(2026, 10, 25))).arrivals[6, 1] == 2
    forward = figures.figures(scope, Period(date(2027, 3, 27), date(2027, 3, 28)))
    assert [counts.received for counts in forward.by_day.values()] == [1, 23]
    assert (6, 1) not in figures.by_hour(scope, Period(date(2027, 3, 28), date(2027, 3, 28))).arrivals


def test_an_account_that_moves_leaves_what_it_did_where_it_was(wealdshire, pc_nair, victoria_lang):
    account = wealdshire.accounts["harrowfield-police"]
    harrowfield, saltmere = account.neighbourhood, wealdshire.accounts["saltmere-police"].neighbourhood
    rollups.refresh()
    come(account, 2)
    rollups.refresh()
    assert figures.figures(figures.force(neighbourhood=harrowfield), DAY).total.received == 2
    OfficialAccount.objects.filter(pk=account.pk).update(neighbourhood=saltmere)
    Placement.objects.filter(official_account=account).update(since=date(2026, 1, 1))
    rollups.refresh()
    rollups.refresh()
    moved = Placement.objects.get(official_account=account, until=None)
    assert moved.neighbourhood == saltmere
    later = datetime(moved.since.year, moved.since.month, moved.since.day, 12, tzinfo=UTC)
    come(account, at=later)
    refresh_and_check()
    there = Period(moved.since, moved.since)
    assert figures.figures(figures.force(neighbourhood=harrowfield), DAY).total.received == 2
    assert figures.figures(figures.force(neighbourhood=harrowfield), there).total.received == 0
    assert figures.figures(figures.force(neighbourhood=saltmere), there).total.received == 1
    assert figures.figures(figures.force(neighbourhood=saltmere), DAY).total.received == 0
    with pytest.raises(NotFound):
        figures.scope(pc_nair, accounts=[wealdshire.accounts["wealdshire-police"].pk])


def test_a_gap_is_a_gap_until_it_is_filled_and_nothing_is_nothing(force_account):
    rollups.refresh()
    scope = figures.force(accounts=[force_account.pk])
    empty = figures.figures(scope, DAY)
    assert (empty.total.received, empty.total.median, empty.total.in_time_share) == (0, "nothing yet", None)
    assert figures.gaps(scope, DAY).days == frozenset()
    begins = datetime(2026, 10, 14, 3, 15, tzinfo=UTC)
    gap = IngestGap.objects.create(
        official_account=force_account, begins_at=begins, ends_at=begins + timedelta(hours=15), why="down"
    )
    refresh_and_check()
    found = figures.gaps(scope, DAY)
    assert (found.minutes, found.days, len(found.hours)) == (900, {date(2026, 10, 14)}, 15)
    IngestGap.objects.filter(pk=gap.pk).update(filled_at=begins + timedelta(hours=20))
    refresh_and_check()
    assert figures.gaps(scope, DAY).minutes == 0


def test_a_case_was_had_in_time_by_the_clock_of_its_first_call(
    force_account, amira_hussain, inspector_calder, superintendent_price
):
    """Also when that clock is gone, when whoever had it gave it up, and when it was taken by somebody called later."""
    days = Period(clock.today() - timedelta(days=1), clock.today() + timedelta(days=1))
    measures = ("case", "case_had", "case_in_time")

    def told():
        refresh_and_check()
        found = figures.events(figures.force(), days, *measures)
        return {measure: sum(n for (name, _), n in found.items() if name == measure) for measure in measures}

    for n in range(3):
        comments.escalate(comments.write(force_account, by=f"person.{n}"), amira_hussain)
    tasks.open_cases()
    prompt, late, passed_on = Case.objects.order_by("number")
    assert told() == {"case": 3, "case_had": 0, "case_in_time": 0}
    with time_machine.travel(prompt.acknowledge_by, tick=False):
        cases.acknowledge(actor=inspector_calder, case=prompt)
    cases.cannot_take(actor=inspector_calder, case=passed_on, why="At another scene")
    with time_machine.travel(passed_on.acknowledge_by, tick=False):
        cases.acknowledge(actor=superintendent_price, case=passed_on)
    with time_machine.travel(late.acknowledge_by + timedelta(seconds=1), tick=False):
        assert tasks.climb() == 1
        cases.acknowledge(actor=inspector_calder, case=late)
    assert told() == {"case": 3, "case_had": 3, "case_in_time": 2}
    assert EVIDENCE["escalation_times"](Facts()).state == State.PARTLY

    prompt.refresh_from_db()
    with time_machine.travel(prompt.act_by, tick=False):
        assert ladder.resume(actor=SEED, case=prompt)
    assert told() == {"case": 3, "case_had": 3, "case_in_time": 2}


def test_a_category_that_there_is_no_longer_is_told_by_its_name(force_account):
    rollups.refresh()
    come(force_account, 1, category="none")
    Comment.objects.update(category="lost_property")
    refresh_and_check()
    assert list(figures.figures(figures.force(), DAY).by_category) == ["lost_property"]
    assert figures.category_title("lost_property") == "Lost property (no longer used)"
    # Renamed by a migration: what came before moves with it, at the next refresh.
    Comment.objects.update(category="information_request")
    refresh_and_check()
    assert list(figures.figures(figures.force(), DAY).by_category) == ["information_request"]


def test_a_period_that_cannot_be_is_refused_with_what_to_do():
    with pytest.raises(NotValid, match="ends before it begins"):
        Period(date(2026, 2, 2), date(2026, 2, 1))
    with pytest.raises(NotValid, match="at most 366 days"):
        Period(date(2024, 1, 1), date(2026, 2, 1))
    assert Period(date(2026, 3, 1), date(2026, 3, 31)).before == Period(date(2026, 1, 29), date(2026, 2, 28))
    assert figures.told(3) == "fewer than 5"
    assert figures.change(3, 0) == "none before"
