"""Telling the public of an incident on our own pages: begun, updated by two people, withdrawn, ended."""

from __future__ import annotations

import uuid

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
from publishing.models import Incident, IncidentUpdate
from staff.models import StaffMember
from staff.roles import Power

LONGEST = 2000
State = IncidentUpdate.State


@action
def begin(*, actor: StaffMember, title: str, words: str, neighbourhood: Neighbourhood | None) -> Incident:
    """An incident with its first update, which waits for a second person. Nothing is public before their yes.

    Raises NotPermitted, NotValid. Audits incident.begun, incident.update_submitted.
    """
    incidents.require_over(actor, Power.WRITE_POSTS, neighbourhood.pk if neighbourhood else None)
    title = " ".join(title.split())
    if not title:
        raise NotValid("Name it as the public knows it, such as “Fire in Mill Lane”.", field="title")
    if len(title) > 120:
        raise NotValid("Say it in at most 120 characters.", field="title")
    row = Incident.objects.create(
        title=title, neighbourhood=neighbourhood, begun_by=actor, begun_at=clock.now()
    )
    _note(actor, row, "incident.begun")
    submit(actor=actor, incident=row, words=words)
    return row


@action
def submit(*, actor: StaffMember, incident: Incident, words: str) -> IncidentUpdate:
    """The next update waits for a second person. Those who may approve it are told.

    Raises NotPermitted, NotValid (no words, too long, nobody else can approve), TransitionNotAllowed (it is over).
    Audits incident.update_submitted.
    """
    row = _locked(incident)
    incidents.require_over(actor, Power.WRITE_POSTS, row.neighbourhood_id)
    words = words.replace("\r\n", "\n").strip()
    if not words:
        raise NotValid("Write what the public needs to know now.", field="words")
    if len(words) > LONGEST:
        raise NotValid(f"Say it in at most {LONGEST:,} characters.", field="words")
    to = incidents.approvers(row.neighbourhood_id, excluding={actor.pk})
    if not to:
        raise NotValid("Nobody else can approve it at present. Ask a service administrator.", field="words")
    last = row.updates.order_by("-number").first()
    update = IncidentUpdate.objects.create(
        incident=row,
        number=last.number + 1 if last else 1,
        key=uuid.uuid4(),
        words=words,
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
    """It is public now, on our own pages and feeds within seconds.

    Raises NotPermitted (also for its author), TransitionNotAllowed. Audits incident.update_published.
    """
    row = _taken(actor, update, "approve")
    now = clock.now()
    row.state, row.decided_by, row.decided_at, row.published_at = State.PUBLISHED, actor, now, now
    row.save(update_fields=["state", "decided_by", "decided_at", "published_at"])
    _note(actor, row.incident, "incident.update_published", row)
    return row


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
    incidents.require_over(actor, Power.WRITE_POSTS, row.incident.neighbourhood_id)
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
    incidents.require_over(actor, Power.WRITE_POSTS, row.neighbourhood_id)
    if row.updates.filter(state=State.SUBMITTED).exists():
        raise TransitionNotAllowed("An update still waits for approval. Have it decided first.")
    row.ended_at, row.ended_by = clock.now(), actor
    row.save(update_fields=["ended_at", "ended_by"])
    _note(actor, row, "incident.ended")
    return row


def _locked(incident: Incident) -> Incident:
    row = Incident.objects.select_for_update().get(pk=incident.pk)
    if row.ended_at is not None:
        raise TransitionNotAllowed("This incident is over. Begin a new one.")
    return row


def _locked_update(update: IncidentUpdate) -> IncidentUpdate:
    return (
        IncidentUpdate.objects.select_for_update(of=("self",))
        .select_related("incident", "author")
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
