"""Roles that are asked for, and moves: the old post's grants end, the new one's are asked for anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts import queries
from accounts.actions import end_grant, give_grant, project_grants
from accounts.models import Grant, GrantRequest, Neighbourhood, OfficialAccount
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from notices.actions import notify
from notices.models import Notice
from staff.actions import teams
from staff.models import StaffMember, Team
from staff.roles import Power, Role


@dataclass(frozen=True)
class Wanted:
    """A role that somebody needs, and over what."""

    role: str
    official_account: OfficialAccount | None = None
    neighbourhood: Neighbourhood | None = None
    until: datetime | None = None


@action
def ask_for_grant(*, actor: Actor, person: StaffMember, wanted: Wanted, why: str) -> GrantRequest:
    """The role waits in the list of those who give grants. One asks for oneself; administrators for anybody.

    Asked again while it waits, it is the same request. Raises NotPermitted, NotValid (no reason,
    unknown role, two scopes, an end that has passed, has left). Audits grant.asked_for.
    """
    if isinstance(actor, StaffMember) and actor.pk != person.pk:
        queries.require(actor, Power.MANAGE_STAFF)
    if wanted.role not in Role.values:
        raise NotValid("Choose a role.", field="role")
    if wanted.official_account is not None and wanted.neighbourhood is not None:
        raise NotValid("Choose an official account or a neighbourhood, not both.", field="official_account")
    if not why.strip():
        raise NotValid("Say what you need it for.", field="why")
    if wanted.until is not None and wanted.until <= clock.now():
        raise NotValid("That end has passed. Choose a later one.", field="until")
    if not person.is_active:
        raise NotValid(f"{person.called} has left the force.", field="person")
    scope = {
        "person": person,
        "role": Role(wanted.role),
        "official_account": wanted.official_account,
        "neighbourhood": wanted.neighbourhood,
    }
    request = GrantRequest(
        **scope,
        until=wanted.until,
        why=" ".join(why.split())[:300],
        asked_by=actor if isinstance(actor, StaffMember) else None,
        asked_at=clock.now(),
    )
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError:
        return GrantRequest.objects.get(**scope, answered_at=None)
    record(
        actor=actor,
        event="grant.asked_for",
        subject=request,
        subject_name=person.called,
        reason=request.why,
        details={"role": request.get_role_display(), "scope": request.scope_name},
    )
    return request


@action
def answer(*, actor: StaffMember, request: GrantRequest, give: bool, why: str) -> GrantRequest:
    """Somebody who gives grants gives what was asked for, or refuses it, with a reason; the person is told.

    Raises NotPermitted (one's own), NotValid (no reason; it overlaps one that is held),
    TransitionNotAllowed (answered already). Audits grant.given, or grant.refused.
    """
    queries.require(actor, Power.GIVE_GRANTS)
    request = (
        GrantRequest.objects.select_for_update(of=("self",))
        .select_related("person", "official_account", "neighbourhood")
        .get(pk=request.pk)
    )
    if request.person_id == actor.pk:
        raise NotPermitted("You cannot answer what you ask for yourself. Ask another administrator.")
    if request.answered_at is not None:
        raise TransitionNotAllowed("This request was answered already.")
    if not give and not why.strip():
        raise NotValid("Say why it is refused: the person reads it.", field="why")
    if give:
        request.grant = give_grant(
            actor=actor,
            person=request.person,
            role=request.role,
            official_account=request.official_account,
            neighbourhood=request.neighbourhood,
            until=request.until,
            why=(why.strip() or f"Asked for: {request.why}")[:300],
        )
    else:
        record(
            actor=actor,
            event="grant.refused",
            subject=request,
            subject_name=request.person.called,
            reason=why.strip(),
            details={"role": request.get_role_display(), "scope": request.scope_name},
        )
    request.answered_by, request.answered_at = actor, clock.now()
    request.answer_why = " ".join(why.split())[:300]
    request.save(update_fields=["grant", "answered_by", "answered_at", "answer_why"])
    said = "You have" if give else "You were not given"
    notify(
        actor=actor,
        to=[request.person],
        urgency=Notice.Urgency.SOON,
        title=f"{said} the role of {request.get_role_display()}",
        body=f"Over {request.scope_name}. {request.answer_why}".strip(),
        key=f"grant request {request.pk}",
    )
    return request


@action
def record_move(
    *,
    actor: StaffMember,
    member: StaffMember,
    why: str,
    rank: str = "",
    team: Team | None = None,
    again: Iterable[Grant] = (),
    wanted: Iterable[Wanted] = (),
) -> list[GrantRequest]:
    """The person has another post: every grant and team place of the old one ends at this second.

    What they need in the new one is asked for anew (`again`: grants of the old post; `wanted`: others)
    and waits for somebody who gives grants. Answers the requests.
    Raises NotPermitted (oneself included), NotValid (no reason, has left).
    Audits staff.moved, grant.ended and team.left for each, team.joined, grant.asked_for for each.
    """
    queries.require(actor, Power.MANAGE_STAFF)
    queries.require(actor, Power.GIVE_GRANTS)
    member = StaffMember.objects.alone(member.pk)
    if member.pk == actor.pk:
        raise NotPermitted("You cannot record a move of your own. Ask another administrator.")
    if not member.is_active:
        raise NotValid(f"{member.called} has left the force.")
    why = " ".join(why.split())
    if not why:
        raise NotValid("Say where they move to.", field="why")
    at = clock.now()
    open_ones = Grant.objects.filter(person=member, expiry_recorded=False)
    old = list(open_ones.filter(Q(until=None) | Q(until__gt=at)).order_by("id"))
    again_ids = {grant.pk for grant in again}
    for grant in old:
        end_grant(actor=actor, grant=grant, why=f"Moved: {why}"[:300])
    for place in queries.live_places(member):
        if team is None or place.team_id != team.pk:
            teams.leave_team(actor=actor, team=place.team, member=member)
    was, member.rank = member.rank, " ".join(rank.split())[:80]
    member.save(update_fields=["rank"])
    if team is not None:
        teams.join_team(actor=actor, team=team, member=member)
    record(
        actor=actor,
        event="staff.moved",
        subject=member,
        subject_name=member.called,
        reason=why,
        details={
            "grants_ended": len(old),
            "rank_was": was,
            "rank": member.rank,
            "team": team.name if team is not None else None,
        },
    )
    project_grants()
    asked = [
        Wanted(grant.role, grant.official_account, grant.neighbourhood, grant.until)
        for grant in old
        if grant.pk in again_ids
    ]
    return [
        ask_for_grant(actor=actor, person=member, wanted=one, why=f"New post: {why}")
        for one in [*asked, *wanted]
    ]
