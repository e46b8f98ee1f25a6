"""How soon a life risk that is written on a platform stands in front of the desk, and a confirmed one reaches somebody.

Real processes on a scratch database, as in the bench of surges: a crowd writes at a steady pace, and the platform polls,
triages and alerts meanwhile. Then alerts are confirmed, one a second.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from escalation.actions import alerts
from escalation.models import Alert
from moderation.models import IngestSource
from notices.models import NoticeDelivery
from smmp.benches import surge
from smmp.local import scratch
from smmp.seed import force

WITHIN_S = 120.0


@dataclass
class Found:
    """Seconds, 95th percentiles."""

    alerts: int
    to_desk_p95_s: float
    to_desk_worst_s: float
    to_person_p95_s: float
    confirmed: int
    not_notified: int
    polling_s: float


def measure(*, pace: int, seconds: float, confirmed: int) -> Found:
    """So many comments a second for so long; then so many alerts are confirmed."""
    with scratch.database() as made, surge._crowd() as crowd:
        people = force.make().people
        accounts = surge._accounts()
        with surge._platform(made, crowd.address):
            time.sleep(5)
            began = datetime.now(UTC)
            crowd.begin([account.handle for account in accounts], [(pace, seconds)])
            time.sleep(seconds)
            _until_quiet()
            waits = [_wait_s(alert, began, pace, len(accounts)) for alert in _of_crowd()]
            told = [
                _confirm(alert, people["amira_hussain"])
                for alert in _of_crowd().filter(state=Alert.State.OPEN)[:confirmed]
            ]
            polling_s = _polling_s()
    reached = [wait for wait in told if wait is not None]
    return Found(
        alerts=len(waits),
        to_desk_p95_s=surge._p95(waits) if waits else 0.0,
        to_desk_worst_s=max(waits, default=0.0),
        to_person_p95_s=surge._p95(reached) if reached else 0.0,
        confirmed=len(told),
        not_notified=len(told) - len(reached),
        polling_s=polling_s,
    )


def _of_crowd():
    return Alert.objects.filter(comment__external_id__startswith="crowd-", priority=1).select_related(
        "comment"
    )


def _until_quiet() -> None:
    until, before = time.monotonic() + WITHIN_S, -1
    while time.monotonic() < until and (there := _of_crowd().count()) != before:
        before = there
        time.sleep(5)


def _wait_s(alert: Alert, began: datetime, pace: int, accounts: int) -> float:
    """From when the crowd had written it (its place in the line, at its pace) to the alert."""
    _, place, number = alert.comment.external_id.split("-")
    written_at = began + timedelta(seconds=(int(number) * accounts + int(place)) / pace)
    return (alert.raised_at - written_at).total_seconds()


def _confirm(alert: Alert, person) -> float | None:
    """Seconds from the confirmation until the first message has left; None where none did in 30 s."""
    began = datetime.now(UTC)
    case = alerts.confirm(actor=person, alert=alert, why="Bench")
    until = time.monotonic() + 30
    while time.monotonic() < until:
        sent = (
            NoticeDelivery.objects.filter(
                notice__in=case.call_outs.filter(at__gte=began).values("notice"), sent_at__isnull=False
            )
            .order_by("sent_at")
            .first()
        )
        if sent is not None and sent.sent_at is not None:
            time.sleep(max(0.0, 1 - (datetime.now(UTC) - began).total_seconds()))
            return max(0.0, (sent.sent_at - began).total_seconds())
        if not case.call_outs.filter(at__gte=began).exists():
            return 0.0
        time.sleep(0.1)
    return None


def _polling_s() -> float:
    """How long a source waits between two polls at the moment, the median."""
    waits = sorted(
        (source.next_poll_at - datetime.now(UTC)).total_seconds() for source in IngestSource.objects.all()
    )
    return max(0.0, waits[len(waits) // 2]) if waits else 0.0
