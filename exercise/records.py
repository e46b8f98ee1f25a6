"""What retention must know of the exercise network."""

from __future__ import annotations

from core.records import RecordClass

CLASSES = (
    RecordClass(
        "exercise",
        "Kept until a person decides: it is invented, and nobody is in it.",
        not_searched="Invented.",
    ),
)
