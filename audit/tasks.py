"""The trail on its way to other systems. Safe to run twice and beside itself."""

from __future__ import annotations

from celery import shared_task

from audit import stream
from audit.actions import seals, streaming
from core.actors import System

STREAM = System("audit stream")
MOST_BATCHES = 20


@shared_task(name="audit.stream")
def send_on() -> int:
    """Everything that is new leaves by each way that is switched on. Every 5 seconds."""
    sent = 0
    for way in stream.streams():
        for _ in range(MOST_BATCHES):
            done = streaming.send_next(actor=STREAM, stream=way)
            if not done:
                break
            sent += done
    return sent


@shared_task(name="audit.sweep_manifests")
def sweep_manifests() -> int:
    """Manifests that no backup needs any more are gone. Daily. Answers how many."""
    return seals.sweep_manifests(actor=STREAM)
