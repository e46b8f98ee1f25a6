"""Heartbeats and claimed periods: the only writers of the platform's own pulse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection

from core import clock
from smmp.models import Heartbeat, Period

KEEP_PERIODS = timedelta(days=31)


def beat(name: str) -> None:
    """Say that a part of the platform is alive now."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, beat_at=clock.now())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beat_at"],
    )


def ages_s() -> dict[str, float]:
    """Seconds since each part was last alive."""
    now = clock.now()
    return {row.name: (now - row.beat_at).total_seconds() for row in Heartbeat.objects.all()}


def claim_period(job: str, every_s: int) -> bool:
    """Claim the job's present period. True for exactly one caller per period, however many ask."""
    now = clock.now()
    start = datetime.fromtimestamp(now.timestamp() // every_s * every_s, UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO smmp_period (job, starts_at, claimed_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [job, start, now],
        )
        return cursor.rowcount == 1


def sweep_periods() -> int:
    """Delete claims that are over a month old; answers how many went."""
    deleted, _ = Period.objects.filter(starts_at__lt=clock.now() - KEEP_PERIODS).delete()
    return deleted
