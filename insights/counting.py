"""The work behind what neighbourhoods raise: comments counted by area, London day and category. Safe to run twice.

A comment counts for the neighbourhood of its official account, and for those whose places it names (the gazetteer,
moderation.places); where neither is known it counts for none. Nothing of where a person lives is read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import Neighbourhood
from core import clock
from core.actors import System
from insights import sentiment
from insights.actions import areas as actions
from insights.models import AreaDay, AreaMood
from moderation.models import Comment, Place
from moderation.triage.encoder import EncoderMissing

AREAS = System("areas")
BACK_DAYS = 62
"""So many days are counted when nothing has been counted yet."""
MOOD_BACK_DAYS = 35
MOODS_AT_ONCE = 3
"""Days whose sound is read in one run."""
READ_EACH = 200
"""Comments of one area and day whose sound is read, the newest."""


def count() -> int:
    """Today and yesterday are counted anew, and what was never counted. Answers how many numbers changed."""
    today = clock.today()
    last = AreaDay.objects.order_by("-day").values_list("day", flat=True).first()
    begins = today - timedelta(days=BACK_DAYS) if last is None else min(last, today - timedelta(days=1))
    begins = max(begins, today - timedelta(days=BACK_DAYS))
    changed, day = 0, begins
    while day <= today:
        changed += actions.keep_day(actor=AREAS, day=day, counts=counts_of(day))
        day += timedelta(days=1)
    return changed


def read_moods() -> int:
    """How the days before today sounded, each read once. Answers how many days were read."""
    today = clock.today()
    read = set(AreaMood.objects.filter(day__lt=today).values_list("day", flat=True))
    known = set(AreaDay.objects.filter(day__lt=today).values_list("day", flat=True))
    due = [
        day
        for back in range(1, MOOD_BACK_DAYS)
        if (day := today - timedelta(days=back)) in known and day not in read
    ]
    for day in due[:MOODS_AT_ONCE]:
        try:
            moods = _moods_of(day)
        except EncoderMissing:
            return 0
        actions.keep_moods(actor=AREAS, day=day, moods=moods)
    return len(due[:MOODS_AT_ONCE])


def counts_of(day: date) -> dict[tuple[int, str], int]:
    """(neighbourhood, category) -> comments of that day."""
    found: Counter[tuple[int, str]] = Counter()
    places = places_by_id()
    rows = on_day(day).values_list("official_account__neighbourhood_id", "category", "named_places")
    for own, category, named in rows.iterator(chunk_size=5_000):
        for area in areas_of(own, named, places):
            found[area, category] += 1
    return dict(found)


def areas_of(own: int | None, named: list[int] | None, places: dict[int, int]) -> set[int]:
    """The neighbourhoods for which a comment counts."""
    found = {places[pk] for pk in named or () if pk in places}
    return found | {own} if own is not None else found


def places_by_id() -> dict[int, int]:
    """Place -> its neighbourhood, withdrawn ones too, for the comments that named them."""
    return dict(Place.objects.values_list("pk", "neighbourhood_id"))


def on_day(day: date) -> QuerySet[Comment]:
    """Comments of the public that reached us on a London day, exercises left out but in a demonstration."""
    begins, ends = bounds(day, day)
    return of_the_public().filter(received_at__gte=begins, received_at__lt=ends)


def of_the_public() -> QuerySet[Comment]:
    """What counts: all that the public wrote and that is not withheld."""
    found = Comment.objects.exclude(state__in=[Comment.State.OURS, Comment.State.RESTRICTED])
    return found if settings.DEMO else found.filter(official_account__exercise=False)


def bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """From the beginning of a London day to the end of another; a day of 23 or 25 hours is as long as it is."""
    return clock.midnight(first), clock.midnight(last + timedelta(days=1))


def _moods_of(day: date) -> dict[int, Counter[str]]:
    places = places_by_id()
    texts: dict[int, list[str]] = defaultdict(list)
    rows = (
        on_day(day)
        .filter(private=False)
        .order_by("-received_at")
        .values_list("official_account__neighbourhood_id", "named_places", "text")
    )
    for own, named, text in rows.iterator(chunk_size=2_000):
        for area in areas_of(own, named, places):
            if len(texts[area]) < READ_EACH and text.strip():
                texts[area].append(text)
    counted = {pk: Counter(map(str, sentiment.sound(some))) for pk, some in texts.items()}
    # A day on which an area raised nothing is read too, so that it is not asked again.
    return {pk: counted.get(pk, Counter()) for pk in Neighbourhood.objects.values_list("pk", flat=True)}
