"""Offering records to an archive: marked, handed over as one file, and what the archive said."""

from __future__ import annotations

from collections.abc import Collection

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotValid, TransitionNotAllowed
from core.typed import reason as typed_reason
from retention import archiving, queries, registry
from retention.models import ArchivedRecord, ArchiveOffer
from staff.models import StaffMember
from staff.roles import Power

State = ArchiveOffer.State
MOST = 200
"""Records of one offer: its file is made in one go."""


@action
def offer(*, actor: StaffMember, reviews: Collection[int], archive: str, why: str) -> ArchiveOffer:
    """Records that reviews marked for the archive are offered to one. They are kept until it has answered.

    reviews: numbers of the reviews. Raises NotPermitted, NotValid (none or too many chosen, one that is not marked or
    is offered already, no archive, no reason). Audits archive.offered.
    """
    require(actor, Power.MANAGE_RETENTION)
    why = typed_reason(why, "Say why it is of historical value, in a sentence.", most=400)
    if not archive.strip():
        raise NotValid("Say which archive, e.g. the county record office.", field="archive")
    if not reviews or len(reviews) > MOST:
        raise NotValid(f"Choose from 1 to {MOST} records.", field="reviews")
    chosen = list(queries.for_the_archive(actor).filter(pk__in=reviews).order_by("pk"))
    if len(chosen) != len(set(reviews)):
        raise NotValid(
            "One of these is not marked for the archive any more, or is offered already.", field="reviews"
        )
    for one in chosen:
        registry.lock(one.subject_type, one.subject_id)
    made = ArchiveOffer(archive=archive.strip()[:160], why=why, made_at=clock.now(), made_by=actor)
    records = [
        ArchivedRecord(
            offer=made,
            subject_type=one.subject_type,
            subject_id=one.subject_id,
            subject_name=one.subject_name,
        )
        for one in chosen
    ]
    made.digest = archiving.digest(archiving.contents(made, records)[0])
    made.save()
    ArchivedRecord.objects.bulk_create(records)
    record(
        actor=actor,
        event="archive.offered",
        subject=made,
        subject_name=made.archive,
        reason=why,
        shown_ids=[one.subject_id for one in chosen],
        details={"count": len(chosen), "sha256": made.digest},
    )
    return made


@action
def hand_over(*, actor: StaffMember, offer: ArchiveOffer) -> bytes:
    """The file of an offer, for the archive. Raises NotPermitted. Audits archive.handed_over (a disclosure, to whom)."""
    require(actor, Power.MANAGE_RETENTION)
    packed = archiving.packed(offer)
    record(
        actor=actor,
        event="archive.handed_over",
        subject=offer,
        subject_name=offer.archive,
        details={"to": offer.archive, "sha256": offer.digest},
    )
    return packed


@action
def answer(*, actor: StaffMember, offer: ArchiveOffer, taken: bool, reference: str = "") -> ArchiveOffer:
    """The archive took the records over or did not: either way each is reviewed again, to be kept here or disposed of.

    reference: under what number they stand there. Raises NotPermitted, NotValid (taken without a number),
    TransitionNotAllowed (answered already). Audits archive.answered.
    """
    require(actor, Power.MANAGE_RETENTION)
    offer = ArchiveOffer.objects.select_for_update().get(pk=offer.pk)
    if offer.state != State.OFFERED:
        raise TransitionNotAllowed(f"{offer} is {offer.get_state_display().lower()} already.")
    if taken and not reference.strip():
        raise NotValid("Give the number under which it stands there.", field="reference")
    offer.state = State.TAKEN if taken else State.DECLINED
    offer.reference, offer.answered_at, offer.answered_by = reference.strip()[:60], clock.now(), actor
    offer.save()
    record(
        actor=actor,
        event="archive.answered",
        subject=offer,
        subject_name=offer.archive,
        details={"answer": offer.get_state_display(), "reference": offer.reference},
    )
    return offer
