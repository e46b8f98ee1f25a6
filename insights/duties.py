"""The duties of the APP "Social media" as data: read once from insights/data/duties.yaml.

Source: College of Policing, APP Media and communications, "Social media", first published 23 February 2026.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from core.errors import NotFound

FILE = Path(__file__).parent / "data" / "duties.yaml"
EDITION = "23 February 2026"
FORCES = {"duty": "Duty", "should": "Should", "may": "May"}


@dataclass(frozen=True)
class Duty:
    """One thing that the APP asks for. The keys are those of the file."""

    slug: str
    section: str
    force: str
    bearer: str
    says: str
    evidence: str = ""
    minimum: str = ""
    ended: bool = False

    @property
    def force_name(self) -> str:
        return FORCES[self.force]

    @property
    def optional(self) -> bool:
        """Whether the APP leaves it to the force."""
        return self.force == "may"


@cache
def every() -> tuple[Duty, ...]:
    """All of them that hold, in the order of the APP."""
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(duty for row in rows if not (duty := Duty(**row)).ended)


@cache
def _by_slug() -> dict[str, Duty]:
    return {duty.slug: duty for duty in every()}


def duty(slug: str) -> Duty:
    """One of them. Raises NotFound."""
    found = _by_slug().get(slug)
    if found is None:
        raise NotFound("There is no such duty in the scorecard.")
    return found


def name(slug: str) -> str:
    """What a duty says, for a record that names it; the slug itself where the APP has dropped it since."""
    found = _by_slug().get(slug)
    return found.says if found else slug
