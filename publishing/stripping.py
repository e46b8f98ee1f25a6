"""Takes out of a line of the control room's log what tells who somebody is or where they live. Pure.

It suggests and never decides: a person reads each line afterwards. What the checks of posts look for
(publishing.checks.people) it looks for as well, and more strictly, since nobody in a log has asked to be in it.
Source: Data Protection Act 2018, ss.35 and 37: lawful, and not excessive.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import phonenumbers
import regex
from django.utils.text import capfirst

from publishing.checks import names
from publishing.checks.people import ADDRESS, BORN, MOST_NUMBERS, POSTCODE, REGISTRATION

_MAIL = regex.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+\b")
_HANDLE = regex.compile(r"(?<![\w@.])@\w{2,40}")
_SPOT = regex.compile(
    r"\b-?\d{1,2}\.\d{3,}\s*,\s*-?\d{1,3}\.\d{3,}\b"
    r"|///\p{L}+\.\p{L}+\.\p{L}+"
    r"|\b[HNOST][A-HJ-Z] ?\d{3,5} ?\d{3,5}\b"
)
_NUMBER_OF_OURS = regex.compile(
    r"\b(?:(?:log|incident|inc|crime|custody|URN|NICHE|CAD)\W{0,3}(?:no\.?|number|ref(?:erence)?)?\W{0,3}\d[\d/-]{2,})\b",
    regex.IGNORECASE,
)
_AGE = regex.compile(
    r"\b(?:aged? )?(?P<age>1?\d{1,2})[- ]years?[- ]old\b|\baged? (?P<bare>1?\d{1,2})\b", regex.IGNORECASE
)
_FLAT = regex.compile(r"\b(?:flat|room|apartment|apt|ward|cell|bed) \d{1,4}[a-z]?\b", regex.IGNORECASE)
_EMPTY_PAIR = regex.compile(r"\(\s*[,;]?\s*\)")
_BLANKS = regex.compile(r"[ \t\u00a0]{2,}")
_TWO_STOPS = regex.compile(r"([.!?])\s+\.(?!\.)")
_LEFT_OVER = regex.compile(r"(?:[,;]\s*)+(?=[,;.!?]|$)")
_BEFORE_MARK = regex.compile(r"\s+([,.;:!?])")
_TITLE = r"(?:Mr|Mrs|Ms|Miss|Mx|Sir|Dame|Lord|Lady|Rev|Dr|Prof)\.?"
LONGEST = 1000
"""Characters of a line."""
MOST_LOOKED_AT = 10_000
"""Characters of any words: longer ones are nowhere taken in (publishing.actions.posts.LONGEST_WORDS)."""


@dataclass(frozen=True)
class Found:
    """Something in a line that tells too much: what kind, which words, and what stands in their place."""

    kind: str
    text: str
    becomes: str
    at: int

    @property
    def end(self) -> int:
        return self.at + len(self.text)

    @property
    def says(self) -> str:
        return f"“{self.text}” is {self.kind}"


@dataclass(frozen=True)
class Suggested:
    """A line as it might go out, and what was taken out of it."""

    words: str
    found: list[Found]


def suggest(words: str, places: frozenset[str] = frozenset()) -> Suggested:
    """The line without what was found. places: names of neighbourhoods and the like, which are none of people."""
    found = look(words, places)
    text = words
    for one in reversed(found):
        text = f"{text[: one.at]}{one.becomes}{text[one.end :]}"
    text = _TWO_STOPS.sub(r"\1", _BLANKS.sub(" ", _EMPTY_PAIR.sub("", text)))
    text = _LEFT_OVER.sub("", _BEFORE_MARK.sub(r"\1", text)).strip()
    return Suggested(capfirst(text), found)


def look(words: str, places: frozenset[str] = frozenset()) -> list[Found]:
    """Everything that tells too much, in the order of the words, none over another: names last, they are guesses."""
    kept: list[Found] = []
    for one in _everything(words[:MOST_LOOKED_AT], places):
        if all(one.at >= other.end or one.end <= other.at for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda found: found.at)


def _everything(words: str, places: frozenset[str]) -> Iterator[Found]:
    yield from _matches(_MAIL, words, "an e-mail address", "")
    yield from _matches(_HANDLE, words, "somebody’s handle", "somebody")
    yield from _matches(_SPOT, words, "an exact place", "")
    yield from _matches(ADDRESS, words, "an address", "a street")
    yield from _matches(_FLAT, words, "part of an address", "an address")
    yield from _matches(POSTCODE, words, "a postcode", "")
    yield from _matches(REGISTRATION, words, "the registration of a vehicle", "a vehicle")
    yield from _matches(BORN, words, "a date of birth", "")
    yield from _matches(_NUMBER_OF_OURS, words, "a reference of ours", "")
    for match in islice(
        phonenumbers.PhoneNumberMatcher(words, "GB", phonenumbers.Leniency.POSSIBLE), MOST_NUMBERS
    ):
        raw = match.raw_string
        if raw.startswith(("0", "+")) and sum(c.isdigit() for c in raw) >= 10:
            yield Found("a telephone number", raw, "", match.start)
    for match in _AGE.finditer(words):
        age = int(match["age"] or match["bare"])
        yield Found("an exact age", match[0], _about(age), match.start())
    yield from _people(words, places)


def _people(words: str, places: frozenset[str]) -> Iterator[Found]:
    """Each name wherever it stands, with its title; and any part of it that stands alone elsewhere."""
    for name in names.people_in(words, places):
        bare = [part.removesuffix("’s").removesuffix("'s") for part in name.text.split()]
        parts = [name.text, *(part for part in bare if len(part) > 2 and part[0].isupper())]
        said = "|".join(regex.escape(part) for part in parts)
        for match in regex.finditer(
            rf"\b(?:{_TITLE} )?(?:{said})(?:[’']s|,? \(?(?:aged )?1?\d{{1,2}}\)?(?=[,.;:]))?", words
        ):
            becomes = "somebody’s" if match[0].endswith(("’s", "'s")) else "somebody"
            yield Found("somebody’s name", match[0], becomes, match.start())


def _matches(pattern: regex.Pattern[str], words: str, kind: str, becomes: str) -> Iterator[Found]:
    for match in pattern.finditer(words):
        yield Found(kind, match[0], becomes, match.start())


def _about(age: int) -> str:
    """Roughly how old: nobody is known from it."""
    if age < 13:
        return "young"
    if age < 18:
        return "teenage"
    return "elderly" if age >= 70 else "adult"
