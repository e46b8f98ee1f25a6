"""Handing a shift over and taking it over: two people, two signatures, each with what stood on the page."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.queries import account_ids, require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from escalation import handover as queries
from escalation.models import Handover, HandoverSignature
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power

NOTE_LENGTH = 4_000


@action
def hand_over(*, actor: StaffMember, incoming: StaffMember, note: str = "") -> Handover:
    """The shift is handed over: the page stands as the outgoing person signed it, and the incoming one is told.

    Raises NotPermitted, NotValid (to oneself, to somebody who cannot take over, a note too long),
    TransitionNotAllowed (an earlier one still waits for its second signature). Audits handover.begun.
    """
    require(actor, Power.SEE_CASES)
    note = note.replace("\r\n", "\n").strip()
    if len(note) > NOTE_LENGTH:
        raise NotValid(f"The note is {len(note):,} characters long; {NOTE_LENGTH:,} fit.", field="note")
    if incoming.pk not in {person.pk for person in queries.incoming_people(actor)}:
        raise NotValid("Choose who takes over: somebody else who works at the desk now.", field="incoming")
    sections = queries.live(actor)
    try:
        with transaction.atomic():
            handover = Handover.objects.create(
                outgoing=actor,
                incoming=incoming,
                note=note,
                official_account_ids=account_ids(actor, Power.SEE_CASES),
                made_at=clock.now(),
            )
    except IntegrityError:
        raise TransitionNotAllowed(
            "Your last handover still waits for its second signature. Withdraw it first, or have it signed."
        ) from None
    _sign(handover, HandoverSignature.Side.OUTGOING, actor, sections)
    _audit(
        actor, "handover.begun", handover, shown_ids=queries.comment_ids(sections), incoming=incoming.called
    )
    notify(
        actor=actor,
        to=[incoming],
        urgency=Notice.Urgency.SOON,
        title=f"{actor.called} hands the shift over to you",
        body="Read what stands now and sign that you have it.",
        link=reverse("escalation:handover", args=[handover.pk]),
        key=f"handover-{handover.pk}",
    )
    return handover


@action
def take_over(*, actor: StaffMember, handover: Handover) -> Handover:
    """The shift is taken over: the page stands as the incoming person signed it, too.

    Raises NotPermitted (it is for somebody else), TransitionNotAllowed (signed or withdrawn). Audits handover.signed.
    """
    locked = _locked(handover)
    if locked.incoming_id != actor.pk:
        raise NotPermitted(f"This shift is handed over to {locked.incoming}, who signs it.")
    _refuse_if_over(locked)
    sections = queries.live(actor)
    _sign(locked, HandoverSignature.Side.INCOMING, actor, sections)
    locked.complete_at = clock.now()
    locked.save(update_fields=["complete_at"])
    _audit(
        actor,
        "handover.signed",
        locked,
        shown_ids=queries.comment_ids(sections),
        outgoing=locked.outgoing.called,
    )
    return locked


@action
def withdraw(*, actor: StaffMember, handover: Handover) -> Handover:
    """A handover that nobody has taken is taken back, e.g. because a colleague takes over instead.

    By the outgoing person or whoever answers for cases. Raises NotPermitted, TransitionNotAllowed. Audits
    handover.withdrawn.
    """
    locked = _locked(handover)
    if locked.outgoing_id != actor.pk:
        require(actor, Power.ACKNOWLEDGE_CASES)
    _refuse_if_over(locked)
    locked.withdrawn_at = clock.now()
    locked.save(update_fields=["withdrawn_at"])
    _audit(actor, "handover.withdrawn", locked, incoming=locked.incoming.called)
    return locked


@action
def note_read(*, actor: StaffMember, handover: Handover | None, shown_ids: list[int]) -> None:
    """Somebody read a handover page, live or kept. Audits handover.viewed (DPA 2018 s.62, consultation)."""
    _audit(actor, "handover.viewed", handover, shown_ids=shown_ids)


def _sign(handover: Handover, side: str, person: StaffMember, sections: list[queries.Section]) -> None:
    HandoverSignature.objects.create(
        handover=handover,
        side=side,
        person=person,
        person_name=person.called,
        at=clock.now(),
        page=queries.as_data(sections),
    )


def _locked(handover: Handover) -> Handover:
    Handover.objects.select_for_update().only("pk").get(pk=handover.pk)
    return Handover.objects.select_related("outgoing", "incoming").get(pk=handover.pk)


def _refuse_if_over(handover: Handover) -> None:
    if handover.complete_at is not None:
        raise TransitionNotAllowed("This handover is signed by both already.")
    if handover.withdrawn_at is not None:
        raise TransitionNotAllowed("This handover was withdrawn.")


def _audit(
    actor: StaffMember,
    event: str,
    handover: Handover | None,
    *,
    shown_ids: list[int] | None = None,
    **details: str,
) -> None:
    record(
        actor=actor,
        event=event,
        subject=handover,
        subject_name=str(handover) if handover is not None else "the handover page",
        shown_ids=shown_ids or [],
        details=details,
    )
