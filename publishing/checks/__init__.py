"""What stands between a post and the public: checks that stop it, that ask for two approvers, and things to look at.

What platforms and our own records say is here and in `composing`. What law, policy and accessibility say is in the
registry (`registry`, with `law`, `governance`, `people`, `security`, `accessibility`), each check with its source.
Lengths and limits are each connector's own; a connector is asked without being signed in, which opens no connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from accounts import connections, posting
from accounts.models import OfficialAccount, PlatformLink
from core import clock
from core.errors import NotValid
from platforms import registry as connectors
from platforms.contract import Capability, Connector, Limits, Login, PostToSend
from publishing import queries
from publishing.checks import composing, judging
from publishing.checks import registry as rules
from publishing.checks.judging import Judged
from publishing.checks.prepared import Policy
from publishing.checks.registry import GROUPS, Finding
from publishing.models import Post, PostPicture, PostVideo, Variant

WHERE = "Where and when it goes"
ORDER = (WHERE, *GROUPS)
"""Groups as pages show them."""


@dataclass(frozen=True)
class Check:
    """One finding: `stop` keeps the post from going on, `second` asks for two approvers, `advice` is to be looked
    at, `passed` is fine."""

    kind: str
    title: str
    sentence: str
    do: str = ""
    """What to do about it."""
    slug: str = ""
    """Of the check in the registry; empty for what a platform or our records say."""
    group: str = WHERE
    source: str = ""
    override_by: str = ""
    """Who may override it, by the force's policy."""
    asks: tuple[str, ...] = ()
    """Questions to the author that settle it."""


@dataclass(frozen=True)
class Size:
    """How long the words for one official account are, out of how many; most is None where unknown."""

    used: int
    most: int | None

    @property
    def over(self) -> bool:
        return self.most is not None and self.used > self.most

    @property
    def words(self) -> str:
        return f"{self.used:,} of {self.most:,}" if self.most is not None else f"{self.used:,}"


@cache
def ruler(platform: str) -> Connector | None:
    """A connector that only measures; None where the platform has none."""
    try:
        return connectors.connect(platform, Login(base_url="http://localhost", handle="", secret=""))
    except NotValid:
        return None


def limits_of(account: OfficialAccount) -> Limits | None:
    """What a post may be for the very official account, where accounts or servers differ and it was asked."""
    return connections.limits_of(PlatformLink.objects.filter(official_account=account).only("limits").first())


def size(account: OfficialAccount, text: str) -> Size:
    """How long the platform says the words are, and how long they may be."""
    connector = ruler(account.platform)
    if connector is None:
        return Size(len(text), None)
    return Size(connector.length(text), (limits_of(account) or connector.limits).post_length)


def of_post(
    post: Post,
    variants: Sequence[Variant],
    pictures: Sequence[PostPicture],
    *,
    on_approval: bool = False,
    judged: Judged | None = None,
    policy: Policy | None = None,
) -> list[Check]:
    """Every check of a post as it stands, what stops it first. `variants` with their official accounts.

    on_approval: a time that has passed by less than the cut-off is then no reason to stop.
    judged: where it has been judged already; policy: where it was read already.
    """
    found: list[Check] = []
    if not variants:
        found.append(Check("stop", "Goes nowhere yet", "Choose at least one official account."))
    video = queries.video(post)
    for variant in variants:
        found += _of_variant(post, variant, pictures, video)
    found += _of_time(post.publish_at, on_approval=on_approval)
    judged = judged or judging.judge(post, variants, pictures, video, policy=policy)
    found += _of_author(post, urgent=judged.prepared.urgent)
    beside = composing.of_blanks([variant.text for variant in variants])
    assets = [picture.asset for picture in pictures if picture.asset is not None]
    if video is not None and video.asset is not None:
        assets.append(video.asset)
    beside += composing.of_library(assets, clock.in_london(post.publish_at or clock.now()).date())
    if not on_approval:
        beside += composing.of_likeness(post, variants)
    found += [Check(*one) for one in beside]
    found += _of_registry(judged)
    order = {"stop": 0, "second": 1, "advice": 2, "passed": 3}
    return sorted(found, key=lambda check: order[check.kind])


def _of_author(post: Post, *, urgent: bool) -> list[Check]:
    """What the author has to read or learn before their posts are queued: first a warning, then it stops them.

    It never stops what is urgent: somebody's life may depend on it.
    """
    return [
        Check(
            "stop" if lapse.blocks and not urgent else "advice",
            lapse.title,
            f"For {post.author.called}. {lapse.says}",
        )
        for lapse in posting.lapses(post.author)
    ]


def stops(checks: Sequence[Check]) -> list[Check]:
    """Those that keep the post from going on."""
    return [check for check in checks if check.kind == "stop"]


def _of_variant(
    post: Post, variant: Variant, pictures: Sequence[PostPicture], video: PostVideo | None
) -> list[Check]:
    account = variant.official_account
    name = account.name
    found = []
    if account.status != OfficialAccount.Status.ACTIVE:
        state = account.get_status_display().lower()
        found.append(Check("stop", name, f"This official account is {state}, so nothing goes out on it."))
    connector = ruler(account.platform)
    if connector is None:
        found.append(Check("stop", name, "There is no connection to its platform."))
        return found
    if Capability.PUBLISH_TEXT not in connector.capabilities and video is None:
        found.append(
            Check("stop", name, connector.why_not.get(Capability.PUBLISH_TEXT, "It takes no posts."))
        )
    limits = limits_of(account) or connector.limits
    if not variant.text.strip():
        found.append(Check("stop", name, "There are no words for it yet."))
    else:
        measured = Size(connector.length(variant.text), limits.post_length)
        if variant.parts:
            found.append(
                Check("passed", name, f"Goes out as a thread of {len(variant.parts)} posts under each other.")
            )
        elif measured.over and measured.most is not None:
            found.append(
                Check(
                    "stop",
                    name,
                    f"{measured.used - measured.most:,} characters too long: "
                    f"{connector.name} takes {measured.most:,}.",
                )
            )
        elif limits.text_bytes and len(variant.text.encode()) > limits.text_bytes:
            found.append(
                Check(
                    "stop",
                    name,
                    f"Emoji or accents made of many parts take it over the {limits.text_bytes:,} bytes that "
                    f"{connector.name} takes. Shorten it.",
                )
            )
        else:
            found.append(Check("passed", name, f"Fits: {measured.words} {limits.counted}."))
        costs = [connector.cost(PostToSend(key="", text=part)) for part in variant.parts or [variant.text]]
        known = [one for one in costs if one is not None]
        cost = sum(known) if known else None
        if cost is not None:
            found.append(
                Check(
                    "advice",
                    name,
                    f"{connector.name} charges about ${cost:.3f} for it (a link costs far more).",
                )
            )
    if limits.must_have_media and not pictures and video is None:
        found.append(Check("stop", name, f"{connector.name} takes no words alone: add a picture or a video."))
    found += [
        Check(*one)
        for one in composing.of_video(video, pictures, name=name, connector=connector, limits=limits)
    ]
    found += [Check(*one) for one in composing.of_replies(post, name=name, connector=connector)]
    if pictures and Capability.PUBLISH_IMAGES not in connector.capabilities:
        sentence = connector.why_not.get(Capability.PUBLISH_IMAGES, "It takes no pictures.")
        found.append(Check("stop", name, sentence))
    elif len(pictures) > limits.images:
        found.append(
            Check(
                "stop", name, f"{len(pictures)} pictures, and {connector.name} takes at most {limits.images}."
            )
        )
    if pictures and Capability.ALT_TEXT not in connector.capabilities:
        found.append(
            Check("advice", name, connector.why_not.get(Capability.ALT_TEXT, "It takes no alt text."))
        )
    longest = limits.alt_text_length
    if longest and any(len(picture.alt_text) > longest for picture in pictures):
        found.append(
            Check("stop", name, f"An alt text is longer than the {longest:,} characters that it takes.")
        )
    return found


def _of_time(publish_at: datetime | None, *, on_approval: bool) -> list[Check]:
    if publish_at is None:
        return [Check("passed", "Time", "Goes out as soon as it is approved.")]
    if publish_at <= clock.now() and not on_approval:
        return [
            Check("stop", "Time", "Its time has passed. Choose a later one, or none to go out on approval.")
        ]
    return [Check("passed", "Time", "Its time lies ahead.")]


def _of_registry(judged: Judged) -> list[Check]:
    """What the checks of the registry found, and those that found nothing."""
    found = [_shown(one, judged) for one in judged.findings]
    quiet = {one.slug for one in judged.findings}
    found += [
        Check("passed", one.name, one.sentence, slug=one.slug, group=one.group, source=one.source)
        for one in rules.REGISTRY.values()
        if one.slug not in quiet
    ]
    return found


def _shown(one: Finding, judged: Judged) -> Check:
    sentence, kind = one.sentence, one.level
    override = judged.overrides.get(one.slug) if one.level == rules.STOP else None
    if override is not None:
        kind = "second"
        sentence = f"{sentence} Overridden by {override.by.called}: {override.why}"
    elif one.follow_up:
        sentence = f"{sentence} It is urgent, so it may go; put it right afterwards."
    return Check(
        kind,
        f"{one.name}: {one.where}" if one.where else one.name,
        sentence,
        do=one.do,
        slug=one.slug,
        group=one.group,
        source=one.source,
        override_by="" if override is not None else one.override_by,
        asks=one.asks,
    )
