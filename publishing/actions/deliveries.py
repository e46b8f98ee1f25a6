"""A delivery's row: queued, locked, moved and noted, and what follows once it stands.

Parts that the actions of people (publishing.actions.outbox) and the steps of the machinery
(publishing.actions.machinery) share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse

from accounts import posting
from accounts.models import OfficialAccount
from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotPermitted, NotValid, TakenBySomeoneElse, TransitionNotAllowed
from core.rows import change_one, write_one
from notices.actions import notify
from notices.models import Notice
from platforms.contract import Fault
from publishing import queries
from publishing.may_leave import POWER
from publishing.models import (
    Correction,
    Delivery,
    DeliveryChange,
    LockdownException,
    Post,
    PostChange,
    Variant,
)
from publishing.workflow import CORRECTION, DELIVERY, POST
from staff.models import StaffMember

OUTBOX = System("outbox")

CUT_OFF: dict[str, timedelta] = {
    Delivery.Kind.POST: timedelta(minutes=30),
    Delivery.Kind.REPLY: timedelta(hours=4),
    Delivery.Kind.EDIT: timedelta(hours=4),
}
"""How late each kind may go out by itself. Hiding and deleting are wanted however late."""

RAW_LENGTH = 2000

NOT_IN_HAND = "This delivery is no longer in this worker’s hands."


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
    if kind in (*queries.PUBLISHED, Delivery.Kind.EDIT) and not text.strip():
        raise NotValid("There are no words to send.", field="text")
    if kind != Delivery.Kind.POST and not target_external_id and not private_to_external_id:
        raise NotValid("It is not clear what on the platform this is for. Reload the page and try again.")
    now = clock.now()
    due = due_at or now
    undo_until = None
    if isinstance(actor, StaffMember) and kind in queries.PUBLISHED and not urgent and due <= now:
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
    note_step(delivery, actor=actor, event="delivery.queued", why=why, details={"due_at": due.isoformat()})
    return delivery


def locked_row(delivery: Delivery) -> Delivery:
    """The delivery as it stands now, locked, with its people, its official account and its post."""
    # Lock first, read afterwards: its author may be another since, and a row that had to be waited
    # for would come with the joined rows of before.
    Delivery.objects.select_for_update().only("pk").get(pk=delivery.pk)
    return Delivery.objects.select_related(
        "official_account", "author", "approver", "first_approver", "variant__post"
    ).get(pk=delivery.pk)


def locked_with_post(delivery: Delivery) -> Delivery:
    """The post is locked before its delivery, as when a post is edited, so that the two never deadlock."""
    lock_post(delivery)
    return locked_row(delivery)


def lock_post(delivery: Delivery) -> None:
    """Whoever changes the post meanwhile waits."""
    if delivery.variant_id is not None:
        post_id = Variant.objects.values_list("post_id", flat=True).get(pk=delivery.variant_id)
        Post.objects.select_for_update().only("pk").get(pk=post_id)


def hold(row: Delivery, *, actor: Actor, why: str) -> None:
    """A locked delivery waits for a person, with the sentence that says why. A part of the actions here."""
    row.held_why = why[:300]
    take_step(row, "hold", actor=actor, event="delivery.held", why=why, details={"why": why})


def tell_author(row: Delivery, *, what: str, why: str) -> None:
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


def keep_fault(row: Delivery, fault: Fault) -> None:
    """The platform's answer: the sentence for staff, and apart from it the place and the bare answer."""
    row.fault = fault.sentence[:500]
    row.fault_link = fault.link[:500] if fault.link.startswith("https://") else ""
    row.fault_raw = fault.raw[:RAW_LENGTH].replace("\x00", "")


def forget_fault(row: Delivery) -> None:
    row.fault = row.fault_link = row.fault_raw = ""


def take_step(
    row: Delivery,
    step: str,
    *,
    actor: Actor,
    event: str,
    why: str = "",
    details: dict[str, Any] | None = None,
    changed: Sequence[str] | None = None,
) -> None:
    """One step of the workflow, with its line in the story and its entry in the trail.

    changed: the columns that differ, where the row is locked and they are known; else all are written."""
    row.state = DELIVERY.next(row.state, step)
    if changed is None:
        row.save()
    else:
        change_one(Delivery, row.pk, {name: getattr(row, name) for name in ("state", *changed)}, {})
    note_step(row, actor=actor, event=event, why=why, details=details)


def take_step_if(
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
    note_step(row, actor=actor, event=event)


def note_step(
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


def publish_if_done(row: Delivery) -> None:
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
