"""What retention must know of the audit trail."""

from __future__ import annotations

from core.records import RecordClass

CLASSES = (
    RecordClass(
        "audit_entry",
        "Months go whole, once every entry of theirs is over its period and sealed before it.",
        not_searched="It says what staff did, and of the public numbers alone (DPA 2018 s.62(4)); information security is "
        "asked where somebody wants to know who looked.",
    ),
    RecordClass(
        "audit_work",
        "Kept until a person decides: it tells what was done about the trail.",
        not_searched="Work of information security on the trail, who is asked for it.",
    ),
    RecordClass("seal", "Never by the platform: hashes alone, which prove what the trail held."),
    RecordClass(
        "manifest",
        "Swept when it has long left for the sinks with its entry.",
        not_searched="Numbers and hashes of what was held or is gone, in which nobody can be looked for.",
    ),
)
