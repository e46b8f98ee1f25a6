"""Somebody else looks at a deletion or a block by the next evening: agreed, or overturned and undone where it can be."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.queries import people_with, require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from moderation import act_reviews
from moderation.actions import blocks
from moderation.models import ActReview, Block, Comment, Decision
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power

WORDS_LENGTH = 500
REVIEWS = System("reviews of grave acts")


@action
def ask_for_review(
    *, actor: StaffMember, decision: Decision, comment: Comment, block: Block | None = None
) -> ActReview:
    """The act waits for somebody else's look, by the next evening.

    A part of moderation.actions.restricting. Raises NotPermitted. Audits act_review.asked.
    """
    require(actor, Power.RESTRICT_COMMENTERS, comment.official_account_id)
    assert decision.clause is not None
    row = ActReview.objects.create(
        decision_id=decision.pk,
        comment_id=comment.pk,
        official_account=comment.official_account,
        kind=decision.kind,
        clause=decision.clause,
        block=block,
        by=actor,
        at=decision.at,
        due_at=_due(decision.at),
    )
    _audit(actor, "act_review.asked", row)
    return row


@action
def agree(*, actor: StaffMember, row: ActReview, words: str = "") -> ActReview:
    """A second person finds that it was right.

    Raises NotPermitted (no right, or one's own act), TransitionNotAllowed (answered already), NotValid.
    Audits act_review.agreed.
    """
    row = _locked(actor, row)
    return _answer(actor, row, ActReview.State.AGREED, words, "act_review.agreed")


@action
def overturn(*, actor: StaffMember, row: ActReview, words: str) -> ActReview:
    """A second person finds that it was wrong: a block is lifted, on the platform or by hand. A deletion cannot be undone.

    Whoever acted is told why. Raises NotPermitted (no right, or one's own act), TransitionNotAllowed (answered
    already, or the block is on its way this moment), NotValid (no words). Audits act_review.overturned.
    """
    from_here = row.kind == "block"
    row = _locked(actor, row)
    if not words.strip():
        raise NotValid("Say what was wrong: whoever acted reads it.", field="words")
    if from_here and row.block_id is not None:
        blocks.end_early(actor=actor, block=Block.objects.get(pk=row.block_id), why=words)
    row = _answer(actor, row, ActReview.State.OVERTURNED, words, "act_review.overturned")
    notify(
        actor=actor,
        to=[row.by],
        urgency=Notice.Urgency.FYI,
        title=f"Your {row.get_kind_display().lower()} on {row.official_account.name} was overturned"[:160],
        body=words.strip()[:600],
        link=act_reviews.address(row),
        key=f"act-review-{row.pk}",
    )
    return row


@action
def remind(*, actor: Actor = REVIEWS, row: ActReview) -> bool:
    """Whoever may look is told, once, that a review is overdue. Audits act_review.overdue."""
    found = (
        ActReview.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("official_account", "by")
        .filter(pk=row.pk, state=ActReview.State.OPEN, reminded_at=None, due_at__lte=clock.now())
        .first()
    )
    if found is None:
        return False
    found.reminded_at = clock.now()
    found.save(update_fields=["reminded_at"])
    _audit(actor, "act_review.overdue", found)
    notify(
        actor=actor,
        to=[
            person
            for person in people_with(Power.LOOK_AGAIN, official_account_id=found.official_account_id)
            if person.pk != found.by_id
        ],
        urgency=Notice.Urgency.SOON,
        title=f"A {found.get_kind_display().lower()} on {found.official_account.name} waits for a second look"[
            :160
        ],
        body=f"{found.by.called} acted alone, and nobody else has looked at it by its time.",
        link=act_reviews.address(found),
        key=f"act-review-overdue-{found.pk}",
    )
    return True


@action
def see(*, actor: StaffMember, rows: list[ActReview]) -> None:
    """Who was shown which acts that wait for a look. Audits act_review.viewed."""
    if rows:
        record(actor=actor, event="act_review.viewed", shown_ids=[row.comment_id for row in rows])


def _due(at: datetime) -> datetime:
    """The evening of the next day, at 18:00 on London clocks."""
    day = clock.in_london(at).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, 18, tzinfo=clock.LONDON)


def _locked(actor: StaffMember, row: ActReview) -> ActReview:
    # The comment before its review, as when the act was made.
    Comment.objects.select_for_update().only("pk").filter(pk=row.comment_id).first()
    row = (
        ActReview.objects.select_for_update(of=("self",))
        .select_related("official_account", "by", "clause")
        .get(pk=row.pk)
    )
    require(actor, Power.LOOK_AGAIN, row.official_account_id)
    if row.by_id == actor.pk:
        raise NotPermitted("You did this yourself, so a colleague looks at it.")
    if row.state != ActReview.State.OPEN:
        who = row.answered_by.called if row.answered_by else "Somebody"
        raise TransitionNotAllowed(f"{who} has looked at it already: {row.get_state_display().lower()}.")
    return row


def _answer(actor: StaffMember, row: ActReview, state: ActReview.State, words: str, event: str) -> ActReview:
    words = words.strip()
    if len(words) > WORDS_LENGTH:
        raise NotValid(f"That is {len(words):,} characters long; {WORDS_LENGTH:,} fit.", field="words")
    row.state, row.words = state, words
    row.answered_by, row.answered_at = actor, clock.now()
    row.save()
    _audit(actor, event, row, reason=words)
    return row


def _audit(actor: Actor, event: str, row: ActReview, reason: str = "") -> None:
    record(
        actor=actor,
        event=event,
        subject=row,
        subject_name=f"{row.get_kind_display().lower()} on {row.official_account.name}",
        official_account_id=row.official_account_id,
        reason=reason,
        details={"comment": row.comment_id, "clause": row.clause.title},
    )
