"""Making what a platform gave storable without losing it: Postgres refuses NUL and half characters."""

from __future__ import annotations

import hashlib
import json
import math
import re
from datetime import UTC, datetime
from typing import Any

LONGEST_TEXT = 200_000
"""Characters of one comment that are kept beside the raw payload, which keeps all."""
CUT_MARK = "\n[The rest is kept in the raw payload]"

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def text(words: Any, *, at_most: int | None = None) -> str:
    """Words as Postgres takes them; what it cannot hold becomes the replacement character."""
    kept = _UNSTORABLE.sub("\ufffd", words if isinstance(words, str) else str(words))
    return kept if at_most is None else kept[:at_most]


def comment_text(words: str) -> str:
    """The words of a comment, whole up to 200,000 characters, then cut with a mark."""
    kept = text(words)
    return kept if len(kept) <= LONGEST_TEXT else kept[: LONGEST_TEXT - len(CUT_MARK)] + CUT_MARK


def payload(value: Any) -> Any:
    """A payload as jsonb takes it: NUL and half characters are written out as their escapes."""
    if isinstance(value, str):
        if value.isascii() and "\x00" not in value:
            return value
        return _UNSTORABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", value)
    if isinstance(value, dict):
        return {payload(str(key)): payload(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [payload(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return payload(str(value))


def digest(value: Any) -> str:
    """The same for the same payload, whatever the order of its keys."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def instant(given: datetime, *, received_at: datetime) -> datetime:
    """A platform's time, aware and never later than when it reached us. One without a zone is UTC."""
    return min(aware(given), received_at)


def aware(given: datetime) -> datetime:
    """A platform's time with its zone; one without a zone is UTC."""
    return given if given.tzinfo is not None else given.replace(tzinfo=UTC)
