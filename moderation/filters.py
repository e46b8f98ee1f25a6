"""The queue as it stands in an address: a base queue, and what it is narrowed by.

    now                                  what needs me now
    open~category.traffic~risk.2         everything open about traffic, at priority 1 or 2
    unclaimed~area.4~language.other      what nobody has, of a neighbourhood, not in English

One short text says it all, so that Back, a saved view, a refresh and a page further down mean the same list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MOST = 300
"""Characters of a queue in an address."""

KEYS = ("category", "account", "area", "team", "risk", "language", "kind", "who")
"""What a queue may be narrowed by, in the order in which the parts stand."""

LANGUAGES = {"other": "not in English"}
KINDS = {"private": "private messages", "public": "public comments"}
WHO = {"nobody": "nobody has it", "somebody": "somebody has it"}
RISKS = {"1": "immediate", "2": "immediate and high"}


@dataclass(frozen=True)
class Asked:
    """A base queue and its parts, as they were read; nothing is checked but their form."""

    base: str
    parts: tuple[tuple[str, str], ...] = ()

    @property
    def slug(self) -> str:
        return "~".join([self.base, *(f"{key}.{value}" for key, value in self.parts)])

    def value(self, key: str) -> str:
        """What it is narrowed to under this key; empty for nothing."""
        return dict(self.parts).get(key, "")


def read(slug: str) -> Asked | None:
    """The queue that the text says; None where it is none."""
    if len(slug) > MOST:
        return None
    base, *rest = (slug or "now").split("~")
    parts: dict[str, str] = {}
    for part in rest:
        key, _, value = part.partition(".")
        if key not in KEYS or not value or key in parts:
            return None
        parts[key] = value
    return of(base, parts)


def of(base: str, values: dict[str, str]) -> Asked:
    """A queue narrowed by whatever has a value; the parts stand in one order, so that one list has one address."""
    return Asked(base or "now", tuple((key, values[key]) for key in KEYS if values.get(key)))


def in_words(words: Iterable[str]) -> str:
    """Parts in words, one after the other, as they follow the queue's own name."""
    return ", ".join(word for word in words if word)
