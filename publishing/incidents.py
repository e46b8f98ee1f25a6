"""Incidents that the public is kept informed of on our own pages: what staff see, and what the public reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from accounts.models import Neighbourhood, OfficialAccount
from accounts.queries import account_ids, may, people_with, require
from core import clock
from core.errors import NotFound, NotPermitted
from core.workflow import Workflow
from publishing.checks import judging, questions, registry
from publishing.checks.judging import Judged
from publishing.checks.prepared import Prepared, Said
from publishing.checks.registry import Finding
from publishing.models import Declaration, Incident, IncidentUpdate
from staff.models import StaffMember
from staff.roles import Power

State = IncidentUpdate.State
COURSE = Workflow(
    "update",
    {
        ("submitted", "approve"): "published",
        ("submitted", "return"): "returned",
        ("published", "withdraw"): "withdrawn",
    },
)
AFTER_ITS_END = timedelta(days=3)
"""How long an incident that is over stands on the pages of its areas; on the page of all updates for a month."""
KEPT_ON_ALL = timedelta(days=30)
SHOWN = 50
ASKED = tuple(questions.BY_SLUG[slug] for slug in ("live", "live_by", "partner_by"))
"""What the author of an update is asked: it is always of something that is happening now."""


def over(viewer: StaffMember, power: str, area_id: int | None) -> bool:
    """Whether the viewer holds the power where the incident is: on an official account of that area or of the force.

    For the whole force: on an official account that belongs to no area.
    """
    ids = account_ids(viewer, power)
    rows = OfficialAccount.objects.filter(pk__in=ids).exclude(status=OfficialAccount.Status.CLOSED)
    where = Q(neighbourhood=None)
    if area_id is not None:
        where |= Q(neighbourhood=area_id)
    return rows.filter(where).exists()


def require_over(viewer: StaffMember, power: str, area_id: int | None) -> None:
    """Refuse unless they hold it there. Raises NotPermitted."""
    require(viewer, power)
    if not over(viewer, power, area_id):
        where = "this area" if area_id is not None else "the whole force"
        raise NotPermitted(
            f"You may not do this for {where}: you hold the right on no official account of it. Ask a colleague who does.",
            power=str(Power(power).label),
        )


def approvers(area_id: int | None, *, excluding: set[int]) -> list[StaffMember]:
    """Who may approve updates there."""
    return [
        person
        for person in people_with(Power.APPROVE_POSTS)
        if person.pk not in excluding and over(person, Power.APPROVE_POSTS, area_id)
    ]


def areas_for(viewer: StaffMember) -> tuple[bool, list[Neighbourhood]]:
    """Whether the viewer writes for the whole force, and for which areas."""
    if over(viewer, Power.PLAN_POSTS, None):
        return True, list(Neighbourhood.objects.order_by("name"))
    ids = account_ids(viewer, Power.PLAN_POSTS)
    found = Neighbourhood.objects.filter(official_accounts__in=ids).distinct().order_by("name")
    return False, list(found)


def incidents(viewer: StaffMember) -> tuple[list[Incident], list[Incident]]:
    """Those that go on, and those that ended last. Raises NotPermitted."""
    require(viewer, Power.SEE_POSTS)
    rows = Incident.objects.select_related("neighbourhood", "begun_by").prefetch_related("updates")
    return (
        list(rows.filter(ended_at=None)),
        list(rows.exclude(ended_at=None).order_by("-ended_at")[:SHOWN]),
    )


def incident(viewer: StaffMember, pk: int) -> Incident:
    """One of them. Raises NotPermitted, NotFound."""
    require(viewer, Power.SEE_POSTS)
    found = Incident.objects.select_related("neighbourhood", "begun_by", "ended_by").filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such incident. Go back to the list.")
    return found


def updates(incident: Incident) -> list[IncidentUpdate]:
    """All of them, the newest first, whatever became of them."""
    return list(incident.updates.select_related("author", "decided_by", "first_yes_by").order_by("-number"))


def update(viewer: StaffMember, incident: Incident, pk: int) -> IncidentUpdate:
    """One update. Raises NotFound."""
    found = incident.updates.filter(pk=pk).select_related("incident", "author").first()
    if found is None:
        raise NotFound("There is no such update. Reload the page.")
    return found


def waiting_for(viewer: StaffMember) -> list[IncidentUpdate]:
    """Updates of others that the viewer may approve, the longest waiting first."""
    if not may(viewer, Power.APPROVE_POSTS):
        return []
    rows = (
        IncidentUpdate.objects.filter(state=State.SUBMITTED)
        .exclude(Q(author=viewer) | Q(first_yes_by=viewer))
        .select_related("incident__neighbourhood", "author")
        .order_by("written_at", "id")
    )
    return [row for row in rows if over(viewer, Power.APPROVE_POSTS, row.incident.neighbourhood_id)]


# What the checks say of an update


def judge(title: str, words: str, answers: Mapping[str, str]) -> Judged:
    """Every check of posts on what an incident is called and what its update says, by the policy of now."""
    ready = Prepared(
        said=(Said(0, "What it is called", title), Said(1, "The update", words)),
        kind=Declaration.Kind.LIVE,
        answers=answers,
        goes_out_on=clock.today(),
    )
    policy = judging.policy_now()
    return Judged(ready, policy, [_said_here(one) for one in registry.judge(ready, policy)])


def _said_here(one: Finding) -> Finding:
    """What to do about it, where an update is written and not a post; nobody overrides what stops an update."""
    do = one.do
    if one.slug == "kind":
        do = "Say it in a post, where such a post is asked what it has to be; here leave it out."
    elif one.asks:
        do = "Answer the question below the words."
    return replace(one, do=do, override_by="")


def stands(update: IncidentUpdate) -> StaffMember | None:
    """Who said the first of two yeses, where they may approve there still."""
    first = update.first_yes_by
    if first is None or not over(first, Power.APPROVE_POSTS, update.incident.neighbourhood_id):
        return None
    return first


# What the public reads


@dataclass(frozen=True)
class ShownUpdate:
    """One update as the public reads it. Withdrawn: that it was is said, its words are not."""

    key: str
    words: str
    at: datetime
    changed_at: datetime
    withdrawn: bool


@dataclass(frozen=True)
class ShownIncident:
    """One incident with its updates, the newest first."""

    pk: int
    title: str
    area: str
    area_slug: str
    begun_at: datetime
    ended_at: datetime | None
    updates: tuple[ShownUpdate, ...]

    @property
    def changed_at(self) -> datetime:
        """When anything of it changed last."""
        return max(
            [
                self.begun_at,
                *([self.ended_at] if self.ended_at else []),
                *(one.changed_at for one in self.updates),
            ]
        )


def of_area(area: Neighbourhood) -> list[ShownIncident]:
    """What goes on there and in the whole force, and what ended in the last three days. Two reads."""
    where = Q(neighbourhood=None) | Q(neighbourhood=area)
    return _shown(Incident.objects.filter(where), AFTER_ITS_END)


def of_force() -> list[ShownIncident]:
    """What goes on anywhere, and what ended within a month. Two reads."""
    return _shown(Incident.objects.all(), KEPT_ON_ALL)


def _shown(rows: QuerySet[Incident], kept: timedelta) -> list[ShownIncident]:
    found = list(
        rows.filter(Q(ended_at=None) | Q(ended_at__gt=clock.now() - kept))
        .select_related("neighbourhood")
        .order_by("ended_at", "-begun_at", "-id")[:SHOWN]
    )
    told: dict[int, list[IncidentUpdate]] = {}
    for one in IncidentUpdate.objects.filter(
        incident__in=found, state__in=[State.PUBLISHED, State.WITHDRAWN]
    ).order_by("-published_at", "-id"):
        told.setdefault(one.incident_id, []).append(one)
    # Nothing is said of an incident before its first update is approved.
    shown = [_as_shown(row, told[row.pk]) for row in found if row.pk in told]
    return sorted(shown, key=lambda one: (one.ended_at is not None, -one.changed_at.timestamp()))


def _as_shown(row: Incident, updates: Iterable[IncidentUpdate]) -> ShownIncident:
    return ShownIncident(
        row.pk,
        row.title,
        row.neighbourhood.name if row.neighbourhood else "",
        row.neighbourhood.slug if row.neighbourhood else "",
        row.begun_at,
        row.ended_at,
        tuple(
            ShownUpdate(
                str(one.key),
                "" if one.state == State.WITHDRAWN else one.words,
                one.published_at,
                one.withdrawn_at or one.published_at,
                one.state == State.WITHDRAWN,
            )
            for one in updates
            if one.published_at is not None
        ),
    )


def version(shown: Iterable[ShownIncident]) -> str:
    """Other where anything of it is other."""
    return "-".join(f"{one.pk}.{len(one.updates)}.{one.changed_at.timestamp()}" for one in shown)
