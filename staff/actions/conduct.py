"""What professional standards decide about somebody's access. Every entry of it is restricted.

Source: the force's professional standards choose case by case whether somebody leaves at once, at a
set time so that they are not warned, or keeps their access under a covert enhanced audit.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from audit.actions import record
from core import clock, context
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from staff.actions.departures import PROFESSIONAL_STANDARDS, check_heir, end_access, leave, of_conduct
from staff.models import ConductMatter, ConductRequest, ConductSpan, StaffMember

LONGEST = 4000
SEALED_FOR = timedelta(days=8)
"""How long each request is part of the hourly hash."""


@action
def decide(
    *,
    actor: StaffMember,
    member: StaffMember,
    kind: str,
    why: str,
    act_at: datetime | None = None,
    heir: StaffMember | None = None,
) -> ConductMatter:
    """The person leaves at once, at a set time without being warned, or is watched and keeps their access.

    Nobody but professional standards learns of it before it is carried out, and never why.
    Raises NotPermitted (oneself included), NotValid (no reason, no or a past time, an heir who cannot
    be one), TransitionNotAllowed (has left; such a matter is open already).
    Audits conduct.decided; staff.member_left for one who leaves at once.
    """
    _require(actor)
    member = StaffMember.objects.alone(member.pk)
    if member.pk == actor.pk:
        raise NotPermitted("You cannot decide on a matter of your own. Ask a colleague.")
    if not member.is_active:
        raise TransitionNotAllowed(f"{member.called} has left already.")
    if kind not in ConductMatter.Kind.values:
        raise NotValid("Choose what is to happen.", field="kind")
    why = why.strip()
    if not why:
        raise NotValid("Say why. Only professional standards can read it.", field="why")
    if len(why) > LONGEST:
        raise NotValid(f"Keep the reason under {LONGEST:,} characters.", field="why")
    at = clock.now()
    if kind == ConductMatter.Kind.AT_TIME and (act_at is None or act_at <= at):
        raise NotValid("Set a time that is still to come, or let them leave at once.", field="act_at")
    check_heir(member, heir)
    if _open(member).filter(kind=kind).exists():
        raise TransitionNotAllowed(
            f"There is an open matter of this kind about {member.called} already. End that one first."
        )
    matter = ConductMatter.objects.create(
        person=member,
        kind=ConductMatter.Kind(kind),
        why=why,
        decided_by=actor,
        decided_at=at,
        act_at=act_at if kind == ConductMatter.Kind.AT_TIME else None,
        heir=heir,
    )
    record(
        actor=actor,
        event="conduct.decided",
        subject=member,
        subject_name=member.called,
        reason=why,
        details={
            "matter": matter.pk,
            "what": matter.get_kind_display(),
            "at": matter.act_at.isoformat() if matter.act_at else None,
        },
    )
    if kind == ConductMatter.Kind.AT_ONCE:
        leave(PROFESSIONAL_STANDARDS, member, of_conduct(member, heir=heir, leaves_at=at))
        matter.refresh_from_db()
    elif kind == ConductMatter.Kind.AT_TIME:
        end_access(member)
    else:
        member.enhanced_audit = True
        member.save(update_fields=["enhanced_audit"])
    return matter


@action
def end_matter(*, actor: StaffMember, matter: ConductMatter, why: str) -> ConductMatter:
    """The set time counts no longer, or the covert audit is over. The person never learns that there was one.

    Raises NotPermitted (one's own), NotValid (no reason), TransitionNotAllowed (over already).
    Audits conduct.ended.
    """
    _require(actor)
    member = StaffMember.objects.alone(matter.person_id)
    matter = ConductMatter.objects.select_for_update().get(pk=matter.pk)
    if member.pk == actor.pk:
        raise NotPermitted("You cannot decide on a matter of your own. Ask a colleague.")
    if not matter.open or not member.is_active:
        raise TransitionNotAllowed("This matter is over already.")
    if not why.strip():
        raise NotValid("Say why it ends. Only professional standards can read it.", field="why")
    matter.ended_at, matter.ended_by, matter.ended_why = clock.now(), actor, why.strip()[:LONGEST]
    matter.save(update_fields=["ended_at", "ended_by", "ended_why"])
    if matter.kind == ConductMatter.Kind.COVERT:
        member.enhanced_audit = False
        member.save(update_fields=["enhanced_audit"])
    end_access(member)
    record(
        actor=actor,
        event="conduct.ended",
        subject=member,
        subject_name=member.called,
        reason=matter.ended_why,
        details={"matter": matter.pk, "what": matter.get_kind_display()},
    )
    return matter


@action
def close_matter(*, actor: StaffMember, matter: ConductMatter, why: str) -> ConductMatter:
    """Somebody who left may be brought back from now on, as far as this matter goes.

    Raises NotPermitted (one's own), NotValid (no reason), TransitionNotAllowed (not carried out, closed
    already). Audits conduct.closed.
    """
    _require(actor)
    matter = ConductMatter.objects.select_for_update(of=("self",)).select_related("person").get(pk=matter.pk)
    if matter.person_id == actor.pk:
        raise NotPermitted("You cannot decide on a matter of your own. Ask a colleague.")
    if matter.carried_out_at is None or matter.closed_at is not None:
        raise TransitionNotAllowed("There is nothing to close: they have not left by it, or it is closed.")
    if not why.strip():
        raise NotValid("Say why it is closed. Only professional standards can read it.", field="why")
    matter.closed_at, matter.closed_by, matter.closed_why = clock.now(), actor, why.strip()[:LONGEST]
    matter.save(update_fields=["closed_at", "closed_by", "closed_why"])
    record(
        actor=actor,
        event="conduct.closed",
        subject=matter.person,
        subject_name=matter.person.called,
        reason=matter.closed_why,
        details={"matter": matter.pk, "what": matter.get_kind_display()},
    )
    return matter


@action
def take_trail(
    *, actor: StaffMember, matter: ConductMatter, since: datetime, until: datetime, why: str
) -> ConductSpan:
    """What the person did in that time belongs to the matter: professional standards read it on its page.

    Nobody assigns it to them, so nobody else learns of the matter. Bounded to the person of an open or
    carried out matter, and to half a year at a time of what is over. Raises NotPermitted (one's own),
    NotValid, TransitionNotAllowed (ended or closed). Audits conduct.trail_taken.
    """
    _require(actor)
    matter = ConductMatter.objects.select_for_update(of=("self",)).select_related("person").get(pk=matter.pk)
    if matter.person_id == actor.pk:
        raise NotPermitted("You cannot decide on a matter of your own. Ask a colleague.")
    if matter.ended_at is not None or matter.closed_at is not None:
        raise TransitionNotAllowed(
            "This matter is over. Decide on it anew before you take more of the trail."
        )
    at, why = clock.now(), why.strip()
    if not why:
        raise NotValid("Say why. Only professional standards can read it.", field="why")
    if len(why) > LONGEST:
        raise NotValid(f"Keep the reason under {LONGEST:,} characters.", field="why")
    if since >= until:
        raise NotValid("The time looked into ends before it begins.", field="until")
    if until > at:
        raise NotValid(
            "Choose a time that is over. What is still to come is on this page by itself.", field="until"
        )
    if until - since > ConductSpan.LONGEST:
        raise NotValid("Take half a year (184 days) at most. A longer time is taken in parts.", field="since")
    taken = ConductSpan.objects.create(
        matter=matter, since=since, until=until, why=why, taken_by=actor, taken_at=at
    )
    record(
        actor=actor,
        event="conduct.trail_taken",
        subject=matter.person,
        subject_name=matter.person.called,
        reason=why,
        details={"matter": matter.pk, "since": since.isoformat(), "until": until.isoformat()},
    )
    return taken


@action
def note_request(*, actor: StaffMember, route: str, method: str, about: dict[str, str]) -> ConductRequest:
    """One request of somebody under enhanced audit: which page, how, about which records.

    Never what they typed. The trail takes it in with the next `seal_requests`.
    """
    return ConductRequest.objects.create(
        person=actor,
        at=clock.now(),
        page=route[:120],
        method=method[:10],
        about=about,
        request_id=context.request_id(),
        source_address=context.source_address(),
    )


@action
def seal_requests(*, actor: Actor) -> None:
    """What was requested under covert audit within the last eight days stands in the trail as one keyed hash.

    Each hour has one entry, whether or not anybody is under audit, so that it tells nothing by being
    there; the hash of an hour without requests cannot be told from any other. Audits conduct.requests_sealed.
    """
    at = clock.now()
    record(
        actor=actor,
        event="conduct.requests_sealed",
        details={"until": at.isoformat(), "hash": hash_of_requests(at)},
    )


def hash_of_requests(until: datetime) -> str:
    """The keyed hash of the requests of the eight days before an instant, in the order of their numbers."""
    rows = ConductRequest.objects.filter(at__gte=until - SEALED_FOR, at__lte=until).order_by("pk")
    told = [until.isoformat()] + [
        [
            row.pk,
            row.person_id,
            row.at.isoformat(),
            row.page,
            row.method,
            row.about,
            row.request_id,
            row.source_address,
        ]
        for row in rows
    ]
    return salted_hmac("staff.conduct", json.dumps(told, sort_keys=True), algorithm="sha256").hexdigest()


@action
def note_viewed(*, actor: StaffMember, member: StaffMember | None = None, what: str) -> None:
    """Somebody of professional standards looked. Audits conduct.viewed."""
    _require(actor)
    record(
        actor=actor,
        event="conduct.viewed",
        subject=member,
        subject_name=member.called if member else "",
        details={"what": what},
    )


def _open(member: StaffMember):
    return ConductMatter.objects.filter(person=member, carried_out_at=None, ended_at=None)


def _require(actor: StaffMember) -> None:
    if not actor.has_perm("accounts.handle_conduct"):
        raise NotPermitted("This belongs to professional standards.")
