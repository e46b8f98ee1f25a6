"""Pictures and videos of a record that is about somebody: opened for the review, and made as they go into the bundle.

What nobody decided on stays out: most pictures show somebody else. What goes in is made anew from its pixels; squares that
are covered are black in it, and nothing lies under them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from core.errors import NotFound
from media import queries as media
from media import storage
from media.models import File, SealedFile
from media.pictures import COLUMNS, ROWS, reencode
from retention import registry, sql
from retention.models import FoundItem

SQUARES = COLUMNS * ROWS
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "video/mp4": "mp4", "video/quicktime": "mov"}


class How(models.TextChoices):
    """How a picture goes in."""

    WHOLE = "whole", "Goes in: nobody else is in it"
    COVERED = "covered", "Goes in with squares made black"
    OTHERS = "others", "Goes in although somebody else is in it"


@dataclass(frozen=True)
class Kept:
    """One picture or video of a record, and what was decided on it."""

    number: int
    """From 0, as the record lists them."""
    label: str
    pk: int
    content_type: str
    says: str
    how: str
    covered: list[int]
    why: str
    barred: bool
    """Nobody opens it here: it is sealed for the online child abuse team."""

    @property
    def is_picture(self) -> bool:
        """Whether it stands still: squares of a video cannot be made black."""
        return self.content_type.startswith("image/")


def of(item: FoundItem) -> list[Kept]:
    """Everything that the record keeps, in its order."""
    given = {one["file"]: one for one in item.given}
    found = []
    for number, (label, pk, _, content_type, says) in enumerate(item.files):
        one: dict[str, Any] = given.get(number, {})
        found.append(
            Kept(
                number,
                label,
                pk,
                content_type,
                says,
                one.get("how", ""),
                one.get("covered", []),
                one.get("why", ""),
                is_barred(label, pk),
            )
        )
    return found


def one(item: FoundItem, number: int) -> Kept:
    """One of them. Raises NotFound, for what is sealed as well."""
    found = next((kept for kept in of(item) if kept.number == number), None)
    if found is None or found.barred:
        raise NotFound("There is no such picture, or nobody opens it here.")
    return found


def is_barred(label: str, pk: int) -> bool:
    """Whether a room says that nobody opens the file here."""
    condition = registry.known().barred.get(label)
    if condition is None:
        return False
    table = registry.model_of(label)._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} r WHERE r.id = %s AND {sql.of(condition)}", [pk])  # noqa: S608 # nosec B608
        return cursor.fetchone() is not None


def content(kept: Kept, covered: Collection[int] = ()) -> tuple[bytes, str]:
    """The bytes, and their type: of a picture made anew with these squares black, of a video as it is kept.

    Raises NotFound where it was disposed of, or where the store does not have it whole.
    """
    gone = NotFound(f"“{kept.says[:60]}” is not kept any more. Search again.")
    if kept.label == "media.sealedfile":
        sealed = SealedFile.objects.filter(pk=kept.pk).first()
        if sealed is None:
            raise gone
        if not kept.is_picture:
            return media.received(sealed), sealed.content_type
        shown = media.shown(sealed, covered=covered)
        return shown.content, shown.content_type
    file = File.objects.filter(pk=kept.pk, kind=File.Kind.COPY).first()
    if file is None:
        raise gone
    try:
        whole = media.content(file)
    except storage.Damaged:
        raise NotFound("This file cannot be read from the store. Tell your service administrator.") from None
    if not kept.is_picture:
        return whole, file.content_type
    shown = reencode(whole, covered=covered)
    return shown.content, shown.content_type


def ending(content_type: str) -> str:
    """How its file is named at the end."""
    return _ENDINGS.get(content_type, "bin")
