"""Reading pauses and lockdowns: what is in force and means what for whom, what each kept back, and their times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, Q, QuerySet

from accounts.models import Neighbourhood, OfficialAccount
from accounts.queries import authority_of
from core.errors import NotFound
from notices.models import Notice
from publishing import queries, stopping
from publishing.models import (
    Delivery,
    Lockdown,
    LockdownException,
    LockdownRelease,
    LockdownStop,
    Tag,
)
from staff.models import StaffMember, Team
from staff.roles import Power

PAGE_LENGTH = 25
MOST_SHOWN = queries.MOST_SHOWN
_STILL_TO_DECIDE = Q(decision="", delivery__state=Delivery.State.SCHEDULED) & ~Q(delivery__held_why="")


# What is in force


def live() -> list[Lockdown]:
    """Everything in force, exercises too; lockdowns before pauses. Everybody who is signed in may know."""
    found = Lockdown.objects.filter(lifted_at=None).select_related("started_by")
    return list(found.order_by("drill", "kind", "started_at", "id"))


def lockdown(pk: int) -> Lockdown:
    """One of them, in force or over. Raises NotFound."""
    found = Lockdown.objects.select_related("started_by", "lifted_by").filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such pause or lockdown.")
    return found


def what_it_stops(lockdown: Lockdown) -> str:
    """What it means for everybody, in a sentence or two."""
    if lockdown.drill:
        would = "posts would wait" if lockdown.kind == Lockdown.Kind.PAUSE else "nothing would go out"
        return f"This is an exercise: nothing is held. In earnest {would} on {lockdown.reach}."
    if lockdown.kind == Lockdown.Kind.PAUSE:
        return "Posts wait. Replies, corrections, hiding and take-downs go on."
    what = [name.lower() for name, kinds in stopping.WHAT.values() if set(kinds) <= set(lockdown.kinds)]
    if lockdown.kinds or lockdown.campaign_ids:
        listed = ", ".join(what) or "posts of the campaigns named"
        return f"Stopped, also where it was approved or is sent by hand or by the API: {listed}."
    return "No post, reply, correction or hiding goes out, whether scheduled, sent by hand, by the API or tried again."


def what_it_means(lockdown: Lockdown, viewer: StaffMember) -> str:
    """What it means for this person, in a sentence or two."""
    held = authority_of(viewer)
    if lockdown.drill:
        return "Nothing is held: work as always, and note what you would do."
    writes = set(held.account_ids(Power.WRITE_POSTS)) | set(held.account_ids(Power.APPROVE_POSTS))
    answers = set(held.account_ids(Power.REPLY)) | set(held.account_ids(Power.HIDE_COMMENTS))
    works_on = writes | answers
    names = ""
    if lockdown.scope_name:
        here = dict(stopping.accounts_in(lockdown).filter(pk__in=works_on).values_list("pk", "name"))
        if works_on and not here:
            return "It does not touch the official accounts that you work on."
        writes, answers = writes & set(here), answers & set(here)
        listed = sorted(here.values())
        names = " on " + (
            ", ".join(listed[:3]) + (f" and {len(listed) - 3} more" if len(listed) > 3 else "")
            if listed
            else lockdown.scope_name
        )
    if lockdown.kind == Lockdown.Kind.PAUSE:
        if writes:
            means = (
                f"Your posts{names} wait, also those approved. You can go on writing, answering and hiding."
            )
        elif answers:
            means = "Nothing changes in your work: replies and hiding go on."
        else:
            means = f"Posts wait{names}; replies and hiding go on."
    elif writes and answers:
        means = f"Nothing of yours goes out{names}: no post, reply or hiding. Drafts are kept, and nothing is lost."
    elif writes or answers:
        means = f"Your {'posts' if writes else 'replies and hiding'}{names} wait. Nothing is lost."
    else:
        means = f"Nothing goes out{names}. Cases, call-outs and notices to staff go on."
    if held.holds(Power.LOCK_DOWN):
        means += " You may let what saves a life pass by name, and end it with a colleague."
    return means


# What would be stopped, and choices for the form


@dataclass(frozen=True)
class Waiting:
    """How much waits, up to 1,000 of each."""

    posts: int
    replies: int
    changes: int
    on_their_way: int


def waiting_now() -> Waiting:
    """How many acts of each kind wait now, force-wide: numbers only."""
    waiting = Delivery.objects.filter(state=Delivery.State.SCHEDULED, held_why="")
    on_their_way = Delivery.objects.filter(state__in=queries.ON_ITS_WAY)
    return Waiting(
        posts=waiting.filter(kind=Delivery.Kind.POST)[:1000].count(),
        replies=waiting.filter(kind=Delivery.Kind.REPLY)[:1000].count(),
        changes=waiting.exclude(kind__in=[Delivery.Kind.POST, Delivery.Kind.REPLY])[:1000].count(),
        on_their_way=on_their_way[:1000].count(),
    )


@dataclass(frozen=True)
class Choices:
    """What a lockdown can be bound to: pairs of id and name."""

    official_accounts: list[tuple[int, str]]
    neighbourhoods: list[tuple[int, str]]
    teams: list[tuple[int, str]]
    campaigns: list[tuple[int, str]]


def choices() -> Choices:
    """Everything there is: whoever may lock down may do so over the whole force."""
    accounts = OfficialAccount.objects.exclude(status=OfficialAccount.Status.CLOSED)
    return Choices(
        official_accounts=[(row.pk, f"{row.name} ({row.platform})") for row in accounts],
        neighbourhoods=list(Neighbourhood.objects.values_list("pk", "name")),
        teams=list(Team.objects.filter(officialaccount__isnull=False).distinct().values_list("pk", "name")),
        campaigns=list(
            Tag.objects.filter(kind=Tag.Kind.CAMPAIGN, retired_at=None).values_list("pk", "name")[:100]
        ),
    )


# One of them


def waiting_under(viewer: StaffMember, lockdown: Lockdown) -> list[Delivery]:
    """What it keeps back at the moment and the viewer may see, what is due first at the top. None once it is over.

    Each with `passes`: the exception that lets it out, or None.
    """
    if lockdown.lifted_at is not None:
        return []
    kinds = Q(kind__in=stopping.PAUSED) if lockdown.kind == Lockdown.Kind.PAUSE else Q()
    held_by_it = Q(stops__lockdown=lockdown, stops__decision="")
    rows = list(
        queries.in_sight(viewer)
        .filter(pk__in=stopping.under(lockdown).filter(kinds).values("pk"), state=Delivery.State.SCHEDULED)
        .filter(Q(held_why="") | held_by_it)
        .distinct()
        .order_by("due_at", "id")[:MOST_SHOWN]
    )
    return rows


def waiting_count(lockdown: Lockdown) -> int:
    """How much it keeps back now, up to 1,000, whoever may see it."""
    if lockdown.lifted_at is not None:
        return 0
    covered = stopping.under(lockdown).filter(state=Delivery.State.SCHEDULED, held_why="")
    if lockdown.kind == Lockdown.Kind.PAUSE:
        covered = covered.filter(kind__in=stopping.PAUSED)
    return covered[:1000].count()


def exceptions(lockdown: Lockdown) -> list[LockdownException]:
    """What was let pass, by name."""
    return list(lockdown.exceptions.select_related("allowed_by", "delivery__official_account"))


def releases(lockdown: Lockdown) -> list[LockdownRelease]:
    """Who asked to end it and what became of that, the latest first."""
    return list(lockdown.releases.select_related("asked_by", "decided_by"))


def release(pk: int) -> LockdownRelease:
    """One request to end a lockdown. Raises NotFound."""
    found = LockdownRelease.objects.select_related("lockdown", "asked_by").filter(pk=pk).first()
    if found is None:
        raise NotFound("Nobody has asked for that. Reload the page to see where things stand.")
    return found


def stops_between(lockdown: Lockdown) -> list[LockdownStop]:
    """The acts that were in between when it began: stopped before they left, or under way."""
    between = (LockdownStop.How.CAUGHT, LockdownStop.How.UNDER_WAY)
    found = lockdown.stops.filter(how__in=between).select_related("delivery__official_account")
    return list(found.select_related("delivery__official_account", "delivery__author")[:1000])


def outcome_between(stop: LockdownStop) -> str:
    """What became of an act that was in between, in words."""
    row = stop.delivery
    state = Delivery.State
    if row.state == state.SENT and row.sent_at is not None:
        return "Had left, and stands there" if stop.how == LockdownStop.How.UNDER_WAY else "Sent later"
    if row.state in (state.CLAIMED, state.SENDING):
        return "Still being sent"
    if row.state == state.UNKNOWN:
        return "Not known yet: the account is being read back"
    if row.state == state.REJECTED:
        return "Refused by the platform"
    if row.state == state.WITHDRAWN:
        return "Withdrawn"
    return "Stopped before it left"


def kept_back(lockdown: Lockdown) -> dict[str, int]:
    """How many acts it kept back, and what was decided about them."""
    kept = lockdown.stops.exclude(how=LockdownStop.How.UNDER_WAY)
    by_decision = dict(kept.order_by().values_list("decision").annotate(n=Count("pk")))
    return {
        "all": sum(by_decision.values()),
        "send": by_decision.get("send", 0),
        "draft": by_decision.get("draft", 0),
        "drop": by_decision.get("drop", 0),
        "open": kept.filter(_STILL_TO_DECIDE).count(),
    }


# What waits for somebody's decision


def to_decide(viewer: StaffMember, *, after: int = 0, of: Lockdown | None = None) -> list[LockdownStop]:
    """Acts that lockdowns have kept back and that wait for a decision, where the viewer may see them.

    The one due first at the top; at most PAGE_LENGTH and one more. One act that two have kept back stands once.
    """
    found = LockdownStop.objects.filter(_STILL_TO_DECIDE, lockdown__lifted_at__isnull=False).exclude(
        how=LockdownStop.How.UNDER_WAY
    )
    if of is not None:
        found = found.filter(lockdown=of)
    rows = (
        found.filter(delivery__in=queries.in_sight(viewer).values("pk"))
        .select_related(
            "lockdown",
            "delivery__official_account",
            "delivery__author",
            "delivery__approver",
            "delivery__variant__post",
        )
        .order_by("delivery__due_at", "delivery_id", "id")
    )
    seen: set[int] = set()
    once = []
    for row in rows[after : after + 4 * PAGE_LENGTH]:
        if row.delivery_id not in seen:
            seen.add(row.delivery_id)
            once.append(row)
    return once[: PAGE_LENGTH + 1]


def to_decide_count(viewer: StaffMember) -> int:
    """How many acts wait for a decision after a lockdown, up to 1,000."""
    found = LockdownStop.objects.filter(_STILL_TO_DECIDE, lockdown__lifted_at__isnull=False).exclude(
        how=LockdownStop.How.UNDER_WAY
    )
    seen = found.filter(delivery__in=queries.in_sight(viewer).values("pk"))
    return seen.order_by().values("delivery_id").distinct()[:1000].count()


def stop(viewer: StaffMember, pk: int) -> LockdownStop:
    """One act that was kept back. Raises NotFound."""
    found = (
        LockdownStop.objects.select_related("lockdown", "delivery")
        .filter(pk=pk, delivery__in=queries.in_sight(viewer).values("pk"))
        .exclude(how=LockdownStop.How.UNDER_WAY)
        .first()
    )
    if found is None:
        raise NotFound(
            "There is nothing under that number that a lockdown has kept back, or you may not see it."
        )
    return found


def decided(viewer: StaffMember, lockdown: Lockdown) -> list[LockdownStop]:
    """What was decided about what it kept back, the latest first."""
    found = lockdown.stops.exclude(decision="").exclude(how=LockdownStop.How.UNDER_WAY)
    return list(
        found.filter(delivery__in=queries.in_sight(viewer).values("pk"))
        .select_related("delivery__official_account", "delivery__variant__post", "decided_by")
        .order_by("-decided_at", "-id")[:MOST_SHOWN]
    )


def stopped_ids(rows: Sequence[Delivery]) -> set[int]:
    """Which of these a pause or lockdown keeps back at the moment."""
    found = Delivery.objects.filter(stopping.stopped(), pk__in=[row.pk for row in rows])
    return set(found.values_list("pk", flat=True)) if rows else set()


def kept_back_ids(rows: Sequence[Delivery]) -> set[int]:
    """Which of these were kept back and wait for a decision, each by itself."""
    if not rows:
        return set()
    found = LockdownStop.objects.filter(_STILL_TO_DECIDE, delivery__in=[row.pk for row in rows])
    return set(found.exclude(how=LockdownStop.How.UNDER_WAY).values_list("delivery_id", flat=True))


# History


def past(*, before: Lockdown | None = None) -> list[Lockdown]:
    """Pauses, lockdowns and exercises that are over, the latest first: at most PAGE_LENGTH and one more."""
    found = Lockdown.objects.exclude(lifted_at=None).select_related("started_by", "lifted_by")
    if before is not None:
        found = found.filter(
            Q(started_at__lt=before.started_at) | Q(started_at=before.started_at, pk__lt=before.pk)
        )
    return list(found[: PAGE_LENGTH + 1])


@dataclass(frozen=True)
class Moment:
    """A step in the story of a lockdown, and how long after its start."""

    what: str
    at: datetime
    after: timedelta
    by: str = ""


def times(lockdown: Lockdown) -> list[Moment]:
    """Its times, in order: begun, told, seen, asked, ended, looked at."""
    began = lockdown.started_at
    found = [Moment("Began", began, timedelta(0), lockdown.started_by.called)]

    def add(what: str, at: datetime | None, by: str = "") -> None:
        if at is not None:
            found.append(Moment(what, at, at - began, by))

    people = "person" if lockdown.people_told == 1 else "people"
    add(f"{lockdown.people_told} {people} told", lockdown.told_at)
    read = told(lockdown).exclude(seen_at=None).values_list("seen_at", flat=True)
    seen = sorted(at for at in read if at is not None)
    if seen:
        add(f"Half of the {len(seen)} who have read it had read it", _middle(seen))
        add(f"The last of these {len(seen)} had read it", seen[-1])
    if lockdown.caught_noted_at:
        add("What was under way was written down", lockdown.caught_noted_at)
    for passed in exceptions(lockdown):
        add(f"Let pass: {passed.what}", passed.allowed_at, passed.allowed_by.called)
    for asked in releases(lockdown):
        add("Asked to end it", asked.asked_at, asked.asked_by.called)
        if asked.decided_by is not None:
            add(
                "Confirmed" if asked.confirmed else f"Not confirmed: {asked.decided_why}",
                asked.decided_at,
                asked.decided_by.called,
            )
    if lockdown.lifted_by is not None:
        alone = f", agreed by {lockdown.manager_name}" if lockdown.manager_name else ""
        add(f"Ended{alone}", lockdown.lifted_at, lockdown.lifted_by.called)
    kept = lockdown.stops.exclude(how=LockdownStop.How.UNDER_WAY)
    if kept.exists() and not kept.filter(_STILL_TO_DECIDE).exists():
        last = kept.exclude(decided_at=None).order_by("-decided_at").first()
        add("The last act it kept back was decided", last.decided_at if last is not None else None)
    return sorted(found, key=lambda moment: moment.at)


def told(lockdown: Lockdown) -> QuerySet[Notice]:
    """The notices by which people learnt that it began."""
    return Notice.objects.filter(key=f"lockdown:{lockdown.pk}:told")


def _middle(instants: list[datetime]) -> datetime:
    return datetime.fromtimestamp(median(at.timestamp() for at in instants), instants[0].tzinfo)


# For the machinery


def to_be_told() -> list[Lockdown]:
    """Whoever they concern has not been told yet, or not that they are over; or the list of what was in between
    is still to be told."""
    return list(
        Lockdown.objects.filter(
            Q(told_at=None, lifted_at=None)
            | Q(caught_noted_at=None, lifted_at=None)
            | Q(lift_told_at=None, lifted_at__isnull=False, told_at__isnull=False)
        )
    )
