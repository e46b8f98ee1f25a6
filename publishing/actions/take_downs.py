"""What stands on a platform comes down, or says something else, and is read back until it is so.

It leaves through the outbox as a correction like any other. Whoever approved the post approved with it that it comes
down: on its declared day, or when its appeal is over. So one person closes an appeal, also at three in the morning,
and the second pair of eyes is the one that let it out. Where nobody of them may approve there any more, somebody who
may is asked. A platform that lets us delete nothing leaves a task to people, who say where they looked.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotValid
from notices.actions import notify
from notices.models import Notice
from publishing import queries, queries_appeals
from publishing.actions import outbox, take_down_ways
from publishing.actions.take_down_ways import leave_to_people, move, page_of
from publishing.models import Appeal, Correction, Delivery, TakeDown
from publishing.workflow import CORRECTION, TAKE_DOWN
from staff.models import StaffMember
from staff.roles import Power

TAKE_DOWNS = System("take-downs")
VERIFY_WITHIN = timedelta(hours=1)
"""How long a post may still stand after it should be gone before people are called. For the force to confirm."""
LEASE = timedelta(seconds=60)
"""How long one worker has a take-down in hand: longer than a platform takes to answer."""
BACK_OFF_S = (3, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
MOVING = (Delivery.State.CLAIMED, Delivery.State.SENDING, Delivery.State.UNKNOWN)


@action
def begin(
    *, actor: Actor, delivery: Delivery, why: str, appeal: Appeal | None = None, words: str = ""
) -> TakeDown:
    """A post that went out by this delivery comes down; a second call changes nothing.

    words: what it says afterwards, where the platform can change words and the post has no picture, which would
    stay. Audits take_down.begun.
    """
    row = outbox.locked_with_post(delivery)
    found = TakeDown.objects.filter(standing=row).first()
    if found is not None:
        return found
    now = clock.now()
    edits = (
        bool(words)
        and not take_down_ways.pictured(row)
        and not queries.why_not_correct(row, Correction.Kind.EDIT)
    )
    made = TakeDown.objects.create(
        standing=row,
        appeal=appeal,
        kind=TakeDown.Kind.EDIT if edits else TakeDown.Kind.DELETE,
        words=words if edits else "",
        why=why[:500],
        begun_at=now,
        next_check_at=now,
        verify_by=now + VERIFY_WITHIN,
    )
    _audit(actor, "take_down.begun", made, reason=why)
    return made


@action
def look(*, actor: StaffMember, take_down: TakeDown, seen: bool, link: str = "") -> TakeDown:
    """Somebody did it on the platform, opened it there, and says that it is so.

    Where the platform can be read it is read back all the same. link: where they looked; needed where it cannot.
    Raises NotPermitted, NotValid (not looked, no link), TransitionNotAllowed (nothing is left to people).
    Audits take_down.looked, and delivery.sent where it was held for doing by hand.
    """
    row = _locked(take_down)
    account = row.standing.official_account
    require(actor, Power.PLAN_POSTS, account.pk)
    state = TAKE_DOWN.next(row.state, "look")
    if not seen:
        raise NotValid("Open it on the platform first, then tick that you have seen it gone.", field="seen")
    link = link.strip()
    if (account.by_hand or link) and not link.startswith("https://"):
        raise NotValid(
            "Paste the address where you looked, as your browser shows it, beginning with https://.",
            field="link",
        )
    if len(link) > 500:
        raise NotValid("This address is longer than 500 characters.", field="link")
    waiting = row.correction.delivery if row.correction is not None else None
    if account.by_hand and waiting is not None and waiting.state == Delivery.State.SCHEDULED:
        outbox.note_done_by_hand(actor=actor, delivery=waiting, link=link)
    row.state, row.link, row.looked_by, row.looked_at = state, link, actor, clock.now()
    row.next_check_at = clock.now()
    row.save()
    _audit(actor, "take_down.looked", row, link=link)
    if account.by_hand:
        _finish(actor, row, TakeDown.How.PERSON)
    return row


# The machinery


@action
def claim_next(*, actor: Actor = TAKE_DOWNS) -> TakeDown | None:
    """The next take-down that is due is in this worker's hands for LEASE; None where nothing is due.

    Two workers never get the same one, and one that a worker died with is due again.
    """
    now = clock.now()
    row = None
    while row is None:
        due = queries_appeals.to_check().order_by("next_check_at", "id").first()
        if due is None:
            return None
        # The post is locked before its take-down, so another worker may have had it meanwhile.
        found = _locked(due)
        if (
            found.state != TakeDown.State.DONE
            and found.next_check_at is not None
            and found.next_check_at <= now
        ):
            row = found
    row.next_check_at = now + LEASE
    row.save(update_fields=["next_check_at"])
    return row


@action
def advance(*, actor: Actor = TAKE_DOWNS, take_down: TakeDown) -> tuple[TakeDown, bool]:
    """It goes as far as it can without the platform; answers whether it is to be read back now.

    One that is not done in its time is a fact that climbs. Audits take_down.late and what it sets going.
    """
    row = _locked(take_down)
    if row.state == TakeDown.State.DONE:
        return row, False
    take_down_ways.advance(actor, row)
    _call_if_late(actor, row, clock.now())
    reads = not row.standing.official_account.by_hand and not _on_its_way(row)
    if not reads:
        row.next_check_at = clock.now() + _pause(row)
        row.save(update_fields=["next_check_at"])
    return row, reads


@action
def note_done(*, actor: Actor = TAKE_DOWNS, take_down: TakeDown, gone: bool) -> TakeDown:
    """It was read back and is as it should be. gone: nothing stands there any more, whatever was asked for.

    Audits take_down.done.
    """
    row = _locked(take_down)
    if row.state == TakeDown.State.DONE:
        return row
    if gone:
        row.kind, row.words = TakeDown.Kind.DELETE, ""
    _count(row)
    _finish(actor, row, TakeDown.How.READ)
    return row


@action
def note_still_there(*, actor: Actor = TAKE_DOWNS, take_down: TakeDown, says: str) -> TakeDown:
    """It was read back and is not as it should be, or could not be read: again later, ever more rarely.

    Audits take_down.checked the first time and every tenth.
    """
    row = _locked(take_down)
    if row.state == TakeDown.State.DONE:
        return row
    _count(row)
    row.says = says[:500]
    row.next_check_at = clock.now() + _pause(row)
    row.save(update_fields=["checks", "checked_at", "says", "next_check_at"])
    if row.state == TakeDown.State.UNDER_WAY and row.looked_by is not None:
        row.looked_by = row.looked_at = None
        row.save(update_fields=["looked_by", "looked_at"])
        leave_to_people(actor, row, "leave_to_people")
    if row.checks == 1 or row.checks % 10 == 0:
        _audit(actor, "take_down.checked", row)
    return row


@action
def note_unreadable(*, actor: Actor = TAKE_DOWNS, take_down: TakeDown, says: str) -> TakeDown:
    """The platform could not be asked. Where somebody has looked, their word stands; else it is asked again.

    Audits take_down.done or take_down.checked.
    """
    row = _locked(take_down)
    if row.state == TakeDown.State.UNDER_WAY and row.looked_by is not None:
        _count(row)
        _finish(row.looked_by, row, TakeDown.How.PERSON)
        return row
    return note_still_there(actor=actor, take_down=row, says=f"It could not be read back. {says}")


@action
def case_opened(*, actor: Actor, take_down: TakeDown) -> None:
    """What still stands is in a case: the fact is taken back. Audits take_down.case_opened."""
    row = TakeDown.objects.select_for_update().get(pk=take_down.pk)
    row.needs_case = ""
    row.save(update_fields=["needs_case"])
    _audit(actor, "take_down.case_opened", _locked(row))


# What the steps share.


def _locked(take_down: TakeDown) -> TakeDown:
    """Post, delivery, then the take-down itself, as everywhere."""
    standing = Delivery.objects.get(pk=take_down.standing_id)
    outbox.locked_with_post(standing)
    return (
        TakeDown.objects.select_for_update(of=("self",))
        .select_related(
            "appeal__owner",
            "appeal__closed_by",
            "standing__official_account",
            "standing__variant__post__author",
            "correction__delivery",
            "looked_by",
        )
        .get(pk=take_down.pk)
    )


def _call_if_late(actor: Actor, row: TakeDown, now: datetime) -> None:
    if row.late_at is not None or now <= row.verify_by:
        return
    row.late_at, row.needs_case = now, "not_gone"
    row.save(update_fields=["late_at", "needs_case"])
    _audit(actor, "take_down.late", row)
    if row.state == TakeDown.State.UNDER_WAY:
        # The deletion went there and it still stands: people try, and it is read on.
        move(row, "leave_to_people")
    notify(
        actor=actor,
        to=queries_appeals.who_answers_for_take_down(row),
        urgency=Notice.Urgency.SOON,
        title=f"Not seen to be gone: {row.standing.official_account.name}",
        body=f"It was read back {row.checks} times. {row.says}".strip()[:600],
        link=page_of(row),
        key=f"take-down:{row.pk}:late",
    )


def _finish(actor: Actor, row: TakeDown, how: str) -> None:
    row.state = TAKE_DOWN.next(row.state, "find")
    row.done_at, row.done_how, row.says, row.needs_case = clock.now(), how, "", ""
    row.next_check_at = None
    row.save()
    _give_up_what_is_not_needed(actor, row)
    _audit(actor, "take_down.done", row, how=row.get_done_how_display(), checks=row.checks)


def _give_up_what_is_not_needed(actor: Actor, row: TakeDown) -> None:
    """It is gone by other hands: what was still to be deleted or decided is so no longer."""
    # Read anew: it may have been done within this transaction.
    correction = Correction.objects.select_related("delivery").filter(take_down=row).first()
    if correction is None:
        return
    if correction.state == Correction.State.ASKED:
        correction.state = CORRECTION.next(correction.state, "withdraw")
        correction.save(update_fields=["state"])
    elif correction.delivery is not None and correction.delivery.state in (
        Delivery.State.SCHEDULED,
        Delivery.State.REJECTED,
    ):
        outbox.withdraw(
            actor=TAKE_DOWNS, delivery=correction.delivery, why="It is gone from the platform already"
        )


def _on_its_way(row: TakeDown) -> bool:
    """The outbox has its deletion in hand, so that reading now would say nothing."""
    delivery = row.correction.delivery if row.correction is not None else None
    if delivery is None:
        return False
    return delivery.state in MOVING or (delivery.state == Delivery.State.SCHEDULED and not delivery.held_why)


def _count(row: TakeDown) -> None:
    row.checks += 1
    row.checked_at = clock.now()


def _pause(row: TakeDown) -> timedelta:
    return timedelta(seconds=BACK_OFF_S[min(row.checks, len(BACK_OFF_S) - 1)])


def _audit(actor: Actor, event: str, row: TakeDown, *, reason: str = "", **details: object) -> None:
    standing = row.standing
    record(
        actor=actor,
        event=event,
        subject=row,
        subject_name=standing.official_account.name,
        official_account_id=standing.official_account_id,
        reason=reason,
        details={"delivery": standing.pk, **details},
    )
