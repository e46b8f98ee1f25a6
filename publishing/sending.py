"""Carrying one claimed delivery to its platform, and reading back what is unknown.

Nothing here writes: each step asks publishing.actions.machinery, and the socket opens between two
transactions, never inside one. A worker that dies at any point leaves a delivery that is
`claimed` or `sending`; when its lease runs out the outcome is unknown and `settle` asks the
platform.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.actions import connecting
from accounts.connections import forget_connector, kept_connector
from core import clock
from core.errors import NotValid, Refused, TakenBySomeoneElse
from media import queries as media
from media.storage import Damaged
from platforms.contract import (
    Capability,
    Connector,
    Fault,
    IncomingPost,
    OutcomeUnknown,
    PermanentFault,
    Picture,
    PostToSend,
    Sent,
    TemporaryFault,
    Video,
    Withheld,
)
from platforms.http import asked_first
from publishing import fingerprint, queries
from publishing.actions import machinery, outbox
from publishing.models import Delivery, PostVideo
from staff.models import StaffMember

MOST_SHOWN = 8

log = logging.getLogger("smmp.outbox")

NEEDS: dict[str, Capability] = {
    Delivery.Kind.POST: Capability.PUBLISH_TEXT,
    Delivery.Kind.REPLY: Capability.REPLY,
    Delivery.Kind.HIDE: Capability.HIDE,
    Delivery.Kind.UNHIDE: Capability.UNHIDE,
    Delivery.Kind.EDIT: Capability.EDIT,
    Delivery.Kind.DELETE: Capability.DELETE_OWN,
    Delivery.Kind.DELETE_COMMENT: Capability.DELETE_OTHERS,
    Delivery.Kind.BLOCK: Capability.BLOCK,
    Delivery.Kind.UNBLOCK: Capability.BLOCK,
    Delivery.Kind.MUTE: Capability.MUTE,
    Delivery.Kind.UNMUTE: Capability.MUTE,
}

UNREADABLE = "The answer of the platform could not be read."

CLOCKS_APART = timedelta(minutes=2)
"""How far a platform's clock may be behind ours."""


def send_due(*, most: int = 100, budget_s: float = 20.0) -> int:
    """Send what is due, the oldest first; answers how many were taken in hand.

    An official account whose platform does not answer is left alone for the rest of the round,
    so that it does not keep the others waiting.
    """
    machinery.give_up_stale_claims()
    started = time.monotonic()
    resting: set[int] = set()
    taken = 0
    while taken < most and (in_hand_since := time.monotonic()) - started < budget_s:
        delivery = machinery.claim_next(skip_accounts=resting)
        if delivery is None:
            break
        taken += 1
        if delivery.state != Delivery.State.SENDING:
            continue
        after = deliver(delivery, in_hand_since=in_hand_since)
        if after.state in (Delivery.State.SCHEDULED, Delivery.State.UNKNOWN):
            resting.add(delivery.official_account_id)
    return taken


def deliver(delivery: Delivery, *, in_hand_since: float | None = None) -> Delivery:
    """Take one claimed delivery to its platform and note what came of it.

    in_hand_since: time.monotonic() before it was claimed; now by default.
    """
    in_hand_since = time.monotonic() if in_hand_since is None else in_hand_since
    try:
        connector = kept_connector(delivery.official_account)
        act = _act(connector, delivery)
    except Refused as refusal:
        return _put_back(delivery, refusal.sentence)
    except Damaged:
        return _put_back(
            delivery, "A picture of it cannot be read from the store. Tell your service administrator."
        )
    try:
        if why := machinery.stopped_since(delivery):
            return machinery.put_back(delivery=delivery, why=why)
        if time.monotonic() - in_hand_since > machinery.SEND_WITHIN_S:
            return delivery
        sent = _send(act, delivery)
        _note_usage(connector, sent)
        return sent
    except TakenBySomeoneElse:
        delivery.refresh_from_db()
        return delivery


def _note_usage(connector: Connector, delivery: Delivery) -> None:
    """What this took of the platform's allowance. Whatever goes wrong with that undoes nothing that was sent."""
    try:
        if usage := connector.usage():
            connecting.note_usage(official_account=delivery.official_account, usage=usage)
    except Exception:
        log.exception("what was used could not be noted", extra={"delivery": delivery.pk})


def _put_back(delivery: Delivery, why: str) -> Delivery:
    try:
        return machinery.put_back(delivery=delivery, why=why)
    except TakenBySomeoneElse:
        delivery.refresh_from_db()
        return delivery


class _Watch:
    """Asked before each request of an act that takes several: whether it may still leave."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.asked = 0
        self.changed = 0
        """Requests that have left and may have changed something."""

    def __call__(self, changing: bool) -> None:
        # Before the first it has been read a moment ago.
        if self.asked and (why := machinery.stopped_since(self.delivery)):
            raise Withheld(why)
        self.asked += 1
        self.changed += changing


def _send(act: Callable[[], Sent], delivery: Delivery) -> Delivery:
    watch = _Watch(delivery)
    try:
        with asked_first(watch):
            sent = act()
    except Withheld as stopped:
        if not watch.changed:
            return machinery.put_back(delivery=delivery, why=stopped.sentence)
        # A part of it left before: whether anything stands there only the platform knows.
        return machinery.note_unknown(delivery=delivery, fault=OutcomeUnknown(stopped.sentence))
    except TakenBySomeoneElse:
        raise
    except PermanentFault as fault:
        return machinery.note_refused(delivery=delivery, fault=fault)
    except TemporaryFault as fault:
        forget_connector(delivery.official_account)
        return machinery.note_deferred(delivery=delivery, fault=fault)
    except OutcomeUnknown as fault:
        forget_connector(delivery.official_account)
        return machinery.note_unknown(delivery=delivery, fault=fault)
    except Exception:
        # A mistake of ours after the request may have left: no different from a lost answer.
        forget_connector(delivery.official_account)
        log.exception("sending broke off", extra={"delivery": delivery.pk})
        return machinery.note_unknown(delivery=delivery, fault=OutcomeUnknown(UNREADABLE))
    if not machinery.keep_id(delivery=delivery, external_id=sent.external_id, url=sent.url):
        return machinery.note_not_ours(delivery=delivery)
    return machinery.note_sent(delivery=delivery, external_id=sent.external_id, url=sent.url)


def _act(connector: Connector, delivery: Delivery) -> Callable[[], Sent]:
    """The one call that this delivery is. A platform that cannot do it says so in its own words."""
    need = NEEDS[delivery.kind]
    if delivery.private_to_external_id:
        need = Capability.PRIVATE_MESSAGES
    if need == Capability.PUBLISH_TEXT and _video_of(delivery) is not None:
        need = Capability.PUBLISH_VIDEO
    if need not in connector.capabilities:
        sentence = connector.why_not.get(need, f"{connector.name} does not offer this.")

        def refuse() -> Sent:
            raise PermanentFault(sentence)

        return refuse
    target, root = delivery.target_external_id, delivery.root_external_id
    if delivery.kind in (Delivery.Kind.POST, Delivery.Kind.REPLY):
        post = post_to_send(connector, delivery)
        return lambda: connector.send(post)

    if delivery.kind == Delivery.Kind.EDIT:
        return lambda: connector.edit(target, delivery.text)

    def change() -> Sent:
        if delivery.kind == Delivery.Kind.HIDE:
            connector.hide(comment_external_id=target, root_external_id=root)
        elif delivery.kind == Delivery.Kind.UNHIDE:
            connector.unhide(comment_external_id=target, root_external_id=root)
        elif delivery.kind == Delivery.Kind.DELETE_COMMENT:
            connector.delete_comment(target)
        elif delivery.kind == Delivery.Kind.BLOCK:
            connector.block(target)
        elif delivery.kind == Delivery.Kind.UNBLOCK:
            connector.unblock(target)
        elif delivery.kind == Delivery.Kind.MUTE:
            connector.mute(target)
        elif delivery.kind == Delivery.Kind.UNMUTE:
            connector.unmute(target)
        else:
            connector.delete(target)
        return Sent(external_id=target)

    return change


def post_to_send(connector: Connector, delivery: Delivery) -> PostToSend:
    """The words and pictures of a delivery as a connector takes them, always with the same key."""
    most_bytes = connector.limits.image_bytes
    not_these: frozenset[str] = frozenset()
    if Capability.CHOSEN_KEY not in connector.capabilities and delivery.first_opened_at is not None:
        # Known there by its words alone, and others of ours may have the same.
        not_these = queries.known_since(delivery, delivery.first_opened_at - 3 * CLOCKS_APART)
    pictures, video, replies = [], None, ""
    if delivery.variant is not None and delivery.part == 1:
        replies = delivery.variant.post.reply_control
        if (kept := _video_of(delivery)) is not None:
            video = Video(
                content=media.content(kept.file),
                content_type=kept.file.content_type,
                title=kept.title,
                captions=kept.captions,
                address=media.video_to_fetch(kept.file),
            )
        for picture in delivery.variant.post.pictures.filter(removed_at=None).select_related("file"):
            content, content_type = media.content_within(picture.file, most_bytes)
            pictures.append(
                Picture(
                    content=content,
                    content_type=content_type,
                    alt_text=picture.alt_text,
                    address=media.address_to_fetch(picture.file, most_bytes),
                )
            )
    return PostToSend(
        key=str(delivery.key),
        text=delivery.text,
        pictures=tuple(pictures),
        video=video,
        replies=replies if replies in connector.reply_controls else "",
        reply_to=delivery.target_external_id,
        root=delivery.root_external_id,
        private_to=delivery.private_to_external_id,
        not_before=delivery.first_opened_at - CLOCKS_APART if delivery.first_opened_at else None,
        not_these=not_these,
    )


def _video_of(delivery: Delivery) -> PostVideo | None:
    """The video that goes out with it: with the first post of a thread alone. Read once for a delivery in hand."""
    if delivery.variant is None or delivery.kind != Delivery.Kind.POST or delivery.part > 1:
        return None
    if not hasattr(delivery, "its_video"):
        videos = PostVideo.objects.filter(post_id=delivery.variant.post_id, removed_at=None)
        delivery.its_video = videos.select_related("file").first()  # type: ignore[attr-defined]
    return delivery.its_video  # type: ignore[attr-defined]


def settle_due(*, most: int = 50) -> int:
    """Read back what is unknown and due for it; answers how many were read."""
    machinery.give_up_stale_claims()
    for done in range(most):
        delivery = machinery.claim_unsettled()
        if delivery is None:
            return done
        settle(delivery)
    return most


def settle(delivery: Delivery) -> Delivery:
    """Ask the platform whether one delivery stands there, and note the answer."""
    try:
        found = _look(kept_connector(delivery.official_account), delivery)
    except PermanentFault as fault:
        return machinery.note_unreadable(delivery=delivery, fault=fault, lasting=True)
    except (TemporaryFault, OutcomeUnknown) as fault:
        return machinery.note_unreadable(delivery=delivery, fault=fault)
    except Refused as refusal:
        return machinery.note_unreadable(delivery=delivery, fault=Fault(refusal.sentence))
    except Exception:
        log.exception("reading back broke off", extra={"delivery": delivery.pk})
        return machinery.note_unreadable(delivery=delivery, fault=Fault(UNREADABLE))
    if found is None:
        return machinery.note_not_found(delivery=delivery)
    return machinery.note_sent(delivery=delivery, external_id=found.external_id, url=found.url, found=True)


@dataclass(frozen=True)
class Shown:
    """One of our posts on the platform beside what we meant to send. `like`: 0 to 100."""

    post: IncomingPost
    like: int
    taken: bool
    """Known as another delivery of ours, so that it cannot be this one."""


@dataclass(frozen=True)
class Looked:
    """What the platform shows of a delivery at this moment: `found`, or nothing, or why it cannot be said."""

    delivery: Delivery
    at: datetime
    found: Sent | None
    sentence: str
    shown: Sequence[Shown] = ()
    """Our posts there around the time at which it was sent, the most alike first."""
    shown_sentence: str = ""
    """Why there are none to show; empty where there are."""


def look(delivery: Delivery) -> Looked:
    """Ask the platform about one delivery for a person who wants to see. Nothing is decided by it."""
    at = clock.now()
    found, sentence = None, "The platform does not show it."
    try:
        connector = kept_connector(delivery.official_account)
        found = _look(connector, delivery)
        if found is not None:
            sentence = "The platform shows it as done."
    except (PermanentFault, TemporaryFault, OutcomeUnknown, Refused) as fault:
        sentence = fault.sentence
    except Exception:
        log.exception("looking broke off", extra={"delivery": delivery.pk})
        sentence = UNREADABLE
    shown, why_none = _around(delivery)
    return Looked(delivery, at, found, sentence, shown, why_none)


def _around(delivery: Delivery) -> tuple[Sequence[Shown], str]:
    """Our posts on the platform since it was first sent, and why there are none."""
    if delivery.kind not in queries.PUBLISHED:
        return (), ""
    if delivery.private_to_external_id:
        return (), "Private messages are not among the posts that can be listed: look on the platform itself."
    try:
        posts = kept_connector(delivery.official_account).own_posts()
    except (PermanentFault, TemporaryFault, OutcomeUnknown, Refused) as fault:
        return (), fault.sentence
    except Exception:
        log.exception("listing our posts broke off", extra={"delivery": delivery.pk})
        return (), UNREADABLE
    since = (delivery.first_opened_at or delivery.claimed_at or delivery.created_at) - CLOCKS_APART
    shown = [
        Shown(
            post=post,
            like=fingerprint.likeness(delivery.text, post.text),
            taken=machinery.belongs_to_another(delivery, post.external_id),
        )
        for post in posts
        if post.posted_at >= since and not post.deleted
    ]
    if not shown:
        return (), "The platform shows no post of ours since it was first sent."
    return sorted(shown, key=lambda one: -one.like)[:MOST_SHOWN], ""


def settle_by_hand(*, actor: StaffMember, delivery: Delivery, fence_seen: int, external_id: str) -> Delivery:
    """A person has said which of our posts on the platform it is: asked once more, then noted.

    Raises NotValid (nothing stands there by that id, or the platform does not answer), and what
    publishing.actions.outbox.settle_as_standing raises.
    """
    url = ""
    if delivery.kind in queries.PUBLISHED:
        if not external_id:
            raise NotValid("Choose which of the posts shown it is.")
        try:
            post = kept_connector(delivery.official_account).read_back(external_id)
        except (PermanentFault, TemporaryFault, OutcomeUnknown) as fault:
            raise NotValid(f"Nothing was changed. {fault.sentence}") from None
        if post is None or post.deleted:
            raise NotValid("The platform shows nothing there any more. Nothing was changed: look again.")
        url = post.url
    else:
        external_id = delivery.target_external_id
    return outbox.settle_as_standing(
        actor=actor, delivery=delivery, fence_seen=fence_seen, external_id=external_id, url=url
    )


def _look(connector: Connector, delivery: Delivery) -> Sent | None:
    if delivery.external_id:
        # The platform had answered, and the worker died before it could say more.
        return Sent(external_id=delivery.external_id, url=delivery.external_url)
    target, root = delivery.target_external_id, delivery.root_external_id
    if delivery.kind in (Delivery.Kind.POST, Delivery.Kind.REPLY):
        return connector.find_post(post_to_send(connector, delivery))
    if delivery.kind == Delivery.Kind.EDIT:
        there = connector.read_back(target)
        if there is None or there.deleted:
            raise PermanentFault("It is not there any more, so its words cannot be read back.")
        same = fingerprint.likeness(delivery.text, there.text) == 100
        return Sent(external_id=there.external_id, url=there.url) if same else None
    if delivery.kind == Delivery.Kind.DELETE:
        there = connector.read_back(target)
        return Sent(external_id=target) if there is None or there.deleted else None
    if delivery.kind == Delivery.Kind.DELETE_COMMENT:
        return None if connector.is_there(target) else Sent(external_id=target)
    if delivery.kind in (Delivery.Kind.BLOCK, Delivery.Kind.UNBLOCK):
        done = connector.is_blocked(target) == (delivery.kind == Delivery.Kind.BLOCK)
        return Sent(external_id=target) if done else None
    if delivery.kind in (Delivery.Kind.MUTE, Delivery.Kind.UNMUTE):
        done = connector.is_muted(target) == (delivery.kind == Delivery.Kind.MUTE)
        return Sent(external_id=target) if done else None
    hidden = connector.is_hidden(comment_external_id=target, root_external_id=root)
    wanted = delivery.kind == Delivery.Kind.HIDE
    return Sent(external_id=target) if hidden == wanted else None
