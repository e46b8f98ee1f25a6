"""The public asks why a comment is hidden, and staff look again."""

from __future__ import annotations

import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from accounts.queries import people_with, require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, Stranger, System
from core.errors import NotPermitted, NotValid, TooMany, TransitionNotAllowed
from moderation import inquiries
from moderation.actions import desk
from moderation.models import Comment, Decision, Inquiry, Reconsideration, Withholding
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power

LINK_LENGTH = 500
WORDS_LENGTH = 1000
WHY_LENGTH = 500
AUTHOR = Stranger("the author of the comment")
LOOKS = System("second looks")


@action
def ask(*, actor: Stranger, link: str, source_key: str) -> tuple[Inquiry, str]:
    """Somebody asks about the comment at `link`; they are given a code to send from its author's handle.

    The answer is the same whether or not there is such a comment. source_key: a keyed hash of where the
    request came from. Answers the question and the secret of its page, which is kept nowhere.
    Raises NotValid (no web address), TooMany (five from one source in an hour). Audits inquiry.asked.
    """
    link = link.strip()
    if len(link) > LINK_LENGTH or not _is_address(link):
        raise NotValid(
            "Copy the link of the comment whole: it begins with https:// and names the platform.",
            field="link",
        )
    now = clock.now()
    if (
        Inquiry.objects.filter(source_key=source_key, asked_at__gt=now - timedelta(hours=1)).count()
        >= inquiries.MOST_PER_HOUR
    ):
        raise TooMany(
            f"{inquiries.MOST_PER_HOUR} questions came from where you are within the last hour. Try again in an hour."
        )
    comment = inquiries.hidden_comment(link)
    secret = secrets.token_urlsafe(32)
    inquiry = Inquiry.objects.create(
        code=_code(),
        secret_hash=inquiries.hash_of(secret),
        link=link,
        source_key=source_key,
        comment_id=comment.pk if comment else None,
        official_account=comment.official_account if comment else None,
        asked_at=now,
        until=now + inquiries.CODE_LIVES,
    )
    record(
        actor=actor,
        event="inquiry.asked",
        subject=inquiry,
        subject_name=f"question {inquiry.code}",
        official_account_id=inquiry.official_account_id,
    )
    return inquiry, secret


@action
def prove(*, actor: Actor, inquiry: Inquiry) -> bool:
    """Where the code has come from the handle that wrote the comment, the page answers from now on.

    Nothing changes where it has not come yet, or was proved before. Audits inquiry.answered.
    """
    inquiry = Inquiry.objects.select_for_update().get(pk=inquiry.pk)
    if inquiry.proved_at is not None:
        return True
    now = clock.now()
    if inquiry.comment_id is None or inquiry.until <= now:
        return False
    if inquiries.sent_from_the_handle(inquiry) is None:
        return False
    inquiry.proved_at = now
    inquiry.until = now + inquiries.PAGE_LIVES
    inquiry.save(update_fields=["proved_at", "until"])
    record(
        actor=AUTHOR,
        event="inquiry.answered",
        subject=inquiry,
        subject_name=f"question {inquiry.code}",
        official_account_id=inquiry.official_account_id,
        details={"to": "the author of the comment", "comment": inquiry.comment_id},
    )
    return True


@action
def ask_again(*, actor: Stranger, inquiry: Inquiry, words: str) -> Reconsideration:
    """The author asks that somebody else look at the hide again.

    Raises NotPermitted (not proved), NotValid (too many words), TransitionNotAllowed (not hidden, or this
    decision was looked at again before). Audits reconsideration.asked; whoever may look again is told.
    """
    inquiry = (
        Inquiry.objects.select_for_update(of=("self",)).select_related("official_account").get(pk=inquiry.pk)
    )
    if inquiry.proved_at is None or inquiry.official_account is None:
        raise NotPermitted("Send the code from the handle that wrote the comment first.")
    words = words.strip()
    if len(words) > WORDS_LENGTH:
        raise NotValid(f"That is {len(words):,} characters long; {WORDS_LENGTH:,} fit.", field="words")
    decision = inquiries.hide_of(inquiry.comment_id)
    if decision is None or decision.comment.hidden_at is None or decision.clause is None:
        raise TransitionNotAllowed(
            "The comment is not hidden any more, so there is nothing to look at again."
        )
    Decision.objects.select_for_update().only("pk").get(pk=decision.pk)
    if Reconsideration.objects.filter(decision_id=decision.pk).exists():
        raise TransitionNotAllowed("Somebody has been asked to look at this decision again already.")
    row = Reconsideration.objects.create(
        inquiry=inquiry,
        official_account=inquiry.official_account,
        comment_id=decision.comment_id,
        decision_id=decision.pk,
        clause=decision.clause,
        decided_by=decision.by,
        decided_at=decision.at,
        words=words,
        asked_at=clock.now(),
        due_on=clock.today() + timedelta(days=inquiries.ANSWER_WITHIN_DAYS),
    )
    record(
        actor=actor,
        event="reconsideration.asked",
        subject=row,
        subject_name=f"second look {row.pk}",
        official_account_id=row.official_account_id,
        details={"comment": row.comment_id},
    )
    _tell(
        row,
        urgency=Notice.Urgency.FYI,
        title=f"A second look is asked for on {row.official_account.name}",
        body=f"Answer it by {row.due_on:%-d %B %Y}.",
        key=f"second-look-{row.pk}",
    )
    return row


@action
def remind(*, actor: Actor = LOOKS, row: Reconsideration) -> bool:
    """Whoever may answer is told that a second look falls due in a few days, and once more that it is overdue.

    The public was promised an answer by that day. Safe to run twice. Audits reconsideration.overdue.
    """
    found = (
        Reconsideration.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("official_account")
        .filter(pk=row.pk, state=Reconsideration.State.OPEN, reminded_at=row.reminded_at)
        .first()
    )
    if found is None:
        return False
    found.reminded_at = clock.now()
    found.save(update_fields=["reminded_at"])
    record(
        actor=actor,
        event="reconsideration.overdue",
        subject=found,
        subject_name=f"second look {found.pk}",
        official_account_id=found.official_account_id,
        details={"due_on": found.due_on.isoformat()},
    )
    over = found.due_on < clock.today()
    _tell(
        found,
        urgency=Notice.Urgency.SOON,
        title=f"A second look on {found.official_account.name} {'is overdue' if over else 'falls due'}",
        body=f"Its author was promised an answer by {found.due_on:%-d %B %Y}.",
        key=f"second-look-{found.pk}-{'overdue' if over else 'due'}",
    )
    return True


def _tell(row: Reconsideration, *, urgency: str, title: str, body: str, key: str) -> None:
    """Everybody who may answer it, but for whoever decided."""
    may = people_with(Power.LOOK_AGAIN, official_account_id=row.official_account_id)
    notify(
        actor=LOOKS,
        to=[person for person in may if person.pk != row.decided_by_id],
        urgency=urgency,
        title=title[:160],
        body=body,
        link=f"/desk/second-looks/{row.pk}/",
        key=key,
    )


@action
def uphold(*, actor: StaffMember, row: Reconsideration, answer: str) -> Reconsideration:
    """The comment stays hidden; its author reads why on their page.

    Raises NotPermitted (no grant, or one's own decision), NotValid (no words), TransitionNotAllowed.
    Audits reconsideration.upheld.
    """
    row = _locked(actor, row)
    return _answer(actor, row, Reconsideration.State.UPHELD, answer, details={"clause": row.clause.title})


@action
def overturn(*, actor: StaffMember, row: Reconsideration, answer: str) -> Reconsideration:
    """The comment is shown again on the platform, and its author reads so on their page.

    Where it is shown already, was hidden anew since, or its record is gone, the answer alone is recorded: a newer
    hide stands on its own clause and is asked about by itself. Raises as `uphold`,
    and as desk.unhide where the platform cannot or the hide is on its way. Audits
    reconsideration.overturned and comment.unhidden.
    """
    row = _locked(actor, row)
    comment = Comment.objects.filter(pk=row.comment_id).first()
    hidden = comment is not None and comment.hidden_at is not None and comment.removed_at is None
    if comment is not None and hidden and not inquiries.is_hidden_anew(row):
        desk.unhide(
            actor=actor,
            comment=comment,
            revision_number=comment.revision_number,
            why="A second look was asked for",
        )
    return _answer(actor, row, Reconsideration.State.OVERTURNED, answer, details={})


@action
def withhold(*, actor: StaffMember, decision: Decision, why: str) -> Withholding:
    """The reason for this hide is not given for now: saying it could harm an inquiry or a person.

    Whoever may hide may do so, at once and before anybody asks; only who looks again gives the reason back.
    Raises NotPermitted, NotValid (not a hide, or no reason), TransitionNotAllowed (it is so already).
    Audits inquiry.withheld.
    """
    comment = Comment.objects.select_for_update().get(pk=decision.comment_id)
    require(actor, Power.HIDE_COMMENTS, comment.official_account_id)
    why = why.strip()
    if decision.kind != Decision.Kind.HIDE:
        raise NotValid("Only for a hide is a reason given to the public.")
    if not why:
        raise NotValid("Say why telling the reason would do harm.", field="why")
    if len(why) > WHY_LENGTH:
        raise NotValid(f"That is {len(why):,} characters long; {WHY_LENGTH:,} fit.", field="why")
    if inquiries.standing_withholding(decision):
        raise TransitionNotAllowed("The reason for this hide is withheld already.")
    row = Withholding.objects.create(decision_id=decision.pk, why=why, by=actor, at=clock.now())
    _audit_withholding(actor, "inquiry.withheld", comment, why)
    return row


@action
def stop_withholding(*, actor: StaffMember, decision: Decision) -> None:
    """The reason is given again. Raises NotPermitted, TransitionNotAllowed. Audits inquiry.no_longer_withheld."""
    comment = Comment.objects.select_for_update().get(pk=decision.comment_id)
    require(actor, Power.LOOK_AGAIN, comment.official_account_id)
    row = inquiries.standing_withholding(decision)
    if row is None:
        raise TransitionNotAllowed("The reason for this hide is not withheld.")
    row.lifted_at, row.lifted_by = clock.now(), actor
    row.save(update_fields=["lifted_at", "lifted_by"])
    _audit_withholding(actor, "inquiry.no_longer_withheld", comment, "")


@action
def see_second_looks(*, actor: StaffMember, shown: list[Reconsideration]) -> None:
    """These stood in a list in front of this person. Audits reconsideration.listed."""
    if shown:
        record(
            actor=actor,
            event="reconsideration.listed",
            details={"second_looks": sorted(row.pk for row in shown)},
        )


@action
def see_second_look(*, actor: StaffMember, row: Reconsideration) -> None:
    """This person read the hidden words and what their author asks. Audits reconsideration.viewed."""
    record(
        actor=actor,
        event="reconsideration.viewed",
        subject=row,
        subject_name=f"second look {row.pk}",
        official_account_id=row.official_account_id,
        shown_ids=[row.comment_id],
    )


def _locked(actor: StaffMember, row: Reconsideration) -> Reconsideration:
    Reconsideration.objects.select_for_update().only("pk").get(pk=row.pk)
    row = Reconsideration.objects.select_related("official_account", "clause", "answered_by").get(pk=row.pk)
    require(actor, Power.LOOK_AGAIN, row.official_account_id)
    if row.state != Reconsideration.State.OPEN:
        who = row.answered_by.called if row.answered_by else "Somebody"
        raise TransitionNotAllowed(f"{who} has answered this already: {row.get_state_display().lower()}.")
    if row.decided_by_id == actor.pk:
        raise NotPermitted("You decided this one yourself, so a colleague looks at it again.")
    return row


def _answer(
    actor: StaffMember, row: Reconsideration, state: str, answer: str, *, details: dict
) -> Reconsideration:
    answer = answer.strip()
    if not answer:
        raise NotValid("Say in a sentence or two what you found: the author reads it.", field="answer")
    if len(answer) > WORDS_LENGTH:
        raise NotValid(f"That is {len(answer):,} characters long; {WORDS_LENGTH:,} fit.", field="answer")
    row.state, row.answer = state, answer
    row.answered_by, row.answered_at = actor, clock.now()
    row.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    record(
        actor=actor,
        event=_EVENTS[state],
        subject=row,
        subject_name=f"second look {row.pk}",
        official_account_id=row.official_account_id,
        details={"to": "the author of the comment", "comment": row.comment_id, **details},
    )
    return row


_EVENTS = {
    Reconsideration.State.UPHELD.value: "reconsideration.upheld",
    Reconsideration.State.OVERTURNED.value: "reconsideration.overturned",
}


def _audit_withholding(actor: StaffMember, event: str, comment: Comment, why: str) -> None:
    record(
        actor=actor,
        event=event,
        subject=comment,
        subject_name=f"comment {comment.pk}",
        official_account_id=comment.official_account_id,
        reason=why,
    )


def _code() -> str:
    letters = "".join(secrets.choice(inquiries.LETTERS) for _ in range(inquiries.CODE_LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def _is_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not any(c.isspace() for c in link)
