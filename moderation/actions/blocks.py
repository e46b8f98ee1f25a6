"""The end of blocks: lifted on the platform on their date, or by a person where the platform lets no program do it.

What is due is read from the database, so a restart loses no date. Each step is safe to run twice.
"""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse

from accounts.queries import may_on, people_with, require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import Refused, TransitionNotAllowed
from moderation.models import Block
from notices.actions import notify
from notices.models import Notice
from platforms import registry
from platforms.contract import Capability
from publishing.actions import outbox
from publishing.models import Delivery
from staff.models import StaffMember
from staff.roles import Power

BLOCKS = System("the end of blocks")


@action
def end(*, actor: Actor = BLOCKS, block: Block) -> Block:
    """One step towards the end of a block: lifted, on its way to be lifted, or put in front of a person.

    Nothing changes before its date, while its delivery is under way, or where another worker has it in hand.
    Audits block.lifting, block.lifted or block.left_to_people.
    """
    row = _locked(block, wait=False)
    if row is None or row.lifted_at is not None or row.by_hand_why:
        return block
    if row.lifting is not None:
        return _settle(actor, row)
    if row.until > clock.now():
        return row
    return _begin_lifting(actor, row)


@action
def end_early(*, actor: StaffMember, block: Block, why: str) -> Block:
    """The block ends now instead of on its date, because a second person found that it was wrong.

    Raises NotPermitted, TransitionNotAllowed (the block itself is on its way this moment). Audits block.lifting,
    block.lifted or block.left_to_people.
    """
    row = _locked(block)
    assert row is not None
    require(actor, Power.LOOK_AGAIN, row.official_account_id)
    if row.lifted_at is not None or row.lifting_id is not None or row.by_hand_why:
        return row
    row.lifted_by, row.lifted_why = actor, why.strip()[:300]
    row = _begin_lifting(actor, row)
    if row.lifted_at is None and row.lifting_id is None and not row.by_hand_why:
        raise TransitionNotAllowed(
            "The block is on its way to the platform this moment. Wait for its outcome."
        )
    return row


@action
def never_took_effect(*, actor: Actor = BLOCKS, delivery: Delivery) -> None:
    """The platform refused the block, or it was withdrawn before it left: there is nothing to lift.

    Audits block.lifted, where a block stood.
    """
    found = Block.objects.filter(delivery=delivery, lifted_at=None).first()
    row = _locked(found) if found is not None else None
    if row is not None and row.lifted_at is None:
        _note_lifted(actor, row, "It never took effect on the platform")


@action
def lifted_by_hand(*, actor: StaffMember, block: Block) -> Block:
    """Somebody has lifted it on the platform itself, and says so.

    Raises NotPermitted, TransitionNotAllowed (lifted already, or it is lifted from here). Audits block.lifted.
    """
    row = _locked(block)
    assert row is not None
    require(actor, Power.RESTRICT_COMMENTERS, row.official_account_id)
    if row.lifted_at is not None:
        raise TransitionNotAllowed("It is lifted already.")
    if not row.by_hand_why and row.delivery_id is not None:
        raise TransitionNotAllowed("This block was made from here and is lifted from here: open its comment.")
    row.lifted_by = actor
    return _note_lifted(actor, row, "Lifted on the platform itself")


@action
def see(*, actor: StaffMember, rows: list[Block]) -> None:
    """Who was shown who is blocked. Audits block.listed."""
    if rows:
        record(actor=actor, event="block.listed", shown_ids=[row.comment_id for row in rows])


def _begin_lifting(actor: Actor, row: Block) -> Block:
    made = row.delivery
    if made is None:
        return _leave_to_people(actor, row, "It was made on the platform itself, so it is lifted there.")
    if made.state == Delivery.State.SCHEDULED:
        outbox.withdraw(actor=actor, delivery=made, why="The block ended before it had left")
        return _note_lifted(actor, row, "It had never left")
    if made.state in Delivery.CAME_TO_NOTHING:
        return _note_lifted(actor, row, "It never took effect on the platform")
    if made.state != Delivery.State.SENT:
        return row  # under way or of unknown outcome: looked at again in a moment
    kind = registry.connector_class(row.official_account.platform)
    if Capability.BLOCK not in kind.capabilities:
        return _leave_to_people(
            actor, row, kind.why_not.get(Capability.BLOCK, "The platform offers no way to lift it from here.")
        )
    author = _who_lifts(row)
    if author is None:
        return _leave_to_people(
            actor, row, "Nobody who may block holds a grant on this official account now."
        )
    try:
        with transaction.atomic():
            row.lifting = outbox.queue(
                actor=actor,
                official_account=row.official_account,
                kind=Delivery.Kind.UNBLOCK,
                author=author,
                subject=row,
                target_external_id=row.commenter_external_id,
                why="The block has come to its end" if row.lifted_by_id is None else row.lifted_why,
            )
    except Refused as refusal:
        return _leave_to_people(actor, row, refusal.sentence)
    row.save()
    _audit(actor, "block.lifting", row)
    return row


def _who_lifts(row: Block) -> StaffMember | None:
    """Whoever made it, while they still may; else the first who may."""
    if may_on(row.by, Power.RESTRICT_COMMENTERS, row.official_account):
        return row.by
    others = people_with(Power.RESTRICT_COMMENTERS, official_account_id=row.official_account_id)
    return others[0] if others else None


def _settle(actor: Actor, row: Block) -> Block:
    lifting = row.lifting
    assert lifting is not None
    if lifting.state == Delivery.State.SENT:
        return _note_lifted(actor, row, row.lifted_why or "It came to its end")
    if lifting.state in Delivery.CAME_TO_NOTHING:
        why = lifting.fault or "The lifting was withdrawn before it had left."
        row.lifting = None
        return _leave_to_people(actor, row, why)
    return row


def _note_lifted(actor: Actor, row: Block, why: str) -> Block:
    row.lifted_at = clock.now()
    row.lifted_why, row.by_hand_why = why[:300], ""
    row.save()
    _audit(actor, "block.lifted", row, reason=row.lifted_why)
    return row


def _leave_to_people(actor: Actor, row: Block, why: str) -> Block:
    row.by_hand_why = why[:300]
    row.save()
    _audit(actor, "block.left_to_people", row, reason=row.by_hand_why)
    notify(
        actor=BLOCKS,
        to=people_with(Power.RESTRICT_COMMENTERS, official_account_id=row.official_account_id),
        urgency=Notice.Urgency.SOON,
        title=f"Lift a block on {row.official_account.name} by hand"[:160],
        body=row.by_hand_why,
        link=reverse("moderation:blocks"),
        key=f"block-by-hand-{row.pk}",
    )
    return row


def _locked(block: Block, *, wait: bool = True) -> Block | None:
    found = Block.objects.select_for_update(skip_locked=not wait).only("pk").filter(pk=block.pk).first()
    if found is None:
        return None
    return Block.objects.select_related("official_account", "by", "delivery", "lifting").get(pk=block.pk)


def _audit(actor: Actor, event: str, row: Block, reason: str = "") -> None:
    record(
        actor=actor,
        event=event,
        subject=row,
        subject_name=f"block on {row.official_account.name}",
        official_account_id=row.official_account_id,
        reason=reason,
        details={"comment": row.comment_id},
    )
