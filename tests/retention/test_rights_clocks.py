"""The clocks of requests under information law: leap days, month ends, summer time, bank holidays, pauses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from core import clock, working
from retention.statutory import FOI_DAYS, Clock, Law

DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))


@pytest.mark.parametrize(
    ("law", "of", "ends"),
    [
        # A leap day has no date in the next month but its own number; 31 January has none in February.
        (Law.SUBJECT_ACCESS, Clock(date(2028, 2, 29)), date(2028, 3, 29)),
        (Law.SUBJECT_ACCESS, Clock(date(2028, 1, 31)), date(2028, 2, 29)),
        (Law.SUBJECT_ACCESS, Clock(date(2027, 1, 31)), date(2027, 3, 1)),
        # Two months more, from the same day: three in all, not one and then two from the moved one.
        (Law.SUBJECT_ACCESS, Clock(date(2026, 11, 30), longer=True), date(2027, 3, 1)),
        # Proved nine days later: the month begins then. It stood still for ten days after.
        (Law.SUBJECT_ACCESS, Clock(date(2026, 6, 1), begins=date(2026, 6, 10)), date(2026, 7, 10)),
        (Law.SUBJECT_ACCESS, Clock(date(2026, 6, 1), stopped_days=10), date(2026, 7, 13)),
        # FOIA s.10(6): Good Friday and Easter Monday, and 17 March, a holiday in Northern Ireland alone, do not count.
        (Law.FOI, Clock(date(2026, 3, 16)), date(2026, 4, 16)),
        # Made clear later: received anew. Public interest: twenty days more. 15 June 2026 is a holiday in Scotland alone.
        (Law.FOI, Clock(date(2026, 6, 1), begins=date(2026, 6, 8)), date(2026, 7, 7)),
        (Law.FOI, Clock(date(2026, 6, 1), longer=True), date(2026, 7, 29)),
        # Summer time ends on 25 October 2026: days are counted, and none is an hour short.
        (Law.FOI, Clock(date(2026, 10, 23)), date(2026, 11, 20)),
    ],
)
def test_the_last_day_is_the_one_that_the_law_counts(law, of, ends):
    assert of.last_day(law) == ends


@given(received=DAYS)
def test_twenty_days_count_of_which_none_is_free_anywhere(received):
    last = Clock(received).last_day(Law.FOI)
    between = [received + timedelta(days=n) for n in range(1, (last - received).days + 1)]
    assert sum(working.counts_for_information(day) for day in between) == FOI_DAYS
    assert working.counts_for_information(last)


@given(received=DAYS, stopped=st.integers(0, 400), later=st.integers(0, 400), longer=st.booleans())
def test_a_month_ends_on_a_working_day_and_nothing_that_happens_shortens_it(received, stopped, later, longer):
    plain = Clock(received).last_day(Law.SUBJECT_ACCESS)
    moved = Clock(received, received + timedelta(days=later), stopped, longer).last_day(Law.SUBJECT_ACCESS)
    assert plain >= received + relativedelta(months=1)
    assert (plain - received).days <= 31 + 6
    assert working.is_working_day(moved)
    assert moved >= plain
    assert Clock(received, received - timedelta(days=later), stopped, longer).last_day(
        Law.SUBJECT_ACCESS
    ) == Clock(received, None, stopped, longer).last_day(Law.SUBJECT_ACCESS)
    # The hour is London's, in summer and in winter.
    ends = clock.in_london(working.end_of(moved))
    assert (ends.date(), ends.hour * 60 + ends.minute) == (moved, min(settings.WORKING_HOURS[1], 1439))
