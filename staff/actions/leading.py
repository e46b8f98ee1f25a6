"""Who leads a team: they answer for what its people may do, and take over from whoever leaves."""

from __future__ import annotations

from django.db.models import Q

from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid
from staff.models import Membership, StaffMember, Team


@action
def lead_team(*, actor: Actor, team: Team, member: StaffMember, leads: bool) -> bool:
    """Somebody of the team leads it, or does no longer. A team may have several leaders.

    Answers False where nothing changed. Raises NotPermitted, NotValid (not in the team).
    Audits team.led.
    """
    if isinstance(actor, StaffMember) and not actor.has_perm("accounts.manage_staff"):
        raise NotPermitted("Teams belong to the service administrators.")
    now = clock.now()
    place = (
        Membership.objects.select_for_update()
        .filter(Q(until=None) | Q(until__gt=now), team=team, member=member, since__lte=now)
        .first()
    )
    if place is None:
        raise NotValid(f"{member.called} is not in the team {team.name}.", field="member")
    if place.leads == leads:
        return False
    place.leads = leads
    place.save(update_fields=["leads"])
    record(
        actor=actor,
        event="team.led",
        subject=member,
        subject_name=member.called,
        details={"team": team.name, "what": "leads" if leads else "leads no longer"},
    )
    return True
