"""Who may do what on which official account, now. Only live grants answer that.

A grant is live from `since` up to but not including `until`, for an active person; a team's
grant reaches its present members. Guardian's rows are a projection and are never asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import Grant, OfficialAccount
from core import clock
from core.errors import NotFound, NotPermitted
from staff.models import StaffMember
from staff.roles import FORCE_WIDE, POWERS, Power, Role


def live_grants(*, person: StaffMember | None = None, at: datetime | None = None) -> QuerySet[Grant]:
    """Grants in force at an instant (now by default), of one person and their teams or of all."""
    instant = at or clock.now()
    grants = Grant.objects.filter(since__lte=instant).filter(Q(until=None) | Q(until__gt=instant))
    if person is not None:
        in_team = Q(team__membership__member=person, team__membership__since__lte=instant) & (
            Q(team__membership__until=None) | Q(team__membership__until__gt=instant)
        )
        grants = grants.filter(Q(person=person) | in_team).distinct()
    return grants


@dataclass(frozen=True)
class Authority:
    """What one person may do at one instant: powers force-wide, and official account ids per power."""

    force_wide: frozenset[str]
    accounts: dict[str, frozenset[int]]
    roles: tuple[str, ...]

    def account_ids(self, power: str) -> frozenset[int]:
        """The official accounts on which the power is held."""
        return self.accounts.get(power, frozenset())

    def holds(self, power: str, official_account_id: int | None = None) -> bool:
        """Whether the power is held: on that official account, or anywhere where none is named."""
        if power in FORCE_WIDE:
            return power in self.force_wide
        ids = self.account_ids(power)
        return bool(ids) if official_account_id is None else official_account_id in ids


NOBODY = Authority(frozenset(), {}, ())


def authority_of(viewer: StaffMember, *, at: datetime | None = None) -> Authority:
    """Everything that the viewer may do at an instant, worked out from live grants.

    Reads grants and the register once; a view keeps the answer for its own request
    (accounts.queries.authority). Somebody who has left holds nothing.
    """
    if not getattr(viewer, "pk", None) or not viewer.active:
        return NOBODY
    grants = list(live_grants(person=viewer, at=at))
    if not grants:
        return NOBODY
    register = list(OfficialAccount.objects.values_list("id", "neighbourhood_id"))
    force_wide: set[str] = set()
    accounts: dict[str, set[int]] = {}
    for grant in grants:
        powers = POWERS[grant.role]
        force_wide |= powers & FORCE_WIDE
        ids = covered(grant, register)
        for power in powers - FORCE_WIDE:
            accounts.setdefault(power, set()).update(ids)
    roles = tuple(role for role in Role.values if any(grant.role == role for grant in grants))
    return Authority(frozenset(force_wide), {power: frozenset(ids) for power, ids in accounts.items()}, roles)


def covered(grant: Grant, register: Iterable[tuple[int, int | None]]) -> set[int]:
    """Ids of the official accounts that a grant reaches, out of (id, neighbourhood id) pairs."""
    if grant.official_account_id:
        return {grant.official_account_id}
    if grant.neighbourhood_id:
        return {pk for pk, neighbourhood in register if neighbourhood == grant.neighbourhood_id}
    return {pk for pk, _ in register}


def authority(request) -> Authority:
    """The signed-in person's authority, worked out once per request."""
    kept = getattr(request, "_authority", None)
    if kept is None:
        kept = authority_of(request.user)
        request._authority = kept
    return kept


def account_ids(viewer: StaffMember, power: str = Power.SEE_COMMENTS) -> list[int]:
    """Ids of the official accounts on which the viewer holds the power, sorted: the scope of every list."""
    return sorted(authority_of(viewer).account_ids(power))


def may(viewer: StaffMember, power: str, official_account_id: int | None = None) -> bool:
    """Whether the viewer holds the power now, on that official account or, for a force-wide one, at all."""
    return authority_of(viewer).holds(power, official_account_id)


def require(viewer: StaffMember, power: str, official_account_id: int | None = None) -> None:
    """Refuse unless the viewer holds the power now. Raises NotPermitted with the power in words."""
    if not may(viewer, power, official_account_id):
        raise NotPermitted(
            f"You may not do this: it needs the right “{Power(power).label}”. Ask your service administrator."
        )


def people_with(
    power: str | None = None,
    *,
    role: str | None = None,
    official_account_id: int | None = None,
) -> list[StaffMember]:
    """Active staff members who hold a power, or a role, on an official account now. Sorted by name.

    Used for whom to call: a role without a holder gives an empty list, and the caller goes on to
    the next level of its ladder.
    """
    instant = clock.now()
    roles = [role] if role else [r for r, powers in POWERS.items() if power in powers]
    grants = live_grants(at=instant).filter(role__in=roles)
    if official_account_id is not None:
        account = OfficialAccount.objects.get(pk=official_account_id)
        grants = grants.filter(
            Q(official_account=account)
            | Q(official_account=None, neighbourhood=None)
            | (Q(neighbourhood__isnull=False) & Q(neighbourhood_id=account.neighbourhood_id))
        )
    people = StaffMember.objects.filter(active=True).filter(
        Q(grants__in=grants)
        | (
            Q(teams__grants__in=grants, membership__since__lte=instant)
            & (Q(membership__until=None) | Q(membership__until__gt=instant))
        )
    )
    return list(people.distinct().order_by("name", "id"))


def register(viewer: StaffMember) -> QuerySet[OfficialAccount]:
    """The official accounts whose entry in the register the viewer may see."""
    return (
        OfficialAccount.objects.filter(pk__in=account_ids(viewer, Power.SEE_REGISTER))
        .select_related("owner", "team", "neighbourhood")
        .order_by("exercise", "name", "id")
    )


def official_account(viewer: StaffMember, pk: int) -> OfficialAccount:
    """One entry of the register. Raises NotFound where there is none or the viewer may not know of it."""
    try:
        return register(viewer).get(pk=pk)
    except OfficialAccount.DoesNotExist:
        raise NotFound("There is no such official account, or it is not one that you may see.") from None
