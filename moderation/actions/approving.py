"""A reply that waits for a second person's yes: to exactly these words, and no others."""

from __future__ import annotations

import hashlib

from accounts.queries import may, people_with, require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from moderation import queries
from moderation.actions import desk
from moderation.models import Comment, Decision, ReplyDraft, ReplyRequest
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power

WHY_LENGTH = 300


@action
def ask(
    *, actor: StaffMember, comment: Comment, revision_number: int, text: str, why: str = ""
) -> ReplyRequest:
    """The reply waits for a second person's yes; the comment stays open meanwhile.

    Whatever would keep it from being sent is said now, not after the yes. Raises as desk.reply, and
    TransitionNotAllowed where one waits already. Audits comment.reply_asked.
    """
    # Nothing leaves by asking, so that where a life may be at risk a colleague's claim is not asked about either.
    comment = desk.begin(actor, comment, revision_number, Power.REPLY, "reply", despite_claim=True)
    text = desk.check_reply(comment, text)
    waiting = ReplyRequest.objects.filter(comment=comment, state=ReplyRequest.State.ASKED).first()
    if waiting is not None:
        raise TransitionNotAllowed(
            f"A reply of {waiting.asked_by.called} to this comment waits for a second person already. "
            "It has to be answered or taken back first."
        )
    row = ReplyRequest.objects.create(
        comment=comment,
        revision_number=comment.revision_number,
        text=text,
        text_hash=hash_of(text),
        why=_short(why),
        asked_by=actor,
        asked_at=clock.now(),
    )
    ReplyDraft.objects.filter(comment=comment, by=actor).delete()
    _audit(actor, "comment.reply_asked", row)
    notify(
        actor=actor,
        to=[
            person
            for person in people_with(Power.LOOK_AGAIN, official_account_id=comment.official_account_id)
            if person.pk != actor.pk
        ],
        urgency=Notice.Urgency.SOON,
        title=f"A reply on {comment.official_account.name} waits for your yes"[:160],
        body=f"{actor.called} asks for a second pair of eyes.",
        link=queries.address(comment),
        key=f"reply-asked-{row.pk}",
    )
    return row


@action
def approve(*, actor: StaffMember, row: ReplyRequest, text_hash: str) -> Decision:
    """A second person says yes to these words, and they go out as their author's.

    text_hash: of the words that the actor read. Raises NotPermitted (no right, or one's own words),
    ChangedSinceSeen (other words, or the author changed the comment), TransitionNotAllowed (answered or
    decided meanwhile), and as desk.reply. Audits comment.reply_approved, comment.replied.
    """
    comment, row = _locked(actor, row)
    if row.asked_by_id == actor.pk:
        raise NotPermitted("These are your own words: a colleague says yes to them, or sends them back.")
    if text_hash != row.text_hash or hash_of(row.text) != row.text_hash:
        raise ChangedSinceSeen("These are not the words that you read. Read them once more, then decide.")
    comment = desk.begin(
        row.asked_by,
        comment,
        row.revision_number,
        Power.REPLY,
        "reply",
        despite_claim=True,
        approver=actor,
    )
    _settle(row, ReplyRequest.State.APPROVED, actor)
    _audit(actor, "comment.reply_approved", row)
    counted = may(actor, Power.APPROVE_POSTS, comment.official_account_id)
    return desk.send_reply(actor, comment, row.text, author=row.asked_by, approver=actor if counted else None)


@action
def send_back(*, actor: StaffMember, row: ReplyRequest, answer: str) -> ReplyRequest:
    """A second person says no, and why; the words are their author's draft again.

    Raises NotPermitted (no right, or one's own words), NotValid (no reason), TransitionNotAllowed.
    Audits comment.reply_returned.
    """
    _, row = _locked(actor, row)
    if row.asked_by_id == actor.pk:
        raise NotPermitted("These are your own words: take them back instead.")
    if not answer.strip():
        raise NotValid("Say what should be different: its author reads it.", field="answer")
    row.answer = _short(answer)
    _settle(row, ReplyRequest.State.RETURNED, actor)
    desk.keep_words(row.comment_id, row.asked_by_id, row.text)
    _audit(actor, "comment.reply_returned", row, reason=row.answer)
    notify(
        actor=actor,
        to=[row.asked_by],
        urgency=Notice.Urgency.SOON,
        title=f"Your reply on {row.comment.official_account.name} was sent back"[:160],
        body=row.answer,
        link=queries.address(row.comment),
        key=f"reply-returned-{row.pk}",
    )
    return row


@action
def take_back(*, actor: StaffMember, row: ReplyRequest) -> ReplyRequest:
    """Its author waits for nobody any more; the words are their draft again.

    Raises NotPermitted (somebody else's words), TransitionNotAllowed. Audits comment.reply_taken_back.
    """
    _, row = _locked(actor, row, power=Power.REPLY)
    if row.asked_by_id != actor.pk:
        raise NotPermitted("These are a colleague’s words: send them back instead, and say why.")
    _settle(row, ReplyRequest.State.WITHDRAWN, actor)
    desk.keep_words(row.comment_id, row.asked_by_id, row.text)
    _audit(actor, "comment.reply_taken_back", row)
    return row


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _locked(
    actor: StaffMember, row: ReplyRequest, *, power: Power = Power.LOOK_AGAIN
) -> tuple[Comment, ReplyRequest]:
    """The comment and its request, locked in that order. Raises NotPermitted, TransitionNotAllowed."""
    Comment.objects.select_for_update().only("pk").get(pk=row.comment_id)
    row = (
        ReplyRequest.objects.select_for_update(of=("self",))
        .select_related("comment__official_account", "asked_by", "answered_by")
        .get(pk=row.pk)
    )
    require(actor, power, row.comment.official_account_id)
    if row.state != ReplyRequest.State.ASKED:
        who = f" by {row.answered_by.called}" if row.answered_by else ""
        raise TransitionNotAllowed(f"This reply waits no more: {row.get_state_display().lower()}{who}.")
    return row.comment, row


def _settle(row: ReplyRequest, state: ReplyRequest.State, actor: StaffMember) -> None:
    row.state, row.answered_by, row.answered_at = state, actor, clock.now()
    row.save()


def _short(words: str) -> str:
    words = words.strip()
    if len(words) > WHY_LENGTH:
        raise NotValid(f"That is {len(words):,} characters long; {WHY_LENGTH:,} fit.", field="why")
    return words


def _audit(actor: Actor, event: str, row: ReplyRequest, reason: str = "") -> None:
    comment = row.comment
    record(
        actor=actor,
        event=event,
        subject=comment,
        subject_name=f"comment {comment.pk} on {comment.official_account.name}",
        official_account_id=comment.official_account_id,
        reason=reason,
        details={"revision": row.revision_number, "words": row.text_hash[:16]},
    )
