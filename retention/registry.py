"""Which record classes are disposed of here, and what can be held: explicit tables of dotted paths.

The rooms that own the records stand on both sides of this one; none is imported here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from django.apps import apps
from django.db.models import Model, QuerySet
from django.utils.module_loading import import_string

from core.errors import NotFound, NotValid


class Records(Protocol):
    """What retention must know of one record class."""

    subject_type: str
    """Model label of the record, as holds name it."""

    def due(self, before: datetime) -> QuerySet:
        """The records whose period began before the instant and that nothing of their own keeps."""


RECORDS = {
    "routine_comment": "moderation.records.RoutineComments",
    "notice": "notices.records.Notices",
}
"""Slug of the schedule row -> class that finds what is due. The database function disposes."""

HOLDABLE = {
    "moderation.comment": ("Comment", "pk"),
    "publishing.post": ("Post", "title"),
    "escalation.case": ("Case", "reference"),
    "notices.notice": ("Notice", "pk"),
}
"""Model label -> what it is called, and the attribute that names one. Never the public's words."""


def records(slug: str) -> Records:
    """How the records of a class are found. Raises KeyError for a class that is not disposed of here."""
    return import_string(RECORDS[slug])()


def lock(subject_type: str, subject_id: int) -> Model:
    """The record itself, locked against disposal until the transaction ends.

    Raises NotValid for a kind that cannot be held, NotFound where there is no such record any more.
    """
    if subject_type not in HOLDABLE:
        raise NotValid("Choose what kind of record it is.", field="subject_type")
    found = apps.get_model(subject_type)._base_manager.select_for_update().filter(pk=subject_id).first()
    if found is None:
        noun = HOLDABLE[subject_type][0].lower()
        raise NotFound(f"There is no {noun} with the number {subject_id}. It may have been disposed of.")
    return found


def name_of(record: Model) -> str:
    """How people speak of it: "Comment 412", "Case W-2041"."""
    noun, attribute = HOLDABLE[record._meta.label_lower]
    return f"{noun} {getattr(record, attribute)}"[:160]
