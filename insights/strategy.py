"""Reading the social media strategy: the version that holds, with measured figures beside each channel, and drafts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from accounts.coverage import HOURS_OF_WEEK, coverages_of
from accounts.models import Mandate, OfficialAccount
from accounts.queries import may, require
from core import clock
from core.errors import NotFound
from insights import costs
from insights.evidence.facts import QUARTER, WEEK, answered_in_time, real
from insights.models import Strategy, StrategyChange, StrategyChannel
from insights.pictures import published
from moderation.models import Comment
from platforms import registry
from publishing.models import Delivery
from staff.models import StaffMember
from staff.roles import Power


@dataclass(frozen=True)
class Section:
    """One heading of the strategy: the field, its title, and what belongs there."""

    field: str
    title: str
    hint: str


SECTIONS: tuple[Section, ...] = (
    Section("aims", "What it is for", "What the force wants of social media, and for whom."),
    Section("roadmap", "Roadmap", "Where the mix of channels is going, and by when."),
    Section(
        "content",
        "Standards for content and accessibility",
        "What is published and what is not; who can read it.",
    ),
    Section(
        "engagement",
        "Standards for engagement",
        "How people are answered, how fast, and how comments are managed.",
    ),
    Section(
        "collaboration",
        "Paid, earned and influencer work",
        "When something is paid for, how others’ channels are used, with whom the force works, and who approves it.",
    ),
    Section("tools", "Applications and hardware", "What is needed, and on which devices it runs."),
    Section("skills", "Skills", "What the people who do this must be able to do."),
    Section("cpd", "Training and development", "How they learn it and keep it."),
    Section(
        "law",
        "Knowledge of the law",
        "What they must know of contempt, anonymity, data protection and the rest.",
    ),
)
WORDS = tuple(section.field for section in SECTIONS)
NEEDED = ("content", "engagement", "collaboration", "tools", "roadmap")
"""Without these nothing is approved: the APP's "should include"."""


def live() -> Strategy | None:
    """The version that holds; None before the first is approved. Everybody who works here reads it."""
    return Strategy.objects.filter(state=Strategy.State.LIVE).select_related("owner", "approved_by").first()


def draft() -> Strategy | None:
    """The version that is being written; at most one."""
    return Strategy.objects.filter(state=Strategy.State.DRAFT).select_related("owner", "drafted_by").first()


def version(viewer: StaffMember, number: int) -> Strategy:
    """One version: what holds or held for everybody, drafts for those who write and approve. Raises NotFound."""
    found = (
        Strategy.objects.select_related("owner", "drafted_by", "approved_by").filter(number=number).first()
        if number < 2**15
        else None
    )
    if found is None or (
        found.state in (Strategy.State.DRAFT, Strategy.State.DROPPED) and not sees_drafts(viewer)
    ):
        raise NotFound("There is no such version of the strategy.")
    return found


def sees_drafts(viewer: StaffMember) -> bool:
    """Whether they read what does not hold yet."""
    return may(viewer, Power.WRITE_STRATEGY) or may(viewer, Power.APPROVE_STRATEGY)


def versions(viewer: StaffMember) -> list[Strategy]:
    """All that the viewer may read, the latest first."""
    rows = Strategy.objects.select_related("drafted_by", "approved_by")
    if not sees_drafts(viewer):
        rows = rows.filter(state__in=[Strategy.State.LIVE, Strategy.State.PAST])
    return list(rows)


def channels_of(row: Strategy, *, left_out: bool = False) -> list[StrategyChannel]:
    """Its channels, by the name of the platform."""
    rows = StrategyChannel.objects.filter(strategy=row, left_out=left_out)
    return sorted(rows, key=lambda one: one.platform_name)


def channel(viewer: StaffMember, row: Strategy, pk: int) -> StrategyChannel:
    """One of them, left out or not, for those who write. Raises NotPermitted, NotFound."""
    require(viewer, Power.WRITE_STRATEGY)
    found = StrategyChannel.objects.filter(strategy=row, pk=pk).first()
    if found is None:
        raise NotFound("There is no such channel in this version.")
    return found


def history(row: Strategy) -> list[StrategyChange]:
    """What was done to a version, first to last."""
    return list(StrategyChange.objects.filter(strategy=row).select_related("by"))


def writer_ids(row: Strategy) -> set[int]:
    """Everybody who wrote some of it: none of them approves it."""
    wrote = StrategyChange.objects.filter(strategy=row, event__in=["begun", "changed"])
    return {pk for pk in wrote.values_list("by_id", flat=True) if pk is not None}


# Compared


@dataclass(frozen=True)
class Difference:
    """One heading or one channel that is not as it was."""

    title: str
    before: str
    after: str


def differences(row: Strategy, to: Strategy | None) -> list[Difference]:
    """What a version changes against another, heading by heading and then channel by channel."""
    found = [
        Difference(section.title, was, now)
        for section in SECTIONS
        if (was := getattr(to, section.field) if to is not None else "")
        != (now := getattr(row, section.field))
    ]
    for title, field in (("Owner", "owner"), ("Review", "review_on")):
        was, now = (_shown(getattr(one, field)) if one is not None else "" for one in (to, row))
        if was != now:
            found.append(Difference(title, was, now))
    before = {one.platform: _channel(one) for one in channels_of(to)} if to is not None else {}
    after = {one.platform: _channel(one) for one in channels_of(row)}
    for platform in sorted(before.keys() | after.keys()):
        if (was := before.get(platform, "")) != (now := after.get(platform, "")):
            found.append(Difference(f"Channel: {registry.NAMES.get(platform, platform)}", was, now))
    return found


def _shown(value: object) -> str:
    if isinstance(value, StaffMember):
        return value.called
    return f"{value:%-d %B %Y}" if isinstance(value, date) else ""


def _channel(one: StrategyChannel) -> str:
    parts = [one.purpose, one.audience, one.rhythm, f"{one.get_course_display()} {one.course_words}".strip()]
    if one.reviewed_on:
        parts.append(f"Looked at {one.reviewed_on:%-d %B %Y}")
    return "\n".join(part for part in parts if part)


# Measured


@dataclass(frozen=True)
class Measured:
    """What the product measured on one platform. The times are in the names; None where there is nothing to say."""

    platform: str
    accounts: int
    posts_90_days: int
    comments_7_days: int
    kept: int
    due: int
    """Comments of seven days dealt with in time, of those whose time is up."""
    watched_share: float | None
    """Of the hours of the week, over its official accounts."""
    dollars_last_month: Decimal | None
    """None where the platform charges nothing."""
    reviewed_on: date | None
    """The latest review of one of its official accounts."""
    overdue: int
    """Official accounts whose review is overdue."""
    replies_90_days: int = 0
    """In public."""
    followers: int | None = None
    """As the platform said last; None where it tells nothing."""
    accessible: float | None = None
    """Of the posts of 90 days that the checks judged, the share in which nothing keeps somebody from reading them."""

    @property
    def platform_name(self) -> str:
        return registry.NAMES.get(self.platform, self.platform)

    @property
    def answering(self) -> float | None:
        """Of what was said in public in 90 days, the share that answered somebody."""
        said = self.replies_90_days + self.posts_90_days
        return self.replies_90_days / said if said else None

    @property
    def in_time(self) -> float | None:
        return self.kept / self.due if self.due else None


def measured() -> dict[str, Measured]:
    """By platform, for every platform with an official account in use. The reads do not grow with the accounts."""
    now = clock.now()
    accounts = list(real(_in_use(), "").select_related("mandate"))
    by_platform: dict[str, list[OfficialAccount]] = {}
    for account in accounts:
        by_platform.setdefault(account.platform, []).append(account)
    ids = [account.pk for account in accounts]
    posts = dict(
        Delivery.objects.filter(
            official_account__in=ids,
            kind=Delivery.Kind.POST,
            state=Delivery.State.SENT,
            sent_at__gte=now - QUARTER,
        )
        .values_list("official_account__platform")
        .annotate(n=Count("pk"))
        .order_by()
    )
    comments = dict(
        Comment.objects.filter(official_account__in=ids, received_at__gte=now - WEEK)
        .filter(~Q(state=Comment.State.OURS))
        .values_list("official_account__platform")
        .annotate(n=Count("pk"))
        .order_by()
    )
    sent = Delivery.objects.filter(
        official_account__in=ids, state=Delivery.State.SENT, sent_at__gte=now - QUARTER
    )
    replies = dict(
        sent.filter(kind=Delivery.Kind.REPLY, private_to_external_id="")
        .values_list("official_account__platform")
        .annotate(n=Count("pk"))
        .order_by()
    )
    written: dict[str, set[int]] = {}
    for platform, post in sent.filter(kind=Delivery.Kind.POST, variant__isnull=False).values_list(
        "official_account__platform", "variant__post_id"
    ):
        written.setdefault(platform, set()).add(post)
    followers = published.followers_by_platform(ids)
    answered = answered_in_time(now)
    coverages = coverages_of(accounts)
    spent = costs.dollars_by_platform(costs.months(clock.today())[1], set(by_platform))
    found = {}
    for platform, of in sorted(by_platform.items()):
        kept, due = answered.get(platform, (0, 0))
        mandates = [mandate for one in of if (mandate := getattr(one, "mandate", None)) is not None]
        found[platform] = Measured(
            platform,
            len(of),
            posts.get(platform, 0),
            comments.get(platform, 0),
            kept,
            due,
            sum(coverages[one.pk].watched_hours for one in of) / (HOURS_OF_WEEK * len(of)),
            spent.get(platform),
            max((one.reviewed_on for one in mandates if one.reviewed_on), default=None),
            sum(one.is_overdue and one.state == Mandate.State.ACTIVE for one in mandates),
            replies.get(platform, 0),
            followers.get(platform),
            published.accessible_share(written.get(platform, ())),
        )
    return found


def _in_use() -> QuerySet[OfficialAccount]:
    return OfficialAccount.objects.exclude(status=OfficialAccount.Status.CLOSED)


def beside(
    channels: Sequence[StrategyChannel], figures: dict[str, Measured]
) -> list[tuple[StrategyChannel, Measured | None]]:
    """Each channel with what was measured on its platform; None where no official account is there."""
    return [(one, figures.get(one.platform)) for one in channels]


def unnamed(channels: Sequence[StrategyChannel], figures: dict[str, Measured]) -> list[Measured]:
    """Platforms on which there are official accounts and of which the strategy says nothing."""
    named = {one.platform for one in channels}
    return [one for platform, one in figures.items() if platform not in named]
