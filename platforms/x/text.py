"""How X counts and changes words.

Sources: the configuration of twitter-text, version 3 (280 at most, code points of four ranges weigh 1 and
all others 2, a link weighs 23, an emoji sequence 2), and docs.x.com "Counting characters" (NFC; read
2026-11-28). The Python ports of twitter-text were last released in 2023 or earlier and carry their own
list of emoji, so the rules are written here over the Unicode properties of `regex`.
"""

from __future__ import annotations

import html
import re
import unicodedata

import regex

POST_LENGTH = 280
LONG_LENGTH = 25_000
"""For an account with X Premium (help.x.com "About X Premium", longer posts)."""
WRITES_LONG = frozenset({"Basic", "Premium", "PremiumPlus"})
"""`subscription_type` of such an account (OpenAPI document of the X API, schema User); else "None"."""
LINK_LENGTH = 23
EMOJI_LENGTH = 2

_WEIGH_ONE = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
_EMOJI = regex.compile(
    r"(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|[0-9#*]\ufe0f?\u20e3)(?!\ufe0e)", regex.V1
)
_GRAPHEME = regex.compile(r"\X")
_GENERIC = (
    "academy|agency|app|art|biz|blog|careers|charity|cloud|club|co|com|community|dev|digital|edu|email|"
    "events|foundation|global|gov|group|info|int|international|link|live|london|media|mil|mobi|museum|name|"
    "net|news|ngo|one|online|org|page|photos|police|press|pro|radio|scot|shop|site|social|space|store|"
    "team|tech|today|top|tv|video|wales|cymru|website|wiki|world|xyz"
)
_HOST = rf"(?:[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?\.)+(?:{_GENERIC}|[a-z]{{2}})"
_LINK = regex.compile(
    rf"(?<![\w@#$./-])(?:https?://[^\s<>\"“”]+|{_HOST}(?![\w@.-]*[\w@])(?:[/?#][^\s<>\"“”]*)?)",
    regex.IGNORECASE,
)
"""What X makes a link of: an address, or a host name that ends in a domain. A rarer new domain without
https:// before it is not known here and weighs less here than at X, which then refuses the post."""
_TRAILING = ".,;:!?'’)]}…"


def links(text: str) -> list[tuple[int, int]]:
    """Where the links stand in a text, as spans."""
    found = []
    for match in _LINK.finditer(text):
        end = match.end()
        while end > match.start() and text[end - 1] in _TRAILING:
            if text[end - 1] == ")" and "(" in text[match.start() : end]:
                break
            end -= 1
        found.append((match.start(), end))
    return found


def length(text: str) -> int:
    """The weighted length: 280 is the longest post."""
    text = unicodedata.normalize("NFC", text)
    total, at = 0, 0
    for start, end in links(text):
        total += _weight(text[at:start]) + LINK_LENGTH
        at = end
    return total + _weight(text[at:])


def _weight(text: str) -> int:
    return sum(_grapheme_weight(grapheme) for grapheme in _GRAPHEME.findall(text))


def _grapheme_weight(grapheme: str) -> int:
    if _EMOJI.match(grapheme):
        return EMOJI_LENGTH
    return sum(1 if any(a <= ord(c) <= b for a, b in _WEIGH_ONE) else 2 for c in grapheme)


def as_written(text: str, urls: object) -> str:
    """The words as their author wrote them: X's short links resolved, escapes undone, media links left out.

    urls: the post's own list of link entities. X escapes `&`, `<` and `>` in the text of a post and puts a
    link of its own after the words where there are pictures (data dictionary, Post object).
    """
    for url in urls if isinstance(urls, list) else []:
        if not isinstance(url, dict) or not isinstance(url.get("url"), str) or not url["url"]:
            continue
        if isinstance(url.get("media_key"), str):
            text = text.replace(url["url"], "")
        elif isinstance(url.get("expanded_url"), str) and url["expanded_url"]:
            text = text.replace(url["url"], url["expanded_url"])
    return html.unescape(text).strip()


_LEADING_NAMES = re.compile(r"^(?:@\w{1,20}\s+)+")


def fingerprint(text: str) -> str:
    """What stays the same of a text on its way through X: for telling whether two are one post."""
    text = _LEADING_NAMES.sub("", unicodedata.normalize("NFC", text).strip())
    text = re.sub(r"https?://", "", text, flags=re.IGNORECASE)
    return re.sub(r"/(?=\s|$)", "", " ".join(text.split()))
