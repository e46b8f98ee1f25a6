"""A virtual community meeting: set up, its officers named, closed, its transcript published."""

from __future__ import annotations

from datetime import datetime

from django.utils.text import slugify

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from publishing import queries_campaigns
from publishing import queries_meetings as queries
from publishing.actions import campaigns, questions
from publishing.models import Campaign, Meeting, MeetingOfficer, Question
from staff.models import StaffMember
from staff.roles import Power

LONGEST_ABOUT = 2000
LONGEST_HOLD = 500


@action
def set_up(
    *, actor: StaffMember, campaign: Campaign, about: str, hold_line: str, opens_at: datetime
) -> Meeting:
    """The meeting has a public page; a second time, what it says is changed, its address never.

    opens_at: from then on the page takes questions. Raises NotPermitted, NotValid, TransitionNotAllowed (no
    meeting, or over). Audits meeting.set_up.
    """
    campaign = campaigns.locked(actor, campaign)
    if campaign.kind != Campaign.Kind.MEETING or campaign.state in queries_campaigns.OVER:
        raise TransitionNotAllowed("Only a meeting that is not over is set up.")
    about, hold_line = about.replace("\r\n", "\n").strip(), " ".join(hold_line.split())
    if not about or len(about) > LONGEST_ABOUT:
        raise NotValid(f"Say what it is about, in at most {LONGEST_ABOUT:,} characters.", field="about")
    if not hold_line or len(hold_line) > LONGEST_HOLD:
        raise NotValid(
            f"Write what is said if it has to be interrupted, in at most {LONGEST_HOLD} characters.",
            field="hold_line",
        )
    if opens_at > campaign.ends_at:
        raise NotValid(
            "Questions would open after the end of the meeting. Choose an earlier time.", field="opens_at"
        )
    found = queries.meeting_of(campaign)
    if found is None:
        found = Meeting.objects.create(
            campaign=campaign, slug=_slug(campaign), about=about, hold_line=hold_line, opens_at=opens_at
        )
    else:
        found.about, found.hold_line, found.opens_at = about, hold_line, opens_at
        found.save(update_fields=["about", "hold_line", "opens_at"])
    _record(found, actor=actor, event="meeting.set_up")
    return found


def _slug(campaign: Campaign) -> str:
    """Its name as an address, with the day where another meeting has it."""
    plain = slugify(campaign.name)[:50].strip("-") or "meeting"
    if not Meeting.objects.filter(slug=plain).exists():
        return plain
    return f"{plain}-{clock.in_london(campaign.starts_at):%Y-%m-%d}-{campaign.pk}"[:70]


@action
def name_officer(
    *, actor: StaffMember, meeting: Meeting, person: StaffMember, shown_as: str
) -> MeetingOfficer:
    """Somebody answers in the meeting, and the public knows them by this name.

    Raises NotPermitted, NotValid (no name, or they may not reply there), TransitionNotAllowed (over).
    Audits meeting.officer_named.
    """
    meeting = _run(actor, meeting)
    shown_as = " ".join(shown_as.split())
    if not shown_as or len(shown_as) > 80:
        raise NotValid("Say how the public knows them, such as “PC Nair, Harrowfield”.", field="shown_as")
    if person.pk not in {one.pk for one in queries.who_could_answer(meeting.campaign)}:
        raise NotValid(f"{person.called} may not reply on all its official accounts.", field="person")
    officer = queries.officer_of(meeting, person)
    if officer is None:
        officer = MeetingOfficer.objects.create(
            meeting=meeting, person=person, shown_as=shown_as, named_at=clock.now()
        )
    else:
        officer.shown_as = shown_as
        officer.save(update_fields=["shown_as"])
    _record(meeting, actor=actor, event="meeting.officer_named", details={"officer": person.called})
    return officer


@action
def remove_officer(*, actor: StaffMember, officer: MeetingOfficer) -> MeetingOfficer:
    """They answer no more; what they answered stays, and what they had is free for others.

    Raises NotPermitted, TransitionNotAllowed (over). Audits meeting.officer_removed.
    """
    meeting = _run(actor, officer.meeting)
    officer = MeetingOfficer.objects.select_for_update().get(pk=officer.pk)
    if officer.removed_at is None:
        officer.removed_at = clock.now()
        officer.save(update_fields=["removed_at"])
        for question in meeting.questions.select_for_update(of=("self",)).filter(
            officer=officer, state="taken"
        ):
            questions.free(actor=actor, question=question)
        _record(
            meeting, actor=actor, event="meeting.officer_removed", details={"officer": officer.person.called}
        )
    return officer


@action
def close_questions(*, actor: StaffMember, meeting: Meeting, close: bool = True) -> Meeting:
    """The public page takes no more questions, or takes them again.

    Raises NotPermitted, TransitionNotAllowed (the transcript is out). Audits meeting.closed or meeting.opened.
    """
    meeting = _run(actor, meeting)
    meeting.closed_at = clock.now() if close else None
    meeting.save(update_fields=["closed_at"])
    _record(meeting, actor=actor, event="meeting.closed" if close else "meeting.opened")
    return meeting


@action
def publish_transcript(*, actor: StaffMember, meeting: Meeting) -> Meeting:
    """The public reads and downloads what was asked and answered, for good. It takes no more questions.

    By somebody who may approve posts and has answered none of it. Raises NotPermitted, TransitionNotAllowed (some
    question is not answered or declined, a pause or lockdown stands, done already). Audits meeting.transcript_published.
    """
    campaign = Campaign.objects.select_for_update().get(pk=meeting.campaign_id)
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    for pk in queries_campaigns.account_ids_of(campaign):
        require(actor, Power.APPROVE_POSTS, pk)
    if meeting.questions.filter(state=Question.State.ANSWERED, officer__person=actor).exists():
        raise NotPermitted("You have answered some of it, so somebody else has to approve the transcript.")
    if meeting.transcript_at is not None:
        raise TransitionNotAllowed("The transcript is published already.")
    if campaign.state == Campaign.State.PLANNED:
        raise TransitionNotAllowed("The meeting has not been held yet.")
    left = meeting.questions.exclude(state__in=[Question.State.ANSWERED, Question.State.DECLINED]).count()
    if left:
        raise TransitionNotAllowed(
            f"{left} of its questions {'is' if left == 1 else 'are'} neither answered nor declined. Do so first."
        )
    questions.refuse_while_stopped(meeting, pauses=True)
    meeting.transcript_at, meeting.transcript_by = clock.now(), actor
    meeting.closed_at = meeting.closed_at or meeting.transcript_at
    meeting.save(update_fields=["transcript_at", "transcript_by", "closed_at"])
    _record(meeting, actor=actor, event="meeting.transcript_published", details={"to": questions.PUBLIC})
    return meeting


# What the actions share


def _run(actor: StaffMember, meeting: Meeting) -> Meeting:
    campaigns.locked(actor, meeting.campaign)
    found = Meeting.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=meeting.pk)
    questions.still_on(found)
    return found


def _record(meeting: Meeting, *, actor: Actor, event: str, details: dict[str, object] | None = None) -> None:
    record(
        actor=actor, event=event, subject=meeting, subject_name=meeting.campaign.name, details=details or {}
    )
