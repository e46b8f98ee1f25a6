"""London wall clocks: every odd hour has a sentence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from core.errors import NotValid
from publishing.times import from_wall_clock, to_wall_clock


@pytest.mark.parametrize(
    ("now", "typed", "instant"),
    [
        ("2026-03-02T09:00Z", "2026-03-02T18:00", datetime(2026, 3, 2, 18, tzinfo=UTC)),
        ("2026-03-02T09:00Z", "2026-07-01T18:00", datetime(2026, 7, 1, 17, tzinfo=UTC)),
        ("2026-03-02T09:00Z", "2026-03-29T00:59", datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        ("2026-03-02T09:00Z", "2026-03-29T02:00", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("2026-03-02T09:00Z", "2026-10-25T00:59", datetime(2026, 10, 24, 23, 59, tzinfo=UTC)),
        ("2026-03-02T09:00Z", "2026-10-25T02:00", datetime(2026, 10, 25, 2, tzinfo=UTC)),
        ("2027-12-02T09:00Z", "2028-02-29T12:00", datetime(2028, 2, 29, 12, tzinfo=UTC)),
    ],
)
def test_what_is_typed_is_london_time(now, typed, instant):
    with time_machine.travel(now, tick=False):
        assert from_wall_clock(typed) == instant
        assert to_wall_clock(instant) == typed


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("2026-03-29T01:30", "01:30 does not exist on 29 March 2026: clocks go forward"),
        ("2026-10-25T01:30", "01:30 comes twice on 25 October 2026: clocks go back"),
        ("2026-03-02T09:00", "09:00 on 2 March 2026 has passed"),
        ("2026-02-29T12:00", "not a date and time"),
        ("tomorrow", "not a date and time"),
        ("2026-03-02T18:00+02:00", "without a zone"),
        ("0001-01-01T00:00", "without a zone"),
        ("9999-12-31T23:59", "without a zone"),
        ("2028-03-02T18:00", "more than a year ahead"),
    ],
)
def test_a_time_that_cannot_be_has_a_sentence(typed, sentence):
    with time_machine.travel("2026-03-02T09:00Z", tick=False), pytest.raises(NotValid, match=sentence):
        from_wall_clock(typed)


def test_no_time_means_on_approval():
    assert from_wall_clock("  ") is None
    assert to_wall_clock(None) == ""
