"""What the compose page shows beside the form: previews, sizes, checks, and what the button will do."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import OfficialAccount
from core import clock
from media.queries import link_for
from publishing import checks, queries
from publishing.checks import Check, Size
from publishing.models import Post, PostPicture, Variant
from staff.models import StaffMember


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


def shown_pictures(viewer: StaffMember, post: Post | None) -> list[Shown]:
    """The pictures of a post that the viewer may see, ready to be shown."""
    if post is None:
        return []
    return [Shown(picture, link_for(picture.file, viewer)) for picture in queries.pictures(post)]


def beside(viewer: StaffMember, post: Post | None) -> dict[str, object]:
    """Everything on the compose page but the form itself."""
    variants = list(queries.live_variants(post)) if post else []
    shown = shown_pictures(viewer, post)
    found = checks.of_post(post, variants, [s.picture for s in shown]) if post else []
    stopping = checks.stops(found)
    writers = queries.writer_ids(post) | {viewer.pk} if post else {viewer.pk}
    approvers = queries.approvers_for([v.official_account_id for v in variants], excluding=writers)
    return {
        "post": post,
        "previews": [_preview(post, variant) for variant in variants] if post else [],
        "pictures": shown,
        "shortest": _shortest(variants),
        "checks": [check for check in found if check.kind != "passed"],
        "passed": [check for check in found if check.kind == "passed"],
        "summary": _summary(found, stopping),
        "stopping": stopping,
        "approvers": approvers,
        "button": _button(post, variants, approvers),
        "can_submit": bool(post and variants and approvers and not stopping),
        "chosen_key": ",".join(str(v.official_account_id) for v in variants),
    }


def _preview(post: Post, variant: Variant) -> Preview:
    account = variant.official_account
    return Preview(account, variant.text, variant.text != post.words, checks.size(account, variant.text))


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


def _summary(found: list[Check], stopping: list[Check]) -> str:
    if not found:
        return "They begin with the first words."
    advice = sum(check.kind == "advice" for check in found)
    passed = sum(check.kind == "passed" for check in found)
    start = "Nothing stops this post." if not stopping else f"{_many(len(stopping), 'thing')} to mend first."
    return f"{start} {advice} to look at, {passed} passed."


def _button(post: Post | None, variants: list[Variant], approvers: list[StaffMember]) -> str:
    """Exactly what the button will do."""
    where = _many(len(variants), "official account")
    if not variants or post is None:
        return "Send for approval"
    if not approvers:
        return f"Nobody can approve this on {where}"
    others = len(approvers) - 1
    by = approvers[0].called if not others else f"{approvers[0].called} or {_many(others, 'colleague')}"
    if post.publish_at is None:
        return f"Send for approval by {by}, then it goes out on {where}"
    return f"Send for approval by {by}, goes out {when(post)} on {where}"


def when(post: Post) -> str:
    """When it goes out, in words: "at once", "18:00", "3 March 18:00"."""
    if post.publish_at is None:
        return "on approval"
    london = clock.in_london(post.publish_at)
    if london.date() == clock.today():
        return f"today {london:%H:%M}"
    return f"{london.day} {london:%B} {london:%H:%M}"


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
