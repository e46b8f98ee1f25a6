"""What retention must know of the audit trail."""

from __future__ import annotations

from core.records import RecordClass

CLASSES = (
    RecordClass(
        "audit_entry",
        "Months go whole, once every entry of theirs is over its period and sealed before it.",
    ),
    RecordClass("audit_work", "Kept until a person decides: it tells what was done about the trail."),
    RecordClass("seal", "Never by the platform: hashes alone, which prove what the trail held."),
)
