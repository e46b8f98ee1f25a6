"""Workflow tables say what can happen; the clock knows London."""

from __future__ import annotations

from datetime import UTC, date, datetime

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
    ("instant", "day"),
    [
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), date(2026, 12, 31)),
    ],
)
def test_today_is_londons(instant, day):
    with time_machine.travel(instant, tick=False):
        assert clock.today() == day
