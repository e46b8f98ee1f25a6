"""Reading surges: whether far more comes than usual and why, what says the same, and what may be decided together.

Usual is the official account's own: the median of the same London hour on the same weekday over WEEKS weeks,
from counts rolled up by the hour. Every read here stops after a stated number of rows or hours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from math import sqrt
from statistics import median
from typing import Any

from django.db.models import BooleanField, Count, F, Func, Max, Min, Q, QuerySet, Value
from django.db.models.functions import Left, Trunc

from accounts.models import Grant, OfficialAccount
from accounts.queries import account_ids, authority_of, live_grants
from core import clock
from core.errors import NotFound
from moderation.alike import words_of
from moderation.categories import HIGH_RISK, Priority
from moderation.models import (
    Comment,
    Conversation,
    Decision,
    HourCount,
    Surge,
    SurgeAct,
    SurgeGroup,
    SurgeItem,
    TriageStop,
)
from moderation.queries import UNRESTRICTED, free
from moderation.queries_triage import live_version
from platforms import registry
from staff.models import StaffMember
from staff.roles import Power, Role

WEEKS = 8
LEAST_WEEKS = 2
"""With fewer weeks behind it, the same hour of every day of the last fortnight counts as usual."""
WINDOW = timedelta(minutes=15)
LEAST = 30
"""Fewer comments in WINDOW are no surge, however quiet the official account usually is."""
TIMES = 4
"""A surge is at least so many times the usual."""
MOST_COUNTED = 20_000
BACK = timedelta(hours=6)
"""A surge is found to have begun at most so long before it was noticed."""
STEP = timedelta(minutes=5)
QUIET = timedelta(minutes=30)
"""A suggestion that nobody took lapses when so long nothing more than usual came."""

SAMPLE, SAMPLE_BEFORE = 1_000, 500
WORDS_SHOWN = 8
RISKY = 0.5
"""From this risk on a comment stands alone, whatever its priority says."""
COLLAPSED_FROM = 3
"""Fewer comments that say the same are simply read."""
GROUPS_SHOWN = 30
MOST_AT_ONCE = 500
"""Comments that one decision covers at most; what is left is offered again."""
WORDINGS_SHOWN = 20
MOST_GROUPED = 120_000
"""Open comments that one grouping looks at."""

_DULL = frozenset(
    [
        "that",
        "this",
        "with",
        "have",
        "from",
        "they",
        "them",
        "their",
        "there",
        "your",
        "you're",
        "what",
        "when",
        "where",
        "which",
        "will",
        "would",
        "been",
        "were",
        "just",
        "about",
        "like",
        "more",
        "than",
        "then",
        "some",
        "into",
        "over",
        "only",
        "very",
        "dont",
        "cant",
        "isnt",
        "aint",
        "want",
        "know",
        "make",
        "need",
        "here",
        "come",
        "back",
        "also",
        "because",
        "could",
        "should",
        "does",
        "doing",
        "done",
        "even",
        "ever",
        "every",
        "have",
        "having",
        "hers",
        "himself",
        "its",
        "itself",
        "itll",
        "lets",
        "most",
        "much",
        "must",
        "never",
        "other",
        "ours",
        "same",
        "still",
        "such",
        "take",
        "tell",
        "these",
        "those",
        "through",
        "under",
        "until",
        "upon",
        "weve",
        "were",
        "whats",
        "while",
        "whom",
        "whose",
        "with",
        "youre",
        "yours",
        "police",
        "handle",
        "weblink",
    ]
)


# Whether more comes than usual


@dataclass(frozen=True)
class Usual:
    """What usually comes in one hour. `weeks` that it was worked out from; 0: nothing is known yet."""

    per_hour: float
    weeks: int
    by_day: bool = False
    """From the same hour of every day, because too few weeks are known."""

    @property
    def in_window(self) -> float:
        return self.per_hour * (WINDOW / timedelta(hours=1))

    @property
    def enough(self) -> int:
        """How many in WINDOW are a surge."""
        e = self.in_window
        return max(LEAST, round(TIMES * e), round(e + 6 * sqrt(e)))


@dataclass(frozen=True)
class Explained:
    """Why a surge was suggested, as it stood then. Kept with it as data."""

    came: int
    minutes: int
    usual: float
    weeks: int
    by_day: bool
    since: str
    post: str = ""
    conversation: int | None = None
    share: int = 0
    """Percent of the comments since it began that stand under that post."""
    words: list[list[Any]] = field(default_factory=list)
    """[word, percent of the comments that hold it], the most telling first."""

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def full_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def usual(account: OfficialAccount, at: datetime) -> Usual:
    """What usually comes to it in the hour of `at`: one indexed read of at most WEEKS + 14 rows."""
    local = clock.in_london(at).replace(minute=0, second=0, microsecond=0, tzinfo=None)

    def same_hour(days: int) -> datetime:
        return full_hour((local - timedelta(days=days)).replace(tzinfo=clock.LONDON).astimezone(at.tzinfo))

    counts = HourCount.objects.filter(official_account=account)
    first = counts.aggregate(first=Min("begins_at"))["first"]
    if first is None:
        return Usual(0.0, 0)
    weekly = [hour for n in range(1, WEEKS + 1) if (hour := same_hour(7 * n)) >= first]
    daily = [hour for n in range(1, 15) if (hour := same_hour(n)) >= first]
    hours, by_day = (weekly, False) if len(weekly) >= LEAST_WEEKS else (daily, True)
    if not hours:
        return Usual(0.0, 0)
    found = dict(counts.filter(begins_at__in=hours).values_list("begins_at", "comments"))
    weeks = len(hours) if not by_day else (len(hours) + 6) // 7
    return Usual(float(median(found.get(hour, 0) for hour in hours)), weeks, by_day)


def came(account: OfficialAccount, since: datetime) -> int:
    """How many comments of the public reached it since then; counting stops at MOST_COUNTED."""
    return _of_the_public(account, since)[:MOST_COUNTED].count()


def explained(account: OfficialAccount, now: datetime) -> Explained | None:
    """Why this is a surge, or None where it is none."""
    normal = usual(account, now)
    lately = came(account, now - WINDOW)
    if lately < normal.enough:
        return None
    since = _began(account, normal, now)
    share, conversation = _loudest(account, since)
    return Explained(
        came=lately,
        minutes=int(WINDOW.total_seconds() // 60),
        usual=round(normal.in_window, 1),
        weeks=normal.weeks,
        by_day=normal.by_day,
        since=since.isoformat(),
        post=(conversation.root_text[:200] if conversation else ""),
        conversation=conversation.pk if conversation else None,
        share=share,
        words=_telling_words(account, since),
    )


def is_over(surge: Surge, now: datetime) -> bool:
    """Whether for QUIET nothing more than usual has come."""
    normal = usual(surge.official_account, now)
    return came(surge.official_account, now - QUIET) < max(LEAST, round(TIMES * normal.in_window))


def accounts_to_watch() -> list[OfficialAccount]:
    """Official accounts in use: those for which surges are looked for."""
    return list(OfficialAccount.objects.filter(status=OfficialAccount.Status.ACTIVE).order_by("id"))


def hours_of(account: OfficialAccount, begins: datetime, ends: datetime) -> dict[datetime, int]:
    """Comments of the public by full hour, counted from the comments themselves."""
    rows = (
        _of_the_public(account, begins)
        .filter(received_at__lt=ends)
        .annotate(hour=Trunc("received_at", "hour", tzinfo=begins.tzinfo))
        .order_by()
        .values_list("hour")
        .annotate(n=Count("pk"))
    )
    return dict(rows)


def _of_the_public(account: OfficialAccount, since: datetime) -> QuerySet[Comment]:
    return Comment.objects.filter(official_account=account, received_at__gte=since).exclude(
        state__in=[Comment.State.OURS, Comment.State.RESTRICTED]
    )


def _began(account: OfficialAccount, normal: Usual, now: datetime) -> datetime:
    """The first of the five-minute steps, back from now, in which more came than usual; one quiet step is bridged."""
    begins = now - BACK
    steps: Counter[int] = Counter()
    for at in (
        _of_the_public(account, begins)
        .order_by("-received_at")
        .values_list("received_at", flat=True)[:MOST_COUNTED]
    ):
        steps[int((now - at) / STEP)] += 1
    enough = max(LEAST / 3, 2 * normal.in_window / 3)
    last, quiet = 0, 0
    for step in range(int(BACK / STEP)):
        if steps[step] >= enough:
            last, quiet = step, 0
        else:
            quiet += 1
            if quiet > 2:
                break
    return now - STEP * (last + 1)


def _loudest(account: OfficialAccount, since: datetime) -> tuple[int, Conversation | None]:
    newest = _of_the_public(account, since).order_by("-received_at").values("pk")[:MOST_COUNTED]
    counts = (
        Comment.objects.filter(pk__in=newest)
        .order_by()
        .values_list("conversation_id")
        .annotate(n=Count("pk"))
        .order_by("-n")
    )
    found = list(counts[:1])
    if not found:
        return 0, None
    whole = min(came(account, since), MOST_COUNTED)
    conversation = Conversation.objects.filter(pk=found[0][0], private=False).first()
    return (round(100 * found[0][1] / max(whole, 1)), conversation)


def _telling_words(account: OfficialAccount, since: datetime) -> list[list[Any]]:
    """The words that stand in many of these comments and in few of those before, with their percentage."""
    texts = list(
        _of_the_public(account, since)
        .filter(private=False)
        .annotate(opening=Left("text", 500))
        .order_by("-received_at")
        .values_list("opening", flat=True)[:SAMPLE]
    )
    before = list(
        Comment.objects.filter(official_account=account, received_at__lt=since, private=False)
        .exclude(state__in=[Comment.State.OURS, Comment.State.RESTRICTED])
        .annotate(opening=Left("text", 500))
        .order_by("-received_at")
        .values_list("opening", flat=True)[:SAMPLE_BEFORE]
    )
    now_in, then_in = _in_how_many(texts), _in_how_many(before)
    telling = [
        (n / len(texts) - then_in[word] / max(len(before), 1), word, n)
        for word, n in now_in.items()
        if n >= max(5, len(texts) // 33)
    ]
    telling.sort(key=lambda one: (-one[0], one[1]))
    return [[word, round(100 * n / len(texts))] for more, word, n in telling[:WORDS_SHOWN] if more > 0]


def _in_how_many(texts: Sequence[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for text in texts:
        found.update({word for word in words_of(text) if len(word) > 3} - _DULL)
    return found


# What may be decided together

_WORSE = " || ".join(f'@.category == "{category}"' for category in sorted(HIGH_RISK))
RISK_IN_FINDINGS = f"$[*] ? (@.priority <= {int(Priority.HIGH)} || {_WORSE})"
"""A finding of any rule or of the model that tells of danger, whatever a person made of the comment since."""


def alike_now(comments: QuerySet[Comment]) -> QuerySet[Comment]:
    """Of these, the ones that a decision for a group may touch at this moment.

    Open and public; no sign of risk in priority, category, findings or score; read by rules and model; in
    nobody's hands; no case, none wanted, and no open case about its author; nothing attached, no private note;
    where its author put it and where the public sees it.
    """
    now = clock.now()
    in_danger = Comment.objects.filter(case_link__case__state__in=["waiting", "acknowledged"])
    return (
        comments.annotate(
            tells_of_risk=Func(
                F("findings"),
                Value(RISK_IN_FINDINGS),
                template="jsonb_path_exists(%(expressions)s::jsonpath)",
                output_field=BooleanField(),
            )
        )
        .filter(
            free(now),
            Q(risk=None) | Q(risk__lt=RISKY),
            state=Comment.State.OPEN,
            private=False,
            priority__gt=Priority.HIGH,
            triage_broken=False,
            model_due_at=None,
            removed_at=None,
            hidden_at=None,
            held_why="",
            needs_case="",
            case_link=None,
            attachments=None,
            notes=None,
            thrive=None,
            reply_requests=None,
            handed_to=None,
            tells_of_risk=False,
        )
        .exclude(category__in=HIGH_RISK)
        .exclude(commenter_id__in=in_danger.values("commenter_id"))
    )


def why_alone(comment: Comment) -> str:
    """Why a decision for a group may not touch it, in words; empty where it may. For a comment that is locked."""
    if alike_now(Comment.objects.filter(pk=comment.pk)).exists():
        return ""
    if comment.state != Comment.State.OPEN:
        return "Decided already."
    if comment.claimed_by_id is not None and comment.claimed_until and comment.claimed_until > clock.now():
        return "Somebody has it."
    if comment.removed_at is not None or comment.hidden_at is not None:
        return "It is gone or hidden on the platform already."
    if comment.model_due_at is not None:
        return "Triage has not read it to the end yet."
    return "It shows a sign of risk, or somebody at risk wrote it: a person reads it by itself."


def grouping_is_off() -> str:
    """Why nothing is grouped for now, as a sentence; empty where it is."""
    stop = TriageStop.objects.filter(ended_at=None).first()
    version = live_version()
    off = set(version.off) if version is not None else set()
    blind = stop is not None and (not stop.categories or bool(set(stop.categories) & HIGH_RISK))
    if blind or off & HIGH_RISK:
        return (
            "Nothing is grouped: triage is switched off for a kind of danger, so nobody would notice it in a group. "
            "A desk supervisor can switch it on again."
        )
    return ""


def to_group(surge: Surge) -> list[tuple[int, int, str]]:
    """Number, revision and words of what may be grouped now, the oldest first."""
    found = alike_now(
        Comment.objects.filter(official_account_id=surge.official_account_id, received_at__gte=surge.since)
    )
    return list(found.order_by("pk").values_list("pk", "revision_number", "text")[:MOST_GROUPED])


# Surges as a viewer may see them


def running() -> list[Surge]:
    """Surges in surge mode, whoever asks: for the machinery."""
    return list(Surge.objects.filter(state=Surge.State.RUNNING).select_related("official_account"))


def open_surge(account: OfficialAccount) -> Surge | None:
    return Surge.objects.filter(
        official_account=account, state__in=[Surge.State.SUGGESTED, Surge.State.RUNNING]
    ).first()


def under_way(viewer: StaffMember) -> list[Surge]:
    """For the banner: surges on official accounts that concern the viewer, the suggested ones for who may start them.

    One read; it works nothing out where there is no surge.
    """
    found = list(
        Surge.objects.filter(state__in=[Surge.State.SUGGESTED, Surge.State.RUNNING]).select_related(
            "official_account", "started_by"
        )
    )
    if not found:
        return []
    may = authority_of(viewer)
    concerned = may.account_ids(Power.SEE_COMMENTS) | may.account_ids(Power.WRITE_POSTS)
    starts = may.account_ids(Power.HIDE_COMMENTS)
    return [
        surge
        for surge in found
        if surge.official_account_id in (concerned if surge.state == Surge.State.RUNNING else starts)
    ]


def surges(viewer: StaffMember) -> list[Surge]:
    """Open ones first, then the latest that are over."""
    rows = Surge.objects.filter(
        official_account_id__in=account_ids(viewer, Power.SEE_COMMENTS)
    ).select_related("official_account", "started_by", "over_by")
    open_ones = list(rows.filter(state__in=[Surge.State.SUGGESTED, Surge.State.RUNNING]))
    return [*open_ones, *rows.exclude(pk__in=[one.pk for one in open_ones])[:50]]


def surge(viewer: StaffMember, pk: int) -> Surge:
    """One surge. Raises NotFound."""
    found = (
        Surge.objects.filter(pk=pk, official_account_id__in=account_ids(viewer, Power.SEE_COMMENTS))
        .select_related("official_account", "started_by", "over_by")
        .first()
    )
    if found is None:
        raise NotFound("There is no such surge, or it is on an official account that you do not see.")
    return found


def startable(viewer: StaffMember) -> QuerySet[OfficialAccount]:
    """Official accounts on which the viewer may start surge mode and none is under way."""
    busy = Surge.objects.filter(state__in=[Surge.State.SUGGESTED, Surge.State.RUNNING])
    return (
        OfficialAccount.objects.filter(
            pk__in=account_ids(viewer, Power.HIDE_COMMENTS), status=OfficialAccount.Status.ACTIVE
        )
        .exclude(pk__in=busy.values("official_account"))
        .order_by("name", "id")
    )


@dataclass(frozen=True)
class Alike:
    """One group as the page shows it."""

    group: SurgeGroup
    now: int
    """How many of it may be decided together at this moment."""
    first: Comment | None
    latest_at: datetime | None


@dataclass(frozen=True)
class Apart:
    """Open comments of the surge that no group holds, by why. A comment may count in several."""

    risk: int
    claimed: int
    unread: int
    private: int
    attached: int


@dataclass(frozen=True)
class Hour:
    """One line of the table by the hour."""

    begins_at: datetime
    came: int
    usual: int | None


def groups(surge: Surge) -> list[Alike]:
    """The largest groups, with how many of each may be decided now: three reads, whatever the surge holds."""
    rows = list(
        SurgeGroup.objects.filter(surge=surge, ids__len__gte=COLLAPSED_FROM).order_by("-ids__len", "id")[
            :GROUPS_SHOWN
        ]
    )
    every = [pk for row in rows for pk in row.ids]
    still = dict(alike_now(Comment.objects.filter(pk__in=every)).values_list("pk", "revision_number"))
    firsts = Comment.objects.filter(UNRESTRICTED).in_bulk([row.first_id for row in rows])
    latest = dict(
        Comment.objects.filter(pk__in=[row.ids[-1] for row in rows]).values_list("pk", "received_at")
    )
    found = [
        Alike(
            row,
            sum(still.get(pk) == revision for pk, revision in zip(row.ids, row.revisions, strict=True)),
            firsts.get(row.first_id),
            latest.get(row.ids[-1]),
        )
        for row in rows
    ]
    return sorted((one for one in found if one.now >= 1 and one.first), key=lambda one: -one.now)


def apart(surge: Surge) -> Apart:
    """Counts stop at 1,000 each."""
    rows = Comment.objects.filter(
        official_account_id=surge.official_account_id,
        state=Comment.State.OPEN,
        received_at__gte=surge.since,
    ).order_by()

    def up_to(found: QuerySet[Comment]) -> int:
        return found[:1000].count()

    return Apart(
        risk=up_to(rows.filter(Q(priority__lte=Priority.HIGH) | Q(triage_broken=True))),
        claimed=up_to(rows.exclude(free(clock.now()))),
        unread=up_to(rows.filter(model_due_at__isnull=False)),
        private=up_to(rows.filter(private=True)),
        attached=up_to(rows.filter(attachments__isnull=False).distinct()),
    )


def by_the_hour(surge: Surge, hours: int = 12) -> list[Hour]:
    """The last hours of the surge beside what is usual then."""
    ends = full_hour(surge.over_at or clock.now()) + timedelta(hours=1)
    begins = max(full_hour(surge.since) - timedelta(hours=2), ends - timedelta(hours=hours))
    counts = dict(
        HourCount.objects.filter(
            official_account_id=surge.official_account_id, begins_at__gte=begins, begins_at__lt=ends
        ).values_list("begins_at", "comments")
    )
    found = []
    at = begins
    while at < ends:
        normal = usual(surge.official_account, at)
        found.append(Hour(at, counts.get(at, 0), round(normal.per_hour) if normal.weeks else None))
        at += timedelta(hours=1)
    return found


def surge_group(viewer: StaffMember, pk: int) -> SurgeGroup:
    """One group of a surge that the viewer may see. Raises NotFound."""
    found = (
        SurgeGroup.objects.filter(
            pk=pk, surge__official_account_id__in=account_ids(viewer, Power.SEE_COMMENTS)
        )
        .select_related("surge__official_account")
        .first()
    )
    if found is None:
        raise NotFound("There is no such group, or it is on an official account that you do not see.")
    return found


@dataclass(frozen=True)
class Wording:
    """One way in which it was said, and how often."""

    text: str
    count: int
    comment_id: int


@dataclass(frozen=True)
class Preview:
    """Exactly what a decision for a group would touch now."""

    group: SurgeGroup
    items: list[tuple[int, int]]
    """Comment and revision, the oldest first; MOST_AT_ONCE at most."""
    more: int
    """What stands behind those, for the next decision."""
    left_out: int
    """Of the group as it was found: decided meanwhile, claimed, changed, or with a sign of risk since."""
    wordings: list[Wording]
    more_wordings: int
    people: int

    @property
    def shown_ids(self) -> list[int]:
        return [one.comment_id for one in self.wordings]


def preview(group: SurgeGroup) -> Preview:
    """What the group is at this moment: two reads over its own comments."""
    compared = dict(zip(group.ids, group.revisions, strict=True))
    now = [
        (pk, revision, text, commenter)
        for pk, revision, text, commenter in alike_now(Comment.objects.filter(pk__in=group.ids))
        .order_by("pk")
        .values_list("pk", "revision_number", "text", "commenter_id")
        if compared.get(pk) == revision
    ]
    taken = now[:MOST_AT_ONCE]
    said: dict[str, list[int]] = {}
    for pk, _, text, _ in taken:
        said.setdefault(" ".join(text.split()), []).append(pk)
    ordered = sorted(said.items(), key=lambda pair: (-len(pair[1]), pair[1][0]))
    return Preview(
        group=group,
        items=[(pk, revision) for pk, revision, _, _ in taken],
        more=len(now) - len(taken),
        left_out=len(group.ids) - len(now),
        wordings=[Wording(text, len(pks), pks[0]) for text, pks in ordered[:WORDINGS_SHOWN]],
        more_wordings=max(0, len(ordered) - WORDINGS_SHOWN),
        people=len({commenter for *_, commenter in taken}),
    )


def act(viewer: StaffMember, pk: int) -> SurgeAct:
    """One decision on a group that the viewer may see. Raises NotFound."""
    found = (
        SurgeAct.objects.filter(pk=pk, surge__official_account_id__in=account_ids(viewer, Power.SEE_COMMENTS))
        .select_related("surge__official_account", "group", "by", "clause", "undone_by")
        .first()
    )
    if found is None:
        raise NotFound("There is no such decision, or it is on an official account that you do not see.")
    return found


def results(act: SurgeAct) -> list[tuple[SurgeItem.State, int]]:
    """How many items are in which state, those that ask for something first."""
    counts = dict(act.items.order_by().values_list("state").annotate(n=Count("pk")))
    return [(state, counts[state]) for state in SurgeItem.State if counts.get(state)]


def acts(surge: Surge) -> list[SurgeAct]:
    """What was decided for groups, the latest first, each with `done`."""
    return list(
        surge.acts.select_related("by", "clause", "undone_by").annotate(
            done=Count("items", filter=Q(items__state=SurgeItem.State.DONE))
        )[:50]
    )


def helpers(surge: Surge) -> list[Grant]:
    """Grants of surge helpers that reach this official account now."""
    account = surge.official_account
    return list(
        live_grants()
        .filter(role=Role.SURGE_HELPER)
        .filter(
            Q(official_account=account)
            | Q(official_account=None, neighbourhood=None)
            | Q(official_account=None, neighbourhood_id=account.neighbourhood_id or 0)
        )
        .select_related("person", "team")
        .order_by("until", "id")
    )


NATIVE_CONTROLS: dict[str, tuple[str, ...]] = {
    "x": (
        "Change who can reply to the post: open it on X, its menu, “Change who can reply”. Replies that stand stay.",
    ),
    "facebook": (
        "Limit who can comment on the post: open it as the Page, its menu, “Who can comment on your post”.",
        "Professional dashboard, Moderation Assist: hold comments with chosen words back by themselves.",
    ),
    "instagram": (
        "Turn off commenting on the post: its menu, “Turn off commenting”.",
        "Settings, “Limit interactions”: hides what recent followers, strangers, or all but close friends write, for up to "
        "four weeks. What is hidden can still be read: a cry for help may be among it.",
    ),
    "youtube": (
        "Pause the comments: the video’s comments, settings at their top, “Pause”. Those that stand stay, none are added.",
        "Hold all comments for review, or switch them off: YouTube Studio, the video, “Comments”.",
        "In a live chat: slow mode, 1 to 300 seconds between two messages of one person.",
    ),
    "bluesky": ("Change who can reply: open the post in the app, “Anybody can interact”.",),
    "mastodon": (
        "Mastodon has no way to limit who replies. Its server's moderators can limit or suspend a server that floods.",
    ),
    "threads": (
        "Change who can reply: the post's menu, “Who can reply & quote”, or have replies wait for approval.",
    ),
    "tiktok": (
        "Switch comments of the video off, or filter them by words: privacy settings of the video, and “Filter comments”.",
    ),
    "nextdoor": ("Close the discussion of the post: its menu. It can be opened again.",),
    "linkedin": ("Change who can comment: the post's menu, “Who can comment on this post”.",),
    "whatsapp": ("A WhatsApp channel takes no comments.",),
}
"""What the platform itself offers, done there by hand: none of it goes through from here. Menus move.

As read in November 2026: TikTok's community controls (tiktok.com/safety, updated June 2024), Bluesky's thread gates
(docs.bsky.app), YouTube's “Pause” (its announcement of December 2023), Instagram's limits (May 2024), who can reply on X
after posting (July 2021), Threads' reply approvals (October 2025), Nextdoor's closed discussions (nextdooragencies.com). The
help pages of X, Facebook and LinkedIn themselves could not be read from here.
"""


def native_controls(account: OfficialAccount) -> list[str]:
    """How the platform itself can slow it down, as sentences; one that says so where it cannot."""
    found = NATIVE_CONTROLS.get(account.platform)
    if found:
        return list(found)
    name = registry.NAMES.get(account.platform, account.platform)
    return [f"{name} has no control of its own against a surge that we know of."]


def report_of(surge: Surge, until: datetime) -> dict[str, Any]:
    """What became of it: numbers alone, for the report that is kept when it ends."""
    comments = Comment.objects.filter(
        official_account_id=surge.official_account_id, received_at__gte=surge.since, received_at__lte=until
    ).exclude(state=Comment.State.OURS)
    totals = comments.aggregate(
        came=Count("pk"),
        open=Count("pk", filter=Q(state=Comment.State.OPEN)),
        grave=Count("pk", filter=Q(priority__lte=Priority.HIGH)),
        cases=Count("pk", filter=Q(case_link__isnull=False)),
        people=Count("commenter", distinct=True),
    )
    decisions = Decision.objects.filter(comment__in=comments, at__lte=until)
    kinds = dict(decisions.order_by().values_list("kind").annotate(n=Count("pk")))
    names = dict(Decision.Kind.choices)
    in_groups = SurgeItem.objects.filter(act__surge=surge, state=SurgeItem.State.DONE).count()
    waits = sorted(
        (at - received).total_seconds()
        for received, at in comments.filter(
            priority__lte=Priority.HIGH, decisions__kind__in=[Decision.Kind.REPLY, Decision.Kind.ESCALATE]
        )
        .annotate(first_at=Min("decisions__at"))
        .values_list("received_at", "first_at")[:MOST_COUNTED]
    )
    hours = HourCount.objects.filter(
        official_account_id=surge.official_account_id,
        begins_at__gte=full_hour(surge.since),
        begins_at__lte=until,
    )
    return {
        **totals,
        "decisions": [[str(names[kind]), n] for kind, n in sorted(kinds.items(), key=lambda p: -p[1])],
        "in_groups": in_groups,
        "acts": surge.acts.count(),
        "staff": decisions.order_by().values("by").distinct().count(),
        "grave_answered": len(waits),
        "grave_median_s": round(median(waits)) if waits else None,
        "busiest_hour": hours.aggregate(most=Max("comments"))["most"],
    }
