"""Teams, and who is in them from when until when."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q

from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid
from staff.models import Membership, StaffMember, Team

NAME_MOST = 120


@action
def add_team(*, actor: Actor, name: str) -> Team:
    """A team that people can be put into, and that can hold grants.

    Raises NotPermitted, or NotValid (no name, too long, taken). Audits team.added.
    """
    _require_manager(actor)
    team = Team(name=_checked(name))
    try:
        with transaction.atomic():
            team.save(force_insert=True)
    except IntegrityError:
        raise NotValid(f"There is a team called {team.name} already.", field="name") from None
    record(actor=actor, event="team.added", subject=team, subject_name=team.name)
    return team


@action
def rename_team(*, actor: Actor, team: Team, name: str) -> Team:
    """The team goes by another name; its people and grants stay.

    Raises NotPermitted, or NotValid (no name, too long, taken). Audits team.renamed.
    """
    _require_manager(actor)
    team = Team.objects.select_for_update().get(pk=team.pk)
    was, team.name = team.name, _checked(name)
    if was == team.name:
        return team
    try:
        with transaction.atomic():
            team.save(update_fields=["name"])
    except IntegrityError:
        raise NotValid(f"There is a team called {team.name} already.", field="name") from None
    record(actor=actor, event="team.renamed", subject=team, subject_name=team.name, details={"was": was})
    return team


@action
def join_team(*, actor: Actor, team: Team, member: StaffMember, left_too: bool = False) -> bool:
    """The person is in the team, and what the team may do reaches them at once.

    left_too: somebody who has left may be put in as well; it reaches them if they come back.
    Answers False, and changes nothing, where they are in it already. Raises NotPermitted, or NotValid
    (has left). Audits team.joined.
    """
    _require_manager(actor)
    team = Team.objects.select_for_update().get(pk=team.pk)
    if isinstance(actor, StaffMember) and actor.pk == member.pk:
        raise NotPermitted("You cannot put yourself into a team. Ask another administrator.")
    if not left_too and not StaffMember.objects.filter(pk=member.pk, active=True).exists():
        raise NotValid(f"{member.called} has left the force.", field="member")
    at = clock.now()
    if _places(team).filter(member=member).filter(Q(until=None) | Q(until__gt=at)).exists():
        return False
    Membership.objects.create(team=team, member=member, since=at)
    record(
        actor=actor,
        event="team.joined",
        subject=member,
        subject_name=member.called,
        details={"team": team.name},
    )
    return True


@action
def leave_team(*, actor: Actor, team: Team, member: StaffMember) -> bool:
    """The person is no longer in the team, and what it may do reaches them no more.

    Answers False, and changes nothing, where they are not in it. Raises NotPermitted. Audits team.left.
    """
    _require_manager(actor)
    team = Team.objects.select_for_update().get(pk=team.pk)
    at = clock.now()
    ended = _places(team).filter(member=member).filter(Q(until=None) | Q(until__gt=at)).update(until=at)
    if not ended:
        return False
    record(
        actor=actor,
        event="team.left",
        subject=member,
        subject_name=member.called,
        details={"team": team.name},
    )
    return True


def _places(team: Team):
    return Membership.objects.select_for_update().filter(team=team)


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise NotValid("Give the team a name.", field="name")
    if len(name) > NAME_MOST:
        raise NotValid(f"A name has at most {NAME_MOST} characters.", field="name")
    return name


def _require_manager(actor: Actor) -> None:
    if isinstance(actor, StaffMember) and not actor.has_perm("accounts.manage_staff"):
        raise NotPermitted("Teams belong to the service administrators.")
