"""What the force published: its reach as platforms tell it, appeals and their outcome, how accessible it was, what it cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounts.queries import may
from core import clock
from insights import charts, costs
from insights.charts import Picture
from insights.models import AccountReach, PostReach, ReachPull
from insights.pictures.reading import Reading
from platforms import registry
from platforms.contract import Capability
from publishing.checks.registry import ACCESSIBILITY
from publishing.models import Appeal, Declaration, Delivery, Judgement, Post
from staff.roles import Power

MOST = 10
NAMES_NOBODY = frozenset({Declaration.Kind.GENERAL, Declaration.Kind.LIVE, Declaration.Kind.JOINT})
"""Kinds of post whose title may stand in a report: the others may be about somebody."""


def _posts(r: Reading) -> QuerySet[Delivery]:
    start, end = r.period.bounds
    return Delivery.objects.filter(
        official_account__in=r.scope.account_ids,
        kind=Delivery.Kind.POST,
        state=Delivery.State.SENT,
        sent_at__gte=start,
        sent_at__lt=end,
    )


def latest_reach(deliveries: Iterable[int]) -> dict[int, PostReach]:
    """Delivery -> what its platform said last of it."""
    return {
        row.delivery_id: row
        for row in PostReach.objects.filter(delivery__in=list(deliveries))
        .order_by("delivery_id", "-at")
        .distinct("delivery_id")
    }


def called(r: Reading, post: Post | None) -> str:
    """What a post is called. A report is kept for years and leaves by e-mail, so what may be about somebody is told
    there by its number: the name of a missing or charged person goes when their post or appeal goes.
    """
    if post is None:
        return "A post"
    if r.viewer is not None:
        return post.title
    if (link := getattr(post, "appeal_post", None)) is not None:
        return f"Appeal A-{link.appeal_id}, post {post.pk}"
    declared = getattr(post, "declaration", None)
    if declared is not None and declared.kind not in NAMES_NOBODY:
        return f"{declared.get_kind_display()}, post {post.pk}"
    return post.title


def posts(r: Reading) -> Picture:
    """The posts that reached most, as their platforms counted last."""
    sent = {
        row.pk: row
        for row in _posts(r)
        .select_related("official_account", "variant__post__declaration", "variant__post__appeal_post")
        .order_by("-sent_at")[:500]
    }
    reach = latest_reach(sent)
    order = sorted(reach, key=lambda pk: -((reach[pk].seen or 0) * 1000 + (reach[pk].likes or 0)))[:MOST]
    rows: list[tuple[Any, ...]] = []
    links: dict[int, str] = {}
    readable = r.viewer is not None and may(r.viewer, Power.SEE_POSTS)
    for pk in order:
        delivery, told = sent[pk], reach[pk]
        post = delivery.variant.post if delivery.variant is not None else None
        if post is not None and readable:
            links[len(rows)] = reverse("publishing:post", args=[post.pk])
        rows.append(
            (
                f"{called(r, post)} ({registry.NAMES.get(delivery.official_account.platform, '')})",
                told.seen,
                told.likes,
                told.replies,
                told.shares,
            )
        )
    lacking = sorted(
        {
            registry.NAMES.get(account.platform, account.platform)
            for account in r.scope.accounts
            if Capability.METRICS not in registry.connector_class(account.platform).capabilities
        }
    )
    return charts.bars(
        "posts",
        "Posts that reached most",
        f"{r.many(len(sent), 'post', 'posts')} went out; of {len(reach):,} their platform says what came of them."
        if sent
        else "No post went out.",
        ("Post", "Shown", "Likes", "Replies", "Shares"),
        rows,
        links=links,
        note="As each platform counts, when it was last asked; a dash where it does not say. "
        + (f"{', '.join(lacking)}: nothing can be asked there." if lacking else ""),
    )


def followers(r: Reading) -> Picture:
    """How many followed the official accounts, and what became of it in the period."""
    start, end = r.period.bounds
    ids = r.scope.account_ids
    by: dict[int, list[tuple[date, int]]] = {}
    for pk, at, n in (
        AccountReach.objects.filter(official_account__in=ids, at__gte=start - timedelta(days=2), at__lt=end)
        .order_by("at")
        .values_list("official_account_id", "at", "followers")
    ):
        by.setdefault(pk, []).append((clock.in_london(at).date(), n))
    faults = dict(
        ReachPull.objects.filter(official_account__in=ids)
        .exclude(fault="")
        .values_list("official_account_id", "fault")
    )
    rows = []
    for account in r.scope.accounts:
        history = by.get(account.pk, [])
        if history:
            rows.append(
                (
                    f"{account.name} ({registry.NAMES.get(account.platform, account.platform)})",
                    history[-1][1],
                    f"{history[-1][1] - history[0][1]:+,}",
                    faults.get(account.pk, ""),
                )
            )
    rows.sort(key=lambda row: (-row[1], row[0]))
    total = sum(row[1] for row in rows)
    return charts.bars(
        "followers",
        "Followers",
        f"{total:,} followers on {r.many(len(rows), 'official account', 'official accounts')}, some of them the same people."
        if rows
        else "No platform has said yet how many follow an official account.",
        ("Official account", "Followers", "Since the beginning of the period", "Last fault"),
        rows,
    )


def _added(numbers: Iterable[int | None]) -> int | None:
    """Their sum; None where none of them is known."""
    told = [n for n in numbers if n is not None]
    return sum(told) if told else None


def appeals(r: Reading) -> Picture:
    """Public appeals that were live in the period: reach, tips, outcome."""
    start, end = r.period.bounds
    found = list(
        Appeal.objects.filter(on__official_account__in=r.scope.account_ids, live_at__lt=end)
        .exclude(closing_at__lt=start)
        .exclude(live_at=None)
        .distinct()
        .order_by("-live_at")[:20]
    )
    deliveries: dict[int, list[int]] = {}
    for appeal_id, delivery in Delivery.objects.filter(
        variant__post__appeal_post__appeal__in=found,
        kind=Delivery.Kind.POST,
        state=Delivery.State.SENT,
        official_account__in=r.scope.account_ids,
    ).values_list("variant__post__appeal_post__appeal_id", "pk"):
        deliveries.setdefault(appeal_id, []).append(delivery)
    reach = latest_reach([pk for many in deliveries.values() for pk in many])
    rows: list[tuple[Any, ...]] = []
    links: dict[int, str] = {}
    readable = r.viewer is not None and may(r.viewer, Power.SEE_POSTS)
    for appeal in found:
        mine = [reach[pk] for pk in deliveries.get(appeal.pk, ()) if pk in reach]
        if readable:
            links[len(rows)] = reverse("publishing:appeal", args=[appeal.pk])
        rows.append(
            (
                appeal.title
                if r.viewer is not None
                else f"{appeal.reference}, {appeal.get_kind_display().lower()}",
                _added(one.seen for one in mine),
                _added(one.shares for one in mine),
                len(deliveries.get(appeal.pk, ())),
                appeal.get_state_display(),
                appeal.get_outcome_display() or "–",
            )
        )
    outcomes = Counter(appeal.get_outcome_display() for appeal in found if appeal.outcome)
    return charts.bars(
        "appeals",
        "Appeals",
        f"{r.many(len(found), 'appeal was', 'appeals were')} out"
        + (
            f"; {', '.join(f'{name.lower()}: {n}' for name, n in outcomes.most_common())}."
            if outcomes
            else "."
        )
        if found
        else "No appeal was out.",
        ("Appeal", "Shown", "Shares", "Posts", "State", "Outcome"),
        rows,
        links=links,
    )


def accessibility_of(posts: Iterable[int]) -> tuple[int, int, Counter[str]]:
    """(posts judged, those with nothing found that keeps somebody from reading them, what was found how often).

    By the last judgement of each post, which is that of the words that were approved.
    """
    judged = good = 0
    found: Counter[str] = Counter()
    for findings in (
        Judgement.objects.filter(post__in=list(posts))
        .order_by("post_id", "-at", "-id")
        .distinct("post_id")
        .values_list("findings", flat=True)
    ):
        mine = {one["name"] for one in findings if one.get("group") == ACCESSIBILITY}
        judged += 1
        good += not mine
        found.update(mine)
    return judged, good, found


def accessible_share(posts: Iterable[int]) -> float | None:
    """Of the posts that were judged, the share with nothing that keeps somebody from reading them."""
    judged, good, _ = accessibility_of(posts)
    return good / judged if judged else None


def followers_by_platform(account_ids: Iterable[int]) -> dict[str, int]:
    """Followers of these official accounts by platform, as it said last."""
    found: dict[str, int] = {}
    for platform, followers in (
        AccountReach.objects.filter(official_account__in=list(account_ids))
        .order_by("official_account_id", "-at")
        .distinct("official_account_id")
        .values_list("official_account__platform", "followers")
    ):
        found[platform] = found.get(platform, 0) + followers
    return found


def accessibility(r: Reading) -> Picture:
    """How much of what went out everybody could read, and what stood in the way."""
    ids = set(_posts(r).exclude(variant=None).values_list("variant__post_id", flat=True)[:5000])
    judged, good, found = accessibility_of(ids)
    share = r.share(good, judged)
    return charts.bars(
        "accessibility",
        "Accessibility of what was published",
        f"Score {charts.percent(share)}: in so many of {r.words(judged)} posts the checks found nothing that keeps "
        "somebody from reading them."
        if share is not None
        else "No post with checks went out.",
        ("What stood in the way", "Posts"),
        r.tell(found.most_common()),
        tone="late",
        note="By the checks at approval: alternative text, captions, capitals, hashtags, emoji, long sentences.",
    )


def cost(r: Reading) -> Picture:
    """What platforms charged in the month in which the period ends."""
    month = r.period.last.replace(day=1)
    found = costs.of_month(r.viewer, month) if r.viewer is not None else []
    mine = [one for one in found if one.account.pk in set(r.scope.account_ids)]
    rows = [(f"{one.account.name} ({one.platform})", f"${one.dollars:,.2f}") for one in mine]
    total = sum((one.dollars for one in mine), start=costs.NOTHING)
    return charts.table(
        "cost",
        f"Cost in {month:%B %Y}",
        f"About ${total:,.2f} before tax, by the platforms’ published prices."
        if rows
        else "No official account is on a platform that charges.",
        ("Official account", "About"),
        rows,
        links=dict.fromkeys(range(len(rows)), reverse("insights:costs")),
    )
