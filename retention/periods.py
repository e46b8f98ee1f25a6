"""Counting retention periods: London calendar days, the last day kept whole; hours by the instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from core import clock
from core.clock import add_years
from retention.models.schedule import Rule


def due_on(row: Rule, trigger: date) -> date:
    """The last day on which a record is kept; the first run after it disposes of it.

    Years are calendar years: 29 February 2024 kept for two years is due on 28 February 2026. Hours count as none:
    what is kept for hours is due within the day or the next.
    """
    if row.keep_for_years is not None:
        return add_years(trigger, row.keep_for_years)
    return trigger + timedelta(days=row.keep_for_days or 0)


def first_kept_day(row: Rule, on: date) -> date:
    """The earliest trigger date that a run on this day still keeps."""
    if row.keep_for_years is None:
        return on - timedelta(days=row.keep_for_days or 0)
    try:
        return on.replace(year=on.year - row.keep_for_years)
    except ValueError:
        return date(on.year - row.keep_for_years, 3, 1)


def kept_from(row: Rule, on: date) -> datetime:
    """The instant from which on a run on this day keeps records.

    London midnight of the first kept day, in UTC; of a period in hours, so long before the end of the day, or
    before now where it has not ended.
    """
    if row.keep_for_hours is not None:
        end = clock.midnight(on + timedelta(days=1)).astimezone(UTC)
        return min(end, clock.now()) - timedelta(hours=row.keep_for_hours)
    return clock.midnight(first_kept_day(row, on)).astimezone(UTC)
