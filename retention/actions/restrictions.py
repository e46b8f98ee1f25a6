"""Restrictions: a record is kept from sight and from change, and not erased; and transfers into other systems."""

from __future__ import annotations

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from core.typed import reason as typed_reason
from retention import manifests, registry
from retention.models import Restriction, Transfer
from staff.models import StaffMember
from staff.roles import Power


@action
def restrict(*, actor: StaffMember, subject_type: str, subject_id: int, ground: str, why: str) -> Restriction:
    """A record is kept from sight and from change from now on, and stays until two people have looked at it.

    Source: DPA 2018 s.47(2) and (3), UK GDPR art. 18. Raises NotPermitted, NotFound, NotValid (a kind that cannot be
    restricted, or no reason), TransitionNotAllowed (restricted already). Audits record.restricted.
    """
    require(actor, Power.MANAGE_RETENTION)
    why = typed_reason(why, "Say why, e.g. the number of the request or the investigation.", most=400)
    if ground not in Restriction.Ground or ground == Restriction.Ground.AUTHOR:
        raise NotValid("Choose on what ground it is restricted.", field="ground")
    return _restrict(actor, subject_type, subject_id, ground, why)


@action
def restrict_for_request(
    *, actor: StaffMember, subject_type: str, subject_id: int, ground: str, why: str
) -> Restriction:
    """Two people granted a request, and so the record is restricted. Whoever agreed to it is the actor.

    Source: UK GDPR art. 18, DPA 2018 s.47(3). Raises NotPermitted, NotFound, NotValid, TransitionNotAllowed (restricted
    already). Audits record.restricted.
    """
    require(actor, Power.HANDLE_REQUESTS)
    return _restrict(actor, subject_type, subject_id, ground, why)


@action
def restrict_deleted(*, actor: Actor, subject_type: str, subject_id: int) -> Restriction:
    """What its author deleted is kept from sight at once, until its class disposes of it. Audits record.restricted."""
    return _restrict(
        actor, subject_type, subject_id, Restriction.Ground.AUTHOR, "Its author deleted it on the platform"
    )


def _restrict(actor: Actor, subject_type: str, subject_id: int, ground: str, why: str) -> Restriction:
    subject, found = registry.subject(subject_type), registry.lock(subject_type, subject_id)
    if subject.restrict is None:
        raise NotValid(
            f"A {subject.noun.lower()} cannot be restricted here. Place a hold on it.", field="subject_type"
        )
    if Restriction.objects.filter(subject_type=subject_type, subject_id=subject_id, lifted_at=None).exists():
        raise TransitionNotAllowed(f"{registry.name_of(found)} is restricted already.")
    made = Restriction.objects.create(
        subject_type=subject_type,
        subject_id=subject_id,
        subject_name=registry.name_of(found),
        ground=ground,
        why=why,
        was=subject.restrict(found),
        at=clock.now(),
        by=actor if isinstance(actor, StaffMember) else None,
    )
    record(
        actor=actor,
        event="record.restricted",
        subject=found,
        subject_name=made.subject_name,
        reason=why,
        details={"ground": ground, "restriction": made.pk},
        manifest=manifests.of_row(made),
    )
    return made


@action
def lift(*, actor: StaffMember, restriction: Restriction, why: str) -> Restriction:
    """The restriction ends, and the record stands in sight again as it did before.

    Source: DPA 2018 s.48(10): the person is told before a restriction is lifted.
    Raises NotPermitted (whoever restricted it does not lift it alone), NotFound (the record is gone), NotValid,
    TransitionNotAllowed. Audits restriction.lifted.
    """
    require(actor, Power.MANAGE_RETENTION)
    why = typed_reason(why, "Say why, and that the person was told (DPA 2018 s.48(10)).", most=400)
    subject = registry.subject(restriction.subject_type)
    found = registry.lock(restriction.subject_type, restriction.subject_id)
    restriction = Restriction.objects.select_for_update().get(pk=restriction.pk)
    if restriction.lifted_at is not None:
        raise TransitionNotAllowed(f"The {restriction} was lifted already.")
    if restriction.by_id == actor.pk:
        raise NotPermitted("You restricted it, so somebody else has to lift it.")
    restriction.lifted_at, restriction.lifted_by, restriction.lifted_why = clock.now(), actor, why
    restriction.save(update_fields=["lifted_at", "lifted_by", "lifted_why"])
    if subject.restore is not None:
        subject.restore(found, restriction.was)
    record(
        actor=actor,
        event="restriction.lifted",
        subject=restriction,
        subject_name=restriction.subject_name,
        reason=why,
        details={"record": f"{restriction.subject_type} {restriction.subject_id}"},
        manifest=manifests.of_row(restriction),
    )
    return restriction


@action
def open_restricted(*, actor: StaffMember, restriction: Restriction, why: str) -> list[tuple[str, str]]:
    """Somebody who may reads a restricted record: what it says, as names and values. Audited before it is shown.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (the record is gone). Audits restriction.opened.
    """
    require(actor, Power.MANAGE_RETENTION)
    why = typed_reason(why, "Say why you read it, e.g. the number of the request.", most=300)
    subject = registry.subject(restriction.subject_type)
    found = registry.rows_of(restriction.subject_type).filter(pk=restriction.subject_id).first()
    if found is None or subject.snapshot is None:
        raise TransitionNotAllowed("The record is gone: its period is over and it was disposed of.")
    record(
        actor=actor,
        event="restriction.opened",
        subject=restriction,
        subject_name=restriction.subject_name,
        reason=why,
        shown_ids=[restriction.subject_id],
        details={"record": f"{restriction.subject_type} {restriction.subject_id}"},
    )
    return subject.snapshot(found)


@action
def record_transfer(
    *,
    actor: StaffMember,
    subject_type: str,
    subject_id: int,
    system: str,
    receiver: str,
    reference: str,
    why: str,
) -> Transfer:
    """A record was taken over into another system, and who received it there.

    Source: DPA 2018 s.62(3): a disclosure is logged with its recipient.
    Raises NotPermitted, NotFound, NotValid. Audits record.transferred.
    """
    require(actor, Power.MANAGE_RETENTION)
    found = registry.lock(subject_type, subject_id)
    why = typed_reason(why, "Say why it was passed on.", most=300)
    if system not in Transfer.System:
        raise NotValid("Choose the system.", field="system")
    for field, value in (("receiver", receiver), ("reference", reference)):
        if not value.strip():
            raise NotValid(
                "Say who received it there." if field == "receiver" else "Give its number there.", field=field
            )
    made = Transfer.objects.create(
        subject_type=subject_type,
        subject_id=subject_id,
        subject_name=registry.name_of(found),
        system=system,
        receiver=receiver.strip()[:160],
        reference=reference.strip()[:60],
        why=why,
        at=clock.now(),
        by=actor,
    )
    record(
        actor=actor,
        event="record.transferred",
        subject=found,
        subject_name=made.subject_name,
        reason=why,
        details={"system": made.get_system_display(), "receiver": made.receiver, "reference": made.reference},
    )
    return made
