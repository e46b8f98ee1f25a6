"""Which comments say the same: copies, and copies with a word changed. Pure; no database, no model.

Two texts are alike where nearly all that stands in one stands in the other (Jaccard of words and pairs of
words at least LIKENESS) and neither has more than MOST_OWN_WORDS that the other has not. The second
condition is what keeps a cry for help that somebody added to a copied text out of the heap, also where it came
before the copies: it holds without any rule having understood it. Every text is compared with the first of its group, never with the
last, so that a group cannot drift. Candidates come from MinHash (rensa) with banding; what they are is
then counted exactly, so that a wrong candidate costs time and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

from rensa import RMinHash, RMinHashLSH

from moderation.triage.text import plain

_T = TypeVar("_T")
LIKENESS = 0.7
MOST_OWN_WORDS = 2
LEAST_WORDS = 5
"""Shorter texts are alike only where they are the same: in four words one changed word changes everything."""
PERMUTATIONS, BANDS, SEED = 64, 16, 20_261
"""16 bands of 4 rows: a pair at likeness 0.7 is missed once in ninety times, one at 0.8 hardly ever."""
LEFT_OUT = frozenset({"handle", "weblink"})
"""What `plain` puts for names and links: a text shared with another link is the same text."""


@dataclass
class Group:
    """Texts that are alike. The first is the one that all others are like."""

    first: int
    ids: list[int] = field(default_factory=list)


def group(texts: Iterable[tuple[int, str]]) -> list[Group]:
    """Every text in one group, most in one of their own; groups in the order of their first texts.

    texts: number and words, the oldest first. The same input gives the same groups.
    """
    groups: list[Group] = []
    by_text: dict[str, Group] = {}
    by_words: dict[tuple[str, ...], Group] = {}
    firsts: dict[int, tuple[Group, frozenset[str], frozenset[str]]] = {}
    banded = RMinHashLSH(LIKENESS, PERMUTATIONS, BANDS)
    for number, text in texts:
        found = by_text.get(text)
        if found is None:
            words = words_of(text)
            found = by_words.get(words) if words else None
            if found is None:
                found = _like_a_first(number, words, banded, firsts)
            if found is None:
                found = Group(number)
                groups.append(found)
                if len(words) >= LEAST_WORDS:
                    pieces = _pieces(words)
                    firsts[number] = (found, frozenset(words), pieces)
                    banded.insert(number, _marked(pieces))
            by_text[text] = found
            if words:
                by_words[words] = found
        found.ids.append(number)
    return groups


def said_once(things: Iterable[_T], text: Callable[[_T], str]) -> list[_T]:
    """In their order, without those whose text says just what one before says."""
    found: dict[str, _T] = {}
    for one in things:
        found.setdefault(text(one).strip().casefold(), one)
    return list(found.values())


def words_of(text: str) -> tuple[str, ...]:
    """The words that count, without disguise, names, links and signs."""
    return tuple(
        word for word in plain(text).split() if word.isalnum() and not word.startswith(tuple(LEFT_OUT))
    )


def _like_a_first(
    number: int,
    words: tuple[str, ...],
    banded: RMinHashLSH,
    firsts: dict[int, tuple[Group, frozenset[str], frozenset[str]]],
) -> Group | None:
    if len(words) < LEAST_WORDS:
        return None
    pieces, said = _pieces(words), frozenset(words)
    best, likeness = None, LIKENESS
    for candidate in banded.query(_marked(pieces)):
        group, first_said, first_pieces = firsts[candidate]
        if max(len(said - first_said), len(first_said - said)) > MOST_OWN_WORDS:
            continue
        shared = len(pieces & first_pieces)
        near = shared / (len(pieces) + len(first_pieces) - shared)
        if near > likeness or (near == likeness and best is None):
            best, likeness = group, near
    return best


def _pieces(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(words) | {f"{one} {two}" for one, two in pairwise(words)}


def _marked(pieces: frozenset[str]) -> RMinHash:
    marked = RMinHash(PERMUTATIONS, SEED)
    marked.update(list(pieces))
    return marked
