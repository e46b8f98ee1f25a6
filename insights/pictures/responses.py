"""How fast: against the desk's own times by priority, by the hour of arrival, and what waits."""

from __future__ import annotations

from insights import charts
from insights.charts import Picture
from insights.pictures.reading import Reading
from insights.queries_figures import priority_title, span
from insights.rollups import BOUNDS
from moderation.categories import ANSWER_WITHIN_MINUTES

LABELS = (*(span(minutes) for minutes in BOUNDS), "longer")
TELLING = 5
"""An hour of the day with fewer that had a clock says nothing about when the public waits longest."""
SHORT = ("5m", "15m", "30m", "1h", "2h", "4h", "8h", "1d", "3d", "7d", "+")


def by_priority(r: Reading) -> Picture:
    """Each priority against its time."""
    rows = []
    for priority, counts in r.now.by_priority.items():
        minutes = ANSWER_WITHIN_MINUTES.get(priority)
        rows.append(
            (
                priority_title(priority),
                r.share(counts.in_time, counts.judged),
                span(minutes) if minutes else "no clock",
                counts.received,
                r.took(counts, 0.5),
                r.took(counts, 0.9),
                counts.late,
                counts.open,
            )
        )
    total = r.now.total
    share = r.share(total.in_time, total.judged)
    was = r.share(r.before.in_time, r.before.judged)
    says = (
        f"{charts.percent(share)} of what had a clock was dealt with in time"
        + (f", against {charts.percent(was)} in the period before" if was is not None else "")
        + f". Half took {r.took(total, 0.5)}, nine in ten {r.took(total, 0.9)}."
        if share is not None
        else "Nothing that has a clock was dealt with yet."
    )
    return charts.bars(
        "responses",
        "Response times against target",
        says,
        ("Priority", "In time", "Target", "Received", "Median", "Nine in ten", "Late", "Still open"),
        r.tell(rows),
        share=1,
    )


def spread(r: Reading) -> Picture:
    """From arrival to decision, in fixed bounds."""
    buckets = r.now.total.buckets
    dealt = sum(buckets)
    return charts.columns(
        "spread",
        "From arrival to decision",
        f"Of {r.words(dealt)} dealt with, half took {r.took(r.now.total, 0.5)} and nine in ten {r.took(r.now.total, 0.9)}."
        if dealt
        else "Nothing was dealt with yet.",
        ("Took", "Dealt with"),
        r.tell(
            (f"at most {label}" if label != "longer" else label, n)
            for label, n in zip(LABELS, buckets, strict=True)
        ),
        axis=SHORT,
        note="Counted in fixed bounds, so that times of hours, days and official accounts add up.",
    )


def by_hour(r: Reading) -> Picture:
    """By the hour of arrival: when the public waits longest."""
    rows = []
    worst: tuple[float, int] | None = None
    for hour in range(24):
        counts = r.hours.by_hour.get(hour)
        share = r.share(counts.in_time, counts.judged) if counts else None
        rows.append(
            (
                f"{hour:02}:00",
                share,
                counts.received if counts else 0,
                r.took(counts, 0.5),
                r.took(counts, 0.9),
            )
        )
        enough = counts is not None and counts.judged >= TELLING
        if enough and share is not None and (worst is None or share < worst[0]):
            worst = (share, hour)
    return charts.columns(
        "hours",
        "Response by hour of arrival",
        f"What arrived between {worst[1]:02}:00 and {(worst[1] + 1) % 24:02}:00 waited longest for its priority: "
        f"{charts.percent(worst[0])} in time."
        if worst
        else "Nothing that has a clock was dealt with yet.",
        ("Arrived from", "In time", "Received", "Median", "Nine in ten"),
        r.tell(rows),
        whole=1.0,
        top="100 % in time",
        axis=("00", "06", "12", "18", "24"),
        note=_shortened(r),
    )


def _shortened(r: Reading) -> str:
    return (
        f"Of {r.hours.period} alone: by the hour, no longer period is looked at." if r.hours.shortened else ""
    )


def waiting(r: Reading) -> Picture:
    """What waits now, by how long it has."""
    backlog = r.backlog
    return charts.columns(
        "waiting",
        "What waits now",
        f"{backlog.total:,} wait for a decision; the oldest arrived {charts.shown(charts.london_day(backlog.oldest))}."
        if backlog.oldest
        else "Nothing waits for a decision.",
        ("Has waited", "Open"),
        list(backlog.ages.items()),
        axis=("1h", "4h", "24h", "3d", "7d", "+"),
        note="Whatever the period chosen above: as it stands now, to the hour.",
    )
