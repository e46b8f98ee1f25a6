"""Carrying one claimed delivery to its platform, and reading back what is unknown.

Nothing here writes: each step asks publishing.actions.outbox, and the socket opens between two
transactions, never inside one. A worker that dies at any point leaves a delivery that is
`claimed` or `sending`; when its lease runs out the outcome is unknown and `settle` asks the
platform.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accounts.connections import connector_for
from core import clock
from core.errors import Refused, TakenBySomeoneElse
from media import queries as media
from media.storage import Damaged
from platforms.contract import (
    Capability,
    Connector,
    OutcomeUnknown,
    PermanentFault,
    Picture,
    PostToSend,
    Sent,
    TemporaryFault,
)
from publishing import queries
from publishing.actions import outbox
from publishing.models import Delivery

log = logging.getLogger("smmp.outbox")

NEEDS: dict[str, Capability] = {
    Delivery.Kind.POST: Capability.PUBLISH_TEXT,
    Delivery.Kind.REPLY: Capability.REPLY,
    Delivery.Kind.HIDE: Capability.HIDE,
    Delivery.Kind.UNHIDE: Capability.UNHIDE,
    Delivery.Kind.DELETE: Capability.DELETE_OWN,
}

SEND_WITHIN_S = 20.0
"""A worker that was stopped for longer than this between claim and socket no longer sends."""


def send_due(*, most: int = 100, budget_s: float = 20.0) -> int:
    """Send what is due, the oldest first; answers how many were taken in hand.

    An official account whose platform does not answer is left alone for the rest of the round,
    so that it does not keep the others waiting.
    """
    outbox.give_up_stale_claims()
    started = time.monotonic()
    resting: set[int] = set()
    taken = 0
    while taken < most and time.monotonic() - started < budget_s:
        delivery = outbox.claim_next(skip_accounts=resting)
        if delivery is None:
            break
        taken += 1
        if delivery.state != Delivery.State.CLAIMED:
            continue
        after = deliver(delivery)
        if after.state in (Delivery.State.SCHEDULED, Delivery.State.UNKNOWN):
            resting.add(delivery.official_account_id)
    return taken


def deliver(delivery: Delivery) -> Delivery:
    """Take one claimed delivery to its platform and note what came of it."""
    in_hand_since = time.monotonic()
    try:
        connector = connector_for(delivery.official_account)
        act = _act(connector, delivery)
    except Refused as refusal:
        return _put_back(delivery, refusal.sentence)
    except Damaged:
        return _put_back(
            delivery, "A picture of it cannot be read from the store. Tell your service administrator."
        )
    try:
        sending = outbox.begin_sending(delivery=delivery)
        if sending.state != Delivery.State.SENDING:
            return sending
        lockdown = queries.lockdown()
        if lockdown is not None:
            return outbox.put_back(delivery=sending, why=outbox.held_by(lockdown))
        if time.monotonic() - in_hand_since > SEND_WITHIN_S:
            return sending
        return _send(act, sending)
    except TakenBySomeoneElse:
        delivery.refresh_from_db()
        return delivery


def _put_back(delivery: Delivery, why: str) -> Delivery:
    try:
        return outbox.put_back(delivery=delivery, why=why)
    except TakenBySomeoneElse:
        delivery.refresh_from_db()
        return delivery


def _send(act: Callable[[], Sent], delivery: Delivery) -> Delivery:
    try:
        sent = act()
    except PermanentFault as fault:
        return outbox.note_refused(delivery=delivery, sentence=fault.sentence)
    except TemporaryFault as fault:
        return outbox.note_deferred(
            delivery=delivery, sentence=fault.sentence, retry_after_s=fault.retry_after_s
        )
    except OutcomeUnknown as fault:
        return outbox.note_unknown(delivery=delivery, sentence=fault.sentence)
    except Exception:
        # A mistake of ours after the request may have left: no different from a lost answer.
        log.exception("sending broke off", extra={"delivery": delivery.pk})
        return outbox.note_unknown(
            delivery=delivery, sentence="The answer of the platform could not be read."
        )
    return outbox.note_sent(delivery=delivery, external_id=sent.external_id, url=sent.url)


def _act(connector: Connector, delivery: Delivery) -> Callable[[], Sent]:
    """The one call that this delivery is. A platform that cannot do it says so in its own words."""
    need = NEEDS[delivery.kind]
    if delivery.private_to_external_id:
        need = Capability.PRIVATE_MESSAGES
    if need not in connector.capabilities:
        sentence = connector.why_not.get(need, f"{connector.name} does not offer this.")

        def refuse() -> Sent:
            raise PermanentFault(sentence)

        return refuse
    target, root = delivery.target_external_id, delivery.root_external_id
    if delivery.kind in (Delivery.Kind.POST, Delivery.Kind.REPLY):
        post = post_to_send(delivery, most_bytes=connector.limits.image_bytes)
        return lambda: connector.send(post)

    def change() -> Sent:
        if delivery.kind == Delivery.Kind.HIDE:
            connector.hide(comment_external_id=target, root_external_id=root)
        elif delivery.kind == Delivery.Kind.UNHIDE:
            connector.unhide(comment_external_id=target, root_external_id=root)
        else:
            connector.delete(target)
        return Sent(external_id=target)

    return change


def post_to_send(delivery: Delivery, *, most_bytes: int = 0) -> PostToSend:
    """The words and pictures of a delivery as a connector takes them, always with the same key."""
    pictures = []
    if delivery.variant is not None:
        for picture in delivery.variant.post.pictures.filter(removed_at=None).select_related("file"):
            content, content_type = media.content_within(picture.file, most_bytes)
            pictures.append(Picture(content=content, content_type=content_type, alt_text=picture.alt_text))
    return PostToSend(
        key=str(delivery.key),
        text=delivery.text,
        pictures=tuple(pictures),
        reply_to=delivery.target_external_id,
        root=delivery.root_external_id,
        private_to=delivery.private_to_external_id,
    )


def settle_due(*, most: int = 50) -> int:
    """Read back what is unknown and due for it; answers how many were read."""
    outbox.give_up_stale_claims()
    for done in range(most):
        delivery = outbox.claim_unsettled()
        if delivery is None:
            return done
        settle(delivery)
    return most


def settle(delivery: Delivery) -> Delivery:
    """Ask the platform whether one delivery stands there, and note the answer."""
    try:
        found = _look(connector_for(delivery.official_account), delivery)
    except (PermanentFault, TemporaryFault, OutcomeUnknown) as fault:
        return outbox.note_unreadable(delivery=delivery, sentence=fault.sentence)
    except Refused as refusal:
        return outbox.note_unreadable(delivery=delivery, sentence=refusal.sentence)
    except Exception:
        log.exception("reading back broke off", extra={"delivery": delivery.pk})
        return outbox.note_unreadable(
            delivery=delivery, sentence="The answer of the platform could not be read."
        )
    if found is None:
        return outbox.note_not_found(delivery=delivery)
    return outbox.note_sent(delivery=delivery, external_id=found.external_id, url=found.url, found=True)


@dataclass(frozen=True)
class Looked:
    """What the platform shows of a delivery at this moment: `found`, or nothing, or why it cannot be said."""

    delivery: Delivery
    at: datetime
    found: Sent | None
    sentence: str


def look(delivery: Delivery) -> Looked:
    """Ask the platform about one delivery for a person who wants to see. Nothing is decided by it."""
    at = clock.now()
    try:
        found = _look(connector_for(delivery.official_account), delivery)
    except (PermanentFault, TemporaryFault, OutcomeUnknown, Refused) as fault:
        return Looked(delivery, at, None, fault.sentence)
    except Exception:
        log.exception("looking broke off", extra={"delivery": delivery.pk})
        return Looked(delivery, at, None, "The answer of the platform could not be read.")
    if found is None:
        return Looked(delivery, at, None, "The platform does not show it.")
    return Looked(delivery, at, found, "The platform shows it as done.")


def _look(connector: Connector, delivery: Delivery) -> Sent | None:
    target, root = delivery.target_external_id, delivery.root_external_id
    if delivery.kind in (Delivery.Kind.POST, Delivery.Kind.REPLY):
        return connector.find_post(post_to_send(delivery, most_bytes=connector.limits.image_bytes))
    if delivery.kind == Delivery.Kind.DELETE:
        there = connector.read_back(target)
        return Sent(external_id=target) if there is None or there.deleted else None
    hidden = connector.is_hidden(comment_external_id=target, root_external_id=root)
    wanted = delivery.kind == Delivery.Kind.HIDE
    return Sent(external_id=target) if hidden == wanted else None
