"""Clocks that the law sets for requests of information. They begin with the platform's own time of the first message.

Freedom of information: FOIA 2000 s.10(1), not later than the twentieth working day following the date of receipt, which may
be any day of the week; in Scotland FOISA 2002 s.10(1). Subject access: UK GDPR art. 12(3) and DPA 2018 s.54, one month;
counted as the ICO's guidance on the right of access counts it (ico.org.uk, read 29 November 2026): from the day of receipt to
the same date of the next month, its last day where there is no such date, the next working day where that is none.
Each ends with the working hours of its last day.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import models

from core import clock, working

FOI_DAYS = 20


class Law(models.TextChoices):
    """Which clock of the law runs."""

    FOI = "foi", "Freedom of information: the twentieth working day after the first message"
    SUBJECT_ACCESS = "subject_access", "Subject access: one month from the first message"
    EITHER = "either", "A request of either kind: whichever of the two ends first"


def due_at(law: str, told_at: datetime) -> datetime:
    """By when a request is answered that was made at this instant."""
    return working.end_of(last_day(law, clock.in_london(told_at).date()))


def last_day(law: str, received: date) -> date:
    """The last day for the answer to a request that was received on this London day."""
    if law == Law.FOI:
        return _twentieth_day(received)
    if law == Law.SUBJECT_ACCESS:
        return _month_later(received)
    return min(_twentieth_day(received), _month_later(received))


def source(law: str) -> str:
    """Where the clock stands in the law, as the page shows it."""
    scotland = settings.NATION == "scotland"
    foi = "FOI (Scotland) Act 2002 s.10" if scotland else "Freedom of Information Act 2000 s.10"
    access = "UK GDPR art. 12(3), DPA 2018 s.54"
    if law == Law.EITHER:
        return f"{foi}; {access}"
    return foi if law == Law.FOI else access


def _twentieth_day(received: date) -> date:
    day, left = received, FOI_DAYS
    while left:
        day += timedelta(days=1)
        left -= working.counts_for_information(day)
    return day


def _month_later(received: date) -> date:
    day = received + relativedelta(months=1)
    while not working.is_working_day(day):
        day += timedelta(days=1)
    return day
