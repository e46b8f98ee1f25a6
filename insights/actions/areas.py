"""What neighbourhoods raise, kept as numbers by the day: a projection of comments, without words and without people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from core.acting import action
from core.actors import Actor
from insights.models import AreaDay, AreaMood, RollupState
from insights.sentiment import Sound


@action
def keep_days(*, actor: Actor, first: date, last: date, counts: Mapping[tuple[int, date, str], int]) -> int:
    """The numbers of these days stand as the comments say; what is no more is 0. Answers how many changed.

    counts: (neighbourhood, day, category) -> comments.
    """
    known = {
        (area, day, category): number
        for area, day, category, number in AreaDay.objects.filter(day__gte=first, day__lte=last).values_list(
            "neighbourhood_id", "day", "category", "comments"
        )
    }
    wanted = dict.fromkeys(known, 0) | dict(counts)
    changed = [
        AreaDay(neighbourhood_id=area, day=day, category=category, comments=number)
        for (area, day, category), number in sorted(wanted.items())
        if known.get((area, day, category)) != number
    ]
    AreaDay.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["neighbourhood", "day", "category"],
        update_fields=["comments"],
    )
    RollupState.objects.update_or_create(pk=1, defaults={"areas_on": last})
    return len(changed)


@action
def keep_moods(*, actor: Actor, day: date, moods: Mapping[int, Mapping[str, int]]) -> None:
    """How a day sounded, area by area. A second time changes nothing but the numbers."""
    AreaMood.objects.bulk_create(
        [
            AreaMood(
                neighbourhood_id=area,
                day=day,
                pleased=mood.get(Sound.PLEASED, 0),
                neutral=mood.get(Sound.NEUTRAL, 0),
                displeased=mood.get(Sound.DISPLEASED, 0),
            )
            for area, mood in sorted(moods.items())
        ],
        update_conflicts=True,
        unique_fields=["neighbourhood", "day"],
        update_fields=["pleased", "neutral", "displeased"],
    )
