"""YouTube's hub calling us when a channel has a new or renamed video; of comments it tells nobody.

Source: developers.google.com/youtube/v3/guides/push_notifications (Atom; uploads, and changes of title and
description) and the hub's own page, pubsubhubbub.appspot.com (PubSubHubbub 0.4: the address is checked by a
GET with hub.mode, hub.topic, hub.challenge and hub.lease_seconds; calls bear X-Hub-Signature = method "=" hex
HMAC(hub.secret, raw body); a subscription ends with its lease and is asked for again before). Whoever knows
the address could ask the hub to call it, so the address that the hub is given holds a token of ours. Not tried
against Google.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from platforms.contract import PermanentFault
from platforms.http import Http

OF_OWN_POSTS = True
"""A call tells of what the official account published, not of what was written to it."""
TOPIC = "https://www.youtube.com/xml/feeds/videos.xml"
LEASE_S = 864_000
"""Ten days are asked for; the hub may give fewer. It is asked again each day, so that none runs out."""

_CHANNEL = re.compile(r"UC[\w-]{22}", re.ASCII)
_NAMED = re.compile(rb"(?:<yt:channelId>|youtube\.com/channel/)(UC[A-Za-z0-9_-]{22})(?![A-Za-z0-9_-])")
_METHODS = {
    "sha1": hashlib.sha1,
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}
_LONGEST_CHALLENGE = 500


def challenge(params: Mapping[str, str], *, secret: str) -> str:
    """What the check of the address is answered with.

    Raises PermanentFault where it is not one that we asked the hub for.
    """
    token, topic = params.get("token", ""), params.get("hub.topic", "")
    asked = params.get("hub.mode") == "subscribe" and _channel_of(topic)
    words = params.get("hub.challenge", "")
    if not secret or not asked or not _same(token, _derived(secret, "address")) or not words:
        raise PermanentFault("This is not a check of the address that YouTube’s hub was asked for.")
    if len(words) > _LONGEST_CHALLENGE:
        raise PermanentFault("YouTube’s hub asks for a longer answer than it should.")
    return words


def genuine(headers: Mapping[str, str], body: bytes, *, secret: str) -> bool:
    """Whether the hub signed the raw body with the secret that it was given, compared in constant time."""
    given = next((value for name, value in headers.items() if name.lower() == "x-hub-signature"), "")
    method, _, digest = given.partition("=")
    if not secret or method not in _METHODS:
        return False
    return _same(digest, hmac.new(_derived(secret, "calls").encode(), body, _METHODS[method]).hexdigest())


def said(body: bytes) -> Any:
    """The Atom feed as words: it is kept as it came, and nothing but the channels' ids is read from it."""
    return {"atom": body.decode("utf-8", "replace")}


def account_ids(payload: Any) -> set[str]:
    """The channels that have news."""
    words = payload.get("atom") if isinstance(payload, dict) else None
    return {found.decode() for found in _NAMED.findall(words.encode())} if isinstance(words, str) else set()


def event_ids(body: bytes) -> str:
    """By what a call is known when it comes again. The hub gives none: the bytes themselves are it."""
    return hashlib.sha256(body).hexdigest()


def subscribe(*, hub: str, address: str, channel: str, secret: str) -> None:
    """Have the hub call the address for a channel, for ten days from now at most. Asking again lengthens it.

    The hub says at once whether it took the request (202), and checks the address afterwards. Raises a
    fault where it does not take it.
    """
    if not _CHANNEL.fullmatch(channel):
        raise PermanentFault("This is not the id of a channel on YouTube. Test the connection again.")
    Http(name="YouTube’s hub", base_url=hub).send(
        "POST",
        "/subscribe",
        data={
            "hub.mode": "subscribe",
            "hub.topic": f"{TOPIC}?{urlencode({'channel_id': channel})}",
            "hub.callback": f"{address}?{urlencode({'token': _derived(secret, 'address')})}",
            "hub.secret": _derived(secret, "calls"),
            "hub.verify": "async",
            "hub.lease_seconds": str(LEASE_S),
        },
        changing=False,
        read=False,
    )


def _channel_of(topic: str) -> bool:
    parts = urlsplit(topic)
    channel = parse_qs(parts.query).get("channel_id", [""])[0]
    return f"{parts.scheme}://{parts.netloc}{parts.path}" == TOPIC and bool(_CHANNEL.fullmatch(channel))


def _derived(secret: str, purpose: str) -> str:
    """A secret of its own per purpose, which tells nothing of the app's."""
    return hmac.new(secret.encode(), f"YouTube’s hub: {purpose}".encode(), hashlib.sha256).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())
