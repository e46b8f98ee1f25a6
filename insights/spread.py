"""How often something was seen over time, as columns: by the hour for two days, else by London days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from core import clock
from insights import charts
from insights.charts import Picture

HOURLY_FOR = timedelta(hours=48)
MOST_DAYS = 60


def spread(
    seen: Sequence[datetime],
    *,
    now: datetime,
    answered_at: datetime | None = None,
    gaps: Sequence[tuple[datetime, datetime]] = (),
) -> Picture | None:
    """The appearances from the first to now; None where there is none.

    gaps: stretches in which an official account was deaf: hours that they cover are marked, because 0 there is not nothing.
    """
    if not seen:
        return None
    first = min(seen)
    hourly = now - first <= HOURLY_FOR
    starts = _starts(first, now, hourly)
    counts = Counter(_start(at, hourly) for at in seen)
    early = sum(count for at, count in counts.items() if at < starts[0])
    deaf = {
        number
        for number, (at, end) in enumerate(zip(starts, [*starts[1:], now], strict=True))
        if any(begins < end and until > at for begins, until in gaps)
    }
    named = [
        f"{clock.in_london(at):%-d %b %H:00}" if hourly else f"{clock.in_london(at):%-d %B %Y}"
        for at in starts
    ]
    return charts.columns(
        "spread",
        "Appearances over time",
        _says(starts, counts, len(seen), early, hourly),
        ("Hour" if hourly else "Day", "Appearances", "Read"),
        [
            (
                name,
                "gap" if number in deaf and not counts[at] else counts[at],
                "not everything" if number in deaf else "",
            )
            for number, (name, at) in enumerate(zip(named, starts, strict=True))
        ],
        axis=[named[place] for place in sorted({0, len(named) - 1})],
        gaps=deaf,
        at=_place(answered_at, starts, now),
        at_means="our answer went out",
    )


def _starts(first: datetime, now: datetime, hourly: bool) -> list[datetime]:
    begins = _start(first, hourly)
    if not hourly:
        begins = max(begins, _start(now - timedelta(days=MOST_DAYS), hourly))
    starts = [begins]
    while (after := _next(starts[-1], hourly)) <= now:
        starts.append(after)
    return starts


def _start(at: datetime, hourly: bool) -> datetime:
    local = clock.in_london(at)
    if hourly:
        # In UTC, so that the hour that comes twice in October is two hours.
        return at.replace(minute=0, second=0, microsecond=0)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def _next(at: datetime, hourly: bool) -> datetime:
    if hourly:
        return at + timedelta(hours=1)
    return _start(at + timedelta(hours=36), hourly)


def _place(at: datetime | None, starts: Sequence[datetime], now: datetime) -> float | None:
    """Where an instant stands among the columns, in columns from the left end."""
    if at is None or at < starts[0] or at > now:
        return None
    number = max(i for i, start in enumerate(starts) if start <= at)
    ends = starts[number + 1] if number + 1 < len(starts) else max(now, starts[number] + timedelta(seconds=1))
    return number + (at - starts[number]) / (ends - starts[number])


def _says(starts: Sequence[datetime], counts: Counter[datetime], seen: int, early: int, hourly: bool) -> str:
    unit = "hour" if hourly else "day"
    last = counts[starts[-1]]
    peak = max(starts, key=lambda at: (counts[at], at))
    when = clock.in_london(peak)
    said = (
        f"{seen} {'appearance' if seen == 1 else 'appearances'} so far, most ({counts[peak]}) "
        + (f"from {when:%H:%M on %-d %B}" if hourly else f"on {when:%-d %B %Y}")
        + f"; {last} in the present {unit}."
    )
    return said + (f" {early} were before the days shown." if early else "")
