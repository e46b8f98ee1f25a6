"""What became of a decision that went out: noted on the comment, or the comment is open again."""

from __future__ import annotations

from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from moderation import queries
from moderation.actions import blocks
from moderation.actions.desk import bring_words_back
from moderation.models import Comment, Decision, Revision
from moderation.workflow import DESK
from notices.actions import notify
from notices.models import Notice
from publishing.models import Delivery, DeliveryChange

DESK_WORK = System("desk")


@action
def note_outcome(*, actor: Actor = DESK_WORK, decision: Decision) -> Decision:
    """A hide that arrived is a hidden comment, a deletion a deleted one; what was refused is open again, with the reason.

    What stands beside the decision (a block, a mute) reopens nothing when it is refused.

    Safe to run twice: an outcome that is noted, or not known yet, changes nothing. The author of a
    refused act is told, and the words of a reply come back as their draft.
    Audits comment.outcome_noted, or comment.reopened.
    """
    comment = (
        Comment.objects.select_for_update(of=("self",))
        .select_related("official_account")
        .get(pk=decision.comment_id)
    )
    decision = Decision.objects.select_related("delivery", "by").get(pk=decision.pk)
    delivery = decision.delivery
    if decision.outcome_noted or delivery is None or delivery.state not in queries.SETTLED:
        return decision
    if delivery.state == Delivery.State.SENT:
        _note_sent(actor, comment, decision, delivery)
    elif decision.kind in Decision.BESIDE:
        if decision.kind == Decision.Kind.BLOCK:
            blocks.never_took_effect(delivery=delivery)
    else:
        _take_back(actor, comment, decision, delivery)
    decision.outcome_noted = True
    decision.save(update_fields=["outcome_noted"])
    return decision


def _note_sent(actor: Actor, comment: Comment, decision: Decision, delivery: Delivery) -> None:
    if decision.kind == Decision.Kind.HIDE:
        comment.hidden_at, comment.held_why = delivery.sent_at, ""
    elif decision.kind == Decision.Kind.UNHIDE:
        comment.hidden_at, comment.held_why = None, ""
    elif decision.kind == Decision.Kind.DELETE:
        comment.removed_at = comment.removed_at or delivery.sent_at
        comment.removed_by = Comment.RemovedBy.US
    comment.save(update_fields=["hidden_at", "held_why", "removed_at", "removed_by"])
    record(
        actor=actor,
        event="comment.outcome_noted",
        subject=comment,
        subject_name=f"comment {comment.pk} on {comment.official_account.name}",
        official_account_id=comment.official_account_id,
        details={"kind": delivery.get_kind_display()},
    )


def _take_back(actor: Actor, comment: Comment, decision: Decision, delivery: Delivery) -> None:
    why = _why(comment, delivery)
    bring_words_back(decision)
    if DESK.allows(comment.state, "reopen"):
        comment.state = DESK.next(comment.state, "reopen")
        comment.decided_at = None
        comment.save(update_fields=["state", "decided_at"])
    Decision.objects.create(
        comment=comment,
        revision=Revision.objects.get(comment=comment, number=comment.revision_number),
        kind=Decision.Kind.REOPEN,
        why=why[:500],
        by=None,
        by_name=queries.platform_name(comment) if delivery.state == Delivery.State.REJECTED else "The outbox",
        at=clock.now(),
    )
    record(
        actor=actor,
        event="comment.reopened",
        subject=comment,
        subject_name=f"comment {comment.pk} on {comment.official_account.name}",
        official_account_id=comment.official_account_id,
        reason=why,
        details={"kind": delivery.get_kind_display(), "delivery": delivery.pk},
    )
    if decision.by is not None and delivery.state == Delivery.State.REJECTED:
        notify(
            actor=actor,
            to=[decision.by],
            urgency=Notice.Urgency.FYI,
            title=f"{queries.platform_name(comment)} refused your {delivery.get_kind_display()}",
            body=f"The comment on {comment.official_account.name} is open again."
            + (" Your words are kept as a draft." if decision.kind == Decision.Kind.REPLY else ""),
            link=queries.address(comment),
            key=f"delivery-refused-{delivery.pk}",
        )


def _why(comment: Comment, delivery: Delivery) -> str:
    kind = delivery.get_kind_display()
    if delivery.state == Delivery.State.REJECTED:
        return (
            f"{queries.platform_name(comment)} refused this {kind}: {delivery.fault or 'it gave no reason.'}"
        )
    change = DeliveryChange.objects.filter(delivery=delivery, state=Delivery.State.WITHDRAWN).last()
    if change is None:
        return f"The {kind} was withdrawn before it went out."
    return f"{change.by_name} withdrew the {kind} before it went out: {change.why}"
