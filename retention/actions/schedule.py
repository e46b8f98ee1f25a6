"""The retention schedule: people confirm it and change it, with a reason, and its history stays."""

from __future__ import annotations

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from retention import registry
from retention.models import ScheduleChange, ScheduleRow
from staff.models import StaffMember
from staff.roles import Power

LONGEST = {"years": 100, "days": 36_500}


@action
def change_period(
    *, actor: StaffMember, row: ScheduleRow, number: int, unit: str, why: str, version: int
) -> ScheduleRow:
    """Records of the class are kept for the new period once somebody else confirms it.

    Until then none of the class is disposed of: nobody disposes alone.

    unit: "days" or "years". version: the one that the person saw.
    Raises NotPermitted, ChangedSinceSeen, NotValid (no reason, out of bounds, nothing changed).
    Audits schedule.row_changed.
    """
    require(actor, Power.MANAGE_RETENTION)
    row = ScheduleRow.objects.select_for_update().get(pk=row.pk)
    if row.version != version:
        raise ChangedSinceSeen(
            f"{row.title} was changed meanwhile: it is kept for {row.period} now. Look again before you change it."
        )
    if unit not in LONGEST:
        raise NotValid("Choose days or years.", field="unit")
    least = 1 if row.slug in registry.RECORDS else 0
    if not least <= number <= LONGEST[unit]:
        raise NotValid(f"Choose from {least} to {LONGEST[unit]:,} {unit}.", field="number")
    if not why.strip():
        raise NotValid("Say why, e.g. which decision or version of the national schedule.", field="why")
    was = row.period
    row.keep_for_years = number if unit == "years" else None
    row.keep_for_days = number if unit == "days" else None
    if row.period == was:
        raise NotValid(f"It is kept for {was} already.", field="number")
    row.version += 1
    row.confirmed_at = row.confirmed_by = None
    row.save()
    ScheduleChange.objects.create(
        row=row,
        version=row.version,
        was=was,
        became=row.period,
        why=why.strip()[:300],
        changed_by=actor,
        changed_at=clock.now(),
    )
    record(
        actor=actor,
        event="schedule.row_changed",
        subject=row,
        subject_name=row.title,
        reason=why.strip(),
        details={"was": was, "became": row.period, "version": row.version},
    )
    return row


@action
def confirm(*, actor: StaffMember, row: ScheduleRow, version: int) -> ScheduleRow:
    """The records manager confirms that the force keeps this class for this period.

    Raises NotPermitted (who changed it cannot confirm it), ChangedSinceSeen, TransitionNotAllowed
    (confirmed already).
    Audits schedule.row_confirmed.
    """
    require(actor, Power.MANAGE_RETENTION)
    row = ScheduleRow.objects.select_for_update().get(pk=row.pk)
    if row.version != version:
        raise ChangedSinceSeen(f"{row.title} was changed meanwhile, to {row.period}. Look again.")
    if row.confirmed_at is not None:
        raise TransitionNotAllowed(f"{row.title} was confirmed already.")
    if ScheduleChange.objects.filter(row=row, version=row.version, changed_by=actor).exists():
        raise NotPermitted(
            "You changed this period, so somebody else who may change the schedule has to confirm it. "
            "Nothing of the class is disposed of until then."
        )
    row.confirmed_at = clock.now()
    row.confirmed_by = actor
    row.save(update_fields=["confirmed_at", "confirmed_by"])
    record(
        actor=actor,
        event="schedule.row_confirmed",
        subject=row,
        subject_name=row.title,
        details={"period": row.period, "version": row.version},
    )
    return row
