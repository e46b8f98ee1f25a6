"""Reference data that every installation starts from: guideline clauses, pathways, grades, the schedule.

Each room's data stands in `smmp/seed/data/*.yaml`, with its source. Rows that are there stay as
they are: people edit them in the browser, and a release never overwrites their edits.
"""

from __future__ import annotations

from pathlib import Path

import yaml
from django.db import transaction

from core import clock
from escalation.models import Grade, Level, Pathway, PathwayVersion, Post, ReferralKind, Rota
from moderation.models import Clause, Guidelines
from retention.models import ScheduleRow

DATA = Path(__file__).parent / "data"


@transaction.atomic
def make() -> None:
    """Fill what is missing. Safe to run twice, and two at once (unique slugs)."""
    now = clock.now()
    first, fresh = Guidelines.objects.get_or_create(
        number=1,
        defaults={"state": Guidelines.State.IN_FORCE, "drafted_at": now, "in_force_from": now},
    )
    if fresh:
        for position, clause in enumerate(rows("clauses"), start=1):
            Clause.objects.create(guidelines=first, position=position, **clause)
    for row in rows("schedule"):
        ScheduleRow.objects.get_or_create(slug=row.pop("slug"), defaults=row)
    for grade in rows("grades"):
        Grade.objects.get_or_create(slug=grade.pop("slug"), defaults=grade)
    for kind in rows("referrals"):
        ReferralKind.objects.get_or_create(slug=kind.pop("slug"), defaults=kind)
    _pathways()


def _pathways() -> None:
    """Pathways that are missing, live from the start, with the posts and rotas that they call."""
    called = _whole("posts")
    posts = {
        row["name"]: Post.objects.get_or_create(name=row["name"], defaults=row)[0] for row in called["posts"]
    }
    rotas = {
        row["name"]: Rota.objects.get_or_create(name=row["name"], defaults=row)[0] for row in called["rotas"]
    }
    at = clock.now()
    for row in rows("pathways"):
        levels = row.pop("levels")
        pathway, fresh = Pathway.objects.get_or_create(
            slug=row.pop("slug"), defaults={"title": row.pop("title")}
        )
        if not fresh:
            continue
        taken = {
            category
            for version in PathwayVersion.objects.filter(state=PathwayVersion.State.LIVE)
            for category in version.categories
        }
        row["categories"] = [category for category in row["categories"] if category not in taken]
        version = PathwayVersion.objects.create(
            pathway=pathway,
            number=1,
            state=PathwayVersion.State.LIVE,
            review_on=clock.add_years(clock.today(), 1),
            made_at=at,
            changed_at=at,
            live_at=at,
            made_by_name="the first set-up",
            live_by_name="the first set-up",
            **row,
        )
        for position, level in enumerate(levels, start=1):
            post, rota = posts.get(level.pop("post", "")), rotas.get(level.pop("rota", ""))
            Level.objects.create(
                version=version,
                position=position,
                post=post,
                rota=rota,
                kind="post" if post else "rota" if rota else "role",
                **level,
            )


def _whole(name: str) -> dict[str, list[dict]]:
    return yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))


def rows(name: str) -> list[dict]:
    """The rows of one file of reference or demonstration data."""
    return yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
