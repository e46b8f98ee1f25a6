"""What a room says of its record classes, so that retention can find, hold and dispose of them.

Each room has a `records` module; `retention.registry` finds it by dotted path. SQL in here is the room's own and
names a row of the record by `{r}`; nothing in it ever comes from a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q


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
class Person:
    """Whom a search over all rooms is about: records that stand for them, and words that name them."""

    numbers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Model label -> numbers, such as of "moderation.commenter"."""
    words: tuple[str, ...] = ()
    """Names, handles, addresses: each as it stands in a text. The shortest has three characters."""

    def ids(self, label: str) -> list[int]:
        """The numbers of this kind of record that stand for them."""
        return list(self.numbers.get(label, ()))


@dataclass(frozen=True)
class HeldFile:
    """A picture or video that belongs to a record which is about somebody."""

    label: str
    """Model label of the stored file: "media.sealedfile" or "media.file"."""
    pk: int
    sha256: str
    """Of its bytes as they are kept."""
    content_type: str
    says: str
    """What it is, in words: "Picture 1 that came with it"; hostile until escaped."""


@dataclass(frozen=True)
class Found:
    """One record that is about somebody, as it is laid before whoever reviews it."""

    label: str
    pk: int
    noun: str
    """What kind of record it is, in the words of staff."""
    at: datetime
    parts: tuple[tuple[str, str], ...]
    """What it says, as names and values; hostile until escaped."""
    others: tuple[str, ...] = ()
    """Names and handles in it that are known to be somebody else's."""
    where: str = ""
    """The official account, or the unit that it belongs to."""
    files: tuple[HeldFile, ...] = ()


def says(of: str) -> str:
    """SQL: whether what stands in `of` says the words of a hold, looked at up to its 100,000th letter."""
    return f"to_tsvector('english', left({of}, 100000)) @@ websearch_to_tsquery('english', {{h}}.words)"


def named_in(person: Person, *fields: str) -> Q:
    """Rows in one of whose fields the person is named, in whatever capitals; none where no words are known of them."""
    named = Q(pk__in=[])
    for words in person.words:
        for name in fields:
            named |= Q(**{f"{name}__icontains": words})
    return named


About = Callable[[Person, int], Iterable[Found]]
"""Everything of a class that is about somebody, so many at most; the caller has checked who asks (retention.registry)."""


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
    remains: tuple[str, ...] = ()
    """Statements in place of the deletion of the row itself, where its number has to stay because history names it:
    they take everything personal out of it, so that its class no longer holds it. `gone` holds the numbers."""
    remote: str = ""
    """Expression over `{r}`: platform and the platform's own id. What is suppressed when it comes back."""
    account: str = ""
    """Column with the official account; empty where a record belongs to none."""
    on_account: str = ""
    """Where it belongs to several: condition over `{r}` and the number of an official account, `{a}`."""
    since: str = ""
    """Column with the instant that a hold over dates goes by, or an expression over `{r}`."""
    words: str = ""
    """Condition over `{r}` and a hold `{h}`: the record says what a hold by query looks for."""
    covered: Mapping[str, str] = field(default_factory=dict)
    """Kind of hold -> condition over `{r}` and `{h}`, for kinds that only the room knows."""
    snapshot: Callable[[Any], list[tuple[str, str]]] | None = None
    """What the record says, as names and values, for those who may open a restricted one."""
    mopi_group: Callable[[Any], int | None] | None = None
    """The MoPI group of one record, where records of a class are in several: groups 1 and 2 are reviewed by two."""
    archive: Callable[[Any], dict[str, Any]] | None = None
    """What an archive gets of it: metadata and words, JSON-ready; under "files" the SHA-256 of each file of it."""
    restrict: Callable[[Any], str] | None = None
    """Take the locked record from sight and from change; answers the state that it was in."""
    restore: Callable[[Any, str], None] | None = None
    """Bring it back to that state."""


@dataclass(frozen=True)
class Months:
    """Records that go by the month, as partitions; those of a held record stay behind when the month goes."""

    parent: str
    """The table that is partitioned by month."""
    at: str
    """Its column of time."""
    of: str
    """Model label of the records that these belong to."""
    joined: str
    """Condition over a row of it, `{p}`, and a record, `{r}`."""


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
    """(condition over `{r}`, column or expression over `{r}`): from when the period counts, in which state."""
    where: str = "true"
    """Which records of the subject are in the class: condition over `{r}`. Classes of one subject share none."""
    keeps: tuple[Keep, ...] = ()
    about: About | None = None
    """Finds what the class holds about somebody, for a request under information law."""
    not_searched: str = ""
    """Why such a search leaves the class out, and who has to be asked instead, as a sentence."""
    months: Months | None = None
    """Where its records go by the whole month."""
