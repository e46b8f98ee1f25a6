"""How soon a life risk that is written on a platform stands in front of the desk, and a confirmed one reaches somebody.

Real processes on a scratch database, as in the bench of surges: a crowd writes at a steady pace, and the platform polls,
triages and alerts meanwhile. While it still writes, alerts are confirmed, one a second.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from accounts.models import OfficialAccount
from escalation.actions import alerts
from escalation.models import Alert, CaseComment
from moderation import pace as pacing
from moderation.models import IngestSource
from notices.models import NoticeDelivery
from smmp.benches import surge
from smmp.local import scratch
from smmp.seed import force
from staff.models import StaffMember

WITHIN_S = 120.0
BETWEEN_CONFIRMED_S = 1.0


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
    """How often each official account is asked, as it is set."""
    polled_s: float
    """How long the one that had waited longest had not been asked, when the crowd ended."""


def measure(*, pace: int, seconds: float, confirmed: int) -> Found:
    """So many comments a second for so long, and on while so many alerts are confirmed."""
    with scratch.database() as made, surge._crowd() as crowd:
        people = force.make().people
        accounts = surge._accounts()
        with surge._platform(made, crowd.address):
            time.sleep(5)
            began = datetime.now(UTC)
            crowd.begin(
                [account.handle for account in accounts], [(pace, seconds + confirmed * BETWEEN_CONFIRMED_S)]
            )
            time.sleep(seconds)
            told = _confirm_some(confirmed, people["amira_hussain"])
            _wait_until(began + timedelta(seconds=seconds + confirmed * BETWEEN_CONFIRMED_S))
            polled_s = _polled_s()
            _until_quiet()
            waits = [_wait_s(alert, began, pace, len(accounts)) for alert in _of_crowd()]
    reached = [wait for wait in told if wait is not None]
    return Found(
        alerts=len(waits),
        to_desk_p95_s=surge._p95(waits) if waits else 0.0,
        to_desk_worst_s=max(waits, default=0.0),
        to_person_p95_s=surge._p95(reached) if reached else 0.0,
        confirmed=len(told),
        not_notified=len(told) - len(reached),
        polling_s=float(pacing.poll_every_s(accounts[0])),
        polled_s=polled_s,
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


def _confirm_some(many: int, person: StaffMember) -> list[float | None]:
    """So many alerts are confirmed, the newest each time, of people of whom there is no case yet."""
    told: list[float | None] = []
    until = time.monotonic() + WITHIN_S
    while len(told) < many and time.monotonic() < until:
        began = time.monotonic()
        known = CaseComment.objects.values("comment__commenter")
        alert = (
            _of_crowd()
            .filter(state=Alert.State.OPEN)
            .exclude(comment__commenter__in=known)
            .order_by("-raised_at")
            .first()
        )
        if alert is not None:
            told.append(_confirm(alert, person))
        time.sleep(max(0.0, BETWEEN_CONFIRMED_S - (time.monotonic() - began)))
    return told


def _confirm(alert: Alert, person: StaffMember) -> float | None:
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
            return max(0.0, (sent.sent_at - began).total_seconds())
        time.sleep(0.1)
    return None


def _wait_until(at: datetime) -> None:
    time.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()))


def _polled_s() -> float:
    asked = IngestSource.objects.filter(official_account__status=OfficialAccount.Status.ACTIVE).exclude(
        polled_at=None
    )
    oldest = asked.order_by("polled_at").values_list("polled_at", flat=True).first()
    return (datetime.now(UTC) - oldest).total_seconds() if oldest is not None else WITHIN_S
