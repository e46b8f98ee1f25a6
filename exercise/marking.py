"""Marking the desk after a run: the truth beside what the network saw the desk do.

The network knows what was hidden and answered, and when; it does not know what the desk
escalated. That stands on the desk's own cases and is compared there by the trainer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from core.actors import Actor
from exercise.authority import require_trainer
from exercise.models import Line, Message, Run


@dataclass(frozen=True)
class Mark:
    """One comment of a run: what it was, and what became of it on the network."""

    line: Line
    hidden_after: timedelta | None
    answered_after: timedelta | None

    @property
    def at_words(self) -> str:
        """Minutes and seconds of the scenario: "07:30"."""
        return f"{self.line.at_s // 60:02d}:{self.line.at_s % 60:02d}"

    @property
    def priority(self) -> int:
        """The true risk on the scale from 1, immediate, to 5, none."""
        return {"immediate": 1, "high": 2, "routine": 3}.get(self.line.true_risk, 5)

    @property
    def category_words(self) -> str:
        return self.line.true_category.replace("_", " ").capitalize()

    @property
    def clause_words(self) -> str:
        return self.line.hide_expected.replace("_", " ").capitalize()

    @property
    def judgement(self) -> str:
        """One word on the hiding: right, missed, or not called for; empty where nothing was asked or done."""
        if self.line.hide_expected:
            return "hidden" if self.hidden_after is not None else "missed"
        return "not called for" if self.hidden_after is not None else ""


@dataclass(frozen=True)
class Marking:
    """A run, comment by comment, and its sums."""

    run: Run
    marks: list[Mark]

    @property
    def to_hide(self) -> list[Mark]:
        return [mark for mark in self.marks if mark.line.hide_expected]

    @property
    def hidden_rightly(self) -> list[Mark]:
        return [mark for mark in self.to_hide if mark.hidden_after is not None]

    @property
    def hidden_wrongly(self) -> list[Mark]:
        return [mark for mark in self.marks if mark.judgement == "not called for"]

    @property
    def questions(self) -> list[Mark]:
        return [mark for mark in self.marks if mark.line.true_category == "question"]

    @property
    def answered_questions(self) -> list[Mark]:
        return [mark for mark in self.questions if mark.answered_after is not None]

    @property
    def at_risk(self) -> list[Mark]:
        return [mark for mark in self.marks if mark.line.true_risk in ("immediate", "high")]

    @property
    def hidden_words(self) -> str:
        return f"{len(self.hidden_rightly)} of {len(self.to_hide)}"

    @property
    def answered_words(self) -> str:
        return f"{len(self.answered_questions)} of {len(self.questions)}"

    @property
    def usual_words(self) -> str:
        """What half of the hiding took at most, in whole seconds or minutes."""
        usual = self.usual_time_to_hide
        if usual is None:
            return ""
        seconds = int(usual.total_seconds())
        return (
            f"Half of them within {seconds} s"
            if seconds < 120
            else f"Half of them within {seconds // 60} min"
        )

    @property
    def usual_time_to_hide(self) -> timedelta | None:
        """The median over what was rightly hidden."""
        times = [
            mark.hidden_after.total_seconds() for mark in self.hidden_rightly if mark.hidden_after is not None
        ]
        return timedelta(seconds=median(times)) if times else None


def mark(viewer: Actor, run: Run) -> Marking:
    """The marking of a run, its comments in the order of the scenario. Raises NotPermitted."""
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
    return Marking(
        run=run, marks=[_mark(line, line.message, first_answers) for line in lines if line.message]
    )


def _mark(line: Line, message: Message, first_answers: dict[int, Message]) -> Mark:
    answer = first_answers.get(message.pk)
    return Mark(
        line=line,
        hidden_after=_after(message, message.hidden_at),
        answered_after=_after(message, answer.created_at if answer is not None else None),
    )


def _after(message: Message, instant) -> timedelta | None:
    return max(instant - message.created_at, timedelta()) if instant else None
