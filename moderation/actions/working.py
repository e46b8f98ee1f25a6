"""Sharing the queue: passing a comment over, and being seen at one."""

from __future__ import annotations

from datetime import datetime

from accounts.queries import people_with, require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotValid, TakenBySomeoneElse, TransitionNotAllowed
from moderation import presence, queries, queries_working
from moderation.actions.desk import LEASE
from moderation.categories import Priority
from moderation.models import Comment, Presence, Skip
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power, Role

DESK = System("desk")
WORDS_LENGTH = 300


@action
def skip(*, actor: StaffMember, comment: Comment, reason: str, words: str = "") -> Skip:
    """The comment is free for colleagues and is not offered to this person again; it stays open as it was.

    Once everybody on shift has passed it over it goes to the desk supervisors, who are told. They are told
    of an immediate one at once. reason: one of Skip.Reason. A second skip changes the reason, and is of the words as they read now.
    Raises NotPermitted, NotValid, TakenBySomeoneElse, TransitionNotAllowed (not open). Audits comment.skipped.
    """
    comment = _locked(comment)
    require(actor, Power.WORK_COMMENTS, comment.official_account_id)
    if comment.state != Comment.State.OPEN:
        raise TransitionNotAllowed("This comment does not wait any more, so there is nothing to pass over.")
    holder = queries.holder(comment)
    if holder is not None and holder.pk != actor.pk:
        raise TakenBySomeoneElse(f"{holder.called} has this comment, so nobody offers it to you.")
    if reason not in Skip.Reason.values:
        raise NotValid("Choose why you pass it over.", field="reason")
    words = " ".join(words.split())
    if reason == Skip.Reason.OTHER and not words:
        raise NotValid("Say in a few words why you pass it over.", field="words")
    if len(words) > WORDS_LENGTH:
        raise NotValid(f"Say it in {WORDS_LENGTH} characters at most.", field="words")
    passed, _ = Skip.objects.update_or_create(
        comment=comment,
        by=actor,
        defaults={
            "reason": reason,
            "words": words,
            "at": clock.now(),
            "revision_number": comment.revision_number,
        },
    )
    if comment.claimed_by_id == actor.pk:
        comment.claimed_by = comment.claimed_until = None
        comment.save(update_fields=["claimed_by", "claimed_until"])
    record(
        actor=actor,
        event="comment.skipped",
        subject=comment,
        subject_name=_called(comment),
        official_account_id=comment.official_account_id,
        reason=words,
        details={"why": str(Skip.Reason(reason).label)},
    )
    if not _passed_up(actor, comment) and comment.priority == Priority.IMMEDIATE:
        _tell_supervisors(
            actor,
            comment,
            title="An immediate comment was passed over",
            body=f"{actor.called} passed it over: {Skip.Reason(reason).label.lower()}. Somebody else must take it now.",
            key=f"skipped-{comment.pk}-{passed.pk}",
        )
    return passed


@action
def pass_up_skipped(*, actor: Actor = DESK) -> int:
    """Comments that everybody still on shift has passed over go to the supervisors. Safe to repeat; answers how many.

    For when the last one who had not passed it over went home. Audits comment.skipped_by_all.
    """
    return sum(_passed_up(actor, _locked(comment)) for comment in queries_working.skipped_and_waiting())


def _passed_up(actor: Actor, comment: Comment) -> bool:
    """Whether it goes to the supervisors with this; the comment is locked."""
    if (
        comment.state != Comment.State.OPEN
        or comment.skipped_by_all_at is not None
        or not queries_working.skipped_by_all(comment)
    ):
        return False
    comment.skipped_by_all_at = clock.now()
    comment.save(update_fields=["skipped_by_all_at"])
    record(
        actor=actor,
        event="comment.skipped_by_all",
        subject=comment,
        subject_name=_called(comment),
        official_account_id=comment.official_account_id,
    )
    _tell_supervisors(
        actor,
        comment,
        title="Everybody on shift passed a comment over",
        body=f"It is {comment.get_priority_display().lower()} and waits in the queue “Skipped by all”. Take it, or say who does.",
        key=f"skipped-by-all-{comment.pk}",
    )
    return True


def _tell_supervisors(actor: Actor, comment: Comment, *, title: str, body: str, key: str) -> None:
    immediate = comment.priority == Priority.IMMEDIATE
    supervisors = people_with(role=Role.DESK_SUPERVISOR, official_account_id=comment.official_account_id)
    notify(
        actor=actor,
        to=supervisors
        or people_with(role=Role.DUTY_COMMAND, official_account_id=comment.official_account_id),
        urgency=Notice.Urgency.PAGE if immediate else Notice.Urgency.SOON,
        title=title,
        body=body,
        link=queries.address(comment),
        key=key,
    )


@action
def note_here(*, actor: StaffMember, comment: Comment, writing: bool = False) -> datetime | None:
    """The person has the comment open; one that they have stays theirs for LEASE from now on.

    Called by an open page while somebody uses it (static/js/here.js). A lease that ran out is not brought
    back: a colleague may have seen the comment free. Answers until when it is theirs, None where it is not.
    Raises NotPermitted, NotFound.
    """
    comment = queries.comment(actor, comment.pk)
    at = clock.now()
    fields = ["seen_at", "writing_at"] if writing else ["seen_at"]
    Presence.objects.bulk_create(
        [Presence(comment=comment, by=actor, seen_at=at, writing_at=at if writing else None)],
        update_conflicts=True,
        unique_fields=["comment", "by"],
        update_fields=fields,
    )
    mine = Comment.objects.filter(
        pk=comment.pk, claimed_by=actor, claimed_until__gt=at, state=Comment.State.OPEN
    )
    # One statement that writes only where a minute of the lease is used up.
    mine.filter(claimed_until__lt=at + LEASE - _RENEWED_AFTER).update(claimed_until=at + LEASE)
    return mine.values_list("claimed_until", flat=True).first()


_RENEWED_AFTER = LEASE / 15


@action
def sweep_presence(*, actor: Actor = DESK) -> int:
    """Signs of life older than an hour are gone; they were records of nothing. Safe to repeat; answers how many."""
    gone, _ = Presence.objects.filter(seen_at__lt=clock.now() - 80 * presence.HERE_FOR).delete()
    return gone


def _locked(comment: Comment) -> Comment:
    # Lock first, read afterwards: moderation.actions.desk says why.
    Comment.objects.select_for_update().only("pk").get(pk=comment.pk)
    return Comment.objects.select_related("official_account", "claimed_by").get(pk=comment.pk)


def _called(comment: Comment) -> str:
    return f"comment {comment.pk} on {comment.official_account.name}"
