"""What the network saw the desk do in a run: which comments were hidden and answered, and when.

What the desk did of its own (sights, decisions, cases) it does not know: insights.marked_sheet joins the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.actors import Actor
from exercise.authority import require_trainer
from exercise.models import Line, Message, Run


@dataclass(frozen=True)
class Mark:
    """One comment of a run: what it was, and what became of it on the network, in real time from the comment."""

    line: Line
    hidden_after: timedelta | None
    answered_after: timedelta | None


def mark(viewer: Actor, run: Run) -> list[Mark]:
    """The comments of a run in the order of the scenario, with what the network saw. Raises NotPermitted."""
    require_trainer(viewer)
    lines = list(
        run.lines.filter(act=Line.Act.COMMENT, message__isnull=False).select_related(
            "message", "message__author"
        )
    )
    first_answers: dict[int, Message] = {}
    for answer in Message.objects.filter(
        parent_id__in=[line.message_id for line in lines], author__official=True
    ).order_by("-created_at", "-pk"):
        if answer.parent_id is not None:
            first_answers[answer.parent_id] = answer
    return [_mark(line, line.message, first_answers) for line in lines if line.message]


def _mark(line: Line, message: Message, first_answers: dict[int, Message]) -> Mark:
    answer = first_answers.get(message.pk)
    return Mark(
        line=line,
        hidden_after=_after(message, message.hidden_at),
        answered_after=_after(message, answer.created_at if answer is not None else None),
    )


def _after(message: Message, instant) -> timedelta | None:
    return max(instant - message.created_at, timedelta()) if instant else None
