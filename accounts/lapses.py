"""Who is to be told that what they need to publish runs out, has run out, or keeps their posts back.

Three stages, each told once: 14 days before a training runs out; when something is lacking and 14 days are left; when
it keeps their posts back. Source: APP social media, "Training"; the days are those of accounts.posting.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from accounts import posting
from accounts.models import Grant
from accounts.posting import Lapse
from accounts.queries import people_with
from core import clock
from notices.models import Notice
from staff.models import Membership, StaffMember
from staff.roles import Power

AHEAD = timedelta(days=14)
COMING, LACKING, BLOCKED = "coming", "lacking", "blocked"


@dataclass(frozen=True)
class Told:
    """One stage of one lapse of one person, and who answers for them."""

    person: StaffMember
    supervisors: tuple[StaffMember, ...]
    lapse: Lapse
    stage: str

    @property
    def what(self) -> str:
        return self.lapse.title

    @property
    def address(self) -> str:
        return self.lapse.address

    @property
    def key(self) -> str:
        """The occasion. A policy that is published is told by its publication, under this very key (actions.posting)."""
        if self.lapse.to_read and self.stage == LACKING:
            return self.lapse.slug
        return f"lapse:{self.lapse.slug}:{self.lapse.since:%Y%m%d}:{self.stage}"

    @property
    def key_over(self) -> str:
        """The same for whoever answers for them."""
        return f"lapse:{self.person.pk}:{self.lapse.slug}:{self.lapse.since:%Y%m%d}:{self.stage}"

    def title(self, *, own: bool) -> str:
        """What it is about, in a line."""
        who = "" if own else f"{self.person.called}: "
        if self.stage == COMING:
            return f"{who}{self.what} runs out on {self.lapse.since - timedelta(days=1):%-d %B %Y}"
        if self.stage == LACKING:
            return f"{who}{self.what} is lacking"
        return f"{'Your posts are' if own else f'Posts of {self.person.called} are'} kept back: {self.what}"

    def body(self, *, own: bool) -> str:
        """What follows, and how it is renewed."""
        whose = "your" if own else "their"
        day = f"{self.lapse.blocks_on:%-d %B %Y}"
        follows = (
            f"Since {day} {whose} posts and approvals wait"
            if self.stage == BLOCKED
            else f"From {day} on {whose} posts and approvals would wait"
        )
        return f"{follows}; replies, escalation and what is urgent never do. To renew it: {self.lapse.renew}"


def stage_of(lapse: Lapse) -> str:
    """How far it has come today."""
    if lapse.blocks:
        return BLOCKED
    return LACKING if lapse.since <= clock.today() else COMING


def due() -> list[Told]:
    """Every stage that somebody has not been told of yet. Some fifteen reads for however many people."""
    lacking = {person: found for person, found in posting.lapses_of_all(ahead=AHEAD).items() if found}
    if not lacking:
        return []
    above = supervisors(lacking)
    stages = [
        Told(person, above[person.pk], lapse, stage_of(lapse))
        for person, found in lacking.items()
        for lapse in found
    ]
    known = set(
        Notice.objects.filter(
            key__in=[one.key for one in stages] + [one.key_over for one in stages]
        ).values_list("to_id", "key")
    )
    return [
        one
        for one in stages
        if (one.person.pk, one.key) not in known
        or any((other.pk, one.key_over) not in known for other in one.supervisors)
    ]


def supervisors(people: Iterable[StaffMember]) -> dict[int, tuple[StaffMember, ...]]:
    """Who answers for each: whoever leads a team of theirs, else the owners of the official accounts of their own
    grants, else who keeps the training. Nobody answers for themselves."""
    ids = [person.pk for person in people]
    now = clock.now()
    live = Q(since__lte=now) & (Q(until=None) | Q(until__gt=now))
    teams: dict[int, set[int]] = {}
    for pk, team in Membership.objects.filter(live, member__in=ids).values_list("member_id", "team_id"):
        teams.setdefault(pk, set()).add(team)
    leads: dict[int, list[StaffMember]] = {}
    for place in Membership.objects.filter(
        live, leads=True, member__active=True, team__in={team for own in teams.values() for team in own}
    ).select_related("member"):
        leads.setdefault(place.team_id, []).append(place.member)
    owners: dict[int, list[StaffMember]] = {}
    for grant in Grant.objects.filter(
        live, person__in=ids, official_account__isnull=False, role__in=posting.ROLES
    ).select_related("official_account__owner"):
        if grant.person_id is not None and grant.official_account is not None:
            owners.setdefault(grant.person_id, []).append(grant.official_account.owner)
    keepers = people_with(Power.SET_POLICIES)
    found = {}
    for pk in ids:
        wanted = [one for team in sorted(teams.get(pk, ())) for one in leads.get(team, [])]
        for choice in (wanted, owners.get(pk, []), keepers):
            others = {one.pk: one for one in choice if one.pk != pk and one.active}
            if others:
                found[pk] = tuple(others.values())
                break
        else:
            found[pk] = ()
    return found
