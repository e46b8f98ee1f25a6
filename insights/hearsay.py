"""Which comments may carry a rumour, and which of them ask whether it is so. Pure; it suggests and decides nothing.

Copies of praise, thanks and advertisements are no rumours; so a group is left out where half of it or more is of such a
category. What is only alike in meaning has to carry a sign of its own: the category of triage, or words of hearsay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from moderation.alike import LEAST_WORDS, words_of
from moderation.categories import Category

SIGNS = frozenset(
    {
        Category.MISINFORMATION,
        Category.WRONGLY_NAMED_VIGILANTISM,
        Category.INCITEMENT_DISORDER,
        Category.CONTEMPT_RISK,
    }
)
NO_RUMOUR = frozenset(
    {
        Category.SPAM,
        Category.SCAM_IMPERSONATION,
        Category.PRAISE,
        Category.ABUSE_OF_STAFF,
        Category.INFORMATION_REQUEST,
    }
)
THIRD = 3
"""From so many appearances on, it is suggested and people are told."""
_HEARSAY = re.compile(
    r"\b(?:apparently|allegedly|i(?:'|’)?ve heard|i heard|we heard|heard that|hearing that|they say|people (?:are )?say(?:ing)?|"
    r"is it true|someone said|somebody said|my mate says|told me|been told|word is|rumour|rumor|cover(?:ing|ed)?(?: it)? up|"
    r"cover-up|not telling us|what they won(?:'|’)?t tell|share before|media blackout|going round)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?|\b(?:is it true|is this true|can you confirm|anyone know|does anyone know)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Heard:
    """A comment as it is compared: its number, revision, words, category, and what any rule found in it."""

    pk: int
    revision: int
    text: str
    category: str
    found: frozenset[str]
    exercise: bool
    known: int | None = None
    """The rumour in which it stands already."""

    @property
    def is_sign(self) -> bool:
        """Whether it carries a sign of a rumour by itself."""
        return self.category in SIGNS or bool(self.found & SIGNS) or is_hearsay(self.text)


def is_hearsay(text: str) -> bool:
    """Whether it says that it was heard, or asks whether it is so."""
    return _HEARSAY.search(text[:2000]) is not None


def asks(text: str) -> bool:
    """Whether it asks. A question mark is enough: whoever asks may be offered an answer, nothing else hangs on it."""
    return _ASKS.search(text[:2000]) is not None


def may_be_rumour(copies: Sequence[Heard]) -> bool:
    """Whether copies of one text are worth a look: most of them of no kind that is never a rumour.

    A question that many ask in the same words ("What time does the counter open?") is one only with words of hearsay, and so
    is what is too short to claim anything.
    """
    first = copies[0]
    if len(words_of(first.text)) < LEAST_WORDS and not first.is_sign:
        return False
    none = sum(
        one.category in NO_RUMOUR or (one.category == Category.QUESTION and not one.is_sign) for one in copies
    )
    return 2 * none < len(copies)


def signs(heard: Iterable[Heard]) -> list[Heard]:
    """Those that may be compared by what they mean."""
    return [one for one in heard if one.is_sign and one.category not in NO_RUMOUR]
