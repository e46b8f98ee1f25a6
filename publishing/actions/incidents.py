"""Telling the public of an incident on our own pages: begun, updated by two people, withdrawn, ended."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.urls import reverse

from accounts.models import Neighbourhood
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from core.typed import reason
from notices.actions import notify
from notices.models import Notice
from publishing import incidents
from publishing.checks.judging import Judged
from publishing.checks.questions import what_is_wrong
from publishing.checks.registry import Finding
from publishing.models import Incident, IncidentUpdate
from staff.models import StaffMember
from staff.roles import Power

LONGEST = 2000
State = IncidentUpdate.State


@action
def begin(
    *,
    actor: StaffMember,
    title: str,
    words: str,
    answers: Mapping[str, str],
    neighbourhood: Neighbourhood | None,
) -> Incident:
    """An incident with its first update, which waits for a second person. Nothing is public before their yes.

    answers: as `submit` has them. Raises NotPermitted, NotValid. Audits incident.begun, incident.update_submitted.
    """
    incidents.require_over(actor, Power.PLAN_POSTS, neighbourhood.pk if neighbourhood else None)
    title = " ".join(title.split())
    if not title:
        raise NotValid("Name it as the public knows it, such as “Fire in Mill Lane”.", field="title")
    if len(title) > 120:
        raise NotValid("Say it in at most 120 characters.", field="title")
    row = Incident.objects.create(
        title=title, neighbourhood=neighbourhood, begun_by=actor, begun_at=clock.now()
    )
    _note(actor, row, "incident.begun")
    submit(actor=actor, incident=row, words=words, answers=answers)
    return row


@action
def submit(
    *, actor: StaffMember, incident: Incident, words: str, answers: Mapping[str, str]
) -> IncidentUpdate:
    """The next update waits for a second person. Those who may approve it are told.

    Every check of posts reads it; what they found is kept with it. answers: question of incidents.ASKED -> answer.
    Raises NotPermitted, NotValid (no words, too long, a check stops it, nobody else can approve), TransitionNotAllowed
    (it is over).
    Audits incident.update_submitted.
    """
    row = _locked(incident)
    incidents.require_over(actor, Power.PLAN_POSTS, row.neighbourhood_id)
    words = words.replace("\r\n", "\n").strip()
    if not words:
        raise NotValid("Write what the public needs to know now.", field="words")
    if len(words) > LONGEST:
        raise NotValid(f"Say it in at most {LONGEST:,} characters.", field="words")
    said = _answered(answers)
    judged = incidents.judge(row.title, words, said)
    if judged.stopping:
        raise _stopped(judged.stopping)
    to = incidents.approvers(row.neighbourhood_id, excluding={actor.pk})
    if not to:
        raise NotValid("Nobody else can approve it at present. Ask a service administrator.", field="words")
    last = row.updates.order_by("-number").first()
    update = IncidentUpdate.objects.create(
        incident=row,
        number=last.number + 1 if last else 1,
        key=uuid.uuid4(),
        words=words,
        answers=said,
        findings=[one.as_data() for one in judged.findings],
        judged_against=judged.against,
        author=actor,
        written_at=clock.now(),
    )
    _note(actor, row, "incident.update_submitted", update)
    notify(
        actor=actor,
        to=to,
        urgency=Notice.Urgency.SOON,
        title=f"An update waits for your yes: {row.title}"[:160],
        body=f"{actor.called} wrote it for our own pages. Read it and decide.",
        link=reverse("publishing:incident", args=[row.pk]),
        key=f"incident update {update.pk}",
    )
    return update


@action
def approve(*, actor: StaffMember, update: IncidentUpdate) -> IncidentUpdate:
    """It is public now, on our own pages and feeds within seconds; or after a second yes, where a check asks for two.

    It is judged again by the policy of now, and the first one's grant is read again at the second yes.
    Raises NotPermitted (also for its author, and for whoever said the first yes), TransitionNotAllowed (also where a
    check stops it by now). Audits incident.update_published, or incident.update_agreed after the first of two.
    """
    row = _taken(actor, update, "approve")
    now = clock.now()
    judged = incidents.judge(row.incident.title, row.words, row.answers)
    if judged.stopping:
        raise TransitionNotAllowed(f"It cannot go out as it stands. {_says(judged.stopping)} Return it.")
    row.findings, row.judged_against = [one.as_data() for one in judged.findings], judged.against
    if judged.needs_two and not _has_first_yes(row, actor):
        row.first_yes_by, row.first_yes_at = actor, now
        row.save(update_fields=["findings", "judged_against", "first_yes_by", "first_yes_at"])
        _note(actor, row.incident, "incident.update_agreed", row)
        _tell_the_second(actor, row, judged)
        return row
    if row.first_yes_by_id == actor.pk:
        row.first_yes_by = row.first_yes_at = None  # two are asked for no longer, and theirs is the one
    row.state, row.decided_by, row.decided_at, row.published_at = State.PUBLISHED, actor, now, now
    row.save()
    _note(actor, row.incident, "incident.update_published", row)
    return row


def _has_first_yes(row: IncidentUpdate, actor: StaffMember) -> bool:
    """Whether somebody else has said the first yes. Raises NotPermitted where it was oneself."""
    first = incidents.stands(row)
    if first is not None and first.pk == actor.pk:
        raise NotPermitted("You said the first yes. Somebody else says the second.")
    return first is not None


def _tell_the_second(actor: StaffMember, row: IncidentUpdate, judged: Judged) -> None:
    notify(
        actor=actor,
        to=incidents.approvers(row.incident.neighbourhood_id, excluding={actor.pk, row.author_id}),
        urgency=Notice.Urgency.SOON,
        title=f"An update waits for a second yes: {row.incident.title}"[:160],
        body=f"{actor.called} said the first. {_says(judged.why_two)}"[:500],
        link=reverse("publishing:incident", args=[row.incident_id]),
        key=f"incident update {row.pk} second",
    )


@action
def send_back(*, actor: StaffMember, update: IncidentUpdate, why: str) -> IncidentUpdate:
    """It goes nowhere; its author is told why.

    Raises NotPermitted (also for its author), NotValid, TransitionNotAllowed. Audits incident.update_returned.
    """
    row = _taken(actor, update, "return")
    row.why = reason(why, "Say what should change, in a few words.")
    row.state, row.decided_by, row.decided_at = State.RETURNED, actor, clock.now()
    row.save(update_fields=["state", "decided_by", "decided_at", "why"])
    _note(actor, row.incident, "incident.update_returned", row, row.why)
    notify(
        actor=actor,
        to=[row.author],
        urgency=Notice.Urgency.SOON,
        title=f"Your update came back: {row.incident.title}"[:160],
        body=row.why,
        link=reverse("publishing:incident", args=[row.incident_id]),
        key=f"incident update {row.pk} returned",
    )
    return row


@action
def withdraw(*, actor: StaffMember, update: IncidentUpdate, why: str) -> IncidentUpdate:
    """Its words are no longer public; that an update was withdrawn, and when, is. One person may: it takes away.

    Raises NotPermitted, NotValid, TransitionNotAllowed. Audits incident.update_withdrawn.
    """
    row = _locked_update(update)
    incidents.require_over(actor, Power.PLAN_POSTS, row.incident.neighbourhood_id)
    row.state = State(incidents.COURSE.next(row.state, "withdraw"))
    row.why = reason(why, "Say why it is withdrawn, in a few words.")
    row.withdrawn_at = clock.now()
    row.save(update_fields=["state", "why", "withdrawn_at"])
    _note(actor, row.incident, "incident.update_withdrawn", row, row.why)
    return row


@action
def end(*, actor: StaffMember, incident: Incident) -> Incident:
    """It is over: the page says so, and it goes from the pages of its areas after three days.

    Raises NotPermitted, TransitionNotAllowed (over already, an update still waits). Audits incident.ended.
    """
    row = _locked(incident)
    incidents.require_over(actor, Power.PLAN_POSTS, row.neighbourhood_id)
    if row.updates.filter(state=State.SUBMITTED).exists():
        raise TransitionNotAllowed("An update still waits for approval. Have it decided first.")
    row.ended_at, row.ended_by = clock.now(), actor
    row.save(update_fields=["ended_at", "ended_by"])
    _note(actor, row, "incident.ended")
    return row


def _answered(answers: Mapping[str, str]) -> dict[str, str]:
    """The answers that count, each looked at. Raises NotValid."""
    kept = {}
    for question in incidents.ASKED:
        answer = " ".join(str(answers.get(question.slug, "")).split())
        if why := what_is_wrong(question, answer):
            raise NotValid(why, field=question.field)
        if answer:
            kept[question.slug] = answer
    return kept


def _stopped(stopping: list[Finding]) -> NotValid:
    asks = next((one.asks[0] for one in stopping if one.asks), "")
    only = asks and all(one.asks for one in stopping)
    return NotValid(_says(stopping), field=f"q_{asks}" if only else "words")


def _says(findings: list[Finding]) -> str:
    return " ".join(f"{one.sentence} {one.do}".strip() for one in findings[:5])


def _locked(incident: Incident) -> Incident:
    row = Incident.objects.select_for_update().get(pk=incident.pk)
    if row.ended_at is not None:
        raise TransitionNotAllowed("This incident is over. Begin a new one.")
    return row


def _locked_update(update: IncidentUpdate) -> IncidentUpdate:
    return (
        IncidentUpdate.objects.select_for_update(of=("self",))
        .select_related("incident", "author", "first_yes_by")
        .get(pk=update.pk)
    )


def _taken(actor: StaffMember, update: IncidentUpdate, event: str) -> IncidentUpdate:
    row = _locked_update(update)
    incidents.require_over(actor, Power.APPROVE_POSTS, row.incident.neighbourhood_id)
    incidents.COURSE.next(row.state, event)
    if row.author_id == actor.pk:
        raise NotPermitted("You wrote it. Somebody else decides on it.")
    return row


def _note(
    actor: StaffMember, row: Incident, event: str, update: IncidentUpdate | None = None, why: str = ""
) -> None:
    record(
        actor=actor,
        event=event,
        subject=row,
        subject_name=row.title,
        reason=why,
        details={"number": update.number} if update else {},
    )
