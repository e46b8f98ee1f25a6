"""The one clock. Instants are aware and in UTC; policy dates are London calendar dates.

Tests freeze time with time-machine; nothing else in the project asks the operating system.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The calendar date in London at this instant."""
    return now().astimezone(LONDON).date()


def in_london(instant: datetime) -> datetime:
    """The same instant on London wall clocks (BST from March to October)."""
    return instant.astimezone(LONDON)


def add_years(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 28 February where there is none.

    Retention counts calendar years, so that a record of 29 February 2024 kept for two years
    falls due on 28 February 2026.
    """
    return add_months(day, 12 * years)


def add_months(day: date, months: int) -> date:
    """The same day so many months later (earlier where negative), or the last of that month where there is none."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def midnight(day: date) -> datetime:
    """The instant at which a London day begins, on London wall clocks. A day lasts 23, 24 or 25 hours until the next."""
    return datetime.combine(day, time(), tzinfo=LONDON)
