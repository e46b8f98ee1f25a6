"""The machinery of the outbox, step by step: claimed, sent, answered, lost, read back and settled.

Each step is one transaction; publishing.sending calls them in turn. How an act leaves exactly once stands in
publishing.actions.outbox.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet

from accounts.pace import apart
from core import clock, context
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, TakenBySomeoneElse
from core.prepared import Prepared, PreparedObjects
from core.rows import change_one
from platforms.contract import Fault
from publishing import fingerprint, pace, queries, stopping
from publishing.actions import stops
from publishing.actions.deliveries import (
    NOT_IN_HAND,
    OUTBOX,
    forget_fault,
    hold,
    keep_fault,
    lock_post,
    locked_row,
    locked_with_post,
    note_step,
    publish_if_done,
    take_step,
    take_step_if,
    tell_author,
)
from publishing.may_leave import STOPPED, by_hand, has_left, held_by, why_not_now
from publishing.models import Delivery, LockdownStop, Pace
from retention.models import Hold
from staff.models import StaffMember

LEASE = timedelta(seconds=60)
"""How long one worker may have a delivery in hand. Longer than any call to a platform takes."""

SEND_WITHIN_S = 20.0
"""A worker that was stopped for longer than this between claim and socket no longer sends."""

BACK_OFF_S = (5, 15, 30, 60, 120, 300, 600)

MOST_ATTEMPTS = 8

FIRST_READ = timedelta(seconds=5)

BETWEEN_READS = timedelta(seconds=10)
"""Two readings in vain, past the platform's own delay, are so far apart: what never went goes out again after them."""

READS_THAT_SETTLE = 2

UNREADABLE_READS = 8
"""After so many readings that told nothing a person may decide; reading goes on meanwhile."""

BETWEEN_READS_WHEN_STUCK = timedelta(minutes=5)

NOT_OURS = "What the platform shows belongs to another delivery, so it is not this one."


@action
def claim_next(*, actor: Actor = OUTBOX, skip_accounts: Iterable[int] = ()) -> Delivery | None:
    """The next due delivery is in this worker's hands, or held where something no longer allows it.

    Claim and intent are one commit: from then on only the platform knows what happened. Everything that
    allows the act is read in it, with author and approver locked against leaving.
    Answers None when nothing is due that no lockdown stops; else a delivery that is `sending`,
    or `scheduled` and held with its sentence. Two workers never get the same one.
    Audits delivery.sending or delivery.held.
    """
    now = clock.now()
    due = _DUE.first(now=now, paced=bool(settings.OUTBOX_PACED), skip=tuple(sorted(skip_accounts)))
    if due is None:
        return None
    pk, in_the_way = due
    row = _with_people_unread(pk)
    if not _its_turn(row, now):
        return None
    if why := _who_has_left(row) or why_not_now(row, in_the_way=in_the_way):
        hold(row, actor=actor, why=why)
        if in_the_way and (passed := stopping.that_was_over(row)) is not None and why == held_by(passed):
            stops.note([row], passed, LockdownStop.How.WAITING)
        tell_author(row, what="Held", why=why)
        return row
    if row.official_account.by_hand:
        why = by_hand(row)
        hold(row, actor=actor, why=why)
        tell_author(row, what="To be done by hand now", why=why)
        return row
    row.claimed_at = now
    row.fence += 1
    row.attempts += 1
    row.not_found_reads = row.unreadable_reads = 0
    row.next_check_at = now + LEASE
    _keep_intent(row)
    take_step(row, "claim", actor=actor, event="delivery.sending", changed=_CLAIMED)
    return row


def _due(*, now: datetime, paced: bool, skip: tuple[int, ...]) -> QuerySet[Delivery, Any]:
    """The delivery that is due first and that no lockdown stops, and whether something else is in its way."""
    due = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        ~stopping.stopped(), state=Delivery.State.SCHEDULED, held_why="", due_at__lte=now
    )
    if skip:
        due = due.exclude(official_account_id__in=skip)
    if paced:
        resting = Pace.objects.filter(
            official_account_id=models.OuterRef("official_account_id"),
            kind=models.OuterRef("kind"),
            next_at__gt=now,
        )
        due = due.filter(models.Q(urgent=True) | ~models.Exists(resting))
    return due.annotate(in_the_way=_in_the_way()).order_by("due_at", "id").values_list("pk", "in_the_way")


_DUE = Prepared(_due)


def _with_people_unread(pk: int) -> Delivery:
    """The delivery that was locked, with its official account and its post.

    Its people are known by their ids until more is asked of them: _who_has_left reads them anew in any case.
    """
    row = _IN_HAND.one(pk=pk)
    row.author = StaffMember.from_db(row._state.db, ["id"], [row.author_id])
    if row.approver_id is not None:
        row.approver = StaffMember.from_db(row._state.db, ["id"], [row.approver_id])
    if row.first_approver_id is not None:
        row.first_approver = StaffMember.from_db(row._state.db, ["id"], [row.first_approver_id])
    return row


def _in_hand(*, pk: int) -> QuerySet[Delivery, Delivery]:
    return Delivery.objects.select_related("official_account", "variant__post").filter(pk=pk).order_by()


_IN_HAND = PreparedObjects(_in_hand)

_CLAIMED = (
    "claimed_at",
    "fence",
    "attempts",
    "not_found_reads",
    "unreadable_reads",
    "next_check_at",
    "content",
    "fingerprint",
    "opened_at",
    "first_opened_at",
)


def _in_the_way() -> models.Q:
    """Whether a lockdown that is lifted covered it when it fell due, or a hold is on its record."""
    held = Hold.objects.filter(
        subject_type=models.OuterRef("subject_type"),
        subject_id=models.OuterRef("subject_id"),
        lifted_at=None,
    )
    return stopping.over_at_its_time() | models.Q(models.Exists(held))


def _its_turn(row: Delivery, now: datetime) -> bool:
    """Whether its official account rests no more, and from now on rests again. False: another worker was first."""
    rest = apart(row.official_account, row.kind)
    if not settings.OUTBOX_PACED or row.urgent or not rest:
        return True
    its = Pace.objects.filter(official_account_id=row.official_account_id, kind=row.kind)
    rested = its.filter(models.Q(next_at=None) | models.Q(next_at__lte=now))
    if rested.update(next_at=now + rest):
        return True
    made = Pace(official_account_id=row.official_account_id, kind=row.kind)
    Pace.objects.bulk_create([made], ignore_conflicts=True)
    return bool(rested.update(next_at=now + rest))


def _keep_intent(row: Delivery) -> None:
    """What is about to be sent, as it will be known again, and since when it can stand there."""
    media: list[str] = []
    if row.variant is not None and row.kind == Delivery.Kind.POST and row.part == 1:
        post = row.variant.post
        media = list(post.pictures.filter(removed_at=None).values_list("file__sha256", flat=True))
        media += post.videos.filter(removed_at=None).values_list("file__sha256", flat=True)
    row.content = {"links": fingerprint.links(row.text), "media": media}
    row.fingerprint = fingerprint.of(row.text, media)
    row.opened_at = clock.now()
    row.first_opened_at = row.first_opened_at or row.opened_at


def _who_has_left(row: Delivery) -> str:
    """Author and approver are locked and read once more: why one of them no longer stands for it."""
    for person, did in (
        (row.author, "wrote"),
        (row.approver, "approved"),
        (row.first_approver, "approved"),
    ):
        if person is None:
            continue
        try:
            with context.only_asking():
                person.hold()
        except NotPermitted:
            return has_left(person, did)
    return ""


def stopped_since(delivery: Delivery) -> str:
    """Read once more right before the socket opens: why it may not, as a sentence; empty where it may.

    A lockdown, or somebody who has left, between the claim and now. Raises TakenBySomeoneElse where the
    claim is no longer this worker's: then nothing may be sent.
    """
    mine = _STILL.first(pk=delivery.pk, fence=delivery.fence)
    if mine is None:
        raise TakenBySomeoneElse(NOT_IN_HAND)
    stopped, author_active, author_until, approver_active, approver_until, first_active, first_until = mine
    if stopped:
        lockdown = stopping.over_now(delivery)
        return held_by(lockdown) if lockdown is not None else STOPPED
    if not _still_here(author_active, author_until):
        return has_left(delivery.author, "wrote")
    if delivery.approver is not None and not _still_here(approver_active, approver_until):
        return has_left(delivery.approver, "approved")
    if delivery.first_approver is not None and not _still_here(first_active, first_until):
        return has_left(delivery.first_approver, "approved")
    return ""


def _still(*, pk: int, fence: int) -> QuerySet[Delivery, Any]:
    return (
        Delivery.objects.filter(pk=pk, state=Delivery.State.SENDING, fence=fence)
        .annotate(stopped=models.ExpressionWrapper(stopping.stopped(), output_field=models.BooleanField()))
        .values_list(
            "stopped",
            "author__active",
            "author__access_until",
            "approver__active",
            "approver__access_until",
            "first_approver__active",
            "first_approver__access_until",
        )
        .order_by()
    )


_STILL = Prepared(_still)


def _still_here(active: bool | None, until: datetime | None) -> bool:
    return bool(active) and (until is None or until > clock.now())


@action
def put_back(*, actor: Actor = OUTBOX, delivery: Delivery, why: str) -> Delivery:
    """A delivery that has not left waits for a person, with the sentence that stopped it.

    Raises TakenBySomeoneElse. Audits delivery.held.
    """
    row = locked_row(delivery)
    _must_be_mine(row, delivery, Delivery.State.SENDING)
    row.held_why = why[:300]
    row.next_check_at = None
    if (lockdown := stopping.over_since(row, row.opened_at or clock.now())) is not None:
        stops.note([row], lockdown, LockdownStop.How.CAUGHT)
    take_step(row, "put_back", actor=actor, event="delivery.held", why=why, details={"why": why})
    tell_author(row, what="Held", why=why)
    return row


def keep_id(*, delivery: Delivery, external_id: str, url: str = "") -> bool:
    """What the platform calls it is on disk before anything else is done about it.

    A worker that dies after this leaves a delivery that needs no reading back. Answers False where
    another delivery of the official account is known by that id: then it is not this one.
    """
    try:
        with transaction.atomic():
            change_one(
                Delivery,
                delivery.pk,
                {"external_id": external_id[:300], "external_url": url[:500]},
                {"external_id": ""},
            )
    except IntegrityError as fault:
        if "delivery_remote_id_once" not in str(fault):
            raise
        return False
    return True


@action
def note_sent(
    *, actor: Actor = OUTBOX, delivery: Delivery, external_id: str, url: str = "", found: bool = False
) -> Delivery:
    """A platform's yes; a post is published with its last delivery.

    A yes counts however late it comes. One that names another id than is known already, or comes for a
    delivery that was given up, changes nothing and is told to the author: it may stand there twice. An
    id that another delivery has is not this one's, and a person decides.
    Audits delivery.sent, or delivery.settled when it was found by reading the account back;
    delivery.contradicted; post.published.
    """
    external_id, url = external_id[:300], url[:500]
    if not found and (row := _accept(delivery, actor=actor, external_id=external_id, url=url)) is not None:
        return row
    row = locked_with_post(delivery)
    if row.state == Delivery.State.SENT and row.external_id == external_id:
        return row
    if row.state in (Delivery.State.SENT, Delivery.State.WITHDRAWN):
        _contradict(row, actor=actor, external_id=external_id, url=url)
        return row
    # Once it is on the row (keep_id), the constraint has said that nobody else has it.
    if row.external_id != external_id and belongs_to_another(row, external_id):
        return _not_ours(row, actor=actor)
    row.external_id, row.external_url = external_id, url
    row.sent_at = clock.now()
    row.held_why = row.unsettled_why = ""
    forget_fault(row)
    row.next_check_at = None
    if found and row.state == Delivery.State.UNKNOWN:
        take_step(row, "find", actor=actor, event="delivery.settled", details={"outcome": "it stands there"})
    else:
        take_step(row, "accept", actor=actor, event="delivery.sent")
    publish_if_done(row)
    return row


def _accept(delivery: Delivery, *, actor: Actor, external_id: str, url: str) -> Delivery | None:
    """The yes that is expected: to the claim in hand, with the id that keep_id has put on the row.

    None where it is any other, and nothing is changed then.
    """
    lock_post(delivery)
    row = copy(delivery)
    row.external_id, row.external_url = external_id, url
    row.sent_at = clock.now()
    row.held_why = row.unsettled_why = ""
    forget_fault(row)
    row.next_check_at = None
    still = {"state": Delivery.State.SENDING, "fence": delivery.fence, "external_id": external_id}
    if delivery.state != Delivery.State.SENDING:
        return None
    try:
        take_step_if(row, "accept", actor=actor, event="delivery.sent", still=still, changed=_ACCEPTED)
    except TakenBySomeoneElse:
        return None
    publish_if_done(row)
    return row


_ACCEPTED = (
    "external_id",
    "external_url",
    "sent_at",
    "held_why",
    "unsettled_why",
    "fault",
    "fault_link",
    "fault_raw",
    "next_check_at",
)


@action
def note_not_ours(*, actor: Actor = OUTBOX, delivery: Delivery) -> Delivery:
    """The id that the platform answered with is another delivery's: a person decides what this one is.

    Audits delivery.unknown, delivery.unsettled.
    """
    return _not_ours(locked_row(delivery), actor=actor)


def belongs_to_another(row: Delivery, external_id: str) -> bool:
    """Whether another delivery of the official account is what the platform knows by this id."""
    if row.kind not in queries.PUBLISHED or not external_id:
        return False
    others = Delivery.objects.filter(
        official_account_id=row.official_account_id, external_id=external_id, kind__in=queries.PUBLISHED
    )
    return others.exclude(pk=row.pk).exists()


def _not_ours(row: Delivery, *, actor: Actor) -> Delivery:
    if row.state == Delivery.State.SENDING:
        _lose(row, actor=actor, fault=Fault(NOT_OURS))
    if row.state == Delivery.State.UNKNOWN:
        _ask_a_person(row, actor=actor, why=NOT_OURS)
    return row


def _contradict(row: Delivery, *, actor: Actor, external_id: str, url: str) -> None:
    where = url or external_id
    why = (
        f"{row.official_account.name} answered late that this {row.get_kind_display()} stands there as "
        f"{where}, after it was {row.get_state_display().lower()}. Look on the platform, and delete what is too many."
    )
    note_step(
        row,
        actor=actor,
        event="delivery.contradicted",
        why=why[:500],
        details={"external_id": external_id, "known_as": row.external_id},
    )
    tell_author(row, what="May stand there twice", why=why)


@action
def note_refused(*, actor: Actor = OUTBOX, delivery: Delivery, fault: Fault) -> Delivery:
    """The platform said no and would say so again: the author is told, nothing is retried.

    Raises TakenBySomeoneElse. Audits delivery.rejected.
    """
    row = locked_row(delivery)
    _must_be_mine(row, delivery, Delivery.State.SENDING)
    keep_fault(row, fault)
    row.next_check_at = None
    take_step(row, "refuse", actor=actor, event="delivery.rejected", why=fault.sentence)
    tell_author(row, what="Refused by the platform", why=fault.sentence)
    return row


@action
def note_deferred(*, actor: Actor = OUTBOX, delivery: Delivery, fault: Fault) -> Delivery:
    """Nothing happened at the platform: it is tried again later, and after MOST_ATTEMPTS by a person.

    Raises TakenBySomeoneElse. Audits delivery.put_back, or delivery.held.
    """
    row = locked_row(delivery)
    _must_be_mine(row, delivery, Delivery.State.SENDING)
    keep_fault(row, fault)
    row.next_check_at = None
    if row.attempts >= MOST_ATTEMPTS:
        why = f"Tried {row.attempts} times. The last answer: {fault.sentence}"
        row.held_why = why[:300]
        take_step(row, "defer", actor=actor, event="delivery.held", why=why, details={"why": why})
        tell_author(row, what="Held", why=why)
        return row
    wait_s: float = BACK_OFF_S[min(row.attempts, len(BACK_OFF_S)) - 1]
    if fault.retry_after_s is not None:
        wait_s = max(wait_s, min(fault.retry_after_s, 3600.0))
    row.due_at = clock.now() + timedelta(seconds=wait_s)
    take_step(row, "defer", actor=actor, event="delivery.put_back", why=fault.sentence)
    return row


@action
def note_unknown(*, actor: Actor = OUTBOX, delivery: Delivery, fault: Fault) -> Delivery:
    """It may or may not stand on the platform: nothing is sent until the account has been read back.

    Raises TakenBySomeoneElse. Audits delivery.unknown.
    """
    row = locked_row(delivery)
    _must_be_mine(row, delivery, Delivery.State.SENDING)
    _lose(row, actor=actor, fault=fault)
    return row


@action
def give_up_stale_claims(*, actor: Actor = OUTBOX) -> int:
    """Deliveries whose worker died have an unknown outcome. Safe to repeat; answers how many.

    Audits delivery.unknown.
    """
    stale = list(
        Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("official_account")
        .filter(state__in=[Delivery.State.CLAIMED, Delivery.State.SENDING], next_check_at__lte=clock.now())
    )
    for row in stale:
        _lose(row, actor=actor, fault=Fault("The work on it broke off before an answer came."))
    return len(stale)


@transaction.atomic
def claim_unsettled() -> Delivery | None:
    """The next delivery with an unknown outcome whose account should be read back, leased for LEASE."""
    now = clock.now()
    row = (
        Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("official_account", "variant__post")
        .filter(state=Delivery.State.UNKNOWN, next_check_at__lte=now)
        .order_by("next_check_at", "id")
        .first()
    )
    if row is not None:
        row.next_check_at = now + LEASE
        row.save(update_fields=["next_check_at"])
    return row


@action
def note_not_found(*, actor: Actor = OUTBOX, delivery: Delivery) -> Delivery:
    """It was not on the platform when the account was read back; after two reads it goes out once more.

    A reading before the platform's own delay has passed can find it but cannot say that it never went.
    The same key is used again. If a lockdown was in force since it was claimed it waits for a
    person instead. Audits delivery.settled when that decides it.
    """
    row = locked_row(delivery)
    if not _still_read_by(row, delivery):
        return row
    now = clock.now()
    shown_by = (row.opened_at or row.claimed_at or row.created_at) + pace.read_back_delay(
        row.official_account.platform
    )
    if now < shown_by:
        row.next_check_at = shown_by
        row.save(update_fields=["next_check_at"])
        return row
    row.not_found_reads += 1
    if row.not_found_reads < READS_THAT_SETTLE:
        row.next_check_at = now + BETWEEN_READS
        row.save(update_fields=["not_found_reads", "next_check_at"])
        return row
    row.next_check_at = None
    row.due_at = now
    row.unsettled_why = ""
    since = row.claimed_at or row.created_at
    locked = stopping.over_since(row, since)
    if locked is not None:
        row.held_why = held_by(locked)
        stops.note([row], locked, LockdownStop.How.WAITING)
    elif row.attempts >= MOST_ATTEMPTS:
        row.held_why = f"Tried {row.attempts} times; it did not arrive. The last answer: {row.fault}"[:300]
    take_step(
        row,
        "put_back",
        actor=actor,
        event="delivery.settled",
        why=row.held_why,
        details={"outcome": f"not there when read {READS_THAT_SETTLE} times"},
    )
    if row.held_why:
        tell_author(row, what="Held", why=row.held_why)
    return row


@action
def note_unreadable(
    *, actor: Actor = OUTBOX, delivery: Delivery, fault: Fault, lasting: bool = False
) -> Delivery:
    """The account could not be read back: nothing is decided, it is read again later.

    lasting: the platform will not tell, however often it is asked. Then, and after UNREADABLE_READS, a
    person is asked to decide. Audits delivery.unsettled when that is so.
    """
    row = locked_row(delivery)
    if not _still_read_by(row, delivery):
        return row
    row.unreadable_reads = min(row.unreadable_reads + 1, 30_000)
    keep_fault(row, fault)
    if lasting or row.unreadable_reads >= UNREADABLE_READS:
        times = "once" if row.unreadable_reads == 1 else f"{row.unreadable_reads} times"
        _ask_a_person(row, actor=actor, why=f"It was read back {times} and cannot be told: {fault.sentence}")
    else:
        row.next_check_at = clock.now() + BETWEEN_READS
        row.save()
    return row


def _still_read_by(row: Delivery, delivery: Delivery) -> bool:
    """Whether the reading in hand is still the one that is wanted: a slow one may have lost its lease."""
    return row.state == Delivery.State.UNKNOWN and (row.fence, row.next_check_at) == (
        delivery.fence,
        delivery.next_check_at,
    )


def _ask_a_person(row: Delivery, *, actor: Actor, why: str) -> None:
    """Say once that a person decides. It is read back more seldom meanwhile, and still settled by it."""
    asked_before = bool(row.unsettled_why)
    row.unsettled_why = why[:300]
    row.next_check_at = clock.now() + BETWEEN_READS_WHEN_STUCK
    row.save()
    if not asked_before:
        note_step(row, actor=actor, event="delivery.unsettled", why=why)
        tell_author(row, what="Somebody has to look", why=why)


def _must_be_mine(row: Delivery, held: Delivery, *states: str) -> None:
    """Whether the claim in hand is still the one in the database: a slow worker may have lost it."""
    if row.state not in states or row.fence != held.fence:
        raise TakenBySomeoneElse(NOT_IN_HAND)


def _lose(row: Delivery, *, actor: Actor, fault: Fault) -> None:
    keep_fault(row, fault)
    row.not_found_reads = row.unreadable_reads = 0
    now = clock.now()
    if row.opened_at is not None:
        # The socket opened at the latest so long after the intent: the platform's delay counts from there.
        row.opened_at = min(now, row.opened_at + timedelta(seconds=SEND_WITHIN_S))
    row.next_check_at = now + FIRST_READ
    take_step(row, "lose", actor=actor, event="delivery.unknown", why=fault.sentence)
