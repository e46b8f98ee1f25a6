"""The schedule, holds and disposals, and what is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import BigIntegerField, F, QuerySet
from django.db.models.functions import Cast

from accounts.queries import may
from core import clock
from core.errors import NotFound
from retention import periods, registry
from retention.models import Disposal, Hold, ScheduleRow
from staff.models import StaffMember
from staff.roles import Power

PAGE_LENGTH = 50
MOST_COUNTED = 1000


def due(row: ScheduleRow, *, on: date) -> QuerySet:
    """The records of a class that a run on this day would dispose of."""
    records = registry.records(row.slug)
    return records.due(periods.kept_from(row, on)).exclude(pk__in=_held(records.subject_type))


def held_count(row: ScheduleRow, *, on: date) -> int:
    """How many would go on this day and are kept by a hold."""
    records = registry.records(row.slug)
    return records.due(periods.kept_from(row, on)).filter(pk__in=_held(records.subject_type)).count()


def _held(subject_type: str) -> QuerySet:
    return Hold.objects.filter(subject_type=subject_type, lifted_at=None).values(
        held_pk=Cast(F("subject_id"), BigIntegerField())
    )


@dataclass(frozen=True)
class Line:
    """One row of the schedule page."""

    row: ScheduleRow
    automatic: bool
    """Whether the daily run disposes of the class."""
    due: int
    """How many are due today; counted up to MOST_COUNTED."""
    held: int


def schedule(viewer: StaffMember) -> list[Line]:
    """Every row; those that the daily run works on first, with what is due today."""
    _check(viewer)
    lines = []
    for row in ScheduleRow.objects.select_related("confirmed_by").order_by("title"):
        automatic = row.slug in registry.RECORDS and row.outcome == ScheduleRow.Outcome.DISPOSE
        count = due(row, on=clock.today())[:MOST_COUNTED].count() if automatic else 0
        held = held_count(row, on=clock.today()) if automatic else 0
        lines.append(Line(row, automatic, count, held))
    return sorted(lines, key=lambda line: not line.automatic)


def row(viewer: StaffMember, pk: int) -> ScheduleRow:
    """One row of the schedule. Raises NotFound."""
    _check(viewer)
    try:
        return ScheduleRow.objects.get(pk=pk)
    except ScheduleRow.DoesNotExist:
        raise NotFound("There is no such row in the schedule.") from None


def disposable_rows() -> list[ScheduleRow]:
    """The rows that the daily run works on: not those whose changed period nobody else has confirmed."""
    return list(
        ScheduleRow.objects.filter(slug__in=registry.RECORDS, outcome=ScheduleRow.Outcome.DISPOSE)
        .exclude(version__gt=1, confirmed_by=None)
        .order_by("slug")
    )


def rows_to_run(on: date) -> list[ScheduleRow]:
    """The rows whose run of this day has not finished."""
    finished = Disposal.objects.filter(run_on=on, finished_at__isnull=False).values("row_id")
    return [row for row in disposable_rows() if row.pk not in {entry["row_id"] for entry in finished}]


def live_holds(viewer: StaffMember) -> QuerySet[Hold]:
    """Holds in force, the longest overdue review first."""
    _check(viewer)
    return Hold.objects.filter(lifted_at=None).select_related("placed_by").order_by("review_on", "id")


def lifted_holds(viewer: StaffMember) -> QuerySet[Hold]:
    """The holds that were lifted last."""
    _check(viewer)
    return (
        Hold.objects.filter(lifted_at__isnull=False)
        .select_related("placed_by", "lifted_by")
        .order_by("-lifted_at")[:PAGE_LENGTH]
    )


def hold(viewer: StaffMember, pk: int) -> Hold:
    """One hold. Raises NotFound."""
    _check(viewer)
    try:
        return Hold.objects.select_related("placed_by").get(pk=pk)
    except Hold.DoesNotExist:
        raise NotFound("There is no such hold.") from None


def disposals(viewer: StaffMember, *, before_id: int | None = None) -> tuple[Sequence[Disposal], int | None]:
    """One page of disposals, newest first, and where the next page starts."""
    _check(viewer)
    found = Disposal.objects.select_related("row").defer("disposed_ids").order_by("-id")
    if before_id is not None:
        found = found.filter(id__lt=before_id)
    page = list(found[: PAGE_LENGTH + 1])
    return page[:PAGE_LENGTH], page[PAGE_LENGTH - 1].pk if len(page) > PAGE_LENGTH else None


def disposal(viewer: StaffMember, pk: int) -> Disposal:
    """One disposal with its ids. Raises NotFound, also while it has not finished."""
    _check(viewer)
    try:
        return Disposal.objects.select_related("row").get(pk=pk, finished_at__isnull=False)
    except Disposal.DoesNotExist:
        raise NotFound("There is no such certificate.") from None


def _check(viewer: StaffMember) -> None:
    if not (may(viewer, Power.SEE_RETENTION) or may(viewer, Power.PLACE_HOLDS)):
        raise NotFound("There is nothing here that you may see.")
