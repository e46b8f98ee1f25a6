"""How often something was seen over time, as bars that a page draws: by the hour for two days, else by London days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import clock

HOURLY_FOR = timedelta(hours=48)
MOST_DAYS = 60
WIDTH, HEIGHT = 600, 120


@dataclass(frozen=True)
class Bar:
    """One hour or day: how many, and where its bar stands in the picture. `deaf`: we read nothing then."""

    label: str
    count: int
    x: float
    y: float
    width: float
    height: float
    deaf: bool = False


@dataclass(frozen=True)
class Spread:
    """The bars, the unit in words, and a sentence that says what they show. `answered_x`: where our answer went out."""

    bars: Sequence[Bar]
    unit: str
    says: str
    most: int
    width: int = WIDTH
    height: int = HEIGHT
    answered_x: float | None = None


def spread(
    seen: Sequence[datetime],
    *,
    now: datetime,
    answered_at: datetime | None = None,
    gaps: Sequence[tuple[datetime, datetime]] = (),
) -> Spread | None:
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
    most = max([counts[at] for at in starts] + [1])
    wide = WIDTH / len(starts)
    bars = []
    for number, at in enumerate(starts):
        ends = starts[number + 1] if number + 1 < len(starts) else now
        tall = round(counts[at] * (HEIGHT - 4) / most, 1)
        bars.append(
            Bar(
                label=f"{clock.in_london(at):%-d %b %H:00}" if hourly else f"{clock.in_london(at):%-d %B %Y}",
                count=counts[at],
                x=round(number * wide, 1),
                y=round(HEIGHT - tall, 1),
                width=round(max(wide - 1, 0.6), 1),
                height=tall,
                deaf=any(begins < ends and until > at for begins, until in gaps),
            )
        )
    return Spread(
        bars,
        "hour" if hourly else "day",
        _says(starts, counts, len(seen), early, hourly),
        most,
        answered_x=_place(answered_at, starts, now, wide),
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


def _place(at: datetime | None, starts: Sequence[datetime], now: datetime, wide: float) -> float | None:
    if at is None or at < starts[0] or at > now:
        return None
    number = max(i for i, start in enumerate(starts) if start <= at)
    ends = starts[number + 1] if number + 1 < len(starts) else max(now, starts[number] + timedelta(seconds=1))
    return round((number + (at - starts[number]) / (ends - starts[number])) * wide, 1)


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
