"""What the compose page shows beside the form: previews, sizes, checks, and what the button will do."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from accounts.models import OfficialAccount
from accounts.queries import account_ids
from core import clock
from media.queries import link_for
from publishing import (
    captions,
    checks,
    fingerprint,
    history,
    pairs,
    queries,
    queries_approval,
    queries_campaigns,
    queries_checks,
    steps,
)
from publishing.checks import Check, Size, judging
from publishing.checks.prepared import Policy
from publishing.checks.registry import Finding
from publishing.models import Approval, Post, PostPicture, PostTemplate, PostVideo, Variant
from publishing.queries_approval import Needed
from staff.models import StaffMember
from staff.roles import Power


@dataclass(frozen=True)
class Shown:
    """A picture with an address that shows it to this viewer."""

    picture: PostPicture
    address: str


@dataclass(frozen=True)
class Preview:
    """One official account as people will see the post there."""

    official_account: OfficialAccount
    text: str
    own: bool
    size: Size
    parts: list[str]
    """The posts of a thread; empty where it is one post."""
    link: str
    """The host of its first link, of which the platform makes a card; empty where it has none."""
    replies: str
    """Who may reply there, in words; empty where anybody may or the platform lets nobody say."""


@dataclass(frozen=True)
class Moving:
    """The video of a post with an address that shows it to this viewer, and what is said in it."""

    video: PostVideo
    address: str
    spoken: str


@dataclass(frozen=True)
class Beside:
    """What a post is besides its words and pictures, for who reads or approves it."""

    video: Moving | None
    threads: list[tuple[str, list[str]]]
    """Name of an official account, and the posts of the thread there."""
    replies: str
    campaigns: list[str]
    pair: Post | None
    pair_texts: list[tuple[str, str]]
    """Name of an official account, and the words of the pair there."""
    template: PostTemplate | None
    filled: str
    """The words as they are now, to be laid beside those of the template."""
    language: str
    declared: list[tuple[str, str]]
    """What its author says of it: name and words."""
    paced: bool
    """A 24-hour log says when it goes out."""


def shown_pictures(viewer: StaffMember, post: Post | None) -> list[Shown]:
    """The pictures of a post that the viewer may see, ready to be shown."""
    if post is None:
        return []
    return [Shown(picture, link_for(picture.file, viewer)) for picture in queries.pictures(post)]


def moving(viewer: StaffMember, post: Post | None) -> Moving | None:
    """The video of a post that the viewer may see."""
    video = queries.video(post) if post is not None else None
    if video is None:
        return None
    return Moving(video, link_for(video.file, viewer), captions.spoken(video.captions))


def beside_words(viewer: StaffMember, post: Post) -> Beside:
    """What an approver reads besides the words."""
    variants = list(queries.live_variants(post))
    pair = pairs.other(post)
    seen = set(account_ids(viewer, Power.SEE_POSTS))
    campaigns = post.campaigns.filter(removed_at=None).values_list("tag__name", flat=True)
    return Beside(
        video=moving(viewer, post),
        threads=[(v.official_account.name, v.parts) for v in variants if v.parts],
        replies=post.get_reply_control_display() if post.reply_control else "",
        campaigns=sorted(campaigns),
        pair=pair,
        pair_texts=[
            (v.official_account.name, v.text)
            for v in (queries.live_variants(pair) if pair else ())
            if v.official_account_id in seen
        ],
        template=post.template,
        filled=post.words,
        language=post.get_language_display() if post.language else "",
        declared=list(history.declared_of(post).items()),
        paced=queries_campaigns.is_paced(post),
    )


def beside(viewer: StaffMember, post: Post | None) -> dict[str, object]:
    """Everything on the compose page but the form itself."""
    variants = list(queries.live_variants(post)) if post else []
    shown = shown_pictures(viewer, post)
    found: list[Check] = []
    why_two: list[Finding] = []
    needed: Needed | None = None
    writers = queries.writer_ids(post) | {viewer.pk} if post else {viewer.pk}
    approvers = queries.approvers_for([v.official_account_id for v in variants], excluding=writers)
    if post is not None:
        judgement = judging.judge(post, variants, [s.picture for s in shown], queries.video(post))
        found = checks.of_post(post, variants, [s.picture for s in shown], judged=judgement)
        why_two = judgement.why_two
        needed = queries_approval.needed(post, judgement, variants) if variants else None
    stopping = checks.stops(found)
    enough = needed is not None and (
        needed.need.count == 0
        or (
            len(approvers) >= min(needed.need.count, 2)
            and post is not None
            and steps.could_be_met(post, needed.need, approvers)
        )
    )
    return {
        "post": post,
        "previews": [_preview(post, variant) for variant in variants] if post else [],
        "pictures": shown,
        "moving": moving(viewer, post),
        "offers_replies": any(_reply_controls(v.official_account) for v in variants),
        "any_too_long": any(v.parts or checks.size(v.official_account, v.text).over for v in variants),
        "pair": pairs.other(post) if post else None,
        "shortest": _shortest(variants),
        "checks": [check for check in found if check.kind != "passed"],
        "groups": grouped(found),
        "passed": [check for check in found if check.kind == "passed"],
        "summary": _summary(found, stopping),
        "stopping": stopping,
        "approvers": approvers,
        "why_two": sorted({one.name for one in why_two}),
        "needed": needed,
        "enough": enough,
        "button": _button(post, variants, approvers, needed, enough=enough),
        "can_submit": bool(post and variants and enough and not stopping),
        "chosen_key": ",".join(str(v.official_account_id) for v in variants),
    }


@dataclass(frozen=True)
class Group:
    """Findings that belong together."""

    name: str
    checks: list[Check]


def grouped(found: list[Check]) -> list[Group]:
    """What was found, in groups: those with something that stops it first, then as they are always ordered."""
    groups = [
        Group(name, [one for one in found if one.group == name and one.kind != "passed"])
        for name in checks.ORDER
    ]
    gravity = {"stop": 0, "second": 1, "advice": 2}
    return sorted(
        (group for group in groups if group.checks), key=lambda g: min(gravity[c.kind] for c in g.checks)
    )


@dataclass(frozen=True)
class Line:
    """What a check says, and whether the viewer may let the post go on all the same."""

    check: Check
    may_override: bool


@dataclass(frozen=True)
class Verdict:
    """What checks found in a post that waits, who approved it, and what is still needed."""

    groups: list[tuple[str, list[Line]]]
    stopping: bool
    needed: Needed
    """Who has to approve it, and who has."""
    approvals: list[Approval]
    """Those with a sign-in that count."""

    @property
    def second(self) -> bool:
        """Whether some of the yeses that are needed are there."""
        return bool(self.needed.need.count > 1 and self.needed.given)


def judged(
    viewer: StaffMember,
    post: Post,
    variants: list[Variant],
    pictures: list[PostPicture],
    *,
    policy: Policy | None = None,
    by: steps.Steps | None = None,
) -> Verdict:
    """A post that waits, as the checks see it at this moment."""
    judgement = judging.judge(post, variants, pictures, queries.video(post), policy=policy)
    found = checks.of_post(post, variants, pictures, on_approval=True, judged=judgement)
    return Verdict(
        groups=[
            (
                group.name,
                [
                    Line(
                        one,
                        one.kind == "stop" and queries_checks.may_override(viewer, post, one.override_by),
                    )
                    for one in group.checks
                ],
            )
            for group in grouped(found)
        ],
        stopping=bool(checks.stops(found)),
        needed=queries_approval.needed(post, judgement, variants, by=by),
        approvals=queries.standing_approvals(post, judgement.content_hash),
    )


def _preview(post: Post, variant: Variant) -> Preview:
    account = variant.official_account
    links = fingerprint.links(variant.text)
    said = post.get_reply_control_display() if post.reply_control in _reply_controls(account) else ""
    return Preview(
        account,
        variant.text,
        variant.text != post.words,
        checks.size(account, variant.text),
        list(variant.parts),
        (urlsplit(links[0]).hostname or "") if links else "",
        said,
    )


def _reply_controls(account: OfficialAccount) -> frozenset[str]:
    """How a post can say on this official account who may reply."""
    connector = checks.ruler(account.platform)
    return connector.reply_controls if connector is not None else frozenset()


def _shortest(variants: list[Variant]) -> str:
    """Where the words come nearest to a limit, e.g. "X 240 of 280, the shortest limit"."""
    sizes = [
        (variant.official_account.name, checks.size(variant.official_account, variant.text))
        for variant in variants
    ]
    limited = [(size.most - size.used, name, size) for name, size in sizes if size.most is not None]
    if not limited:
        return ""
    _, name, size = min(limited, key=lambda line: line[0])
    return f"{name}: {size.words}"


def sent_for(post: Post) -> str:
    """What its author reads after sending it."""
    if post.state == Post.State.APPROVED:
        return (
            f"Sent. It goes out {'now' if post.publish_at is None else when(post)}, without prior approval."
        )
    return "Sent for approval. You hear when it is approved or returned."


def late(post: Post) -> bool:
    """Whether the time of a post that waits has passed, so that its approval asks for another."""
    return post.publish_at is not None and post.publish_at < clock.now()


def _summary(found: list[Check], stopping: list[Check]) -> str:
    if not found:
        return "They begin with the first words."
    advice = sum(check.kind == "advice" for check in found)
    passed = sum(check.kind == "passed" for check in found)
    start = "Nothing stops this post." if not stopping else f"{_many(len(stopping), 'thing')} to mend first."
    second = sum(check.kind == "second" for check in found)
    if second:
        start += " Two people approve it."
    return f"{start} {advice} to look at, {passed} passed."


def _button(
    post: Post | None,
    variants: list[Variant],
    approvers: list[StaffMember],
    needed: Needed | None,
    *,
    enough: bool,
) -> str:
    """Exactly what the button will do."""
    where = _many(len(variants), "official account")
    if not variants or post is None or needed is None:
        return "Send for approval"
    need = needed.need
    if need.count == 0:
        return f"Send it, it goes out {'now' if post.publish_at is None else when(post)} on {where}"
    if not approvers:
        return f"Nobody can approve this on {where}"
    if need.count > 1 and len(approvers) < 2 and not need.groups:
        return f"Two people have to approve it, and only {approvers[0].called} may on {where}"
    if not enough:
        return f"It needs {need.in_words}, whom {where} {'has' if len(variants) == 1 else 'have'} not"
    others = len(approvers) - 1
    by = approvers[0].called if not others else f"{approvers[0].called} or {_many(others, 'colleague')}"
    if need.groups:
        by = need.in_words
    elif need.count > 1:
        by = (
            f"{approvers[0].called} and {approvers[1].called}"
            if others == 1
            else f"two of {len(approvers)} colleagues"
        )
    if post.publish_at is None:
        return f"Send for approval by {by}, then it goes out on {where}"
    return f"Send for approval by {by}, goes out {when(post)} on {where}"


def when(post: Post) -> str:
    """When it goes out, in words: "at once", "18:00", "3 March 18:00", or where the clocks change before
    then "30 March 18:00 (summer time)"."""
    if post.publish_at is None:
        return "on approval"
    london = clock.in_london(post.publish_at)
    if london.date() == clock.today():
        return f"today {london:%H:%M}"
    zone = ""
    if london.utcoffset() != clock.in_london(clock.now()).utcoffset():
        zone = " (summer time)" if london.dst() else " (winter time)"
    return f"{london.day} {london:%B} {london:%H:%M}{zone}"


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
