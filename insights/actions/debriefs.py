"""A run of an exercise is talked through, and what the team reached and learned is kept."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotValid, TransitionNotAllowed
from exercise.models import Run
from insights import marked_sheet
from insights.models import ExerciseDebrief
from staff.models import StaffMember
from staff.roles import Power


@action
def record_debrief(
    *, actor: StaffMember, run: Run, went_well: str = "", to_change: str = ""
) -> ExerciseDebrief:
    """What the team reached is kept as it stands now, with what was learned: later runs are compared with it.

    Once per run, when it is over. Raises NotPermitted, NotValid, TransitionNotAllowed. Audits exercise.debriefed.
    """
    require(actor, Power.RUN_EXERCISES)
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.state == Run.State.PLAYING:
        raise TransitionNotAllowed(f"“{run.title}” still plays. Stop it, or let it end, and debrief then.")
    went_well, to_change = went_well.strip()[:2000], to_change.strip()[:2000]
    if not went_well and not to_change:
        raise NotValid("Say at least what went well, or what to change.", field="went_well")
    try:
        with transaction.atomic():
            row = ExerciseDebrief.objects.create(
                run=run,
                figures=marked_sheet.sheet(actor, run).as_data(),
                went_well=went_well,
                to_change=to_change,
                recorded_by=actor,
                recorded_at=clock.now(),
            )
    except IntegrityError:
        raise TransitionNotAllowed(f"“{run.title}” has been debriefed already.") from None
    record(actor=actor, event="exercise.debriefed", subject=run, subject_name=run.title)
    return row
