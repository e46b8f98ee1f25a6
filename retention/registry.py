"""Which record classes there are, and how each is found, held, shown and disposed of: as the rooms' `records` say.

The rooms that own the records stand on both sides of this one; none is imported here, each is found by
its dotted path.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from django.apps import apps
from django.db.models import Model, QuerySet

from core.errors import NotFound, NotValid
from core.records import About, Found, Keep, Person, RecordClass, Subject

ROOMS = (
    "audit",
    "staff",
    "notices",
    "media",
    "exercise",
    "accounts",
    "retention",
    "publishing",
    "moderation",
    "escalation",
    "insights",
    "smmp",
)


FILE = "media.file"


@dataclass(frozen=True)
class Known:
    """Everything that the rooms registered."""

    classes: dict[str, RecordClass]
    """By slug of the schedule row."""
    subjects: dict[str, Subject]
    """By model label: what retention disposes of and what can be held."""
    keeps: dict[str, tuple[Keep, ...]]
    """By model label: what rooms above say keeps such a record."""
    covered: dict[str, dict[str, str]]
    """By model label: kind of hold -> condition, from the record's own room and from those above it."""
    barred: dict[str, str]
    """By model label of a stored file: condition under which nobody opens it here."""
    files: tuple[tuple[str, str], ...]
    """(table, column): every record that uses a stored file. The last one that goes takes the file with it."""


@cache
def known() -> Known:
    """What the rooms say, read once. Raises LookupError where two rooms claim one class."""
    classes: dict[str, RecordClass] = {}
    subjects: dict[str, Subject] = {}
    keeps: dict[str, list[Keep]] = defaultdict(list)
    covered: dict[str, dict[str, str]] = defaultdict(dict)
    files: list[tuple[str, str]] = []
    barred: dict[str, str] = {}
    for room in ROOMS:
        module = import_module(f"{room}.records")
        for one in module.CLASSES:
            if one.slug in classes:
                raise LookupError(
                    f"{room}.records claims the record class {one.slug}, which another room has."
                )
            classes[one.slug] = one
            if one.subject is not None:
                subjects[one.subject.label] = one.subject
        for subject in getattr(module, "SUBJECTS", ()):
            subjects[subject.label] = subject
        for label, more in getattr(module, "KEEPS", {}).items():
            keeps[label] += more
        files += getattr(module, "FILES", ())
        barred |= getattr(module, "BARRED", {})
        for label, kinds in getattr(module, "COVERED", {}).items():
            covered[label] |= kinds
    for label, subject in subjects.items():
        covered[label] |= dict(subject.covered)
    keeps[FILE] += (
        Keep("a record uses it", f"EXISTS (SELECT 1 FROM {table} u WHERE u.{column} = {{r}}.id)")  # noqa: S608 # nosec B608
        for table, column in files
    )
    return Known(
        classes,
        subjects,
        {label: tuple(more) for label, more in keeps.items()},
        dict(covered),
        barred,
        tuple(files),
    )


def disposable() -> dict[str, RecordClass]:
    """The classes that the disposing function can dispose of, by slug."""
    return {slug: one for slug, one in known().classes.items() if one.subject is not None}


def record_class(slug: str) -> RecordClass:
    """A class that is disposed of here. Raises KeyError for any other."""
    return disposable()[slug]


def subject(label: str) -> Subject:
    """A kind of record that can be held. Raises NotValid for any other."""
    found = known().subjects.get(label)
    if found is None:
        raise NotValid("Choose what kind of record it is.", field="subject_type")
    return found


def holdable() -> list[tuple[str, str]]:
    """Model label and noun of each kind of record that can be held by its number."""
    return sorted(((label, one.noun) for label, one in known().subjects.items()), key=lambda pair: pair[1])


def model_of(label: str) -> type[Model]:
    """The model behind a label."""
    return apps.get_model(label)


def rows_of(label: str) -> QuerySet:
    """All records of a kind, whatever their state."""
    return model_of(label)._base_manager.all()


def lock(label: str, pk: int) -> Model:
    """The record itself, locked against disposal until the transaction ends.

    Raises NotValid for a kind that cannot be held, NotFound where there is no such record any more.
    """
    noun = subject(label).noun.lower()
    found = rows_of(label).select_for_update().filter(pk=pk).first()
    if found is None:
        raise NotFound(f"There is no {noun} with the number {pk}. It may have been disposed of.")
    return found


def name_of(record: Model) -> str:
    """How people speak of it: "Comment 412", "Case W-2041"."""
    one = subject(record._meta.label_lower)
    return f"{one.noun} {getattr(record, one.named_by)}"[:160]


MOST_FOUND = 500
"""Records of one kind that a search answers with; the page says so where there may be more."""


def searches() -> list[About]:
    """Each way in which a room finds what it holds about somebody, once; classes may share one."""
    found: dict[About, None] = {}
    for one in known().classes.values():
        if one.about is not None:
            found[one.about] = None
    return list(found)


def about(person: Person) -> tuple[list[Found], bool]:
    """Everything that any room holds about somebody, the oldest first; and whether a room had more than MOST_FOUND.

    The caller has checked who asks, and records it.
    """
    found: dict[tuple[str, int], Found] = {}
    more = False
    for search in searches():
        rows = list(search(person, MOST_FOUND))
        more = more or len(rows) >= MOST_FOUND
        for one in rows:
            found.setdefault((one.label, one.pk), one)
    return sorted(found.values(), key=lambda one: (one.at, one.label, one.pk)), more


def not_searched() -> dict[str, str]:
    """Slug of each class that a search leaves out -> why, and who has to be asked instead."""
    return {slug: one.not_searched for slug, one in known().classes.items() if one.not_searched}
