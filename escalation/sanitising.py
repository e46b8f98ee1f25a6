"""Whether the text of an intelligence report gives its source away.

Two answers: `names` finds the source's handle, display name, numeric id or address however it is spelt, which is
refused; `hints` finds what may point to somebody and has to be looked at by a person. Pure functions.
Source: sanitisation is removing what explicitly or implicitly identifies a source (College of Policing, 3x5x2).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

AROUND = 24
"""Characters shown on each side of a find."""
SHORTEST = 3
"""A name with fewer letters counts only with an @ before it: "a" would stand in every text."""
TAKEN_APART = 6
"""A name with so many letters is found however it is taken apart too: "jane doe 99" for janedoe99."""
QUOTED_WORDS = 8
"""So many words in a row of the comment are a quotation that a search engine finds."""


@dataclass(frozen=True)
class Source:
    """Who must not be named, and the words that they wrote."""

    handle: str = ""
    name: str = ""
    external_id: str = ""
    address: str = ""
    said: str = ""


@dataclass(frozen=True)
class Found:
    """Where a text names its source."""

    what: str
    line: int
    around: str


def names(text: str, source: Source) -> list[Found]:
    """Every place at which the text names the source, the first of each kind."""
    plain, at = _plain(text)
    found = []
    for what, pattern in _patterns(source):
        if hit := re.search(pattern, plain):
            start, end = at[hit.start()], at[hit.end() - 1] + 1
            around = " ".join(text[max(0, start - AROUND) : end + AROUND].split())
            found.append(Found(what, text.count("\n", 0, start) + 1, around))
    return found


def hints(text: str, source: Source) -> list[str]:
    """What in the text may point to the source, as sentences; a person looks whether it does."""
    plain, _ = _plain(text)
    found = []
    known = set(_runs(source.name))
    parts = sorted(part for part in known if len(part) >= SHORTEST and _word(part).search(plain))
    if parts:
        found.append(f"{_list(parts)}: part of the name that the source shows")
    if first := _FIRST_PERSON.search(text):
        found.append(f"“{first[0]}”: whose words are these?")
    if near := sorted({hit[0].lower() for hit in _NEAR.finditer(text)}):
        found.append(f"{_list(near)}: whoever reads it may know whose")
    for what, pattern in _CONTACTS:
        if pattern.search(text):
            found.append(what)
    if quoted := _quotation(plain, source.said):
        found.append(f"“{quoted}…” stands so in the comment: a search would lead to its author")
    return found


def _patterns(source: Source) -> Iterable[tuple[str, str]]:
    local = source.handle.lstrip("@").split("@")[0]
    told = {source.handle.lstrip("@"): "the handle", local: "the handle"}
    if source.name:
        told.setdefault(source.name, "the name")
    for name, what in told.items():
        runs = _runs(name)
        if not runs:
            continue
        letters = "".join(runs)
        spelt = r"[\W_]{0,3}".join(map(re.escape, letters if len(letters) >= TAKEN_APART else runs))
        before = r"(?<![^\W_])" if len(letters) >= SHORTEST else "@"
        yield what, rf"{before}{spelt}(?![^\W_])"
    if len(source.external_id) >= 5:
        yield "the number of the account", re.escape(_plain(source.external_id)[0])
    address = re.sub(r"^https?://(www\.)?", "", source.address).rstrip("/")
    if len(address) > 8:
        yield "the address of the comment", re.escape(_plain(address)[0])


def _plain(text: str) -> tuple[str, list[int]]:
    """The text without case, accents and characters of no width, and where each letter stood before."""
    letters, at = [], []
    for place, letter in enumerate(text):
        for part in unicodedata.normalize("NFKD", letter).casefold():
            if unicodedata.combining(part) or unicodedata.category(part) == "Cf":
                continue
            letters.append(part)
            at.append(place)
    return "".join(letters), at


def _runs(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", _plain(name)[0])


def _word(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])")


def _list(words: list[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)


def _quotation(plain: str, said: str) -> str:
    here, there = _runs(plain), _runs(said)
    runs = {tuple(there[n : n + QUOTED_WORDS]) for n in range(len(there) - QUOTED_WORDS + 1)}
    for n in range(len(here) - QUOTED_WORDS + 1):
        if tuple(here[n : n + QUOTED_WORDS]) in runs:
            return " ".join(here[n : n + QUOTED_WORDS])
    return ""


_FIRST_PERSON = re.compile(r"(?<!\w)(I|I'm|I’m|me|my|mine|we|our|us)(?!\w)", re.IGNORECASE)
_NEAR = re.compile(
    r"(?<!\w)(neighbours?|brother|sister|mother|father|mum|dad|son|daughter|wife|husband|partner|girlfriend|"
    r"boyfriend|ex|cousin|aunt|uncle|colleague|workmate|landlord|tenant|employee|classmate)(?!\w)",
    re.IGNORECASE,
)
_CONTACTS = (
    ("a telephone number", re.compile(r"(?<!\d)(\+44|0)[\d ()-]{8,14}\d")),
    ("an e-mail address", re.compile(r"[\w.+-]+@[\w-]+\.\w+")),
    ("a name with an @", re.compile(r"(?<![\w.])@\w")),
    ("an address on the web", re.compile(r"https?://|www\.", re.IGNORECASE)),
)
