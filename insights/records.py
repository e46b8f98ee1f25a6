"""What retention must know of what insights keeps: figures, reports, rumours. Alerts are of a class of the audit trail."""

from __future__ import annotations

from core.records import Keep, RecordClass, Subject

REPORT = Subject(
    "insights.report",
    "Report",
    "insights_report",
    named_by="title",
    since="made_at",
)

CLASSES: tuple[RecordClass, ...] = (
    RecordClass(
        "report",
        "Disposed of when its period is over; published yearly figures are reviewed by a person as long as they are public.",
        subject=REPORT,
        begins=(("true", "made_at"),),
        keeps=(Keep("its figures are published", "{r}.published_at IS NOT NULL"),),
    ),
    RecordClass("figures", "Kept until a person decides: counts alone, which say nothing about anybody."),
    RecordClass(
        "rumour",
        "Kept until a person decides, after it was closed. It names nobody, and lets go of each comment when that is "
        "disposed of.",
    ),
)
