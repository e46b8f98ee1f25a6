"""Pathways are edited as a draft, tried on the last 30 days, and switched live by a second person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max
from django.utils.text import slugify

from accounts import queries as accounts
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from escalation import queries_pathways
from escalation.models import Level, Pathway, PathwayVersion, Post, Rota
from moderation.categories import Category
from notices.models import NoticeDelivery
from retention import statutory
from staff.models import StaffMember
from staff.roles import Power, Role

MOST_LEVELS = 8
LONGEST_DEADLINE_MINUTES = 366 * 24 * 60
LONGEST_WORKING_MINUTES = 120 * 10 * 60
LONGEST_WARNING_MINUTES = 20 * 24 * 60
"""Before the end of a clock of the law."""


@dataclass(frozen=True)
class Rung:
    """One level as it is wanted: exactly one of role, rota and post."""

    acknowledge_within_s: int
    role: str = ""
    rota: Rota | None = None
    post: Post | None = None
    ways: Sequence[str] = ("email",)

    @property
    def kind(self) -> str:
        return Level.Kind.ROTA if self.rota else Level.Kind.POST if self.post else Level.Kind.ROLE


@dataclass(frozen=True)
class Wanted:
    """A version as it is wanted."""

    levels: Sequence[Rung]
    owner: str = ""
    review_on: date | None = None
    source: str = ""
    categories: Sequence[str] = ()
    floor: int = 0
    desk_minutes: int = 10
    first_team: str = ""
    advice: str = ""
    must_record: Sequence[str] = ()
    told: Sequence[str] = ()
    act_within_minutes: int = 15
    deadline_minutes: int | None = None
    deadline_says: str = ""
    deadline_clock: str = PathwayVersion.Clock.ALWAYS
    deadline_law: str = ""
    deadline_warn_minutes: int | None = None


@action
def add_pathway(*, actor: StaffMember, title: str) -> Pathway:
    """A new kind of case, with nothing live yet. Raises NotPermitted, NotValid. Audits pathway.added."""
    accounts.require(actor, Power.SET_PATHWAYS)
    title = " ".join(title.split())
    slug = slugify(title)[:40].replace("-", "_")
    if not slug or len(title) > 120:
        raise NotValid("Give it a title of up to 120 characters.", field="title")
    if Pathway.objects.filter(slug=slug).exists():
        raise NotValid("There is a pathway of that name already.", field="title")
    pathway = Pathway.objects.create(slug=slug, title=title)
    record(actor=actor, event="pathway.added", subject=pathway, subject_name=pathway.title)
    return pathway


@action
def save_draft(
    *, actor: Actor, pathway: Pathway, wanted: Wanted, seen_number: int | None = None
) -> PathwayVersion:
    """A draft of the next version. What is live, and every open case, stays as it is.

    Each saving is a version of its own; the draft before it is kept, replaced. seen_number: the draft that the
    person had in front of them. Raises NotPermitted, NotValid, ChangedSinceSeen. Audits pathway.drafted.
    """
    if isinstance(actor, StaffMember):
        accounts.require(actor, Power.SET_PATHWAYS)
    pathway = Pathway.objects.select_for_update().get(pk=pathway.pk)
    before = PathwayVersion.objects.filter(pathway=pathway, state=PathwayVersion.State.DRAFT).first()
    if before is not None and seen_number is not None and before.number != seen_number:
        raise ChangedSinceSeen(
            f"{before.made_by_name} has saved a draft since you opened this page. Read it before you go on."
        )
    _check(wanted)
    if before is not None:
        before.state = PathwayVersion.State.RETIRED
        before.save(update_fields=["state"])
    last = pathway.versions.aggregate(last=Max("number"))["last"] or 0
    at = clock.now()
    version = PathwayVersion.objects.create(
        pathway=pathway,
        number=last + 1,
        state=PathwayVersion.State.DRAFT,
        owner=wanted.owner[:120],
        review_on=wanted.review_on,
        source=wanted.source[:400],
        categories=list(wanted.categories),
        floor=wanted.floor,
        desk_minutes=wanted.desk_minutes,
        first_team=wanted.first_team[:120],
        advice=wanted.advice,
        must_record=[item[:200] for item in wanted.must_record],
        told=list(wanted.told),
        act_within_minutes=wanted.act_within_minutes,
        deadline_minutes=wanted.deadline_minutes,
        deadline_says=wanted.deadline_says[:120],
        deadline_clock=wanted.deadline_clock,
        deadline_law=wanted.deadline_law,
        deadline_warn_minutes=wanted.deadline_warn_minutes,
        made_at=at,
        changed_at=at,
        made_by=actor if isinstance(actor, StaffMember) else None,
        made_by_name=actor.actor_name,
    )
    for position, rung in enumerate(wanted.levels, start=1):
        Level.objects.create(
            version=version,
            position=position,
            kind=rung.kind,
            role=rung.role,
            rota=rung.rota,
            post=rung.post,
            ways=list(rung.ways),
            acknowledge_within_s=rung.acknowledge_within_s,
        )
    _record(actor, "pathway.drafted", version)
    return version


@action
def drop_draft(*, actor: StaffMember, version: PathwayVersion) -> PathwayVersion:
    """The draft is given up; it stays readable. Raises NotPermitted, TransitionNotAllowed. Audits pathway.dropped."""
    accounts.require(actor, Power.SET_PATHWAYS)
    found = _locked(version)
    if found.state != PathwayVersion.State.DRAFT:
        raise TransitionNotAllowed("This is no draft any more. Reload the page to see where it stands.")
    found.state = PathwayVersion.State.RETIRED
    found.save(update_fields=["state"])
    _record(actor, "pathway.dropped", found)
    return found


@action
def switch_live(*, actor: Actor, version: PathwayVersion, seen_number: int | None = None) -> PathwayVersion:
    """A draft becomes what happens from now on. Open cases keep the version that they began with.

    A second person: whoever saved the draft cannot switch it. seen_number: the draft that the person has read.
    Raises NotPermitted, NotValid (a category that another live pathway names, nobody to call), ChangedSinceSeen,
    TransitionNotAllowed. Audits pathway.switched with what the dry run said.
    """
    # All of them, for two that are switched at once must not both name a category.
    pathway = {one.pk: one for one in Pathway.objects.select_for_update().order_by("pk")}[version.pathway_id]
    found = _locked(version)
    if seen_number is not None and found.number != seen_number:
        raise ChangedSinceSeen(
            f"{found.made_by_name} has saved version {found.number} since you read version {seen_number}. Read it "
            "before you switch it live."
        )
    if isinstance(actor, StaffMember):
        accounts.require(actor, Power.SET_PATHWAYS)
        if found.made_by_id == actor.pk:
            raise NotPermitted(
                "A second person switches it live: you saved this draft. Ask somebody else who may edit pathways.",
                power=Power.SET_PATHWAYS.label,
            )
    if found.state != PathwayVersion.State.DRAFT:
        raise TransitionNotAllowed("This is no draft any more. Reload the page to see where it stands.")
    if clash := queries_pathways.clashes(found):
        category, other = clash[0]
        raise NotValid(
            f"“{category}” belongs to the pathway “{other.title}” already. Take it out of one of them first."
        )
    if not found.levels.exists():
        raise NotValid("It calls nobody. Give it at least one level.")
    PathwayVersion.objects.filter(pathway=pathway, state=PathwayVersion.State.LIVE).update(
        state=PathwayVersion.State.RETIRED
    )
    found.state = PathwayVersion.State.LIVE
    found.live_at = clock.now()
    found.live_by_name = actor.actor_name
    found.save(update_fields=["state", "live_at", "live_by_name"])
    tried = queries_pathways.dry_run(found.categories, pathway=pathway) if found.floor else None
    _record(actor, "pathway.switched", found, alerts_a_shift=tried.as_data() if tried else {})
    return found


def _check(wanted: Wanted) -> None:
    if not wanted.levels:
        raise NotValid("Give it at least one level: somebody has to be called.", field="levels")
    if len(wanted.levels) > MOST_LEVELS:
        raise NotValid(f"{MOST_LEVELS} levels at most.", field="levels")
    for number, rung in enumerate(wanted.levels, start=1):
        if sum(bool(one) for one in (rung.role, rung.rota, rung.post)) != 1:
            raise NotValid(f"Level {number} needs exactly one role, rota or post.", field="levels")
        if rung.role and rung.role not in Role.values:
            raise NotValid(f"Level {number} names a role that there is not.", field="levels")
        if not 10 <= rung.acknowledge_within_s <= 86_400:
            raise NotValid(f"Level {number} needs a time from 10 seconds to a day.", field="levels")
        if set(rung.ways) - (set(NoticeDelivery.Channel.values) - {NoticeDelivery.Channel.WEBHOOK}):
            raise NotValid(f"Level {number} names a way that there is not.", field="levels")
        if rung.post and not set(rung.ways) & {"email", "sms"}:
            raise NotValid(
                f"Level {number} calls a post, which has no page: choose e-mail or a text.", field="levels"
            )
    if set(wanted.categories) - set(Category.values):
        raise NotValid("Choose categories from the list.", field="categories")
    if wanted.floor and not wanted.categories:
        raise NotValid("A floor needs categories: choose those whose findings alert the desk.", field="floor")
    if not 0 <= wanted.floor <= 4:
        raise NotValid("The floor is from immediate to routine, or none.", field="floor")
    if not 1 <= wanted.desk_minutes <= 240:
        raise NotValid("The desk has from 1 to 240 minutes.", field="desk_minutes")
    if not 1 <= wanted.act_within_minutes <= 1440:
        raise NotValid("The second clock is from 1 minute to a day.", field="act_within_minutes")
    if wanted.deadline_minutes is not None:
        working = wanted.deadline_clock == PathwayVersion.Clock.WORKING
        most = LONGEST_WORKING_MINUTES if working else LONGEST_DEADLINE_MINUTES
        if not 1 <= wanted.deadline_minutes <= most:
            raise NotValid("The service level lies beyond a year.", field="deadline_minutes")
        if wanted.deadline_law:
            raise NotValid("Give minutes or a clock of the law, not both.", field="deadline_law")
    elif wanted.deadline_law and wanted.deadline_law not in statutory.Law.values:
        raise NotValid("Choose a clock of the law from the list.", field="deadline_law")
    has_deadline = wanted.deadline_minutes is not None or bool(wanted.deadline_law)
    if has_deadline and not wanted.deadline_says:
        raise NotValid("Say what is due then.", field="deadline_says")
    if wanted.deadline_warn_minutes is not None:
        if not has_deadline:
            raise NotValid(
                "There is no deadline to call anybody to: give one, or leave this empty.",
                field="deadline_warn_minutes",
            )
        if not 1 <= wanted.deadline_warn_minutes <= (wanted.deadline_minutes or LONGEST_WARNING_MINUTES):
            raise NotValid("Call them after the clock has begun.", field="deadline_warn_minutes")


def _locked(version: PathwayVersion) -> PathwayVersion:
    return PathwayVersion.objects.select_for_update(of=("self",)).select_related("pathway").get(pk=version.pk)


def _record(actor: Actor, event: str, version: PathwayVersion, **details: Any) -> None:
    record(
        actor=actor,
        event=event,
        subject=version,
        subject_name=version.pathway.title,
        details={"number": version.number, **details},
    )
