"""What retention must know of the register of official accounts and of grants."""

from __future__ import annotations

from core.records import RecordClass

CLASSES = (
    RecordClass("official_account", "Kept until a person decides, after the official account was closed."),
    RecordClass("credential", "Emptied when it is replaced or the official account is closed."),
    RecordClass("impostor", "Kept until a person decides; what was no impostor is erased at once."),
    RecordClass("api_answer", "Swept each hour, a day after the answer."),
)
