"""Clocks that the law sets for requests under information law.

Those of a referral begin with the platform's own time of the first message, those of a request that was taken in
with its day of receipt (`Clock`).

Freedom of information: FOIA 2000 s.10(1), not later than the twentieth working day following the date of receipt, which may
be any day of the week; in Scotland FOISA 2002 s.10(1). Subject access: UK GDPR art. 12(3) and DPA 2018 s.54, one month;
counted as the ICO's guidance on the right of access counts it (ico.org.uk, read 29 November 2026): from the day of receipt to
the same date of the next month, its last day where there is no such date, the next working day where that is none.
Each ends with the working hours of its last day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models

from core import clock, working

VERSION = 1
"""Of the rules here: stored beside each deadline that they gave."""
FOI_DAYS = 20
FOI_DAYS_MORE = 20
MONTHS_MORE = 2


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


def has_longer_time(law: str) -> bool:
    """Whether the law gives more time for a reason: for FOI everywhere but in Scotland."""
    return law != Law.FOI or settings.NATION != "scotland"


def source(law: str) -> str:
    """Where the clock stands in the law, as the page shows it."""
    scotland = settings.NATION == "scotland"
    foi = "FOI (Scotland) Act 2002 s.10" if scotland else "Freedom of Information Act 2000 s.10"
    access = "UK GDPR art. 12(3), DPA 2018 s.54"
    if law == Law.EITHER:
        return f"{foi}; {access}"
    return foi if law == Law.FOI else access


@dataclass(frozen=True)
class Clock:
    """The clock of one request, by what has happened to it.

    Freedom of information: where the force needs it clearer, the day on which it was made clear is the day of receipt
    (FOIA s.10(6), s.1(3); FOISA s.10(1)(b)); public interest may take a reasonable time more (FOIA s.10(3)), for which the
    ICO's guidance allows twenty working days; FOISA has no such time. Data protection: the month begins at the latest of
    receipt and of what proves who asks, days on which an access request waits to be made clear do not count, and a complex
    one takes two months more (UK GDPR art. 12 and 12A, DPA 2018 s.54, both as the Data (Use and Access) Act 2025 s.76 has
    them since 5 February 2026: the words of that section were not read here, confirm them with the force).
    """

    received: date
    begins: date | None = None
    """Later than receipt, where the law says so."""
    stopped_days: int = 0
    """Days on which it stood still."""
    longer: bool = False

    def last_day(self, law: str) -> date:
        """The last day for the answer, under FOI or SUBJECT_ACCESS, whose month every data protection right has."""
        begins = max(self.received, self.begins or self.received)
        if law == Law.FOI:
            return _working_days_later(begins, FOI_DAYS + (FOI_DAYS_MORE if self.longer else 0))
        months = 1 + (MONTHS_MORE if self.longer else 0)
        return _next_working_day(clock.add_months(begins, months) + timedelta(days=self.stopped_days))


def _twentieth_day(received: date) -> date:
    return _working_days_later(received, FOI_DAYS)


def _working_days_later(day: date, left: int) -> date:
    while left:
        day += timedelta(days=1)
        left -= working.counts_for_information(day)
    return day


def _month_later(received: date) -> date:
    return _next_working_day(clock.add_months(received, 1))


def _next_working_day(day: date) -> date:
    while not working.is_working_day(day):
        day += timedelta(days=1)
    return day
