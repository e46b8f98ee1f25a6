"""Who saw one record, what was done to it, and what one person saw and did in a night.

Each answer leads to the others in one step. Everything is read through `queries.in_sight`, so that
professional standards sees only what is assigned to them here as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet

from audit import queries
from audit.models import Entry
from audit.queries import KINDS, LISTED_HERE, OPENED_HERE, SUBJECTS
from core import clock
from core.errors import NotFound

MOST_LOOKS = 5_000
MOST_ENTRIES = 500
"""Entries written out one by one; sums count up to MOST_LOOKS."""
LANE_WIDTH = 480


@dataclass(frozen=True)
class Mark:
    """One look, drawn on a line of time: from 0 to LANE_WIDTH."""

    x: int
    opened: bool


@dataclass
class Looker:
    """One staff member or program (service identity), and how they met the record."""

    actor_id: int | None
    name: str
    first_at: datetime
    last_at: datetime
    program: bool = False
    opened: int = 0
    listed: int = 0
    did: Counter[str] = field(default_factory=Counter)
    looks: list[tuple[datetime, bool]] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    why: list[str] = field(default_factory=list)

    @property
    def acts(self) -> list[tuple[str, int]]:
        """What they did to it, and how often."""
        return list(self.did.items())

    @property
    def saw(self) -> str:
        """What they saw, in words."""
        parts = []
        if self.opened:
            parts.append("opened it once" if self.opened == 1 else f"opened it {self.opened} times")
        if self.listed:
            times = "once" if self.listed == 1 else f"{self.listed} times"
            parts.append(f"had it in a list {times}")
        return ", ".join(parts) or "worked on it"

    @property
    def night(self) -> str:
        """The part of the day in which they first met it, as `what_they_did` takes it."""
        return queries.span_around(self.first_at)


@dataclass(frozen=True)
class Looks:
    """Who saw one record, or everything that one commenter wrote."""

    kind: str
    number: int
    people: Sequence[Looker]
    opened: int
    listed_only: int
    first_at: datetime | None
    last_at: datetime | None
    disposed_at: datetime | None
    capped: bool
    scale: Sequence[datetime]
    """Moments written above the lanes, evenly spread from the first look to the last."""
    lines: Sequence[queries.Line]
    more_lines: bool
    programs: int = 0
    """How many of `people` are programs, which read through the API; they count nowhere else."""
    commenter: int | None = None
    comments: int = 0

    @property
    def staff(self) -> int:
        """How many of `people` are staff members."""
        return len(self.people) - self.programs


def who_saw(viewer: Any, number: int, kind: str = "comment") -> Looks:
    """Every staff member and program that opened a record, had it in a list, or worked on it. Raises NotPermitted.

    kind: a key of queries.SUBJECTS; for a commenter, everything that they wrote to the force counts.
    Views on the platform itself, outside this system, cannot be known.
    """
    if kind not in SUBJECTS:
        raise NotFound("There is no such kind of record in the trail.")
    scope = queries.in_sight(viewer).filter(actor_kind__in=(queries.STAFF, queries.SERVICES))
    commenter = queries.author_of(number) if kind == "comment" else None
    comments = 0
    if kind == "commenter":
        comments = len(queries.comments_of(number))
        found = _newest(scope.filter(queries.about_commenter(number)))
    else:
        # Only what lists records of this kind: the numbers of a page's comments and cases overlap.
        events = (*(OPENED_HERE["comment"] if kind == "comment" else ()), *LISTED_HERE.get(kind, ()))
        looks = scope.filter(shown_ids__contains=[number], event__in=events)
        acts = scope.filter(subject_type=SUBJECTS[kind], subject_id=str(number))
        found = {**_newest(looks), **_newest(acts)}
    rows = sorted(found.values(), key=lambda entry: (entry.at, entry.pk))
    people: dict[tuple[str, int | None], Looker] = {}
    for entry in rows:
        looker = people.setdefault(
            (entry.actor_kind, entry.actor_id),
            Looker(
                entry.actor_id,
                entry.actor_name,
                entry.at,
                entry.at,
                program=entry.actor_kind == queries.SERVICES,
            ),
        )
        _note(looker, entry, "comment" if kind == "commenter" else kind)
    lookers = sorted(people.values(), key=lambda looker: (not looker.opened, looker.first_at))
    staff = [looker for looker in lookers if not looker.program]
    first = min((looker.first_at for looker in lookers), default=None)
    last = max((looker.last_at for looker in lookers), default=None)
    return Looks(
        kind=kind,
        number=number,
        people=lookers,
        opened=sum(1 for looker in staff if looker.opened),
        listed_only=sum(1 for looker in staff if looker.listed and not looker.opened),
        first_at=first,
        last_at=last,
        disposed_at=_disposed(number) if kind == "comment" else None,
        capped=len(found) > MOST_LOOKS,
        scale=_lanes(lookers, first, last),
        lines=[queries.line(entry) for entry in reversed(rows[-MOST_ENTRIES:])],
        more_lines=len(rows) > MOST_ENTRIES,
        programs=len(lookers) - len(staff),
        commenter=commenter,
        comments=comments,
    )


def _newest(found: QuerySet[Entry]) -> dict[int, Entry]:
    return {entry.pk: entry for entry in queries.newest_of_few(found)[: MOST_LOOKS + 1]}


def _note(looker: Looker, entry: Entry, kind: str) -> None:
    looker.last_at = entry.at
    if entry.reason and entry.reason not in looker.why:
        looker.why.append(entry.reason)
    if entry.event in OPENED_HERE.get(kind, ()):
        looker.opened += 1
        looker.looks.append((entry.at, True))
    elif entry.event in LISTED_HERE.get(kind, ()):
        looker.listed += 1
        looker.looks.append((entry.at, False))
    else:
        looker.did[queries.sentence(entry).removeprefix(f"{entry.actor_name} ")] += 1


def _lanes(lookers: Iterable[Looker], first: datetime | None, last: datetime | None) -> list[datetime]:
    """Draw each look at its place between the first and the last; answers five moments for the scale."""
    if first is None or last is None:
        return []
    whole = max((last - first).total_seconds(), 60.0)
    for looker in lookers:
        places = {
            (int((at - first).total_seconds() / whole * (LANE_WIDTH - 8)), opened)
            for at, opened in looker.looks
        }
        looker.marks = [Mark(x, opened) for x, opened in sorted(places)]
    return [first + timedelta(seconds=whole * part / 3) for part in range(4)]


def _disposed(number: int) -> datetime | None:
    return (
        Entry.objects.filter(
            shown_ids__contains=[number],
            event="records.disposed",
            details__contains={"class": "routine_comment"},
        )
        .values_list("at", flat=True)
        .first()
    )


# One person


@dataclass(frozen=True)
class Span:
    """A day (midnight to midnight) or a night (noon to noon), by London clocks. `slug`: "night-2026-11-22"."""

    part: str
    on: date

    @property
    def slug(self) -> str:
        return f"{self.part}-{self.on.isoformat()}"

    @property
    def since(self) -> datetime:
        return datetime.combine(self.on, time(12 if self.part == "night" else 0), tzinfo=clock.LONDON)

    @property
    def until(self) -> datetime:
        return datetime.combine(
            self.on + timedelta(days=1), time(12 if self.part == "night" else 0), tzinfo=clock.LONDON
        )

    @property
    def said(self) -> str:
        """In words: "the night from 22 to 23 Nov 2026", "22 Nov 2026"."""
        if self.part == "day":
            return f"{self.on.day} {self.on:%b %Y}"
        after = self.on + timedelta(days=1)
        return f"the night from {self.on.day} {self.on:%b} to {after.day} {after:%b %Y}"

    @property
    def short(self) -> str:
        """The date that names it: "22 Nov"."""
        return f"{self.on.day} {self.on:%b}"

    def moved(self, days: int) -> Span:
        return Span(self.part, self.on + timedelta(days=days))

    def other(self) -> Span:
        """The same date as the other part."""
        return Span("day" if self.part == "night" else "night", self.on)

    @classmethod
    def read(cls, slug: str) -> Span | None:
        """A slug from an address; None for what is none."""
        part, _, on = slug.partition("-")
        try:
            day = date.fromisoformat(on)
        except ValueError:
            return None
        return cls(part, day) if part in ("day", "night") and 2000 <= day.year <= 2200 else None


@dataclass
class Met:
    """One record that a person met in the span."""

    kind: str
    number: str
    name: str
    first_at: datetime
    opened: int = 0
    listed: int = 0
    did: Counter[str] = field(default_factory=Counter)

    @property
    def has_page(self) -> bool:
        return self.number.isdigit()

    @property
    def slug(self) -> str:
        """The kind as it stands in an address."""
        return self.kind.replace(" ", "-")

    @property
    def called(self) -> str:
        """As people speak of it: a name where the trail has one, else "comment 412"."""
        return self.name or f"{self.kind} {self.number}"

    @property
    def acts(self) -> list[tuple[str, int]]:
        return list(self.did.items())


@dataclass(frozen=True)
class Person:
    """What one staff member saw and did in a span."""

    person: Any
    span: Span
    records: Sequence[Met]
    """Opened or worked on, in order of first meeting; those merely listed are counted."""
    listed_only: Sequence[Met]
    addresses: Sequence[str]
    lines: Sequence[queries.Line]
    entries: int
    capped: bool

    @property
    def before(self) -> Span:
        return self.span.moved(-1)

    @property
    def after(self) -> Span:
        return self.span.moved(1)

    @property
    def opened(self) -> int:
        return sum(1 for met in self.records if met.opened)

    @property
    def worked_on(self) -> int:
        return sum(1 for met in self.records if met.did)


def what_they_did(viewer: Any, pk: int, span: Span) -> Person:
    """What one staff member saw and did in a night or a day, newest entry first. Raises NotPermitted, NotFound."""
    scope = queries.in_sight(viewer)
    person = queries.person(pk)
    if person is None or not (queries.sees_all(viewer) or _assigned(viewer, pk)):
        raise NotFound("There is no such staff member, or nothing of theirs is assigned to you.")
    rows = list(
        scope.filter(actor_kind="staff", actor_id=pk, at__gte=span.since, at__lt=span.until).order_by(
            "-at", "-id"
        )[: MOST_LOOKS + 1]
    )
    met: dict[tuple[str, str], Met] = {}
    for entry in reversed(rows[:MOST_LOOKS]):
        _meet(met, entry)
    every = sorted(met.values(), key=lambda one: one.first_at)
    return Person(
        person=person,
        span=span,
        records=[one for one in every if one.opened or one.did],
        listed_only=[one for one in every if not (one.opened or one.did)],
        addresses=sorted({entry.source_address for entry in rows if entry.source_address}),
        lines=[queries.line(entry) for entry in rows[:MOST_ENTRIES]],
        entries=min(len(rows), MOST_LOOKS),
        capped=len(rows) > MOST_LOOKS,
    )


def _assigned(viewer: Any, pk: int) -> bool:
    return any(pk in held.people_ids for held in queries.live_assignments(viewer))


def _meet(met: dict[tuple[str, str], Met], entry: Entry) -> None:
    def one(kind: str, number: str, name: str = "") -> Met:
        return met.setdefault((kind, number), Met(kind, number, name, entry.at))

    subject = KINDS.get(entry.subject_type, "")
    if entry.event in ("comment.viewed", "commenter.history_viewed"):
        if subject:
            one(subject, entry.subject_id, entry.subject_name).opened += 1
        for pk in entry.shown_ids:
            if (subject, entry.subject_id) != ("comment", str(pk)):
                one("comment", str(pk)).listed += 1
    elif entry.event == "case.viewed":
        one("case", entry.subject_id, entry.subject_name).opened += 1
        for pk in entry.shown_ids:
            one("comment", str(pk)).listed += 1
    elif entry.event in ("comments.listed", "cases.listed"):
        for pk in entry.shown_ids:
            one("comment" if entry.event == "comments.listed" else "case", str(pk)).listed += 1
    elif entry.event == "file.viewed" and subject:
        one("file", entry.subject_id, entry.subject_name).opened += 1
    elif subject and subject != "staff member":
        said = queries.sentence(entry).removeprefix(f"{entry.actor_name} ")
        one(subject, entry.subject_id, entry.subject_name).did[said] += 1
