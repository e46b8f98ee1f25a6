"""The content calendar: what goes out when, who may see it, where nothing does, and what comes too close.

Its cost follows what is shown: each day gives its first few and a count, whatever stands behind it. Days are
London's, and so are weeks, which begin on Monday.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber, TruncDate

from accounts.models import Neighbourhood, OfficialAccount
from accounts.queries import authority_of
from core import clock
from core.errors import NotFound
from publishing.models import CalendarFeed, Post, PostTag, Tag, Variant
from staff.models import StaffMember, Team
from staff.roles import Power

TOO_CLOSE = timedelta(minutes=15)
"""Two posts of one official account nearer than this bury each other."""
MOST_NEAR = 100
"""So many posts around one are looked at for whether they come too close to it."""
LONG_QUIET_DAYS = 7
"""So many days without a post on an official account are shown as a gap."""
IN_A_MONTH, IN_A_WEEK = 3, 10
"""How many posts of a day the month and the week show; the rest stands one click away."""
PAGE_LENGTH = 50
FEED_BACK, FEED_AHEAD = timedelta(days=31), timedelta(days=183)
MOST_IN_A_FEED = 1000
OPEN_STATES = (Post.State.DRAFT, Post.State.SUBMITTED, Post.State.APPROVED)


@dataclass(frozen=True)
class Only:
    """What somebody narrowed the calendar to. Each is an id, or None for all."""

    account: int | None = None
    team: int | None = None
    neighbourhood: int | None = None
    campaign: int | None = None

    @property
    def query(self) -> str:
        """As the address says it, with a leading "&" for each."""
        named = {
            "account": self.account,
            "team": self.team,
            "neighbourhood": self.neighbourhood,
            "campaign": self.campaign,
        }
        return "".join(f"&{name}={value}" for name, value in named.items() if value is not None)


@dataclass
class Choices:
    """What there is to narrow it to, for one viewer: each an (id, name) pair."""

    accounts: list[OfficialAccount]
    teams: list[tuple[int, str]]
    neighbourhoods: list[tuple[int, str]]
    campaigns: list[tuple[int, str]]


@dataclass
class Day:
    """One day with the first of what goes out on it."""

    date: date
    posts: list[Post] = field(default_factory=list)
    count: int = 0
    inside: bool = True
    """Whether it belongs to the month that is shown."""
    today: bool = False

    @property
    def more(self) -> int:
        return self.count - len(self.posts)

    @property
    def iso(self) -> str:
        return self.date.isoformat()

    @property
    def weekday(self) -> str:
        return f"{self.date:%A}"

    @property
    def month(self) -> str:
        return f"{self.date:%B}"

    @property
    def number(self) -> str:
        return str(self.date.day)


@dataclass(frozen=True)
class Gap:
    """Days in a row on which nothing goes out on an official account."""

    official_account: OfficialAccount
    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def choices(viewer: StaffMember) -> Choices:
    """The official accounts in sight, with their teams and neighbourhoods, and the campaigns of today."""
    ids = authority_of(viewer).account_ids(Power.SEE_POSTS)
    accounts = list(
        OfficialAccount.objects.filter(pk__in=ids)
        .exclude(status=OfficialAccount.Status.CLOSED)
        .select_related("team", "neighbourhood")
        .order_by("name", "id")
    )
    teams = {a.team_id: a.team.name for a in accounts if a.team is not None}
    places = {a.neighbourhood_id: a.neighbourhood.name for a in accounts if a.neighbourhood is not None}
    campaigns = Tag.objects.filter(kind=Tag.Kind.CAMPAIGN, retired_at=None).values_list("pk", "name")
    return Choices(
        accounts,
        sorted(((pk, name) for pk, name in teams.items() if pk), key=lambda pair: pair[1]),
        sorted(((pk, name) for pk, name in places.items() if pk), key=lambda pair: pair[1]),
        list(campaigns),
    )


def _accounts_of(found: Choices, only: Only) -> list[OfficialAccount]:
    return [
        account
        for account in found.accounts
        if only.account in (None, account.pk)
        and only.team in (None, account.team_id)
        and only.neighbourhood in (None, account.neighbourhood_id)
    ]


def _between(since: datetime, until: datetime) -> Q:
    """A post stands at the time it is planned for, or where it has none at the time it went out."""
    return Q(publish_at__gte=since, publish_at__lt=until) | Q(
        publish_at=None, published_at__gte=since, published_at__lt=until
    )


def _on(ids: Sequence[int]) -> Exists:
    return Exists(Variant.objects.filter(post=OuterRef("pk"), removed_at=None, official_account_id__in=ids))


def _posts(ids: Sequence[int], only: Only, *, since: datetime, until: datetime) -> QuerySet[Any]:
    """Posts in sight, each with `when`."""
    found = (
        Post.objects.filter(_between(since, until))
        .exclude(state=Post.State.WITHDRAWN)
        .filter(_on(ids))
        .annotate(when=Coalesce("publish_at", "published_at"))
    )
    if only.campaign is not None:
        found = found.filter(
            Exists(PostTag.objects.filter(post=OuterRef("pk"), tag=only.campaign, removed_at=None))
        )
    return found


def _with_accounts(posts: Sequence[Post], accounts: Sequence[OfficialAccount]) -> None:
    """Each post gets `on`, the official accounts in sight that it goes out on; `clashes`, whether it goes out there
    less than TOO_CLOSE before or after another one; and `moves`, whether it can still get another time.
    """
    by_id = {account.pk: account for account in accounts}
    near = _near(posts)
    on: dict[int, list[int]] = {pk: [] for post in posts for pk in (post.pk, *near.get(post.pk, ()))}
    rows = Variant.objects.filter(post_id__in=on, removed_at=None, official_account_id__in=by_id)
    for post_id, account_id in rows.order_by("id").values_list("post_id", "official_account_id"):
        on[post_id].append(account_id)
    for post in posts:
        mine = set(on[post.pk])
        post.on = [by_id[pk] for pk in on[post.pk]]  # type: ignore[attr-defined]
        post.clashes = any(mine & set(on[pk]) for pk in near.get(post.pk, ()))  # type: ignore[attr-defined]
        post.moves = post.state in OPEN_STATES  # type: ignore[attr-defined]


def _near(posts: Sequence[Post]) -> dict[int, list[int]]:
    """Of each of these posts, what goes out less than TOO_CLOSE before or after it, wherever.

    Each is looked up in the index by time, so that it costs what is shown, whatever stands behind it. A post and its
    like in the other language are meant to go together.
    """
    at = OuterRef("publish_at")
    beside = (
        Post.objects.filter(publish_at__gt=at - TOO_CLOSE, publish_at__lt=at + TOO_CLOSE)
        .exclude(state=Post.State.WITHDRAWN)
        .exclude(pk=OuterRef("pk"))
        .exclude(pair_id=OuterRef("pk"))
        .order_by()
        .values("pk")[:MOST_NEAR]
    )
    rows = Post.objects.filter(pk__in=[post.pk for post in posts]).order_by()
    return {
        pk: [other for other in near if other != pair_id]
        for pk, pair_id, near in rows.annotate(near=ArraySubquery(beside)).values_list(
            "pk", "pair_id", "near"
        )
        if near
    }


def days(
    found: Choices, only: Only, *, first: date, count: int, most: int, month: int | None = None
) -> list[Day]:
    """So many days from `first` on, each with at most `most` posts in the order of their times, and a count.

    Every post has `when`, `on` and `clashes`. month: days of another one are marked as outside.
    """
    accounts = _accounts_of(found, only)
    ids = [account.pk for account in accounts]
    since, until = clock.midnight(first), clock.midnight(first + timedelta(days=count))
    day = TruncDate("when", tzinfo=clock.LONDON)
    rows = (
        _posts(ids, only, since=since, until=until)
        .annotate(day=day)
        .annotate(
            rank=Window(RowNumber(), partition_by=F("day"), order_by=[F("when").asc(), F("pk").asc()]),
            of_day=Window(Count("pk"), partition_by=F("day")),
        )
        .filter(rank__lte=most)
        .only("title", "state", "version", "publish_at", "published_at", "series_id", "language")
        .order_by("when", "pk")
    )
    today = clock.today()
    shown = {
        (at := first + timedelta(days=n)): Day(at, inside=month in (None, at.month), today=at == today)
        for n in range(count)
    }
    posts = list(rows)
    for post in posts:
        that_day = shown[post.day]  # type: ignore[attr-defined]
        that_day.posts.append(post)
        that_day.count = post.of_day  # type: ignore[attr-defined]
    _with_accounts(posts, accounts)
    return list(shown.values())


def gaps(found: Choices, only: Only, *, first: date, count: int) -> list[Gap]:
    """Runs of LONG_QUIET_DAYS days and more, from today on, in which an official account says nothing."""
    accounts = [a for a in _accounts_of(found, only) if a.status == OfficialAccount.Status.ACTIVE]
    begins = max(first, clock.today())
    ends = first + timedelta(days=count)
    if (ends - begins).days < LONG_QUIET_DAYS:
        return []
    rows = (
        Variant.objects.filter(removed_at=None, official_account_id__in=[a.pk for a in accounts])
        .filter(post__publish_at__gte=clock.midnight(begins), post__publish_at__lt=clock.midnight(ends))
        .exclude(post__state=Post.State.WITHDRAWN)
        .annotate(day=TruncDate("post__publish_at", tzinfo=clock.LONDON))
        .order_by()
        .values_list("official_account_id", "day")
        .distinct()
    )
    busy: dict[int, set[date]] = {}
    for account_id, day in rows:
        busy.setdefault(account_id, set()).add(day)
    made = []
    for account in accounts:
        last = begins - timedelta(days=1)
        for day in [*sorted(busy.get(account.pk, ())), ends]:
            if (day - last).days - 1 >= LONG_QUIET_DAYS:
                made.append(Gap(account, last + timedelta(days=1), day - timedelta(days=1)))
            last = day
    return made


def listed(
    found: Choices, only: Only, *, since: date, until: date | None, after: tuple[datetime, int] | None
) -> list[Post]:
    """Posts in the order of their times, PAGE_LENGTH and one more, which says that there is another page."""
    accounts = _accounts_of(found, only)
    ids = [account.pk for account in accounts]
    ends = until or since + timedelta(days=366)
    rows = _posts(ids, only, since=clock.midnight(since), until=clock.midnight(ends))
    if after is not None:
        rows = rows.filter(Q(when__gt=after[0]) | Q(when=after[0], pk__gt=after[1]))
    posts = list(rows.select_related("author").order_by("when", "pk")[: PAGE_LENGTH + 1])
    _with_accounts(posts, accounts)
    return posts


def without_time(found: Choices, only: Only) -> int:
    """How many posts that have not gone out name no time, up to 1,000: they go out on approval."""
    ids = [account.pk for account in _accounts_of(found, only)]
    waiting = Post.objects.filter(publish_at=None, state__in=OPEN_STATES).filter(_on(ids))
    return waiting[:1000].count()


# Calendars of other programs


def digest_of(token: str) -> str:
    """What is kept of a secret address."""
    return hashlib.sha256(token.encode()).hexdigest()


def feeds(viewer: StaffMember) -> list[CalendarFeed]:
    """The viewer's own addresses, those in force first."""
    mine = CalendarFeed.objects.filter(person=viewer).select_related(
        "official_account", "team", "neighbourhood"
    )
    return list(mine.order_by(F("revoked_at").desc(nulls_first=True), "-made_at")[:50])


def feed(viewer: StaffMember, pk: int) -> CalendarFeed:
    """One of the viewer's own addresses. Raises NotFound."""
    found = CalendarFeed.objects.filter(pk=pk, person=viewer).first()
    if found is None:
        raise NotFound("There is no such calendar address, or it is not yours.")
    return found


def feed_by_token(token: str) -> CalendarFeed:
    """The address in force that somebody's calendar program asked. Raises NotFound."""
    found = (
        CalendarFeed.objects.filter(digest=digest_of(token), revoked_at=None).select_related("person").first()
    )
    if found is None or not found.person.is_active:
        raise NotFound("There is no such calendar, or not any more.")
    return found


def of_feed(feed: CalendarFeed) -> list[Post]:
    """What its person may see at this moment: a grant that has ended shows nothing any more."""
    now = clock.now()
    only = Only(feed.official_account_id, feed.team_id, feed.neighbourhood_id)
    found = choices(feed.person)
    accounts = _accounts_of(found, only)
    rows = _posts([a.pk for a in accounts], only, since=now - FEED_BACK, until=now + FEED_AHEAD)
    posts = list(rows.order_by("when", "pk")[:MOST_IN_A_FEED])
    _with_accounts(posts, accounts)
    return posts


def narrowing(found: Choices, only: Only) -> tuple[OfficialAccount | None, Team | None, Neighbourhood | None]:
    """The records that a narrowing names, as far as they are in sight."""
    account = next((a for a in found.accounts if a.pk == only.account), None)
    team = next((a.team for a in found.accounts if only.team and a.team_id == only.team), None)
    place = next(
        (
            a.neighbourhood
            for a in found.accounts
            if only.neighbourhood and a.neighbourhood_id == only.neighbourhood
        ),
        None,
    )
    return account, team, place
