"""Working time: what the clocks of service levels count. Risk has no working hours.

Bank holidays come from the `holidays` library (England and Wales, Scotland, Northern Ireland), whose rules
follow the Banking and Financial Dealings Act 1971 and the proclamations of each year; gov.uk/bank-holidays
publishes the same days. All arithmetic is done on London wall clocks, so a day is as long where they change.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache

import holidays
from django.conf import settings

from core import clock

_SUBDIVISION = {"england_wales": "ENG", "scotland": "SCT", "northern_ireland": "NIR"}
LONGEST_DAYS = 400
"""A deadline further off than so many days is no service level but a mistake."""


@cache
def _bank_holidays(nation: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv=_SUBDIVISION[nation], years=year))


def is_working_day(day: date) -> bool:
    """Monday to Friday, and no bank holiday where the force is."""
    return day.weekday() < 5 and day not in _bank_holidays(settings.NATION, day.year)


def counts_for_information(day: date) -> bool:
    """Whether the day is a working day of a request for information, wherever in the force's nation it was made.

    Source: FOIA 2000 s.10(6): no Saturday, Sunday, Christmas Day, Good Friday, nor a bank holiday in any part of the
    United Kingdom. In Scotland FOI (Scotland) Act 2002 s.73: bank holidays in Scotland alone.
    """
    if settings.NATION == "scotland":
        return is_working_day(day)
    return day.weekday() < 5 and not any(day in _bank_holidays(nation, day.year) for nation in _SUBDIVISION)


def end_of(day: date) -> datetime:
    """When the working hours of that London day end; a minute before midnight where they never do."""
    ends = min(settings.WORKING_HOURS[1], 24 * 60 - 1)
    return _at(day, ends)


def _stretches(since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The working stretches from `since` on, in UTC."""
    begins_min, ends_min = settings.WORKING_HOURS
    day = clock.in_london(since).date()
    for offset in range(LONGEST_DAYS):
        on = day + timedelta(days=offset)
        if not is_working_day(on):
            continue
        begins, ends = _at(on, begins_min), _at(on, ends_min)
        if ends > since:
            yield max(begins, since), ends


def _at(day: date, minutes: int) -> datetime:
    """That minute of that London day. 24:00 is midnight at its end."""
    on, minutes = (day + timedelta(days=1), 0) if minutes == 24 * 60 else (day, minutes)
    wall = datetime.combine(on, time(minutes // 60, minutes % 60), tzinfo=clock.LONDON)
    return wall.astimezone(tz=clock.now().tzinfo)


def after(since: datetime, minutes: int) -> datetime:
    """The instant at which so many working minutes have gone by. Raises ValueError beyond LONGEST_DAYS."""
    left = timedelta(minutes=minutes)
    for begins, ends in _stretches(since):
        if ends - begins >= left:
            return begins + left
        left -= ends - begins
    raise ValueError(f"{minutes} working minutes lie beyond {LONGEST_DAYS} days.")


def between(since: datetime, until: datetime) -> timedelta:
    """How much working time lies between two instants; none where `until` is not later."""
    total = timedelta()
    for begins, ends in _stretches(since):
        if begins >= until:
            break
        total += min(ends, until) - begins
    return total
