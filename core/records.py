"""What a room says of its record classes, so that retention can find, hold and dispose of them.

Each room has a `records` module; `retention.registry` finds it by dotted path. SQL in here is the room's own and
names a row of the record by `{r}`; nothing in it ever comes from a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Part:
    """Rows that go with a record: of this table, where the column holds the record's number.

    of: the table of the part that it hangs on instead, where it is part of a part.
    """

    table: str
    column: str
    of: str = ""
    record: bool = True
    """False for what is no record of anything (drafts, projections): the application deletes it, under a hold too."""


@dataclass(frozen=True)
class Keep:
    """Something beside holds that keeps a record past its period, in words and as a condition over `{r}`."""

    why: str
    sql: str


@dataclass(frozen=True)
class Subject:
    """One kind of record: what goes with it, what covers it, how it is named and shown."""

    label: str
    """Model label, as holds and tombstones name it: "moderation.comment"."""
    noun: str
    table: str
    named_by: str = "pk"
    """The attribute that names one to people. Never the public's words."""
    parts: tuple[Part, ...] = ()
    """In the order in which they are deleted."""
    first: tuple[str, ...] = ()
    """Statements before the parts go; `gone` holds the numbers."""
    last: tuple[str, ...] = ()
    """Statements after the record went, for what nothing points at any more; `{gathered}` names what `gather` read."""
    gather: Mapping[str, str] = field(default_factory=dict)
    """Variable -> expression over `{r}` that is gathered from what goes, before it goes."""
    remote: str = ""
    """Expression over `{r}`: platform and the platform's own id. What is suppressed when it comes back."""
    account: str = ""
    """Column with the official account; empty where a record belongs to none."""
    since: str = ""
    """Column with the instant that a hold over dates goes by."""
    words: str = ""
    """Condition over `{r}` and a hold `{h}`: the record says what a hold by query looks for."""
    covered: Mapping[str, str] = field(default_factory=dict)
    """Kind of hold -> condition over `{r}` and `{h}`, for kinds that only the room knows."""
    snapshot: Callable[[Any], list[tuple[str, str]]] | None = None
    """What the record says, as names and values, for those who may open a restricted one."""
    restrict: Callable[[Any], str] | None = None
    """Take the locked record from sight and from change; answers the state that it was in."""
    restore: Callable[[Any, str], None] | None = None
    """Bring it back to that state."""


@dataclass(frozen=True)
class RecordClass:
    """One class of the schedule, as the room that owns its records knows it."""

    slug: str
    goes: str
    """How its records go, as a sentence for the records manager."""
    tables: tuple[str, ...] = ()
    """Tables without a model of ours that hold its records. Models name their class themselves."""
    subject: Subject | None = None
    """What retention disposes of; None where the records go in another way."""
    begins: tuple[tuple[str, str], ...] = ()
    """(condition over `{r}`, column): from when the period counts, in which state."""
    where: str = "true"
    """Which records of the subject are in the class: condition over `{r}`. Classes of one subject share none."""
    keeps: tuple[Keep, ...] = ()
