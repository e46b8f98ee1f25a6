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
    """A payload as jsonb takes it: NUL and half characters are written out as their escapes.

    Nearly every payload is fine as it came, which one pass of the encoder says faster than a walk.
    """
    try:
        words = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):
        return _written_out(value)
    return _written_out(value) if "\\u0000" in words or _UNSTORABLE.search(words) else value


def _written_out(value: Any) -> Any:
    if isinstance(value, str):
        if value.isascii() and "\x00" not in value:
            return value
        return _UNSTORABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", value)
    if isinstance(value, dict):
        return {_written_out(str(key)): _written_out(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_written_out(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return _written_out(str(value))


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
