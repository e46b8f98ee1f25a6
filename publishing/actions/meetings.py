"""A virtual community meeting: set up, asked in, moderated, answered in public, its transcript published."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.text import slugify

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
from publishing.actions import campaigns
from publishing.models import Campaign, Meeting, MeetingOfficer, Question, QuestionChange
from publishing.workflow_campaigns import QUESTION
from staff.models import StaffMember
from staff.roles import Power

TRIAGE = System("triage")
PUBLIC = "the public"
"""To whom what is shown is disclosed (DPA 2018 s.62(3)(c))."""
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
            question.officer = None
            _move(question, "free", actor=actor)
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


# Asking


@action
def ask_publicly(*, actor: Stranger, meeting: Meeting, words: str, name: str, source_key: str) -> Question:
    """Somebody of the public asks; nobody else of the public reads it before staff have.

    source_key: a keyed hash of where it came from. Raises NotValid, TooMany (five from one source in an hour),
    TransitionNotAllowed (it takes no questions). Audits question.asked.
    """
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
def show(*, actor: StaffMember, question: Question, words: str, why_stays: str = "") -> Question:
    """The public reads the question, in these words.

    why_stays: needed where something in them tells who somebody is or where they live.
    Raises NotPermitted, NotValid, TransitionNotAllowed (answered, over, or a lockdown stands). Audits question.shown.
    """
    question = _locked_question(question)
    _moderate(actor, question.meeting)
    _refuse_while_stopped(question.meeting, pauses=False)
    question.shown = _public(words, why_stays, what="what the public reads", most=queries.LONGEST_QUESTION)
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
    _refuse_while_stopped(question.meeting, pauses=False)
    question.answer = _public(words, why_stays, what="the answer", most=queries.LONGEST_ANSWER)
    question.officer, question.answered_at = officer, clock.now()
    _move(question, "answer", actor=actor, words=question.answer, why=why_stays, audited="question.answered")
    return question


def _answering(actor: StaffMember, question: Question) -> MeetingOfficer:
    _still_on(question.meeting)
    officer = queries.officer_of(question.meeting, actor)
    if officer is None:
        raise NotPermitted(
            "Only the officers named for this meeting answer in it. Whoever runs it names you."
        )
    for pk in queries_campaigns.account_ids_of(question.meeting.campaign):
        require(actor, Power.REPLY, pk)
    return officer


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
    _refuse_while_stopped(meeting, pauses=True)
    meeting.transcript_at, meeting.transcript_by = clock.now(), actor
    meeting.closed_at = meeting.closed_at or meeting.transcript_at
    meeting.save(update_fields=["transcript_at", "transcript_by", "closed_at"])
    _record(meeting, actor=actor, event="meeting.transcript_published", details={"to": PUBLIC})
    return meeting


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


def _refuse_while_stopped(meeting: Meeting, *, pauses: bool) -> None:
    lockdown = queries.stopped_by(meeting.campaign, pauses=pauses)
    if lockdown is not None:
        raise TransitionNotAllowed(
            f"A {lockdown.get_kind_display().lower()} is in force ({lockdown.why}), so nothing of this meeting is shown "
            "to the public that was not before."
        )


def _run(actor: StaffMember, meeting: Meeting) -> Meeting:
    campaigns.locked(actor, meeting.campaign)
    found = Meeting.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=meeting.pk)
    _still_on(found)
    return found


def _moderate(actor: StaffMember, meeting: Meeting) -> Meeting:
    for pk in queries_campaigns.account_ids_of(meeting.campaign):
        require(actor, Power.WORK_COMMENTS, pk)
    _still_on(meeting)
    return meeting


def _still_on(meeting: Meeting) -> None:
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


def _record(meeting: Meeting, *, actor: Actor, event: str, details: dict[str, object] | None = None) -> None:
    record(
        actor=actor, event=event, subject=meeting, subject_name=meeting.campaign.name, details=details or {}
    )
