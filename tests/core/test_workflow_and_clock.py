"""Workflow tables say what can happen; the clock knows London."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from core import clock
from core.errors import TransitionNotAllowed
from core.workflow import Workflow
from publishing.workflow import DELIVERY, POST

LAMP = Workflow("lamp", {("off", "switch_on"): "on", ("on", "switch_off"): "off"})


def test_a_workflow_walks_its_table_pair_by_pair():
    for state in LAMP.states:
        for event in LAMP.events:
            if (state, event) in LAMP.table:
                assert LAMP.allows(state, event)
                assert LAMP.next(state, event) == LAMP.table[state, event]
            else:
                assert not LAMP.allows(state, event)
                with pytest.raises(TransitionNotAllowed):
                    LAMP.next(state, event)


@pytest.mark.parametrize(
    ("event", "word"),
    [
        ("withdraw", "withdrawn"),
        ("approve", "approved"),
        ("send", "sent"),
        ("deny", "denied"),
        ("hide", "hidden"),
    ],
)
def test_a_refusal_reads_as_english(event, word):
    with pytest.raises(TransitionNotAllowed, match=f"cannot be {word} now"):
        Workflow("post", {}).next("draft", event)


@pytest.mark.parametrize("workflow", [DELIVERY, POST])
def test_every_state_of_a_table_can_be_reached(workflow):
    ends = set(workflow.table.values())
    starts = {state for state, _ in workflow.table}
    # "claimed" is how a delivery of an earlier release may stand, from before claim and intent were one commit.
    assert starts - ends <= {"scheduled", "draft", "claimed"}


@pytest.mark.parametrize(
    ("day", "years", "due"),
    [
        (date(2024, 2, 29), 2, date(2026, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2026, 12, 31), 7, date(2033, 12, 31)),
    ],
)
def test_years_count_calendar_days(day, years, due):
    assert clock.add_years(day, years) == due


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 1), -1, date(2025, 12, 1)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
        (date(2026, 5, 15), 0, date(2026, 5, 15)),
    ],
)
def test_months_count_calendar_days(day, months, then):
    assert clock.add_months(day, months) == then


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)]
)
def test_a_london_day_is_as_long_as_it_is(day, hours):
    begins, ends = (clock.midnight(one).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    assert ends - begins == timedelta(hours=hours)
    assert clock.in_london(begins).date() == day
    assert clock.in_london(begins).hour == 0


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), date(2026, 12, 31)),
    ],
)
def test_today_is_londons(instant, day):
    with time_machine.travel(instant, tick=False):
        assert clock.today() == day
