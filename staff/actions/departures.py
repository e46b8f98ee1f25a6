"""How somebody leaves: at once or at an announced time, and who takes over what they left.

At commit, or at the announced second, everything of theirs is refused (StaffMember.hold). Their
open work is found and handed over by a task of each room that keeps some (docs/decisions/0015).
"""

from __future__ import annotations

from datetime import datetime

from django.db import models

from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from staff import queries
from staff.actions.factors import remove_factors
from staff.models import ConductMatter, Departure, Handover, StaffMember

DEPARTURES = System("departures")
"""Who carries out what was announced: the platform, at the announced second."""

PROFESSIONAL_STANDARDS = System("professional standards")
"""Who stands in the trail that others read for a departure of theirs: no officer is named."""


@action
def record_leaver(
    *,
    actor: Actor,
    member: StaffMember,
    why: str,
    kind: str = Departure.Kind.OTHER,
    heir: StaffMember | None = None,
) -> StaffMember:
    """The person has left: at commit their sessions are over and they hold no power any more.

    What they leave open goes to `heir`, by default to whoever leads their team. Their grants are ended
    with an entry each by the register's expiry task. A departure that was announced is carried out now.
    Raises NotPermitted (oneself included), NotValid (no reason, an heir who cannot be one),
    TransitionNotAllowed (left already). Audits staff.member_left.
    """
    _require_manager(actor)
    member = _locked(member)
    _refuse_oneself(actor, member)
    if not member.active:
        raise TransitionNotAllowed(f"{member.called} has been recorded as a leaver already.")
    departure = _described(actor, member, kind=kind, why=why, heir=heir, leaves_at=clock.now())
    leave(actor, member, departure)
    return member


@action
def announce_leaver(
    *,
    actor: Actor,
    member: StaffMember,
    leaves_at: datetime,
    why: str,
    kind: str = Departure.Kind.OTHER,
    heir: StaffMember | None = None,
) -> Departure:
    """The person leaves at a time to come: at that second they are out, with no further step by anybody.

    Announced again, the new time counts. Raises NotPermitted (oneself included), NotValid (no reason,
    a time that has passed, an heir who cannot be one), TransitionNotAllowed (left already).
    Audits staff.leaving_announced.
    """
    _require_manager(actor)
    member = _locked(member)
    _refuse_oneself(actor, member)
    if not member.active:
        raise TransitionNotAllowed(f"{member.called} has been recorded as a leaver already.")
    if leaves_at <= clock.now():
        raise NotValid(
            "That time has passed. Choose a later one, or let them leave at once.", field="leaves_at"
        )
    departure = _described(actor, member, kind=kind, why=why, heir=heir, leaves_at=leaves_at)
    departure.save()
    # An end that was set earlier for another cause, which this page need not know, stays.
    end_access(member)
    record(
        actor=actor,
        event="staff.leaving_announced",
        subject=member,
        subject_name=member.called,
        reason=departure.why,
        details={
            "leaves_at": clock.in_london(leaves_at).strftime("%-d %B %Y at %H:%M"),
            "kind": departure.get_kind_display(),
            "heir": departure.heir.called if departure.heir else None,
        },
    )
    return departure


@action
def call_off(*, actor: Actor, departure: Departure, why: str) -> Departure:
    """The person does not leave after all. Raises NotPermitted, NotValid (no reason), TransitionNotAllowed.

    Audits staff.leaving_called_off.
    """
    _require_manager(actor)
    member = _locked(departure.person)
    departure = Departure.objects.select_for_update().get(pk=departure.pk)
    _refuse_oneself(actor, member)
    if not departure.coming or not member.is_active:
        raise TransitionNotAllowed("This departure is over: it was carried out or called off already.")
    if not why.strip():
        raise NotValid("Say why, in a few words.", field="why")
    departure.called_off_at = clock.now()
    departure.called_off_by = actor if isinstance(actor, StaffMember) else None
    departure.save(update_fields=["called_off_at", "called_off_by"])
    end_access(member)
    record(
        actor=actor,
        event="staff.leaving_called_off",
        subject=member,
        subject_name=member.called,
        reason=why.strip(),
    )
    return departure


@action
def carry_out(*, actor: Actor = DEPARTURES, member: StaffMember) -> bool:
    """Somebody whose time has come is recorded as a leaver. Answers False where another did it meanwhile.

    Their access ended at that second whether or not this ran. Audits staff.member_left.
    """
    found = StaffMember.objects.alone(member.pk)
    if not found.active or found.is_active:
        return False
    at = clock.now()
    matter = ConductMatter.objects.filter(person=found, kind=ConductMatter.Kind.AT_TIME, act_at__lte=at)
    if due := matter.filter(carried_out_at=None, ended_at=None).first():
        leave(PROFESSIONAL_STANDARDS, found, of_conduct(found, heir=due.heir, leaves_at=due.act_at or at))
        return True
    departure = coming(found)
    if departure is None or departure.leaves_at > at:
        return False
    leave(actor, found, departure)
    return True


@action
def note_handover(
    *,
    actor: Actor,
    departure: Departure,
    heir: StaffMember | None,
    subject: models.Model,
    subject_name: str,
    what_next: str,
    link: str = "",
    official_account_id: int | None = None,
) -> Handover:
    """One piece of what a leaver left stands in the list of who takes it over. Audits staff.work_handed_over."""
    handover = Handover.objects.create(
        departure=departure,
        heir=heir,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        subject_name=subject_name[:200],
        what_next=what_next[:300],
        link=link,
        at=clock.now(),
    )
    record(
        actor=actor,
        event="staff.work_handed_over",
        subject=subject,
        subject_name=subject_name,
        official_account_id=official_account_id,
        details={"leaver": departure.person.called, "heir": heir.called if heir else "nobody"},
    )
    return handover


# What the actions share.


def leave(actor: Actor, member: StaffMember, departure: Departure) -> None:
    """The locked person has left by this departure. A part of the actions here and of those on conduct."""
    at = clock.now()
    member.enhanced_audit = False
    member.active = False
    member.left_at = at
    member.authentication_epoch += 1
    member.set_unusable_password()
    member.save(update_fields=["active", "left_at", "authentication_epoch", "password", "enhanced_audit"])
    ConductMatter.objects.filter(person=member, carried_out_at=None, ended_at=None).update(carried_out_at=at)
    remove_factors(member)
    departure.carried_out_at = at
    departure.save()
    record(
        actor=actor,
        event="staff.member_left",
        subject=member,
        subject_name=member.called,
        reason=departure.why or departure.get_kind_display(),
        details={"kind": departure.get_kind_display()},
    )


def _described(
    actor: Actor,
    member: StaffMember,
    *,
    kind: str,
    why: str,
    heir: StaffMember | None,
    leaves_at: datetime,
) -> Departure:
    """The coming departure of the person, or a new one, saying this; not saved."""
    if not why.strip():
        raise NotValid("Say why, in a few words, such as “Resigned, last day today”.", field="why")
    if kind not in Departure.Kind.values or kind == Departure.Kind.CONDUCT:
        raise NotValid("Choose how they leave.", field="kind")
    check_heir(member, heir)
    departure = coming(member) or Departure(person=member, recorded_at=clock.now())
    departure.kind = Departure.Kind(kind)
    departure.why = why.strip()
    departure.recorded_by = actor if isinstance(actor, StaffMember) else None
    departure.leaves_at = leaves_at
    departure.heir = heir or queries.leader_of(member)
    return departure


def check_heir(member: StaffMember, heir: StaffMember | None) -> None:
    """Refuse somebody who has left, or the leaver, as the one who takes over. Raises NotValid."""
    if heir is None:
        return
    if heir.pk == member.pk or not StaffMember.objects.filter(pk=heir.pk, active=True).exists():
        raise NotValid("Choose somebody else who works here to take over their open work.", field="heir")


def coming(member: StaffMember) -> Departure | None:
    """The departure of the person that is announced and still to come, locked."""
    return (
        Departure.objects.select_for_update()
        .filter(person=member, carried_out_at=None, called_off_at=None)
        .first()
    )


def of_conduct(member: StaffMember, *, heir: StaffMember | None, leaves_at: datetime) -> Departure:
    """The departure of the person as everybody may know it; not saved. It names no officer and no reason."""
    departure = coming(member) or Departure(person=member, recorded_at=clock.now())
    departure.kind = Departure.Kind.CONDUCT
    departure.why = ""
    departure.recorded_by = None
    departure.leaves_at = leaves_at
    departure.heir = heir or departure.heir or queries.leader_of(member)
    return departure


def end_access(member: StaffMember) -> None:
    """Somebody's access ends with the first departure that is announced or set. A part of the actions."""
    departure = coming(member)
    ends = [departure.leaves_at] if departure is not None else []
    ends += [
        matter.act_at
        for matter in ConductMatter.objects.filter(
            person=member, kind=ConductMatter.Kind.AT_TIME, carried_out_at=None, ended_at=None
        )
        if matter.act_at is not None
    ]
    member.access_until = min(ends, default=None)
    member.save(update_fields=["access_until"])


def _locked(member: StaffMember) -> StaffMember:
    return StaffMember.objects.alone(member.pk)


def _refuse_oneself(actor: Actor, member: StaffMember) -> None:
    if actor.actor_kind == "staff" and actor.actor_id == member.pk:
        raise NotPermitted("You cannot record that you left yourself. Ask another administrator.")


def _require_manager(actor: Actor) -> None:
    """People need the power, which accounts.backend reads from live grants; the platform does not."""
    if isinstance(actor, StaffMember) and not actor.has_perm("accounts.manage_staff"):
        raise NotPermitted(
            "Adding staff members and recording leavers belongs to the service administrators."
        )
