"""The incident report: from a case or a surge, its timeline, what was decided, what we said and how far it reached."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count

from core import clock
from escalation.models import Case
from insights import charts
from insights import queries_figures as figures
from insights.models import PostReach
from insights.pictures.published import latest_reach
from insights.queries_figures import Period
from insights.reports import Part, Written
from moderation.models import Comment, Decision, Surge
from moderation.queries_surges import report_of
from publishing.models import Delivery

MOST_LINES = 200
LEAD = timedelta(hours=1)
"""What we said within an hour before it began belongs to it."""
DEFINITIONS = [
    "Times are London wall clocks.",
    "Comments: what the public wrote to the official account in that time, by when it reached us.",
    "Decisions: made in that time on these comments; one comment may have several.",
    "Reach: as its platform told us last. Empty where it does not say.",
    "Lessons: in the words of whoever made the report.",
]


def of_case(case: Case, lessons: str) -> tuple[str, Period, Written]:
    """Title, days and words of a report on a case. Whoever calls it has asked whether its reader may see the case."""
    until = case.closed_at or clock.now()
    log = list(case.log.order_by("at", "id")[: MOST_LINES + 1])
    acknowledged = case.first_acknowledged_at
    heads = [
        ["State", case.get_state_display(), case.outcome[:120]],
        ["Priority", case.get_priority_display(), f"{case.pathway.title}"],
        [
            "From opening to “I have it”",
            charts.shown(_span(case.opened_at, acknowledged)) if acknowledged else "nobody yet",
            "",
        ],
        ["Comments in evidence", str(case.evidence.count()), ""],
    ]
    parts = [
        Part(
            "Timeline",
            f"{case.reference} was opened {_at(case.opened_at)}"
            + (f" and closed {_at(case.closed_at)}." if case.closed_at else " and is not closed."),
            ["When", "What", "By"],
            [[_at(line.at), line.text, line.by_name] for line in log[:MOST_LINES]],
            "Later lines stand in the case’s own log." if len(log) > MOST_LINES else "",
        ),
        *_around(case.official_account_id, case.opened_at, until),
        _lessons(lessons),
    ]
    mark = "Exercise: " if case.exercise else ""
    title = f"{mark}Incident report, case {case.reference}"
    return title, _days(case.opened_at, until), Written(case.reference, "", heads, parts, DEFINITIONS)


def of_surge(surge: Surge, lessons: str) -> tuple[str, Period, Written]:
    """The same of a surge."""
    until = surge.over_at or clock.now()
    found = surge.report or report_of(surge, until)
    heads = [
        ["Comments", f"{found['came']:,}", f"from {found['people']:,} people"],
        ["Busiest hour", charts.shown(found["busiest_hour"]), "comments"],
        ["At high or immediate risk", f"{found['grave']:,}", f"{found['cases']:,} in cases"],
        [
            "Grave ones dealt with",
            f"{found['grave_answered']:,}",
            f"half within {round(found['grave_median_s'] / 60):,} min" if found["grave_median_s"] else "",
        ],
    ]
    events = [(surge.since, "It began, as comments show.", "")]
    if surge.noticed_at:
        events.append((surge.noticed_at, "The platform suggested a surge.", ""))
    if surge.started_at:
        events.append((surge.started_at, "Surge mode was started.", str(surge.started_by or "")))
    for act in surge.acts.select_related("by").order_by("at"):
        events.append(
            (
                act.at,
                f"{act.get_kind_display()} decided for a group of comments alike. {act.why}",
                str(act.by),
            )
        )
        if act.undone_at:
            events.append((act.undone_at, "That was undone.", str(act.undone_by or "")))
    if surge.over_at:
        events.append(
            (
                surge.over_at,
                f"It was over: {surge.over_why or surge.get_state_display()}.",
                str(surge.over_by or ""),
            )
        )
    parts = [
        Part(
            "Timeline",
            f"On {surge.official_account}, from {_at(surge.since)}"
            + (f" to {_at(surge.over_at)}." if surge.over_at else "; it goes on."),
            ["When", "What", "By"],
            [[_at(at), what, by] for at, what, by in sorted(events, key=lambda one: one[0])],
        ),
        *_around(surge.official_account_id, surge.since, until),
        _lessons(lessons),
    ]
    title = f"Incident report, surge on {surge.official_account}"
    return (
        title,
        _days(surge.since, until),
        Written(str(surge.official_account), "", heads, parts, DEFINITIONS),
    )


def _around(account_id: int, begins: datetime, ends: datetime) -> list[Part]:
    """What came by the hour, what was decided, what we said and whom it reached."""
    came = (
        Comment.objects.filter(official_account=account_id, received_at__gte=begins, received_at__lte=ends)
        .exclude(state__in=[Comment.State.OURS, Comment.State.RESTRICTED])
        .order_by()
    )
    total = came.count()
    kinds = dict(Decision.Kind.choices)
    decided = list(
        Decision.objects.filter(comment__in=came, at__lte=ends)
        .order_by()
        .values_list("kind")
        .annotate(n=Count("pk"))
        .order_by("-n")
    )
    categories = list(came.values_list("category").annotate(n=Count("pk")).order_by("-n", "category"))
    sent = list(
        Delivery.objects.filter(
            official_account=account_id,
            kind=Delivery.Kind.POST,
            state=Delivery.State.SENT,
            sent_at__gte=begins - LEAD,
            sent_at__lte=ends,
        ).order_by("sent_at")[:MOST_LINES]
    )
    reach = latest_reach([one.pk for one in sent])
    seen = [row.seen for row in reach.values() if row.seen is not None]
    return [
        Part(
            "What people wrote",
            f"{total:,} comments reached us in that time.",
            ["Category", "Comments"],
            [[figures.category_title(slug), n] for slug, n in categories],
            bars=bool(categories),
        ),
        Part(
            "Decisions",
            f"{sum(n for _, n in decided):,} decisions were made on them."
            if decided
            else "None was decided on.",
            ["Decision", "How often"],
            [[str(kinds.get(kind, kind)), n] for kind, n in decided],
            bars=bool(decided),
        ),
        Part(
            "What we said, and its reach",
            (
                f"{len(sent):,} posts left"
                + (
                    f" and were shown {sum(seen):,} times as far as platforms say."
                    if seen
                    else "; no platform says how far they reached."
                )
            )
            if sent
            else "We posted nothing in that time.",
            ["When", "Post", "Shown", "Likes", "Replies", "Shares"],
            [_said(one, reach.get(one.pk)) for one in sent],
        ),
    ]


def _said(one: Delivery, reach: PostReach | None) -> list[object]:
    words = " ".join(one.text.split())
    numbers = [reach.seen, reach.likes, reach.replies, reach.shares] if reach else [None] * 4
    return [
        _at(one.sent_at) if one.sent_at else "",
        words if len(words) <= 160 else words[:159] + "…",
        *numbers,
    ]


def _lessons(lessons: str) -> Part:
    return Part("Lessons", lessons.strip() or "None recorded when the report was made.")


def _at(at: datetime) -> str:
    return f"{clock.in_london(at):%-d %b %Y %H:%M}"


def _span(begins: datetime, ends: datetime) -> str:
    minutes = round((ends - begins) / timedelta(minutes=1))
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"


def _days(begins: datetime, ends: datetime) -> Period:
    first, last = clock.in_london(begins).date(), clock.in_london(ends).date()
    return Period(max(first, last - timedelta(days=figures.LONGEST_DAYS - 1)), last)
