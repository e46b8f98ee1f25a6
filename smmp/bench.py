"""Named measurements with targets: what the README claims, this measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from moderation.triage import measure as triage


@dataclass(frozen=True)
class Measured:
    """One figure beside its target. `at_least`: more is better; otherwise less is."""

    what: str
    value: float
    unit: str
    target: float
    at_least: bool = True

    @property
    def met(self) -> bool:
        return self.value >= self.target if self.at_least else self.value <= self.target


def bench_triage() -> list[Measured]:
    """Comments judged per second of one core. Needs no database."""
    comments = triage.marked_comments(Path(settings.BASE_DIR) / "exercise" / "scenarios")
    return [Measured("comments judged", round(triage.speed(comments)), "per second and core", 600)]


BENCHES: dict[str, Callable[[], list[Measured]]] = {"triage": bench_triage}
"""By the name that `manage.py bench` takes."""
