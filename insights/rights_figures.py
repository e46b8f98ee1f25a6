"""Figures that people ask of the force: requests under information law, and messages in and answered by month and platform.

Requesters ask forces for posts by the public, posts answered, and the platform, month by month (e.g. West Midlands Police,
FOI 1127A/20). Nobody is in these figures. Messages are counted as on the pages of figures, so that both say the same
(insights.queries_figures.DEFINITIONS). Exercises are left out, except in a demonstration, where there is nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncMonth

from accounts.queries import require
from core import sheets
from core.errors import NotPermitted
from insights import charts
from insights.charts import Picture
from insights.models import CommentDay, EventDay
from insights.pictures.volume import REPLIES
from platforms import registry
from retention import queries_rights
from retention.queries_rights import Figures
from staff.models import StaffMember
from staff.roles import Power

MONTHS = 12
MOST_MONTHS = queries_rights.MOST_MONTHS


@dataclass(frozen=True)
class Month:
    """Messages of one month on one platform."""

    month: date
    platform: str
    received: int
    answered: int


@dataclass(frozen=True)
class Asked:
    """Everything that the page and the file say."""

    requests: Figures
    messages: Sequence[Month]

    @property
    def received(self) -> int:
        """Messages in, over all months and platforms."""
        return sum(one.received for one in self.messages)

    @property
    def answered(self) -> int:
        """Messages answered."""
        return sum(one.answered for one in self.messages)


def read(viewer: StaffMember | None, *, months: int = MONTHS) -> Asked:
    """The figures of the last so many months, this one among them. viewer: None for the command line.

    Raises NotPermitted.
    """
    if viewer is not None and not queries_rights.may_see_figures(viewer):
        require(viewer, Power.SEE_RETENTION)
        raise NotPermitted("These figures are for information management.")
    requests = queries_rights.figures(months=min(max(months, 1), MOST_MONTHS))
    came = _by_month(CommentDay.objects.filter(day__gte=requests.since), "received")
    left = _by_month(
        EventDay.objects.filter(day__gte=requests.since, measure="sent", detail__in=REPLIES), "amount"
    )
    messages = [
        Month(month, registry.NAMES.get(platform, platform), came[month, platform], left[month, platform])
        for month, platform in sorted({*came, *left}, key=lambda pair: (-pair[0].toordinal(), pair[1]))
    ]
    return Asked(requests, messages)


def _by_month(counts: QuerySet[Any], name: str) -> Counter[tuple[date, str]]:
    """(first day of the month, platform) -> how many."""
    if not settings.DEMO:
        counts = counts.filter(official_account__exercise=False)
    rows = (
        counts.order_by()
        .annotate(month=TruncMonth("day"))
        .values_list("month", "official_account__platform")
        .annotate(n=Sum(name))
    )
    return Counter({(month, platform): n for month, platform, n in rows})


def pictures(asked: Asked) -> list[Picture]:
    """All of it as it is drawn on the page."""
    requests, months = asked.requests, [month for month, _, _ in asked.requests.by_month]
    most = max(requests.by_kind, key=lambda one: one.received, default=None)
    named = [f"{month:%B %Y}" for month in months]
    ends = [f"{months[place]:%b %Y}" for place in sorted({0, len(months) // 2, len(months) - 1})]
    came: Counter[date] = Counter()
    left: Counter[date] = Counter()
    for one in asked.messages:
        came[one.month] += one.received
        left[one.month] += one.answered
    busiest = max(months, key=lambda month: came[month])
    asked_most = max(requests.by_month, key=lambda row: row[1])
    return [
        charts.bars(
            "kinds",
            "Requests by kind",
            f"{most.kind} was asked for most: {most.received:,} of {requests.all.received:,}."
            if most is not None and most.received
            else "No request was received in these months.",
            ("Kind", "Received", "Answered", "On time", "Late", "Open", "Granted", "Refused"),
            [
                (
                    one.kind,
                    one.received,
                    one.answered,
                    one.on_time,
                    one.late,
                    one.open,
                    one.granted,
                    one.refused,
                )
                for one in requests.by_kind
            ],
        ),
        charts.columns(
            "months",
            "Requests by month of receipt",
            f"Most were received in {asked_most[0]:%B %Y}: {asked_most[1]:,}."
            if asked_most[1]
            else "No request was received in these months.",
            ("Month", "Received", "Of these answered on time"),
            [
                (name, received, on_time)
                for name, (_, received, on_time) in zip(named, requests.by_month, strict=True)
            ],
            axis=ends,
        ),
        charts.bars(
            "channels",
            "Requests by channel",
            f"Most came by {requests.by_channel[0][0].lower()}: {requests.by_channel[0][1]:,}."
            if requests.by_channel
            else "No request was received in these months.",
            ("How it came", "Received"),
            requests.by_channel,
        ),
        charts.columns(
            "messages",
            "Messages by month",
            f"Most messages came in {busiest:%B %Y}: {came[busiest]:,}; {left[busiest]:,} replies left in it."
            if came[busiest]
            else "No message came in these months.",
            ("Month", "In", "Replies"),
            [(name, came[month], left[month]) for name, month in zip(named, months, strict=True)],
            axis=ends,
        ),
        charts.table(
            "platforms",
            "Messages by month and platform",
            "In: by when they reached us. Replies: by when they left, private ones among them."
            if asked.messages
            else "No message came in these months.",
            ("Month", "Platform", "In", "Replies"),
            [(f"{one.month:%B %Y}", one.platform, one.received, one.answered) for one in asked.messages],
        ),
    ]


def as_csv(asked: Asked) -> str:
    """All of it as one table: what is counted, of what, in which month, and how many."""
    rows: list[list[str]] = []
    for one in asked.requests.by_kind:
        for name, number in asdict(one).items():
            if name != "kind":
                rows.append(["requests", one.kind, "", name.replace("_", " "), str(number)])
    for channel, number in asked.requests.by_channel:
        rows.append(["requests by channel", channel, "", "received", str(number)])
    for month, received, on_time in asked.requests.by_month:
        rows.append(["requests by month", "All", f"{month:%Y-%m}", "received", str(received)])
        rows.append(["requests by month", "All", f"{month:%Y-%m}", "answered on time", str(on_time)])
    for row in asked.messages:
        rows.append(["messages", row.platform, f"{row.month:%Y-%m}", "received", str(row.received)])
        rows.append(["messages", row.platform, f"{row.month:%Y-%m}", "answered", str(row.answered)])
    return sheets.written(
        ["what", "of", "month", "counted", "number"], [[sheets.cell(cell) for cell in row] for row in rows]
    )


def as_data(asked: Asked) -> dict[str, Any]:
    """All of it for a program."""
    requests = asked.requests
    return {
        "since": requests.since.isoformat(),
        "until": requests.until.isoformat(),
        "requests": {
            "all": asdict(requests.all),
            "by_kind": [asdict(one) for one in requests.by_kind],
            "by_channel": dict(requests.by_channel),
            "by_month": [
                {"month": f"{month:%Y-%m}", "received": received, "on_time": on_time}
                for month, received, on_time in requests.by_month
            ],
        },
        "messages": [{**asdict(one), "month": f"{one.month:%Y-%m}"} for one in asked.messages],
    }
