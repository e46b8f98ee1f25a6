"""Reading campaigns, and what is in the queue of a 24-hour log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Max, Prefetch, Q, QuerySet

from accounts.models import Neighbourhood, OfficialAccount
from accounts.queries import account_ids, authority_of
from core import clock
from core.errors import NotFound, TransitionNotAllowed
from publishing import queries, stripping
from publishing.models import (
    Campaign,
    CampaignAccount,
    CampaignChange,
    Delivery,
    LogLine,
    LogSummary,
    Post,
    PostTag,
)
from staff.models import StaffMember
from staff.roles import Power

MOST_SHOWN = 200
ENDS_AFTER = timedelta(days=1)
"""A campaign whose time is up waits so long for somebody to end it and say what came of it."""
OVER = (Campaign.State.ENDED, Campaign.State.CALLED_OFF)
TO_READ_SHOWN = 10
QUEUE_SHOWN = 20
_ON_ITS_WAY = (
    Delivery.State.SCHEDULED,
    Delivery.State.CLAIMED,
    Delivery.State.SENDING,
    Delivery.State.UNKNOWN,
)


# Campaigns


def campaigns(viewer: StaffMember, *, over: bool = False) -> list[Campaign]:
    """Campaigns that the viewer may see: those that run and those to come, or those that are over; at most MOST_SHOWN."""
    found = _in_sight(viewer)
    if over:
        return list(found.filter(state__in=OVER)[:MOST_SHOWN])
    return list(found.exclude(state__in=OVER).order_by("starts_at", "id")[:MOST_SHOWN])


def campaign(viewer: StaffMember, pk: int) -> Campaign:
    """One campaign. Raises NotFound."""
    found = _in_sight(viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such campaign, or it is not one that you may see.")
    return found


def _in_sight(viewer: StaffMember) -> QuerySet[Campaign]:
    ids = account_ids(viewer, Power.SEE_POSTS)
    seen = CampaignAccount.objects.filter(official_account_id__in=ids).values("campaign_id")
    shown = CampaignAccount.objects.filter(official_account_id__in=ids).select_related("official_account")
    return (
        Campaign.objects.filter(pk__in=seen)
        .select_related("owner", "neighbourhood", "tag", "hashtag")
        .prefetch_related(Prefetch("accounts", queryset=shown, to_attr="shown_accounts"))
    )


def account_ids_of(campaign: Campaign) -> list[int]:
    """The official accounts on which it runs, for actions."""
    return sorted(
        CampaignAccount.objects.filter(campaign=campaign).values_list("official_account_id", flat=True)
    )


def may_run(viewer: StaffMember, campaign: Campaign) -> bool:
    """Whether to offer running it: the action decides again."""
    held = authority_of(viewer).account_ids(Power.PLAN_POSTS)
    return set(account_ids_of(campaign)) <= held


def may_approve(viewer: StaffMember, campaign: Campaign) -> bool:
    """Whether the viewer may approve on every official account on which it runs."""
    return set(account_ids_of(campaign)) <= authority_of(viewer).account_ids(Power.APPROVE_POSTS)


def changes(campaign: Campaign) -> list[CampaignChange]:
    """Its history. The caller has checked that the campaign may be seen."""
    return list(campaign.changes.select_related("by"))


def overdue() -> list[Campaign]:
    """Campaigns that have run past their time for a day, and logs that nobody has started until then."""
    left = Q(state__in=(Campaign.State.RUNNING, Campaign.State.STOPPED))
    left |= Q(state=Campaign.State.PLANNED, kind=Campaign.Kind.LOG)
    return list(Campaign.objects.filter(left, ends_at__lte=clock.now() - ENDS_AFTER)[:100])


# Its posts


def posts_in(campaign: Campaign) -> QuerySet[Post]:
    """Every post that belongs to it, for actions."""
    tagged = PostTag.objects.filter(tag_id=campaign.tag_id, removed_at=None).values("post_id")
    return Post.objects.filter(pk__in=tagged)


def deliveries_in(campaign: Campaign) -> QuerySet[Delivery]:
    """Every delivery of its posts, for actions."""
    return Delivery.objects.filter(
        kind=Delivery.Kind.POST, variant__post__in=posts_in(campaign).values("pk")
    ).select_related("official_account", "variant")


def posts_of(viewer: StaffMember, campaign: Campaign) -> QuerySet[Post]:
    """The posts of a campaign that the viewer may see, the latest changed first."""
    return queries.posts(viewer).filter(pk__in=posts_in(campaign).values("pk"))


@dataclass(frozen=True)
class Figures:
    """How many posts of a campaign stand where."""

    drafts: int
    waiting: int
    approved: int
    out: int
    withdrawn: int

    @property
    def all(self) -> int:
        return self.drafts + self.waiting + self.approved + self.out


def figures(viewer: StaffMember, campaign: Campaign) -> Figures:
    """Counted in one read, of the posts that the viewer may see."""
    rows = posts_of(viewer, campaign).order_by().values_list("state").annotate(number=Count("pk"))
    by = dict(rows)
    return Figures(
        *(by.get(state, 0) for state in ("draft", "submitted", "approved", "published", "withdrawn"))
    )


# The pace of a log


def paced(post: Post, now: datetime) -> datetime:
    """When a post that goes out on approval goes out: now, or of a log, at the next free place of its pace.

    The log is locked until the approval is written, so that two approvals never take one place. For actions.
    Raises TransitionNotAllowed (the log does not run).
    """
    log = (
        Campaign.objects.select_for_update(of=("self",))
        .filter(kind=Campaign.Kind.LOG, tag__posts__post=post, tag__posts__removed_at=None)
        .order_by("id")
        .first()
    )
    if log is None:
        return now
    if log.state != Campaign.State.RUNNING:
        raise TransitionNotAllowed(
            f"The log “{log.name}” is {log.get_state_display().lower()}, so nothing of it is approved. "
            "Whoever runs it starts it, or takes this post out of it."
        )
    last = deliveries_in(log).exclude(state=Delivery.State.WITHDRAWN).aggregate(last=Max("due_at"))["last"]
    return now if last is None else max(now, last + timedelta(seconds=log.pace_s or 0))


def is_paced(post: Post) -> bool:
    """Whether a log says when it goes out."""
    return (
        post.publish_at is None
        and PostTag.objects.filter(post=post, removed_at=None, tag__campaign__kind=Campaign.Kind.LOG).exists()
    )


def apart_from_logs(waiting: Sequence[Post]) -> tuple[list[Post], dict[Campaign, int]]:
    """Posts that stand by themselves; and how many of the others belong to each 24-hour log."""
    rows = (
        PostTag.objects.filter(
            post__in=[post.pk for post in waiting], removed_at=None, tag__campaign__kind=Campaign.Kind.LOG
        )
        .exclude(tag__campaign__state__in=OVER)
        .select_related("tag__campaign")
    )
    logs = {row.post_id: row.tag.campaign for row in rows}
    counted: dict[Campaign, int] = {}
    for log in logs.values():
        counted[log] = counted.get(log, 0) + 1
    return [post for post in waiting if post.pk not in logs], counted


# What waits for somebody


def to_run(viewer: StaffMember) -> list[tuple[Campaign, int]]:
    """Logs that the viewer may run and that have lines to read: how many, up to 1,000."""
    held = authority_of(viewer).account_ids(Power.PLAN_POSTS)
    if not held:
        return []
    logs = _in_sight(viewer).filter(kind=Campaign.Kind.LOG).exclude(state__in=OVER)
    found = []
    for one in logs.order_by("starts_at", "id")[:20]:
        number = one.lines.filter(state=LogLine.State.WAITING)[:1000].count()
        if number and may_run(viewer, one):
            found.append((one, number))
    return found


def to_end(viewer: StaffMember) -> list[Campaign]:
    """The viewer's own campaigns whose time is up, and that nobody has said of yet what came of them."""
    owned = Campaign.objects.filter(owner=viewer, result="", ends_at__lte=clock.now())
    return list(owned.exclude(state__in=(Campaign.State.CALLED_OFF, Campaign.State.PLANNED))[:5])


# The page that runs a log


@dataclass(frozen=True)
class ToRead:
    """A line that nobody has read, with what it might say."""

    line: LogLine
    suggested: stripping.Suggested


@dataclass(frozen=True)
class Queued:
    """A post of the log on its way: when it is due, and why it is held."""

    post: Post
    words: str
    due_at: datetime
    held_why: str


@dataclass(frozen=True)
class Log:
    """A 24-hour log as its page shows it."""

    to_read: list[ToRead]
    number_to_read: int
    waiting: list[Post]
    """For approval, the one that waits longest first."""
    number_waiting: int
    drafts: list[Post]
    queued: list[Queued]
    number_queued: int
    last_due: datetime | None
    held: int
    out: list[Queued]
    number_out: int
    skipped: int
    summaries: list[LogSummary]


def places() -> frozenset[str]:
    """Names of places, which are none of people."""
    return frozenset(
        {
            *Neighbourhood.objects.values_list("name", flat=True),
            *OfficialAccount.objects.values_list("name", flat=True),
        }
    )


def log(viewer: StaffMember, campaign: Campaign) -> Log:
    """Where each line of a log stands. The caller has checked that the campaign may be seen."""
    known = places()
    to_read = campaign.lines.filter(state=LogLine.State.WAITING)
    ours = posts_of(viewer, campaign)
    waiting = list(ours.filter(state=Post.State.SUBMITTED).order_by("changed_at", "pk")[:QUEUE_SHOWN])
    deliveries = deliveries_in(campaign).select_related("variant__post")
    coming = deliveries.filter(state__in=_ON_ITS_WAY)
    sent = deliveries.filter(state=Delivery.State.SENT)
    counted = deliveries.order_by().aggregate(
        queued=Count("variant__post", distinct=True, filter=Q(state__in=_ON_ITS_WAY)),
        held=Count("variant__post", distinct=True, filter=Q(state="scheduled") & ~Q(held_why="")),
        out=Count("variant__post", distinct=True, filter=Q(state="sent")),
        last=Max("due_at", filter=Q(state__in=_ON_ITS_WAY)),
    )
    return Log(
        to_read=[ToRead(line, stripping.suggest(line.came, known)) for line in to_read[:TO_READ_SHOWN]],
        number_to_read=to_read.count(),
        waiting=waiting,
        number_waiting=ours.filter(state=Post.State.SUBMITTED).count(),
        drafts=list(ours.filter(state=Post.State.DRAFT).order_by("changed_at", "pk")[:QUEUE_SHOWN]),
        queued=_by_post(coming.order_by("due_at", "id")),
        number_queued=counted["queued"],
        last_due=counted["last"],
        held=counted["held"],
        out=_by_post(sent.order_by("-sent_at", "-id"), went=True),
        number_out=counted["out"],
        skipped=campaign.lines.filter(state=LogLine.State.SKIPPED).count(),
        summaries=list(campaign.summaries.all()[:3]),
    )


def _by_post(rows: QuerySet[Delivery], *, went: bool = False) -> list[Queued]:
    """One line for each post, though it goes to several official accounts."""
    found: dict[int, Queued] = {}
    for row in rows[: QUEUE_SHOWN * 5]:
        assert row.variant is not None
        at = row.sent_at if went else row.due_at
        if row.variant.post_id not in found and at is not None:
            found[row.variant.post_id] = Queued(row.variant.post, row.variant.text, at, row.held_why)
    return list(found.values())[:QUEUE_SHOWN]


def line(viewer: StaffMember, campaign: Campaign, pk: int) -> LogLine:
    """One line of a log. The caller has checked that the campaign may be seen. Raises NotFound."""
    found = campaign.lines.filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such line in this log.")
    return found


def went_out(viewer: StaffMember, campaign: Campaign) -> Sequence[Delivery]:
    """Everything of a campaign that went out on official accounts in the viewer's sight, in its order."""
    ids = account_ids(viewer, Power.SEE_POSTS)
    return list(
        deliveries_in(campaign)
        .filter(state=Delivery.State.SENT, official_account_id__in=ids)
        .order_by("sent_at", "id")
    )


# Mornings


def mornings_to_count() -> list[tuple[Campaign, datetime, datetime]]:
    """Logs of which this London morning is still to be counted, with the hours that it is about.

    A morning is counted from seven, of a log that sent something since the last one or ran in the night.
    """
    london = clock.in_london(clock.now())
    if london.hour < MORNING_FROM_HOUR:
        return []
    seven = london.replace(hour=MORNING_FROM_HOUR, minute=0, second=0, microsecond=0).astimezone(UTC)
    since = (london - timedelta(days=1)).replace(hour=MORNING_FROM_HOUR, minute=0, second=0, microsecond=0)
    logs = (
        Campaign.objects.filter(kind=Campaign.Kind.LOG, starts_at__lt=seven, ends_at__gt=since)
        .exclude(state__in=(Campaign.State.PLANNED, Campaign.State.CALLED_OFF))
        .exclude(summaries__morning=london.date())
        .select_related("owner")
    )
    return [(one, since.astimezone(UTC), seven) for one in logs[:50]]


MORNING_FROM_HOUR = 7
"""London time."""
