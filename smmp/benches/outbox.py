"""How fast one worker empties the outbox, back to back and with pacing off."""

from __future__ import annotations

import subprocess
import sys
import time

from django.test import override_settings

from publishing import sending
from publishing.models import Delivery
from smmp.drills import publish
from smmp.local import scratch
from smmp.local.children import BASE_DIR

ACTS = 1500
WARM_UP = 100


def measure(acts: int = ACTS) -> tuple[float, int]:
    """Acts a second by one worker, and how many were not sent. On a scratch database.

    The platform answers at once from a process of its own, so that it takes nothing from the worker.
    """
    platform = subprocess.Popen(
        [sys.executable, "-m", "smmp.drills.platform"],
        cwd=BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        address = (platform.stdout.readline() if platform.stdout else "").strip()
        with scratch.database(), override_settings(EXERCISE_ADDRESS=address, OUTBOX_PACED=False):
            publish.queue_posts(WARM_UP, per_second=0)
            _drain(WARM_UP)
            publish.queue_posts(acts, per_second=0)
            began = time.monotonic()
            _drain(acts)
            took = time.monotonic() - began
            unsent = Delivery.objects.exclude(state=Delivery.State.SENT).count()
    finally:
        platform.kill()
        platform.wait()
    return acts / took, unsent


def _drain(acts: int) -> None:
    left = acts
    while left > 0 and (taken := sending.send_due(most=100, budget_s=20)):
        left -= taken
