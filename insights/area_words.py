"""Whose words a page of an area reads: the newest of each official account, found account by account.

One order over all official accounts would have Postgres sort what came in a month, of which a page shows a few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from accounts.models import Neighbourhood, OfficialAccount
from insights import counting
from moderation.alike import said_once
from moderation.models import Comment, Place

USUAL_DAYS = timedelta(days=62)
"""How far back before a month is read what it is compared with."""
OLDER_READ = 12
"""Comments of a category that are read for examples where the newest of all hold too little of it."""
AT_LEAST_EACH = 50
"""Comments of one official account that are read for the comparison, at least; of a few, more."""
_PUBLIC = "c.category = ANY(%(categories)s) AND c.state NOT IN ('ours', 'withheld') AND NOT c.private"
_SEEN = f"""
    {_PUBLIC} AND c.removed_at IS NULL AND c.hidden_at IS NULL AND c.held_why = '' AND c.text <> ''
    AND c.received_at >= %(begins)s AND c.received_at < %(ends)s
"""
_ELSEWHERE = """
    c.named_places && %(places)s::bigint[] AND c.named_places IS NOT NULL
    AND c.official_account_id = ANY(%(ids)s) AND NOT c.official_account_id = ANY(%(own)s)
"""
_HERE = f"""
    WITH own AS (
        SELECT n.* FROM unnest(%(own)s::bigint[]) a(id) CROSS JOIN LATERAL (
            SELECT c.id, c.commenter_id, c.category, c.text, c.received_at FROM moderation_comment c
            WHERE c.official_account_id = a.id AND {_SEEN} ORDER BY c.received_at DESC LIMIT %(most)s
        ) n
    ), elsewhere AS (
        SELECT c.id, c.commenter_id, c.category, c.text, c.received_at FROM moderation_comment c
        WHERE {_ELSEWHERE} AND {_SEEN} ORDER BY c.received_at DESC LIMIT %(most)s
    )
    SELECT b.id, b.category, b.commenter_id, b.text FROM (SELECT * FROM own UNION ALL SELECT * FROM elsewhere) b
    ORDER BY b.received_at DESC, b.id DESC LIMIT %(most)s
"""  # noqa: S608  # nosec B608
_OF_EACH = f"""
    WITH here AS (
        SELECT c.id, c.category, c.commenter_id, c.text, c.received_at FROM moderation_comment c
        WHERE c.official_account_id = ANY(%(own)s) AND {_SEEN}
        UNION ALL
        SELECT c.id, c.category, c.commenter_id, c.text, c.received_at FROM moderation_comment c
        WHERE {_ELSEWHERE} AND {_SEEN}
    )
    SELECT r.id, r.category, r.commenter_id, r.text FROM (
        SELECT h.*, row_number() OVER (PARTITION BY h.category ORDER BY h.received_at DESC, h.id DESC) AS place FROM here h
    ) r WHERE r.place <= %(most)s ORDER BY r.category, r.place
"""  # noqa: S608  # nosec B608
_USUAL = f"""
    SELECT n.commenter_id, n.text FROM unnest(%(ids)s::bigint[]) a(id) CROSS JOIN LATERAL (
        SELECT c.commenter_id, c.text, c.received_at FROM moderation_comment c
        WHERE c.official_account_id = a.id AND {_PUBLIC}
            AND c.received_at >= %(usual_since)s
            AND c.received_at < CASE WHEN a.id = ANY(%(own)s) THEN %(begins)s::timestamptz ELSE 'infinity' END
        ORDER BY c.received_at DESC LIMIT %(each)s
    ) n
    ORDER BY n.received_at DESC LIMIT %(most)s
"""  # noqa: S608  # nosec B608


@dataclass(frozen=True)
class Within:
    """An area and its days, as somebody sees it: what every question here is asked about."""

    ids: list[int]
    """The official accounts that the viewer may see, exercises left out but in a demonstration."""
    own: list[int]
    """Those of them that are the area's."""
    places: list[int]
    begins: datetime
    ends: datetime


def within(
    place: Neighbourhood, ids: Sequence[int], first: date, last: date, *, own: Sequence[int]
) -> Within:
    """ids: the official accounts that the viewer may see; own: the area's."""
    seen = _counted(ids)
    begins, ends = counting.bounds(first, last)
    places = list(Place.objects.filter(neighbourhood=place).values_list("pk", flat=True))
    return Within(seen, sorted(set(own) & set(seen)), places, begins, ends)


class Words(NamedTuple):
    """A public comment, as far as its words are read."""

    comment_id: int
    category: str
    author: int
    text: str


def newest(area: Within, categories: Sequence[str], most: int) -> list[Words]:
    """Public comments that count for the area, the newest first, so many at most.

    What is hidden, held back, gone or of our own is not among them.
    """
    return [Words(*row) for row in _rows(_HERE, area, categories, most)]


def examples(
    area: Within, categories: Sequence[str], read: Sequence[Words], each: int
) -> dict[str, list[Comment]]:
    """Category -> the newest comments that say different things, with their official accounts, so many at most.

    read: the newest of all. Only of a category of which these hold too little are older ones looked for.
    """
    chosen = {category: _different(read, category, each) for category in categories}
    rare = [category for category, found in chosen.items() if len(found) < each]
    if rare:
        older = [Words(*row) for row in _rows(_OF_EACH, area, rare, OLDER_READ)]
        chosen |= {category: _different(older, category, each) for category in rare}
    wanted = [one.comment_id for found in chosen.values() for one in found]
    rows = Comment.objects.select_related("official_account").in_bulk(wanted)
    return {
        category: [rows[one.comment_id] for one in found if one.comment_id in rows]
        for category, found in chosen.items()
    }


def _different(words: Sequence[Words], category: str, most: int) -> list[Words]:
    return said_once((one for one in words if one.category == category), lambda one: one.text)[:most]


def usual(area: Within, categories: Sequence[str], most: int) -> list[tuple[int, str]]:
    """(author, words) of what people write else: elsewhere from two months before on, to the area only before."""
    each = max(AT_LEAST_EACH, 4 * most // max(len(area.ids), 1))
    return _rows(_USUAL, area, categories, most, each=each, usual_since=area.begins - USUAL_DAYS)


def _counted(ids: Sequence[int]) -> list[int]:
    """Exercises left out but in a demonstration."""
    if settings.DEMO:
        return sorted(ids)
    found = OfficialAccount.objects.filter(pk__in=ids, exercise=False)
    return list(found.order_by("pk").values_list("pk", flat=True))


def _rows(sql: str, area: Within, categories: Sequence[str], most: int, **more: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {**vars(area), "categories": list(categories), "most": most, **more})
        return cursor.fetchall()
