"""What retention must know of its own records."""

from __future__ import annotations

from core.records import RecordClass

CLASSES = (
    RecordClass("schedule", "Kept until a person decides: it explains why records went or stayed."),
    RecordClass("disposal", "Kept until a person decides: it proves what went, and holds nothing of it."),
)
