"""Reading the decisions that were drawn to be looked over, one's own feedback, and figures that name nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, QuerySet

from accounts.queries import account_ids
from core import clock
from core.errors import NotFound
from moderation.models import Decision, DipSample
from staff.models import StaffMember
from staff.roles import Power

LEAST_SHOWN = 5
"""Fewer marks could point at a person, so a line with fewer says only that."""
FIGURES_OVER = timedelta(days=365)


def unmarked(viewer: StaffMember) -> QuerySet[DipSample]:
    """What waits for the viewer: drawn, not marked, and not their own."""
    return DipSample.objects.filter(
        mark="", official_account_id__in=account_ids(viewer, Power.CHECK_DECISIONS)
    ).exclude(person=viewer)


def marked(viewer: StaffMember) -> list[DipSample]:
    """The latest that were marked, within the viewer's official accounts."""
    return list(
        DipSample.objects.filter(official_account_id__in=account_ids(viewer, Power.CHECK_DECISIONS))
        .exclude(mark="")
        .select_related("person", "marked_by", "clause", "official_account")
        .order_by("-marked_at")[:50]
    )


def sample(viewer: StaffMember, pk: int) -> DipSample:
    """One of them. Raises NotFound, also for one's own that is not marked."""
    found = (
        DipSample.objects.filter(pk=pk, official_account_id__in=account_ids(viewer, Power.CHECK_DECISIONS))
        .select_related("person", "marked_by", "clause", "official_account")
        .first()
    )
    if found is None or (found.person_id == viewer.pk and not found.mark):
        raise NotFound("There is no such decision to look over, or a colleague does.")
    return found


def own(viewer: StaffMember) -> list[DipSample]:
    """What supervisors said of the viewer's decisions, the latest first."""
    return list(
        DipSample.objects.filter(person=viewer)
        .exclude(mark="")
        .select_related("marked_by", "clause", "official_account")
        .order_by("-marked_at")[:50]
    )


def own_one(viewer: StaffMember, pk: int) -> DipSample:
    """One of the viewer's own that was marked. Raises NotFound."""
    found = DipSample.objects.filter(pk=pk, person=viewer).exclude(mark="").first()
    if found is None:
        raise NotFound("There is no such feedback.")
    return found


@dataclass(frozen=True)
class Figure:
    """How decisions of one kind, or under one clause, were marked in a year."""

    what: str
    right: int
    arguable: int
    wrong: int

    @property
    def total(self) -> int:
        return self.right + self.arguable + self.wrong

    @property
    def shown(self) -> bool:
        return self.total >= LEAST_SHOWN


def figures(viewer: StaffMember) -> tuple[list[Figure], list[Figure]]:
    """By kind of decision and by clause, over a year, within the viewer's official accounts; never by person."""
    rows = DipSample.objects.filter(
        official_account_id__in=account_ids(viewer, Power.CHECK_DECISIONS),
        marked_at__gte=clock.now() - FIGURES_OVER,
    ).order_by()
    kinds = dict(Decision.Kind.choices)
    by_kind = rows.values_list("kind", "mark").annotate(n=Count("pk"))
    by_clause = rows.filter(clause__isnull=False).values_list("clause__title", "mark").annotate(n=Count("pk"))
    return (
        _figures([(str(kinds[kind]), mark, n) for kind, mark, n in by_kind]),
        _figures([(str(title), mark, n) for title, mark, n in by_clause]),
    )


def _figures(rows: list[tuple[str, str, int]]) -> list[Figure]:
    counts: dict[str, dict[str, int]] = {}
    for what, mark, n in rows:
        counts.setdefault(what, {})[mark] = n
    return [
        Figure(what, n.get("right", 0), n.get("arguable", 0), n.get("wrong", 0))
        for what, n in sorted(counts.items())
    ]
