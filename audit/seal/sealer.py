"""The sealer and the delivery of its checkpoints: two threads of the scheduler, each a round a second.

They share no more than the database with the rest of the scheduler, so that a slow job never makes the
trail fall silent, and a sink that hangs never stops the sealing. Any number of schedulers may run.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.db.models import Q

from audit.actions import seals
from audit.models import Entry, Segment, Sink
from audit.seal import journal, keys, sinks
from audit.verifier import Key
from core import clock
from core.actors import Actor, System

SEALER = System("sealer")
ROUND_S = 1.0
LONGEST_ROUND_S = 10.0
"""A backlog is sealed for so long at a stretch before the key and the stop sign are looked at again."""
BATCH = 500
"""Checkpoints of one delivery."""
SAY_AGAIN_S = 60.0
RESTORE_TRIES = 100
"""How often a segment is tried for until an entry of a moment ago has come to rest: some twenty seconds."""
logger = logging.getLogger("audit.sealer")


def present_signer() -> keys.Signer:
    """The signer of the present key; the very first begins here. Raises KeyMissing.

    A demonstration makes its key by itself; a real installation is given one (docs/operations.md).
    """
    folder = Path(settings.SEAL_KEYS)
    present = seals.present_key()
    if present is not None:
        return keys.holding(folder, Key.read(present.key))
    found = keys.read_all(folder, settings.SEAL_NAME)
    if not found and settings.DEMO:
        found = [keys.make(folder, settings.SEAL_NAME)]
    begun = seals.begin(actor=SEALER, signer=keys.only_one(found, folder))
    return keys.holding(folder, Key.read(begun.key))


def seal_restore(
    *, actor: Actor, signer: keys.Signer, entry: Entry, gap: Mapping[str, Any]
) -> Segment | None:
    """Seal until the entry that tells of a restore has its place, and then the restore itself.

    None where some transaction stays open for long: the caller says so, and may be called again.
    """
    for _ in range(RESTORE_TRIES):
        segment = seals.seal_restore(actor=actor, signer=signer, entry=entry, gap=gap)
        if segment is not None:
            return segment
        if seals.seal(actor=actor, signer=signer) is None:
            time.sleep(0.2)
    return None


def seal_due(*, stop: Callable[[], bool] = lambda: False) -> int:
    """Seal whatever has come to rest, segment by segment. Answers how many entries were sealed.

    Raises KeyMissing. A key that another process changed meanwhile is taken up in the next round.
    """
    signer, sealed, began = present_signer(), 0, time.monotonic()
    while not stop() and time.monotonic() - began < LONGEST_ROUND_S:
        segment = seals.seal(actor=SEALER, signer=signer)
        if segment is None:
            break
        sealed += segment.count
        if segment.count < seals.MOST:
            break
    return sealed


def deliver_due(place: sinks.Place) -> int:
    """Give a sink the checkpoints that it lacks, oldest first. Answers how many arrived.

    At least once: one that was delivered and not noted is delivered again. A fault is noted, and the
    sink rests a little longer each time.
    """
    now = clock.now()
    resting = Sink.objects.filter(Q(name=place.name), Q(leased_until__gt=now)).exists()
    begun = Sink.objects.filter(name=place.name).values_list("delivered", flat=True).first() or 0
    if resting or not Segment.objects.filter(number__gte=begun).exists():
        return 0
    sink = seals.lease_sink(actor=SEALER, name=place.name)
    if sink is None:
        return 0
    due = journal.due(sink.delivered, BATCH)
    try:
        if due:
            place.send(due)
    except sinks.SinkFault as fault:
        seals.note_fault(actor=SEALER, name=place.name, fault=str(fault))
        logger.warning("The checkpoint sink %s could not be reached: %s", place.name, fault)
        return 0
    seals.note_arrived(
        actor=SEALER,
        name=place.name,
        delivered=due[-1].segment + 1 if due else sink.delivered,
        sealed_at=due[-1].sealed_at if due else now,
    )
    return len(due)


def _deliver_all() -> None:
    for place in sinks.configured():
        while deliver_due(place) >= journal.AGAIN:
            pass


def start(stopping: threading.Event) -> list[threading.Thread]:
    """The two threads, which end soon after `stopping` is set."""
    threads = [
        threading.Thread(target=_rounds, args=(work, stopping), name=name, daemon=True)
        for name, work in (
            ("sealer", lambda: seal_due(stop=stopping.is_set)),
            ("checkpoints", _deliver_all),
        )
    ]
    for thread in threads:
        thread.start()
    return threads


def _rounds(work: Callable[[], object], stopping: threading.Event) -> None:
    """Round after round. A fault is said, not too often, and the next round tries again."""
    said_at = -SAY_AGAIN_S
    while not stopping.is_set():
        began = time.monotonic()
        try:
            work()
        except Exception as fault:
            if began - said_at >= SAY_AGAIN_S:
                said_at = began
                if isinstance(fault, keys.KeyMissing):
                    logger.error("The audit trail is not sealed: %s", fault)
                else:
                    logger.exception(
                        "A round of %s failed and is tried again", threading.current_thread().name
                    )
            if isinstance(fault, DatabaseError):
                connection.close()
        stopping.wait(max(0.05, ROUND_S - (time.monotonic() - began)))
    connection.close()
