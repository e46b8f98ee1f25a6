"""Phrases that a neighbourhood uses more than elsewhere, by log-odds with a prior. Pure.

Source: Monroe, Colaresi and Quinn, "Fightin' Words" (Political Analysis 16(4), 2008): the difference in log-odds between
two sets of texts, with the words of both as an informative prior, divided by its standard deviation; so that neither a rare
word nor a common one comes out on top by chance. Counted is in how many texts a phrase stands, once each, and a
phrase counts only where several people used it: one person's words are no topic.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import yaml

from moderation.alike import words_of

LEAST_PEOPLE = 3
CLEARLY = 1.96
"""Standard deviations from which a difference is shown: by chance it comes once in forty times on this side."""
MOST_SHOWN = 8
LONGEST = 400
"""Characters of one text that are read."""
_LISTS = yaml.safe_load((Path(__file__).parent / "data" / "words.yaml").read_text(encoding="utf-8"))
_DULL = frozenset(_LISTS["dull"].split())
_RUDE = frozenset(_LISTS["rude"].split())


@dataclass(frozen=True)
class Phrase:
    """A phrase: in how many comments of the area it stands, and how many standard deviations it stands out."""

    words: str
    comments: int
    stands_out: float


def phrases(here: Iterable[tuple[int, str]], elsewhere: Iterable[tuple[int, str]]) -> list[Phrase]:
    """The phrases that stand out here. Both: author as a number that is compared and not kept, and words."""
    ours, people = _count(here)
    theirs, _ = _count(elsewhere)
    n, m = max(sum(ours.values()), 1), max(sum(theirs.values()), 1)
    found = []
    for phrase, count in ours.items():
        if len(people[phrase]) < LEAST_PEOPLE:
            continue
        z = _stands_out(count, n, theirs[phrase], m)
        if z >= CLEARLY:
            found.append(Phrase(phrase, count, round(z, 1)))
    found.sort(key=lambda one: (-one.stands_out, -len(one.words), one.words))
    return _apart(found)


def _stands_out(y: int, n: int, w: int, m: int) -> float:
    # The prior of a word is its share of both, as heavy as a hundred words; half a count keeps a new word finite.
    prior = 100 * (y + w + 0.5) / (n + m + 0.5)
    whole = 100.0
    ours = math.log((y + prior) / max(n + whole - y - prior, 1e-9))
    theirs = math.log((w + prior) / max(m + whole - w - prior, 1e-9))
    return (ours - theirs) / math.sqrt(1 / (y + prior) + 1 / (w + prior))


def _count(texts: Iterable[tuple[int, str]]) -> tuple[Counter[str], dict[str, set[int]]]:
    counts: Counter[str] = Counter()
    people: dict[str, set[int]] = defaultdict(set)
    for author, text in texts:
        words = words_of(text[:LONGEST])
        found = {word for word in words if _tells(word)}
        found |= {
            f"{one} {two}" for one, two in pairwise(words) if one != two and _tells(one) and _tells(two)
        }
        for phrase in found:
            counts[phrase] += 1
            people[phrase].add(author)
    return counts, people


def _tells(word: str) -> bool:
    return 2 < len(word) <= 24 and word.isalpha() and word not in _DULL and word not in _RUDE


def _apart(found: list[Phrase]) -> list[Phrase]:
    """Without words that stand in a phrase already shown."""
    shown: list[Phrase] = []
    for one in found:
        words = set(one.words.split())
        if not any(words & set(other.words.split()) for other in shown):
            shown.append(one)
        if len(shown) == MOST_SHOWN:
            break
    return shown
