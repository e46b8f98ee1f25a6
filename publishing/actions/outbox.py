"""The outbox: the one way by which anything leaves the force, each act exactly once.

A person's act is queued here in the transaction that decides it. The machinery
(publishing.sending) claims what is due, commits that it is about to send, sends outside any
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
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet
from django.urls import reverse

from accounts import posting
from accounts.models import OfficialAccount
from accounts.pace import apart
from accounts.queries import may, may_on, require
from audit.actions import record
from core import clock, context
from core.acting import action
from core.actors import Actor, System
from core.errors import (
    ChangedSinceSeen,
    NotPermitted,
    NotValid,
    TakenBySomeoneElse,
    TransitionNotAllowed,
)
from core.prepared import Prepared, PreparedObjects
from core.rows import change_one, write_one
from notices.actions import notify
from notices.models import Notice
from platforms import registry
from platforms.contract import Fault
from publishing import fingerprint, pace, pairs, queries, steps, stopping
from publishing.actions import stops
from publishing.checks import judging
from publishing.models import (
    Approval,
    Correction,
    Delivery,
    DeliveryChange,
    Lockdown,
    LockdownException,
    LockdownStop,
    Pace,
    Post,
    PostChange,
    Variant,
)
from publishing.workflow import CORRECTION, DELIVERY, POST
from retention.models import Hold
from staff.models import StaffMember
from staff.roles import Power

OUTBOX = System("outbox")

POWER: dict[str, Power] = {
    Delivery.Kind.POST: Power.WRITE_POSTS,
    Delivery.Kind.EDIT: Power.WRITE_POSTS,
    Delivery.Kind.DELETE: Power.WRITE_POSTS,
    Delivery.Kind.REPLY: Power.REPLY,
    Delivery.Kind.HIDE: Power.HIDE_COMMENTS,
    Delivery.Kind.UNHIDE: Power.HIDE_COMMENTS,
    Delivery.Kind.DELETE_COMMENT: Power.RESTRICT_COMMENTERS,
    Delivery.Kind.BLOCK: Power.RESTRICT_COMMENTERS,
    Delivery.Kind.UNBLOCK: Power.RESTRICT_COMMENTERS,
    Delivery.Kind.MUTE: Power.RESTRICT_COMMENTERS,
    Delivery.Kind.UNMUTE: Power.RESTRICT_COMMENTERS,
}
"""What the author must hold on the official account, when it is queued and again when it is sent."""

CUT_OFF: dict[str, timedelta] = {
    Delivery.Kind.POST: timedelta(minutes=30),
    Delivery.Kind.REPLY: timedelta(hours=4),
    Delivery.Kind.EDIT: timedelta(hours=4),
}
"""How late each kind may go out by itself. Hiding and deleting are wanted however late."""

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
RAW_LENGTH = 2000
UNREADABLE_READS = 8
"""After so many readings that told nothing a person may decide; reading goes on meanwhile."""
BETWEEN_READS_WHEN_STUCK = timedelta(minutes=5)
PUBLISHED_KINDS = queries.PUBLISHED
NOT_IN_HAND = "This delivery is no longer in this worker’s hands."
STOPPED = "A lockdown stopped it right before it left."
NOT_OURS = "What the platform shows belongs to another delivery, so it is not this one."


@action
def queue(
    *,
    actor: Actor,
    official_account: OfficialAccount,
    kind: str,
    author: StaffMember,
    approver: StaffMember | None = None,
    first_approver: StaffMember | None = None,
    variant: Variant | None = None,
    subject: models.Model | None = None,
    text: str = "",
    target_external_id: str = "",
    root_external_id: str = "",
    private_to_external_id: str = "",
    due_at: datetime | None = None,
    cut_off_at: datetime | None = None,
    why: str = "",
    urgent: bool = False,
    part: int = 1,
) -> Delivery:
    """One act towards one platform stands in the outbox and leaves when it is due (now by default).

    first_approver: where two had to approve it, who did so before `approver`.
    subject: the record that it is for, e.g. the comment that is answered; its holds are honoured.
    A reply or post that a person sends at once leaves after the undo window (OUTBOX_UNDO_S).
    urgent: somebody's life may depend on it, so that neither the window nor the pace keeps it back.
    cut_off_at: later than this it waits for a person; by default CUT_OFF of its kind after `due_at`.
    part: which post of a thread. One that goes on with what stands already is queued whatever has become of
    the official account meanwhile, and is held when it is due.
    Who has to have approved a post is read when it is claimed (publishing.steps.lacking), not here.
    A post that is not urgent needs author and approver to have read and learned what the force asks (accounts.posting).
    Raises NotPermitted (author lacks the power or has lapsed, approver is the author), NotValid (no words, no
    target), TransitionNotAllowed (the official account is not active). Audits delivery.queued.
    """
    account = OfficialAccount.objects.get(pk=official_account.pk)
    if isinstance(actor, StaffMember):
        require(author, POWER[kind], account.pk)
    if author.pk in {one.pk for one in (approver, first_approver) if one is not None}:
        raise NotPermitted("Nobody approves their own words. Ask a colleague who may approve.")
    if part == 1 and account.status != OfficialAccount.Status.ACTIVE:
        raise TransitionNotAllowed(
            f"{account.name} is {account.get_status_display().lower()}, so nothing goes out on it. "
            "The register says who can change that."
        )
    if kind == Delivery.Kind.POST and part == 1 and not urgent:
        for person in (author, approver, first_approver):
            if person is not None:
                posting.refuse_lapsed(person)
    if kind in (*PUBLISHED_KINDS, Delivery.Kind.EDIT) and not text.strip():
        raise NotValid("There are no words to send.", field="text")
    if kind != Delivery.Kind.POST and not target_external_id and not private_to_external_id:
        raise NotValid("It is not clear what on the platform this is for. Reload the page and try again.")
    now = clock.now()
    due = due_at or now
    undo_until = None
    if isinstance(actor, StaffMember) and kind in PUBLISHED_KINDS and not urgent and due <= now:
        undo_until = now + timedelta(seconds=settings.OUTBOX_UNDO_S) if settings.OUTBOX_UNDO_S else None
        due = undo_until or due
    if cut_off_at is None and kind in CUT_OFF:
        cut_off_at = due + CUT_OFF[kind]
    delivery = Delivery.objects.create(
        official_account=account,
        kind=Delivery.Kind(kind),
        author=author,
        approver=approver,
        first_approver=first_approver,
        variant=variant,
        part=part,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        text=text,
        target_external_id=target_external_id,
        root_external_id=root_external_id,
        private_to_external_id=private_to_external_id,
        due_at=due,
        undo_until=undo_until,
        urgent=urgent,
        cut_off_at=cut_off_at,
        created_at=now,
    )
    _note(delivery, actor=actor, event="delivery.queued", why=why, details={"due_at": due.isoformat()})
    return delivery


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
    _move(row, "withdraw", actor=actor, event="delivery.withdrawn", why=why.strip())
    _publish_if_done(row)
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
    _move(row, "withdraw", actor=actor, event="delivery.withdrawn", why="Undone in the first seconds")
    _publish_if_done(row)
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
    _move(
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
            _move(
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
    _move(row, "do_by_hand", actor=actor, event="delivery.sent", details=details)
    _publish_if_done(row)
    return row


def by_hand(delivery: Delivery) -> str:
    """What is to be done on a platform that is worked by hand, as a sentence for whoever does it."""
    where = registry.NAMES[delivery.official_account.platform]
    act: dict[str, str] = {
        Delivery.Kind.POST: f"Publish it on {where}, then paste its link here.",
        Delivery.Kind.REPLY: f"Answer on {where} with these words, then paste the link of the answer here.",
        Delivery.Kind.HIDE: f"Hide the comment on {where}, then say so here.",
        Delivery.Kind.UNHIDE: f"Show the comment on {where} again, then say so here.",
        Delivery.Kind.EDIT: f"Change it on {where} to these words, then say so here.",
        Delivery.Kind.DELETE: f"Delete it on {where}, then say so here.",
    }
    return f"It is due. {act.get(delivery.kind, f'Do it on {where}, then say so here.')}"


@action
def retry(*, actor: Actor, delivery: Delivery) -> Delivery:
    """A delivery that the platform refused is tried once more, because somebody has mended the cause.

    Raises NotPermitted, TransitionNotAllowed (it was not refused, or a lockdown is in force).
    Audits delivery.released.
    """
    row = _locked(delivery)
    _require_its_power(actor, row)
    DELIVERY.next(row.state, "retry")
    _refuse_while_stopped(row)
    _make_due(row)
    _move(row, "retry", actor=actor, event="delivery.released", why=f"It was refused: {row.fault}")
    return row


# The machinery. Each step is one transaction; publishing.sending calls them in turn.


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
        _tell_author(row, what="Held", why=why)
        return row
    if row.official_account.by_hand:
        why = by_hand(row)
        hold(row, actor=actor, why=why)
        _tell_author(row, what="To be done by hand now", why=why)
        return row
    row.claimed_at = now
    row.fence += 1
    row.attempts += 1
    row.not_found_reads = row.unreadable_reads = 0
    row.next_check_at = now + LEASE
    _keep_intent(row)
    _move(row, "claim", actor=actor, event="delivery.sending", changed=_CLAIMED)
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


def why_not_now(delivery: Delivery, *, in_the_way: bool = True) -> str:
    """Why a due delivery may not go out, as a sentence for staff; empty when it may.

    Reads the present state of everything that allowed it, with the delivery locked.
    in_the_way: False where this transaction has read that no lockdown was and no hold is (_in_the_way).
    """
    now = clock.now()
    name = delivery.official_account.name
    if delivery.cut_off_at is not None and now > delivery.cut_off_at:
        return (
            f"It was due {_wall_clock(delivery.due_at)} and could not go out by "
            f"{_wall_clock(delivery.cut_off_at)}. Look whether it is still right, then release it."
        )
    if in_the_way and (passed := stopping.that_was_over(delivery)) is not None:
        return held_by(passed)
    if delivery.official_account.status != OfficialAccount.Status.ACTIVE:
        return (
            f"{name} is {delivery.official_account.get_status_display().lower()}, so nothing goes out on it."
        )
    author = delivery.author
    if not author.is_active:
        return has_left(author, "wrote")
    if not may_on(author, POWER[delivery.kind], delivery.official_account):
        return f"{author.called} may no longer do this on {name}. A colleague who may can write it anew."
    approver = delivery.approver
    if approver is not None:
        if approver.pk == author.pk:
            return "Author and approver are the same person."
        if not may_on(approver, Power.APPROVE_POSTS, delivery.official_account):
            return f"{approver.called}, who approved it, may no longer approve posts on {name}."
    if delivery.first_approver is not None and (why := _first_of_two(delivery, name)):
        return why
    if delivery.variant is not None:
        post = delivery.variant.post
        if why := _lacks(delivery, post):
            return why
        if post.state not in (Post.State.APPROVED, Post.State.PUBLISHED):
            return "Its post is no longer approved."
        if post.language and delivery.part == 1 and (why := pairs.why_not_now(post)):
            return why
    return _record_on_hold(delivery) if in_the_way else ""


def _first_of_two(delivery: Delivery, name: str) -> str:
    """Why a post that two had to approve may not go out: the first may no longer, or it is not what they approved."""
    first = delivery.first_approver
    if first is None or delivery.variant is None:
        return ""
    if not may_on(first, Power.APPROVE_POSTS, delivery.official_account):
        return f"{first.called}, who approved it first of two, may no longer approve posts on {name}."
    if delivery.kind != Delivery.Kind.POST or steps.requirement_of(delivery.variant.post) is not None:
        # What was required was kept, and is read with its content (_lacks).
        return ""
    post = delivery.variant.post
    if post.corrections.filter(state=Correction.State.DONE).exists():
        # Its words where it stands were changed by a correction, which was approved by itself.
        return ""
    content_hash = judging.content_hash_of(post)
    approved = {one.approver_id for one in queries.approvals(post) if one.content_hash == content_hash}
    if not {first.pk, delivery.approver_id} <= approved:
        return "It is not what two people approved. Edit it, which brings it back for approval."
    return ""


def _lacks(delivery: Delivery, post: Post) -> str:
    """Why what was required of a post or a correction is not there, read now with its content; empty where it is."""
    if delivery.kind == Delivery.Kind.POST:
        return steps.lacking(
            post, due_at=delivery.due_at, urgent=delivery.urgent, approved_by=delivery.approver_id
        )
    if delivery.approver is None:
        return "Nobody has approved it."
    found = Correction.objects.filter(delivery=delivery)
    correction = found.select_related("post", "standing__official_account").first()
    return steps.lacking_of_correction(correction) if correction is not None else ""


def _record_on_hold(delivery: Delivery) -> str:
    """A hold keeps a record as it stands: nothing is posted from it, hidden, shown again or deleted.

    An answer changes nothing that is held, and somebody at risk may be waiting for it.
    """
    if delivery.kind == Delivery.Kind.REPLY or delivery.subject_id is None:
        return ""
    hold = Hold.objects.filter(
        subject_type=delivery.subject_type, subject_id=delivery.subject_id, lifted_at=None
    ).first()
    if hold is None:
        return ""
    return f"There is a hold on “{hold.subject_name}” since {_wall_clock(hold.placed_at)}. Lift the hold, then release it."


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


def has_left(person: StaffMember, did: str) -> str:
    """The sentence for a delivery whose author or approver has left."""
    return f"{person.called}, who {did} it, has left. Look whether it is still right, then release it."


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
    row = _locked(delivery)
    _must_be_mine(row, delivery, Delivery.State.SENDING)
    row.held_why = why[:300]
    row.next_check_at = None
    if (lockdown := stopping.over_since(row, row.opened_at or clock.now())) is not None:
        stops.note([row], lockdown, LockdownStop.How.CAUGHT)
    _move(row, "put_back", actor=actor, event="delivery.held", why=why, details={"why": why})
    _tell_author(row, what="Held", why=why)
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
    _forget_fault(row)
    row.next_check_at = None
    if found and row.state == Delivery.State.UNKNOWN:
        _move(row, "find", actor=actor, event="delivery.settled", details={"outcome": "it stands there"})
    else:
        _move(row, "accept", actor=actor, event="delivery.sent")
    _publish_if_done(row)
    return row


def _accept(delivery: Delivery, *, actor: Actor, external_id: str, url: str) -> Delivery | None:
    """The yes that is expected: to the claim in hand, with the id that keep_id has put on the row.

    None where it is any other, and nothing is changed then.
    """
    _lock_post(delivery)
    row = copy(delivery)
    row.external_id, row.external_url = external_id, url
    row.sent_at = clock.now()
    row.held_why = row.unsettled_why = ""
    _forget_fault(row)
    row.next_check_at = None
    still = {"state": Delivery.State.SENDING, "fence": delivery.fence, "external_id": external_id}
    if delivery.state != Delivery.State.SENDING:
        return None
    try:
        _move_if(row, "accept", actor=actor, event="delivery.sent", still=still, changed=_ACCEPTED)
    except TakenBySomeoneElse:
        return None
    _publish_if_done(row)
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
    return _not_ours(_locked(delivery), actor=actor)


def belongs_to_another(row: Delivery, external_id: str) -> bool:
    """Whether another delivery of the official account is what the platform knows by this id."""
    if row.kind not in PUBLISHED_KINDS or not external_id:
        return False
    others = Delivery.objects.filter(
        official_account_id=row.official_account_id, external_id=external_id, kind__in=PUBLISHED_KINDS
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
    _note(
        row,
        actor=actor,
        event="delivery.contradicted",
        why=why[:500],
        details={"external_id": external_id, "known_as": row.external_id},
    )
    _tell_author(row, what="May stand there twice", why=why)


@action
def note_refused(*, actor: Actor = OUTBOX, delivery: Delivery, fault: Fault) -> Delivery:
    """The platform said no and would say so again: the author is told, nothing is retried.

    Raises TakenBySomeoneElse. Audits delivery.rejected.
    """
    row = _locked(delivery)
    _must_be_mine(row, delivery, Delivery.State.SENDING)
    _keep_fault(row, fault)
    row.next_check_at = None
    _move(row, "refuse", actor=actor, event="delivery.rejected", why=fault.sentence)
    _tell_author(row, what="Refused by the platform", why=fault.sentence)
    return row


@action
def note_deferred(*, actor: Actor = OUTBOX, delivery: Delivery, fault: Fault) -> Delivery:
    """Nothing happened at the platform: it is tried again later, and after MOST_ATTEMPTS by a person.

    Raises TakenBySomeoneElse. Audits delivery.put_back, or delivery.held.
    """
    row = _locked(delivery)
    _must_be_mine(row, delivery, Delivery.State.SENDING)
    _keep_fault(row, fault)
    row.next_check_at = None
    if row.attempts >= MOST_ATTEMPTS:
        why = f"Tried {row.attempts} times. The last answer: {fault.sentence}"
        row.held_why = why[:300]
        _move(row, "defer", actor=actor, event="delivery.held", why=why, details={"why": why})
        _tell_author(row, what="Held", why=why)
        return row
    wait_s: float = BACK_OFF_S[min(row.attempts, len(BACK_OFF_S)) - 1]
    if fault.retry_after_s is not None:
        wait_s = max(wait_s, min(fault.retry_after_s, 3600.0))
    row.due_at = clock.now() + timedelta(seconds=wait_s)
    _move(row, "defer", actor=actor, event="delivery.put_back", why=fault.sentence)
    return row


@action
def note_unknown(*, actor: Actor = OUTBOX, delivery: Delivery, fault: Fault) -> Delivery:
    """It may or may not stand on the platform: nothing is sent until the account has been read back.

    Raises TakenBySomeoneElse. Audits delivery.unknown.
    """
    row = _locked(delivery)
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
    row = _locked(delivery)
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
    _move(
        row,
        "put_back",
        actor=actor,
        event="delivery.settled",
        why=row.held_why,
        details={"outcome": f"not there when read {READS_THAT_SETTLE} times"},
    )
    if row.held_why:
        _tell_author(row, what="Held", why=row.held_why)
    return row


@action
def note_unreadable(
    *, actor: Actor = OUTBOX, delivery: Delivery, fault: Fault, lasting: bool = False
) -> Delivery:
    """The account could not be read back: nothing is decided, it is read again later.

    lasting: the platform will not tell, however often it is asked. Then, and after UNREADABLE_READS, a
    person is asked to decide. Audits delivery.unsettled when that is so.
    """
    row = _locked(delivery)
    if not _still_read_by(row, delivery):
        return row
    row.unreadable_reads = min(row.unreadable_reads + 1, 30_000)
    _keep_fault(row, fault)
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
        _note(row, actor=actor, event="delivery.unsettled", why=why)
        _tell_author(row, what="Somebody has to look", why=why)


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
    _move(
        row,
        "find",
        actor=actor,
        event="delivery.settled",
        details={"outcome": "a person says that it stands there", "external_id": row.external_id},
    )
    _publish_if_done(row)
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
    _move(
        row,
        "put_back" if again else "give_up",
        actor=actor,
        event="delivery.settled",
        why=why.strip(),
        details={"outcome": outcome},
    )
    _publish_if_done(row)
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


def held_by(lockdown: Lockdown) -> str:
    """The sentence for what a lockdown has stopped."""
    return f"Held by the {lockdown.called} of {_wall_clock(lockdown.started_at)}."


# What the steps share.


def _locked(delivery: Delivery) -> Delivery:
    # Lock first, read afterwards: its author may be another since, and a row that had to be waited
    # for would come with the joined rows of before.
    Delivery.objects.select_for_update().only("pk").get(pk=delivery.pk)
    return Delivery.objects.select_related(
        "official_account", "author", "approver", "first_approver", "variant__post"
    ).get(pk=delivery.pk)


def locked_with_post(delivery: Delivery) -> Delivery:
    """The post is locked before its delivery, as when a post is edited, so that the two never deadlock."""
    _lock_post(delivery)
    return _locked(delivery)


def _lock_post(delivery: Delivery) -> None:
    if delivery.variant_id is not None:
        post_id = Variant.objects.values_list("post_id", flat=True).get(pk=delivery.variant_id)
        Post.objects.select_for_update().only("pk").get(pk=post_id)


def _must_be_mine(row: Delivery, held: Delivery, *states: str) -> None:
    """Whether the claim in hand is still the one in the database: a slow worker may have lost it."""
    if row.state not in states or row.fence != held.fence:
        raise TakenBySomeoneElse(NOT_IN_HAND)


def _require_its_power(actor: Actor, row: Delivery) -> None:
    """Whoever may do the act may stop or release it; whoever may lock down may as well."""
    if isinstance(actor, StaffMember) and not may(actor, Power.LOCK_DOWN):
        require(actor, POWER[row.kind], row.official_account_id)


def _refuse_while_stopped(row: Delivery) -> None:
    live = stopping.over_now(row)
    if live is not None:
        raise TransitionNotAllowed(
            f"Nothing goes out: {live.started_by.called} started {live.a_called} {_wall_clock(live.started_at)} "
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


def hold(row: Delivery, *, actor: Actor, why: str) -> None:
    """A locked delivery waits for a person, with the sentence that says why. A part of the actions here."""
    row.held_why = why[:300]
    _move(row, "hold", actor=actor, event="delivery.held", why=why, details={"why": why})


def _tell_author(row: Delivery, *, what: str, why: str) -> None:
    """The author hears of it once per occasion; the words themselves stay here."""
    notify(
        actor=OUTBOX,
        to=[row.author],
        urgency=Notice.Urgency.SOON,
        title=f"{what}: your {row.get_kind_display()} on {row.official_account.name}",
        body=why[:600],
        link=reverse("publishing:outbox"),
        key=f"delivery:{row.pk}:{row.state}:{clock.now():%Y%m%d%H%M%S}",
    )


def _keep_fault(row: Delivery, fault: Fault) -> None:
    """The platform's answer: the sentence for staff, and apart from it the place and the bare answer."""
    row.fault = fault.sentence[:500]
    row.fault_link = fault.link[:500] if fault.link.startswith("https://") else ""
    row.fault_raw = fault.raw[:RAW_LENGTH].replace("\x00", "")


def _forget_fault(row: Delivery) -> None:
    row.fault = row.fault_link = row.fault_raw = ""


def _lose(row: Delivery, *, actor: Actor, fault: Fault) -> None:
    _keep_fault(row, fault)
    row.not_found_reads = row.unreadable_reads = 0
    now = clock.now()
    if row.opened_at is not None:
        # The socket opened at the latest so long after the intent: the platform's delay counts from there.
        row.opened_at = min(now, row.opened_at + timedelta(seconds=SEND_WITHIN_S))
    row.next_check_at = now + FIRST_READ
    _move(row, "lose", actor=actor, event="delivery.unknown", why=fault.sentence)


def _move(
    row: Delivery,
    step: str,
    *,
    actor: Actor,
    event: str,
    why: str = "",
    details: dict[str, Any] | None = None,
    changed: Sequence[str] | None = None,
) -> None:
    """changed: the columns that differ, where the row is locked and they are known; else all are written."""
    row.state = DELIVERY.next(row.state, step)
    if changed is None:
        row.save()
    else:
        change_one(Delivery, row.pk, {name: getattr(row, name) for name in ("state", *changed)}, {})
    _note(row, actor=actor, event=event, why=why, details=details)


def _move_if(
    row: Delivery,
    step: str,
    *,
    actor: Actor,
    event: str,
    still: Mapping[str, Any],
    changed: Sequence[str],
) -> None:
    """One step by a conditional update: only while the row still is as the worker left it.

    Raises TakenBySomeoneElse where it is not, and nothing is changed.
    """
    row.state = DELIVERY.next(row.state, step)
    values = {name: getattr(row, name) for name in ("state", *changed)}
    if not change_one(Delivery, row.pk, values, still):
        raise TakenBySomeoneElse(NOT_IN_HAND)
    _note(row, actor=actor, event=event)


def _note(
    row: Delivery, *, actor: Actor, event: str, why: str = "", details: dict[str, Any] | None = None
) -> None:
    write_one(
        DeliveryChange(
            delivery=row, state=row.state, at=clock.now(), by_name=actor.actor_name[:200], why=why[:500]
        )
    )
    record(
        actor=actor,
        event=event,
        subject=row,
        subject_name=row.official_account.name,
        official_account_id=row.official_account_id,
        reason=why,
        details={"kind": row.get_kind_display(), "attempt": row.attempts, **(details or {})},
    )


def _publish_if_done(row: Delivery) -> None:
    """A post whose every delivery has gone out, or was given up, is published with the last of them.

    A correction of what stands is done with its delivery, or given up with it.
    """
    if row.variant is None:
        return
    if row.kind != Delivery.Kind.POST:
        _note_corrected(row)
        return
    _go_on_with_thread(row, row.variant)
    post = Post.objects.get(pk=row.variant.post_id)
    if post.state != Post.State.APPROVED:
        return
    states = set(
        Delivery.objects.filter(variant__post=post, kind=Delivery.Kind.POST)
        .exclude(state=Delivery.State.WITHDRAWN)
        .values_list("state", flat=True)
    )
    if states != {Delivery.State.SENT}:
        return
    post.state = POST.next(post.state, "publish")
    post.changed_at = post.published_at = clock.now()
    post.save(update_fields=["state", "changed_at", "published_at"])
    PostChange.objects.create(post=post, event="published", version=post.version, by=None, at=post.changed_at)
    record(actor=OUTBOX, event="post.published", subject=post, subject_name=post.title)


def _go_on_with_thread(row: Delivery, variant: Variant) -> None:
    """The next post of a thread goes out under the one that stands now. Where one never does, the thread ends."""
    if row.state != Delivery.State.SENT or row.part >= len(variant.parts):
        return
    following = row.part + 1
    passes = list(LockdownException.objects.filter(delivery=row, lockdown__lifted_at=None))
    there = Delivery.objects.filter(variant=variant, part=following).exclude(state=Delivery.State.WITHDRAWN)
    if there.exists():
        return
    next_one = queue(
        actor=OUTBOX,
        official_account=row.official_account,
        kind=Delivery.Kind.POST,
        author=row.author,
        approver=row.approver,
        first_approver=row.first_approver,
        variant=variant,
        subject=variant.post,
        text=variant.parts[following - 1],
        target_external_id=row.external_id,
        root_external_id=row.root_external_id or row.external_id,
        urgent=row.urgent,
        part=following,
    )
    for one in passes:
        # Whoever let the beginning of a thread pass has let the thread pass.
        LockdownException.objects.create(
            lockdown=one.lockdown,
            delivery=next_one,
            what=one.what,
            why=one.why,
            allowed_by=one.allowed_by,
            allowed_at=one.allowed_at,
        )


def _note_corrected(row: Delivery) -> None:
    """What the outbox knows of a correction stands in the post's story, and in its words for the account."""
    correction = Correction.objects.select_for_update().filter(delivery=row).first()
    step = "carry_out" if row.state == Delivery.State.SENT else "give_up"
    if correction is None or row.variant is None:
        return
    if row.state not in (Delivery.State.SENT, Delivery.State.WITHDRAWN):
        return
    if not CORRECTION.allows(correction.state, step):
        return
    correction.state = CORRECTION.next(correction.state, step)
    now = clock.now()
    correction.done_at = now if step == "carry_out" else None
    correction.save(update_fields=["state", "done_at"])
    if step != "carry_out":
        return
    post = row.variant.post
    if correction.kind == Correction.Kind.EDIT:
        parts = list(row.variant.parts)
        if parts:
            parts[correction.standing.part - 1] = correction.text
            Variant.objects.filter(pk=row.variant.pk).update(parts=parts)
        else:
            Variant.objects.filter(pk=row.variant.pk).update(text=correction.text)
    PostChange.objects.create(
        post=post,
        event="corrected" if correction.kind == Correction.Kind.EDIT else "deleted",
        version=post.version,
        by=None,
        at=now,
        why=f"On {row.official_account.name}"[:500],
        texts={str(row.official_account_id): correction.text} if correction.text else {},
    )
    record(
        actor=OUTBOX,
        event="post.corrected" if correction.kind == Correction.Kind.EDIT else "post.deleted",
        subject=post,
        subject_name=post.title,
        official_account_id=row.official_account_id,
        details={"on": row.official_account.name},
    )


def _wall_clock(instant: datetime) -> str:
    london = clock.in_london(instant)
    return f"{london.day} {london:%B} at {london:%H:%M}"
