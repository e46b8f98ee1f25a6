"""Virtual community meetings and the comments of the public: taken over as questions, answered under the post."""

from __future__ import annotations

from django.urls import reverse

from accounts.models import Neighbourhood
from accounts.queries import people_with, require
from core.acting import action
from core.actors import Actor
from core.errors import ChangedSinceSeen, NotValid, TransitionNotAllowed
from moderation.actions import desk
from moderation.categories import Priority
from moderation.models import Comment
from moderation.triage.verdict import judge
from notices.actions import notify
from notices.models import Notice
from publishing import queries_campaigns, stripping
from publishing.actions import concerns, questions
from publishing.models import Concern, Meeting, Question
from staff.models import StaffMember
from staff.roles import Power


@action
def take_comment(*, actor: StaffMember, meeting: Meeting, comment: Comment, revision_number: int) -> Question:
    """A comment under a post of the meeting is one of its questions. It stays at the desk as it was.

    Raises NotPermitted, ChangedSinceSeen, TransitionNotAllowed (it is gone or hidden, the meeting is over).
    Audits question.asked.
    """
    comment = Comment.objects.select_related("official_account").get(pk=comment.pk)
    require(actor, Power.WORK_COMMENTS, comment.official_account_id)
    if comment.revision_number != revision_number:
        raise ChangedSinceSeen(
            "Its author has changed this comment since you read it. Read the new words first."
        )
    if comment.private or comment.removed_at or comment.hidden_at or comment.state == Comment.State.OURS:
        raise TransitionNotAllowed(
            "This comment does not stand in public, so it is no question of a meeting."
        )
    return questions.take_comment(
        actor=actor,
        meeting=meeting,
        official_account=comment.official_account,
        comment_id=comment.pk,
        revision=revision_number,
        words=comment.text,
        asked_at=comment.posted_at,
    )


@action
def raise_concern(
    *, actor: StaffMember, comment: Comment, revision_number: int, neighbourhood: Neighbourhood
) -> Concern:
    """A comment is a worry of a neighbourhood, in its words without who and where. It stays at the desk as it was.

    Raises NotPermitted, ChangedSinceSeen, NotValid (it has no words). Audits concern.raised.
    """
    comment = Comment.objects.select_related("official_account").get(pk=comment.pk)
    require(actor, Power.WORK_COMMENTS, comment.official_account_id)
    if comment.revision_number != revision_number:
        raise ChangedSinceSeen(
            "Its author has changed this comment since you read it. Read the new words first."
        )
    said = stripping.suggest(comment.text, queries_campaigns.places()).words
    return concerns.raise_concern(
        actor=actor,
        neighbourhood=neighbourhood,
        said=said if len(said) <= concerns.LONGEST_SAID else f"{said[: concerns.LONGEST_SAID - 1]}…",
        source=Concern.Source.COMMENT,
        comment_id=comment.pk,
        exercise=comment.official_account.exercise,
    )


@action
def answer(
    *, actor: StaffMember, question: Question, words: str, why_stays: str = "", reply_too: bool = False
) -> Question:
    """The public reads the answer on the meeting's page, and where it was asked under a post, there as well.

    Both or neither. The reply leaves by the outbox like any other. Raises as publishing.actions.questions.answer
    and as desk.reply. Audits question.answered, comment.replied.
    """
    answered = questions.answer(actor=actor, question=question, words=words, why_stays=why_stays)
    if not reply_too:
        return answered
    comment = Comment.objects.filter(pk=question.comment_id).first() if question.comment_id else None
    if comment is None:
        raise NotValid("The comment is not held any more. Answer on the page alone.", field="reply_too")
    desk.reply(actor=actor, comment=comment, revision_number=question.revision or 0, text=answered.answer)
    return answered


@action
def look_at(*, actor: Actor = questions.TRIAGE, question: Question) -> bool:
    """Triage reads a question that came by the public page; where it may be about a life, the desk is told at once.

    Answers whether it was read now. Audits question.triaged.
    """
    verdict = judge(question.words)
    why = verdict.findings[0].sentence if verdict.findings else ""
    # The sentence may repeat words of the public: it stands with the question and in no notice.
    if not questions.note_risk(actor=actor, question=question, priority=verdict.priority, why=why):
        return False
    if verdict.priority <= Priority.HIGH:
        notify(
            actor=actor,
            to=_desk(question),
            urgency=Notice.Urgency.PAGE if verdict.priority == Priority.IMMEDIATE else Notice.Urgency.SOON,
            title=f"A question in “{question.meeting.campaign.name}” may be about somebody’s safety",
            body="Read it now. Whoever asked left no address: ring the control room where a life may be at risk.",
            link=reverse("moderation:meeting", args=[question.meeting.campaign_id]),
            key=f"question:{question.pk}:risk",
        )
    return True


def _desk(question: Question) -> list[StaffMember]:
    """Whoever may escalate on one of its official accounts."""
    found: dict[int, StaffMember] = {}
    for pk in queries_campaigns.account_ids_of(question.meeting.campaign):
        found |= {one.pk: one for one in people_with(Power.ESCALATE, official_account_id=pk)}
    return list(found.values())
