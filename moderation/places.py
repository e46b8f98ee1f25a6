"""Places that a comment names: the words by which people call somewhere, found in what they write.

A name counts where it stands as words of its own, whatever its capitals, apostrophes and hyphens: "cutlers
cross" is Cutler's Cross, and "Marketing" is no Market. Nothing is guessed: a place that nobody entered is not found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from moderation.models import Place

_DROPPED = re.compile(r"['’‘`´]")
_APART = re.compile(r"[^0-9a-z]+")
SHORTEST = 3
"""Characters of a name: shorter ones stand in too many words of their own right ("St")."""
MOST_AT_ONCE = 20
"""Places noted of one comment."""


def plain(text: str) -> str:
    """Words in small letters without accents or apostrophes, one space between them."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return " ".join(_APART.sub(" ", _DROPPED.sub("", bare)).split())


class Gazetteer:
    """The live places, ready to be looked for."""

    def __init__(self, names: tuple[tuple[int, str], ...]) -> None:
        self._by_name: dict[str, list[int]] = {}
        for pk, name in names:
            self._by_name.setdefault(name, []).append(pk)
        # Longer names first: "Market Street North" is not Market Street.
        words = sorted(self._by_name, key=lambda name: (-len(name), name))
        pattern = "|".join(re.escape(name) for name in words)
        self._pattern = re.compile(rf"(?<![0-9a-z])(?:{pattern})(?![0-9a-z])") if words else None

    def named_in(self, text: str) -> list[int] | None:
        """Ids of the places that the text names, each once; None for none."""
        if self._pattern is None:
            return None
        found: dict[int, None] = {}
        for match in self._pattern.finditer(plain(text)):
            found.update(dict.fromkeys(self._by_name[match.group()]))
        return sorted(found)[:MOST_AT_ONCE] or None


@lru_cache(maxsize=2)
def _made(names: tuple[tuple[int, str], ...]) -> Gazetteer:
    return Gazetteer(names)


def gazetteer() -> Gazetteer:
    """The places that are looked for now."""
    live: Iterable[tuple[int, str]] = (
        Place.objects.filter(withdrawn_at=None).order_by("id").values_list("id", "matched")
    )
    return _made(tuple(live))
