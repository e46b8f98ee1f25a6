"""Reading the desk: queues, their counts, and single comments. Every list is scoped to the viewer."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import BooleanField, DateTimeField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Left
from django.urls import reverse

from accounts.connections import limits_of
from accounts.models import OfficialAccount, PlatformLink
from accounts.queries import authority_of, people_with
from core import clock, context
from core.errors import NotFound
from core.prepared import Given, PreparedObjects, Shape, Statement
from moderation import filters, presence, switched_off
from moderation.categories import Category, Priority
from moderation.models import (
    Attachment,
    Clause,
    Comment,
    Decision,
    Place,
    SavedView,
    Skip,
)
from moderation.models.comments import NEVER_DUE, due
from platforms import registry
from platforms.contract import Capability, Connector, Login
from publishing.models import Delivery
from staff.models import Membership, StaffMember, Team
from staff.roles import Power, Role

ORDER = ("priority", due(), "received_at", "id")
"""By risk, then deadline, then age: the order of the partial indexes comment_open_order and comment_open_queue."""
BY_TIME = ("received_at", "id")
"""The queue while triage is switched off whole (moderation.switched_off)."""

PAGE = 50
COUNT_TO = 1000
GROUPS_FROM = 3_000
"""Counts by category and official account look at this many of the most urgent open comments."""
DUE_SOON = timedelta(minutes=30)
SETTLED = (Delivery.State.SENT, *Delivery.CAME_TO_NOTHING)
FIRST_LINE = 200


# Queues


@dataclass(frozen=True)
class Queue:
    """One way to look at open comments. `slug` stands in the address (?queue=...)."""

    slug: str
    title: str
    where: Q = field(repr=False)
    risk: int | None = None
    base: str = ""
    asked: filters.Asked | None = None
    """Where it is narrowed: by what."""


@dataclass(frozen=True)
class Counted:
    """A queue with how many it holds. `more` says that the count stopped before the end."""

    queue: Queue
    count: int
    more: bool = False

    @property
    def figure(self) -> str:
        """As it stands beside the queue's name: "1,000+" where the count stopped."""
        return f"{self.count:,}{'+' if self.more else ''}"


@dataclass(frozen=True)
class View:
    """A saved view as it stands among the queues."""

    name: str
    slug: str


@dataclass(frozen=True)
class Queues:
    """The left pane: the four main queues, categories with something in them, official accounts."""

    main: list[Counted]
    risks: list[Counted]
    others: list[Counted]
    accounts: list[Counted]
    teams: list[Counted] = field(default_factory=list)
    """Teams to which something open was handed."""
    by_hand: list[Spoken] = field(default_factory=list)
    """On platforms that nobody can read from here: their comments are pasted."""
    areas: list[Counted] = field(default_factory=list)
    """By neighbourhood, what names a place there included, and by team."""
    beside: Counted | None = None
    views: list[View] = field(default_factory=list)

    @property
    def sections(self) -> list[tuple[str, list[Counted]]]:
        """As they stand in the left pane."""
        return [
            ("Queues", self.main),
            ("By category", [*self.risks, *self.others]),
            ("By team", self.areas),
            ("Handed to teams", self.teams),
            ("By official account", self.accounts),
        ]

    @property
    def all(self) -> list[Counted]:
        """Every one that is counted."""
        beside = [self.beside] if self.beside else []
        return [*self.main, *self.risks, *self.others, *self.areas, *self.teams, *self.accounts, *beside]


@dataclass(frozen=True)
class Row:
    """One line of the list. `done` says in words why it no longer belongs to the queue, if so."""

    comment: Comment
    first_line: str
    why: str
    holder: StaffMember | None
    mine: bool
    overdue: bool
    done: str = ""
    others: tuple[str, ...] = ()
    """Colleagues who have it open just now, in words."""
    came_with: str = ""
    """Pictures and videos that came with it, in words."""


@dataclass(frozen=True)
class ListPage:
    """One keyset page of a queue, and where the next one starts."""

    queue: Queue
    rows: list[Row]
    after: str
    next_after: str

    @property
    def ids(self) -> list[int]:
        return [row.comment.pk for row in self.rows]


UNRESTRICTED = ~Q(state=Comment.State.RESTRICTED)
"""What the desk may see at all."""


def scope(viewer: StaffMember) -> list[int]:
    """Ids of the official accounts whose comments the viewer may see."""
    return sorted(authority_of(viewer).account_ids(Power.SEE_COMMENTS))


def in_sight(viewer: StaffMember, ids: Sequence[int] | None = None) -> Q:
    """Comments that the viewer may see: of their official accounts, and public ones that name their places.

    None that is restricted (DPA 2018 s.47): those are read under retention, with a reason. Whoever answers for a neighbourhood by a grant for it reads what names a place there on any official account.
    """
    seen = Q(official_account_id__in=scope(viewer) if ids is None else ids)
    near = places_in_sight(viewer)
    seen = seen | Q(private=False, named_places__overlap=near) if near else seen
    return seen & UNRESTRICTED


def places_in_sight(viewer: StaffMember) -> list[int]:
    """Ids of the places of the viewer's neighbourhoods; within a request read once."""
    theirs = authority_of(viewer).neighbourhood_ids(Power.SEE_COMMENTS)
    kept = context.kept()
    if not theirs or kept is None:
        return places_of(theirs)
    key = ("desk-places", viewer.pk)
    if key not in kept:
        kept[key] = places_of(theirs)
    return kept[key]


def places_of(neighbourhoods: Iterable[int]) -> list[int]:
    """Ids of the places in these neighbourhoods, withdrawn ones too: what named them still does."""
    wanted = sorted(neighbourhoods)
    if not wanted:
        return []
    return sorted(Place.objects.filter(neighbourhood_id__in=wanted).values_list("id", flat=True))


def answers_for_place(viewer: StaffMember, power: str, comment: Comment) -> bool:
    """Whether a public comment names a place in a neighbourhood for which the viewer holds the power."""
    if comment.private or not comment.named_places:
        return False
    theirs = authority_of(viewer).neighbourhood_ids(power)
    return bool(theirs) and not set(comment.named_places).isdisjoint(places_of(theirs))


def free(now: datetime) -> Q:
    """Comments that nobody has; a lease that ran out counts as nobody's."""
    return Q(claimed_by=None) | Q(claimed_until__lte=now)


def _pressing(now: datetime) -> list[Q]:
    """At risk, due soon, unread by triage: each one range of an index (`due` as in open_comments).

    No comment is in two of them but for the last.
    """
    soon = [
        Q(priority=one, due__lte=now + DUE_SOON) for one in (Priority.ROUTINE, Priority.LOW, Priority.NONE)
    ]
    return [Q(priority__lte=Priority.HIGH), *soon, Q(triage_broken=True)]


def _now_in_parts(viewer: StaffMember, now: datetime) -> list[Q]:
    """What needs me now, in parts without a comment in two: each is read in an index's order until enough are counted.

    As one condition with OR, Postgres first gathers all that are pressing, however many, before it counts any.
    """
    *ranges, unread = _pressing(now)
    alone = unread & ~reduce(or_, ranges)
    return [_mine(viewer, now), *(free(now) & one for one in (*ranges, alone))]


def _mine(viewer: StaffMember, now: datetime) -> Q:
    return Q(claimed_by=viewer, claimed_until__gt=now)


def queue(viewer: StaffMember, slug: str, *, at: datetime | None = None) -> Queue:
    """The queue that the address names (moderation.filters), as it stands at an instant, now by default.

    Raises NotFound for none, or one out of scope.
    """
    now = at or clock.now()
    asked = filters.read(slug)
    if asked is None:
        raise NotFound(NO_SUCH_QUEUE)
    chosen = _base(viewer, asked.base, now)
    if not asked.parts:
        return chosen
    narrowed = [_narrowed(viewer, key, value, now) for key, value in asked.parts]
    where = chosen.where
    for by, _ in narrowed:
        where &= by
    title = f"{chosen.title}: {filters.in_words(words for _, words in narrowed)}"
    return Queue(asked.slug, title, where, base=asked.base, asked=asked)


NO_SUCH_QUEUE = "There is no such queue, or it is not one that you may see."
LARGEST = 2**31 - 1


def _base(viewer: StaffMember, slug: str, now: datetime) -> Queue:
    if slug == "now":
        pressing = free(now) & reduce(or_, _pressing(now))
        return Queue("now", "Needs me now", _mine(viewer, now) | pressing)
    if slug == "mine":
        return Queue("mine", "Mine", _mine(viewer, now))
    if slug == "unclaimed":
        return Queue("unclaimed", "Unclaimed", free(now))
    if slug == "open":
        return Queue("open", "All open", Q())
    if slug == "held":
        return Queue("held", "Held by the platform", ~Q(held_why=""))
    if slug == "skipped":
        return Queue("skipped", "Skipped by all", Q(skipped_by_all_at__isnull=False))
    kind, _, name = slug.partition("-")
    where, title = _narrowed(viewer, kind, name, now)
    return Queue(slug, title, where)


def _narrowed(viewer: StaffMember, key: str, value: str, now: datetime) -> tuple[Q, str]:
    """What one part of a queue asks, and how it is called. Raises NotFound."""
    number = int(value) if value.isascii() and value.isdigit() and int(value[:12]) <= LARGEST else 0
    if key == "category" and value in Category.values:
        return Q(category=value), str(Category(value).label)
    if key == "account" and number in scope(viewer):
        name = next((one.name for one in accounts_in_sight(viewer) if one.pk == number), "")
        return Q(official_account=number), name
    if key == "area" and (area := _areas(viewer).get(number)):
        return area.where, area.name
    if key == "team" and (team := _teams(viewer).get(number)):
        return Q(official_account_id__in=team.accounts), team.name
    if key == "handed" and (handed := Team.objects.filter(pk=number).first()):
        return Q(handed_to=number), f"Handed to {handed.name}"
    if key == "risk" and value in filters.RISKS:
        return Q(priority__lte=int(value)), filters.RISKS[value]
    if key == "language" and value in filters.LANGUAGES:
        return ~Q(language__in=["", "en"]), filters.LANGUAGES[value]
    if key == "kind" and value in filters.KINDS:
        return Q(private=value == "private"), filters.KINDS[value]
    if key == "who" and value in filters.WHO:
        held = free(now)
        return held if value == "nobody" else ~held, filters.WHO[value]
    raise NotFound(NO_SUCH_QUEUE)


@dataclass(frozen=True)
class Area:
    """A neighbourhood or a team, with the official accounts and places that are its own."""

    pk: int
    name: str
    accounts: frozenset[int]
    places: frozenset[int] = frozenset()

    @property
    def where(self) -> Q:
        own = Q(official_account_id__in=self.accounts)
        return own | Q(named_places__overlap=sorted(self.places)) if self.places else own


def _areas(viewer: StaffMember) -> dict[int, Area]:
    """The neighbourhoods that the viewer's official accounts belong to."""
    return _grouped(viewer)[0]


def _teams(viewer: StaffMember) -> dict[int, Area]:
    """The teams that the viewer's official accounts belong to."""
    return _grouped(viewer)[1]


def areas_and_teams(viewer: StaffMember) -> tuple[list[Area], list[Area]]:
    """The neighbourhoods and the teams by which the viewer's queue can be read, by name."""
    areas, teams = _grouped(viewer)
    return list(areas.values()), list(teams.values())


def _grouped(viewer: StaffMember) -> tuple[dict[int, Area], dict[int, Area]]:
    """Neighbourhoods and teams of the viewer's official accounts; within a request worked out once."""
    kept = context.kept()
    key = ("desk-areas", viewer.pk)
    if kept is not None and key in kept:
        return kept[key]
    areas: dict[int, tuple[str, set[int]]] = {}
    teams: dict[int, tuple[str, set[int]]] = {}
    places: dict[int, list[int]] = {}
    for one in accounts_in_sight(viewer):
        if one.neighbourhood_id is not None and one.neighbourhood is not None:
            areas.setdefault(one.neighbourhood_id, (one.neighbourhood, set()))[1].add(one.pk)
            places[one.neighbourhood_id] = one.place_ids
        if one.team_id is not None and one.team is not None:
            teams.setdefault(one.team_id, (one.team, set()))[1].add(one.pk)
    made = (
        {
            pk: Area(pk, name, frozenset(ids), frozenset(places.get(pk, ())))
            for pk, (name, ids) in sorted(areas.items(), key=lambda one: one[1][0])
        },
        {
            pk: Area(pk, name, frozenset(ids))
            for pk, (name, ids) in sorted(teams.items(), key=lambda one: one[1][0])
        },
    )
    if kept is not None:
        kept[key] = made
    return made


@dataclass(frozen=True)
class Spoken:
    """An official account as the desk lists it."""

    pk: int
    name: str
    platform: str
    neighbourhood_id: int | None
    neighbourhood: str | None
    team_id: int | None
    team: str | None
    place_ids: list[int] = field(hash=False)

    @property
    def by_hand(self) -> bool:
        """Whether people do the last step on its platform, and paste what the public writes there."""
        return self.platform in registry.BY_HAND


def accounts_in_sight(viewer: StaffMember) -> list[Spoken]:
    """The official accounts whose comments the viewer may see, by name; within a request read once."""
    kept = context.kept()
    key = ("desk-accounts", viewer.pk)
    if kept is not None and key in kept:
        return kept[key]
    found = [Spoken(*row.values()) for row in _spoken(scope(viewer))]
    if kept is not None:
        kept[key] = found
    return found


def _spoken(ids: Sequence[int]) -> QuerySet[Any, Any]:
    """What makes a Spoken, in the order of its fields."""
    places = Place.objects.filter(neighbourhood=OuterRef("neighbourhood")).values("pk")
    return (
        OfficialAccount.objects.filter(pk__in=ids)
        .annotate(place_ids=ArraySubquery(places))
        .order_by("name", "id")
        .values(
            "id",
            "name",
            "platform",
            "neighbourhood_id",
            "neighbourhood__name",
            "team_id",
            "team__name",
            "place_ids",
        )
    )


def open_comments(viewer: StaffMember, ids: Sequence[int] | None = None) -> QuerySet[Comment]:
    """Everything open that the viewer may see: the predicate of every queue and every count."""
    return Comment.objects.alias(due=due()).filter(in_sight(viewer, ids), state=Comment.State.OPEN)


def queues(viewer: StaffMember, *, beside: Queue | None = None) -> Queues:
    """Every queue with its count, from the predicate of its list; counting stops at 1,000.

    beside: another queue that is counted as well, such as the one on the screen where it is narrowed.
    Counts by category, neighbourhood, team and official account look at the GROUPS_FROM most urgent.
    """
    now = clock.now()
    fixed = [_base(viewer, slug, now) for slug in FIXED]
    asked = [*fixed, *([beside] if beside is not None and beside.asked is not None else [])]
    numbers, groups, views, handed = _read_together(viewer, [one.slug for one in asked[len(fixed) :]], now)
    main = [Counted(one, min(n, COUNT_TO), n > COUNT_TO) for one, n in zip(asked, numbers, strict=True)]
    also = main[len(fixed) :]
    # What everybody passed over is shown where there is any.
    main = [one for one in main[: len(fixed)] if one.count or one.queue.slug != "skipped"]
    capped = sum(n for *_, n, _ in groups) > GROUPS_FROM
    areas, teams = _grouped(viewer)
    by_category: dict[str, int] = {}
    highest: dict[str, int] = {}
    by_account: dict[int, int] = {}
    by_area: dict[int, int] = dict.fromkeys(areas, 0)
    by_team: dict[int, int] = dict.fromkeys(teams, 0)
    for category, account, places, n, priority in groups:
        by_category[category] = by_category.get(category, 0) + n
        highest[category] = min(priority, highest.get(category, priority))
        by_account[account] = by_account.get(account, 0) + n
        named = set(places or ())
        for area in areas.values():
            if account in area.accounts or not named.isdisjoint(area.places):
                by_area[area.pk] += n
        for team in teams.values():
            if account in team.accounts:
                by_team[team.pk] += n
    categories = [
        _group(_of_category(c, highest[c]), by_category[c], capped)
        for c in Category.values
        if c in by_category
    ]
    seen = accounts_in_sight(viewer)
    risks = sorted((c for c in categories if c.queue.risk), key=lambda c: c.queue.risk or 9)
    answered = authority_of(viewer).account_ids(Power.REPLY)
    return Queues(
        main=main,
        risks=risks,
        others=[c for c in categories if not c.queue.risk],
        accounts=[_group(_of_account(one), by_account.get(one.pk, 0), capped) for one in seen],
        by_hand=[account for account in seen if account.by_hand and account.pk in answered],
        areas=[
            *(
                _group(Queue(f"area-{one.pk}", one.name, one.where), by_area[one.pk], capped)
                for one in areas.values()
            ),
            *(
                _group(Queue(f"team-{one.pk}", one.name, one.where), by_team[one.pk], capped)
                for one in teams.values()
            ),
        ],
        teams=_handed_to(handed),
        beside=also[0] if also else None,
        views=views,
    )


_Place = tuple[int, datetime, datetime, int]
"""Of a comment in the queue: priority, deadline, when it came, id."""
_Group = tuple[str, int, list[int] | None, int, int]
"""Category, official account, named places; how many comments, and the highest priority among them."""


FIXED = ("now", "mine", "unclaimed", "open", "held", "skipped")
"""The queues that everybody has."""
MADE_AT = datetime(7000, 1, 1, tzinfo=UTC)
"""The instant for which a statement is made; instants around it are moved to the present when it is asked."""
MOST_MADE = 1000
MOST_RUN_OUT = 500
"""Of the leases that have run out, so many are looked at by whoever takes the next comment, the oldest ones."""
_MADE: dict[Any, Statement] = {}
_SHAPES: dict[Any, Shape[Comment]] = {}


def _handed_to(counts: dict[int, int]) -> list[Counted]:
    """The teams to which something open was handed, with how many."""
    if not counts:
        return []
    return [
        _group(
            Queue(f"handed-{team.pk}", f"Handed to {team.name}", Q(handed_to=team.pk)), counts[team.pk], False
        )
        for team in Team.objects.filter(pk__in=list(counts)).order_by("name")
    ]


def _ask(key: tuple[Any, ...], make: Callable[[], tuple[str, list[Any]]], now: datetime, **given: Any) -> Any:
    """The rows of a statement, which is made once for each key: person, scope and queue.

    Django takes longer to work out what a queue asks than Postgres to answer it (`manage.py bench queue`).
    given: values for the places (_Place) in it.
    """
    if key not in _MADE:
        if len(_MADE) >= MOST_MADE:
            _MADE.clear()
        sql, values = make()
        _MADE[key] = Statement(sql, [_place(value) for value in values])
    if not _MADE[key].sql:
        return []
    return _MADE[key].rows(lambda name: now + name if isinstance(name, timedelta) else given[name])


def _shape(key: tuple[Any, ...], make: Callable[[], QuerySet[Comment]]) -> Shape[Comment]:
    """How the rows of a statement become comments, made once for each key like the statement itself."""
    if key not in _SHAPES:
        if len(_SHAPES) >= MOST_MADE:
            _SHAPES.clear()
        _SHAPES[key] = Shape(make())
    return _SHAPES[key]


def _place(value: Any) -> Any:
    """A place for what is given at each asking: the place in the queue, and how long from the present on."""
    if type(value) in (int, datetime) and value in _NAMES:
        return Given(_NAMES[value])
    moves = isinstance(value, datetime) and value.year in (6999, 7000)
    return Given(value - MADE_AT) if moves else value


_PLACES = {
    "priority": -31_777,
    "due_at": datetime(7919, 1, 1, tzinfo=UTC),
    "received_at": datetime(7919, 1, 2, tzinfo=UTC),
    "pk": -(2**62),
}
"""What stands for the place in a queue while a statement is made: nothing that any comment has."""
_NAMES = {value: name for name, value in _PLACES.items()}


def _made_for(viewer: StaffMember) -> tuple[Any, ...]:
    """What a statement of this person's depends on."""
    return (viewer.pk, *scope(viewer), "near", *places_in_sight(viewer))


def _read_together(
    viewer: StaffMember, beside: list[str], now: datetime
) -> tuple[list[int], list[_Group], list[View], dict[int, int]]:
    """How many each queue holds, up to one more than COUNT_TO; the most urgent in groups; the views. One statement.

    The official accounts come with it, and are kept for the request.
    """
    also = [queue(viewer, slug, at=MADE_AT) for slug in beside]
    where = tuple(repr(one.where) for one in also)
    key = ("counts", *_made_for(viewer), COUNT_TO, GROUPS_FROM, *where)
    ((*numbers, found, handed, accounts, shown),) = _ask(key, lambda: _make_counts(viewer, also), now)
    if (kept := context.kept()) is not None:
        kept.setdefault(("desk-accounts", viewer.pk), [Spoken(*one.values()) for one in accounts or ()])
    groups = [tuple(one.values()) for one in found or ()]
    return (
        numbers or [0] * (len(FIXED) + len(also)),
        groups,
        [View(*one.values()) for one in shown or ()],
        {one["handed_to_id"]: one["n"] for one in handed or ()},
    )


def _make_counts(viewer: StaffMember, also: list[Queue]) -> tuple[str, list[Any]]:
    """Where nothing is in sight, nothing is counted."""
    all_open = open_comments(viewer)
    parts = {slug: [_base(viewer, slug, MADE_AT).where] for slug in FIXED}
    parts["now"] = _now_in_parts(viewer, MADE_AT)
    counts: list[tuple[str, QuerySet[Any, Any]]] = [
        ("(SELECT count(*) FROM (ROWS) AS counted)", _as_many(all_open, wheres))
        for wheres in (*parts.values(), *([one.where] for one in also))
    ]
    urgent = all_open.order_by(*ORDER).values("category", "official_account_id", "named_places", "priority")
    groups = (
        "(SELECT json_agg(g) FROM (SELECT category, official_account_id, named_places, count(*) AS n, "
        "min(priority) AS highest FROM (ROWS) AS looked_at GROUP BY 1, 2, 3) g)"
    )
    handed = (
        "(SELECT json_agg(h) FROM (SELECT handed_to_id, count(*) AS n FROM (ROWS) AS handed GROUP BY 1) h)",
        all_open.filter(handed_to__isnull=False).order_by().values("handed_to_id")[: GROUPS_FROM + 1],
    )
    accounts = ("(SELECT json_agg(a) FROM (ROWS) AS a)", _spoken(scope(viewer)))
    views = ("(SELECT json_agg(v) FROM (ROWS) AS v)", views_in_sight(viewer, MADE_AT).values("name", "slug"))
    try:
        return _joined([*counts, (groups, urgent[: GROUPS_FROM + 1]), handed, accounts, views])
    except EmptyResultSet:
        statement, values = _joined([views])
        return statement.replace("SELECT ", "SELECT NULL, NULL, NULL, ", 1), values


def _as_many(comments: QuerySet[Comment], parts: list[Q]) -> QuerySet[Any, Any]:
    """The ids of what is in any of the parts, which share nothing; one more than COUNT_TO at most."""
    first, *more = (comments.filter(where).order_by().values("pk")[: COUNT_TO + 1] for where in parts)
    return first.union(*more, all=True)[: COUNT_TO + 1] if more else first


def _joined(parts: list[tuple[str, QuerySet[Any, Any]]]) -> tuple[str, list[Any]]:
    statements: list[str] = []
    values: list[Any] = []
    for statement, rows in parts:
        sql, params = rows.query.sql_with_params()
        statements.append(statement.replace("ROWS", sql))
        values += params
    return f"SELECT {', '.join(statements)}", values


def next_free(actor: StaffMember, ids: Sequence[int], *, by_time: bool) -> _Place | None:
    """The place in the queue of the most urgent comment that nobody has, locked; its id comes last. None for none.

    Not one that the actor passed over as it reads now, nor one that a colleague is just taking, nor, while its time
    still runs and nobody is thought to be at risk, one that was handed to a team of others. Asked inside a transaction.
    """
    rows = _ask(("next", by_time, actor.pk, *ids), lambda: _make_next(actor, ids, by_time), clock.now())
    return min(rows, key=lambda place: place[2:] if by_time else place, default=None)


def _make_next(actor: StaffMember, ids: Sequence[int], by_time: bool) -> tuple[str, list[Any]]:
    """The first of those whose lease has run out, and the first of those that nobody claimed, each locked.

    Two parts and not one with OR: each is answered by an index of its own. Those that have run out are few, as they
    are freed each minute; Postgres takes them for a third of what is claimed, and would look through all of that in
    the queue's order, so it is given their numbers.
    """
    ours = Q(handed_to=None) | Q(handed_to__in=team_ids(actor, MADE_AT))
    comments = Comment.objects.filter(
        ours | Q(answer_by__lte=MADE_AT) | Q(priority__lte=Priority.HIGH),
        ~Exists(
            Skip.objects.filter(comment=OuterRef("pk"), by=actor, revision_number=OuterRef("revision_number"))
        ),
        state=Comment.State.OPEN,
        official_account_id__in=ids,
    )
    run_out = Q(claimed_by__isnull=False, claimed_until__lte=MADE_AT)
    numbers = Comment.objects.filter(run_out).order_by("claimed_until").values("pk")[:MOST_RUN_OUT]
    parts: list[str] = []
    values: list[Any] = []
    for free_ones in (
        comments.filter(run_out, _AnyOf(F("pk"), ArraySubquery(numbers))),
        comments.filter(claimed_by=None),
    ):
        place = free_ones.order_by(*_order(by_time)).values_list("priority", due(), "received_at", "pk")
        try:
            statement, given = place.select_for_update(skip_locked=True)[:1].query.sql_with_params()
        except EmptyResultSet:
            return "", []
        parts.append(statement)
        values += given
    return _FIRST_OF_EACH.replace("RAN_OUT", parts[0]).replace("UNCLAIMED", parts[1]), values


class _AnyOf(Func):
    """Whether the first is among the array that is the second."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


_FIRST_OF_EACH = "WITH ran_out AS (RAN_OUT), unclaimed AS (UNCLAIMED) SELECT * FROM ran_out UNION ALL SELECT * FROM unclaimed"


def _to_claim(*, pk: int) -> QuerySet[Comment, Comment]:
    return Comment.objects.select_related("official_account").filter(pk=pk).order_by()


TO_CLAIM = PreparedObjects(_to_claim)
"""A comment by `pk` with its official account, for who claims it."""


def views_in_sight(viewer: StaffMember, at: datetime | None = None) -> QuerySet[SavedView]:
    """The viewer's own views and those shared with them, by name."""
    shared = (
        Q(owner=viewer)
        | Q(shared=SavedView.Shared.FORCE)
        | Q(shared=SavedView.Shared.TEAM, team__in=team_ids(viewer, at))
    )
    return SavedView.objects.filter(shared, removed_at=None).order_by("name", "id")


def team_ids(viewer: StaffMember, at: datetime | None = None) -> QuerySet[Any]:
    """The teams that the viewer is in, now by default."""
    now = at or clock.now()
    inside = viewer.membership_set.filter(since__lte=now).filter(Q(until=None) | Q(until__gt=now))
    return inside.values("team_id")


def _of_category(slug: str, highest: int | None = None) -> Queue:
    """highest: the most urgent priority in it now, which is the mark that it bears."""
    category = Category(slug)
    risk = highest if highest is not None and highest <= Priority.HIGH else None
    return Queue(f"category-{slug}", category.label, Q(category=slug), risk)


def _of_account(account: Spoken) -> Queue:
    return Queue(f"account-{account.pk}", account.name, Q(official_account=account.pk))


def _group(chosen: Queue, n: int, capped: bool) -> Counted:
    return Counted(chosen, min(n, COUNT_TO), capped or n > COUNT_TO)


def page(viewer: StaffMember, chosen: Queue, after: str = "") -> ListPage:
    """One page of a queue, most urgent first. A comment that arrives meanwhile moves no later page.

    after: where the page before it ended; one that cannot be read starts from the top.
    """
    start = _position(after)
    given = dict(zip(_PLACES, start, strict=True)) if start is not None else {}
    by_time = switched_off.by_time()
    where = queue(viewer, chosen.slug, at=MADE_AT).where
    key = ("page", *_made_for(viewer), PAGE, by_time, bool(given), repr(where))
    shape = _shape(("shape", *key), lambda: _page(viewer, where, bool(given), by_time))
    asked = _ask(key, shape.statement, clock.now(), **given)
    found = shape.objects(asked)
    rows = [as_row(viewer, comment, others=getattr(comment, "near", None)) for comment in found[:PAGE]]
    next_after = _mark(rows[-1].comment) if len(found) > PAGE else ""
    return ListPage(chosen, rows, after if start is not None else "", next_after)


def _page(viewer: StaffMember, where: Q, further: bool, by_time: bool) -> QuerySet[Comment]:
    """A page's comments with what the list shows and the colleagues who have each open; one more than PAGE.

    Which they are is found first, by the index of the queue alone, so that only these are joined with anything.
    """
    comments = open_comments(viewer).filter(where)
    if further:
        place = cast(_Place, tuple(_PLACES.values()))
        comments = comments.filter(later_than(place) if by_time else After(*place))
    ids = comments.order_by(*_order(by_time)).values("pk")[: PAGE + 1]
    shown = for_list(Comment.objects.filter(pk__in=ids)).annotate(near=presence.near(viewer, MADE_AT))
    return shown.order_by(*_order(by_time))


def _order(by_time: bool) -> tuple[Any, ...]:
    return BY_TIME if by_time else ORDER


def newest(
    viewer: StaffMember, *, state: str, account_id: int | None = None, before: int | None = None
) -> list[Comment]:
    """PAGE comments in that state and one more, the latest taken in first: for lists by state alone."""
    ids = scope(viewer)
    if account_id is not None:
        ids = [pk for pk in ids if pk == account_id]
    found = Comment.objects.filter(official_account_id__in=ids, state=state).select_related(
        "official_account", "commenter", "claimed_by"
    )
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[: PAGE + 1])


def several(viewer: StaffMember, ids: Sequence[int]) -> list[Comment]:
    """These comments with their surroundings, in that order, as far as the viewer may see them."""
    found = (
        Comment.objects.filter(in_sight(viewer), pk__in=ids)
        .select_related("official_account", "commenter", "claimed_by")
        .in_bulk()
    )
    return [found[pk] for pk in ids if pk in found]


def rows_again(viewer: StaffMember, chosen: Queue, ids: Sequence[int]) -> list[Row]:
    """The same rows as before, in the same order, as they stand now; what left the queue says why."""
    again = for_list(Comment.objects.filter(in_sight(viewer), pk__in=ids))
    found = again.annotate(near=presence.near(viewer)).in_bulk()
    still = set(open_comments(viewer).filter(chosen.where, pk__in=ids).values_list("pk", flat=True))
    outcome: dict[int, Decision] = {}
    left = [pk for pk, comment in found.items() if comment.state == Comment.State.DECIDED]
    for decision in Decision.objects.filter(comment_id__in=left).exclude(kind=Decision.Kind.RETRIAGE):
        outcome[decision.comment_id] = decision
    return [
        as_row(
            viewer,
            found[pk],
            done="" if pk in still else _gone(viewer, found[pk], outcome.get(pk)),
            others=getattr(found[pk], "near", None),
        )
        for pk in ids
        if pk in found
    ]


def _gone(viewer: StaffMember, comment: Comment, decision: Decision | None) -> str:
    if comment.state == Comment.State.DECIDED:
        if decision is None:
            return "Decided"
        who = "you" if decision.by_id == viewer.pk else decision.by_name
        return f"{decision.get_kind_display()} by {who}"
    colleague = holder(comment)
    if colleague is not None and colleague.pk != viewer.pk:
        return f"{colleague.called} has it"
    return "No longer in this queue"


@dataclass(frozen=True)
class Waiting:
    """Comments that came since the list was shown and belong on it or above it."""

    count: int
    more: bool
    immediate: int


def waiting_above(
    viewer: StaffMember, chosen: Queue, ids: Sequence[int], end: str, start: str = ""
) -> Waiting:
    """How many would stand between the list's first and last place and are not on the screen."""
    comments = open_comments(viewer).filter(chosen.where).exclude(pk__in=ids)
    first, last = _position(start), _position(end)
    by_time = switched_off.by_time()
    if first is not None:
        comments = comments.filter(later_than(first) if by_time else After(*first))
    if last is not None:
        comments = comments.filter(~later_than(last) if by_time else UpTo(*last))
    priorities = list(comments.order_by(*_order(by_time)).values_list("priority", flat=True)[: COUNT_TO + 1])
    return Waiting(
        min(len(priorities), COUNT_TO), len(priorities) > COUNT_TO, priorities.count(Priority.IMMEDIATE)
    )


def version(rows: Iterable[Row], counts: Queues, waiting: Waiting) -> str:
    """A short hash of what a list shows. The clocks on it run by themselves; that one is over counts."""
    parts = [f"{waiting.count}/{waiting.immediate}"]
    for row in rows:
        comment = row.comment
        parts.append(
            f"{comment.pk}:{comment.revision_number}:{comment.state}:{comment.priority}:{comment.category}:"
            f"{row.holder.pk if row.holder else ''}:{comment.removal}:{bool(comment.hidden_at)}:{comment.held_why}:"
            f"{row.overdue}:{row.done}:{','.join(row.others)}"
        )
    for counted in counts.all:
        parts.append(f"{counted.queue.slug}={counted.count}{'+' if counted.more else ''}{counted.queue.risk}")
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def for_list(comments: QuerySet[Comment]) -> QuerySet[Comment]:
    return (
        comments.select_related("official_account", "claimed_by")
        .defer("text")
        .annotate(
            opening=Left("text", 2 * FIRST_LINE),
            came_with=ArraySubquery(
                Attachment.objects.filter(comment=OuterRef("pk")).order_by("number").values("kind")
            ),
        )
    )


def as_row(viewer: StaffMember, comment: Comment, done: str = "", others: Any = None) -> Row:
    lines = [line.strip() for line in _opening(comment).splitlines() if line.strip()]
    first = lines[0] if lines else ""
    if len(first) > FIRST_LINE:
        first = first[:FIRST_LINE].rstrip() + "…"
    has_it = holder(comment)
    return Row(
        comment=comment,
        first_line=first,
        why=_why_here(comment),
        holder=has_it,
        mine=has_it is not None and has_it.pk == viewer.pk,
        overdue=comment.answer_by is not None and comment.answer_by <= clock.now(),
        done=done,
        others=presence.in_words(others),
        came_with=came_with(getattr(comment, "came_with", [])),
    )


def came_with(kinds: Sequence[str]) -> str:
    """What came with a comment beside its words: "2 pictures, a video"; empty where nothing did."""
    said = []
    for kind in Attachment.Kind:
        number = list(kinds).count(kind.value)
        if number:
            label = kind.label.lower()
            said.append(f"a {label}" if number == 1 else f"{number} {label}s")
    return ", ".join(said)


def _opening(comment: Comment) -> str:
    """The beginning of its words; the whole text is not fetched for a list (for_list)."""
    return comment.opening if hasattr(comment, "opening") else comment.text


def _why_here(comment: Comment) -> str:
    if comment.triage_broken:
        return "Triage could not read this one: a person must"
    if comment.findings:
        return str(comment.findings[0].get("sentence", ""))
    return comment.get_category_display() if comment.category != Category.NONE else ""


def _mark(comment: Comment) -> str:
    """The place of a comment in a queue, as it stands in addresses."""
    place = (
        comment.priority,
        _micros(comment.answer_by or NEVER_DUE),
        _micros(comment.received_at),
        comment.pk,
    )
    return base64.urlsafe_b64encode(".".join(map(str, place)).encode()).decode().rstrip("=")


def _micros(instant: datetime) -> int:
    return int((instant - EPOCH) / timedelta(microseconds=1))


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def end_of(rows: Sequence[Row]) -> str:
    """Where a page ends, for waiting_above; empty for an empty page."""
    return _mark(rows[-1].comment) if rows else ""


def _position(mark: str) -> _Place | None:
    if not mark or len(mark) > 100:
        return None
    try:
        text = base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)).decode("ascii")
        priority, by, received, pk = (int(part) for part in text.split("."))
        due_at, received_at = (EPOCH + timedelta(microseconds=micros) for micros in (by, received))
    except (ValueError, OverflowError, binascii.Error):
        return None
    return (priority, due_at, received_at, pk) if 0 <= priority <= 9 and 0 <= pk < 2**63 else None


def later_than(place: _Place) -> Q:
    """Whether a comment came after a place of the queue, by time alone."""
    _, _, received_at, pk = place
    return Q(received_at__gt=received_at) | Q(received_at=received_at, pk__gt=pk)


class After(Func):
    """Whether a comment stands behind a place of the queue: one comparison, which an index in that order answers."""

    template = "(%(expressions)s)"
    conditional = True
    compared = " > "

    def __init__(self, priority: int, due_at: datetime, received_at: datetime, pk: int) -> None:
        super().__init__(
            Func(F("priority"), due(), F("received_at"), F("id"), function="ROW"),
            Func(
                Value(priority),
                Value(due_at, output_field=DateTimeField()),
                Value(received_at, output_field=DateTimeField()),
                Value(pk),
                function="ROW",
            ),
            arg_joiner=self.compared,
            output_field=BooleanField(),
        )


class UpTo(After):
    """Whether a comment stands at a place of the queue or before it."""

    compared = " <= "


# One comment


def holder(comment: Comment) -> StaffMember | None:
    """Who has the comment now; a lease that ran out is nobody's."""
    if comment.claimed_by_id is None or comment.claimed_until is None:
        return None
    return comment.claimed_by if comment.claimed_until > clock.now() else None


def claims_of_leavers() -> list[Comment]:
    """Comments in the hands of people who have left, the most urgent first."""
    return list(Comment.objects.filter(claimed_by__active=False).order_by(*ORDER)[:200])


def supervises(person: StaffMember, official_account_id: int | None = None) -> bool:
    """Whether the person is a desk supervisor now: for this official account, or for any where none is named."""
    supervisors = people_with(role=Role.DESK_SUPERVISOR, official_account_id=official_account_id)
    return any(supervisor.pk == person.pk for supervisor in supervisors)


def comment(viewer: StaffMember, pk: int) -> Comment:
    """One comment with its surroundings. Raises NotFound where it is not one that the viewer may see."""
    found = (
        Comment.objects.filter(in_sight(viewer))
        .select_related("official_account", "conversation", "commenter", "claimed_by", "handed_to")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound("There is no such comment, or it is not one that you may see.")
    return found


def address(comment: Comment) -> str:
    """Where staff read and answer it."""
    return reverse("moderation:conversation", args=[comment.pk])


def platform_name(comment: Comment) -> str:
    return registry.NAMES.get(comment.platform, comment.platform)


def _connector(comment: Comment) -> Connector:
    # Only measures and says what the platform can do: it needs no secret and asks nothing.
    return registry.connect(
        comment.platform, Login(base_url="", handle=comment.official_account.handle, secret="")
    )


def reply_length(comment: Comment, text: str) -> tuple[int, int]:
    """How long the platform says a reply is, and how long it may be."""
    connector = _connector(comment)
    return connector.length(text), longest_reply(comment)


def counted_in(comment: Comment) -> str:
    """What the platform counts a reply in, as staff read it after a figure."""
    return registry.connector_class(comment.platform).limits.counted


def people_in(team: Team, official_account_id: int) -> list[StaffMember]:
    """Who of the team may decide on comments of this official account now."""
    now = clock.now()
    here = set(
        Membership.objects.filter(team=team, since__lte=now)
        .filter(Q(until=None) | Q(until__gt=now))
        .values_list("member_id", flat=True)
    )
    may = people_with(Power.WORK_COMMENTS, official_account_id=official_account_id)
    return [person for person in may if person.pk in here]


def teams_for(comment: Comment) -> list[Team]:
    """Teams to which the comment can be handed: somebody there may work on its official account."""
    now = clock.now()
    may = people_with(Power.WORK_COMMENTS, official_account_id=comment.official_account_id)
    return list(
        Team.objects.filter(membership__member__in=may, membership__since__lte=now)
        .filter(Q(membership__until=None) | Q(membership__until__gt=now))
        .exclude(pk=comment.handed_to_id or 0)
        .distinct()
        .order_by("name")
    )


def longest_reply(comment: Comment) -> int:
    """How long a reply may be there, for the very official account where they differ."""
    link = PlatformLink.objects.filter(official_account=comment.official_account_id).only("limits").first()
    return (limits_of(link) or registry.connector_class(comment.platform).limits).reply_length


def why_not(comment: Comment, capability: Capability) -> str:
    """Why the platform cannot do it and what staff can do instead; empty where it can."""
    return why_not_on(comment.platform, capability)


def why_not_on(platform: str, capability: Capability) -> str:
    """The same for a platform by its slug, where no single comment is meant."""
    kind = registry.connector_class(platform)
    if capability in kind.capabilities:
        return ""
    name = registry.NAMES.get(platform, platform)
    return kind.why_not.get(capability, f"{name} offers no way to do this from here.")


def under_way(comment: Comment) -> list[Decision]:
    """Decisions whose delivery has neither arrived nor been refused yet; not what stands beside them."""
    return list(
        Decision.objects.select_related("delivery")
        .filter(comment=comment, outcome_noted=False)
        .exclude(delivery__state__in=SETTLED)
        .exclude(kind__in=Decision.BESIDE)
        .order_by("id")
    )


def hidden_by_us(comment: Comment) -> bool:
    """Whether the last that we had done about its being seen was to hide it, as far as we know or must expect."""
    last = (
        Delivery.objects.filter(
            official_account_id=comment.official_account_id,
            kind__in=[Delivery.Kind.HIDE, Delivery.Kind.UNHIDE],
            target_external_id=comment.external_id,
        )
        .exclude(state__in=[Delivery.State.SCHEDULED, *Delivery.CAME_TO_NOTHING])
        .order_by("-id")
        .values_list("kind", flat=True)
        .first()
    )
    return last == Delivery.Kind.HIDE


def unseen_in_thread(account: OfficialAccount, root: str, seen: set[str], since: datetime) -> list[str]:
    """Public comments since then that we hold under a post and that its thread, read whole, no longer shows."""
    held = Comment.objects.filter(
        conversation__official_account=account,
        conversation__root_external_id=root,
        private=False,
        removed_at=None,
        posted_at__gte=since,
    )
    ids = held.order_by("-posted_at").values_list("external_id", flat=True)
    return [one for one in ids if one not in seen]


def hide_under_way(comment: Comment) -> Decision | None:
    return next((d for d in under_way(comment) if d.kind == Decision.Kind.HIDE), None)


def standing_decision(comment: Comment) -> Decision | None:
    """The decision that closed the comment last."""
    closing = Decision.objects.filter(comment=comment, kind__in=Decision.CLOSING)
    return closing.order_by("at", "id").last()


def looked_over(decision_id: int) -> Decision | None:
    """A decision with the words that it was about, for whoever looks at it afterwards.

    None once they are disposed of, and where the comment is restricted (DPA 2018 s.47): its words are read under
    retention alone, with a reason.
    """
    return (
        Decision.objects.filter(pk=decision_id)
        .exclude(comment__state=Comment.State.RESTRICTED)
        .select_related(
            "comment__official_account",
            "comment__conversation",
            "comment__commenter",
            "revision",
            "clause",
            "delivery",
        )
        .first()
    )


def is_escalated(comment: Comment) -> bool:
    """Whether a person escalated it and nobody has reopened it since."""
    escalated = False
    for kind in Decision.objects.filter(comment=comment).order_by("at", "id").values_list("kind", flat=True):
        if kind == Decision.Kind.ESCALATE:
            escalated = True
        elif kind in (Decision.Kind.REOPEN, Decision.Kind.UNHIDE):
            escalated = False
    return escalated


def clauses() -> QuerySet[Clause]:
    """The published guidelines: the only reasons for which a comment is hidden. Public."""
    return Clause.objects.filter(published=True)


def outcomes_due(limit: int = 200) -> list[Decision]:
    """Decisions whose delivery has arrived, was refused or was withdrawn, and that do not show it yet."""
    return list(
        Decision.objects.filter(outcome_noted=False, delivery__state__in=SETTLED).order_by("id")[:limit]
    )


def waiting_for(viewer: StaffMember) -> models.QuerySet[Comment]:
    """What needs this person now, for their home page: the rows of the first queue, most urgent first."""
    order = BY_TIME if switched_off.by_time() else ORDER
    return for_list(open_comments(viewer).filter(queue(viewer, "now").where)).order_by(*order)


def account_to_answer_on(viewer: StaffMember, pk: int) -> OfficialAccount:
    """An official account on which the viewer may answer. Raises NotFound."""
    account = OfficialAccount.objects.filter(
        pk=pk, pk__in=authority_of(viewer).account_ids(Power.REPLY)
    ).first()
    if account is None:
        raise NotFound("There is no such official account, or you do not answer on it.")
    return account
