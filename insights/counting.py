"""The work behind what neighbourhoods raise beside what is written to their own official accounts. Safe to run twice.

What is written to an official account of a neighbourhood is counted with all other figures (insights.rollups). Here
are counted comments on others that name a place of it (the gazetteer, moderation.places), by London day and category.
Nothing of where a person lives is read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from accounts.models import Neighbourhood
from core import clock
from core.actors import System
from insights import sentiment
from insights.actions import areas as actions
from insights.models import AreaMood, CommentDay, RollupState
from moderation.models import Comment, Place
from moderation.triage.encoder import EncoderMissing

AREAS = System("areas")
BACK_DAYS = 400
"""So many days are counted when nothing has been counted yet: as far as the pages of areas look back."""
MOOD_BACK_DAYS = 35
MOODS_AT_ONCE = 3
"""Days whose sound is read in one run."""
READ_EACH = 200
"""Comments of one area and day whose sound is read, the newest."""


def count() -> int:
    """Today and yesterday are counted anew, and what was never counted. Answers how many numbers changed."""
    today = clock.today()
    last = RollupState.objects.filter(pk=1).values_list("areas_on", flat=True).first()
    begins = today - timedelta(days=BACK_DAYS) if last is None else min(last, today - timedelta(days=1))
    begins = max(begins, today - timedelta(days=BACK_DAYS))
    return actions.keep_days(actor=AREAS, first=begins, last=today, counts=named_elsewhere(begins, today))


_NAMED = """
    SELECT p.neighbourhood_id, x.day, c.category, count(DISTINCT c.id)
    FROM moderation_comment c
    CROSS JOIN LATERAL (SELECT (c.received_at AT TIME ZONE 'Europe/London')::date AS day) x
    JOIN accounts_officialaccount a ON a.id = c.official_account_id
    JOIN moderation_place p ON p.id = ANY(c.named_places)
    LEFT JOIN insights_placement w ON w.official_account_id = a.id AND x.day >= w.since
        AND (w.until IS NULL OR x.day < w.until)
    WHERE c.named_places IS NOT NULL AND c.state <> 'ours' AND c.received_at >= %(begins)s AND c.received_at < %(ends)s
        AND (NOT a.exercise OR %(exercises)s)
        AND p.neighbourhood_id IS DISTINCT FROM CASE WHEN w.id IS NULL THEN a.neighbourhood_id ELSE w.neighbourhood_id END
    GROUP BY 1, 2, 3
"""


def named_elsewhere(first: date, last: date) -> dict[tuple[int, date, str], int]:
    """(neighbourhood, London day, category) -> comments on official accounts of no or another neighbourhood that name it."""
    begins, ends = bounds(first, last)
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, {"begins": begins, "ends": ends, "exercises": bool(settings.DEMO)})
        return {(area, day, category): number for area, day, category, number in cursor.fetchall()}


def read_moods() -> int:
    """How the days before today sounded, each read once. Answers how many days were read."""
    today = clock.today()
    read = set(AreaMood.objects.filter(day__lt=today).values_list("day", flat=True))
    known = set(CommentDay.objects.filter(day__lt=today).values_list("day", flat=True).distinct())
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
