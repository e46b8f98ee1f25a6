"""What has been approved for the coming days, so that it can be published by hand when nothing goes out from here.

Only what somebody approved and what still waits to go out: a draft is nobody's to publish. What a pause or lockdown
covers is marked, because a person at another screen is stopped by nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import Mandate, OfficialAccount
from accounts.queries import account_ids
from core import clock
from media.queries import link_for
from platforms import registry
from publishing import stopping
from publishing.models import Approval, Delivery, Post, PostPicture, PostVideo, Variant
from staff.models import StaffMember
from staff.roles import Power

DAYS = 7
MOST = 1000
COLUMNS = (
    "goes out (London)",
    "platform",
    "official account",
    "handle",
    "vault entry",
    "title",
    "part",
    "words",
    "pictures and their alternative text",
    "who may reply",
    "approved by",
    "stopped by",
)


@dataclass(frozen=True)
class Medium:
    """A picture or video, with an address that shows it to this viewer."""

    kind: str
    alt_text: str
    address: str


@dataclass(frozen=True)
class Planned:
    """One post on one official account."""

    post: Post
    account: OfficialAccount
    at: datetime
    parts: list[str]
    media: list[Medium]
    approved_by: str
    vault: str
    stopped_by: str
    """Why it must not be published by hand now; empty where nothing holds it."""

    @property
    def platform(self) -> str:
        return registry.NAMES.get(self.account.platform, self.account.platform)


def planned(viewer: StaffMember, first: date) -> list[Planned]:
    """Everything approved and not yet gone out in DAYS days from that London day on, in the order of its times."""
    since = clock.midnight(first)
    until = clock.midnight(first + timedelta(days=DAYS))
    variants = list(
        Variant.objects.filter(
            removed_at=None,
            official_account__in=account_ids(viewer, Power.SEE_POSTS),
            post__state=Post.State.APPROVED,
            post__publish_at__gte=since,
            post__publish_at__lt=until,
        )
        .exclude(official_account__status=OfficialAccount.Status.CLOSED)
        .select_related("post", "official_account")
        .order_by("post__publish_at", "official_account__name", "id")[:MOST]
    )
    deliveries: dict[int, list[Delivery]] = {}
    for delivery in Delivery.objects.filter(variant__in=variants, kind=Delivery.Kind.POST).exclude(
        state=Delivery.State.WITHDRAWN
    ):
        deliveries.setdefault(delivery.variant_id or 0, []).append(delivery)
    stopped = set(
        Delivery.objects.filter(variant__in=variants)
        .filter(stopping.stopped())
        .values_list("variant_id", flat=True)
    )
    posts = {variant.post_id for variant in variants}
    media = _media(viewer, posts)
    approved = _approved(posts)
    vault = dict(
        Mandate.objects.filter(
            official_account__in={variant.official_account_id for variant in variants}
        ).values_list("official_account_id", "vault_entry")
    )
    found = []
    for variant in variants:
        rows = deliveries.get(variant.pk, [])
        if not rows:
            continue  # somebody took it back, or published it by hand and said so
        if any(row.state not in (Delivery.State.SCHEDULED, Delivery.State.REJECTED) for row in rows):
            continue  # it has left, is leaving, or may have
        held = next((row.held_why for row in rows if row.held_why), "")
        assert variant.post.publish_at is not None
        found.append(
            Planned(
                variant.post,
                variant.official_account,
                variant.post.publish_at,
                list(variant.parts) or [variant.text],
                media.get(variant.post_id, []),
                approved.get((variant.post_id, variant.post.version), ""),
                vault.get(variant.official_account_id, ""),
                "A pause or lockdown covers it" if variant.pk in stopped else held,
            )
        )
    return found


def not_approved(viewer: StaffMember, first: date) -> int:
    """How many posts of these days are drafts or wait for approval: they are not in the list."""
    since = clock.midnight(first)
    until = clock.midnight(first + timedelta(days=DAYS))
    seen = Variant.objects.filter(
        removed_at=None, official_account__in=account_ids(viewer, Power.SEE_POSTS)
    ).values("post")
    return Post.objects.filter(
        pk__in=seen,
        state__in=[Post.State.DRAFT, Post.State.SUBMITTED],
        publish_at__gte=since,
        publish_at__lt=until,
    ).count()


def rows(found: list[Planned]) -> Iterator[tuple[str, ...]]:
    """For a table: one row for each post of a thread."""
    for one in found:
        for number, words in enumerate(one.parts, start=1):
            yield (
                f"{clock.in_london(one.at):%Y-%m-%d %H:%M}",
                one.platform,
                one.account.name,
                one.account.handle,
                one.vault,
                one.post.title,
                f"{number} of {len(one.parts)}",
                words,
                "; ".join(f"{medium.kind}: {medium.alt_text}" for medium in one.media) if number == 1 else "",
                one.post.get_reply_control_display() if one.post.reply_control else "Anybody",
                one.approved_by,
                one.stopped_by,
            )


def _media(viewer: StaffMember, posts: set[int]) -> dict[int, list[Medium]]:
    found: dict[int, list[Medium]] = {}
    for picture in PostPicture.objects.filter(post__in=posts, removed_at=None).select_related("file"):
        found.setdefault(picture.post_id, []).append(
            Medium("Picture", picture.alt_text, link_for(picture.file, viewer))
        )
    for video in PostVideo.objects.filter(post__in=posts, removed_at=None).select_related("file"):
        found.setdefault(video.post_id, []).append(
            Medium("Video", video.alt_text, link_for(video.file, viewer))
        )
    return found


def _approved(posts: set[int]) -> dict[tuple[int, int], str]:
    found: dict[tuple[int, int], list[str]] = {}
    for one in Approval.objects.filter(post__in=posts).select_related("approver").order_by("id"):
        found.setdefault((one.post_id, one.version), []).append(one.approver.called)
    return {key: ", ".join(names) for key, names in found.items()}
