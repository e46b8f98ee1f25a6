"""What was meant to go out, so that it is known again on the platform whatever the platform did to it.

Platforms trim blanks, shorten links and re-encode pictures. So words are compared without their
links and blanks, and links and pictures stand beside them.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

_LINK = re.compile(r"https?://\S+")
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff\ufe0e\ufe0f]")
_TRAILING = ".,;:!?)]}'\"’”"
LONGEST_COMPARED = 5000
"""Characters of each side that a likeness is worked out from; no post of ours is longer."""


def links(text: str) -> list[str]:
    """The web links in the words, in their order."""
    return [found.rstrip(_TRAILING) for found in _LINK.findall(text)]


def normalised(text: str) -> str:
    """The words without links, unseen characters and differences of blanks; composed characters."""
    return " ".join(_UNSEEN.sub("", _LINK.sub(" ", unicodedata.normalize("NFC", text))).split())


def of(text: str, media: Sequence[str] = ()) -> str:
    """SHA-256 over normalised words, links and the hashes of the files, in hexadecimal digits."""
    content = [normalised(text), links(text), list(media)]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def likeness(meant: str, shown: str) -> int:
    """How alike two texts are, from 0 to 100; 100 only where their normalised words are the same."""
    one, other = normalised(meant), normalised(shown)
    if one == other:
        return 100
    ratio = SequenceMatcher(None, one[:LONGEST_COMPARED], other[:LONGEST_COMPARED], autojunk=False).ratio()
    return min(99, int(ratio * 100))
