"""Reference data that every installation starts from: guideline clauses, pathways, the schedule.

Each room's data stands in `smmp/seed/data/*.yaml`, with its source. Rows that are there stay as
they are: people edit them in the browser, and a release never overwrites their edits.
"""

from __future__ import annotations

from pathlib import Path

import yaml
from django.db import transaction

from escalation.models import Level, Pathway
from moderation.models import Clause
from retention.models import ScheduleRow

DATA = Path(__file__).parent / "data"


@transaction.atomic
def make() -> None:
    """Fill what is missing. Safe to run twice, and two at once (unique slugs)."""
    for position, clause in enumerate(_rows("clauses"), start=1):
        Clause.objects.get_or_create(slug=clause.pop("slug"), defaults={**clause, "position": position})
    for row in _rows("schedule"):
        ScheduleRow.objects.get_or_create(slug=row.pop("slug"), defaults=row)
    for pathway in _rows("pathways"):
        levels = pathway.pop("levels")
        made, fresh = Pathway.objects.get_or_create(slug=pathway.pop("slug"), defaults=pathway)
        if fresh:
            for position, level in enumerate(levels, start=1):
                Level.objects.create(pathway=made, position=position, **level)


def _rows(name: str) -> list[dict]:
    return yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
