"""What retention must know of files."""

from __future__ import annotations

from core.records import Keep, RecordClass, Subject
from media.models import File


def snapshot(file: File) -> list[tuple[str, str]]:
    """What it is and since when; its picture is seen with the record that uses it."""
    return [
        ("Kind", f"{file.get_kind_display()}, {file.content_type}"),
        ("Stored", f"{file.stored_at:%d %B %Y}"),
        ("SHA-256", file.sha256),
    ]


FILE = Subject("media.file", "File", "media_file", since="stored_at", snapshot=snapshot)

CLASSES = (
    RecordClass(
        "file",
        "Goes with the last record that uses it, in the same disposal: row, sealed original, and the bytes of both. "
        "What no record uses goes by this period.",
        subject=FILE,
        begins=(("true", "stored_at"),),
        keeps=(
            Keep("a copy of it is kept", "EXISTS (SELECT 1 FROM media_file c WHERE c.original_id = {r}.id)"),
        ),
        not_searched="A picture is found with the record that uses it; no face is ever searched for.",
    ),
    RecordClass(
        "evidence",
        "Goes with the comment that it came with: its key goes with its row, and what lies in the store "
        "is removed. What is sealed for the online child abuse team is never disposed of here.",
        not_searched="It is found with the comment that it came with, which says how many there are.",
    ),
)
