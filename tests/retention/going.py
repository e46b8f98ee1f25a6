"""Letting what is due go, in tests: as a proposal whose quiet time is over."""

from __future__ import annotations

from datetime import date

from core import clock
from retention import periods, queries, tasks
from retention.actions import disposals
from retention.models import Disposal, Proposal, ScheduleRow


def proposal(row: ScheduleRow, on: date, **given) -> Proposal:
    """A proposal for a day, its quiet time over."""
    now = clock.now()
    return Proposal.objects.create(
        **{
            "row": row,
            "row_version": row.version,
            "on": on,
            "made_at": now,
            "goes_at": now,
            "due_count": 1,
            "held_count": 0,
            **given,
        }
    )


def dispose(row: ScheduleRow, on: date) -> Disposal:
    """What is due on a day goes."""
    done = disposals.carry_out(actor=tasks.RETENTION, proposal=proposal(row, on))
    assert done is not None
    return done


def run() -> int:
    """The daily run, and the one when the quiet time is over. Answers how many disposals were finished."""
    finished = tasks.run_daily()
    Proposal.objects.filter(state=Proposal.State.WAITING).update(goes_at=clock.now())
    return finished + tasks.run_daily()


def open_certificate(row: ScheduleRow) -> Disposal:
    """A certificate that is not finished, for whoever asks the database directly."""
    today = clock.today()
    return Disposal.objects.create(
        row=row, row_version=row.version, run_on=today, due_before=periods.kept_from(row, today), salt="s"
    )


def due(row: ScheduleRow) -> int:
    """How many would go today."""
    return queries.due(row, on=clock.today()).count()
