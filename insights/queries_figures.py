"""Reading the figures: for a period of London days, official accounts that the viewer may see, or a neighbourhood.

What is read stands in the roll-ups (insights.models_rollups), whatever the number of comments. `scope` says of which
official accounts, and everything else takes one. The definitions of all numbers: DEFINITIONS.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q

from accounts.models import Neighbourhood, OfficialAccount
from accounts.queries import account_ids
from core import clock
from core.errors import NotFound, NotValid
from insights.models import Placement, RollupState
from insights.rollups import BOUNDS, BUCKETS, COUNTS
from moderation.categories import Category, Priority
from moderation.models import IngestGap
from staff.models import StaffMember
from staff.roles import Power

LONGEST_DAYS = 366
"""A period is at most so many days long."""
FIRST_DAY = date(2000, 1, 1)
"""Nothing is counted before: an earlier day is a slip of the keyboard."""
HOURS_OF_DAYS = 28
"""Pictures by the hour of the day look at the last so many days of a longer period, and say so: four of each weekday."""
SMALL = 5
"""In figures for the public a number from 1 to 4 is not told: "fewer than 5"."""

DEFINITIONS: Mapping[str, str] = {
    "received": "Comments and private messages that arrived in the period, by when they reached us. What we wrote is left out.",
    "dealt": "Of those received in the period: how many have a decision by now on their present words. “No action” is one.",
    "open": "Received in the period less dealt with.",
    "in_time": "Of those with a clock (see the desk’s times by priority): dealt with before it ran out.",
    "late": "Of those with a clock: dealt with after it ran out. One that is still open is in neither.",
    "median": "Half of those dealt with took at most so long, from reaching us to the decision. Counted in fixed bounds, "
    "so it is the upper bound of where the half falls.",
    "p90": "Nine in ten of those dealt with took at most so long; the upper bound, as with the median.",
    "category": "The category as it stands now. A comment put into another category moves, in past periods as well.",
    "agreed": "Of those dealt with: nobody changed the category that triage had suggested.",
    "relabelled": "Changes of category that people made in the period.",
    "decisions": "Decisions made in the period, whenever the comment arrived.",
    "cases": "Cases opened in the period, drills left out; acknowledged when somebody said “I have it”, by whatever way.",
    "second_looks": "Second looks at a hide that the public asked for in the period, and how they stand now.",
    "replies": "Replies that left on the platform in the period, private ones told apart.",
    "answering_share": "Replies in public among all that was said in public: posts and replies. How much of it answers the public.",
    "deaf": "Minutes in which nothing could be read from the platform and that were not filled afterwards. "
    "A day or hour with more than half of it deaf is shown as a gap, never as zero.",
    "disposed": "What was disposed of under the retention schedule stays counted: the figures hold counts alone.",
    "neighbourhood": "What an official account did on days on which it belonged to the neighbourhood.",
    "rumours": "How often a claim was seen on these official accounts in the period, found by software or noted by a person.",
}
"""What each number means, for the foot of reports and the API."""


@dataclass(frozen=True)
class Period:
    """London days, both ends counted."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise NotValid("The period ends before it begins. Choose a last day that is not earlier.")
        if self.days > LONGEST_DAYS:
            raise NotValid(f"A period is at most {LONGEST_DAYS} days. Choose a shorter one.")

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Period:
        """As many days just before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    @property
    def every_day(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range(self.days)]

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """Its first instant, and the first after it, in UTC. 23 or 25 hours where the clocks change."""
        start, end = (
            clock.midnight(day).astimezone(UTC) for day in (self.first, self.last + timedelta(days=1))
        )
        return start, end

    def __str__(self) -> str:
        if self.first == self.last:
            return f"{self.first:%-d %B %Y}"
        return f"{self.first:%-d %B %Y} to {self.last:%-d %B %Y}"

    @classmethod
    def today(cls) -> Period:
        return cls(clock.today(), clock.today())

    @classmethod
    def last_days(cls, days: int, *, until: date | None = None) -> Period:
        """So many days that end today, or with `until`."""
        last = until or clock.today()
        return cls(last - timedelta(days=days - 1), last)

    @classmethod
    def month_of(cls, day: date) -> Period:
        """The calendar month of the day, as far as it has come."""
        first = day.replace(day=1)
        last = clock.add_months(first, 1) - timedelta(days=1)
        return cls(first, max(first, min(last, clock.today())))


@dataclass(frozen=True)
class Scope:
    """Official accounts whose figures are asked for, and from which day to which each counts (for a neighbourhood).

    Made by `scope` for a viewer; `force` makes that of everything, for what the platform itself makes on a schedule.
    """

    spans: tuple[tuple[int, date, date], ...]
    """(official account, first day, first day after)"""
    name: str
    neighbourhood: Neighbourhood | None = None

    @property
    def account_ids(self) -> list[int]:
        return sorted({pk for pk, _, _ in self.spans})

    @cached_property
    def accounts(self) -> list[OfficialAccount]:
        return list(
            OfficialAccount.objects.filter(pk__in=self.account_ids).order_by("name", "platform", "id")
        )

    @property
    def _values(self) -> dict[str, Any]:
        return {
            "accounts": [pk for pk, _, _ in self.spans],
            "froms": [since for _, since, _ in self.spans],
            "untils": [until for _, _, until in self.spans],
        }


_ALWAYS = (date(1, 1, 1), date(9999, 1, 1))


def scope(
    viewer: StaffMember,
    *,
    power: str = Power.SEE_COMMENTS,
    accounts: Collection[int] | None = None,
    neighbourhood: Neighbourhood | None = None,
    platform: str = "",
) -> Scope:
    """What the viewer may see of: all of theirs, those named, those of a platform, or a neighbourhood's.

    Those of the exercise network are left out, except in a demonstration, which has no others.
    Raises NotFound for an official account or neighbourhood of which nothing is theirs.
    """
    allowed = set(account_ids(viewer, power))
    return _scope(allowed, accounts=accounts, neighbourhood=neighbourhood, platform=platform)


def force(
    *,
    accounts: Collection[int] | None = None,
    neighbourhood: Neighbourhood | None = None,
    platform: str = "",
) -> Scope:
    """Every official account, or some of them: for reports that the platform makes on a schedule, and public figures.

    Whoever calls it answers for who reads the result.
    """
    allowed = set(OfficialAccount.objects.values_list("pk", flat=True))
    return _scope(allowed, accounts=accounts, neighbourhood=neighbourhood, platform=platform)


def neighbourhoods(viewer: StaffMember, *, power: str = Power.SEE_COMMENTS) -> list[Neighbourhood]:
    """Those of which the viewer may see an official account, now or as it was."""
    ids = account_ids(viewer, power)
    return list(
        Neighbourhood.objects.filter(
            Q(pk__in=Placement.objects.filter(official_account__in=ids).values("neighbourhood_id"))
            | Q(official_accounts__in=ids)
        ).distinct()
    )


def _scope(
    allowed: set[int],
    *,
    accounts: Collection[int] | None,
    neighbourhood: Neighbourhood | None,
    platform: str,
) -> Scope:
    rows = OfficialAccount.objects.filter(pk__in=allowed)
    if not settings.DEMO:
        rows = rows.filter(exercise=False)
    if platform:
        rows = rows.filter(platform=platform)
    seen = dict(rows.values_list("pk", "neighbourhood_id"))
    name = "all official accounts"
    if accounts is not None:
        seen = {pk: place for pk, place in seen.items() if pk in set(accounts)}
        if not seen:
            raise NotFound("There is no such official account, or it is not one that you may see.")
        names = list(OfficialAccount.objects.filter(pk__in=seen).values_list("name", flat=True)[:2])
        name = names[0] if len(seen) == 1 else f"{len(seen)} official accounts"
    if neighbourhood is None:
        return Scope(tuple((pk, *_ALWAYS) for pk in sorted(seen)), name)
    placed = list(
        Placement.objects.filter(official_account__in=seen).values_list(
            "official_account_id", "neighbourhood_id", "since", "until"
        )
    )
    known = {pk for pk, *_ in placed}
    spans = [
        (pk, since, until or _ALWAYS[1]) for pk, place, since, until in placed if place == neighbourhood.pk
    ]
    # One that was registered since the last refresh is where it is.
    spans += [(pk, *_ALWAYS) for pk, place in seen.items() if pk not in known and place == neighbourhood.pk]
    if not spans:
        raise NotFound("There is no official account of that neighbourhood that you may see.")
    return Scope(tuple(sorted(spans)), neighbourhood.name, neighbourhood)


@dataclass(frozen=True)
class Counts:
    """What comments that arrived in a stretch of time came to. Adds up."""

    received: int = 0
    private: int = 0
    dealt: int = 0
    due: int = 0
    in_time: int = 0
    late: int = 0
    agreed: int = 0
    buckets: tuple[int, ...] = (0,) * len(BUCKETS)
    """Of those dealt with, how many within each of rollups.BOUNDS and not the one before; the last: longer."""

    @classmethod
    def of(cls, row: Iterable[int | None]) -> Counts:
        numbers = [int(n or 0) for n in row]
        plain = len(COUNTS) - len(BUCKETS)
        received, private, dealt, due, in_time, late, agreed = numbers[:plain]
        return cls(received, private, dealt, due, in_time, late, agreed, tuple(numbers[plain:]))

    def __add__(self, other: Counts) -> Counts:
        return Counts.of(a + b for a, b in zip(self._row(), other._row(), strict=True))

    def _row(self) -> list[int]:
        return [
            self.received,
            self.private,
            self.dealt,
            self.due,
            self.in_time,
            self.late,
            self.agreed,
            *self.buckets,
        ]

    @property
    def open(self) -> int:
        return self.received - self.dealt

    @property
    def in_time_share(self) -> float | None:
        """Of those dealt with that had a clock, the share within it; None where there were none."""
        return self.in_time / self.judged if self.judged else None

    @property
    def judged(self) -> int:
        """Those dealt with that had a clock."""
        return self.in_time + self.late

    def at_most(self, share: float) -> int | None:
        """So many minutes at most took that share of those dealt with (0.5: the median); None where nothing was,
        or where it took longer than the last bound (see `took_longer`)."""
        return at_most(self.buckets, share)

    @property
    def median(self) -> str:
        """In words: "at most 15 minutes"."""
        return in_words(self.buckets, 0.5)

    @property
    def p90(self) -> str:
        return in_words(self.buckets, 0.9)


def at_most(buckets: Iterable[int], share: float, bounds: tuple[int, ...] = BOUNDS) -> int | None:
    """The bound in minutes within which that share lies; None where there is nothing, or it lies beyond the last."""
    counted = list(buckets)
    total = sum(counted)
    if not total:
        return None
    reached = 0
    for bound, count in zip(bounds, counted, strict=False):
        reached += count
        if reached >= share * total:
            return bound
    return None


def in_words(buckets: Iterable[int], share: float, bounds: tuple[int, ...] = BOUNDS) -> str:
    """ "at most 2 hours", "more than 7 days", or "nothing yet"."""
    counted = list(buckets)
    if not sum(counted):
        return "nothing yet"
    bound = at_most(counted, share, bounds)
    return f"at most {span(bound)}" if bound is not None else f"more than {span(bounds[-1])}"


def span(minutes: int) -> str:
    """Minutes as people say them."""
    for size, word in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size and minutes % size == 0:
            count = minutes // size
            return f"{count} {word}{'' if count == 1 else 's'}"
    return f"{minutes} minutes"


@dataclass(frozen=True)
class Figures:
    """What came and what became of it, for a scope and a period, by whatever people ask it by."""

    period: Period
    total: Counts
    by_day: dict[date, Counts]
    """Days with nothing are left out; see `deaf` for whether that is a gap."""
    by_category: dict[str, Counts]
    by_priority: dict[int, Counts]
    by_account: dict[int, Counts]
    by_category_and_day: dict[tuple[str, date], int] = field(default_factory=dict)
    """How many were received."""


@dataclass(frozen=True)
class Beside:
    """What a period is set against: as much of the one before as its figures are compared with."""

    received: int
    in_time: int
    judged: int
    """Those dealt with that had a clock."""
    by_day: dict[date, int]
    by_category: dict[str, int]
    """How many were received."""


_AMONG = """
    JOIN unnest(%(accounts)s::bigint[], %(froms)s::date[], %(untils)s::date[]) AS s(account, since, until)
      ON r.official_account_id = s.account AND r.day >= s.since AND r.day < s.until
    WHERE r.day >= %(first)s AND r.day <= %(last)s
"""
_SUMS = ", ".join(f"sum({name})" for name in COUNTS)


def figures(scope: Scope, period: Period) -> Figures:
    """Everything about comments in a period, in one reading of the days.

    Official accounts are added up first: what is asked by day and category is then asked of a fortieth.
    """
    sql = f"""
        WITH few AS MATERIALIZED (
            SELECT r.day, r.category, r.priority, r.official_account_id AS account,
                   grouping(r.official_account_id) = 0 AS of_account,
                   {", ".join(f"sum(r.{name})::bigint AS {name}" for name in COUNTS)}
            FROM insights_commentday r {_AMONG}
            GROUP BY GROUPING SETS ((r.day, r.category, r.priority), (r.official_account_id))
        )
        SELECT grouping(day, category, priority) * 2 + 1, day, category, priority, NULL::bigint, {_SUMS}
        FROM few WHERE NOT of_account GROUP BY GROUPING SETS ((day), (category), (priority), (category, day), ())
        UNION ALL
        SELECT 14, NULL, NULL, NULL, account, {", ".join(COUNTS)} FROM few WHERE of_account
    """  # noqa: S608  # nosec B608
    total = Counts()
    by_day: dict[date, Counts] = {}
    by_category: dict[str, Counts] = {}
    by_priority: dict[int, Counts] = {}
    by_account: dict[int, Counts] = {}
    both: dict[tuple[str, date], int] = {}
    for which, day, category, priority, account, *row in _ask(sql, scope, period):
        if which == 0b1111:
            total = Counts.of(row)
        elif which == 0b0111:
            by_day[day] = Counts.of(row)
        elif which == 0b1011:
            by_category[category] = Counts.of(row)
        elif which == 0b1101:
            by_priority[priority] = Counts.of(row)
        elif which == 0b1110:
            by_account[account] = Counts.of(row)
        else:
            both[category, day] = int(row[0] or 0)
    return Figures(
        period,
        total,
        dict(sorted(by_day.items())),
        dict(sorted(by_category.items(), key=lambda pair: (-pair[1].received, pair[0]))),
        dict(sorted(by_priority.items())),
        by_account,
        both,
    )


def beside(scope: Scope, period: Period) -> Beside:
    """What another period is set against, in one reading of the days."""
    sql = f"""
        SELECT grouping(r.day, r.category), r.day, r.category, sum(r.received), sum(r.in_time), sum(r.late)
        FROM insights_commentday r {_AMONG} GROUP BY GROUPING SETS ((r.day), (r.category), ())
    """  # noqa: S608  # nosec B608
    received = in_time = judged = 0
    by_day: dict[date, int] = {}
    by_category: dict[str, int] = {}
    for which, day, category, came, kept, late in _ask(sql, scope, period):
        if which == 0b11:
            received, in_time, judged = int(came or 0), int(kept or 0), int(kept or 0) + int(late or 0)
        elif which == 0b01:
            by_day[day] = int(came)
        else:
            by_category[category] = int(came)
    return Beside(received, in_time, judged, by_day, by_category)


def received_by_category_and_day(scope: Scope, period: Period) -> dict[tuple[str, date], int]:
    """(category, day) -> comments that came, of those days on which any did."""
    sql = f"SELECT r.category, r.day, sum(r.received) FROM insights_commentday r {_AMONG} GROUP BY 1, 2"  # noqa: S608  # nosec B608
    return {(category, day): int(number) for category, day, number in _ask(sql, scope, period) if number}


def received_by_place(viewer: StaffMember, period: Period, *categories: str) -> dict[int, int]:
    """Neighbourhood -> what was received by its official accounts, of those that the viewer may see; of all categories,
    or those named. The same as `figures` says of each, in one reading.
    """
    everything = scope(viewer)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.neighbourhood_id, sum(r.received) FROM insights_commentday r "
            "JOIN insights_placement p ON p.official_account_id = r.official_account_id AND r.day >= p.since "
            "AND (p.until IS NULL OR r.day < p.until) "
            "WHERE r.day >= %(first)s AND r.day <= %(last)s AND r.official_account_id = ANY(%(ids)s) "
            "AND p.neighbourhood_id IS NOT NULL AND (%(all)s OR r.category = ANY(%(categories)s)) GROUP BY 1",
            {
                "first": period.first,
                "last": period.last,
                "ids": everything.account_ids,
                "all": not categories,
                "categories": [str(one) for one in categories],
            },
        )
        return {place: int(received) for place, received in cursor.fetchall()}


def events(scope: Scope, period: Period, *measures: str) -> dict[tuple[str, str], int]:
    """How much of what else happened (rollups.MEASURES): (measure, detail) -> how many. All, or the measures named."""
    rows = _amounts(scope, period, measures, order="3 DESC, 1, 2")
    return {(measure, detail): int(amount) for measure, detail, amount in rows}


def events_by_day(scope: Scope, period: Period, *measures: str) -> dict[tuple[str, str], dict[date, int]]:
    """The same by London day: (measure, detail) -> day -> how many."""
    found: dict[tuple[str, str], dict[date, int]] = {}
    for measure, detail, day, amount in _amounts(scope, period, measures, by=", r.day", order="3"):
        found.setdefault((measure, detail), {})[day] = int(amount)
    return found


def events_by_account(scope: Scope, period: Period, *measures: str) -> dict[int, dict[tuple[str, str], int]]:
    """The same by official account: its number -> (measure, detail) -> how many."""
    found: dict[int, dict[tuple[str, str], int]] = {}
    rows = _amounts(scope, period, measures, by=", r.official_account_id", order="3")
    for measure, detail, account, amount in rows:
        found.setdefault(account, {})[measure, detail] = int(amount)
    return found


def _amounts(
    scope: Scope, period: Period, measures: tuple[str, ...], *, order: str, by: str = ""
) -> list[tuple[Any, ...]]:
    """Measure, detail, what else they are told apart by, and how much of it. All, or the measures named."""
    return _ask(
        f"SELECT r.measure, r.detail{by}, sum(r.amount) FROM insights_eventday r {_AMONG} "  # noqa: S608  # nosec B608
        f"AND (%(all)s OR r.measure = ANY(%(measures)s)) GROUP BY r.measure, r.detail{by} ORDER BY {order}",
        scope,
        period,
        measures=list(measures),
        all=not measures,
    )


@dataclass(frozen=True)
class ByHour:
    """What arrived by weekday and hour of the London day, and how long it took. `period`: what was looked at."""

    period: Period
    shortened: bool
    """The period asked for was longer than HOURS_OF_DAYS; only its end was looked at."""
    arrivals: dict[tuple[int, int], int]
    """(0 Monday to 6 Sunday, hour) -> received."""
    by_hour: dict[int, Counts]
    """Hour of the day in which they arrived -> what became of them."""


def by_hour(scope: Scope, period: Period) -> ByHour:
    """By weekday and hour on London clocks. On a day of 25 hours two hours are called 1, and both count there."""
    shortened = period.days > HOURS_OF_DAYS
    looked = Period.last_days(HOURS_OF_DAYS, until=period.last) if shortened else period
    arrivals: dict[tuple[int, int], int] = {}
    hours: dict[int, Counts] = {}
    sql = f"SELECT extract(isodow FROM r.day)::int - 1, r.hour, {_SUMS} FROM insights_commenttime r {_AMONG} GROUP BY 1, 2"  # noqa: S608  # nosec B608
    for weekday, hour, *row in _ask(sql, scope, looked):
        counts = Counts.of(row)
        arrivals[weekday, hour] = counts.received
        hours[hour] = hours.get(hour, Counts()) + counts
    return ByHour(looked, shortened, arrivals, dict(sorted(hours.items())))


def arrivals_by_account(scope: Scope, period: Period) -> dict[int, dict[int, int]]:
    """Official account -> hour of the week (0 is Monday from 00:00, London) -> how many arrived."""
    found: dict[int, dict[int, int]] = {}
    looked = Period.last_days(HOURS_OF_DAYS, until=period.last) if period.days > HOURS_OF_DAYS else period
    for account, hour, received in _ask(
        f"SELECT r.official_account_id, (extract(isodow FROM r.day)::int - 1) * 24 + r.hour, sum(r.received) "  # noqa: S608
        f"FROM insights_commenttime r {_AMONG} GROUP BY 1, 2",  # nosec B608
        scope,
        looked,
    ):
        found.setdefault(account, {})[hour] = int(received)
    return found


def hours_of(scope: Scope, period: Period) -> dict[datetime, Counts]:
    """Each hour (UTC) of a short period in which something arrived."""
    return {
        hour: Counts.of(row)
        for hour, *row in _ask(
            f"SELECT r.hour, {', '.join(f'sum(r.{name})' for name in COUNTS)} FROM insights_commenthour r {_AMONG} "  # noqa: S608  # nosec B608
            "GROUP BY r.hour ORDER BY r.hour",
            scope,
            period,
        )
    }


AGES: tuple[tuple[int, str], ...] = (
    (1, "up to 1 hour"),
    (4, "1 to 4 hours"),
    (24, "4 to 24 hours"),
    (72, "1 to 3 days"),
    (168, "3 to 7 days"),
)
OLDER = "more than 7 days"


@dataclass(frozen=True)
class Backlog:
    """What waits for a decision now, by how long, to the hour in which it arrived."""

    ages: dict[str, int]
    by_priority: dict[int, int]
    oldest: datetime | None
    """The beginning of the hour in which the oldest arrived."""

    @property
    def total(self) -> int:
        return sum(self.ages.values())


def backlog(scope: Scope, now: datetime | None = None) -> Backlog:
    """What is open, from the hours in which more was received than was dealt with."""
    now = now or clock.now()
    ages = {words: 0 for _, words in AGES} | {OLDER: 0}
    by_priority: dict[int, int] = {}
    oldest: datetime | None = None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT hour, priority, sum(received - dealt) FROM insights_commenthour "
            "WHERE received > dealt AND NOT gone AND official_account_id = ANY(%s) GROUP BY hour, priority ORDER BY hour",
            [scope.account_ids],
        )
        for hour, priority, count in cursor.fetchall():
            count = int(count)
            oldest = oldest or hour
            by_priority[priority] = by_priority.get(priority, 0) + count
            waited = (now - hour) / timedelta(hours=1)
            ages[next((words for hours, words in AGES if waited <= hours), OLDER)] += count
    return Backlog(ages, dict(sorted(by_priority.items())), oldest)


@dataclass(frozen=True)
class Gaps:
    """In which days and hours official accounts were deaf: what stands there is a gap and not a zero."""

    minutes: int
    """Added up over the official accounts."""
    days: frozenset[date]
    """Days on which the official accounts of the scope were deaf for more than half of the time, taken together."""
    hours: frozenset[datetime]
    """The same of hours (UTC)."""
    still: int
    """Official accounts that are deaf at this moment."""


def gaps(scope: Scope, period: Period) -> Gaps:
    """Where the platform could not be read: gaps that are over and were not filled, and those that are open now."""
    ids = scope.account_ids
    lost: dict[datetime, float] = {}
    for hour, amount in _ask(
        f"SELECT r.hour, sum(r.amount) FROM insights_eventhour r {_AMONG} AND r.measure = 'deaf' GROUP BY r.hour",  # noqa: S608  # nosec B608
        scope,
        period,
    ):
        lost[hour] = float(amount)
    start, end = period.bounds
    end = min(end, clock.now())
    standing = list(
        IngestGap.objects.filter(official_account__in=ids, ends_at=None, begins_at__lt=end).values_list(
            "begins_at", flat=True
        )
    )
    for began in standing:
        at = max(began, start)
        while at < end:
            hour = at.replace(minute=0, second=0, microsecond=0)
            until = min(hour + timedelta(hours=1), end)
            lost[hour] = lost.get(hour, 0) + (until - at) / timedelta(minutes=1)
            at = until
    if not ids or not lost:
        return Gaps(0, frozenset(), frozenset(), len(standing))
    # Half of the time of half of the official accounts, or any mixture of it.
    days: dict[date, float] = {}
    for hour, minutes in lost.items():
        days[clock.in_london(hour).date()] = days.get(clock.in_london(hour).date(), 0) + minutes
    gone_days = set()
    for day, minutes in days.items():
        begins, ends = Period(day, day).bounds
        if minutes > len(ids) * ((min(ends, clock.now()) - begins) / timedelta(minutes=1)) / 2:
            gone_days.add(day)
    gone_hours = {hour for hour, minutes in lost.items() if minutes > len(ids) * 30}
    return Gaps(round(sum(lost.values())), frozenset(gone_days), frozenset(gone_hours), len(standing))


def as_of() -> datetime | None:
    """When the figures last took in what had changed; None before the first time."""
    return RollupState.objects.filter(pk=1).values_list("refreshed_at", flat=True).first()


def differing() -> int:
    """Rows that the last self-check found to differ from the facts; 0 before the first."""
    return RollupState.objects.filter(pk=1).values_list("differing", flat=True).first() or 0


def category_title(slug: str) -> str:
    """A category as people read it; one that there is no longer is named as it was called, and said so."""
    try:
        return str(Category(slug).label)
    except ValueError:
        return f"{slug.replace('_', ' ').capitalize()} (no longer used)"


def priority_title(priority: int) -> str:
    return str(Priority(priority).label)


def change(now: int, before: int) -> str:
    """How a number stands to that of the period before, in words: "20% more", "the same", "none before"."""
    if now == before:
        return "the same"
    if not before:
        return "none before"
    share = round(abs(now - before) / before * 100)
    return f"{share or 'under 1'}% {'more' if now > before else 'fewer'}"


def told(number: int) -> str:
    """A number as the public reads it: one so small that it could be about somebody is not told."""
    return f"fewer than {SMALL}" if 0 < number < SMALL else f"{number:,}"


def _ask(sql: str, scope: Scope, period: Period, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {**scope._values, "first": period.first, "last": period.last, **values})
        return cursor.fetchall()
