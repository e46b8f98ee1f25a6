"""What GOV.UK Notify hands over when a text is sent back: JSON with `source_number` and `message`."""

from __future__ import annotations

import json
from dataclasses import dataclass

MOST_BYTES = 20_000


@dataclass(frozen=True)
class TextBack:
    """A text that somebody sent: from which number, and its words."""

    source: str
    words: str


def read_text(body: bytes) -> TextBack | None:
    """None where the body is none."""
    if len(body) > MOST_BYTES:
        return None
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict):
        return None
    source, words = given.get("source_number"), given.get("message")
    if not isinstance(source, str) or not isinstance(words, str):
        return None
    return TextBack(source[:40], words[:1000])
