"""What triage is made of at this moment, for the pages that explain it to staff and to the public.

Everything is read from what is configured and runs; nothing is written down a second time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from moderation import measured, queries_triage
from moderation.categories import ANSWER_WITHIN_MINUTES, HIGH_RISK, USUAL_PRIORITY, Category, Priority
from moderation.models import TriageVersion
from moderation.triage import VERSION, exemplars
from moderation.triage.rule import Rule
from moderation.triage.rules import RULES


@dataclass(frozen=True)
class Examples:
    """What one category's exemplars come to."""

    exemplars: int
    counter_examples: int
    languages: tuple[str, ...]


@dataclass
class Kind:
    """One category: how urgent it is by itself, and what sends a comment there."""

    category: Category
    examples: Examples
    rules: list[Rule] = field(default_factory=list)

    @property
    def high_risk(self) -> bool:
        return self.category in HIGH_RISK

    @property
    def priority(self) -> Priority:
        return Priority(USUAL_PRIORITY[self.category])

    @property
    def answer_within(self) -> str:
        return within(ANSWER_WITHIN_MINUTES[self.priority])


@dataclass(frozen=True)
class Explained:
    """All of it. `figures` are those last measured (moderation.measured)."""

    version: str
    """What speaks now: the live version, or the rules by their name where no model is live."""
    kinds: list[Kind]
    figures: dict[str, Any] | None
    live: TriageVersion | None
    says: str
    """What is switched off, missing or late, as a sentence."""

    @property
    def rules(self) -> int:
        return sum(len(kind.rules) for kind in self.kinds)

    @property
    def exemplars(self) -> int:
        return sum(kind.examples.exemplars for kind in self.kinds)

    @property
    def counter_examples(self) -> int:
        return sum(kind.examples.counter_examples for kind in self.kinds)

    @property
    def languages(self) -> int:
        return len({code for kind in self.kinds for code in kind.examples.languages})

    @property
    def measured_on(self) -> date | None:
        return date.fromisoformat(self.figures["measured_on"]) if self.figures else None

    @property
    def figures_stand(self) -> bool:
        """Whether they were taken of what runs now."""
        return self.figures is not None and self.figures["version"] == self.version


def explained() -> Explained:
    """What runs now."""
    of: dict[str, list[Rule]] = {}
    for rule in RULES:
        of.setdefault(rule.category, []).append(rule)
    examples = _examples()
    kinds = [
        Kind(category, examples.get(category.value, Examples(0, 0, ())), of.get(category, []))
        for category in Category
    ]
    live = queries_triage.live_version()
    return Explained(live.name if live else VERSION, kinds, measured.kept(), live, queries_triage.says())


def within(minutes: int | None) -> str:
    """The desk's own clock in words."""
    if minutes is None:
        return "no clock"
    if minutes < 120:
        return f"{minutes} minutes"
    hours = minutes // 60
    return f"{hours} hours"


def _examples() -> dict[str, Examples]:
    """Of the examples as the desk keeps them; before they stand among the desk's, of those that ship."""
    counted = queries_triage.example_counts() or _shipped_counts()
    found: dict[str, tuple[int, int, set[str]]] = {}
    for category, counter, language, number in counted:
        examples, counters, languages = found.get(category, (0, 0, set()))
        found[category] = (
            examples + (0 if counter else number),
            counters + (number if counter else 0),
            languages | (set() if counter or language == "en" else {language}),
        )
    return {
        category: Examples(examples, counters, tuple(sorted(languages)))
        for category, (examples, counters, languages) in found.items()
    }


@cache
def _shipped_counts() -> list[tuple[str, bool, str, int]]:
    """As queries_triage.example_counts. Raises OSError or yaml.YAMLError where a file that ships is broken."""
    counted = Counter((one.category, one.counter, one.language) for one in exemplars.shipped())
    return [(*of, number) for of, number in counted.items()]
