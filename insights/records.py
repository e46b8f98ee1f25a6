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
        not_searched="It counts, and tells of cases by their number; the cases and comments are searched themselves.",
        subject=REPORT,
        begins=(("true", "made_at"),),
        keeps=(Keep("its figures are published", "{r}.published_at IS NOT NULL"),),
    ),
    RecordClass(
        "figures",
        "Kept until a person decides: counts alone, which say nothing about anybody.",
        not_searched="Counts alone, in which nobody can be looked for.",
    ),
    RecordClass(
        "rumour",
        "Kept until a person decides, after it was closed. It names nobody, and lets go of each comment when that is "
        "disposed of.",
        not_searched="It follows what is claimed and nobody who claims it; the comments are searched themselves.",
    ),
)

KEEPS = {
    "exercise.run": (
        Keep(
            "its debrief is kept", "EXISTS (SELECT 1 FROM insights_exercisedebrief k WHERE k.run_id = {r}.id)"
        ),
    ),
    "publishing.post": (
        Keep("it answers a rumour", "EXISTS (SELECT 1 FROM insights_rumourpost k WHERE k.post_id = {r}.id)"),
    ),
}
