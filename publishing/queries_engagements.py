"""Reading the register of influencers, paid media and partners."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet, Sum

from accounts.queries import may
from core import clock
from core.errors import NotFound
from publishing.models import Engagement
from staff.models import StaffMember
from staff.roles import Power

MOST_SHOWN = 300
COUNTS = (Engagement.State.APPROVED, Engagement.State.CLOSED)
"""What was spent or is going to be."""


def _in_sight(viewer: StaffMember) -> QuerySet[Engagement]:
    if not (may(viewer, Power.PLAN_POSTS) or may(viewer, Power.APPROVE_POSTS)):
        return Engagement.objects.none()
    return Engagement.objects.select_related("campaign", "asked_by", "decided_by", "closed_by")


def year_of(day: date) -> int:
    """The financial year in which a day lies, by the year in which it begins: 2026 runs from 1 April 2026."""
    return day.year if (day.month, day.day) >= (4, 1) else day.year - 1


def _of_year(rows: QuerySet[Engagement], year: int) -> QuerySet[Engagement]:
    return rows.filter(starts_on__gte=date(year, 4, 1), starts_on__lt=date(year + 1, 4, 1))


def years(viewer: StaffMember) -> list[int]:
    """Financial years with entries, this one among them, the latest first."""
    found = {year_of(day) for day in _in_sight(viewer).values_list("starts_on", flat=True).distinct()}
    return sorted(found | {year_of(clock.today())}, reverse=True)


def engagements(viewer: StaffMember, year: int) -> list[Engagement]:
    """The entries of a financial year, the latest first, at most MOST_SHOWN."""
    return list(_of_year(_in_sight(viewer), year)[:MOST_SHOWN])


def all_of(viewer: StaffMember, year: int) -> QuerySet[Engagement]:
    """Every entry of a financial year, for a table to take along."""
    return _of_year(_in_sight(viewer), year)


@dataclass(frozen=True)
class Total:
    """What one kind came to."""

    kind: str
    number: int
    pence: int


def totals(viewer: StaffMember, year: int) -> list[Total]:
    """Approved and closed entries of a financial year by kind, and all of them."""
    rows = (
        _of_year(_in_sight(viewer), year)
        .filter(state__in=COUNTS)
        .order_by()
        .values_list("kind")
        .annotate(number=Count("pk"), pence=Sum("cost_pence"))
    )
    by = {kind: (number, pence) for kind, number, pence in rows}
    found = [Total(str(label), *by.get(kind, (0, 0))) for kind, label in Engagement.Kind.choices]
    return [*found, Total("All", sum(one.number for one in found), sum(one.pence for one in found))]


def engagement(viewer: StaffMember, pk: int) -> Engagement:
    """One entry. Raises NotFound."""
    found = _in_sight(viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such entry.")
    return found


def waiting_for(viewer: StaffMember) -> list[Engagement]:
    """Entries that somebody else asked for and the viewer may approve."""
    if not may(viewer, Power.APPROVE_POSTS):
        return []
    return list(
        Engagement.objects.filter(state=Engagement.State.ASKED)
        .exclude(asked_by=viewer)
        .select_related("asked_by")
        .order_by("asked_at")[:5]
    )
