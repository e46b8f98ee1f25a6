"""Who has not been here, who holds more than they use, and who answers for whose grants. Reads alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest

from accounts import queries
from accounts.models import AccessPolicy, Campaign, Confirmation, Grant, GrantRequest
from audit.queries import events_of
from core import clock
from core.errors import NotFound
from staff.models import Membership, StaffMember
from staff.roles import POWERS, Power

SHOWN = 100
REMIND_BEFORE = timedelta(days=3)

USED_BY: dict[str, Power] = {
    "comment.viewed": Power.SEE_COMMENTS,
    "comments.listed": Power.SEE_COMMENTS,
    "comment.claimed": Power.WORK_COMMENTS,
    "comment.no_action": Power.WORK_COMMENTS,
    "comment.retriaged": Power.WORK_COMMENTS,
    "comment.noted": Power.WORK_COMMENTS,
    "comment.replied": Power.REPLY,
    "comment.hidden": Power.HIDE_COMMENTS,
    "comment.unhidden": Power.HIDE_COMMENTS,
    "comment.escalated": Power.ESCALATE,
    "case.viewed": Power.SEE_CASES,
    "case.opened": Power.ESCALATE,
    "case.acknowledged": Power.ACKNOWLEDGE_CASES,
    "case.closed": Power.ACKNOWLEDGE_CASES,
    "post.drafted": Power.WRITE_POSTS,
    "post.edited": Power.WRITE_POSTS,
    "post.submitted": Power.WRITE_POSTS,
    "post.approved": Power.APPROVE_POSTS,
    "post.returned": Power.APPROVE_POSTS,
    "account.registered": Power.MANAGE_REGISTER,
    "account.changed": Power.MANAGE_REGISTER,
    "account.credential_stored": Power.MANAGE_REGISTER,
    "lockdown.started": Power.LOCK_DOWN,
    "lockdown.lifted": Power.LOCK_DOWN,
    "grant.given": Power.GIVE_GRANTS,
    "grant.ended": Power.GIVE_GRANTS,
    "staff.member_added": Power.MANAGE_STAFF,
    "staff.member_left": Power.MANAGE_STAFF,
    "audit.viewed": Power.SEE_AUDIT,
    "schedule.row_changed": Power.MANAGE_RETENTION,
    "schedule.row_confirmed": Power.MANAGE_RETENTION,
    "hold.placed": Power.PLACE_HOLDS,
    "exercise.started": Power.RUN_EXERCISES,
}
"""What in the trail shows that a power was used. Powers that leave no entry of their own cannot be judged."""

JUDGED = frozenset(USED_BY.values()) - {Power.LOCK_DOWN, Power.ACKNOWLEDGE_CASES}
"""Powers whose lack of use means something: those for an emergency are held so as not to be needed."""


def policy() -> AccessPolicy:
    """How the force reviews access."""
    return AccessPolicy.objects.get()


def dormant(viewer: StaffMember) -> QuerySet[StaffMember]:
    """People who have not been here for as long as the policy says, the longest first, with `seen_at`.

    Somebody who never came counts from the day on which they joined.
    """
    queries.require(viewer, Power.GIVE_GRANTS)
    since = clock.now() - timedelta(days=policy().dormant_after_days)
    return (
        StaffMember.objects.filter(active=True)
        .annotate(
            seen_at=Greatest(Coalesce("last_seen__at", "joined_at"), Coalesce("last_login", "joined_at")),
            ever_seen=F("last_seen__at"),
        )
        .filter(seen_at__lt=since)
        .order_by("seen_at", "name")
    )


def ending_soon(viewer: StaffMember) -> QuerySet[Grant]:
    """Live grants that end within the policy's days, the first first."""
    queries.require(viewer, Power.GIVE_GRANTS)
    until = clock.now() + timedelta(days=policy().grants_end_within_days)
    return (
        queries.live_grants()
        .filter(until__lte=until)
        .select_related("person", "team", "official_account", "neighbourhood")
        .order_by("until")
    )


@dataclass(frozen=True)
class Unused:
    """One person, and what they hold without having used it."""

    person: StaffMember
    powers: list[str]
    roles: list[str]


def more_than_they_use(viewer: StaffMember, *, most: int = SHOWN) -> list[Unused]:
    """People who held a power for the whole of the policy's days and never used it, by the trail.

    Powers for an emergency, and those whose use leaves no entry, are left out.
    """
    queries.require(viewer, Power.GIVE_GRANTS)
    since = clock.now() - timedelta(days=policy().unused_after_days)
    held, roles = _held_since(since)
    people = list(StaffMember.objects.filter(active=True, pk__in=held).order_by("name", "id"))
    used = events_of([person.pk for person in people], since=since, events=USED_BY)
    found = []
    for person in people:
        spare = held[person.pk] - {USED_BY[event] for event in used.get(person.pk, ())}
        if spare:
            words = [str(Power(power).label) for power in Power if power in spare]
            found.append(Unused(person, words, sorted(roles[person.pk])))
    return found[:most]


def _held_since(since: datetime) -> tuple[dict[int, set[Power]], dict[int, set[str]]]:
    """What each person has held without a break since then: judged powers, and the roles they come from."""
    held: dict[int, set[Power]] = defaultdict(set)
    roles: dict[int, set[str]] = defaultdict(set)
    now = clock.now()
    places: dict[int, list[int]] = defaultdict(list)
    for place in Membership.objects.filter(since__lte=since).filter(Q(until=None) | Q(until__gt=now)):
        places[place.team_id].append(place.member_id)
    for grant in queries.live_grants().filter(since__lte=since):
        people = [grant.person_id] if grant.person_id is not None else places.get(grant.team_id or 0, [])
        for pk in people:
            if pk is not None:
                held[pk] |= {power for power in JUDGED if power in POWERS[grant.role]}
                roles[pk].add(str(grant.get_role_display()))
    return held, roles


# Recertification


def grants_with_leaders() -> list[tuple[Grant, StaffMember]]:
    """Every live grant with whoever answers for it: another than its holder.

    Of a person, who leads one of their teams, else a service administrator. Of a team, a service
    administrator who is not in it, else who leads it. A grant for which there is nobody is left out.
    """
    now = clock.now()
    live = Q(since__lte=now) & (Q(until=None) | Q(until__gt=now))
    leaders: dict[int, list[StaffMember]] = defaultdict(list)
    teams: dict[int, list[int]] = defaultdict(list)
    for place in Membership.objects.filter(live, member__active=True).select_related("member"):
        teams[place.member_id].append(place.team_id)
        if place.leads:
            leaders[place.team_id].append(place.member)
    administrators = queries.people_with(Power.GIVE_GRANTS)
    rows = []
    for grant in queries.live_grants().select_related("person", "team").order_by("id"):
        if grant.person is not None and not grant.person.active:
            continue
        if grant.team_id is not None:
            outside = [person for person in administrators if grant.team_id not in teams[person.pk]]
            wanted = [*outside, *leaders[grant.team_id]]
        else:
            wanted = [leader for team in teams[grant.person_id or 0] for leader in leaders[team]]
            wanted += administrators
        leader = _another(grant, wanted)
        if leader is not None:
            rows.append((grant, leader))
    return rows


def _another(grant: Grant, people: Iterable[StaffMember]) -> StaffMember | None:
    return next((person for person in people if person.pk != grant.person_id), None)


def campaigns(viewer: StaffMember) -> QuerySet[Campaign]:
    """Every recertification, the newest first. Raises NotPermitted."""
    queries.require(viewer, Power.GIVE_GRANTS)
    return Campaign.objects.select_related("opened_by")


def campaign(viewer: StaffMember, pk: int) -> Campaign:
    """One recertification. Raises NotPermitted, or NotFound."""
    try:
        return campaigns(viewer).get(pk=pk)
    except Campaign.DoesNotExist:
        raise NotFound("There is no such recertification.") from None


def confirmations(viewer: StaffMember, campaign: Campaign) -> QuerySet[Confirmation]:
    """What was asked of whom in a campaign. Raises NotPermitted."""
    queries.require(viewer, Power.GIVE_GRANTS)
    return _rows().filter(campaign=campaign)


def asked_of(viewer: StaffMember) -> list[Confirmation]:
    """The grants that the viewer is asked to confirm and has not decided on; what is over already is not asked."""
    return list(still_to_decide(_rows()).filter(leader=viewer, campaign__settled_at=None))


def still_to_decide(rows: QuerySet[Confirmation]) -> QuerySet[Confirmation]:
    """Those of them that nobody decided on and whose grant is not over."""
    live = Q(grant__until=None) | Q(grant__until__gt=clock.now())
    return rows.filter(live, verdict="")


def confirmation(viewer: StaffMember, pk: int) -> Confirmation:
    """One grant to confirm: the viewer's to decide, or any for those who give grants. Raises NotFound."""
    found = _rows().filter(pk=pk)
    if not queries.may(viewer, Power.GIVE_GRANTS):
        found = found.filter(leader=viewer)
    row = found.first()
    if row is None:
        raise NotFound("You are not asked to confirm this.")
    return row


def flagged(viewer: StaffMember) -> list[Confirmation]:
    """Live grants that nobody confirmed in the latest campaign that is over."""
    queries.require(viewer, Power.GIVE_GRANTS)
    latest = Campaign.objects.filter(settled_at__isnull=False).first()
    if latest is None:
        return []
    rows = _rows().filter(campaign=latest, verdict=Confirmation.Verdict.FLAGGED)
    return [row for row in rows if row.grant.until is None or row.grant.until > clock.now()]


def _rows() -> QuerySet[Confirmation]:
    return Confirmation.objects.select_related(
        "campaign",
        "leader",
        "decided_by",
        "grant__person",
        "grant__team",
        "grant__official_account",
        "grant__neighbourhood",
    )


def campaigns_at_work() -> list[Campaign]:
    """Campaigns that are not settled, for the scheduler."""
    return list(Campaign.objects.filter(settled_at=None))


def is_close(campaign: Campaign) -> bool:
    """Whether it is due within three days and not over: the time to remind whoever has not decided."""
    now = clock.now()
    return campaign.due_at - REMIND_BEFORE <= now < campaign.due_at


def quarter_to_open() -> str:
    """The title of this quarter's campaign in its first week, if the policy wants one and there is none."""
    today = clock.today()
    if today.month not in (1, 4, 7, 10) or today.day > 7 or not policy().each_quarter:
        return ""
    title = f"Quarter {(today.month - 1) // 3 + 1} of {today.year}"
    if Campaign.objects.filter(Q(title=title) | Q(settled_at=None)).exists():
        return ""
    return title


# Requests


def requests(viewer: StaffMember) -> QuerySet[GrantRequest]:
    """Roles that are asked for and wait, the oldest first; those of who has left do not. Raises NotPermitted."""
    queries.require(viewer, Power.GIVE_GRANTS)
    here = Q(person__access_until=None) | Q(person__access_until__gt=clock.now())
    return GrantRequest.objects.filter(here, answered_at=None, person__active=True).select_related(
        "person", "official_account", "neighbourhood", "asked_by"
    )


def request(viewer: StaffMember, pk: int) -> GrantRequest:
    """One request that waits. Raises NotPermitted, or NotFound."""
    queries.require(viewer, Power.GIVE_GRANTS)
    try:
        return GrantRequest.objects.get(pk=pk)
    except GrantRequest.DoesNotExist:
        raise NotFound("There is no such request.") from None


def own_requests(viewer: StaffMember) -> list[GrantRequest]:
    """What the viewer has asked for lately, with the answers."""
    return list(
        GrantRequest.objects.filter(person=viewer)
        .select_related("official_account", "neighbourhood", "answered_by")
        .order_by("-asked_at")[:20]
    )
