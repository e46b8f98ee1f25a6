"""Telling staff, sending what must reach them away from the screen, and noting what they saw."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import IntegrityError, transaction

from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from notices.models import Notice, NoticeDelivery
from staff.models import StaffMember

SENT_BY_EMAIL = frozenset({Notice.Urgency.PAGE, Notice.Urgency.SOON})
"""Urgencies that leave the platform; the others wait on the notices page."""

MOST_TRIES = 5
WAIT_AFTER_TRY_S = (5, 20, 60, 300)
"""Seconds until the next try after the first, second, third and fourth failed one."""

LEASE = timedelta(seconds=60)
"""How long one try may take before another worker takes the delivery over (EMAIL_TIMEOUT is 10 s)."""


@action
def notify(
    *,
    actor: Actor,
    to: Iterable[StaffMember],
    urgency: str,
    title: str,
    body: str = "",
    link: str = "",
    key: str = "",
) -> list[Notice]:
    """Each person is told once per occasion; what is urgent goes out by e-mail as well.

    Title and body name things and never hold the public's words: they may travel by e-mail.
    link: an address on this platform ("/cases/7/"). key: names the occasion; the same person is
    told once per key, and a second call changes nothing. Answers one notice per person, the
    earlier one where they had been told already. Somebody who has left is not told, nor is
    a service identity.
    Audits notice.given for those newly told.
    """
    if link and (not link.startswith("/") or link.startswith("//")):
        raise ValueError("A notice links to a page of this platform, by a path.")
    notices: list[Notice] = []
    told: list[StaffMember] = []
    for person in {
        person.pk: person for person in to if person.active and person.kind == person.Kind.PERSON
    }.values():
        notice = Notice(
            to=person,
            urgency=Notice.Urgency(urgency),
            title=_one_line(title, 160),
            body=_one_line(body, 600),
            link=link,
            key=key,
            created_at=clock.now(),
        )
        try:
            with transaction.atomic():
                notice.save(force_insert=True)
        except IntegrityError:
            notices.append(Notice.objects.get(to=person, key=key))
            continue
        if notice.urgency in SENT_BY_EMAIL:
            NoticeDelivery.objects.create(notice=notice, due_at=notice.created_at)
        notices.append(notice)
        told.append(person)
    if told:
        record(
            actor=actor,
            event="notice.given",
            subject_name=", ".join(person.called for person in told),
            details={"title": _one_line(title, 160), "urgency": str(urgency), "people": len(told)},
        )
    return notices


@action
def see(*, actor: StaffMember, notices: Iterable[Notice] | None = None) -> int:
    """The person has seen these notices of theirs, or all of theirs. Others' notices are left alone.

    Answers how many were new to them. Audits notice.seen, once, where there were any.
    """
    waiting = Notice.objects.select_for_update().filter(to=actor, seen_at=None)
    if notices is not None:
        waiting = waiting.filter(pk__in=[notice.pk for notice in notices])
    ids = list(waiting.values_list("pk", flat=True))
    if ids:
        Notice.objects.filter(pk__in=ids).update(seen_at=clock.now())
        record(actor=actor, event="notice.seen", details={"notices": len(ids)})
    return len(ids)


@action
def claim_due(*, actor: Actor, most: int = 50) -> list[NoticeDelivery]:
    """Deliveries that are due are taken for one try each; nobody else takes them for LEASE.

    The try is counted before anything leaves, so a worker that dies has used it up. One whose
    tries are used up is failed here. Audits notice.failed for those.
    """
    at = clock.now()
    due = list(
        NoticeDelivery.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("notice__to")
        .filter(state=NoticeDelivery.State.WAITING, due_at__lte=at)
        .order_by("due_at", "id")[:most]
    )
    taken = []
    for delivery in due:
        if delivery.tries >= MOST_TRIES or not delivery.notice.to.active:
            _fail(actor, delivery)
            continue
        delivery.tries += 1
        delivery.due_at = at + LEASE
        delivery.save(update_fields=["tries", "due_at"])
        taken.append(delivery)
    return taken


@action
def record_sent(*, actor: Actor, delivery: NoticeDelivery) -> NoticeDelivery:
    """The notice left by this channel. Audits notice.sent."""
    delivery = _locked(delivery)
    if delivery.state != NoticeDelivery.State.WAITING:
        return delivery
    delivery.state = NoticeDelivery.State.SENT
    delivery.sent_at = clock.now()
    delivery.save(update_fields=["state", "sent_at"])
    record(
        actor=actor,
        event="notice.sent",
        subject=delivery.notice,
        subject_name=delivery.notice.to.called,
        details={"channel": delivery.channel, "title": delivery.notice.title},
    )
    return delivery


@action
def record_fault(*, actor: Actor, delivery: NoticeDelivery) -> NoticeDelivery:
    """This try came to nothing: it is tried again later, or has failed for good after MOST_TRIES.

    Audits notice.failed when it is given up.
    """
    delivery = _locked(delivery)
    if delivery.state != NoticeDelivery.State.WAITING:
        return delivery
    if delivery.tries >= MOST_TRIES:
        return _fail(actor, delivery)
    delivery.due_at = clock.now() + timedelta(seconds=WAIT_AFTER_TRY_S[max(delivery.tries, 1) - 1])
    delivery.save(update_fields=["due_at"])
    return delivery


def _fail(actor: Actor, delivery: NoticeDelivery) -> NoticeDelivery:
    delivery.state = NoticeDelivery.State.FAILED
    delivery.save(update_fields=["state"])
    record(
        actor=actor,
        event="notice.failed",
        subject=delivery.notice,
        subject_name=delivery.notice.to.called,
        details={"channel": delivery.channel, "tries": delivery.tries, "title": delivery.notice.title},
    )
    return delivery


def _locked(delivery: NoticeDelivery) -> NoticeDelivery:
    return (
        NoticeDelivery.objects.select_for_update(of=("self",))
        .select_related("notice__to")
        .get(pk=delivery.pk)
    )


def _one_line(text: str, longest: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"
