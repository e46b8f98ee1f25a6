"""What the directory does here where grants are touched: taking somebody back, removing a group.

Everything else it does is in staff.actions.directory; these call it.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q, QuerySet

from accounts import queries
from accounts.actions import end_grant, project_grants
from accounts.actions.returns import have_back
from accounts.models import Grant
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import ChangedSinceSeen, NotFound, NotPermitted, NotValid
from staff.actions import directory
from staff.models import StaffMember, Team
from staff.roles import Role
from staff.scim import known, resources
from staff.scim.resources import Group, User, details_of, member_ids

WHY_LEFT = "Switched off in the force's directory"
WHY_REMOVED = "Deleted in the force's directory"
WHY_BACK = "Switched on again in the force's directory"
WHY_GROUP = "The force's directory removed the group"


@action
def add_user(*, actor: Actor, user: User) -> User:
    """A person of the directory works here, or is known as somebody who does not.

    Somebody whom the directory deleted before comes back as the same staff member. Raises NotPermitted,
    NotValid, staff.actions.directory.Taken.
    """
    details = details_of(user)
    before = (
        StaffMember.objects.filter(directory__removed_at__isnull=False, active=False)
        .filter(Q(email__iexact=details.email) | Q(directory__user_name__iexact=details.user_name))
        .first()
    )
    if before is not None:
        member = _take_back(actor=actor, member=before)
        member = directory.change_person(actor=actor, member=member, details=details)
    else:
        member = directory.add_person(actor=actor, details=details)
    if not details.active:
        let_go(actor=actor, member=member)
    return _user(member.pk)


@action
def change_user(*, actor: Actor, pk: int, change: Callable[[User], User], seen: str = "") -> User:
    """A person is as `change` makes of what they are now, under a lock on their row.

    seen: the version (ETag) that the directory last saw; empty where it does not say. Raises NotFound,
    ChangedSinceSeen, NotPermitted, NotValid, Taken, and whatever `change` raises.
    """
    _lock_person(pk)
    present = _user(pk)
    _compare(present, seen)
    details = details_of(change(present.model_copy(deep=True)))
    member = StaffMember.objects.get(pk=pk)
    if details.active and not member.active:
        member = _take_back(actor=actor, member=member)
    if details.active or details != details_of(present):
        member = directory.change_person(actor=actor, member=member, details=details)
    if member.active and not details.active:
        let_go(actor=actor, member=member)
    return _user(pk)


@action
def remove_user(*, actor: Actor, pk: int, seen: str = "") -> None:
    """The person has left, and the directory's addresses no longer know them; our rows remain.

    Raises NotFound, ChangedSinceSeen, NotPermitted.
    """
    _lock_person(pk)
    _compare(_user(pk), seen)
    let_go(actor=actor, member=StaffMember.objects.get(pk=pk), removed=True)


@action
def let_go(*, actor: Actor, member: StaffMember, removed: bool = False) -> StaffMember:
    """The directory says that the person has left. The last service administrator stays.

    Raises NotPermitted. Audits staff.member_left.
    """
    administrators = queries.people_with(role=Role.SERVICE_ADMINISTRATOR)
    if member.active and [person.pk for person in administrators] == [member.pk]:
        raise NotPermitted(
            f"{member.called} is the only service administrator. Give that role to somebody else first."
        )
    return directory.let_go(
        actor=actor, member=member, why=WHY_REMOVED if removed else WHY_LEFT, removed=removed
    )


@action
def _take_back(*, actor: Actor, member: StaffMember) -> StaffMember:
    """Somebody whom the directory let go works here again, without the grants of their own that they held.

    What the groups that the directory keeps may do reaches them again.
    Raises NotPermitted where a person recorded the leaver. Audits grant.ended and staff.member_returned.
    """
    directory.require_own_leaver(member)
    return have_back(actor=actor, member=member, why=WHY_BACK, keep_groups=True)


@action
def add_team_group(*, actor: Actor, group: Group) -> Group:
    """A group of the directory is a team here. Raises NotPermitted, NotValid, Taken."""
    ids = _ids(group)
    team = directory.add_group(actor=actor, name=group.display_name or "", external_id=group.external_id)
    directory.change_group(
        actor=actor, team=team, name=team.name, external_id=group.external_id, member_ids=ids
    )
    project_grants(actor=actor)
    return _group(team.pk)


@action
def change_team_group(*, actor: Actor, pk: int, change: Callable[[Group], Group], seen: str = "") -> Group:
    """A group is as `change` makes of what it is now, under a lock on its row.

    Raises NotFound, ChangedSinceSeen, NotPermitted, NotValid, Taken, and whatever `change` raises.
    """
    _lock_group(pk)
    present = _group(pk)
    _compare(present, seen)
    wanted = change(present.model_copy(deep=True))
    directory.change_group(
        actor=actor,
        team=Team.objects.get(pk=pk),
        name=wanted.display_name or "",
        external_id=wanted.external_id,
        member_ids=_ids(wanted),
    )
    project_grants(actor=actor)
    return _group(pk)


@action
def remove_team_group(*, actor: Actor, pk: int, seen: str = "") -> None:
    """The group is no longer kept by the directory; its grants end, and nobody is in it any more.

    Raises NotFound, ChangedSinceSeen, NotPermitted. Audits grant.ended and directory.group_removed.
    """
    _lock_group(pk)
    _compare(_group(pk), seen)
    team = Team.objects.get(pk=pk)
    at = clock.now()
    for grant in Grant.objects.filter(team=team, expiry_recorded=False).exclude(until__lte=at):
        end_grant(actor=actor, grant=grant, why=WHY_GROUP)
    directory.remove_group(actor=actor, team=team)
    project_grants(actor=actor)


def _lock_person(pk: int) -> None:
    StaffMember.objects.all_alone([pk])
    _require_known(known.people(), pk)


def _lock_group(pk: int) -> None:
    Team.objects.select_for_update().filter(pk=pk).first()
    _require_known(known.groups(), pk)


def _require_known(known: QuerySet, pk: int) -> None:
    if not known.filter(pk=pk).exists():
        raise NotFound("The directory knows of no such resource here.")


def _compare(present: User | Group, seen: str) -> None:
    version = present.meta.version if present.meta else ""
    if seen and seen != "*" and version not in [part.strip() for part in seen.split(",")]:
        raise ChangedSinceSeen("The resource changed since it was read. Read it again.")


def _user(pk: int) -> User:
    return resources.user_of(known.people().get(pk=pk))


def _group(pk: int) -> Group:
    return resources.group_of(known.groups().get(pk=pk))


def _ids(group: Group) -> list[int]:
    try:
        return member_ids(group)
    except ValueError:
        raise NotValid("A member is nobody whom the platform knows.", field="members") from None
