"""The outbox: the one way by which anything leaves the force, each act exactly once.

A person's act is queued here in the transaction that decides it, and what people do about a delivery
afterwards is here as well. The machinery (publishing.sending, by the steps of
publishing.actions.machinery) claims what is due, commits that it is about to send, sends outside any
transaction, and stores what the platform answered, its id first. Whatever cannot be known, a
time-out or a crash, is `unknown` and is settled by reading the account back, never by sending
again blindly. What reading back cannot settle, a person decides.

Each claim has a number of its own, the fence. A worker that was stopped and comes back with an older
one changes nothing, except that a platform's yes is kept however late it comes.

Before each sending everything that allowed the act is read again: lockdown, the official
account, the authority of author and approver, the approval, holds, the cut-off. What no longer
stands is held with a sentence for a person, never sent late and never dropped.
"""

from __future__ import annotations

import re
from datetime import datetime

from django.db import models

from accounts.queries import may, require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from publishing import pairs, queries, steps, stopping
from publishing.actions import stops
from publishing.actions.deliveries import (
    CUT_OFF,
    hold,
    locked_row,
    locked_with_post,
    publish_if_done,
    take_step,
)
from publishing.actions.deliveries import queue as queue
from publishing.actions.machinery import belongs_to_another
from publishing.checks import judging
from publishing.may_leave import POWER, held_by, wall_clock, why_not_now
from publishing.models import Approval, Delivery, Lockdown, LockdownStop
from publishing.workflow import DELIVERY
from staff.models import StaffMember
from staff.roles import Power


@action
def withdraw(*, actor: Actor, delivery: Delivery, why: str) -> Delivery:
    """A delivery that has not gone out never will.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (it is being sent, was sent, or
    its outcome is not known yet). Audits delivery.withdrawn.
    """
    row = locked_with_post(delivery)
    _require_its_power(actor, row)
    if not why.strip():
        raise NotValid("Say why it is withdrawn, in a few words.", field="why")
    row.held_why = ""
    stops.decide(row, actor=actor, decision=LockdownStop.Decision.DROP, why=why.strip())
    take_step(row, "withdraw", actor=actor, event="delivery.withdrawn", why=why.strip())
    publish_if_done(row)
    return row


@action
def undo(*, actor: Actor, delivery: Delivery) -> Delivery:
    """A reply or post taken back within its first seconds, without a reason. It never goes out.

    Raises NotPermitted, TransitionNotAllowed (the seconds are over, or it has left).
    Audits delivery.withdrawn.
    """
    row = locked_with_post(delivery)
    _require_its_power(actor, row)
    in_time = row.undo_until is not None and clock.now() <= row.undo_until
    if row.state != Delivery.State.SCHEDULED or not in_time:
        raise TransitionNotAllowed(
            f"It is too late to undo: it is {row.get_state_display().lower()}. The outbox shows what can "
            "still be done about it."
        )
    row.held_why = ""
    stops.decide(row, actor=actor, decision=LockdownStop.Decision.DROP, why="Undone in the first seconds")
    take_step(row, "withdraw", actor=actor, event="delivery.withdrawn", why="Undone in the first seconds")
    publish_if_done(row)
    return row


@action
def release(*, actor: Actor, delivery: Delivery, due_at: datetime | None = None, why: str = "") -> Delivery:
    """A held delivery goes out now, or at a new time; a person has looked at it and says so.

    Everything that allowed it is still read again when it is sent, so releasing something whose
    cause for being held still stands holds it again. Its cut-off starts anew. A post whose approver
    has left, or may approve no longer, is approved anew by whoever releases it: somebody who may
    approve there and has written none of it. A post that a lockdown has kept back is released by somebody
    who has written none of it in any case.
    Raises NotPermitted, NotValid (a time that has passed), TransitionNotAllowed (it is not held, or a lockdown
    is in force).
    Audits delivery.released, and post.approved where it was approved anew.
    """
    row = locked_with_post(delivery)
    _require_its_power(actor, row)
    if not row.held_why:
        raise TransitionNotAllowed("This is not held any more. Reload the page to see where it stands.")
    _refuse_while_stopped(row)
    if due_at is not None and due_at <= clock.now():
        raise NotValid("This time has passed. Choose a later one, or send it now.", field="due_at")
    if isinstance(actor, StaffMember):
        if row.kind == Delivery.Kind.POST and stops.open_of(row):
            _looked_at_by_another(actor, row)
        _approve_anew(actor, row)
        _make_up(actor, row, due_at or clock.now())
    was = row.held_why
    _make_due(row, due_at)
    stops.decide(row, actor=actor, decision=LockdownStop.Decision.SEND, why=why, due_at=row.due_at)
    take_step(
        row,
        "release",
        actor=actor,
        event="delivery.released",
        why=f"{why} (It was held: {was})" if why else f"It was held: {was}",
        details={"due_at": row.due_at.isoformat()},
    )
    for pair in pairs.waiting_for(row.variant.post) if row.variant is not None else ():
        its = locked_with_post(pair)
        if its.held_why.startswith(pairs.WAITS_FOR_PAIR):
            _make_due(its, due_at)
            take_step(
                its,
                "release",
                actor=actor,
                event="delivery.released",
                why="With its pair in the other language",
            )
    return row


@action
def note_done_by_hand(*, actor: StaffMember, delivery: Delivery, link: str = "") -> Delivery:
    """Somebody did on the platform what is worked there by hand, and says where it stands.

    What was done is recorded even where it should not have been (a lockdown meanwhile, an author who has
    left): the trail then says so. link: where a post or a reply stands, as the browser shows it.
    Raises NotPermitted, NotValid (no link, or none of the web), TransitionNotAllowed (not due yet, done
    already, not a platform that is worked by hand). Audits delivery.sent and post.published.
    """
    row = locked_with_post(delivery)
    require(actor, POWER[row.kind], row.official_account_id)
    if not row.official_account.by_hand or not row.held_why:
        raise TransitionNotAllowed(
            "This is not waiting to be done by hand. Reload the page to see where it stands."
        )
    link = link.strip()
    if row.kind in (Delivery.Kind.POST, Delivery.Kind.REPLY):
        if not re.fullmatch(r"https?://\S{3,490}", link):
            raise NotValid(
                "Paste the link to it, as your browser shows it, beginning with https://.", field="link"
            )
        if Delivery.objects.filter(official_account=row.official_account, external_id=link[:300]).exists():
            raise NotValid(
                "This link belongs to something else that went out. Paste the link of this one.", field="link"
            )
    lockdown = stopping.over_now(row)
    although = held_by(lockdown) if lockdown is not None else why_not_now(row)
    stops.decide(row, actor=actor, decision=LockdownStop.Decision.SEND, why="Done by hand")
    row.external_id = link[:300] or row.target_external_id
    row.external_url = link
    row.sent_at = clock.now()
    row.held_why = row.fault = ""
    row.next_check_at = None
    details = {"by_hand": True, **({"although": although} if although else {})}
    take_step(row, "do_by_hand", actor=actor, event="delivery.sent", details=details)
    publish_if_done(row)
    return row


@action
def retry(*, actor: Actor, delivery: Delivery) -> Delivery:
    """A delivery that the platform refused is tried once more, because somebody has mended the cause.

    Raises NotPermitted, TransitionNotAllowed (it was not refused, or a lockdown is in force).
    Audits delivery.released.
    """
    row = locked_row(delivery)
    _require_its_power(actor, row)
    DELIVERY.next(row.state, "retry")
    _refuse_while_stopped(row)
    _make_due(row)
    take_step(row, "retry", actor=actor, event="delivery.released", why=f"It was refused: {row.fault}")
    return row


# What a person decides where reading back cannot


@action
def settle_as_standing(
    *, actor: Actor, delivery: Delivery, fence_seen: int, external_id: str, url: str = ""
) -> Delivery:
    """A person says: it stands there, this one is it.

    The caller has asked the platform whether something stands there by that id.
    Raises NotPermitted, ChangedSinceSeen (it moved meanwhile), TransitionNotAllowed (reading back may
    still settle it), NotValid (no id, or it is another delivery's). Audits delivery.settled, post.published.
    """
    row = _to_be_decided(actor, delivery, fence_seen)
    if not external_id:
        raise NotValid("Choose which of the posts shown it is.")
    if belongs_to_another(row, external_id):
        raise NotValid("That one is known as another delivery of ours, so it cannot be this one as well.")
    row.external_id, row.external_url = external_id[:300], url[:500]
    row.sent_at = clock.now()
    row.unsettled_why = ""
    row.next_check_at = None
    take_step(
        row,
        "find",
        actor=actor,
        event="delivery.settled",
        details={"outcome": "a person says that it stands there", "external_id": row.external_id},
    )
    publish_if_done(row)
    return row


@action
def settle_as_never_sent(
    *, actor: Actor, delivery: Delivery, fence_seen: int, again: bool, why: str
) -> Delivery:
    """A person says: it never went. It is sent again, with the same key, or given up.

    Raises NotPermitted, ChangedSinceSeen, TransitionNotAllowed (reading back may still settle it, or a
    lockdown is in force), NotValid (no reason). Audits delivery.settled.
    """
    row = _to_be_decided(actor, delivery, fence_seen)
    if not why.strip():
        raise NotValid("Say how you know that it never went, in a few words.", field="why")
    if again:
        _refuse_while_stopped(row)
        _make_due(row)
    row.unsettled_why = ""
    row.external_id = row.external_url = ""
    row.next_check_at = None
    outcome = "a person says that it never went; " + ("it goes out again" if again else "it was given up")
    take_step(
        row,
        "put_back" if again else "give_up",
        actor=actor,
        event="delivery.settled",
        why=why.strip(),
        details={"outcome": outcome},
    )
    publish_if_done(row)
    return row


def _to_be_decided(actor: Actor, delivery: Delivery, fence_seen: int) -> Delivery:
    row = locked_with_post(delivery)
    _require_its_power(actor, row)
    if row.state != Delivery.State.UNKNOWN or row.fence != fence_seen:
        raise ChangedSinceSeen(
            f"It has moved since you looked and is {row.get_state_display().lower()} now. Nothing was "
            "changed: look at it again."
        )
    if not row.unsettled_why:
        raise TransitionNotAllowed(
            "The account is still being read back, which may settle it without you. Look again in a minute."
        )
    return row


@action
def hold_what_waited(*, actor: Actor, lockdown: Lockdown) -> int:
    """Everything that a lockdown has kept back waits for a person, who decides about each. Answers how many.

    After a compromise that is everything which still waits under it, whenever it is due: an intruder may have
    written or approved it. After a pause it is what fell due meanwhile, and what had been tried before.
    Audits delivery.held, once for each.
    """
    rows = list(
        Delivery.objects.select_for_update(of=("self",))
        .select_related("official_account", "author")
        .filter(stopping.covered(Lockdown.objects.filter(pk=lockdown.pk)))
        .filter(state=Delivery.State.SCHEDULED, held_why="")
        .filter(
            models.Q()
            if lockdown.kind != Lockdown.Kind.PAUSE
            else models.Q(due_at__lte=clock.now()) | models.Q(attempts__gt=0)
        )
        .order_by("id")
    )
    for row in rows:
        hold(row, actor=actor, why=held_by(lockdown))
    stops.note(rows, lockdown, LockdownStop.How.WAITING)
    return len(rows)


# What they share


def _require_its_power(actor: Actor, row: Delivery) -> None:
    """Whoever may do the act may stop or release it; whoever may lock down may as well."""
    if isinstance(actor, StaffMember) and not may(actor, Power.LOCK_DOWN):
        require(actor, POWER[row.kind], row.official_account_id)


def _refuse_while_stopped(row: Delivery) -> None:
    live = stopping.over_now(row)
    if live is not None:
        raise TransitionNotAllowed(
            f"Nothing goes out: {live.started_by.called} started {live.a_called} {wall_clock(live.started_at)} "
            f"over {live.reach}. It can be released when the {live.called} is lifted."
        )


def _looked_at_by_another(actor: StaffMember, row: Delivery) -> None:
    """What a lockdown has kept back is looked at anew by somebody who has written none of it."""
    post = row.variant.post if row.variant is not None else None
    if actor.pk in {row.author_id, *(queries.writer_ids(post) if post is not None else ())}:
        raise NotPermitted(
            "A lockdown kept this back and you have written some of it, so a colleague looks whether it is "
            "still right. You can take it back to a draft, or drop it."
        )
    if not may(actor, Power.LOCK_DOWN) and not may(actor, Power.APPROVE_POSTS, row.official_account_id):
        raise NotPermitted(
            f"A lockdown kept this back. Somebody who may approve posts on {row.official_account.name} decides "
            "whether it still goes out."
        )


def _approve_anew(actor: StaffMember, row: Delivery) -> None:
    """The approval of a post stands, or whoever releases it gives a new one. ASVS 2.3.5: two people.

    Where two had to approve it, the one who may still is another than whoever releases it.
    """
    if row.variant is None or row.approver is None:
        return
    gone = [
        one
        for one in (row.approver, row.first_approver)
        if one is not None and not may(one, Power.APPROVE_POSTS, row.official_account_id)
    ]
    if not gone:
        return
    post = row.variant.post
    if len(gone) > 1:
        raise TransitionNotAllowed(
            f"{gone[0].called} and {gone[1].called}, who approved it, may approve no longer. Edit the post, which "
            "brings it back for two approvals."
        )
    away = gone[0]
    if actor.pk in {row.author_id, *queries.writer_ids(post)}:
        raise NotPermitted(
            f"{away.called}, who approved it, may approve no longer. You have written some of it, so "
            "somebody else who may approve it has to release it."
        )
    if not may(actor, Power.APPROVE_POSTS, row.official_account_id):
        raise NotPermitted(
            f"{away.called}, who approved it, may approve no longer. Somebody who may approve posts on "
            f"{row.official_account.name} has to release it."
        )
    if actor.pk in (row.approver_id, row.first_approver_id):
        raise NotPermitted(
            f"{away.called}, who approved it too, may approve no longer. You have approved it already, so somebody "
            "else who may has to release it."
        )
    Approval.objects.get_or_create(
        post=post,
        version=post.version,
        approver=actor,
        defaults={"at": clock.now(), "content_hash": judging.content_hash_of(post)},
    )
    if away.pk == row.approver_id:
        row.approver = actor
    else:
        row.first_approver = actor
    record(
        actor=actor,
        event="post.approved",
        subject=post,
        subject_name=post.title,
        official_account_id=row.official_account_id,
        details={"version": post.version, "in_place_of": away.called},
    )


def _make_up(actor: StaffMember, row: Delivery, due_at: datetime) -> None:
    """A post that lacks an approval gets that of whoever releases it, where they may give it and it is what lacked."""
    if row.kind != Delivery.Kind.POST or row.variant is None:
        return
    post = row.variant.post
    lacks = steps.lacking(post, due_at=due_at, urgent=row.urgent, approved_by=row.approver_id)
    if not lacks:
        return
    may_give = may(actor, Power.APPROVE_POSTS, row.official_account_id)
    if not may_give or actor.pk in {row.author_id, *queries.writer_ids(post)}:
        raise TransitionNotAllowed(lacks)
    required = steps.requirement_of(post)
    made, new = Approval.objects.get_or_create(
        post=post,
        version=post.version,
        approver=actor,
        defaults={
            "at": clock.now(),
            "content_hash": steps.content_hash_at(post, required.publish_at if required else post.publish_at),
        },
    )
    lacks = steps.lacking(post, due_at=due_at, urgent=row.urgent, approved_by=made.approver_id)
    if not new or lacks:
        raise TransitionNotAllowed(lacks or "You have approved it already, so somebody else has to.")
    row.first_approver, row.approver = (row.approver, actor) if row.approver_id != actor.pk else (None, actor)
    record(
        actor=actor,
        event="post.approved",
        subject=post,
        subject_name=post.title,
        official_account_id=row.official_account_id,
        details={"version": post.version},
    )


def _make_due(row: Delivery, at: datetime | None = None) -> None:
    row.held_why = ""
    row.due_at = at or clock.now()
    row.cut_off_at = row.due_at + CUT_OFF[row.kind] if row.kind in CUT_OFF else None
    row.attempts = 0
