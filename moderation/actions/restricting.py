"""What the desk does on the platform about somebody: delete a comment, block until a date, mute, restrict, report.

What a platform lets a program do goes through the outbox; what it does not is done there by hand and recorded here.
All but a report cite a clause of the published guidelines. A deletion or a block acts at once, because at night
there may be one person alone, and somebody else looks at it by the next evening (moderation.actions.act_reviews).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from accounts.queries import people_with, require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import ChangedSinceSeen, NotValid, TransitionNotAllowed
from moderation import queries, restrictions
from moderation.actions import blocks, desk
from moderation.actions.act_reviews import ask_for_review
from moderation.models import Block, Clause, Comment, Decision
from notices.actions import notify
from notices.models import Notice
from publishing.actions import outbox
from publishing.models import Delivery
from staff.models import StaffMember
from staff.roles import Power, Role


@action
def restrict(
    *,
    actor: StaffMember,
    comment: Comment,
    revision_number: int,
    kind: str,
    clause: Clause | None = None,
    why: str = "",
    until: date | None = None,
    by_hand: bool = False,
) -> Decision:
    """The comment is deleted on the platform, or its author blocked, muted, restricted or reported there.

    A deletion decides the comment; the others stand beside its decision, which still waits. The words are kept.
    until: of a block, the last day on which it holds (London); it is lifted at that day's end.
    by_hand: the actor has done it on the platform itself, where it lets no program do it.
    Raises NotPermitted, ChangedSinceSeen, TakenBySomeoneElse, TransitionNotAllowed (it is so already, or the
    comment is gone or decided), NotValid (no published clause, no note, no end, our own words, or the platform
    cannot: what to do instead). Audits comment.deleted, comment.blocked and so on, with the clause.
    """
    chosen = restrictions.of(kind)
    if chosen is None or chosen.undoes:
        raise NotValid("Choose what to do about it.", field="do")
    deletes = chosen.kind == Delivery.Kind.DELETE_COMMENT
    if deletes:
        comment = desk.begin(actor, comment, revision_number, Power.RESTRICT_COMMENTERS, "delete")
    else:
        comment = _locked(actor, comment)
        if comment.revision_number != revision_number:
            raise ChangedSinceSeen(
                "The author has changed this comment since you read it. Nothing was done: read the new words first."
            )
    if deletes and comment.private:
        raise NotValid(
            "This is a private message: nobody but the force sees it, so there is nothing to delete."
        )
    if deletes and comment.removed_at is not None:
        raise TransitionNotAllowed("This comment is gone from the platform already. Its words are kept.")
    reason = None
    if chosen.cites:
        if clause is None:
            raise NotValid(
                "Choose a clause of the published guidelines: there is no other reason.", field="clause"
            )
        reason = desk.published_clause(clause, why, grave=chosen.grave)
    elif not why.strip():
        raise NotValid("Say in a few words what was reported, and under which rule.", field="why")
    ends_at = _end_of_block(until) if chosen.kind == Delivery.Kind.BLOCK else None
    if ends_at and (former := restrictions.standing_block(comment)) and former.lifting_id is not None:
        blocks.end(actor=actor, block=former)  # lifted a moment ago, and not noted yet
    if restrictions.in_force(comment, kind) or (ends_at and restrictions.standing_block(comment)):
        raise TransitionNotAllowed(f"{chosen.done} already, or it is on its way.")
    delivery = _carry_out(actor, comment, chosen, reason, by_hand=by_hand)
    if deletes:
        decision = desk.decide(
            actor,
            comment,
            "delete",
            Decision.Kind.DELETE,
            chosen.audited_as,
            delivery=delivery,
            clause=reason,
            why=why,
            details=_details(reason, by_hand),
        )
        if by_hand:
            comment.removed_at, comment.removed_by = clock.now(), Comment.RemovedBy.US
            comment.save(update_fields=["removed_at", "removed_by"])
    else:
        decision = _beside(actor, comment, chosen, delivery=delivery, clause=reason, why=why, by_hand=by_hand)
    block = _keep_block(actor, comment, reason, ends_at, delivery) if ends_at and reason else None
    if chosen.grave:
        ask_for_review(actor=actor, decision=decision, comment=comment, block=block)
    _tell_supervisors(actor, comment, chosen, decision)
    return decision


@action
def lift(*, actor: StaffMember, comment: Comment, kind: str, why: str = "") -> Decision:
    """The commenter can write again, or is shown to us again.

    Raises NotPermitted, TransitionNotAllowed (not blocked or muted by us, made on the platform itself, or on its
    way this moment), NotValid. Audits comment.unblocked or comment.unmuted.
    """
    comment = _locked(actor, comment)
    chosen = restrictions.of(kind)
    if chosen is None or not chosen.undoes:
        raise NotValid("Choose what to undo.")
    standing = restrictions.in_force(comment, chosen.undoes)
    block = restrictions.standing_block(comment) if chosen.undoes == Delivery.Kind.BLOCK else None
    if standing is None:
        if block is not None and block.delivery_id is None:
            raise TransitionNotAllowed(
                f"This block was made on {queries.platform_name(comment)} itself. Lift it there, then say so under “Blocks”."
            )
        raise TransitionNotAllowed("There is nothing to undo: it is not in force from here.")
    delivery = None
    if standing.state == Delivery.State.SCHEDULED:
        outbox.withdraw(actor=actor, delivery=standing, why=why.strip() or "Undone by the desk")
    elif standing.state != Delivery.State.SENT:
        raise TransitionNotAllowed(
            f"The {standing.get_kind_display()} is on its way to the platform this moment. Wait for its outcome."
        )
    else:
        delivery = _queue(actor, comment, chosen, why=why.strip() or "Undone by the desk")
    if block is not None:
        block.lifting = delivery
        block.lifted_by, block.lifted_why = actor, why.strip()[:300]
        block.lifted_at = clock.now() if delivery is None else None
        block.by_hand_why = ""
        block.save()
    return _beside(actor, comment, chosen, delivery=delivery, why=why)


def _end_of_block(until: date | None) -> datetime:
    """The instant at which a block ends that holds up to and including that day."""
    if until is None:
        raise NotValid("Give the last day of the block: nobody is shut out for good.", field="until")
    days = (until - clock.today()).days
    if days < 0 or days > restrictions.LONGEST_BLOCK_DAYS:
        raise NotValid(
            f"Choose a day from today on, at most {restrictions.LONGEST_BLOCK_DAYS} days ahead.",
            field="until",
        )
    return clock.midnight(until + timedelta(days=1))


def _carry_out(
    actor: StaffMember,
    comment: Comment,
    chosen: restrictions.Restriction,
    reason: Clause | None,
    *,
    by_hand: bool,
) -> Delivery | None:
    """The delivery by which it leaves; None where the actor says that it is done on the platform itself."""
    why_not = restrictions.why_not_from_here(comment, chosen)
    if not why_not:
        return _queue(actor, comment, chosen, why=f"Under “{reason.title}”" if reason else "")
    how = restrictions.by_hand(comment, chosen)
    if by_hand and how:
        return None
    raise NotValid(f"{why_not} {how}".strip(), field="do")


def _keep_block(
    actor: StaffMember, comment: Comment, reason: Clause, ends_at: datetime, delivery: Delivery | None
) -> Block:
    try:
        with transaction.atomic():
            return Block.objects.create(
                comment_id=comment.pk,
                official_account=comment.official_account,
                commenter_id=comment.commenter_id,
                commenter_external_id=comment.commenter.external_id,
                clause=reason,
                by=actor,
                at=clock.now(),
                until=ends_at,
                delivery=delivery,
            )
    except IntegrityError as fault:
        if "block_one_standing" not in str(fault):
            raise
        # Another comment of theirs is locked by whoever blocks from there, and this one by us.
        raise TransitionNotAllowed("A colleague has blocked them this moment.") from None


def _beside(
    actor: StaffMember,
    comment: Comment,
    chosen: restrictions.Restriction,
    *,
    delivery: Delivery | None,
    clause: Clause | None = None,
    why: str = "",
    by_hand: bool = False,
) -> Decision:
    """What was done stands with the comment, whose own decision still waits."""
    decision = desk.decision_row(
        actor, comment, Decision.Kind(chosen.decided_as), why=why, clause=clause, delivery=delivery
    )
    record(
        actor=actor,
        event=chosen.audited_as,
        subject=comment,
        subject_name=f"comment {comment.pk} on {comment.official_account.name}",
        official_account_id=comment.official_account_id,
        reason=why.strip(),
        details={
            "revision": comment.revision_number,
            **_details(clause, by_hand),
            **({"to": queries.platform_name(comment)} if chosen.kind == restrictions.REPORT else {}),
        },
    )
    return decision


def _details(clause: Clause | None, by_hand: bool) -> dict[str, object]:
    return {"clause": clause.title if clause else "", **({"by_hand": True} if by_hand else {})}


def _locked(actor: StaffMember, comment: Comment) -> Comment:
    Comment.objects.select_for_update().only("pk").get(pk=comment.pk)
    comment = Comment.objects.select_related("official_account", "conversation", "commenter").get(
        pk=comment.pk
    )
    require(actor, Power.RESTRICT_COMMENTERS, comment.official_account_id)
    if comment.state == Comment.State.OURS:
        raise NotValid("This was written by the official account itself.")
    return comment


def _queue(actor: StaffMember, comment: Comment, chosen: restrictions.Restriction, *, why: str) -> Delivery:
    if sentence := restrictions.why_not_from_here(comment, chosen):
        raise NotValid(sentence)
    return outbox.queue(
        actor=actor,
        official_account=comment.official_account,
        kind=chosen.kind,
        author=actor,
        subject=comment,
        target_external_id=restrictions.target(comment, chosen.kind),
        root_external_id=comment.conversation.root_external_id,
        why=why,
    )


def _tell_supervisors(
    actor: Actor, comment: Comment, chosen: restrictions.Restriction, decision: Decision
) -> None:
    under = f"Under “{decision.clause.title}”. " if decision.clause else ""
    notify(
        actor=actor,
        to=[
            person
            for person in people_with(
                role=Role.DESK_SUPERVISOR, official_account_id=comment.official_account_id
            )
            if person.pk != actor.actor_id
        ],
        urgency=Notice.Urgency.FYI,
        title=f"{chosen.label} on {comment.official_account.name}, by {decision.by_name}"[:160],
        body=f"{under}Look at the comment; {chosen.told}",
        link=queries.address(comment),
        key=f"restriction-{decision.pk}",
    )
