"""From what somebody types as a London time to an instant, and nothing in between left to guess."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core import clock
from core.errors import NotValid

FURTHEST = timedelta(days=366)


def from_wall_clock(typed: str, *, field: str = "publish_at") -> datetime | None:
    """The instant that a London wall clock shows as `typed` ("2026-03-28T18:00"); None for nothing typed.

    Raises NotValid, with a sentence, for what is no time, for the hour that spring leaves out, for
    the hour that autumn shows twice, for the past and for more than a year ahead.
    """
    typed = typed.strip()
    if not typed:
        return None
    try:
        wall = datetime.fromisoformat(typed)
    except ValueError:
        raise NotValid("This is not a date and time. Write it like 2026-03-28T18:00.", field=field) from None
    if wall.tzinfo is not None or wall.year < 2000 or wall.year > 9000:
        raise NotValid("Give a London time like 2026-03-28T18:00, without a zone.", field=field)
    wall = wall.replace(second=0, microsecond=0)
    first = wall.replace(tzinfo=clock.LONDON, fold=0)
    second = wall.replace(tzinfo=clock.LONDON, fold=1)
    instant = first.astimezone(UTC)
    day = f"{wall.day} {wall:%B %Y}"
    if instant.astimezone(clock.LONDON).replace(tzinfo=None) != wall:
        raise NotValid(
            f"{wall:%H:%M} does not exist on {day}: clocks go forward from 01:00 to 02:00 that night. "
            "Choose a time before 01:00 or from 02:00.",
            field=field,
        )
    if first.utcoffset() != second.utcoffset():
        raise NotValid(
            f"{wall:%H:%M} comes twice on {day}: clocks go back from 02:00 to 01:00 that night. "
            "Choose a time before 01:00 or from 02:00.",
            field=field,
        )
    now = clock.now()
    if instant <= now:
        raise NotValid(
            f"{wall:%H:%M} on {day} has passed. Choose a later time, or leave it empty to go out on approval.",
            field=field,
        )
    if instant > now + FURTHEST:
        raise NotValid("That is more than a year ahead. Choose a nearer time.", field=field)
    return instant


def to_wall_clock(instant: datetime | None) -> str:
    """An instant as a datetime-local control takes it, on London wall clocks."""
    return clock.in_london(instant).strftime("%Y-%m-%dT%H:%M") if instant else ""


def in_words(instant: datetime) -> str:
    """An instant on London wall clocks: "Tuesday 3 March at 18:00", with the year where it is another one.

    Where clocks change between now and then, which time it is: "Sunday 29 March at 18:00 (summer time)".
    """
    london, now = clock.in_london(instant), clock.in_london(clock.now())
    year = f" {london.year}" if london.year != now.year else ""
    words = f"{london:%A} {london.day} {london:%B}{year} at {london:%H:%M}"
    if london.utcoffset() != now.utcoffset():
        words += " (summer time)" if london.dst() else " (winter time)"
    return words


def day_before(wall: datetime) -> datetime:
    """The same time on London clocks a day earlier; `wall` is aware, in London."""
    return wall - timedelta(days=1)
