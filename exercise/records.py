"""What retention must know of exercises."""

from __future__ import annotations

from core.records import Part, RecordClass, Subject
from exercise.models import Run


def snapshot(run: Run) -> list[tuple[str, str]]:
    """What was played, and when."""
    return [("Scenario", str(run)), ("Began", f"{run.started_at:%d %B %Y %H:%M} UTC")]


RUN = Subject(
    "exercise.run",
    "Run of an exercise",
    "exercise_run",
    parts=(Part("exercise_line", "run_id"),),
    since="started_at",
    snapshot=snapshot,
)

CLASSES = (
    RecordClass(
        "exercise",
        "A run goes with its lines so long after it ended. Scenarios, and what was written on the network, stay: they are "
        "invented, and nobody is in them.",
        subject=RUN,
        begins=(("{r}.ended_at IS NOT NULL", "ended_at"),),
        not_searched="Invented.",
    ),
)
