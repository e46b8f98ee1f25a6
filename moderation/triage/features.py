"""What the model reads of a comment: its windows, and a few thousand hashed words beside the encoder's direction.

The encoder knows what words mean; the hashed words know that "kms" or a misspelling stood in an exemplar.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import pairwise

import numpy as np

from moderation.categories import HIGH_RISK
from moderation.triage.text import plain
from moderation.triage.verdict import Finding

WORDS = 4096
"""Places that words are hashed into."""
RULES = 256
"""Places that the rules which fired are hashed into, behind the words."""
RULE_WEIGHT = 0.5
"""How loud a rule that fired is beside all words together."""
WINDOW, STEP = 180, 130
"""Characters of the windows in which a longer comment is read, and from one to the next."""
WHOLE = 240
"""A comment up to this length is read whole."""
WINDOWS = 30
"""At most so many of one comment; of a longer one each is longer."""

_LINK = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w.])@[\w.]{2,60}")
_SPACE = re.compile(r"\s+")
_SPOKEN = {
    "u": "you",
    "ur": "your",
    "r": "are",
    "yr": "your",
    "ppl": "people",
    "pls": "please",
    "plz": "please",
    "rn": "right now",
    "bc": "because",
    "cos": "because",
    "coz": "because",
    "cba": "cannot be bothered",
    "tmrw": "tomorrow",
    "2moro": "tomorrow",
    "tn": "tonight",
    "2nite": "tonight",
    "gonna": "going to",
    "gunna": "going to",
    "wanna": "want to",
    "kms": "kill myself",
    "kys": "kill yourself",
    "ngl": "not going to lie",
    "tbh": "to be honest",
    "idk": "I don't know",
    "dunno": "don't know",
    "omg": "oh my god",
    "smh": "shaking my head",
    "im": "I'm",
    "ive": "I've",
    "dont": "don't",
    "cant": "can't",
    "didnt": "didn't",
    "wont": "won't",
    "isnt": "isn't",
    "thats": "that's",
    "theyre": "they're",
    "theres": "there's",
    "hes": "he's",
    "shes": "she's",
    "youre": "you're",
    "wheres": "where's",
    "whats": "what's",
    "somones": "someone's",
    "summat": "something",
    "nowt": "nothing",
    "owt": "anything",
    "yous": "you",
    "ye": "you",
    "gf": "girlfriend",
    "bf": "boyfriend",
    "unalive": "kill",
}
_EMOJI = {
    "🔪": " knife ",
    "🗡": " knife ",
    "🔫": " gun ",
    "💣": " bomb ",
    "🩸": " blood ",
    "🆘": " help ",
    "💊": " pills ",
    "⚰": " coffin ",
    "🪦": " grave ",
    "😂": " haha ",
    "🤣": " haha ",
    "💀": " haha ",
}
_DISGUISED = re.compile(
    r"[a-z][013457@$!|*#][a-z]|(?<!\w)[a-z](?:[ .\-_*][a-z]){3,}(?!\w)|(.)\1{3,}", re.IGNORECASE
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


def windows(text: str) -> list[str]:
    """The comment as the encoder reads it, in stretches where it is long; the worst of them will count."""
    text = spoken(text)
    if len(text) <= WHOLE:
        return [text]
    step = max(STEP, -(-len(text) // WINDOWS))
    width = step + WINDOW - STEP
    found = []
    for start in range(0, len(text) - (width - step), step):
        begin = text.rfind(" ", max(0, start - 30), start + 1) + 1 if start else 0
        stretch = text[begin : start + width].strip()
        if stretch and stretch not in found:
            found.append(stretch)
    return found or [text[:width]]


def spoken(text: str) -> str:
    """Text-speak written out, disguise undone, links and handles named. What people see stays the original."""
    text = text[:20_000]
    if not text.isascii():
        for sign, word in _EMOJI.items():
            if sign in text:
                text = text.replace(sign, word)
    if "@" in text:
        text = _HANDLE.sub("someone", text)
    if "http" in text or "www." in text:
        text = _LINK.sub("link", text)
    if _DISGUISED.search(text):
        text = plain(text)
    text = _WORD.sub(_written_out, text)
    if text.isupper():
        text = text.lower()
    return _SPACE.sub(" ", text).strip()


def _written_out(found: re.Match[str]) -> str:
    word = found.group()
    return _SPOKEN.get(word.casefold(), word) if len(word) < 9 else word


@lru_cache(maxsize=20_000)
def _places(word: str) -> tuple[int, ...]:
    bounded = f"<{word}>"
    parts = {word, *(bounded[n : n + 4] for n in range(len(bounded) - 3))}
    return tuple(zlib.crc32(part.encode("utf-8", "replace")) % WORDS for part in parts)


def hashed(words: str) -> np.ndarray:
    """The places of a text's words, pairs of words and pieces of words, each once. Takes normalised text."""
    tokens = words[:2_000].split()
    found: set[int] = set()
    for token in tokens:
        found.update(_places(token[:40]))
    for first, second in pairwise(tokens):
        found.add(zlib.crc32(f"{first} {second}".encode("utf-8", "replace")) % WORDS)
    return np.fromiter(found, dtype=np.int64, count=len(found))


def fired(findings: Iterable[Finding]) -> np.ndarray:
    """The places of the rules that fired on a comment, and of the most urgent priority among high-risk ones."""
    found = set()
    urgent = 9
    for finding in findings:
        found.add(_place_of_rule(finding.rule))
        if finding.category in HIGH_RISK or finding.rule.startswith("languages."):
            urgent = min(urgent, int(finding.priority))
    if urgent < 9:
        found.add(_place_of_rule(f"priority {urgent}"))
    return np.fromiter(found, dtype=np.int64, count=len(found))


@cache
def _place_of_rule(name: str) -> int:
    return zlib.crc32(name.encode()) % RULES
