"""Playing scenarios: a run is started once, moved on by the scheduler, and stopped or finished."""

from __future__ import annotations

import math
from datetime import timedelta

from django.db import IntegrityError, transaction

from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotFound, NotValid, Refused, TransitionNotAllowed
from exercise.actions import messages, profiles
from exercise.authority import require_trainer
from exercise.models import Line, Message, Profile, Run
from exercise.scenarios import Scenario

FASTEST = 1_000_000.0
"""“As fast as it will go”: the longest scenario falls due within a hundredth of a second."""
ENGINE = System("exercise network")


class AlreadyPlaying(Refused):
    """The scenario is being played. The sentence says since when."""


@action
def start_run(*, actor: Actor, scenario: Scenario, speed: float = 1.0) -> Run:
    """A scenario plays: its lines stand ready, each with the instant at which it falls due.

    speed: scenario seconds per real second, above 0 and at most FASTEST.
    Raises NotPermitted, NotValid (speed, a profile that is missing), AlreadyPlaying.
    Audits exercise.started.
    """
    require_trainer(actor)
    if not math.isfinite(speed) or not 0 < speed <= FASTEST:
        raise NotValid("Give a speed above 0, such as 1, 10 or 60; or max.", field="speed")
    there = set(
        Profile.objects.filter(handle__in=scenario.accounts, official=True).values_list("handle", flat=True)
    )
    if missing := sorted(set(scenario.accounts) - there):
        raise NotValid(
            f"The exercise network has no official profile @{', @'.join(missing)}. Open it before this scenario."
        )
    started_at = clock.now()
    try:
        with transaction.atomic():
            run = Run.objects.create(
                scenario=scenario.name,
                version=scenario.version,
                title=scenario.title,
                speed=speed,
                started_at=started_at,
                started_by_name=actor.actor_name[:200],
            )
    except IntegrityError:
        since = Run.objects.get(scenario=scenario.name, state=Run.State.PLAYING).started_at
        raise AlreadyPlaying(
            f"“{scenario.title}” has been playing since {clock.in_london(since):%H:%M}. Stop it first, or let it end."
        ) from None
    lines = [*_lines(scenario)]
    for line in lines:
        line.run = run
        line.due_at = started_at + timedelta(seconds=line.at_s / speed)
    lines.sort(key=lambda line: line.at_s)
    Line.objects.bulk_create(lines)
    record(
        actor=actor,
        event="exercise.started",
        subject=run,
        subject_name=run.title,
        details={"speed": speed, "lines": len(lines)},
    )
    return run


@action
def stop_run(*, actor: Actor, run: Run) -> Run:
    """A run plays no further line. What was written stays.

    Raises NotPermitted, or TransitionNotAllowed where it has ended. Audits exercise.stopped.
    """
    require_trainer(actor)
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.state != Run.State.PLAYING:
        raise TransitionNotAllowed(f"“{run.title}” has already ended.")
    _end(run, Run.State.STOPPED)
    record(actor=actor, event="exercise.stopped", subject=run, subject_name=run.title)
    return run


def advance_runs(*, actor: Actor = ENGINE) -> int:
    """Whatever is due in every playing run is said, in its order. Returns how many lines were played.

    Each run is one transaction under its own lock: a second pass at the same moment leaves the run
    alone, and a pass that is killed leaves everything to the next one. Audits exercise.played and
    exercise.finished.
    """
    playing = Run.objects.filter(state=Run.State.PLAYING).order_by("pk").values_list("pk", flat=True)
    return sum(_advance(actor, pk) for pk in list(playing))


@action
def _advance(actor: Actor, pk: int) -> int:
    run = Run.objects.select_for_update(skip_locked=True).filter(pk=pk, state=Run.State.PLAYING).first()
    if run is None:
        return 0
    due = list(run.lines.filter(played_at=None, due_at__lte=clock.now()).order_by("at_s", "id"))
    if due:
        written = _Written(run)
        for line in due:
            line.message = written.play(line)
            line.played_at = clock.now()
        Line.objects.bulk_update(due, ["message", "played_at"], batch_size=200)
        record(
            actor=actor,
            event="exercise.played",
            subject=run,
            subject_name=run.title,
            details={"count": len(due)},
        )
    if not run.lines.filter(played_at=None).exists():
        _end(run, Run.State.FINISHED)
        record(actor=actor, event="exercise.finished", subject=run, subject_name=run.title)
    return len(due)


class _Written:
    """What a run has written so far, by key, and the official profiles it speaks as."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.by_key = {
            line.key: line.message
            for line in run.lines.filter(message__isnull=False).select_related("message")
        }
        speaking = run.lines.filter(act__in=(Line.Act.POST, Line.Act.WEATHER))
        handles = {line.handle for line in speaking} | {
            line.private_to_handle for line in run.lines.exclude(private_to_handle="")
        }
        self.official = {profile.handle: profile for profile in Profile.objects.filter(handle__in=handles)}

    def play(self, line: Line) -> Message | None:
        """Say one line. None where it cannot be said: what it answers was deleted meanwhile, or whoever says it blocked."""
        try:
            message = self._say(line)
        except (NotFound, messages.KeptAway):
            return None
        if message is not None:
            self.by_key[line.key] = message
        return message

    def _say(self, line: Line) -> Message | None:
        if line.act == Line.Act.WEATHER:
            profiles.set_weather(actor=ENGINE, profile=self.official[line.handle], weather=line.text)
            return None
        if line.act == Line.Act.POST:
            message, _ = messages.publish(
                actor=ENGINE,
                profile=self.official[line.handle],
                key=f"run-{self.run.pk}-{line.key}"[:64],
                text=line.text,
                at=line.due_at,
            )
            return message
        if line.act == Line.Act.COMMENT:
            if line.under_key and self.by_key.get(line.under_key) is None:
                return None
            return messages.write_as_public(
                actor=ENGINE,
                handle=line.handle,
                name=line.name,
                text=line.text,
                under=self.by_key.get(line.under_key),
                private_to=self.official.get(line.private_to_handle),
                at=line.due_at,
            )
        written = self.by_key.get(line.key)
        if written is None:
            return None
        if line.act == Line.Act.EDIT:
            return messages.edit(actor=ENGINE, message=written, text=line.text, at=line.due_at)
        return messages.delete(actor=ENGINE, message=written)


def _lines(scenario: Scenario):
    for post in scenario.posts:
        yield Line(act=Line.Act.POST, key=post.key, at_s=post.at_s, handle=post.account, text=post.text)
    for comment in scenario.comments:
        yield Line(
            act=Line.Act.COMMENT,
            key=comment.key,
            at_s=comment.at_s,
            handle=comment.handle,
            name=comment.name,
            under_key=comment.under,
            private_to_handle=comment.private_to,
            text=comment.text,
            true_category=comment.category,
            true_risk=comment.risk,
            hide_expected=comment.hide_expected,
            note=comment.note,
        )
        if comment.edit is not None:
            yield Line(
                act=Line.Act.EDIT,
                key=comment.key,
                at_s=comment.edit.at_s,
                handle=comment.handle,
                text=comment.edit.text,
            )
        if comment.delete_at_s is not None:
            yield Line(act=Line.Act.DELETE, key=comment.key, at_s=comment.delete_at_s, handle=comment.handle)

    for number, change in enumerate(scenario.weather, 1):
        yield Line(
            act=Line.Act.WEATHER,
            key=f"weather-{number}",
            at_s=change.at_s,
            handle=change.account,
            text=change.weather,
        )


def _end(run: Run, state: str) -> None:
    """Nothing further is played, and the network treats those fairly again whom the run had let it treat badly."""
    handles = run.lines.filter(act=Line.Act.WEATHER).exclude(played_at=None).values_list("handle", flat=True)
    for profile in Profile.objects.filter(handle__in=set(handles)).order_by("pk"):
        profiles.set_weather(actor=ENGINE, profile=profile, weather=Profile.Weather.FAIR)
    run.state = state
    run.ended_at = clock.now()
    run.save(update_fields=["state", "ended_at"])
