"""Meetings of information security and communications about the scorecard, and what is to be done after them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.urls import reverse

from accounts.queries import may, people_with, require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from core.no_secrets import refuse_secret
from insights import duties, scorecard
from insights.models import MeetingAction, MeetingAttendance, ScorecardMeeting
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power

LONGEST_APART = timedelta(days=366)
OLDEST = timedelta(days=31)
"""A meeting is recorded within a month, so that what is kept of the scorecard is what was seen."""
Side = MeetingAttendance.Side


@action
def record_meeting(
    *,
    actor: Actor,
    held_on: date,
    next_on: date,
    infosec: Iterable[StaffMember],
    comms: Iterable[StaffMember],
    looked_at: str,
    decisions: str = "",
    others: str = "",
) -> ScorecardMeeting:
    """They met, and the scorecard is kept as it stands now: what they saw, with its figures, for good.

    held_on, next_on: London days. At least one person of each side, and nobody for both. Raises NotPermitted, NotValid.
    Audits scorecard.meeting_recorded.
    """
    if isinstance(actor, StaffMember):
        require(actor, Power.KEEP_SCORECARD)
    today = clock.today()
    if not today - OLDEST <= held_on <= today:
        raise NotValid(f"Give a day that has been, within the last {OLDEST.days} days.", field="held_on")
    if not held_on < next_on <= held_on + LONGEST_APART:
        raise NotValid("Give a day after this meeting, within a year.", field="next_on")
    sides = {
        Side.INFOSEC: {one.pk: one for one in infosec},
        Side.COMMS: {one.pk: one for one in comms},
    }
    for side, field in ((Side.INFOSEC, "infosec"), (Side.COMMS, "comms")):
        if not sides[side]:
            raise NotValid(f"Name at least one person who was there for {side.label.lower()}.", field=field)
        speaks = {one.pk for one in scorecard.of_side(side)}
        if others_there := [one for pk, one in sides[side].items() if pk not in speaks]:
            raise NotValid(
                f"{others_there[0].called} does not speak for {side.label.lower()}. Name them among the others.",
                field=field,
            )
    if both := sides[Side.INFOSEC].keys() & sides[Side.COMMS].keys():
        raise NotValid(
            f"{sides[Side.COMMS][min(both)].called} cannot speak for both sides. Choose one.", field="comms"
        )
    looked_at, decisions, others = looked_at.strip(), decisions.strip(), " ".join(others.split())
    if len(looked_at) < 10:
        raise NotValid("Say in a sentence what was looked at.", field="looked_at")
    for field, text in (("looked_at", looked_at), ("decisions", decisions), ("others", others)):
        refuse_secret(text, field=field)
    row = ScorecardMeeting.objects.create(
        held_on=held_on,
        next_on=next_on,
        others=others[:300],
        looked_at=looked_at[:2000],
        decisions=decisions[:4000],
        snapshot=scorecard.read().as_data(),
        recorded_by=actor if isinstance(actor, StaffMember) else None,
        recorded_at=clock.now(),
    )
    for side, people in sides.items():
        for person in people.values():
            MeetingAttendance.objects.create(meeting=row, person=person, side=side)
    record(
        actor=actor,
        event="scorecard.meeting_recorded",
        subject=row,
        subject_name=f"{held_on:%-d %B %Y}",
        details={
            "people": sum(len(people) for people in sides.values()),
            "next_on": next_on.isoformat(),
            "counts": row.snapshot["counts"],
        },
    )
    return row


@action
def add_action(
    *,
    actor: Actor,
    meeting: ScorecardMeeting,
    what: str,
    owner: StaffMember,
    due_on: date,
    duty: str = "",
) -> MeetingAction:
    """Somebody has something to do after a meeting, and is told. Raises NotPermitted, NotValid, NotFound.

    Audits scorecard.action_added.
    """
    if isinstance(actor, StaffMember):
        require(actor, Power.KEEP_SCORECARD)
    what = " ".join(what.split())
    if len(what) < 5:
        raise NotValid("Say what is to be done.", field="what")
    if len(what) > 500:
        raise NotValid("Say it in at most 500 characters.", field="what")
    if not may(owner, Power.SEE_SCORECARD):
        raise NotValid("Choose somebody who works here and can open the scorecard.", field="owner")
    if not clock.today() <= due_on <= clock.today() + LONGEST_APART:
        raise NotValid("Give a day to come, within a year.", field="due_on")
    if duty:
        duties.duty(duty)
    refuse_secret(what, field="what")
    row = MeetingAction.objects.create(
        meeting=meeting,
        duty=duty,
        what=what,
        owner=owner,
        due_on=due_on,
        added_by=actor if isinstance(actor, StaffMember) else None,
        added_at=clock.now(),
    )
    record(
        actor=actor,
        event="scorecard.action_added",
        subject=row,
        subject_name=owner.called,
        details={"meeting": meeting.pk, "duty": duty, "due_on": due_on.isoformat()},
    )
    notify(
        actor=actor,
        to=[owner],
        urgency=Notice.Urgency.FYI,
        title=f"To do by {due_on:%-d %B %Y}, after the meeting of {meeting.held_on:%-d %B %Y}",
        body=what,
        link=reverse("insights:meeting", args=[meeting.pk]),
        key=f"meeting-action:{row.pk}",
    )
    return row


@action
def finish_action(*, actor: StaffMember, action_row: MeetingAction, words: str) -> MeetingAction:
    """It is done: its owner, or who keeps the scorecard, says what was done.

    Raises NotPermitted, NotValid (no words), TransitionNotAllowed (done already). Audits scorecard.action_done.
    """
    row = MeetingAction.objects.select_for_update(of=("self",)).select_related("owner").get(pk=action_row.pk)
    if row.owner_id != actor.pk:
        require(actor, Power.KEEP_SCORECARD)
    else:
        require(actor, Power.SEE_SCORECARD)
    if row.done_at is not None:
        raise TransitionNotAllowed("This was done already.")
    words = words.strip()
    if len(words) < 5:
        raise NotValid("Say in a few words what was done.", field="words")
    refuse_secret(words, field="words")
    row.done_by, row.done_at, row.done_words = actor, clock.now(), words[:500]
    row.save(update_fields=["done_by", "done_at", "done_words"])
    record(
        actor=actor,
        event="scorecard.action_done",
        subject=row,
        subject_name=row.owner.called,
        details={"meeting": row.meeting_id, "duty": row.duty},
    )
    return row


@action
def remind(*, actor: Actor) -> int:
    """Whoever is to look again is told once: of a review, an action, or a record whose day has passed.

    Safe to repeat. Answers how many notices stand. Audits notice.given for those newly told.
    """
    if isinstance(actor, StaffMember):
        raise NotPermitted("The platform reminds by itself.")
    told = 0
    if (since := scorecard.review_overdue_since()) is not None:
        told += len(
            notify(
                actor=actor,
                to=people_with(Power.KEEP_SCORECARD),
                urgency=Notice.Urgency.SOON,
                title="The review of the APP scorecard is overdue",
                body=f"It was due on {since:%-d %B %Y}. Information security and communications look at it together.",
                link=reverse("insights:meetings"),
                key=f"scorecard-review:{since:%Y%m%d}",
            )
        )
    for row in scorecard.open_actions():
        if row.is_overdue:
            told += len(
                notify(
                    actor=actor,
                    to=[row.owner],
                    urgency=Notice.Urgency.SOON,
                    title=f"Overdue since {row.due_on:%-d %B %Y}: an action of the scorecard",
                    body=row.what,
                    link=reverse("insights:meeting", args=[row.meeting_id]),
                    key=f"meeting-action:{row.pk}:overdue",
                )
            )
    for kept in scorecard.records_due():
        told += len(
            notify(
                actor=actor,
                to=[kept.owner],
                urgency=Notice.Urgency.FYI,
                title=f"To be looked at again: {duties.name(kept.duty)}",
                body="What was recorded of this duty counts as partly met until somebody looks at it.",
                link=reverse("insights:duty", args=[kept.duty]),
                key=f"duty-record:{kept.pk}:due",
            )
        )
    return told
