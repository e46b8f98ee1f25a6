"""Whether a handle is one of ours, only looks like one of ours, or neither.

Signs that look alike are those of Unicode's own table (UTS #39, confusables.txt, by the library
confusable-homoglyphs); beside it stand digits that are read as letters, letters left out or put in, and our own
name with something added. No writes here, and no database: what is compared is given.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from urllib.parse import unquote, urlsplit

from confusable_homoglyphs.confusables import confusables_data

_READ_AS = {
    "0": "o",
    "1": "l",
    "I": "l",
    "|": "l",
    "2": "z",
    "3": "e",
    "4": "a",
    "5": "s",
    "7": "t",
    "8": "b",
    "9": "g",
}
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_BETWEEN = re.compile(r"[\s._\-]+")
LONGEST = 120


@cache
def _prototypes() -> dict[str, str]:
    """Each sign that looks like one of a to z or 0 to 9 -> that one."""
    found: dict[str, str] = {}
    for sign, others in confusables_data.items():
        if sign.isascii():
            continue
        for other in others:
            if len(other["c"]) == 1 and other["c"].isascii() and other["c"].isalnum():
                found[sign] = other["c"]
                break
    return found


@lru_cache(maxsize=4096)
def skeleton(text: str) -> str:
    """What the text looks like at a glance, in letters alone: two texts that are read alike have the same one."""
    drawn = []
    for sign in unicodedata.normalize("NFKD", text):
        if unicodedata.combining(sign) or unicodedata.category(sign) in ("Cf", "Cc"):
            continue
        plain = sign if sign.isascii() else _prototypes().get(sign, sign)
        drawn.append(_READ_AS.get(plain, plain).lower())
    seen = _BETWEEN.sub("", "".join(drawn))
    for pair, one in _PAIRS:
        seen = seen.replace(pair, one)
    return seen


def skeletons(text: str) -> set[str]:
    """As it is written, and in small letters: platforms show either. A capital I is read as a small l."""
    return {skeleton(text), skeleton(text.lower()), skeleton(text.lower().replace("i", "l"))}


def distance(one: str, other: str, most: int = 2) -> int:
    """How many letters are put in, left out, changed or swapped with their neighbour; most + 1 where it is more.

    Optimal string alignment, on texts of handles' length.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    above = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, above = above, row
    return min(above[-1], most + 1)


def likeness(claimed: str, ours: str) -> str:
    """In which way a handle looks like one of ours, as a sentence; empty where it does not, and for the same one."""
    claimed, ours = claimed.strip().lstrip("@")[:LONGEST], ours.strip().lstrip("@")
    if not claimed or claimed.casefold() == ours.casefold():
        return ""
    theirs, real = skeletons(claimed.partition("@")[0]), skeletons(ours.partition("@")[0])
    if theirs & real:
        odd = [sign for sign in claimed if not sign.isascii()]
        if odd:
            return f"It is written with {_named(odd[0])}, which looks like a letter of ours."
        if any(sign.isdigit() for sign in claimed) and not any(sign.isdigit() for sign in ours):
            return "It is written with a digit that is read as a letter of ours."
        return "It is read like ours, and is written otherwise."
    shortest = min(len(skeleton(ours.partition("@")[0])), len(skeleton(claimed.partition("@")[0])))
    if shortest >= 8 and any(b in a for a in theirs for b in real):
        return "It is our handle with something added."
    most = 2 if shortest >= 10 else 1 if shortest >= 5 else 0
    if most and (least := min(distance(a, b, most) for a in theirs for b in real)) <= most:
        return f"{least} letter{' differs' if least == 1 else 's differ'} from ours."
    return ""


def bears_name(claimed: str, brands: tuple[str, ...]) -> str:
    """Which of the force's own words it bears, as a sentence; empty where none.

    brands: such as "Wealdshire Police". Both the whole and handles written in one word are found.
    """
    seen = skeletons(claimed)
    for brand in brands:
        mark = skeleton(brand)
        if len(mark) >= 5 and any(mark in one for one in seen):
            return f"It bears the name “{brand}”."
    return ""


def _named(sign: str) -> str:
    return f"“{sign}” ({unicodedata.name(sign, 'an unnamed sign').lower()})"


# What somebody typed or pasted


HOSTS = {
    "x.com": "x",
    "twitter.com": "x",
    "facebook.com": "facebook",
    "fb.com": "facebook",
    "instagram.com": "instagram",
    "youtube.com": "youtube",
    "bsky.app": "bluesky",
    "threads.net": "threads",
    "threads.com": "threads",
    "tiktok.com": "tiktok",
    "linkedin.com": "linkedin",
    "nextdoor.co.uk": "nextdoor",
    "nextdoor.com": "nextdoor",
    "whatsapp.com": "whatsapp",
}
"""Hosts of profile links -> platform. Mastodon servers are any host, known by the @ in the path."""
_BEFORE_HANDLE = {"profile", "channel", "c", "user", "company", "pages", "pg", "people", "school"}


@dataclass(frozen=True)
class Asked:
    """What somebody asks about: a handle, the platform where the link says it, and the link in one form."""

    handle: str
    platform: str = ""
    link: str = ""


def read(text: str) -> Asked:
    """What was typed: a handle with or without its @, or the link of a profile. Empty handle: nothing to go by."""
    text = "".join(sign for sign in text if unicodedata.category(sign) not in ("Cf", "Cc"))
    text = " ".join(text.split())[:300]
    if "://" not in text and re.match(r"^(?:www\.|m\.)?[\w.-]+\.[a-z]{2,}/\S", text, re.IGNORECASE):
        text = f"https://{text}"
    if "://" not in text:
        return Asked(text.lstrip("@").strip()[:LONGEST])
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.").removeprefix("mobile.")
    except ValueError:
        return Asked("")
    path = [unquote(piece) for piece in parts.path.split("/") if piece]
    platform = HOSTS.get(host, "")
    while path and path[0].lower() in _BEFORE_HANDLE:
        path.pop(0)
    handle = path[0].lstrip("@")[:LONGEST] if path else ""
    if not platform and parts.path.startswith("/@") and handle:
        platform, handle = "mastodon", f"{handle}@{host}" if "@" not in handle else handle
    return Asked(handle, platform, plain_link(text))


def plain_link(url: str) -> str:
    """A link without what does not tell two profiles apart: scheme, "www.", last slash, query, case of the host."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.").removeprefix("mobile.")
    return f"{host}{parts.path.rstrip('/')}".casefold() if host else ""
