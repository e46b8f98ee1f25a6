"""How the seal fares: when the trail was last sealed, by which key, and how far its checkpoints have got.

Holds no personal data: it goes to the health figures as well as to whoever reads the trail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from audit.models import SealKey, Segment, Sink
from audit.seal import sinks
from audit.verifier import Key
from core import clock

LATE_S = 60.0
"""No more than this lies between two seals while the sealer runs (audit.actions.seals.HEARTBEAT)."""
SINK_LATE_S = 120.0
"""A sink whose newest checkpoint is older has missed at least one."""
MOST_COUNTED = 10_000
SINKS_WANTED = 2
TITLES = {"folder": "Folder", "syslog": "Syslog", "https": "HTTPS"}


@dataclass(frozen=True)
class SinkState:
    """How far one sink has been served."""

    name: str
    title: str
    delivered: int
    waiting: int
    """Checkpoints that it lacks."""
    sealed_at: datetime | None
    """When the newest checkpoint at it had been sealed."""
    age_s: float | None
    failing_since: datetime | None
    fault: str
    late: bool

    @property
    def newest(self) -> int:
        """The segment of the newest checkpoint at it."""
        return self.delivered - 1


@dataclass(frozen=True)
class State:
    """The state of the seal at one instant."""

    at: datetime
    last: Segment | None
    key: Key | None
    keys: int
    unsealed: int
    """Entries that wait for their seal, counted up to MOST_COUNTED."""
    oldest_unsealed_at: datetime | None
    age_s: float | None
    """Since the last segment; None where there is none."""
    late: bool
    sinks: Sequence[SinkState]

    @property
    def entries(self) -> int:
        """How many entries are sealed."""
        return self.last.first_position + self.last.count if self.last else 0

    @property
    def segments(self) -> int:
        return self.last.number + 1 if self.last else 0

    @property
    def head(self) -> str:
        return bytes(self.last.head).hex() if self.last else ""

    @property
    def key_id(self) -> str:
        return self.key.id.hex() if self.key else ""

    @property
    def too_few_sinks(self) -> bool:
        return len(self.sinks) < SINKS_WANTED

    @property
    def well(self) -> bool:
        return not self.late and not any(sink.late for sink in self.sinks)


def state() -> State:
    """How the seal fares now."""
    now = clock.now()
    last = Segment.objects.order_by("-number").first()
    unsealed, oldest = _unsealed(last)
    age_s = (now - last.sealed_at).total_seconds() if last else None
    waiting_s = (now - oldest).total_seconds() if oldest else 0.0
    present = SealKey.objects.order_by("-from_segment").first()
    return State(
        at=now,
        last=last,
        key=Key.read(present.key) if present else None,
        keys=SealKey.objects.count(),
        unsealed=unsealed,
        oldest_unsealed_at=oldest,
        age_s=age_s,
        late=waiting_s > LATE_S if age_s is None else max(age_s, waiting_s if unsealed else 0.0) > LATE_S,
        sinks=_sinks(last, now),
    )


def never_sealed() -> int | None:
    """An entry behind what has been searched that has no place: it was put in past the sealer. Reads every entry."""
    last = Segment.objects.order_by("-number").first()
    if last is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id FROM audit_entry e WHERE (e.transaction_id, e.id) <= (%s::text::xid8, %s) AND NOT EXISTS "
            "(SELECT FROM audit_place p WHERE p.entry_id = e.id AND p.entry_at = e.at) ORDER BY e.id LIMIT 1",
            [last.horizon, last.horizon_entry],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def as_json(state: State) -> dict[str, Any]:
    """The state for machines: ages in seconds, no addresses."""
    return {
        "late": state.late,
        "sealed_age_s": None if state.age_s is None else round(state.age_s, 1),
        "segments": state.last.number + 1 if state.last else 0,
        "entries": state.entries,
        "unsealed": state.unsealed,
        "key": state.key.id.hex() if state.key else None,
        "sinks": {
            sink.name: {
                "late": sink.late,
                "age_s": None if sink.age_s is None else round(sink.age_s, 1),
                "waiting": sink.waiting,
                "failing": sink.failing_since is not None,
            }
            for sink in state.sinks
        },
    }


def _unsealed(last: Segment | None) -> tuple[int, datetime | None]:
    after = (last.horizon, last.horizon_entry) if last else (0, -1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(at) FROM (SELECT e.at FROM audit_entry e "
            "WHERE (e.transaction_id, e.id) > (%s::text::xid8, %s) AND NOT EXISTS "
            "(SELECT FROM audit_place p WHERE p.entry_id = e.id AND p.entry_at = e.at) LIMIT %s) AS waiting",
            [*after, MOST_COUNTED],
        )
        return cursor.fetchone()


def _sinks(last: Segment | None, now: datetime) -> list[SinkState]:
    rows = Sink.objects.in_bulk()
    found = []
    for place in sinks.configured():
        row = rows.get(place.name) or Sink(name=place.name)
        age_s = (now - row.sealed_at).total_seconds() if row.sealed_at else None
        total = last.number + 1 if last else 0
        found.append(
            SinkState(
                name=place.name,
                title=TITLES[place.name],
                delivered=row.delivered,
                waiting=max(0, total - row.delivered),
                sealed_at=row.sealed_at,
                age_s=age_s,
                failing_since=row.failing_since,
                fault=row.fault,
                late=row.failing_since is not None and (now - row.failing_since).total_seconds() > LATE_S
                if age_s is None
                else age_s > SINK_LATE_S,
            )
        )
    return found
