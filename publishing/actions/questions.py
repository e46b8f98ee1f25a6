"""Questions of a meeting: asked by the public, read by staff before they show, answered by named officers."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import OfficialAccount
from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, Stranger, System
from core.errors import NotPermitted, NotValid, TakenBySomeoneElse, TooMany, TransitionNotAllowed
from core.typed import reason
from publishing import queries_campaigns, stripping
from publishing import queries_meetings as queries
from publishing.models import Campaign, Meeting, MeetingOfficer, Question, QuestionChange
from publishing.workflow_campaigns import QUESTION
from staff.models import StaffMember
from staff.roles import Power

TRIAGE = System("triage")
PUBLIC = "the public"
"""To whom what is shown is disclosed (DPA 2018 s.62(3)(c))."""


# Asking


@action
def ask_publicly(*, actor: Stranger, meeting: Meeting, words: str, name: str, source_key: str) -> Question:
    """Somebody of the public asks; nobody else of the public reads it before staff have.

    source_key: a keyed hash of where it came from. Raises NotValid, TooMany (five from one source in an hour),
    TransitionNotAllowed (it takes no questions). Audits question.asked.
    """
    # Locked, so that none comes in beside the transcript and the limit counts each.
    meeting = Meeting.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=meeting.pk)
    if not queries.takes_questions(meeting):
        raise TransitionNotAllowed("This meeting takes no questions at the moment.")
    now = clock.now()
    recent = Question.objects.filter(source_key=source_key, asked_at__gt=now - timedelta(hours=1))
    if recent.count() >= queries.MOST_PER_HOUR:
        raise TooMany(
            f"{queries.MOST_PER_HOUR} questions came from where you are within the last hour. Try again in an hour."
        )
    name = " ".join(name.split())
    if len(name) > 40:
        raise NotValid("Keep what we call you to 40 characters.", field="name")
    return _ask(
        meeting, actor=actor, words=words, source=Question.Source.PAGE, name=name, source_key=source_key
    )


@action
def take_comment(
    *,
    actor: StaffMember,
    meeting: Meeting,
    official_account: OfficialAccount,
    comment_id: int,
    revision: int,
    words: str,
    asked_at: datetime,
) -> Question:
    """A comment under a post is a question of the meeting. Taken over before, it stays as it is.

    The caller has checked that the actor may see the comment. Raises NotPermitted, NotValid,
    TransitionNotAllowed (over). Audits question.asked.
    """
    meeting = _moderate(actor, meeting)
    present = meeting.questions.filter(comment_id=comment_id).first()
    if present is not None:
        return present
    return _ask(
        meeting,
        actor=actor,
        words=words[: queries.LONGEST_QUESTION],
        source=Question.Source.COMMENT,
        official_account=official_account,
        comment_id=comment_id,
        revision=revision,
        asked_at=asked_at,
        # Triage has read the comment.
        looked_at=clock.now(),
    )


@action
def ask_by_hand(*, actor: StaffMember, meeting: Meeting, words: str) -> Question:
    """What somebody asked in the room, or rang in with. Raises NotPermitted, NotValid, TransitionNotAllowed.

    Audits question.asked.
    """
    meeting = _moderate(actor, meeting)
    return _ask(meeting, actor=actor, words=words, source=Question.Source.HAND)


def _ask(meeting: Meeting, *, actor: Actor, words: str, **given: object) -> Question:
    words = words.replace("\r\n", "\n").replace("\x00", "").strip()
    if not words:
        raise NotValid("Write your question.", field="words")
    if len(words) > queries.LONGEST_QUESTION:
        raise NotValid(
            f"That is {len(words):,} characters long; {queries.LONGEST_QUESTION:,} fit.", field="words"
        )
    given.setdefault("asked_at", clock.now())
    made = Question.objects.create(meeting=meeting, words=words, **given)
    _note(made, actor=actor, event="asked")
    record(
        actor=actor,
        event="question.asked",
        subject=made,
        subject_name=f"question {made.pk}",
        details={"meeting": meeting.campaign.name, "from": made.get_source_display()},
    )
    return made


@action
def note_risk(*, actor: Actor = TRIAGE, question: Question, priority: int, why: str) -> bool:
    """What triage makes of a question; once. Answers whether it was new. Audits question.triaged."""
    question = Question.objects.select_for_update(of=("self",)).get(pk=question.pk)
    if question.looked_at is not None:
        return False
    question.looked_at, question.priority, question.why_risk = clock.now(), priority, why[:300]
    question.save(update_fields=["looked_at", "priority", "why_risk"])
    record(
        actor=actor,
        event="question.triaged",
        subject=question,
        subject_name=f"question {question.pk}",
        details={"priority": priority},
    )
    return True


# Moderating


@action
def show(
    *, actor: StaffMember, question: Question, words: str, name: str = "", why_stays: str = ""
) -> Question:
    """The public reads the question, in these words, and this name of whoever asked; or none.

    why_stays: needed where something in them tells who somebody is or where they live.
    Raises NotPermitted, NotValid, TransitionNotAllowed (answered, over, or a lockdown stands). Audits question.shown.
    """
    question = _locked_question(question)
    _moderate(actor, question.meeting)
    refuse_while_stopped(question.meeting, pauses=False)
    question.shown = _public(words, why_stays, what="what the public reads", most=queries.LONGEST_QUESTION)
    question.shown_name = " ".join(name.split())
    if len(question.shown_name) > 40:
        raise NotValid("Keep what they are called to 40 characters.", field="name")
    question.shown_by, question.shown_at = actor, clock.now()
    question.declined_why = ""
    _move(question, "show", actor=actor, words=question.shown, why=why_stays, audited="question.shown")
    return question


@action
def decline(*, actor: StaffMember, question: Question, why: str) -> Question:
    """The public does not read the question, or no longer.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed. Audits question.declined.
    """
    why = reason(why, "Say why it is not shown.")
    question = _locked_question(question)
    _moderate(actor, question.meeting)
    question.declined_why, question.officer = why, None
    _move(question, "decline", actor=actor, why=why, audited="question.declined")
    return question


# Answering


@action
def take(*, actor: StaffMember, question: Question) -> Question:
    """One of the named officers answers this question; others see that they do.

    Raises NotPermitted (not one of them), TakenBySomeoneElse, TransitionNotAllowed. Audits question.taken.
    """
    question = _locked_question(question)
    officer = _answering(actor, question)
    if question.state == Question.State.TAKEN:
        if question.officer_id == officer.pk:
            return question
        raise TakenBySomeoneElse(f"{question.officer} is answering this question.")
    question.officer = officer
    _move(question, "take", actor=actor, audited="question.taken")
    return question


@action
def free(*, actor: StaffMember, question: Question) -> Question:
    """Another officer may answer it. Raises NotPermitted, TransitionNotAllowed. Audits question.freed."""
    question = _locked_question(question)
    if question.officer is None or question.officer.person_id != actor.pk:
        _moderate(actor, question.meeting)
    question.officer = None
    _move(question, "free", actor=actor, audited="question.freed")
    return question


@action
def answer(*, actor: StaffMember, question: Question, words: str, why_stays: str = "") -> Question:
    """The public reads the officer's answer under the question. Answered anew, it replaces the one before.

    Raises NotPermitted (not a named officer), TakenBySomeoneElse, NotValid, TransitionNotAllowed (not shown, over,
    the transcript is out, or a lockdown stands). Audits question.answered.
    """
    question = _locked_question(question)
    officer = _answering(actor, question)
    if question.state == Question.State.TAKEN and question.officer_id != officer.pk:
        raise TakenBySomeoneElse(f"{question.officer} is answering this question.")
    if question.state == Question.State.SHOWN:
        question.state = QUESTION.next(question.state, "take")
    refuse_while_stopped(question.meeting, pauses=False)
    question.answer = _public(words, why_stays, what="the answer", most=queries.LONGEST_ANSWER)
    question.officer, question.answered_at = officer, clock.now()
    _move(question, "answer", actor=actor, words=question.answer, why=why_stays, audited="question.answered")
    return question


def _answering(actor: StaffMember, question: Question) -> MeetingOfficer:
    still_on(question.meeting)
    officer = queries.officer_of(question.meeting, actor)
    if officer is None:
        raise NotPermitted(
            "Only the officers named for this meeting answer in it. Whoever runs it names you."
        )
    for pk in queries_campaigns.account_ids_of(question.meeting.campaign):
        require(actor, Power.REPLY, pk)
    return officer


# What the actions share


def _public(words: str, why_stays: str, *, what: str, most: int) -> str:
    """Words that the public may read. Raises NotValid."""
    words = words.replace("\r\n", "\n").strip()
    if not words:
        raise NotValid(f"Write {what}.", field="words")
    if len(words) > most:
        raise NotValid(f"That is {len(words):,} characters long; {most:,} fit.", field="words")
    if len(why_stays) > 500:
        raise NotValid("Say why it may stay in at most 500 characters.", field="why_stays")
    still = stripping.look(words, queries_campaigns.places())
    if still and not why_stays.strip():
        raise NotValid(
            f"{'; '.join(one.says for one in still[:3])}. Take it out, or say below why it may stay.",
            field="words",
        )
    return words


def refuse_while_stopped(meeting: Meeting, *, pauses: bool) -> None:
    lockdown = queries.stopped_by(meeting.campaign, pauses=pauses)
    if lockdown is not None:
        raise TransitionNotAllowed(
            f"A {lockdown.get_kind_display().lower()} is in force ({lockdown.why}), so nothing of this meeting is shown "
            "to the public that was not before."
        )


def _moderate(actor: StaffMember, meeting: Meeting) -> Meeting:
    for pk in queries_campaigns.account_ids_of(meeting.campaign):
        require(actor, Power.WORK_COMMENTS, pk)
    still_on(meeting)
    return meeting


def still_on(meeting: Meeting) -> None:
    if meeting.transcript_at is not None:
        raise TransitionNotAllowed(
            "The transcript of this meeting is published, so nothing of it changes any more."
        )
    if meeting.campaign.state == Campaign.State.CALLED_OFF:
        raise TransitionNotAllowed("This meeting was called off.")


def _locked_question(question: Question) -> Question:
    return (
        Question.objects.select_for_update(of=("self",))
        .select_related("meeting__campaign", "officer__person")
        .get(pk=question.pk)
    )


def _move(
    question: Question, event: str, *, actor: StaffMember, words: str = "", why: str = "", audited: str = ""
) -> None:
    question.state = QUESTION.next(question.state, event)
    question.save()
    _note(question, actor=actor, event=event, words=words, why=why)
    if audited:
        record(
            actor=actor,
            event=audited,
            subject=question,
            subject_name=f"question {question.pk}",
            reason=why,
            details={"meeting": question.meeting.campaign.name, "to": PUBLIC},
        )


def _note(question: Question, *, actor: Actor, event: str, words: str = "", why: str = "") -> None:
    QuestionChange.objects.create(
        question=question,
        event=event,
        at=clock.now(),
        by=actor if isinstance(actor, StaffMember) else None,
        words=words,
        why=why,
    )
