"""Telling staff, sending what must reach them away from the screen, and noting what they saw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, When

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

QUICK_WAIT_AFTER_TRY_S = (2, 5, 10, 20)
"""The same for pages: whoever is called has two minutes, and a way that fails is a reason to call on."""

FIRST_CHECK, LAST_CHECK = timedelta(seconds=5), timedelta(hours=72)
"""When a provider is first asked whether it arrived, and until when it is asked at all."""

_WHOLE = frozenset({NoticeDelivery.Channel.EMAIL, NoticeDelivery.Channel.WEBHOOK})
"""Channels that can hand over a structured message."""

_IN_CONFIDENCE = {
    "notice.given": "notice.given_in_confidence",
    "notice.sent": "notice.sent_in_confidence",
    "notice.arrived": "notice.arrived_in_confidence",
    "notice.failed": "notice.failed_in_confidence",
    "notice.sent_again": "notice.sent_again_in_confidence",
}
"""How the trail calls what is done with a notice that is in confidence."""

LEASE = timedelta(seconds=60)
"""How long one try may take before another worker takes the delivery over (EMAIL_TIMEOUT is 10 s)."""


@dataclass(frozen=True)
class Attachment:
    """A file that goes along with an e-mail. name: with its ending ("daily-brief.pdf")."""

    name: str
    content: bytes


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
    ways: Sequence[str] = (NoticeDelivery.Channel.EMAIL,),
    texts: Mapping[int, str] | None = None,
    in_confidence: bool = False,
    attachments: Mapping[int, Attachment] | None = None,
) -> list[Notice]:
    """Each person is told once per occasion; what is urgent goes out by e-mail as well.

    ways: by which channels what is urgent leaves beside the page. texts: what a text says, by the id of the
    staff member, where it is not title and body. attachments: what goes along by e-mail, by the same id.

    Title and body name things and never hold the public's words: they may travel by e-mail.
    link: an address on this platform ("/cases/7/"). key: names the occasion; the same person is
    told once per key, and a second call changes nothing. Answers one notice per person, the
    earlier one where they had been told already. Somebody who has left is not told, nor is
    a service identity. in_confidence: nobody but them is to know that they were told, so the trail's entries
    about it are those that professional standards alone read.
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
            in_confidence=in_confidence,
            created_at=clock.now(),
        )
        try:
            with transaction.atomic():
                notice.save(force_insert=True)
        except IntegrityError:
            notices.append(Notice.objects.get(to=person, key=key))
            continue
        if notice.urgency in SENT_BY_EMAIL:
            for way in dict.fromkeys(ways):
                words = (texts or {}).get(person.pk, "") if way == NoticeDelivery.Channel.SMS else ""
                along = (attachments or {}).get(person.pk) if way == NoticeDelivery.Channel.EMAIL else None
                NoticeDelivery.objects.create(
                    notice=notice,
                    channel=way,
                    words=_one_line(words, 600),
                    attachment_name=along.name if along else "",
                    attachment=along.content if along else None,
                    due_at=notice.created_at,
                )
        notices.append(notice)
        told.append(person)
    if told:
        record(
            actor=actor,
            event=_event("notice.given", in_confidence=in_confidence),
            subject_name=", ".join(person.called for person in told),
            details={"title": _one_line(title, 160), "urgency": str(urgency), "people": len(told)},
        )
    return notices


@action
def notify_beyond(
    *,
    actor: Actor,
    name: str,
    urgency: str,
    title: str,
    body: str = "",
    key: str,
    addresses: Mapping[str, str],
    text: str = "",
    payload: Mapping[str, Any] | None = None,
) -> Notice:
    """A post or a channel of the force, which nobody signs in as, is told once per occasion.

    addresses: channel -> number or e-mail address; empty for a channel of the force's own. text: what a text
    says, where it is not title and body. payload: what a webhook or an e-mail hands over whole in place of title
    and body. Answers the earlier notice where it had been told already.
    Audits notice.given for what is new.
    """
    notice = Notice(
        to=None,
        to_name=_one_line(name, 160),
        urgency=Notice.Urgency(urgency),
        title=_one_line(title, 160),
        body=_one_line(body, 600),
        key=key,
        created_at=clock.now(),
    )
    try:
        with transaction.atomic():
            notice.save(force_insert=True)
    except IntegrityError:
        return Notice.objects.get(to=None, to_name=notice.to_name, key=key)
    for channel, address in addresses.items():
        words = _one_line(text, 600) if channel == NoticeDelivery.Channel.SMS else ""
        NoticeDelivery.objects.create(
            notice=notice,
            channel=channel,
            address=address,
            words=words,
            payload=dict(payload) if payload is not None and channel in _WHOLE else None,
            due_at=notice.created_at,
        )
    record(
        actor=actor,
        event="notice.given",
        subject_name=notice.to_name,
        details={"title": notice.title, "urgency": str(urgency), "people": 0},
    )
    return notice


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
def claim_due(*, actor: Actor, most: int = 25, urgency: str = "") -> list[NoticeDelivery]:
    """Deliveries that are due are taken for one try each; nobody else takes them for LEASE.

    Pages come before all else, and what has not been tried yet before what failed: a service that was down for a
    while leaves a long line behind, and whoever is called now does not stand at its end. urgency: of that alone.
    The try is counted before anything leaves, so a worker that dies has used it up. One whose
    tries are used up is failed here. Audits notice.failed for those.
    """
    at = clock.now()
    wanted = {"notice__urgency": urgency} if urgency else {}
    due = list(
        NoticeDelivery.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("notice__to")
        .filter(state=NoticeDelivery.State.WAITING, due_at__lte=at, **wanted)
        .order_by(
            Case(When(notice__urgency=Notice.Urgency.PAGE, then=0), default=1), "tries", "due_at", "id"
        )[:most]
    )
    taken = []
    for delivery in due:
        to = delivery.notice.to
        if to is not None and not to.active:
            _fail(actor, delivery, "They have left.")
            continue
        if delivery.tries >= MOST_TRIES:
            _fail(actor, delivery, delivery.why or "It could not be sent.")
            continue
        delivery.tries += 1
        delivery.due_at = at + LEASE
        delivery.save(update_fields=["tries", "due_at"])
        taken.append(delivery)
    return taken


@action
def send_again(
    *,
    actor: Actor,
    notice: Notice,
    payload: Mapping[str, Any] | None = None,
    attachment: Attachment | None = None,
) -> int:
    """What left or failed goes out anew under the same number: whoever gets it twice can tell.

    payload, attachment: the structured message or the file once more, from the record that keeps it: a delivery lets
    go of its own as soon as it is over. What is on its way is left alone. Answers how many go out.
    Audits notice.sent_again where any does.
    """
    deliveries = list(
        NoticeDelivery.objects.select_for_update(of=("self",))
        .filter(notice=notice)
        .exclude(state=NoticeDelivery.State.WAITING)
    )
    for delivery in deliveries:
        delivery.state, delivery.due_at, delivery.tries = NoticeDelivery.State.WAITING, clock.now(), 0
        delivery.sent_at = delivery.failed_at = delivery.arrived_at = delivery.check_at = None
        delivery.reference = delivery.why = ""
        delivery.payload = dict(payload) if payload is not None and delivery.channel in _WHOLE else None
        along = attachment if delivery.channel == NoticeDelivery.Channel.EMAIL else None
        delivery.attachment_name = along.name if along else ""
        delivery.attachment = along.content if along else None
        delivery.save()
    if deliveries:
        record(
            actor=actor,
            event=_event("notice.sent_again", in_confidence=notice.in_confidence),
            subject=notice,
            subject_name=notice.for_whom,
            details={"title": notice.title},
        )
    return len(deliveries)


@action
def record_sent(*, actor: Actor, delivery: NoticeDelivery, reference: str = "") -> NoticeDelivery:
    """The notice left by this channel. Audits notice.sent.

    reference: what the provider calls it; it is asked later whether it arrived.
    """
    delivery = _locked(delivery)
    if delivery.state != NoticeDelivery.State.WAITING:
        return delivery
    delivery.state = NoticeDelivery.State.SENT
    delivery.sent_at = clock.now()
    delivery.reference = reference[:60]
    delivery.check_at = delivery.sent_at + FIRST_CHECK if reference else None
    delivery.why = ""
    delivery.payload = delivery.attachment = None
    delivery.save(update_fields=["state", "sent_at", "reference", "check_at", "why", "payload", "attachment"])
    _record(actor, "notice.sent", delivery)
    return delivery


@action
def record_fault(
    *, actor: Actor, delivery: NoticeDelivery, why: str = "", for_good: bool = False
) -> NoticeDelivery:
    """This try came to nothing: it is tried again later, or has failed for good after MOST_TRIES.

    why: a sentence for staff. for_good: another try would end alike. Audits notice.failed when it is given up.
    """
    delivery = _locked(delivery)
    if delivery.state != NoticeDelivery.State.WAITING:
        return delivery
    if for_good or delivery.tries >= MOST_TRIES:
        return _fail(actor, delivery, why)
    quick = delivery.notice.urgency == Notice.Urgency.PAGE
    waits = QUICK_WAIT_AFTER_TRY_S if quick else WAIT_AFTER_TRY_S
    delivery.due_at = clock.now() + timedelta(seconds=waits[max(delivery.tries, 1) - 1])
    delivery.why = _one_line(why, 200)
    delivery.save(update_fields=["due_at", "why"])
    return delivery


@action
def claim_checks(*, actor: Actor, most: int = 50) -> list[NoticeDelivery]:
    """Deliveries of which the provider is asked now whether they arrived; nobody else asks for LEASE."""
    at = clock.now()
    due = list(
        NoticeDelivery.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("notice__to")
        .filter(state=NoticeDelivery.State.SENT, check_at__lte=at)
        .order_by("check_at", "id")[:most]
    )
    for delivery in due:
        # Asked again after as long as it is under way already: 5 s, 10 s, 20 s … and no more after three days.
        age = at - (delivery.sent_at or at)
        delivery.check_at = at + max(FIRST_CHECK, age) if age < LAST_CHECK else None
        delivery.save(update_fields=["check_at"])
    return due


@action
def record_arrival(*, actor: Actor, delivery: NoticeDelivery, fault: str = "") -> NoticeDelivery:
    """The provider says that it arrived, or with `fault` that it never will. Audits notice.arrived or notice.failed."""
    delivery = _locked(delivery)
    if delivery.state != NoticeDelivery.State.SENT or delivery.arrived_at is not None:
        return delivery
    delivery.check_at = None
    if fault:
        delivery.save(update_fields=["check_at"])
        return _fail(actor, delivery, fault)
    delivery.arrived_at = clock.now()
    delivery.save(update_fields=["check_at", "arrived_at"])
    _record(actor, "notice.arrived", delivery)
    return delivery


def _fail(actor: Actor, delivery: NoticeDelivery, why: str) -> NoticeDelivery:
    delivery.state = NoticeDelivery.State.FAILED
    delivery.failed_at = clock.now()
    delivery.why = _one_line(why, 200)
    delivery.payload = delivery.attachment = None
    delivery.save(update_fields=["state", "failed_at", "why", "payload", "attachment"])
    _record(actor, "notice.failed", delivery, tries=delivery.tries)
    return delivery


def _record(actor: Actor, event: str, delivery: NoticeDelivery, **details: Any) -> None:
    notice = delivery.notice
    record(
        actor=actor,
        event=_event(event, in_confidence=notice.in_confidence),
        subject=notice,
        subject_name=notice.for_whom,
        details={"channel": delivery.channel, "title": notice.title, **details},
    )


def _event(event: str, *, in_confidence: bool) -> str:
    return _IN_CONFIDENCE[event] if in_confidence else event


def _locked(delivery: NoticeDelivery) -> NoticeDelivery:
    return (
        NoticeDelivery.objects.select_for_update(of=("self",))
        .select_related("notice__to")
        .get(pk=delivery.pk)
    )


def _one_line(text: str, longest: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"
