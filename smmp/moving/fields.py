"""What a kind of import asks for, and which column of a file it probably is."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from core import clock

FORMATS = (
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%d %b %Y %H:%M",
    "%d/%m/%Y",
    "%Y-%m-%d",
)
YES = {"yes", "y", "true", "1", "private", "dm", "direct message", "private message"}
NO = {"", "no", "n", "false", "0", "public"}


@dataclass(frozen=True)
class Field:
    """One thing that is asked of each row. `also`: how other products call it."""

    name: str
    label: str
    needed: bool = False
    help: str = ""
    also: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    most: int = 300


@dataclass
class Step:
    """What one row comes to. `outcome`: "new", "known" or "refused"; in a comparison "missing" for "new"."""

    line: int
    what: str
    """How it is called on the page: a name, a title, an id. Never the public's words."""
    outcome: str
    words: list[str] = field(default_factory=list)
    key: str = ""
    given: dict[str, Any] = field(default_factory=dict)
    """What the action needs, JSON-ready; nothing that the rows do not hold already."""


def as_data(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """As JSON keeps them, without what only the action needs: that is read from the rows again."""
    return [
        {key: value for key, value in asdict(step).items() if key not in ("given", "key")} for step in steps
    ]


def fingerprint(steps: Iterable[Step]) -> str:
    """Equal where the same would come of the same rows."""
    told = json.dumps([asdict(step) for step in steps], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def key_of(*parts: str) -> str:
    """What makes it this thing: equal parts, equal key."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def plain(name: str) -> str:
    """A column's name without what products write differently: case, blanks, signs."""
    return re.sub(r"[^a-z0-9]+", "", name.lower())


def guess(fields: Sequence[Field], columns: Sequence[str]) -> dict[str, dict[str, str]]:
    """Which column is which field, by its name: the very name first, then what other products call it.

    A column is guessed once; what fits nothing is left for a person.
    """
    free = {plain(column): column for column in reversed(columns)}
    found: dict[str, dict[str, str]] = {}
    for others in (False, True):
        for one in fields:
            if one.name in found:
                continue
            for word in one.also if others else (one.name, one.label):
                if column := free.pop(plain(word), None):
                    found[one.name] = {"column": column}
                    break
    return found


def mapped(
    fields: Sequence[Field], mapping: Mapping[str, Mapping[str, str]], row: Mapping[str, str]
) -> dict[str, str]:
    """A row by our fields. Of a field with choices, its label or its value stands for the value."""
    given = {}
    for one in fields:
        chosen = mapping.get(one.name, {})
        text = row.get(chosen["column"], "") if "column" in chosen else chosen.get("value", "")
        if one.choices:
            lower = text.strip().lower()
            text = next(
                (value for value, label in one.choices if lower in (value.lower(), label.lower())), text
            )
        given[one.name] = text.strip()
    return given


def faults(fields: Sequence[Field], given: Mapping[str, str]) -> list[str]:
    """What is wrong with the row before anything is looked up."""
    wrong = []
    for one in fields:
        text = given[one.name]
        if one.needed and not text:
            wrong.append(f"There is no {one.label.lower()}.")
        elif len(text) > one.most:
            wrong.append(f"The {one.label.lower()} is longer than {one.most:,} characters.")
        elif text and one.choices and text not in {value for value, _ in one.choices}:
            known = ", ".join(label for _, label in one.choices)
            wrong.append(f"“{text[:40]}” is no {one.label.lower()}. It is one of: {known}.")
    return wrong


def instant(text: str) -> datetime | None:
    """A time as exports write it: with a zone, seconds since 1970, or on London clocks. None where it is none."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) in (10, 13):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC) if 1990 < found.year < 2200 else None
    except (ValueError, OverflowError):
        pass
    for shape in FORMATS:
        try:
            found = datetime.strptime(text, shape).replace(tzinfo=clock.LONDON)
        except ValueError:
            continue
        return found.astimezone(UTC) if 1990 < found.year < 2200 else None
    return None


def yes(text: str) -> bool | None:
    """Yes or no, as exports say it; None for neither."""
    plain_text = text.strip().lower()
    return True if plain_text in YES else False if plain_text in NO else None
