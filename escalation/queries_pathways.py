"""Pathways and their versions, and what a floor would have caused."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from core import clock
from core.errors import NotFound
from escalation.models import Alert, Case, Level, Pathway, PathwayVersion
from moderation.categories import Category, Priority
from moderation.models import Comment

DAYS = 30
SHIFT_HOURS = 12
"""A shift is from 7 to 19 or from 19 to 7, London time."""
MOST_FINDINGS = 250_000
LEVELS = Prefetch("levels", Level.objects.select_related("rota", "post").order_by("position"))


@dataclass(frozen=True)
class Line:
    """One pathway in the list."""

    pathway: Pathway
    live: PathwayVersion | None
    draft: PathwayVersion | None

    @property
    def review_overdue(self) -> bool:
        return (
            self.live is not None and self.live.review_on is not None and self.live.review_on < clock.today()
        )


def lines() -> list[Line]:
    """Every pathway with what is live and what is drafted."""
    versions = PathwayVersion.objects.exclude(state=PathwayVersion.State.RETIRED).prefetch_related(LEVELS)
    found: dict[int, dict[str, PathwayVersion]] = {}
    for version in versions:
        found.setdefault(version.pathway_id, {})[version.state] = version
    return [
        Line(pathway, found.get(pathway.pk, {}).get("live"), found.get(pathway.pk, {}).get("draft"))
        for pathway in Pathway.objects.all()
    ]


def pathway(pk: int) -> Pathway:
    """One pathway. Raises NotFound."""
    try:
        return Pathway.objects.get(pk=pk)
    except Pathway.DoesNotExist:
        raise NotFound("There is no such pathway.") from None


def version_in(pathway: Pathway, state: str) -> PathwayVersion | None:
    """The live version, or the draft."""
    return (
        PathwayVersion.objects.select_related("pathway", "made_by")
        .prefetch_related(LEVELS)
        .filter(pathway=pathway, state=state)
        .first()
    )


def history(pathway: Pathway) -> list[PathwayVersion]:
    """Versions that are live or were, the newest first, with how many open cases each still has."""
    return list(
        PathwayVersion.objects.filter(pathway=pathway)
        .exclude(live_at=None, state=PathwayVersion.State.RETIRED)
        .exclude(state=PathwayVersion.State.DRAFT)
        .annotate(open_cases=Count("cases", filter=~Q(cases__state=Case.State.CLOSED)))
        .order_by("-number")
    )


def clashes(version: PathwayVersion) -> list[tuple[str, Pathway]]:
    """Categories that another live pathway names as well: a comment can go by one alone."""
    others = PathwayVersion.objects.select_related("pathway").filter(state=PathwayVersion.State.LIVE)
    return [
        (Category(category).label if category in Category.values else category, other.pathway)
        for other in others.exclude(pathway=version.pathway_id)
        for category in version.categories
        if category in other.categories
    ]


def silenced(draft: PathwayVersion) -> list[str]:
    """Findings that alert the desk now and would alert nobody once the draft is live, in words."""
    live = PathwayVersion.objects.filter(state=PathwayVersion.State.LIVE, floor__gt=0)
    kept = set(draft.categories) if draft.floor else set()
    for other in live.exclude(pathway=draft.pathway_id):
        kept.update(other.categories)
    return [
        Category(category).label
        for version in live.filter(pathway=draft.pathway_id)
        for category in version.categories
        if category not in kept and category in Category.values
    ]


@dataclass(frozen=True)
class Floor:
    """What one floor would have caused on the last 30 days."""

    priority: int
    name: str
    alerts: int
    per_shift: float
    worst_shift: int
    beyond: float | None
    """Of these, how many a shift would have gone beyond the desk, by the share that it did so far; None: no
    alert of this pathway has been answered yet."""


@dataclass(frozen=True)
class DryRun:
    """Each floor beside the others."""

    floors: list[Floor]
    since: date
    shifts: int
    share_beyond: float | None
    capped: bool

    def as_data(self) -> dict[str, Any]:
        """For the audit entry of a switch."""
        return {str(floor.priority): round(floor.per_shift, 2) for floor in self.floors}


def dry_run(categories: list[str], *, pathway: Pathway | None = None, days: int = DAYS) -> DryRun:
    """How many alerts a shift each floor would have caused, by what triage itself found on the last `days` days.

    A finding that a person has changed since counts as triage first had it. Comments that have been disposed of
    meanwhile are not in it.
    """
    until = clock.now()
    since = until - timedelta(days=days)
    rows = (
        Comment.objects.filter(received_at__gte=since, findings__0__category__in=list(categories))
        .exclude(state=Comment.State.OURS)
        .values_list("received_at", "findings__0__priority")[:MOST_FINDINGS]
        if categories
        else []
    )
    by_floor: dict[int, Counter[tuple[date, int]]] = {p.value: Counter() for p in _FLOORS}
    total = 0
    for received_at, priority in rows:
        total += 1
        shift = _shift(received_at)
        for floor, shifts in by_floor.items():
            if int(priority) <= floor:
                shifts[shift] += 1
    count = max(1, days * 24 // SHIFT_HOURS)
    share = _share_beyond(pathway, since) if pathway is not None else None
    floors = []
    for floor, shifts in by_floor.items():
        alerts = sum(shifts.values())
        per_shift = alerts / count
        floors.append(
            Floor(
                floor,
                str(Priority(floor).label),
                alerts,
                round(per_shift, 1),
                max(shifts.values(), default=0),
                round(per_shift * share, 1) if share is not None else None,
            )
        )
    return DryRun(floors, clock.in_london(since).date(), count, share, total >= MOST_FINDINGS)


_FLOORS = (Priority.IMMEDIATE, Priority.HIGH, Priority.ROUTINE, Priority.LOW)


def _shift(at: datetime) -> tuple[date, int]:
    local = clock.in_london(at) - timedelta(hours=7)
    return local.date(), int(local.hour >= SHIFT_HOURS)


def _share_beyond(pathway: Pathway, since: datetime) -> float | None:
    """Of this pathway's answered alerts, the share that a person confirmed or the desk left unseen."""
    answered = Alert.objects.filter(version__pathway=pathway, raised_at__gte=since).exclude(
        state=Alert.State.OPEN
    )
    total = answered.count()
    if not total:
        return None
    return answered.filter(state__in=[Alert.State.CONFIRMED, Alert.State.PASSED_ON]).count() / total


def choices() -> QuerySet[Pathway]:
    """The pathways on which a case can be opened now."""
    return Pathway.objects.filter(versions__state=PathwayVersion.State.LIVE).distinct()
