"""Who has a comment open just now, as the list and the reply box show it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject

from core import clock
from moderation.models import Presence
from staff.models import StaffMember

HERE_FOR = timedelta(seconds=45)
"""After the last sign of life somebody still counts as here: three beats of static/js/here.js."""
WRITING_FOR = timedelta(seconds=30)


def says(called: str, writing_at: datetime | None) -> str:
    """One colleague at a comment, in words."""
    writing = writing_at is not None and writing_at > clock.now() - WRITING_FOR
    return f"{called} {'is writing' if writing else 'has this open'}"


def near(viewer: StaffMember, at: datetime | None = None) -> ArraySubquery:
    """For a list of comments: the colleagues at each, beside the viewer, now by default; `in_words` reads it."""
    return ArraySubquery(
        Presence.objects.filter(comment_id=OuterRef("pk"), seen_at__gt=(at or clock.now()) - HERE_FOR)
        .exclude(by=viewer)
        .order_by("by__name", "by_id")
        .values(data=JSONObject(rank=F("by__rank"), name=F("by__name"), writing_at=F("writing_at")))
    )


def in_words(found: list[Any] | None) -> tuple[str, ...]:
    """What `near` found, each colleague in words; as Django gives it, or as the driver does."""
    people = [json.loads(one) if isinstance(one, str) else one for one in found or ()]
    return tuple(
        says(
            f"{one['rank']} {one['name']}".strip(),
            datetime.fromisoformat(one["writing_at"]) if one["writing_at"] else None,
        )
        for one in people
    )
