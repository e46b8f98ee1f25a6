"""The retention schedule: changed by a draft, compared with what is live, approved by another, in force from a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import connection

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from core.typed import reason as typed_reason
from retention import comparing, manifests, registry, sql
from retention.models import DraftRow, ScheduleChange, ScheduleDraft, ScheduleRow
from retention.models.schedule import RULE_FIELDS, Outcome, Regime, Trigger
from staff.models import StaffMember
from staff.roles import Power

LONGEST = {"years": 100, "days": 36_500, "hours": 8_760}
State = ScheduleDraft.State
CHANGING = sql.DOOR + 1
"""Advisory lock of changes of the schedule."""


@action
def edit_row(
    *, actor: StaffMember, row: ScheduleRow, number: int, unit: str, version: int, changes: Mapping[str, Any]
) -> DraftRow:
    """The draft would have this row say something else. What is live stays as it is.

    The one open draft is used, or begun. unit: "hours", "days" or "years". changes: other fields of the rule by name.
    version: the one of the live row that the person saw.
    Raises NotPermitted, ChangedSinceSeen, NotValid (out of bounds, or nothing changes), TransitionNotAllowed (the
    open draft is somebody else's). Audits schedule.drafted.
    """
    require(actor, Power.MANAGE_RETENTION)
    _one_change_at_a_time()
    row = ScheduleRow.objects.select_for_update().get(pk=row.pk)
    if row.version != version:
        raise ChangedSinceSeen(
            f"{row.title} was changed meanwhile: it is kept for {row.period} now. Look again before you change it."
        )
    draft = _open_draft(actor)
    drafted = DraftRow.objects.filter(draft=draft, row=row).first() or DraftRow(draft=draft, row=row)
    for name in RULE_FIELDS:
        setattr(drafted, name, getattr(row, name))
    for name in changes.keys() & set(RULE_FIELDS):
        setattr(drafted, name, changes[name])
    _check_rule(row, drafted, number, unit)
    drafted.keep_for(number, unit)
    if all(getattr(drafted, name) == getattr(row, name) for name in RULE_FIELDS):
        raise NotValid(f"Nothing would change: it is kept for {row.period} already.", field="number")
    drafted.row_version, drafted.left_out, drafted.effect = row.version, False, None
    drafted.save()
    record(
        actor=actor,
        event="schedule.drafted",
        subject=row,
        subject_name=row.title,
        details={"draft": draft.pk, "was": row.period, "would_be": drafted.period},
    )
    return drafted


@action
def leave_out(*, actor: StaffMember, draft: ScheduleDraft, row: ScheduleRow) -> ScheduleDraft:
    """The draft leaves this row as it is after all. Raises NotPermitted, TransitionNotAllowed. Audits schedule.left_out."""
    require(actor, Power.MANAGE_RETENTION)
    _one_change_at_a_time()
    draft = _own(actor, draft)
    DraftRow.objects.filter(draft=draft, row=row).update(left_out=True)
    record(
        actor=actor,
        event="schedule.left_out",
        subject=row,
        subject_name=row.title,
        details={"draft": draft.pk},
    )
    return draft


@action
def put_forward(*, actor: StaffMember, draft: ScheduleDraft, effective_on: date, why: str) -> ScheduleDraft:
    """The draft goes to a second person, with what it would do counted from the records as they are.

    effective_on: London day from whose beginning it counts, today or later.
    Raises NotPermitted, NotValid, TransitionNotAllowed. Audits schedule.put_forward.
    """
    require(actor, Power.MANAGE_RETENTION)
    _one_change_at_a_time()
    draft = _own(actor, draft)
    why = typed_reason(why, "Say why, e.g. which decision or version of the national schedule.", most=300)
    if effective_on < clock.today():
        raise NotValid("Choose today or a later day.", field="effective_on")
    rows = list(draft.rows.filter(left_out=False).select_related("row"))
    if not rows:
        raise NotValid("The draft changes nothing yet. Change a row first.", field="effective_on")
    for drafted in rows:
        drafted.effect = comparing.effect(drafted.row, drafted, on=effective_on).as_data()
        drafted.save(update_fields=["effect"])
    draft.state, draft.why, draft.effective_on, draft.put_at = State.PUT, why, effective_on, clock.now()
    draft.save(update_fields=["state", "why", "effective_on", "put_at"])
    record(
        actor=actor,
        event="schedule.put_forward",
        subject=draft,
        subject_name=str(draft),
        reason=why,
        details={"count": len(rows), "on": effective_on.isoformat()},
    )
    return draft


@action
def approve(*, actor: StaffMember, draft: ScheduleDraft) -> ScheduleDraft:
    """A second person stands for the change. It comes into force on its day, at once where that has come.

    Raises NotPermitted (nobody approves their own), TransitionNotAllowed, ChangedSinceSeen (a row was changed
    since). Audits schedule.approved.
    """
    require(actor, Power.MANAGE_RETENTION)
    _one_change_at_a_time()
    draft = ScheduleDraft.objects.select_for_update().get(pk=draft.pk)
    if draft.state != State.PUT:
        raise TransitionNotAllowed(
            f"{draft} is not waiting for approval: {draft.get_state_display().lower()}."
        )
    if draft.made_by_id == actor.pk:
        raise NotPermitted(
            "You drafted this change, so somebody else who may change the schedule has to approve it. "
            "Until then everything goes on as the live schedule says."
        )
    _check_still(draft)
    draft.state, draft.approved_by, draft.approved_at = State.APPROVED, actor, clock.now()
    draft.save(update_fields=["state", "approved_by", "approved_at"])
    record(
        actor=actor,
        event="schedule.approved",
        subject=draft,
        subject_name=str(draft),
        reason=draft.why,
        details={"on": draft.effective_on.isoformat() if draft.effective_on else ""},
    )
    if draft.effective_on is not None and draft.effective_on <= clock.today():
        draft = bring_into_force(actor=actor, draft=draft)
    return draft


@action
def withdraw(*, actor: StaffMember, draft: ScheduleDraft, why: str) -> ScheduleDraft:
    """The change does not happen: withdrawn by its author, or sent back by whoever looked at it.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (in force already). Audits schedule.withdrawn.
    """
    require(actor, Power.MANAGE_RETENTION)
    _one_change_at_a_time()
    draft = ScheduleDraft.objects.select_for_update().get(pk=draft.pk)
    if draft.state in (State.IN_FORCE, State.WITHDRAWN):
        raise TransitionNotAllowed(f"{draft} is {draft.get_state_display().lower()} already.")
    why = typed_reason(why, "Say why it does not go ahead.", most=300)
    draft.state, draft.withdrawn_by, draft.withdrawn_why = State.WITHDRAWN, actor, why
    draft.save(update_fields=["state", "withdrawn_by", "withdrawn_why"])
    record(actor=actor, event="schedule.withdrawn", subject=draft, subject_name=str(draft), reason=why)
    return draft


@action
def bring_into_force(*, actor: Actor, draft: ScheduleDraft) -> ScheduleDraft:
    """On its day, each row of the draft becomes what the schedule says, under a new version that two people stand for.

    A row that changed since the approval is left as it is, and the entry says so. Safe to run twice.
    Audits schedule.row_changed for each row.
    """
    _one_change_at_a_time()
    draft = ScheduleDraft.objects.select_for_update().get(pk=draft.pk)
    if draft.state != State.APPROVED or draft.effective_on is None or draft.effective_on > clock.today():
        return draft
    for drafted in draft.rows.filter(left_out=False).order_by("row_id"):
        row = ScheduleRow.objects.select_for_update().get(pk=drafted.row_id)
        if row.version == drafted.row_version:
            _put_in_force(actor, draft, drafted, row)
    draft.state, draft.in_force_at = State.IN_FORCE, clock.now()
    draft.save(update_fields=["state", "in_force_at"])
    return draft


def _put_in_force(actor: Actor, draft: ScheduleDraft, drafted: DraftRow, row: ScheduleRow) -> None:
    was = in_words(row)
    for name in RULE_FIELDS:
        setattr(row, name, getattr(drafted, name))
    row.version += 1
    row.confirmed_at = row.confirmed_by = None
    row.save()
    ScheduleChange.objects.create(
        row=row,
        version=row.version,
        was=was,
        became=in_words(row),
        why=draft.why,
        changed_by=draft.made_by,
        changed_at=clock.now(),
    )
    row.confirmed_by, row.confirmed_at = draft.approved_by, draft.approved_at
    row.save(update_fields=["confirmed_by", "confirmed_at"])
    record(
        actor=actor,
        event="schedule.row_changed",
        subject=row,
        subject_name=row.title,
        reason=draft.why,
        details={"was": was, "became": in_words(row), "version": row.version, "draft": draft.pk},
        manifest=manifests.of_row(row),
    )


@action
def confirm(*, actor: StaffMember, row: ScheduleRow, version: int) -> ScheduleRow:
    """The records manager confirms that the force keeps this class as the schedule came with it.

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
        manifest=manifests.of_row(row),
    )
    return row


def in_words(row: ScheduleRow | DraftRow) -> str:
    """Period and outcome in words: "2 years, then dispose"."""
    return f"{row.period}, then {row.get_outcome_display().lower()}"[:80]


def _one_change_at_a_time() -> None:
    """Drafts and rows are locked in more than one order: whoever changes the schedule waits for who does so already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHANGING])


def _open_draft(actor: StaffMember) -> ScheduleDraft:
    draft = (
        ScheduleDraft.objects.select_for_update(of=("self",))
        .filter(state=State.DRAFTING)
        .select_related("made_by")
        .first()
    )
    if draft is None:
        return ScheduleDraft.objects.create(made_by=actor, made_at=clock.now())
    if draft.made_by_id != actor.pk:
        raise TransitionNotAllowed(
            f"{draft.made_by.called} is drafting a change of the schedule. Ask them to put it forward or withdraw it first."
        )
    return draft


def _own(actor: StaffMember, draft: ScheduleDraft) -> ScheduleDraft:
    draft = ScheduleDraft.objects.select_for_update().get(pk=draft.pk)
    if draft.made_by_id != actor.pk:
        raise NotPermitted("Whoever drafts a change edits it and puts it forward.")
    if draft.state != State.DRAFTING:
        raise TransitionNotAllowed(
            f"{draft} is not being drafted any more: {draft.get_state_display().lower()}."
        )
    return draft


def _check_still(draft: ScheduleDraft) -> None:
    for drafted in draft.rows.filter(left_out=False).select_related("row"):
        if drafted.row.version != drafted.row_version:
            raise ChangedSinceSeen(
                f"{drafted.row.title} was changed since this was drafted: it is kept for {drafted.row.period} now. "
                "Withdraw the draft and begin again."
            )


def _check_rule(row: ScheduleRow, drafted: DraftRow, number: int, unit: str) -> None:
    if unit not in LONGEST:
        raise NotValid("Choose hours, days or years.", field="unit")
    if unit == "hours" and row.keep_for_hours is None:
        raise NotValid(
            "Only what its author deleted is counted in hours. Choose days or years.", field="unit"
        )
    least = 1 if row.slug in registry.disposable() else 0
    if not least <= number <= LONGEST[unit]:
        raise NotValid(f"Choose from {least} to {LONGEST[unit]:,} {unit}.", field="number")
    if drafted.outcome not in Outcome or drafted.starts_with not in Trigger or drafted.regime not in Regime:
        raise NotValid("Choose one of what is offered.", field="outcome")
    if drafted.mopi_group in (1, 2) and drafted.outcome == Outcome.DISPOSE:
        raise NotValid("MoPI groups 1 and 2 are reviewed by people. Choose a review.", field="outcome")
    if not drafted.source.strip():
        raise NotValid("Say where it comes from.", field="source")
