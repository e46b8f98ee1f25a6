"""How a post comes down: through the outbox where an approval covers it, by asking for one, or by people's hands.

Parts of the actions on take-downs, within their transaction.
"""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse

from accounts.queries import may_on, people_with
from core import clock
from core.actors import Actor
from core.errors import Refused
from notices.actions import notify
from notices.models import Notice
from publishing import may_leave, queries, queries_appeals
from publishing.actions import corrections, outbox
from publishing.models import Approval, Correction, Delivery, TakeDown
from publishing.workflow import CORRECTION, TAKE_DOWN
from staff.models import StaffMember
from staff.roles import Power


def advance(actor: Actor, row: TakeDown) -> None:
    """As far as it goes without the platform."""
    if row.state == TakeDown.State.WAITING:
        _set_going(actor, row)
    elif row.state == TakeDown.State.ASKED and row.correction is not None:
        if row.correction.state in (Correction.State.APPROVED, Correction.State.DONE):
            move(row, "send")
        elif row.correction.state in (Correction.State.RETURNED, Correction.State.WITHDRAWN):
            row.says = row.correction.decided_why or "It is asked for no longer, and the post still stands."
            leave_to_people(actor, row, "refuse")
    elif row.state == TakeDown.State.UNDER_WAY and row.correction is not None and row.looked_by is None:
        delivery = row.correction.delivery
        if delivery is not None and delivery.state in Delivery.CAME_TO_NOTHING:
            row.says = delivery.fault or "Its deletion was withdrawn from the outbox."
            leave_to_people(actor, row, "leave_to_people")
    elif row.state == TakeDown.State.BY_HAND and _said_to_be_done(row):
        row.says = (
            "Somebody said in the outbox that it is done. Open it there, look, and confirm that it is gone."
        )
        row.save(update_fields=["says"])


def _set_going(actor: Actor, row: TakeDown) -> None:
    """By the outbox where somebody's approval covers it, else by asking for one, else by people's hands."""
    standing = row.standing
    if queries.is_deleted(standing):
        move(row, "send")
        return
    under_way = standing.corrections.filter(state__in=queries.OPEN_CORRECTION).first()
    if under_way is not None and under_way.kind == Correction.Kind.DELETE:
        row.correction = under_way
        move(row, "ask" if under_way.state == Correction.State.ASKED else "send")
        return
    if under_way is not None and under_way.state == Correction.State.APPROVED:
        row.says = "A change of its words is on its way there; it comes down after that."
        row.save(update_fields=["says"])
        return
    if under_way is not None:
        under_way.state = CORRECTION.next(under_way.state, "withdraw")
        under_way.save(update_fields=["state"])
    if sentence := queries.why_not_correct(standing, row.kind):
        row.says = sentence[:500]
        leave_to_people(actor, row, "leave_to_people")
        return
    asker, approver = _people(row)
    if asker is None:
        row.says = "Nobody who had a part in it may post there any more."
        leave_to_people(actor, row, "leave_to_people")
    elif row.kind == TakeDown.Kind.DELETE and approver is not None:
        try:
            with transaction.atomic():
                deletion = _delete(actor, row, asker, approver)
        except Refused as refusal:
            row.says = refusal.sentence[:500]
            leave_to_people(actor, row, "leave_to_people")
            return
        row.correction = _approved(row, asker, approver, deletion)
        row.says = ""
        if standing.official_account.by_hand:
            row.says = may_leave.by_hand(deletion)
            leave_to_people(actor, row, "leave_to_people")
        else:
            move(row, "send")
    else:
        _ask(actor, row, asker)


def _people(row: TakeDown) -> tuple[StaffMember | None, StaffMember | None]:
    """Who asks and whose earlier approval covers it: two people who may do so there now."""
    standing = row.standing
    assert standing.variant is not None
    post, account = standing.variant.post, standing.official_account
    writers = queries.writer_ids(post)
    appeal = row.appeal
    had_part = [appeal.closed_by, appeal.owner] if appeal is not None else []
    askers = [
        person
        for person in [*had_part, post.author, *StaffMember.objects.filter(pk__in=writers).order_by("pk")]
        if person is not None and may_on(person, Power.WRITE_POSTS, account)
    ]
    approved = Approval.objects.filter(post=post, version=post.version).select_related("approver")
    for approval in approved.order_by("-id"):
        person = approval.approver
        if person.pk in writers or not may_on(person, Power.APPROVE_POSTS, account):
            continue
        other = next((one for one in askers if one.pk != person.pk), None)
        if other is not None:
            return other, person
    return (askers[0] if askers else None), None


def _delete(actor: Actor, row: TakeDown, asker: StaffMember, approver: StaffMember) -> Delivery:
    standing = row.standing
    assert standing.variant is not None
    return outbox.queue(
        actor=actor,
        official_account=standing.official_account,
        kind=Delivery.Kind.DELETE,
        author=asker,
        approver=approver,
        variant=standing.variant,
        subject=standing.variant.post,
        target_external_id=queries.standing_id(standing),
        why=row.why,
    )


def _approved(row: TakeDown, asker: StaffMember, approver: StaffMember, deletion: Delivery) -> Correction:
    """The correction that the approval of the post covers, with its delivery."""
    standing, now = row.standing, clock.now()
    assert standing.variant is not None
    return Correction.objects.create(
        post=standing.variant.post,
        standing=standing,
        kind=Correction.Kind.DELETE,
        state=Correction.State.APPROVED,
        text_before=queries.standing_words(standing),
        why=row.why,
        asked_by=asker,
        asked_at=now,
        decided_by=approver,
        decided_at=now,
        decided_why="Covered by the approval of the post",
        delivery=deletion,
    )


def _ask(actor: Actor, row: TakeDown, asker: StaffMember) -> None:
    try:
        with transaction.atomic():
            row.correction = corrections.ask(
                actor=asker,
                delivery=row.standing,
                kind=row.kind,
                standing_seen=queries.standing_words(row.standing),
                text=row.words,
                why=row.why,
            )
    except Refused as refusal:
        row.says = refusal.sentence[:500]
        leave_to_people(actor, row, "leave_to_people")
    else:
        move(row, "ask")


def leave_to_people(actor: Actor, row: TakeDown, step: str) -> None:
    """A task for whoever may post there, who are told why."""
    move(row, step)
    standing = row.standing
    may = people_with(Power.PLAN_POSTS, official_account_id=standing.official_account_id)
    notify(
        actor=actor,
        to={person.pk: person for person in [*queries_appeals.who_answers_for_take_down(row), *may]}.values(),
        urgency=Notice.Urgency.SOON,
        title=f"To be taken down by hand on {standing.official_account.name}",
        body=row.says[:500],
        link=page_of(row),
        key=f"take-down:{row.pk}:by hand:{row.checks}",
    )


def _said_to_be_done(row: TakeDown) -> bool:
    delivery = row.correction.delivery if row.correction is not None else None
    by_hand = row.standing.official_account.by_hand
    return by_hand and delivery is not None and delivery.state == Delivery.State.SENT


def move(row: TakeDown, step: str) -> None:
    """One step of the workflow, kept."""
    row.state = TAKE_DOWN.next(row.state, step)
    row.save(update_fields=["state", "correction", "says"])


def page_of(row: TakeDown) -> str:
    """Where people see it."""
    if row.appeal is not None:
        return reverse("publishing:appeal", args=[row.appeal.pk])
    return reverse("publishing:shown")


def pictured(standing: Delivery) -> bool:
    """Whether the post has a picture or a video, which a change of its words would leave there."""
    assert standing.variant is not None
    post = standing.variant.post
    return post.pictures.filter(removed_at=None).exists() or post.videos.filter(removed_at=None).exists()
