"""What an export of everything costs among many comments: how fast it is written, and whether memory stays bounded."""

from __future__ import annotations

import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from django.test.utils import override_settings

from smmp.benches import queue
from smmp.export import verify, writing
from smmp.local import scratch

FIRST = 10_000


@dataclass(frozen=True)
class Result:
    """How it went with all comments; what the process grew by beyond what few had taken."""

    rows_per_s: float
    verify_rows_per_s: float
    grown_mib: float
    wrong: int


def measure(*, comments: int) -> Result:
    """Few comments first, so that what the process takes once has been taken; then all of them."""
    with scratch.database(), tempfile.TemporaryDirectory() as place:
        with override_settings(MEDIA_STORE=str(Path(place) / "store")):
            queue.make_force()
            few = min(FIRST, comments)
            queue.fill(0, few)
            writing.write(Path(place) / "few")
            before = _peak_mib()
            queue.fill(few, comments)
            began = time.perf_counter()
            done = writing.write(Path(place) / "all")
            written_s = time.perf_counter() - began
            grown = _peak_mib() - before
            began = time.perf_counter()
            _, wrong = verify.verify(Path(place) / "all")
            verified_s = time.perf_counter() - began
    return Result(done.rows / written_s, done.rows / verified_s, grown, len(wrong) + len(done.missing))


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
