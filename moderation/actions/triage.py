"""Teaching triage: examples, versions, and which of them is live. And what the model adds to comments.

Nothing that is taught is live until a desk supervisor switches to the version made from it; the version before
stands ready to be switched back to. The model raises comments, never lowers them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from moderation import queries_triage, trying_rules
from moderation import switched_off as stopped
from moderation.categories import ANSWER_WITHIN_MINUTES, Category
from moderation.models import Comment, Exemplar, TriageJob, TriageStop, TriageSwitch, TriageVersion
from moderation.triage import exemplars as files
from moderation.triage.blend import Suggestion
from staff.models import StaffMember
from staff.roles import Power

LEASE = timedelta(seconds=60)
"""For which a worker has a comment or a job to itself; killed, it leaves them to the next one."""
JOB_LEASE = timedelta(minutes=5)
WHY_LENGTH = 500


# Examples


@action
def add_exemplar(
    *,
    actor: StaffMember,
    category: str,
    text: str,
    counter: bool = False,
    language: str = "en",
    from_comment: Comment | None = None,
) -> Exemplar:
    """A text becomes an example of a category, or a counter-example; the next version will know it.

    from_comment: the comment whose words these are, where they are one's. The same words again answer the
    example that is there. Raises NotPermitted (needs to work comments somewhere), NotValid (no words, more than 600
    characters, no such category). Audits triage.exemplar_added.
    """
    require(actor, Power.WORK_COMMENTS)
    text = " ".join(text.split())
    if not text:
        raise NotValid("Write the words of the example first.", field="text")
    if len(text) > files.LONGEST:
        raise NotValid(
            f"The example is {len(text):,} characters long; {files.LONGEST} fit. Keep the part that tells.",
            field="text",
        )
    if category not in Category.values:
        raise NotValid("Choose a category from the list.", field="category")
    exemplar, fresh = Exemplar.objects.get_or_create(
        category=category,
        text=text,
        withdrawn_at=None,
        defaults={
            "counter": counter,
            "language": language[:12],
            "from_comment_id": from_comment.pk if from_comment else None,
            "added_by": actor,
            "added_by_name": actor.called,
            "added_at": clock.now(),
        },
    )
    if fresh:
        _audit_exemplar(actor, "triage.exemplar_added", exemplar)
    elif exemplar.counter != counter:
        other = "a counter-example" if exemplar.counter else "an example"
        raise NotValid(
            f"These words are {other} of this category already. Withdraw that one first.", field="text"
        )
    return exemplar


@action
def withdraw_exemplar(*, actor: StaffMember, exemplar: Exemplar) -> Exemplar:
    """The example counts no longer from the next version on. Withdrawing it again changes nothing.

    Raises NotPermitted. Audits triage.exemplar_withdrawn.
    """
    require(actor, Power.WORK_COMMENTS)
    exemplar = Exemplar.objects.select_for_update().get(pk=exemplar.pk)
    if exemplar.withdrawn_at is None:
        exemplar.withdrawn_at = clock.now()
        exemplar.withdrawn_by, exemplar.withdrawn_by_name = actor, actor.called
        exemplar.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_by_name"])
        _audit_exemplar(actor, "triage.exemplar_withdrawn", exemplar)
    return exemplar


@action
def restore_exemplar(*, actor: StaffMember, exemplar: Exemplar) -> Exemplar:
    """Undo of a withdrawal. Raises NotPermitted, TransitionNotAllowed (the same words were added meanwhile).

    Audits triage.exemplar_restored.
    """
    require(actor, Power.WORK_COMMENTS)
    exemplar = Exemplar.objects.select_for_update().get(pk=exemplar.pk)
    if exemplar.withdrawn_at is None:
        return exemplar
    if Exemplar.objects.filter(category=exemplar.category, text=exemplar.text, withdrawn_at=None).exists():
        raise TransitionNotAllowed("The same words are an example of this category again already.")
    exemplar.withdrawn_at = exemplar.withdrawn_by = None
    exemplar.withdrawn_by_name = ""
    exemplar.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_by_name"])
    _audit_exemplar(actor, "triage.exemplar_restored", exemplar)
    return exemplar


@action
def seed_exemplars(*, actor: Actor) -> int:
    """The examples that ship stand among the desk's; what somebody withdrew stays withdrawn. Answers how many are new.

    Safe to repeat. Audits triage.exemplars_seeded where there are new ones.
    """
    known = set(Exemplar.objects.values_list("category", "text"))
    now = clock.now()
    fresh: dict[tuple[str, str], Exemplar] = {}
    for one in files.shipped():
        text = " ".join(one.text.split())[: files.LONGEST]
        if (one.category, text) not in known:
            fresh.setdefault(
                (one.category, text),
                Exemplar(
                    category=one.category,
                    counter=one.counter,
                    text=text,
                    language=one.language,
                    added_by_name="shipped",
                    added_at=now,
                ),
            )
    Exemplar.objects.bulk_create(fresh.values(), ignore_conflicts=True)
    if fresh:
        record(actor=actor, event="triage.exemplars_seeded", details={"added": len(fresh)})
    return len(fresh)


# Versions


@action
def ask_version(
    *, actor: StaffMember, kind: str, days: int = 30, off: Iterable[str] | None = None
) -> TriageJob:
    """A version is made from what is taught now and tried on the comments of the last days; nothing is live by that.

    kind: of TriageVersion.Kind, but for what ships. off: categories to switch off in it, None: as in the live one.
    One at a time: asking again while one waits or runs answers that one.
    Raises NotPermitted (the desk asks for changed examples, supervisors for the rest), NotValid. Audits triage.version_asked.
    """
    if kind not in TriageVersion.Kind.values or kind == TriageVersion.Kind.SHIPPED:
        raise NotValid("Choose what the version is to be made from.", field="kind")
    if not 1 <= days <= 90:
        raise NotValid("Try it on the comments of 1 to 90 days.", field="days")
    require(actor, Power.WORK_COMMENTS)
    if kind != TriageVersion.Kind.EXEMPLARS or off is not None:
        _require_supervisor(actor)
    live = TriageVersion.objects.filter(live=True).defer("model").first()
    switched_off = sorted(set(off if off is not None else (live.off if live else [])))
    if not set(switched_off) <= set(Category.values):
        raise NotValid("Switch off categories from the list only.", field="off")
    return _job(actor, kind, switched_off, days)


@action
def begin_version(*, actor: System, kind: str, days: int) -> TriageJob:
    """The same from the command line of the machine. Audits triage.version_asked."""
    live = TriageVersion.objects.filter(live=True).defer("model").first()
    return _job(actor, kind, list(live.off) if live else [], days)


@action
def ask_trial(*, actor: StaffMember, off: Iterable[str], on: Iterable[str], days: int) -> TriageJob:
    """What rules or categories switched off or on would change is worked out on the last days; nothing is switched.

    One at a time: asking for the same again while it waits or runs answers that one.
    Raises NotPermitted (the desk), NotValid (nothing to try, or another is being tried). Audits triage.trial_asked.
    """
    require(actor, Power.WORK_COMMENTS)
    wished = trying_rules.wish(off, on, (), gone=stopped.off())
    if not 1 <= days <= 90:
        raise NotValid("Try it on the comments of 1 to 90 days.", field="days")
    wish = {"off": sorted(wished.off), "on": sorted(wished.on)}
    return _job(actor, TriageJob.RULES, [], days, wish=wish)


@action
def keep_trial(*, actor: Actor, job: TriageJob, report: dict[str, Any]) -> None:
    """The trial is done, and its figures stand on its page. Audits triage.rules_tried."""
    changed = TriageJob.objects.filter(pk=job.pk, state__in=_UNFINISHED).update(
        state=TriageJob.State.DONE, report=report, progress=100, lease_until=None, finished_at=clock.now()
    )
    if changed:
        record(
            actor=actor,
            event="triage.rules_tried",
            subject=job,
            details={"comments": report["comments"], **job.wish},
        )


def _job(
    actor: StaffMember | System, kind: str, off: list[str], days: int, *, wish: dict[str, Any] | None = None
) -> TriageJob:
    unfinished = TriageJob.objects.select_for_update().filter(state__in=_UNFINISHED)
    of_rules = unfinished.filter(kind=TriageJob.RULES)
    waiting = (unfinished.exclude(kind=TriageJob.RULES) if wish is None else of_rules).first()
    if waiting is not None:
        if wish is not None and (waiting.wish, waiting.days) != (wish, days):
            raise NotValid("Another change is being tried. Ask again in a few minutes, when it is done.")
        return waiting
    job = TriageJob.objects.create(
        kind=kind,
        wish=wish or {},
        off=off,
        days=days,
        asked_by=actor if isinstance(actor, StaffMember) else None,
        asked_by_name=actor.called if isinstance(actor, StaffMember) else actor.actor_name,
        asked_at=clock.now(),
    )
    record(
        actor=actor,
        event="triage.version_asked" if wish is None else "triage.trial_asked",
        subject=job,
        subject_name=job.get_kind_display(),
        details={"kind": job.get_kind_display(), "days": days, **(wish or {"off": off})},
    )
    return job


_UNFINISHED = (TriageJob.State.WAITING, TriageJob.State.RUNNING)


@action
def take_job(*, actor: Actor) -> TriageJob | None:
    """The next version to be made is this worker's for five minutes; None where there is nothing to do."""
    now = clock.now()
    job = (
        TriageJob.objects.select_for_update(skip_locked=True)
        .filter(Q(state=TriageJob.State.WAITING) | Q(state=TriageJob.State.RUNNING, lease_until__lt=now))
        .order_by("id")
        .first()
    )
    if job is not None:
        job.state, job.lease_until, job.progress = TriageJob.State.RUNNING, now + JOB_LEASE, 0
        job.save(update_fields=["state", "lease_until", "progress"])
    return job


@action
def note_progress(*, actor: Actor, job: TriageJob, percent: int) -> None:
    """How far it has come, and the lease renewed."""
    TriageJob.objects.filter(pk=job.pk, state=TriageJob.State.RUNNING).update(
        progress=max(0, min(100, percent)), lease_until=clock.now() + JOB_LEASE
    )


@action
def keep_version(*, actor: Actor, job: TriageJob | None, made: dict[str, Any]) -> TriageVersion:
    """The version is kept, with what it would change. The same one made again is the one that is there.

    made: the fields of TriageVersion but for who, when and live. Audits triage.version_made.
    """
    by = job.asked_by if job is not None else None
    by_name = job.asked_by_name if job is not None else actor.actor_name
    version, fresh = TriageVersion.objects.get_or_create(
        name=made["name"], defaults={**made, "made_by": by, "made_by_name": by_name, "made_at": clock.now()}
    )
    if fresh:
        record(
            actor=actor,
            event="triage.version_made",
            subject=version,
            subject_name=version.name,
            details={"exemplars": version.exemplars, "ordinary": version.ordinary, "labels": version.labels},
        )
    if job is not None:
        TriageJob.objects.filter(pk=job.pk, state__in=_UNFINISHED).update(
            state=TriageJob.State.DONE,
            version=version,
            report=made["report"],
            progress=100,
            lease_until=None,
            finished_at=clock.now(),
        )
    return version


@action
def fail_job(*, actor: Actor, job: TriageJob, fault: str) -> None:
    """The version could not be made, and says why. Audits triage.version_failed."""
    changed = TriageJob.objects.filter(pk=job.pk, state__in=_UNFINISHED).update(
        state=TriageJob.State.FAILED, fault=fault[:300], lease_until=None, finished_at=clock.now()
    )
    if changed:
        record(actor=actor, event="triage.version_failed", subject=job, details={"fault": fault[:300]})


@action
def switch_version(*, actor: StaffMember, version: TriageVersion, why: str) -> TriageSwitch | None:
    """From now on this version speaks; the one before stays ready. Comments that were read keep what was said of them.

    None where it is live already. Raises NotPermitted (desk supervisors), NotValid (no reason, or made for a release
    that reads another shape). Audits triage.switched.
    """
    _require_supervisor(actor)
    why = " ".join(why.split())
    if not why:
        raise NotValid("Say in a sentence why this version is to be live.", field="why")
    if len(why) > WHY_LENGTH:
        raise NotValid(f"Say it in {WHY_LENGTH} characters at most.", field="why")
    if not queries_triage.readable(version.pk):
        raise NotValid(
            f"{version.name} is of an earlier release, which this one cannot read. Make a version anew from what is "
            "taught, and switch to that.",
            field="why",
        )
    return _switch(actor, version, why)


@action
def start_with(
    *, actor: Actor, version: TriageVersion, unreadable: TriageVersion | None = None
) -> TriageSwitch | None:
    """What ships becomes live where nothing is, where an earlier release's is, or where this release cannot read it.

    What people chose is left alone otherwise. unreadable: a version whose bytes are of another release's shape.
    """
    chosen = TriageVersion.objects.filter(live=True).exclude(kind=TriageVersion.Kind.SHIPPED)
    if unreadable is not None:
        chosen = chosen.exclude(pk=unreadable.pk)
    if chosen.exists():
        return None
    why = "The version that ships with this release"
    if unreadable is not None:
        why += f": {unreadable.name} is of an earlier release, which this one cannot read. Make it anew."
    return _switch(actor, version, why)


@action
def switch_off(*, actor: StaffMember, categories: Iterable[str] = (), why: str) -> TriageStop:
    """From this second triage says nothing of these categories, or nothing at all: then comments stand by time.

    categories: none means all. What was said of comments before stays with them. Instead of a stop that
    stands already. Raises NotPermitted (desk supervisors), NotValid (no reason, no such category).
    Audits triage.switched_off.
    """
    _require_supervisor(actor)
    why = " ".join(why.split())
    if not why or len(why) > WHY_LENGTH:
        raise NotValid(
            "Say in a sentence why it is switched off: the desk reads it."
            if not why
            else f"Say it in {WHY_LENGTH} characters at most.",
            field="why",
        )
    slugs = sorted(set(categories))
    if not set(slugs) <= set(Category.values) - {Category.NONE.value}:
        raise NotValid("Switch off categories from the list only.", field="categories")
    now = clock.now()
    TriageStop.objects.select_for_update().filter(ended_at=None).update(ended_at=now, ended_by=actor)
    stop = TriageStop.objects.create(categories=slugs, why=why, by=actor, at=now)
    record(
        actor=actor,
        event="triage.switched_off",
        subject=stop,
        subject_name=str(stop),
        reason=why,
        details={"categories": slugs or ["all"]},
    )
    return stop


@action
def switch_on(*, actor: StaffMember) -> TriageStop:
    """Triage speaks again on what comes from now on. Raises NotPermitted, TransitionNotAllowed (it is on).

    What came meanwhile waits for the model, which reads it now. Audits triage.switched_on.
    """
    _require_supervisor(actor)
    stop = TriageStop.objects.select_for_update().filter(ended_at=None).first()
    if stop is None:
        raise TransitionNotAllowed("It is on already. Reload the page to see how it stands.")
    now = clock.now()
    stop.ended_at, stop.ended_by = now, actor
    stop.save(update_fields=["ended_at", "ended_by"])
    Comment.objects.filter(state=Comment.State.OPEN, received_at__gte=stop.at).update(model_due_at=now)
    record(actor=actor, event="triage.switched_on", subject=stop, subject_name=str(stop))
    return stop


def _switch(actor: Actor, version: TriageVersion, why: str) -> TriageSwitch | None:
    versions = {
        one.pk: one
        for one in TriageVersion.objects.select_for_update()
        .filter(Q(live=True) | Q(pk=version.pk))
        .order_by("pk")
        .defer("model")
    }
    version = versions[version.pk]
    was = next((one for one in versions.values() if one.live), None)
    if was is not None and was.pk == version.pk:
        return None
    if was is not None:
        TriageVersion.objects.filter(pk=was.pk).update(live=False)
    TriageVersion.objects.filter(pk=version.pk).update(live=True)
    switch = TriageSwitch.objects.create(
        version=version,
        was=was,
        why=why,
        by_id=actor.actor_id if isinstance(actor, StaffMember) else None,
        by_name=actor.called if isinstance(actor, StaffMember) else actor.actor_name,
        at=clock.now(),
    )
    record(
        actor=actor,
        event="triage.switched",
        subject=version,
        subject_name=version.name,
        details={"why": why, "was": was.name if was else ""},
    )
    return switch


# What the model says of comments


@action
def take_comments(*, actor: Actor, limit: int) -> list[Comment]:
    """The open comments that the model should read next are this worker's for a minute, the riskiest first."""
    now = clock.now()
    due = list(
        Comment.objects.select_for_update(skip_locked=True)
        .filter(state=Comment.State.OPEN, model_due_at__lte=now)
        .order_by("model_due_at", "id")
        .only("id")[:limit]
    )
    ids = [comment.pk for comment in due]
    Comment.objects.filter(pk__in=ids).update(model_due_at=now + LEASE)
    return list(Comment.objects.filter(pk__in=ids).select_related("official_account").order_by("id"))


@action
def note_scores(*, actor: Actor, read: Sequence[Comment], suggestions: Sequence[Suggestion]) -> list[int]:
    """What the model said stands on the comments: risk, language, reasons, and a higher priority where it has one.

    A comment whose words changed, or that was decided or sorted by a person meanwhile, is left as it is.
    Never lowers a priority; the answer-by time only comes nearer. Audits comment.triaged, one entry for all.
    Answers the ids that were written.
    """
    said = {comment.pk: (comment, one) for comment, one in zip(read, suggestions, strict=True)}
    now = clock.now()
    written = []
    locked = Comment.objects.select_for_update().filter(pk__in=said).order_by("id")
    for comment in locked:
        before, suggestion = said[comment.pk]
        if (
            comment.model_due_at is None
            or comment.state != Comment.State.OPEN
            or comment.revision_number != before.revision_number
        ):
            continue
        comment.risk = suggestion.risk
        comment.model_due_at = None
        comment.findings = [finding.as_data() for finding in suggestion.findings]
        comment.triage_version = suggestion.version
        if not comment.language and suggestion.language:
            comment.language = suggestion.language
        if suggestion.priority < comment.priority or (
            suggestion.priority == comment.priority and comment.category == Category.NONE
        ):
            comment.category, comment.priority = suggestion.category, suggestion.priority
            minutes = ANSWER_WITHIN_MINUTES[comment.priority]
            if minutes is not None:
                by = comment.received_at + timedelta(minutes=minutes)
                comment.answer_by = by if comment.answer_by is None else min(by, comment.answer_by)
        written.append(comment)
    _write_scores(written)
    if written:
        version = written[0].triage_version
        record(
            actor=actor,
            event="comment.triaged",
            shown_ids=[comment.pk for comment in written],
            details={"version": version, "read_at": now.isoformat(timespec="seconds")},
        )
    return [comment.pk for comment in written]


SCORED = """
UPDATE moderation_comment AS comment
SET risk = said.risk, model_due_at = NULL, findings = said.findings::jsonb, triage_version = said.version,
    language = said.language, category = said.category, priority = said.priority, answer_by = said.answer_by
FROM unnest(%s::bigint[], %s::float8[], %s::text[], %s::text[], %s::text[], %s::text[], %s::int[], %s::timestamptz[])
    AS said (id, risk, findings, version, language, category, priority, answer_by)
WHERE comment.id = said.id
"""
"""What `bulk_update` would do: that one took a fifth of the worker's time in a surge to put its statement together."""


def _write_scores(comments: Sequence[Comment]) -> None:
    """All of them in one statement. They are locked already."""
    columns = zip(
        *(
            (
                one.pk,
                one.risk,
                json.dumps(one.findings),
                one.triage_version,
                one.language,
                one.category,
                one.priority,
                one.answer_by,
            )
            for one in comments
        ),
        strict=True,
    )
    if comments:
        with connection.cursor() as cursor:
            cursor.execute(SCORED, [list(column) for column in columns])


# Who may


def _require_supervisor(actor: StaffMember) -> None:
    if not queries_triage.may_switch(actor):
        raise NotPermitted("Only a desk supervisor may do this. Ask yours.")


def _audit_exemplar(actor: StaffMember, event: str, exemplar: Exemplar) -> None:
    record(
        actor=actor,
        event=event,
        subject=exemplar,
        subject_name=str(exemplar),
        details={"category": exemplar.category, "counter": exemplar.counter},
    )
