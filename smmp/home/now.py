"""What the first page is made of: things that wait, figures, and all of it for one person."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

MOST = 1000
"""Counts stop here, like those of the desk."""

AT_MOST_EACH = 5
"""Rows of one kind; the rest stand behind the last one's link."""


LIFE, HIGH, MINE, SOON, LATER = range(5)


@dataclass(frozen=True)
class Waiting:
    """One thing that waits: what, why, until when, and the step that answers it."""

    urgency: int
    title: str
    says: str
    step: str
    address: str
    glyph: str = "dot"
    priority: int | None = None
    until: datetime | None = None
    then: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class Figure:
    """A number with its unit and its time."""

    label: str
    value: str
    note: str = ""
    address: str = ""


@dataclass
class Now:
    """Everything on the page, and the ids that go into the audit trail for having been shown."""

    waiting: list[Waiting] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    comments_shown: list[int] = field(default_factory=list)
    cases_shown: list[int] = field(default_factory=list)

    @property
    def version(self) -> str:
        """A short hash of what waits. Clocks run by themselves, and counts alone are no news."""
        waits = [f"{w.urgency}:{w.address}:{w.glyph}:{w.priority}" for w in self.waiting]
        return hashlib.sha256("|".join(waits).encode()).hexdigest()[:16]


def count_up_to(rows: QuerySet, most: int = MOST) -> int:
    """How many there are, but no more than `most` are looked at."""
    return rows.order_by()[:most].count()


def number_of(number: int, one: str, several: str) -> str:
    """E.g. "1 case" or "1,000+ cases"; `number` is counted up to MOST."""
    shown = f"{MOST:,}+" if number >= MOST else f"{number:,}"
    return f"{shown} {one if number == 1 else several}"
