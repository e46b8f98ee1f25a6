"""The examples that triage compares with: read from the files that ship, or made from rows that the desk edits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from moderation.categories import Category

HERE = Path(__file__).parent
FOLDER = HERE / "exemplars"
ORDINARY = HERE / "ordinary.yaml"
IDENTITIES = HERE / "identities.yaml"
LONGEST = 600
"""Characters of one example; of a longer comment that people labelled, the first so many are learnt from."""


@dataclass(frozen=True)
class Exemplar:
    """One text that is like a category, or, as a counter-example, only looks like it."""

    text: str
    category: str
    counter: bool = False
    language: str = "en"
    taught: bool = False
    """Comes from people of this force, who know their public: it weighs more than what ships."""


@dataclass(frozen=True)
class Lessons:
    """All that a model is made from. Two equal ones make the same model."""

    exemplars: tuple[Exemplar, ...]
    ordinary: tuple[str, ...]
    """Comments of every day, against which each category is measured."""
    neutral: tuple[str, ...] = ()
    """Sentences that name a group of people and say nothing bad of them."""
    hateful: tuple[str, ...] = ()
    """Sentences that say of the same groups what hate says of them."""
    off: frozenset[str] = frozenset()
    """Categories that are switched off: the model does not name them."""

    @property
    def digest(self) -> str:
        content = hashlib.sha256()
        for one in sorted(
            f"{e.category}\0{e.counter}\0{e.taught}\0{e.language}\0{e.text}"
            for e in dict.fromkeys(self.exemplars)
        ):
            content.update(one.encode("utf-8", "replace") + b"\1")
        for text in (
            *sorted(self.ordinary),
            "\2",
            *sorted(self.neutral),
            "\2",
            *sorted(self.hateful),
            "\2",
            *sorted(self.off),
        ):
            content.update(text.encode("utf-8", "replace") + b"\1")
        return content.hexdigest()


def shipped() -> list[Exemplar]:
    """Every exemplar and counter-example of the files. Raises OSError or yaml.YAMLError."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        content = _read(path)
        for counter, name in ((False, "exemplars"), (True, "counter_examples")):
            found += [
                Exemplar(one["text"], content["category"], counter, one.get("language", "en"))
                for one in content[name]
            ]
    return found


def ordinary() -> tuple[str, ...]:
    """The ordinary comments that ship; a force calibrates on its own."""
    return tuple(one["text"] for one in _read(ORDINARY)["comments"]) if ORDINARY.exists() else ()


@cache
def neutral() -> tuple[str, ...]:
    """The neutral sentences of the file, each said of every third group in it."""
    return _said_of_groups("sentences")


@cache
def hateful() -> tuple[str, ...]:
    """The hateful ones, likewise."""
    return _said_of_groups("hateful")


@cache
def group_names() -> tuple[str, ...]:
    """The groups of people that false alarms are counted for."""
    return tuple(_read(IDENTITIES)["groups"])


def _said_of_groups(kind: str) -> tuple[str, ...]:
    content = _read(IDENTITIES)
    return tuple(
        sentence.replace("GROUP", group)
        for number, group in enumerate(content["groups"])
        for sentence in content[kind][number % 3 :: 3]
    )


def lessons(
    exemplars: Iterable[Exemplar] | None = None,
    *,
    ordinary_comments: Iterable[str] | None = None,
    off: Iterable[str] = (),
) -> Lessons:
    """What a model is made from; without arguments what ships."""
    return Lessons(
        tuple(shipped() if exemplars is None else exemplars),
        tuple(ordinary() if ordinary_comments is None else ordinary_comments),
        neutral(),
        hateful(),
        frozenset(off) & frozenset(Category.values),
    )


def _read(path: Path) -> dict:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 # nosec B506 - a safe loader
