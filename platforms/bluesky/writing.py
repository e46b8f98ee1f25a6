"""Posts as Bluesky wants them written: record keys of our choosing, facets, images.

Sources: the lexicons app.bsky.feed.post, app.bsky.richtext.facet and app.bsky.embed.images, and
the record key rules of the AT Protocol (a TID is 13 characters of base32-sortable).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import regex
from atproto_client.utils.facet_detection import detect_facets
from PIL import Image, UnidentifiedImageError

from platforms.bluesky.mapping import POST
from platforms.contract import Picture

_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_TIME_BITS = 50
_CLOCK_BITS = 10
_GRAPHEME = regex.compile(r"\X")


def record_key(key: str) -> str:
    """The record key of an intent: the same for the same `key`, so that sending twice writes once.

    It has the shape of a TID. Its time part is drawn from the key and not from the clock; 50 bits
    of microseconds keep it between 1970 and 2005, never in a future that a server might refuse.
    Bluesky orders posts by createdAt.
    """
    digest = hashlib.sha256(key.encode()).digest()
    number = int.from_bytes(digest[:8], "big") >> (64 - _TIME_BITS - _CLOCK_BITS)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(60, -1, -5))


def graphemes(text: str) -> int:
    """Characters as a reader counts them: a flag or a letter with its accents is one."""
    return len(_GRAPHEME.findall(text))


def facets(text: str) -> list[dict[str, Any]]:
    """Links and hashtags with their places in UTF-8 bytes, without which they are dead text.

    Mentions are left out on purpose: a facet would notify the person named, and the force does
    not summon members of the public by software.
    """
    return [facet.model_dump(by_alias=True, exclude_none=True) for facet in detect_facets(text)]


def post_record(
    *,
    text: str,
    created_at: datetime,
    reply: dict[str, Any] | None,
    images: Sequence[tuple[Picture, dict[str, Any]]],
) -> dict[str, Any]:
    """The record of a post. `images`: each picture with the blob that uploading it answered."""
    record: dict[str, Any] = {
        "$type": POST,
        "text": text,
        "createdAt": created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if found := facets(text):
        record["facets"] = found
    if reply:
        record["reply"] = reply
    if images:
        record["embed"] = {
            "$type": "app.bsky.embed.images",
            "images": [
                {"image": blob, "alt": picture.alt_text, **_shape(picture)} for picture, blob in images
            ],
        }
    return record


def _shape(picture: Picture) -> dict[str, Any]:
    """Width and height, so that readers' screens do not cut the picture; nothing where unreadable."""
    try:
        with Image.open(BytesIO(picture.content)) as image:
            width, height = image.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return {}
    return {"aspectRatio": {"width": width, "height": height}}
