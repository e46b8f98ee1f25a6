"""What retention must know of files."""

from __future__ import annotations

from core.records import RecordClass

CLASSES = (
    RecordClass(
        "file",
        "Kept until a person decides, as the record that uses it.",
        not_searched="A picture is found with the record that uses it; no face is ever searched for.",
    ),
    RecordClass(
        "evidence",
        "Goes with the comment that it came with: its key goes with its row, and what lies in the store "
        "cannot be opened any more. What is sealed for the online child abuse team is never disposed of here.",
        not_searched="It is found with the comment that it came with, which says how many there are.",
    ),
)
