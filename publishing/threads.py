"""Words that are too long for a platform, cut into the posts of a thread. Pure: the same words give the same posts.

A post ends where a paragraph does, else a sentence, else a word; none is cut within a link or a hashtag. Each
after the first begins with its number ("2/3"), so that nobody reads half of it for the whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from accounts.models import OfficialAccount
from platforms.contract import Capability, Connector, Limits
from publishing import checks

MOST_PARTS = 10
_BREAKS = (re.compile(r"\n{2,}"), re.compile(r"\n"), re.compile(r"(?<=[.!?…])\s+"), re.compile(r"\s+"))


def split(text: str, *, fits: Callable[[str], bool]) -> list[str]:
    """The posts, in their order; one where it fits; none where it cannot be cut into MOST_PARTS that fit."""
    text = text.strip()
    if fits(text):
        return [text]
    for count in range(2, MOST_PARTS + 1):
        parts = _cut(text, count, fits)
        if parts is not None and len(parts) <= count:
            return parts
    return []


def _cut(text: str, count: int, fits: Callable[[str], bool]) -> list[str] | None:
    """Posts that say of how many they are: so many at most, else another number has to be tried."""
    left = text
    parts: list[str] = []
    while left:
        number = len(parts) + 1
        if number > count:
            return None
        before, after = ("", f" {number}/{count}") if number == 1 else (f"{number}/{count} ", "")
        end = _end(left, before, after, fits)
        if end is None:
            return None
        parts.append(f"{before}{left[:end].rstrip()}{after}")
        left = left[end:].lstrip()
    if len(parts) < count:
        return [re.sub(rf"(?<=\d/){count}(?=\s|$)", str(len(parts)), part, count=1) for part in parts]
    return parts


def _end(text: str, before: str, after: str, fits: Callable[[str], bool]) -> int | None:
    """Where the longest beginning ends that fits between its marks; the best kind of break in its last two thirds goes first."""
    if fits(f"{before}{text}{after}"):
        return len(text)
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(f"{before}{text[:middle]}{after}"):
            low = middle
        else:
            high = middle - 1
    for breaks in _BREAKS:
        ends = [found.start() for found in breaks.finditer(text, 0, low + 1) if 0 < found.start() <= low]
        if ends and (ends[-1] >= low // 3 or breaks is _BREAKS[-1]):
            return ends[-1]
    return None


def can_thread(connector: Connector) -> bool:
    """Whether a post of ours can stand under another one of ours there."""
    return connector.threads and Capability.REPLY in connector.capabilities


def parts_for(account: OfficialAccount, text: str) -> list[str]:
    """The posts of a thread on the official account; none where the words fit, or no thread can be made there."""
    connector = checks.ruler(account.platform)
    if connector is None or not can_thread(connector):
        return []
    limits: Limits = checks.limits_of(account) or connector.limits

    def fits(words: str) -> bool:
        if limits.text_bytes and len(words.encode()) > limits.text_bytes:
            return False
        return connector.length(words) <= limits.post_length

    parts = split(text, fits=fits)
    return parts if len(parts) > 1 else []
