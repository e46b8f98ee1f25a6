"""Figures that people ask of the force: requests under information law, and messages in and answered by month and platform.

Requesters ask forces for posts by the public, posts answered, and the platform, month by month (e.g. West Midlands Police,
FOI 1127A/20). Nobody is in these figures. Exercises are left out, except in a demonstration, where there is nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection

from accounts.queries import require
from core import sheets
from core.errors import NotPermitted
from platforms import registry
from retention import queries_rights
from retention.queries_rights import Figures
from staff.models import StaffMember
from staff.roles import Power

MONTHS = 12
MOST_MONTHS = queries_rights.MOST_MONTHS

# In by when we received it; answered by when an answer of ours had left. Months are London's.
_COUNTS = """
    SELECT month, platform, sum(received)::bigint, sum(answered)::bigint FROM (
        SELECT date_trunc('month', c.received_at AT TIME ZONE 'Europe/London')::date AS month, c.platform,
            count(*) AS received, 0 AS answered
        FROM moderation_comment c JOIN accounts_officialaccount a ON a.id = c.official_account_id
        WHERE c.state <> 'ours' AND c.received_at >= (%(since)s::timestamp AT TIME ZONE 'Europe/London')
            AND (NOT a.exercise OR %(exercises)s)
        GROUP BY 1, 2
        UNION ALL
        SELECT date_trunc('month', d.at AT TIME ZONE 'Europe/London')::date, c.platform, 0, count(DISTINCT c.id)
        FROM moderation_decision d JOIN moderation_comment c ON c.id = d.comment_id
            JOIN publishing_delivery o ON o.id = d.delivery_id
            JOIN accounts_officialaccount a ON a.id = c.official_account_id
        WHERE d.kind = 'reply' AND o.state = 'sent' AND d.at >= (%(since)s::timestamp AT TIME ZONE 'Europe/London')
            AND (NOT a.exercise OR %(exercises)s)
        GROUP BY 1, 2
    ) both_ways GROUP BY month, platform ORDER BY month DESC, platform
"""


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
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"since": requests.since, "exercises": bool(settings.DEMO)})
        messages = [
            Month(month, registry.NAMES.get(platform, platform), received, answered)
            for month, platform, received, answered in cursor.fetchall()
        ]
    return Asked(requests, messages)


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
