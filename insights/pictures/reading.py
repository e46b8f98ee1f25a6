"""One asking of figures: for whom, of what, over which days. Each reading is made when a picture first wants it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from accounts.coverage import Coverage, coverages_of
from insights import queries_figures as figures
from insights.queries_figures import Backlog, Beside, ByHour, Counts, Figures, Gaps, Period, Scope
from staff.models import StaffMember

LEAST = 20
"""In figures for the public, a share of fewer than so many is not told."""


class Reading:
    """What the pictures of one page are drawn from. `public`: small numbers are not told, and others only to the nearest 5."""

    def __init__(
        self, viewer: StaffMember | None, scope: Scope, period: Period, *, public: bool = False
    ) -> None:
        self.viewer = viewer
        self.scope = scope
        self.period = period
        self.public = public

    @cached_property
    def now(self) -> Figures:
        return figures.figures(self.scope, self.period)

    @cached_property
    def before(self) -> Beside:
        return figures.beside(self.scope, self.period.before)

    @cached_property
    def events(self) -> dict[tuple[str, str], int]:
        return figures.events(self.scope, self.period)

    @cached_property
    def events_before(self) -> dict[tuple[str, str], int]:
        return figures.events(self.scope, self.period.before)

    @cached_property
    def by_account(self) -> dict[int, dict[tuple[str, str], int]]:
        return figures.events_by_account(self.scope, self.period, "sent", "deaf")

    @cached_property
    def sent_by_day(self) -> dict[str, dict[date, int]]:
        """Kind of delivery -> day -> how many left."""
        found = figures.events_by_day(self.scope, self.period, "sent")
        return {detail: days for (_, detail), days in found.items()}

    @cached_property
    def hours(self) -> ByHour:
        return figures.by_hour(self.scope, self.period)

    @cached_property
    def gaps(self) -> Gaps:
        return figures.gaps(self.scope, self.period)

    @cached_property
    def backlog(self) -> Backlog:
        return figures.backlog(self.scope)

    @cached_property
    def coverages(self) -> dict[int, Coverage]:
        return coverages_of(self.scope.accounts)

    @property
    def days(self) -> list[date]:
        """Days of the period that have come."""
        return [day for day in self.period.every_day if day <= figures.clock.today()]

    def of(self, measure: str, *, before: bool = False) -> dict[str, int]:
        """Detail -> how many, of one measure."""
        events = self.events_before if before else self.events
        return {detail: n for (name, detail), n in events.items() if name == measure}

    def beside_before(self, measure: str, names: Mapping[str, str]) -> list[tuple[str, int, int]]:
        """(name, how many, how many in the period before) of each detail that either had; the detail where it has no name."""
        now, before = self.of(measure), self.of(measure, before=True)
        return [
            (names.get(detail, detail), now.get(detail, 0), before.get(detail, 0))
            for detail in {**now, **before}
        ]

    def moved(self, day: date) -> date:
        """The day of the period before that stands in the place of this one."""
        return day - timedelta(days=self.period.days)

    def tell(self, rows: Iterable[Iterable[Any]]) -> list[tuple[Any, ...]]:
        """Rows as they may be told: for the public, small numbers as "fewer than 5" and others to the nearest 5."""
        if not self.public:
            return [tuple(row) for row in rows]
        return [tuple(self.number(value) for value in row) for row in rows]

    def number(self, value: Any) -> Any:
        """One number as it may be told. Rounded, so that no difference between two tells a small third."""
        if not self.public or isinstance(value, bool) or not isinstance(value, int):
            return value
        return figures.told(value) if value < figures.SMALL else round(value / 5) * 5

    def share(self, part: int, whole: int) -> float | None:
        """A share as it may be told; None where there is nothing, or too little for the public."""
        if not whole or (self.public and whole < LEAST):
            return None
        return round(part / whole, 2) if self.public else part / whole

    def took(self, counts: Counts | None, share: float) -> str:
        """At most how long that share took, in words; "too few to tell" for the public where they are."""
        if counts is None:
            return "nothing yet"
        if self.public and 0 < counts.dealt < LEAST:
            return "too few to tell"
        return figures.in_words(counts.buckets, share)

    def many(self, value: int, one: str, other: str) -> str:
        """A number with its noun: "1 case", "fewer than 5 cases"."""
        return f"{self.words(value)} {one if value == 1 and not self.public else other}"

    def words(self, value: int) -> str:
        """A number within a sentence."""
        told = self.number(value)
        return told if isinstance(told, str) else f"{told:,}"
