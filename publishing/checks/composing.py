"""Checks of what stands beside the words of a post: its video, its thread, its replies, its blanks, its likeness.

Each is a function of one post; publishing.checks calls them all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from core import clock
from platforms.contract import Capability, Connector, Limits
from publishing import fingerprint
from publishing.models import Asset, Post, PostPicture, PostVideo, Variant

BLANK = re.compile(r"\[\[([^\[\]]{1,80})\]\]")
"""A blank of a template: [[what goes there]]."""
LOOKED_BACK = timedelta(days=90)
MOST_COMPARED = 200
ALIKE = 90
"""From 0 to 100 (fingerprint.likeness): from here on it reads as the same thing said twice."""
MOST_LIKENED = 25

Finding = tuple[str, str, str]
"""Kind, title and sentence of a publishing.checks.Check."""


def of_blanks(texts: Sequence[str]) -> list[Finding]:
    """What a template left open."""
    left = sorted({blank for text in texts for blank in BLANK.findall(text)})
    return [
        ("stop", "Blank to fill", f"“{blank}” is not filled in yet. Write it, or take the blank out.")
        for blank in left
    ]


def of_video(
    video: PostVideo | None,
    pictures: Sequence[PostPicture],
    *,
    name: str,
    connector: Connector,
    limits: Limits,
) -> list[Finding]:
    """Whether one official account takes the video."""
    if video is None:
        return []
    if Capability.PUBLISH_VIDEO not in connector.capabilities:
        return [
            (
                "stop",
                name,
                connector.why_not.get(
                    Capability.PUBLISH_VIDEO, f"{connector.name} takes no videos from here."
                )
                + " Take this official account out, or the video.",
            )
        ]
    found: list[Finding] = []
    if pictures:
        found.append(("stop", name, "A post has pictures or a video, not both. Take one of them away."))
    if limits.video_bytes and video.file.size_bytes > limits.video_bytes:
        most = limits.video_bytes // (1024 * 1024)
        found.append(("stop", name, f"The video is larger than the {most:,} MB that {connector.name} takes."))
    return found


def of_replies(post: Post, *, name: str, connector: Connector) -> list[Finding]:
    """Whether the platform lets us say who may reply."""
    if not post.reply_control or post.reply_control in connector.reply_controls:
        return []
    return [
        (
            "advice",
            name,
            f"{connector.name} lets us not say “{post.get_reply_control_display().lower()}” about replies: "
            "anybody can reply there.",
        )
    ]


def of_library(assets: Sequence[Asset], goes_out_on) -> list[Finding]:
    """What came from the library may still be used on the London day on which the post goes out."""
    found: list[Finding] = []
    for asset in assets:
        if asset.retired_at is not None:
            found.append(
                (
                    "stop",
                    "Library",
                    f"“{asset.title}” was taken out of the library: {asset.retired_why} Take it away.",
                )
            )
        elif asset.expires_on is not None and goes_out_on > asset.expires_on:
            day = f"{asset.expires_on.day} {asset.expires_on:%B %Y}"
            found.append(
                (
                    "stop",
                    "Library",
                    f"“{asset.title}” may be used until {day} only. Take it away, or choose an earlier time.",
                )
            )
    return found


def of_likeness(post: Post, variants: Sequence[Variant]) -> list[Finding]:
    """The same words, or nearly, on the same official account within LOOKED_BACK, gone out or planned."""
    found: list[Finding] = []
    since = clock.now() - LOOKED_BACK
    for variant in variants if post.pk is not None else ():
        mine = fingerprint.normalised(variant.text)
        if not mine:
            continue
        others = (
            Variant.objects.filter(
                official_account_id=variant.official_account_id, removed_at=None, post__changed_at__gte=since
            )
            .exclude(post_id=post.pk)
            .exclude(post__state=Post.State.WITHDRAWN)
            .order_by("-id")
            .values_list("text", "post__title", "post__state", "post__publish_at", "post__published_at")
        )[:MOST_COMPARED]
        for number, (text, title, state, publish_at, published_at) in enumerate(others):
            same = fingerprint.normalised(text) == mine
            if not same and (number >= MOST_LIKENED or fingerprint.likeness(text, variant.text) < ALIKE):
                continue
            at = published_at or publish_at
            when = f" of {clock.in_london(at).day} {clock.in_london(at):%B}" if at else ""
            what = "the same words" if same else "nearly the same words"
            how = "went out" if state == Post.State.PUBLISHED else "stands in the calendar or as a draft"
            found.append(
                (
                    "advice",
                    variant.official_account.name,
                    f"“{title}”{when} has {what} and {how} there. Is it meant twice?",
                )
            )
            break
    return found
