"""The marked sheet of an exercise: what each planted comment truly was, and what the desk made of it, when.

The exercise network knows the truth (exercise.models.Line); arrivals, sights, decisions, cases and acknowledgements
are the desk's own facts. Here they are put side by side and judged by rules that the sheet itself states (`RULES`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property
from statistics import median
from typing import Any

from django.db.models import Prefetch

from accounts.queries import require
from core import clock
from core.actors import Actor
from escalation.models import Alert, Case, CaseComment
from exercise import marking
from exercise.models import Line, Run
from insights.models import ExerciseDebrief
from moderation.categories import ANSWER_WITHIN_MINUTES, HIGH_RISK, USUAL_PRIORITY, Category
from moderation.models import Comment, Decision
from publishing.models import Delivery
from staff.models import StaffMember
from staff.roles import Power

RUNS_COMPARED = 5
ASKED = frozenset({"question", "information_request"})
RULES = (
    f"A comment at immediate or high risk is right when it became a case within {ANSWER_WITHIN_MINUTES[1]} or "
    f"{ANSWER_WITHIN_MINUTES[2]} minutes of its arrival, late when it became one afterwards, and missed when it never did.",
    "A comment to hide is right when it was hidden or deleted, and missed when it stayed in sight.",
    "A question is right when somebody answered it, handed it over or noted that it is handled elsewhere.",
    "Everything else is rightly left in sight. Hiding it was wrong, also where it was shown again, and so was blocking "
    "whoever wrote it; so was making a case of it, unless its category is one of those that become cases.",
    "What was taken back before it left counts as not done. What did not arrive, and what its author deleted before "
    "anything was due, counts neither way.",
    "While a run plays, what is not yet due is open; once it has ended, what is not done is missed, also where its time "
    "was not over. All times are real ones, whatever the speed of the run.",
)


class Verdict(Enum):
    """How a comment was dealt with: a state for the badge, and the word."""

    RIGHT = "right"
    LATE = "late"
    MISSED = "missed"
    WRONG = "wrong"
    LEFT = "left"
    OPEN = "open"
    GONE = "gone"
    NOT_ARRIVED = "not_arrived"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def state(self) -> str:
        """As the component of states calls it."""
        return {
            Verdict.RIGHT: "done",
            Verdict.LEFT: "done",
            Verdict.LATE: "waiting",
            Verdict.OPEN: "open",
            Verdict.MISSED: "failed",
            Verdict.WRONG: "failed",
            Verdict.GONE: "removed",
            Verdict.NOT_ARRIVED: "unknown",
        }[self]


_LABELS = {
    Verdict.RIGHT: "Right",
    Verdict.LATE: "Late",
    Verdict.MISSED: "Missed",
    Verdict.WRONG: "Wrong",
    Verdict.LEFT: "Rightly left",
    Verdict.OPEN: "Not yet due",
    Verdict.GONE: "Gone before",
    Verdict.NOT_ARRIVED: "Did not arrive",
}


@dataclass(frozen=True)
class Act:
    """Something that somebody did with a comment."""

    kind: str
    what: str
    by: str
    at: datetime
    clause: str = ""
    came_to_nothing: bool = False
    """It was taken back before it left, or the platform refused it."""


@dataclass(frozen=True)
class Row:
    """One planted comment: the truth, what became of it, and the verdict."""

    line: Line
    arrived_at: datetime | None
    seen_at: datetime | None
    seen_by: str
    acts: tuple[Act, ...]
    comment_id: int | None
    case_id: int | None
    case: str
    case_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    without_the_desk: bool
    """Its case began by itself: nobody at the desk answered its alert in time."""
    verdict: Verdict
    why: str

    @property
    def at_words(self) -> str:
        """Minutes and seconds of the scenario: "07:30"."""
        return f"{self.line.at_s // 60:02d}:{self.line.at_s % 60:02d}"

    @property
    def priority(self) -> int:
        return true_priority(self.line)

    @property
    def category(self) -> str:
        return _category(self.line.true_category)

    @property
    def to_hide(self) -> str:
        return self.line.hide_expected.replace("_", " ").capitalize()

    @property
    def arrived_late(self) -> timedelta | None:
        """How long after it was written it reached the desk."""
        return self._since(self.line.due_at, self.arrived_at)

    @property
    def seen_after(self) -> timedelta | None:
        return self._since(self.arrived_at, self.seen_at)

    @property
    def done(self) -> Act | None:
        """What was done first that settles it."""
        return self.acts[0] if self.acts else None

    @property
    def done_after(self) -> timedelta | None:
        return self._since(self.arrived_at, self.done.at if self.done else self.case_at)

    @property
    def case_after(self) -> timedelta | None:
        return self._since(self.arrived_at, self.case_at)

    @property
    def acknowledged_after(self) -> timedelta | None:
        """From the case to somebody who said that they have it."""
        return self._since(self.case_at, self.acknowledged_at)

    @property
    def done_words(self) -> str:
        """What was done, without names: "Hidden, Escalated"."""
        words = list(dict.fromkeys(act.what for act in self.acts))
        if self.case and "Escalated" not in words:
            words.append("In a case")
        return ", ".join(words)

    @staticmethod
    def _since(start: datetime | None, end: datetime | None) -> timedelta | None:
        return max(end - start, timedelta()) if start is not None and end is not None else None


@dataclass(frozen=True)
class Figure:
    """One figure of the team: its words, the number, and what it is out of."""

    slug: str
    label: str
    value: float | None
    of: int | None = None
    seconds: bool = False

    @property
    def shown(self) -> str:
        """The figure in words: "3 of 4", "2 min 30 s", or "none"."""
        if self.value is None:
            return "–"
        if self.seconds:
            return duration_words(self.value)
        return f"{self.value:g}" + (f" of {self.of}" if self.of is not None else "")

    def as_data(self) -> dict[str, Any]:
        return {"value": self.value, "of": self.of, "seconds": self.seconds, "label": self.label}


def duration_words(seconds: float) -> str:
    """Seconds to the second: "45 s", "2 min 05 s", "1 h 02 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


@dataclass(frozen=True)
class Sheet:
    """A run, comment by comment, and the team's figures. Figures name nobody."""

    run: Run
    rows: tuple[Row, ...]
    made_at: datetime

    @cached_property
    def at_risk(self) -> list[Row]:
        return [row for row in self.rows if row.priority <= 2]

    @property
    def not_arrived(self) -> int:
        """Comments that were played and never reached the desk: nothing can be said of them."""
        return _count(self.rows, Verdict.NOT_ARRIVED)

    @cached_property
    def amiss(self) -> list[Row]:
        """What to talk about first: missed, late and wrong, the gravest first."""
        talked = (Verdict.MISSED, Verdict.LATE, Verdict.WRONG)
        return sorted(
            (row for row in self.rows if row.verdict in talked), key=lambda row: (row.priority, row.line.at_s)
        )

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        arrived = [row for row in self.rows if row.verdict != Verdict.NOT_ARRIVED]
        risk = [row for row in arrived if row.priority <= 2]
        to_hide = [row for row in arrived if row.line.hide_expected and row.priority > 2]
        asked = [row for row in arrived if _asks(row.line)]
        return (
            Figure(
                "at_risk_found", "At risk and made a case", sum(bool(row.case_at) for row in risk), len(risk)
            ),
            Figure("at_risk_in_time", "At risk and a case in time", _count(risk, Verdict.RIGHT), len(risk)),
            Figure(
                "without_the_desk",
                "At risk and a case that began without the desk",
                sum(row.without_the_desk for row in risk),
                len(risk),
            ),
            Figure("hidden", "Hidden of those to hide", _count(to_hide, Verdict.RIGHT), len(to_hide)),
            Figure("answered", "Questions answered", _count(asked, Verdict.RIGHT), len(asked)),
            Figure("wrong", "Hidden, blocked or a case without need", _count(arrived, Verdict.WRONG)),
            Figure("not_arrived", "Did not arrive", len(self.rows) - len(arrived)),
            _middle("seen_median", "At risk: arrival to first sight, half within", risk, "seen_after"),
            _most("seen_most", "At risk: arrival to first sight, at most", risk, "seen_after"),
            _middle("case_median", "At risk: arrival to case, half within", risk, "case_after"),
            _most("case_most", "At risk: arrival to case, at most", risk, "case_after"),
            _middle("acknowledged_median", "Case to “I have it”, half within", risk, "acknowledged_after"),
            _most("acknowledged_most", "Case to “I have it”, at most", risk, "acknowledged_after"),
            Figure(
                "unacknowledged",
                "Cases that nobody has said they have",
                sum(row.case_at is not None and row.acknowledged_at is None for row in risk),
            ),
        )

    def as_data(self) -> dict[str, Any]:
        """The figures as plain data: what a debrief keeps."""
        return {figure.slug: figure.as_data() for figure in self.figures}


def _count(rows: Iterable[Row], verdict: Verdict) -> int:
    return sum(row.verdict == verdict for row in rows)


def _seconds(rows: Iterable[Row], name: str) -> list[float]:
    found = (getattr(row, name) for row in rows)
    return [one.total_seconds() for one in found if one is not None]


def _middle(slug: str, label: str, rows: Iterable[Row], name: str) -> Figure:
    times = _seconds(rows, name)
    return Figure(slug, label, median(times) if times else None, seconds=True)


def _most(slug: str, label: str, rows: Iterable[Row], name: str) -> Figure:
    times = _seconds(rows, name)
    return Figure(slug, label, max(times) if times else None, seconds=True)


# Reading


def sheet(viewer: Actor, run: Run) -> Sheet:
    """The marked sheet of a run as it stands now. Raises NotPermitted for anyone but a trainer.

    Six reads, however long the run. Exercises are invented: a trainer reads all of it, whatever official accounts
    they otherwise see.
    """
    if isinstance(viewer, StaffMember):
        require(viewer, Power.RUN_EXERCISES)
    marks = marking.mark(viewer, run)
    by_message = _comments(str(one.line.message_id) for one in marks)
    now = clock.now()
    rows = [_row(run, one, by_message.get(str(one.line.message_id)), now) for one in marks]
    return Sheet(run, tuple(rows), now)


def _comments(messages: Iterable[str]) -> dict[str, Comment]:
    found = (
        Comment.objects.filter(platform="exercise", external_id__in=list(messages))
        .select_related("first_sight__by")
        .prefetch_related(
            Prefetch(
                "decisions",
                Decision.objects.select_related("by", "clause", "delivery").order_by("at", "id"),
                "decided",
            ),
            Prefetch("alerts", Alert.objects.select_related("seen_by", "settled_by"), "alerted"),
            Prefetch("case_link", CaseComment.objects.select_related("case__acknowledged_by")),
        )
    )
    return {comment.external_id: comment for comment in found}


def _row(run: Run, one: marking.Mark, comment: Comment | None, now: datetime) -> Row:
    acts = _acts(comment)
    alert = _alert(comment)
    link = getattr(comment, "case_link", None)
    case = link.case if link is not None else None
    seen_at, seen_by = _seen(comment, acts)
    # A case is of the moment at which the comment was in it: one that joined a case of before counts from there.
    joined_at = max(case.opened_at, link.added_at) if case is not None and link is not None else None
    escalated_at = _escalated(acts, joined_at)
    case_at = min((at for at in (joined_at, escalated_at) if at is not None), default=None)
    without_the_desk = (
        joined_at is not None
        and escalated_at is None
        and alert is not None
        and alert.state == Alert.State.PASSED_ON
    )
    verdict, why = _judged(run, one, comment, acts, case_at, now, without_the_desk=without_the_desk)
    return Row(
        line=one.line,
        arrived_at=comment.received_at if comment else None,
        seen_at=seen_at,
        seen_by=seen_by,
        acts=acts,
        comment_id=comment.pk if comment else None,
        case_id=case.pk if case else None,
        case=case.reference if case else "",
        case_at=case_at,
        acknowledged_at=case.first_acknowledged_at if case else None,
        acknowledged_by=_first_holder(case) if case else "",
        without_the_desk=without_the_desk,
        verdict=verdict,
        why=why,
    )


def _alert(comment: Comment | None) -> Alert | None:
    return next(iter(comment.alerted), None) if comment is not None else None  # type: ignore[attr-defined]


def _seen(comment: Comment | None, acts: tuple[Act, ...]) -> tuple[datetime | None, str]:
    """When somebody first had its words before them: opened, on its alert, or decided on."""
    seen = [(act.at, act.by) for act in acts]
    sight, alert = getattr(comment, "first_sight", None), _alert(comment)
    if sight is not None:
        seen.append((sight.at, sight.by.called))
    if alert is not None and alert.seen_at is not None and alert.seen_by is not None:
        seen.append((alert.seen_at, alert.seen_by.called))
    return min(seen, default=(None, ""))


def _escalated(acts: tuple[Act, ...], joined_at: datetime | None) -> datetime | None:
    """When it was escalated to stay so: not what was taken back before a case was open."""
    back = [act.at for act in acts if act.kind == Decision.Kind.REOPEN]
    return next(
        (
            act.at
            for act in acts
            if act.kind == Decision.Kind.ESCALATE
            and (joined_at is None or act.at <= joined_at)
            and not any(act.at <= at and (joined_at is None or at < joined_at) for at in back)
        ),
        None,
    )


def _first_holder(case: Case) -> str:
    """Who said first that they have it; only "Somebody" once it has gone on to another."""
    if case.first_acknowledged_at is None:
        return ""
    return case.holder if case.acknowledged_at == case.first_acknowledged_at else "Somebody"


_ASIDE = frozenset({Decision.Kind.RETRIAGE, Decision.Kind.AUTOMATIC})
_TAKEN_FROM_SIGHT = frozenset({Decision.Kind.HIDE, Decision.Kind.DELETE})
_ANSWERED = frozenset({Decision.Kind.REPLY, Decision.Kind.HAND_OVER, Decision.Kind.ELSEWHERE})


def _acts(comment: Comment | None) -> tuple[Act, ...]:
    if comment is None:
        return ()
    acts = [
        _act(one)
        for one in comment.decided  # type: ignore[attr-defined]  # prefetched by _comments
        # What the platform or its author reopened, nobody took back.
        if one.kind not in _ASIDE and not (one.kind == Decision.Kind.REOPEN and one.by is None)
    ]
    alert = _alert(comment)
    if alert is not None and alert.state == Alert.State.STOOD_DOWN and alert.settled_at is not None:
        acts.append(Act(alert.state, "Alert stood down", alert.settled_by_name, alert.settled_at))
    return tuple(sorted(acts, key=lambda act: act.at))


_NOTHING_CAME = {
    Delivery.State.WITHDRAWN: "taken back before it left",
    Delivery.State.REJECTED: "refused by the platform",
}


def _act(one: Decision) -> Act:
    nothing = _NOTHING_CAME.get(Delivery.State(one.delivery.state)) if one.delivery is not None else None
    return Act(
        one.kind,
        one.get_kind_display() + (f" ({nothing})" if nothing else ""),
        one.by.called if one.by is not None else one.by_name,
        one.at,
        one.clause.slug if one.clause is not None else "",
        came_to_nothing=nothing is not None,
    )


def _judged(
    run: Run,
    one: marking.Mark,
    comment: Comment | None,
    acts: tuple[Act, ...],
    case_at: datetime | None,
    now: datetime,
    *,
    without_the_desk: bool,
) -> tuple[Verdict, str]:
    line, priority = one.line, true_priority(one.line)
    if comment is None:
        return Verdict.NOT_ARRIVED, "It never reached the desk."
    limit = timedelta(minutes=ANSWER_WITHIN_MINUTES[priority] or 0)
    in_time = now < comment.received_at + limit
    waits = run.state == Run.State.PLAYING and in_time
    if priority <= 2:
        verdict, why = _judged_risk(case_at, comment.received_at, limit, waits)
        if verdict == Verdict.MISSED and in_time and run.ended_at is not None:
            had = duration_words(max((run.ended_at - comment.received_at).total_seconds(), 0))
            why = f"No case yet. The run ended {had} after it arrived."
        elif without_the_desk:
            why += " It began by itself: nobody at the desk answered the alert."
        return verdict, why
    carried_out = tuple(act for act in acts if not act.came_to_nothing)
    hidden = next((act for act in carried_out if act.kind in _TAKEN_FROM_SIGHT), None)
    shown_at = _shown_again(carried_out)
    if line.hide_expected:
        stays = hidden if shown_at is None else None
        verdict, why = _judged_hiding(
            line, stays, one.hidden_after is not None, waits, gone=_deleted(comment)
        )
        if verdict == Verdict.MISSED and shown_at is not None:
            why = "Taken from sight, and shown again."
        return verdict, why
    if hidden is not None or one.hidden_after is not None:
        again = f" Shown again after {_span(hidden.at, shown_at)}." if hidden and shown_at else ""
        return Verdict.WRONG, f"Hidden, and nothing called for it.{again}"
    if any(act.kind == Decision.Kind.BLOCK for act in carried_out):
        return Verdict.WRONG, "Its author was blocked, and nothing called for it."
    if case_at is not None and line.true_category not in HIGH_RISK:
        if without_the_desk:
            return (
                Verdict.WRONG,
                "A case without need began by itself: nobody at the desk answered the alert.",
            )
        return Verdict.WRONG, "Made a case, and nothing called for it."
    if _asks(line):
        if _answered(carried_out) or one.answered_after is not None:
            return Verdict.RIGHT, "Answered or passed on."
        if _deleted(comment):
            return Verdict.GONE, "Its author deleted it."
        return (Verdict.OPEN, "Not answered yet.") if waits else (Verdict.MISSED, "Nobody answered it.")
    return Verdict.LEFT, "Nothing was called for."


def _shown_again(carried_out: tuple[Act, ...]) -> datetime | None:
    """When it was shown again after it was last taken from sight."""
    shown_at = None
    for act in carried_out:
        if act.kind in _TAKEN_FROM_SIGHT:
            shown_at = None
        elif act.kind == Decision.Kind.UNHIDE:
            shown_at = act.at
    return shown_at


def _answered(carried_out: tuple[Act, ...]) -> bool:
    """Whether an answer stands: a reply that has left cannot be taken back, the others can."""
    answered = False
    for act in carried_out:
        if act.kind in _ANSWERED:
            answered = True
        elif act.kind == Decision.Kind.REOPEN:
            answered = any(one.kind == Decision.Kind.REPLY for one in carried_out)
    return answered


def _span(start: datetime, end: datetime) -> str:
    return duration_words((end - start).total_seconds())


def _judged_risk(
    case_at: datetime | None, arrived_at: datetime, limit: timedelta, waits: bool
) -> tuple[Verdict, str]:
    within = duration_words(limit.total_seconds())
    if case_at is not None:
        if case_at - arrived_at <= limit:
            return Verdict.RIGHT, f"Made a case within {within}."
        return Verdict.LATE, f"Made a case, but later than {within} after it arrived."
    if waits:
        return Verdict.OPEN, f"No case yet; due within {within} of its arrival."
    return Verdict.MISSED, "It never became a case."


def _judged_hiding(
    line: Line, act: Act | None, off_the_network: bool, waits: bool, *, gone: bool
) -> tuple[Verdict, str]:
    if act is not None:
        other = act.clause and act.clause != line.hide_expected
        under = f" under another clause than {_category(line.hide_expected).lower()}" if other else ""
        return Verdict.RIGHT, f"Taken from sight{under}."
    if off_the_network:
        return Verdict.RIGHT, "Taken from sight on the network."
    if gone:
        return Verdict.GONE, "Its author deleted it."
    return (Verdict.OPEN, "Still in sight.") if waits else (Verdict.MISSED, "It stayed in sight.")


def _deleted(comment: Comment) -> bool:
    return comment.removed_at is not None and comment.removed_by != Comment.RemovedBy.US


def _asks(line: Line) -> bool:
    return line.true_category in ASKED and not line.hide_expected and true_priority(line) > 2


def true_priority(line: Line) -> int:
    """The true risk on the scale from 1, immediate, to 5, none; routine by what is usual of its category."""
    if line.true_risk in ("immediate", "high"):
        return 1 if line.true_risk == "immediate" else 2
    if line.true_risk == "routine":
        return max(3, min(4, USUAL_PRIORITY.get(line.true_category, 3)))
    return 5


def _category(slug: str) -> str:
    return Category(slug).label if slug in Category.values else slug.replace("_", " ").capitalize()


# Runs beside each other


@dataclass(frozen=True)
class Compared:
    """The team's figures of one run, kept by its debrief or worked out now."""

    run: Run
    figures: dict[str, dict[str, Any]]
    kept: bool

    def shown(self, slug: str) -> str:
        found = self.figures.get(slug)
        return Figure(slug, "", found["value"], found["of"], found["seconds"]).shown if found else "–"


def compared(viewer: Actor, of: Sheet) -> list[Compared]:
    """This run and those before it of the same scenario, the newest first. A debrief's figures count as it kept them:
    the comments that they were worked out from may be disposed of meanwhile. Raises NotPermitted."""
    earlier = list(
        Run.objects.filter(scenario=of.run.scenario, started_at__lt=of.run.started_at).order_by(
            "-started_at"
        )[:RUNS_COMPARED]
    )
    kept = {one.run_id: one.figures for one in ExerciseDebrief.objects.filter(run__in=earlier)}
    return [
        Compared(of.run, of.as_data(), kept=False),
        *(
            Compared(run, kept[run.pk], kept=True)
            if run.pk in kept
            else Compared(run, sheet(viewer, run).as_data(), kept=False)
            for run in earlier
        ),
    ]


def comparison(viewer: Actor, of: Sheet) -> tuple[list[Compared], list[tuple[str, list[str]]]]:
    """The runs as columns, and each figure as a row of what they reached."""
    runs = compared(viewer, of)
    return runs, [(figure.label, [one.shown(figure.slug) for one in runs]) for figure in of.figures]


def debrief_of(viewer: StaffMember, run: Run) -> ExerciseDebrief | None:
    """What was recorded when the run was talked through. Raises NotPermitted."""
    require(viewer, Power.RUN_EXERCISES)
    return ExerciseDebrief.objects.select_related("recorded_by").filter(run=run).first()
