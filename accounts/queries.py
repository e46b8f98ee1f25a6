"""Who may do what on which official account, now. Only live grants answer that.

A grant is live from `since` up to but not including `until`, for an active person; a team's
grant reaches its present members. Guardian's rows are a projection and are never asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Count, F, Func, Q, QuerySet, Value

from accounts.models import (
    ApiKey,
    ConnectedApp,
    Credential,
    DepartureStep,
    Grant,
    Hook,
    HookCall,
    NativeAdministrator,
    NativeUse,
    Neighbourhood,
    OfficialAccount,
    ServiceIdentity,
    StaffImport,
)
from core import clock, context
from core.errors import NotFound, NotPermitted
from core.prepared import Prepared
from staff.models import Departure, Membership, StaffMember, Team
from staff.queries import directory_teams, leader_of
from staff.roles import FORCE_WIDE, POWERS, Power, Role


def live_grants(*, person: StaffMember | int | None = None, at: datetime | None = None) -> QuerySet[Grant]:
    """Grants in force at an instant (now by default), of one person (or their id) and their teams, or of all."""
    instant = at or clock.now()
    grants = Grant.objects.filter(since__lte=instant).filter(Q(until=None) | Q(until__gt=instant))
    if person is not None:
        teams = Membership.objects.filter(member=person, since__lte=instant).filter(
            Q(until=None) | Q(until__gt=instant)
        )
        # = ANY(ARRAY(...)) is looked up in the index by team; IN (SELECT ...) beside an OR reads every grant.
        of_a_team = Func(
            F("team_id"),
            ArraySubquery(teams.values("team_id")),
            template="%(expressions)s)",
            arg_joiner=" = ANY(",
            output_field=BooleanField(),
        )
        grants = grants.filter(Q(person=person) | Q(of_a_team))
    return grants


@dataclass(frozen=True)
class Authority:
    """What one person may do at one instant: powers force-wide, and official account ids per power."""

    force_wide: frozenset[str]
    accounts: dict[str, frozenset[int]]
    roles: tuple[str, ...]
    over_all: frozenset[str] = frozenset()
    """Powers held over all official accounts, also while the register is empty."""
    neighbourhoods: dict[str, frozenset[int]] = field(default_factory=dict)
    """Neighbourhood ids per power, of grants that are for a neighbourhood."""

    def neighbourhood_ids(self, power: str) -> frozenset[int]:
        """The neighbourhoods for which the power is held by a grant of their own."""
        return self.neighbourhoods.get(power, frozenset())

    def account_ids(self, power: str) -> frozenset[int]:
        """The official accounts on which the power is held."""
        return self.accounts.get(power, frozenset())

    def holds(self, power: str, official_account_id: int | None = None) -> bool:
        """Whether the power is held: on that official account, or anywhere where none is named."""
        if power in FORCE_WIDE:
            return power in self.force_wide
        ids = self.account_ids(power)
        if official_account_id is None:
            return bool(ids) or power in self.over_all
        return official_account_id in ids


NOBODY = Authority(frozenset(), {}, ())


def authority_of(viewer: StaffMember, *, at: datetime | None = None) -> Authority:
    """Everything that the viewer may do at an instant, worked out from live grants in one query.

    Within a request it is worked out once; an action works it out anew, behind the lock on its actor.
    Somebody who has left holds nothing.
    """
    if not getattr(viewer, "pk", None) or not viewer.is_active:
        return NOBODY
    kept = context.kept() if at is None else None
    if kept is None:
        return _work_out(viewer, at)
    key = ("authority", viewer.pk)
    if key not in kept:
        kept[key] = _work_out(viewer, None)
    return kept[key]


def forget_authority() -> None:
    """Grants have changed: the rest of this request works authority out anew, as every later one does."""
    context.forget("authority")


def _work_out(viewer: StaffMember, at: datetime | None) -> Authority:
    grants: set[tuple[str, int | None, int | None]] = set()
    register: list[tuple[int, int | None]] = []
    for role, account_id, neighbourhood_id in _HELD.rows(person=viewer.pk, at=at or clock.now()):
        if role:
            grants.add((role, account_id, neighbourhood_id))
        else:
            register.append((account_id, neighbourhood_id))
    if not grants:
        return NOBODY
    force_wide: set[str] = set()
    over_all: set[str] = set()
    accounts: dict[str, set[int]] = {}
    neighbourhoods: dict[str, set[int]] = {}
    for role, account_id, neighbourhood_id in grants:
        powers = POWERS[role]
        force_wide |= powers & FORCE_WIDE
        if account_id is None and neighbourhood_id is None:
            over_all |= powers - FORCE_WIDE
        ids = _reached(account_id, neighbourhood_id, register)
        for power in powers - FORCE_WIDE:
            accounts.setdefault(power, set()).update(ids)
            if neighbourhood_id is not None:
                neighbourhoods.setdefault(power, set()).add(neighbourhood_id)
    held = {role for role, _, _ in grants}
    return Authority(
        frozenset(force_wide),
        {power: frozenset(ids) for power, ids in accounts.items()},
        tuple(role for role in Role.values if role in held),
        frozenset(over_all),
        {power: frozenset(ids) for power, ids in neighbourhoods.items()},
    )


def _held(*, person: int, at: datetime) -> QuerySet[Any, Any]:
    """Role, official account and neighbourhood of each grant; without a role, every official account of the register."""
    live = live_grants(person=person, at=at).order_by()
    register = OfficialAccount.objects.order_by().values_list(Value(""), "id", "neighbourhood_id")
    return live.values_list("role", "official_account_id", "neighbourhood_id").union(register, all=True)


_HELD = Prepared(_held)


def covered(grant: Grant, register: Iterable[tuple[int, int | None]]) -> set[int]:
    """Ids of the official accounts that a grant reaches, out of (id, neighbourhood id) pairs."""
    return _reached(grant.official_account_id, grant.neighbourhood_id, register)


def _reached(
    account_id: int | None, neighbourhood_id: int | None, register: Iterable[tuple[int, int | None]]
) -> set[int]:
    if account_id is not None:
        return {account_id}
    if neighbourhood_id is not None:
        return {pk for pk, neighbourhood in register if neighbourhood == neighbourhood_id}
    return {pk for pk, _ in register}


def authority(request) -> Authority:
    """The signed-in person's authority."""
    return authority_of(request.user)


def account_ids(viewer: StaffMember, power: str = Power.SEE_COMMENTS) -> list[int]:
    """Ids of the official accounts on which the viewer holds the power, sorted: the scope of every list."""
    return sorted(authority_of(viewer).account_ids(power))


def may(viewer: StaffMember, power: str, official_account_id: int | None = None) -> bool:
    """Whether the viewer holds the power now, on that official account or, for a force-wide one, at all."""
    return authority_of(viewer).holds(power, official_account_id)


def may_on(viewer: StaffMember, power: str, official_account: OfficialAccount) -> bool:
    """`may` for an official account that is at hand, read anew in one statement and without the register.

    power: one that is held over official accounts. For the machinery, which asks at each act.
    """
    if not viewer.is_active:
        return False
    granted = _GRANTED.first(
        person=viewer.pk,
        at=clock.now(),
        power=Power(power),
        account=official_account.pk,
        neighbourhood=official_account.neighbourhood_id,
    )
    return granted is not None


def _granted(
    *, person: int, at: datetime, power: Power, account: int, neighbourhood: int | None
) -> QuerySet[Grant, Any]:
    reaching = Q(official_account_id=account) | Q(official_account=None, neighbourhood=None)
    if neighbourhood is not None:
        reaching |= Q(official_account=None, neighbourhood_id=neighbourhood)
    roles = [role for role, powers in POWERS.items() if power in powers and power not in FORCE_WIDE]
    return live_grants(person=person, at=at).filter(reaching, role__in=roles).order_by().values_list("pk")


_GRANTED = Prepared(_granted)


def require(viewer: StaffMember, power: str, official_account_id: int | None = None) -> None:
    """Refuse unless the viewer holds the power now. Raises NotPermitted with the power in words."""
    if not may(viewer, power, official_account_id):
        raise NotPermitted(
            f"You may not do this: it needs the right “{Power(power).label}”. Ask your service administrator.",
            power=str(Power(power).label),
        )


def require_over_all(viewer: StaffMember, power: str) -> None:
    """Refuse unless the power is held over all official accounts: for what is not about one of them."""
    if power not in authority_of(viewer).over_all:
        raise NotPermitted(
            f"You may not do this: it needs the right “{Power(power).label}” over all official accounts. "
            "Ask your service administrator.",
            power=f"{Power(power).label}, over all official accounts",
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
    if role is None and power in FORCE_WIDE:
        pass  # held anywhere, it is held for the whole force
    elif official_account_id is not None:
        account = OfficialAccount.objects.filter(pk=official_account_id).first()
        if account is None:
            return []
        grants = grants.filter(
            Q(official_account=account)
            | Q(official_account=None, neighbourhood=None)
            | (Q(neighbourhood__isnull=False) & Q(neighbourhood_id=account.neighbourhood_id))
        )
    elif role is None:
        # A power over a neighbourhood is held only where that has an official account.
        grants = grants.filter(
            Q(neighbourhood=None) | Q(neighbourhood__in=OfficialAccount.objects.values("neighbourhood"))
        )
    here = StaffMember.objects.filter(active=True).filter(Q(access_until=None) | Q(access_until__gt=instant))
    people = here.filter(
        Q(grants__in=grants)
        # One join: the membership that is live must be the one in the team that holds the grant.
        | (
            Q(membership__team__grants__in=grants, membership__since__lte=instant)
            & (Q(membership__until=None) | Q(membership__until__gt=instant))
        )
    )
    return list(people.distinct().order_by("name", "id"))


def live_places(person: StaffMember) -> list[Membership]:
    """The teams that the person is in now."""
    now = clock.now()
    places = Membership.objects.filter(member=person, since__lte=now)
    return list(places.filter(Q(until=None) | Q(until__gt=now)).select_related("team"))


def note_standing(viewer: StaffMember, people: Iterable[StaffMember]) -> None:
    """Give each of these people `team_names` and `role_names`: the teams they are in now, and the roles they hold
    now, themselves or by a team. Three statements for however many. Raises NotPermitted.
    """
    require(viewer, Power.MANAGE_STAFF)
    by_number = {person.pk: person for person in people}
    now = clock.now()
    teams_of: dict[int, list[Team]] = {pk: [] for pk in by_number}
    here = Membership.objects.filter(member__in=by_number, since__lte=now)
    for place in here.filter(Q(until=None) | Q(until__gt=now)).select_related("team").order_by("team__name"):
        teams_of[place.member_id].append(place.team)
    team_ids = {team.pk for teams in teams_of.values() for team in teams}
    held: dict[tuple[str, int], set[str]] = {}
    for person_id, team_id, role in (
        live_grants(at=now)
        .filter(Q(person__in=by_number) | Q(team__in=team_ids))
        .values_list("person_id", "team_id", "role")
    ):
        key = ("person", person_id) if person_id else ("team", team_id)
        held.setdefault(key, set()).add(str(Role(role).label))
    for pk, person in by_number.items():
        roles = set(held.get(("person", pk), ()))
        for team in teams_of[pk]:
            roles |= held.get(("team", team.pk), set())
        person.team_names = [team.name for team in teams_of[pk]]  # type: ignore[attr-defined]
        person.role_names = sorted(roles)  # type: ignore[attr-defined]


def places(team: Team) -> list[Membership]:
    """Who is in the team now, its leaders first. The caller has checked that the viewer may see it."""
    now = clock.now()
    live = Membership.objects.filter(team=team, since__lte=now, member__active=True)
    return list(
        live.filter(Q(until=None) | Q(until__gt=now))
        .select_related("member")
        .order_by("-leads", "member__name", "member_id")
    )


def teams(viewer: StaffMember) -> list[Team]:
    """Every team with `count`, how many are in it now, and `led_by`, in words. Raises NotPermitted."""
    require(viewer, Power.MANAGE_STAFF)
    found = list(Team.objects.all())
    for team in found:
        here = places(team)
        team.count = len(here)  # type: ignore[attr-defined]
        team.led_by = ", ".join(place.member.called for place in here if place.leads)  # type: ignore[attr-defined]
    return found


def team(viewer: StaffMember, pk: int) -> Team:
    """One team. Raises NotPermitted, or NotFound."""
    require(viewer, Power.MANAGE_STAFF)
    try:
        return Team.objects.get(pk=pk)
    except Team.DoesNotExist:
        raise NotFound("There is no such team.") from None


def grants_of_team(viewer: StaffMember, team: Team) -> list[Grant]:
    """What the team holds now. Raises NotPermitted."""
    require(viewer, Power.MANAGE_STAFF)
    return list(live_grants().filter(team=team).select_related("official_account", "neighbourhood"))


def own_grants(viewer: StaffMember, person: StaffMember) -> list[Grant]:
    """What the person holds, or will hold, themselves: what a move would end. Raises NotPermitted."""
    require(viewer, Power.MANAGE_STAFF)
    held = Grant.objects.filter(person=person, expiry_recorded=False)
    return list(
        held.filter(Q(until=None) | Q(until__gt=clock.now())).select_related(
            "official_account", "neighbourhood"
        )
    )


def in_team(person: StaffMember, team: Team) -> bool:
    """Whether the person is in the team now."""
    now = clock.now()
    return (
        Membership.objects.filter(member=person, team=team, since__lte=now)
        .filter(Q(until=None) | Q(until__gt=now))
        .exists()
    )


def heirs(
    departure: Departure,
    power: str | None = None,
    official_account_ids: Iterable[int] = (),
    *,
    excluding: Iterable[int] = (),
) -> list[StaffMember]:
    """Who may take over a piece of a leaver's work, the first choice first.

    The person named in the departure, then whoever leads the leaver's team, then the desk
    supervisors, then everybody else who holds the power on all these official accounts. Whoever
    does not hold it there is left out. Without a power (a matter that needs none) the service
    administrators come last.
    """
    ids = list(official_account_ids)
    leader = leader_of(departure.person)
    wanted = [departure.heir, leader]
    everywhere: list[int | None] = [*ids] or [None]
    for pk in everywhere[:1]:
        wanted += people_with(role=Role.DESK_SUPERVISOR, official_account_id=pk)
        wanted += people_with(power or Power.MANAGE_STAFF, official_account_id=pk)
    barred = {departure.person_id, *excluding}
    found: dict[int, StaffMember] = {}
    for person in wanted:
        if person is None or person.pk in barred or person.pk in found or not person.is_active:
            continue
        if power is None or all(may(person, power, pk) for pk in everywhere):
            found[person.pk] = person
    return list(found.values())


def register(viewer: StaffMember) -> QuerySet[OfficialAccount]:
    """The official accounts whose entry in the register the viewer may see."""
    return (
        OfficialAccount.objects.filter(pk__in=account_ids(viewer, Power.SEE_REGISTER))
        .select_related("owner", "team", "neighbourhood")
        .order_by("exercise", "name", "id")
    )


def accounts_of_leavers() -> list[OfficialAccount]:
    """Official accounts in use whose owner has left."""
    return list(
        OfficialAccount.objects.filter(owner__active=False).exclude(status=OfficialAccount.Status.CLOSED)
    )


def departures_without_checklist() -> list[Departure]:
    """Departures that were carried out and whose steps by hand nobody has listed yet."""
    return list(
        Departure.objects.filter(carried_out_at__isnull=False, steps=None).select_related("person")[:50]
    )


def steps_of(viewer: StaffMember, departure: Departure) -> list[DepartureStep]:
    """What must be done by hand after somebody left. Raises NotPermitted."""
    require(viewer, Power.MANAGE_STAFF)
    return list(departure.steps.select_related("official_account", "signed_by"))


def step(viewer: StaffMember, pk: int) -> DepartureStep:
    """One step by hand. Raises NotPermitted, or NotFound."""
    require(viewer, Power.MANAGE_STAFF)
    try:
        return DepartureStep.objects.select_related("departure__person").get(pk=pk)
    except DepartureStep.DoesNotExist:
        raise NotFound("There is no such step.") from None


def departures_with_open_steps() -> QuerySet[Departure]:
    """Departures of which a step by hand is not signed, the oldest first, each with `open_steps`."""
    return (
        Departure.objects.filter(steps__signed_at=None, steps__isnull=False)
        .annotate(open_steps=Count("steps"))
        .select_related("person")
        .order_by("carried_out_at")
    )


def official_account(viewer: StaffMember, pk: int) -> OfficialAccount:
    """One entry of the register. Raises NotFound where there is none or the viewer may not know of it."""
    try:
        return register(viewer).get(pk=pk)
    except OfficialAccount.DoesNotExist:
        raise NotFound("There is no such official account, or it is not one that you may see.") from None


GRANT_STATES = ("live", "coming", "ended")
GRANTS_SHOWN = 50


def grants(
    viewer: StaffMember, state: str = "live", *, before: int | None = None
) -> tuple[list[Grant], int | None]:
    """Grants in force, to come or over, newest first, and the id from which the next page goes on.

    For those who give grants and those who audit them. Raises NotPermitted.
    """
    if not (may(viewer, Power.GIVE_GRANTS) or may(viewer, Power.SEE_AUDIT)):
        require(viewer, Power.GIVE_GRANTS)
    found = _in_state(
        Grant.objects.select_related(
            "person", "team", "official_account", "neighbourhood", "given_by", "ended_by"
        ),
        state,
    ).order_by("-since", "-id")
    if before is not None and (last := Grant.objects.filter(pk=before).first()):
        found = found.filter(Q(since__lt=last.since) | Q(since=last.since, id__lt=last.pk))
    page = list(found[: GRANTS_SHOWN + 1])
    return page[:GRANTS_SHOWN], page[GRANTS_SHOWN - 1].pk if len(page) > GRANTS_SHOWN else None


def _in_state(found: QuerySet[Grant], state: str) -> QuerySet[Grant]:
    instant = clock.now()
    if state == "coming":
        return found.filter(since__gt=instant, expiry_recorded=False)
    if state == "ended":
        return found.filter(Q(until__lte=instant) | Q(expiry_recorded=True))
    return found.filter(since__lte=instant).filter(Q(until=None) | Q(until__gt=instant))


def grant(viewer: StaffMember, pk: int) -> Grant:
    """One grant. Raises NotPermitted, or NotFound."""
    require(viewer, Power.GIVE_GRANTS)
    try:
        return Grant.objects.select_related(
            "person", "team", "official_account", "neighbourhood", "given_by"
        ).get(pk=pk)
    except Grant.DoesNotExist:
        raise NotFound("There is no such grant.") from None


def grants_over(viewer: StaffMember, account: OfficialAccount) -> list[Grant]:
    """Who holds what over an official account now, for those who may see it in the register."""
    official_account(viewer, account.pk)
    over = Q(official_account=account) | Q(official_account=None, neighbourhood=None)
    if account.neighbourhood_id:
        over |= Q(neighbourhood_id=account.neighbourhood_id)
    return list(
        live_grants()
        .filter(over)
        .select_related("person", "team", "official_account", "neighbourhood")
        .order_by("role", "person__name", "team__name")
    )


def grants_of(viewer: StaffMember, person: StaffMember) -> list[Grant]:
    """Every grant that somebody holds, held or will hold, their teams' included, newest first."""
    require(viewer, Power.MANAGE_STAFF)
    teams = person.membership_set.values("team")
    return list(
        Grant.objects.filter(Q(person=person) | Q(team__in=teams))
        .select_related("team", "official_account", "neighbourhood")
        .order_by("-since", "-id")[:100]
    )


def services(viewer: StaffMember) -> list[ServiceIdentity]:
    """Every service identity, the live ones first, with its keys. Raises NotPermitted."""
    require(viewer, Power.MANAGE_STAFF)
    return list(
        ServiceIdentity.objects.select_related("member", "owner")
        .prefetch_related("keys__use")
        .order_by("-member__active", "member__name", "id")
    )


def service(viewer: StaffMember, pk: int) -> ServiceIdentity:
    """One service identity. Raises NotPermitted, or NotFound."""
    require(viewer, Power.MANAGE_STAFF)
    found = ServiceIdentity.objects.select_related("member", "owner", "made_by").filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such service identity.")
    return found


def service_of(viewer: StaffMember, member_id: int) -> ServiceIdentity | None:
    """The service identity that acts under this number; None for a person's. Raises NotPermitted."""
    require(viewer, Power.MANAGE_STAFF)
    return ServiceIdentity.objects.filter(member_id=member_id).first()


def api_key(viewer: StaffMember, pk: int) -> ApiKey:
    """One key, for whoever manages services. Raises NotPermitted, or NotFound."""
    require(viewer, Power.MANAGE_STAFF)
    found = ApiKey.objects.select_related("service__member").filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such key.")
    return found


def keys_of(viewer: StaffMember, service: ServiceIdentity) -> list[ApiKey]:
    """Its keys with their last use, the newest first."""
    require(viewer, Power.MANAGE_STAFF)
    return list(service.keys.select_related("use", "made_by", "revoked_by"))


def neighbourhoods(viewer: StaffMember) -> QuerySet[Neighbourhood]:
    """Every neighbourhood with how many official accounts it has in the register."""
    require_over_all(viewer, Power.MANAGE_REGISTER)
    return (
        Neighbourhood.objects.annotate(accounts=Count("official_accounts"))
        .select_related("details")
        .order_by("name")
    )


@dataclass(frozen=True)
class MappedGroup:
    """A group of the directory, how many people are in it, and what that gives them."""

    team: Team
    people: int
    grants: tuple[Grant, ...]


def directory_groups(viewer: StaffMember) -> list[MappedGroup]:
    """The teams that the directory keeps, each with the grants that its members hold by it.

    Raises NotPermitted.
    """
    require(viewer, Power.MANAGE_STAFF)
    teams = list(directory_teams().order_by("name"))
    held = (
        live_grants().filter(team__in=teams).select_related("official_account", "neighbourhood", "given_by")
    )
    grants: dict[int, list[Grant]] = {}
    for grant in held.order_by("role", "id"):
        grants.setdefault(grant.team_id or 0, []).append(grant)
    return [
        MappedGroup(
            team,
            sum(place.member.active for place in team.live_places),  # type: ignore[attr-defined]
            tuple(grants.get(team.pk, ())),
        )
        for team in teams
    ]


def staff_import(viewer: StaffMember, pk: int) -> StaffImport:
    """A list of staff that the viewer read. Raises NotPermitted, or NotFound."""
    require(viewer, Power.MANAGE_STAFF)
    try:
        return StaffImport.objects.get(pk=pk, by=viewer)
    except StaffImport.DoesNotExist:
        raise NotFound("There is no such list, or somebody else read it.") from None


def staff_imports(viewer: StaffMember) -> list[StaffImport]:
    """The lists of staff read of late, by whomever, without their rows. Raises NotPermitted."""
    require(viewer, Power.MANAGE_STAFF)
    return list(StaffImport.objects.defer("rows", "steps").select_related("by")[:20])


def live_credential(official_account: OfficialAccount) -> Credential | None:
    """What the official account signs in with now, without the secret."""
    return (
        official_account.credentials.filter(replaced_at=None)
        .defer("sealed", "wrapped_key")
        .select_related("stored_by")
        .first()
    )


def connected_apps(viewer: StaffMember, official_account: OfficialAccount) -> list[ConnectedApp]:
    """What else is connected on the platform, and not removed. For whoever may see the register there."""
    require(viewer, Power.SEE_REGISTER, official_account.pk)
    found = official_account.apps.filter(removed_at=None)
    return list(found.select_related("approved_by", "checked_by"))


def native_administrators(
    viewer: StaffMember, official_account: OfficialAccount
) -> list[NativeAdministrator]:
    """Who administers it on the platform, as last read there. For whoever may see the register there."""
    require(viewer, Power.SEE_REGISTER, official_account.pk)
    found = official_account.native_administrators.filter(removed_at=None)
    return list(found.select_related("person", "checked_by"))


def native_administrator(
    viewer: StaffMember, official_account: OfficialAccount, pk: int
) -> NativeAdministrator:
    """One of them, taken off the list or not. Raises NotFound."""
    require(viewer, Power.SEE_REGISTER, official_account.pk)
    found = official_account.native_administrators.filter(pk=pk).first()
    if found is None:
        raise NotFound("They do not stand in this list. Reload the page.")
    return found


def native_uses(viewer: StaffMember, official_account: OfficialAccount) -> list[NativeUse]:
    """Who may write or might write on the platform itself, the latest first. For whoever may see the register."""
    require(viewer, Power.SEE_REGISTER, official_account.pk)
    return list(official_account.native_uses.select_related("person", "declared_by", "ended_by")[:20])


def native_use(viewer: StaffMember, pk: int) -> NativeUse:
    """One of them. Raises NotFound where there is none or the viewer may not know of its official account."""
    rows = NativeUse.objects.select_related("official_account", "person")
    use = rows.filter(pk=pk, official_account__in=register(viewer)).first() if pk < 2**63 else None
    if use is None:
        raise NotFound("There is no such declaration. Go back to the official account.")
    return use


def connected_app(viewer: StaffMember, pk: int) -> ConnectedApp:
    """One of them. Raises NotFound where there is none or the viewer may not know of its official account."""
    rows = ConnectedApp.objects.select_related("official_account", "approved_by")
    app = rows.filter(pk=pk, official_account__in=register(viewer)).first()
    if app is None:
        raise NotFound("There is no such program in the list. Go back to the official account.")
    return app


# Webhooks


def hooks_of(viewer: StaffMember, service: ServiceIdentity) -> list[Hook]:
    """Where a service is told of changes, those that are live first. Raises NotPermitted."""
    require(viewer, Power.MANAGE_STAFF)
    rows = Hook.objects.filter(service=service).select_related("made_by", "service__member")
    return sorted(rows, key=lambda one: (one.ended_at is not None, -one.pk))


def hook(viewer: StaffMember, pk: int) -> Hook:
    """One webhook. Raises NotPermitted, NotFound."""
    require(viewer, Power.MANAGE_STAFF)
    found = Hook.objects.filter(pk=pk).select_related("service__member").first()
    if found is None:
        raise NotFound("There is no such webhook.")
    return found


def hook_calls(viewer: StaffMember, hook: Hook, *, most: int = 50) -> list[HookCall]:
    """What it was told last, the newest first. Raises NotPermitted."""
    require(viewer, Power.MANAGE_STAFF)
    return list(hook.calls.select_related("official_account", "hook")[:most])


def hook_call(viewer: StaffMember, hook: Hook, pk: int) -> HookCall:
    """One of them. Raises NotPermitted, NotFound."""
    require(viewer, Power.MANAGE_STAFF)
    found = hook.calls.filter(pk=pk).select_related("hook").first()
    if found is None:
        raise NotFound("It was told no such thing. Reload the page.")
    return found
