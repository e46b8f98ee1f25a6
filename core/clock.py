"""The one clock. Instants are aware and in UTC; policy dates are London calendar dates.

Tests freeze time with time-machine; nothing else in the project asks the operating system.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
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
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
