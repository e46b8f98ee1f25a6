"""What retention must know of files."""

from __future__ import annotations

from core.records import RecordClass

CLASSES = (
    RecordClass("file", "Kept until a person decides, as the record that uses it."),
    RecordClass(
        "evidence",
        "Goes with the comment that it came with: its key goes with its row, and what lies in the store "
        "cannot be opened any more. What is sealed for the online child abuse team is never disposed of here.",
    ),
)
