"""What a report says: the same pictures as the dashboards, over a period, with what the numbers mean at the end.

A report is kept as plain data (`Written`), and shown, printed and read from that alone: what somebody read on a day
stays what they read, whatever is counted anew later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from accounts.models import Neighbourhood
from core import clock
from core.errors import NotFound, NotValid
from insights import charts, dashboards
from insights import queries_figures as figures
from insights.charts import Picture
from insights.models import Report
from insights.models_reports import Kind
from insights.pictures import desk, escalations, published, responses, rumours, standards, volume
from insights.pictures.reading import Reading
from insights.queries_figures import Period
from moderation import inquiries
from staff.roles import Power

Draw = Callable[[Reading], Picture]
MOST_ROWS = 60
"""Of one table so many rows are kept; it says how many there are more."""
HOUR = time(6)
"""London wall clock, whatever the season: 05:00 or 06:00 UTC."""
CAUGHT_UP = {Kind.DAILY: 7, Kind.WEEKLY: 4, Kind.MONTHLY: 3, Kind.YEARLY: 1}
"""After an outage so many of the newest that were missed are made late; older ones are made on demand."""


@dataclass(frozen=True)
class Form:
    """One kind of report: whom it is for, whose official accounts it counts, and its pictures."""

    kind: Kind
    says: str
    opens: tuple[str, ...]
    sees: str
    pictures: tuple[Draw, ...]
    public: bool = False


FORMS: dict[str, Form] = {
    one.kind: one
    for one in (
        Form(
            Kind.DAILY,
            "Yesterday, for command and communications. Every day at 06:00.",
            (Power.LOCK_DOWN, Power.ACKNOWLEDGE_CASES, Power.APPROVE_POSTS),
            Power.SEE_COMMENTS,
            (
                volume.high_risk,
                escalations.cases,
                escalations.acknowledged,
                responses.waiting,
                volume.in_and_out,
                responses.by_priority,
                volume.categories,
                desk.surges,
                rumours.going_round,
                escalations.deaf,
                desk.unwatched,
            ),
        ),
        Form(
            Kind.WEEKLY,
            "Monday to Sunday, of one neighbourhood. Every Monday at 06:00.",
            (Power.SEE_COMMENTS,),
            Power.SEE_COMMENTS,
            (
                volume.categories,
                volume.changes,
                rumours.going_round,
                volume.in_and_out,
                standards.done,
                responses.by_priority,
                published.posts,
                published.appeals,
            ),
        ),
        Form(
            Kind.MONTHLY,
            "The month before, for the board. On the first of a month at 06:00.",
            (Power.SEE_SCORECARD,),
            Power.SEE_REGISTER,
            (
                volume.in_and_out,
                volume.categories,
                volume.changes,
                volume.platforms,
                responses.by_priority,
                responses.spread,
                escalations.cases,
                escalations.acknowledged,
                escalations.deaf,
                standards.clauses,
                standards.second_looks,
                standards.act_reviews,
                standards.triage,
                published.posts,
                published.followers,
                published.appeals,
                published.accessibility,
                desk.surges,
                volume.accounts,
            ),
        ),
        Form(
            Kind.YEARLY,
            "A calendar year, for the public: small numbers are not told. On 1 January at 06:00, published by a person.",
            (Power.SEE_SCORECARD,),
            Power.SEE_REGISTER,
            (
                volume.categories,
                volume.platforms,
                responses.by_priority,
                standards.clauses,
                standards.second_looks,
                standards.act_reviews,
                standards.triage,
            ),
            public=True,
        ),
    )
}


@dataclass(frozen=True)
class Part:
    """One picture, or one list, as it was: title, sentence, table. `bars`: its second column is drawn as bars.

    in_order: its rows follow one another, as days and hours do.
    """

    title: str
    says: str
    columns: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    note: str = ""
    bars: bool = False
    in_order: bool = False

    def picture(self, number: int) -> Picture:
        """The same to be shown on a page."""
        draw = charts.bars if self.bars else charts.table
        return draw(f"part-{number}", self.title, self.says, self.columns, self.rows, note=self.note)


@dataclass(frozen=True)
class Written:
    """A whole report as plain data."""

    of: str
    """Whose figures: "all official accounts", a neighbourhood, a case."""
    period: str
    heads: list[list[str]]
    """(label, value, note)"""
    parts: list[Part]
    definitions: list[str]
    counted_at: str = ""

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_data(cls, data: dict[str, Any]) -> Written:
        return cls(**{**data, "parts": [Part(**part) for part in data["parts"]]})

    @property
    def pictures(self) -> list[Picture]:
        return [part.picture(number) for number, part in enumerate(self.parts, 1)]


def written_of(report: Report) -> Written:
    """What a report says."""
    return Written.of_data(report.content)


# Periods, and when each is due


def latest(kind: str, at: datetime) -> Period:
    """The newest period of a kind that was over, and its report due, at an instant."""
    local = clock.in_london(at)
    day = local.date() if local.time() >= HOUR else local.date() - timedelta(days=1)
    if kind == Kind.DAILY:
        return Period(day - timedelta(days=1), day - timedelta(days=1))
    if kind == Kind.WEEKLY:
        monday = day - timedelta(days=day.weekday())
        return Period(monday - timedelta(days=7), monday - timedelta(days=1))
    if kind == Kind.MONTHLY:
        return _ending(kind, day.replace(day=1) - timedelta(days=1))
    if kind == Kind.YEARLY:
        return _ending(kind, date(day.year - 1, 12, 31))
    raise NotFound("There is no schedule for such a report.")


def _ending(kind: str, last: date) -> Period:
    if kind == Kind.DAILY:
        return Period(last, last)
    if kind == Kind.WEEKLY:
        return Period(last - timedelta(days=6), last)
    if kind == Kind.MONTHLY:
        return Period(last.replace(day=1), last)
    return Period(date(last.year, 1, 1), last)


def due_at(period: Period) -> datetime:
    """When the report of a period is due: at 06:00 on London clocks on the day after it."""
    return datetime.combine(period.last + timedelta(days=1), HOUR, clock.LONDON)


def due(kind: str, at: datetime, *, since: datetime) -> list[Period]:
    """The periods whose report was due by now and after `since`, the oldest first, no more than CAUGHT_UP."""
    found: list[Period] = []
    period = latest(kind, at)
    while len(found) < CAUGHT_UP[Kind(kind)] and due_at(period) > since:
        found.append(period)
        period = _ending(kind, period.first - timedelta(days=1))
    return list(reversed(found))


def asked_period(kind: str, day: date) -> Period:
    """The period of a kind that a day is in, as far as it has come. Raises NotValid for a day to come."""
    if day > clock.today():
        raise NotValid("Choose a day that has come.", field="day")
    if day < figures.FIRST_DAY:
        raise NotValid(
            f"Nothing is counted before {figures.FIRST_DAY.year}. Choose a later day.", field="day"
        )
    if kind == Kind.DAILY:
        return Period(day, day)
    if kind == Kind.WEEKLY:
        monday = day - timedelta(days=day.weekday())
        return Period(monday, min(monday + timedelta(days=6), clock.today()))
    if kind == Kind.MONTHLY:
        return Period.month_of(day)
    return Period(date(day.year, 1, 1), min(date(day.year, 12, 31), clock.today()))


# Writing


def title_of(kind: str, period: Period, place: Neighbourhood | None = None) -> str:
    """What a report is called: "Daily brief, 28 November 2026"."""
    if kind == Kind.WEEKLY:
        return f"Week in {place.name if place else 'the force'}, {period}"
    if kind == Kind.MONTHLY:
        return f"Month for the board, {period.first:%B %Y}"
    if kind == Kind.YEARLY:
        return f"Moderation and transparency figures, {period.first.year}"
    return f"Daily brief, {period}"


def write(form: Form, period: Period, place: Neighbourhood | None = None) -> tuple[Written, list[int]]:
    """The report of a period, and of which official accounts it tells. Whoever calls it answers for who reads it."""
    scope = figures.force(neighbourhood=place)
    reading = Reading(None, scope, period, public=form.public)
    parts = [part_of(draw(reading)) for draw in form.pictures]
    if form.kind == Kind.YEARLY:
        parts += _hidden(period.first.year)
    counted = figures.as_of()
    return (
        Written(
            of=scope.name,
            period=str(period),
            heads=[[one.label, one.value, one.note] for one in dashboards.heads(reading)],
            parts=parts,
            definitions=list(figures.DEFINITIONS.values()),
            counted_at=counted.isoformat() if counted else "",
        ),
        scope.account_ids,
    )


def part_of(picture: Picture) -> Part:
    """A picture as it is kept."""
    rows = [[_kept(value) for value in row] for row in picture.rows[:MOST_ROWS]]
    left = len(picture.rows) - len(rows)
    note = f"{picture.note} {left:,} more rows are left out here.".strip() if left > 0 else picture.note
    numbers = [row[1] for row in rows if len(row) > 1]
    bars = bool(numbers) and all(type(value) is int for value in numbers)
    in_order = picture.kind == "drawn"
    return Part(picture.title, picture.says, list(picture.columns), rows, note, bars, in_order)


def _kept(value: object) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else charts.shown(value)


def _hidden(year: int) -> list[Part]:
    """The yearly figures of moderation, as they stand on their own page."""
    found = inquiries.figures(year)
    return [
        Part(
            "Hidden comments by clause and platform",
            "Each is a decision by a member of staff under a clause of the community guidelines."
            if found.hidden
            else "No comment was hidden.",
            ["Clause", "Platform", "Number"],
            [[line.what, line.channel, line.shown] for line in found.hidden],
        ),
        Part(
            "Second looks by outcome and platform",
            "Asked for by authors of hidden comments."
            if found.looked_at_again
            else "Nobody asked for a second look.",
            ["Outcome", "Platform", "Number"],
            [[line.what, line.channel, line.shown] for line in found.looked_at_again],
        ),
    ]


def in_brief(written: Written) -> str:
    """The heads in one line, for a message that leaves the platform: counts alone."""
    return "; ".join(f"{label}: {value}" for label, value, _ in written.heads)
