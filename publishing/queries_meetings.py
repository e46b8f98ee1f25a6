"""Reading virtual community meetings, for staff and for the public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, QuerySet

from accounts.queries import authority_of, people_with
from core import clock
from core.errors import NotFound
from publishing import queries_campaigns, stopping
from publishing.models import Campaign, Lockdown, Meeting, MeetingOfficer, Question, QuestionChange
from staff.models import StaffMember
from staff.roles import Power

MOST_PER_HOUR = 5
"""Questions from one source in an hour."""
MOST_SHOWN = 200
LONGEST_QUESTION = 1000
LONGEST_ANSWER = 2000
OPEN_AFTER = timedelta(hours=1)
"""So long after its end the public page still takes questions, unless somebody has closed it."""
PUBLIC_STATES = (Question.State.SHOWN, Question.State.TAKEN, Question.State.ANSWERED)


def meeting_of(campaign: Campaign) -> Meeting | None:
    """The meeting of a campaign, where it has been set up. The caller has checked that the campaign may be seen."""
    return Meeting.objects.filter(campaign=campaign).select_related("campaign", "transcript_by").first()


def meeting(viewer: StaffMember, campaign_pk: int) -> Meeting:
    """The meeting of a campaign that the viewer may see. Raises NotFound."""
    found = meeting_of(queries_campaigns.campaign(viewer, campaign_pk))
    if found is None:
        raise NotFound("This meeting has not been set up yet. Whoever runs the campaign does so on its page.")
    return found


def question(viewer: StaffMember, pk: int) -> Question:
    """One question of a meeting that the viewer may see. Raises NotFound."""
    found = (
        Question.objects.filter(pk=pk)
        .select_related("meeting__campaign", "officer__person", "official_account")
        .first()
    )
    if found is None:
        raise NotFound("There is no such question.")
    queries_campaigns.campaign(viewer, found.meeting.campaign_id)
    return found


def officers(meeting: Meeting) -> list[MeetingOfficer]:
    """Who answers now."""
    return list(meeting.officers.filter(removed_at=None).select_related("person"))


def officer_of(meeting: Meeting, person: StaffMember) -> MeetingOfficer | None:
    """The person as an officer of the meeting, where they are one."""
    return meeting.officers.filter(person=person, removed_at=None).first()


def who_could_answer(campaign: Campaign) -> list[StaffMember]:
    """People who may reply on every official account of it."""
    common: dict[int, StaffMember] | None = None
    for pk in queries_campaigns.account_ids_of(campaign):
        people = {one.pk: one for one in people_with(Power.REPLY, official_account_id=pk)}
        common = people if common is None else {k: one for k, one in common.items() if k in people}
    return list((common or {}).values())


def may_moderate(viewer: StaffMember, campaign: Campaign) -> bool:
    """Whether to offer showing and declining questions: the action decides again."""
    held = authority_of(viewer).account_ids(Power.WORK_COMMENTS)
    return set(queries_campaigns.account_ids_of(campaign)) <= held


def takes_questions(meeting: Meeting) -> bool:
    """Whether the public may ask now."""
    campaign, now = meeting.campaign, clock.now()
    if meeting.closed_at is not None or campaign.state in queries_campaigns.OVER:
        return False
    return meeting.opens_at <= now < campaign.ends_at + OPEN_AFTER


def stopped_by(campaign: Campaign, *, pauses: bool) -> Lockdown | None:
    """The lockdown, or with `pauses` the pause, that keeps anything of a campaign from the public now.

    What may be meant is taken as meant: unknown means stop.
    """
    ids = queries_campaigns.account_ids_of(campaign)
    live = stopping.live()
    for lockdown in live if pauses else live.exclude(kind=Lockdown.Kind.PAUSE):
        if lockdown.campaign_ids and campaign.tag_id not in lockdown.campaign_ids:
            continue
        if lockdown.kinds and not {"post", "reply"} & set(lockdown.kinds):
            continue
        if stopping.accounts_in(lockdown).filter(pk__in=ids).exists():
            return lockdown
    return None


@dataclass(frozen=True)
class Room:
    """A meeting as those who run it see it."""

    waiting: list[Question]
    number_waiting: int
    to_answer: list[Question]
    answered: list[Question]
    declined: list[Question]

    @property
    def ids(self) -> list[int]:
        return [
            one.pk for part in (self.waiting, self.to_answer, self.answered, self.declined) for one in part
        ]


def room(meeting: Meeting) -> Room:
    """Its questions by state, what may be a risk first. The caller has checked that the meeting may be seen."""
    rows = meeting.questions.select_related("officer__person", "official_account", "shown_by")
    waiting = rows.filter(state=Question.State.WAITING)
    return Room(
        waiting=sorted(waiting[:MOST_SHOWN], key=lambda q: (q.priority or 3, q.asked_at, q.pk))[:25],
        number_waiting=waiting.count(),
        to_answer=list(rows.filter(state__in=[Question.State.SHOWN, Question.State.TAKEN])[:MOST_SHOWN]),
        answered=list(
            rows.filter(state=Question.State.ANSWERED).order_by("-answered_at", "-id")[:MOST_SHOWN]
        ),
        declined=list(rows.filter(state=Question.State.DECLINED).order_by("-id")[:50]),
    )


def version(meeting: Meeting) -> str:
    """Another one whenever a question came or was moved."""
    last = (
        QuestionChange.objects.filter(question__meeting=meeting).order_by("-id").values_list("id", flat=True)
    )
    return str(last.first() or 0)


def unread(limit: int = 200) -> list[Question]:
    """Questions that triage has not read."""
    return list(
        Question.objects.filter(looked_at=None).select_related("meeting__campaign").order_by("id")[:limit]
    )


def waiting_for(viewer: StaffMember) -> list[tuple[Meeting, int]]:
    """Meetings with questions to be read by somebody like the viewer, and how many."""
    counted = (
        Question.objects.filter(state=Question.State.WAITING, meeting__transcript_at=None)
        .exclude(meeting__campaign__state__in=queries_campaigns.OVER)
        .order_by()
        .values_list("meeting_id")
        .annotate(number=Count("pk"))
    )
    numbers = dict(counted[:20])
    rows = Meeting.objects.filter(pk__in=numbers).select_related("campaign").order_by("campaign__starts_at")
    return [(one, numbers[one.pk]) for one in rows if may_moderate(viewer, one.campaign)]


def to_answer(viewer: StaffMember) -> list[tuple[Meeting, int]]:
    """Running meetings in which the viewer answers, and how many questions nobody has answered."""
    rows = Meeting.objects.filter(
        officers__person=viewer, officers__removed_at=None, campaign__state=Campaign.State.RUNNING
    ).select_related("campaign")
    found = []
    for one in rows[:5]:
        number = one.questions.filter(state__in=[Question.State.SHOWN, Question.State.TAKEN]).count()
        if number:
            found.append((one, number))
    return found


# For the public


def public_meeting(slug: str) -> Meeting:
    """A meeting as the public asks for it. Raises NotFound."""
    found = (
        Meeting.objects.filter(slug=slug)
        .select_related("campaign__neighbourhood", "campaign__hashtag")
        .first()
    )
    if found is None:
        raise NotFound("There is no such meeting. The address may not have been copied whole.")
    return found


def public_questions(meeting: Meeting) -> QuerySet[Question]:
    """What the public reads: answered ones first, the latest at the top, then those that wait."""
    return (
        meeting.questions.filter(state__in=PUBLIC_STATES)
        .select_related("officer")
        .order_by("answered_at", "shown_at", "id")
    )


def is_exercise(campaign: Campaign) -> bool:
    """Whether it runs on the exercise network."""
    return campaign.accounts.filter(official_account__exercise=True).exists()
