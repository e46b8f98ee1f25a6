"""Searching what the public wrote, within scope: the newest first, in bounded time, and honest about its bounds.

Rare words are looked up in the index of words (GIN). Common ones stand in so many comments that the newest are
found sooner by walking back through time, ROWS_LOOKED_AT at most; an answer that ended there says how far it came.
Which way is taken follows from how often Postgres has seen the words (its statistics, by EXPLAIN); where these are
wrong, the look-up ends after LOOK_UP_WITHIN_MS and the walk follows. Words are matched by their stems in English; what
stands in quotation marks must stand in the comment exactly so, but for capitals.
Source: docs/decisions/0028-queue-and-search.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models.functions import Upper
from psycopg2.errors import QueryCanceled

from core import clock
from moderation.models import Comment, Commenter
from moderation.queries import places_in_sight, scope
from staff.models import StaffMember

PAGE = 50
ROWS_LOOKED_AT = 20_000
"""Comments that one page of a walk looks at, of whatever official account."""
RARE = 15_000
"""Words that stand in no more comments than this are looked up in the index."""
LOOK_UP_WITHIN_MS = 120
LONGEST = 300
FEW_ACCOUNTS = 3
"""Somebody with so few official accounts has these walked, and not everybody's."""

_ASKED = re.compile(r'"([^"]*)"?|(\S+)')
_STATES = {"open": "open", "decided": "decided", "ours": "written by us"}


@dataclass(frozen=True)
class Wanted:
    """What is searched for. Times are instants; `since` belongs to the span, `until` does not."""

    words: str = ""
    phrases: tuple[str, ...] = ()
    handle: str = ""
    since: datetime | None = None
    until: datetime | None = None
    account: int | None = None
    category: str = ""
    state: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether anything but words is asked."""
        return bool(self.since or self.until or self.account or self.category or self.state)

    @property
    def anything(self) -> bool:
        return bool(self.words or self.phrases or self.narrowed)


@dataclass(frozen=True)
class Answer:
    """What was found, the newest first."""

    found: list[Comment] = field(default_factory=list)
    onwards: str = ""
    """Where the next page begins; empty where there is nothing more."""
    looked_back_to: datetime | None = None
    """Where the search ended before everything was looked at: when the oldest comment that it saw came."""
    way: str = ""
    """"index" or "walk", for the measurement."""


def read(text: str) -> tuple[str, tuple[str, ...], str]:
    """Words, exact phrases and a person's handle ("@jo") in what somebody typed."""
    words, phrases, handle = [], [], ""
    for quoted, word in _ASKED.findall(text[:LONGEST].replace("\x00", "")):
        if word.startswith("@") and len(word) > 1 and not handle:
            handle = word[1:]
        elif word:
            words.append(word)
        elif phrase := " ".join(quoted.split()):
            phrases.append(phrase)
    return " ".join(words), tuple(phrases), handle


def commenters(viewer: StaffMember, handle: str) -> list[Commenter]:
    """People of that very handle who wrote to official accounts of the viewer's; capitals do not matter."""
    named = list(
        Commenter.objects.annotate(called=Upper("handle"))
        .filter(called__in={handle.upper(), f"@{handle.upper()}"})
        .order_by("platform", "id")[:50]
    )
    ids = scope(viewer)
    wrote = set(
        Comment.objects.filter(
            commenter__in=named, official_account_id__in=ids, state__in=["open", "decided"]
        )
        .values_list("commenter_id", flat=True)
        .distinct()
    )
    return [one for one in named if one.pk in wrote]


def search(viewer: StaffMember, wanted: Wanted, *, onwards: str = "") -> Answer:
    """One page of what the viewer may see and asked for; a place that cannot be read begins anew."""
    ids = scope(viewer)
    if wanted.account is not None:
        ids = [pk for pk in ids if pk == wanted.account]
    near = [] if wanted.account is not None else places_in_sight(viewer)
    if (not ids and not near) or not wanted.anything:
        return Answer()
    asked = _Asked(ids, near, wanted, _place(onwards))
    if asked.tsquery and asked.seen_in() <= RARE:
        found = asked.by_index()
        if found is not None:
            return _answer(found, "index")
    found, ended_at = asked.by_walk()
    return _answer(found, "walk", ended_at)


def _answer(
    found: list[tuple[int, datetime]], way: str, ended_at: tuple[datetime, int] | None = None
) -> Answer:
    page = found[:PAGE]
    comments = Comment.objects.select_related("official_account", "commenter", "claimed_by").in_bulk(
        [pk for pk, _ in page]
    )
    comments = {pk: one for pk, one in comments.items() if one.state != Comment.State.RESTRICTED}
    if len(found) > PAGE:
        pk, received_at = page[-1]
        onwards, ended_at = _mark(received_at, pk), None
    else:
        onwards = _mark(*ended_at) if ended_at else ""
    return Answer(
        [comments[pk] for pk, _ in page if pk in comments],
        onwards,
        ended_at[0] if ended_at else None,
        way,
    )


class _Asked:
    """One search, as SQL."""

    def __init__(
        self, ids: Sequence[int], near: Sequence[int], wanted: Wanted, before: tuple[datetime, int] | None
    ) -> None:
        self.ids, self.near, self.wanted, self.before = list(ids), list(near), wanted, before
        self.tsquery = self._tsquery()

    def _tsquery(self) -> str:
        """The words as Postgres looks for them; empty where they are all too common to be kept ("who is he")."""
        text = " ".join([self.wanted.words, *self.wanted.phrases])
        if not text.strip():
            return ""
        with connection.cursor() as cursor:
            cursor.execute("SELECT plainto_tsquery('english', %s)::text", [text])
            return str(cursor.fetchone()[0])

    def seen_in(self) -> float:
        """In how many comments Postgres expects them, from what it knows of the words; asks nothing of the table."""
        with connection.cursor() as cursor:
            cursor.execute(
                "EXPLAIN (FORMAT JSON) SELECT 1 FROM moderation_commentwords WHERE words @@ %s::tsquery",
                [self.tsquery],
            )
            plan: Any = cursor.fetchone()[0]
        plan = json.loads(plan) if isinstance(plan, str) else plan
        return float(plan[0]["Plan"]["Plan Rows"])

    def by_index(self) -> list[tuple[int, datetime]] | None:
        """Every comment with the words, then the newest of them; None where that takes too long."""
        # Materialised: the planner would otherwise walk through time for a word that it takes for common.
        sql = f"""
            WITH hit AS MATERIALIZED (
                SELECT comment_id, official_account_id, received_at
                FROM moderation_commentwords WHERE words @@ %s::tsquery
            )
            SELECT w.comment_id, w.received_at FROM hit w {self._join()}
            WHERE {self._where()[0]} ORDER BY w.received_at DESC, w.comment_id DESC LIMIT {PAGE + 1}
        """  # noqa: S608 # nosec B608 - our own words; every value is a parameter
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = %s", [LOOK_UP_WITHIN_MS])
                cursor.execute(sql, [self.tsquery, *self._where()[1]])
                found = cursor.fetchall()
                cursor.execute("SET LOCAL statement_timeout = DEFAULT")
                return found
        except OperationalError as fault:
            if not isinstance(fault.__cause__, QueryCanceled):
                raise
            return None

    def by_walk(self) -> tuple[list[tuple[int, datetime]], tuple[datetime, int] | None]:
        """Back through time until the page is full or enough was looked at; where it ended, if before the end."""
        span, given = self._span()
        few = len(self.ids) <= FEW_ACCOUNTS and not self.near
        accounts, whose = ("", []) if not few else ("w.official_account_id = ANY(%s) AND ", [self.ids])
        newest = "ORDER BY w.received_at DESC, w.comment_id DESC"
        looked_at = f"FROM moderation_commentwords w WHERE {accounts}{span} {newest}"
        matches, also = ("w.words @@ %s::tsquery AND ", [self.tsquery]) if self.tsquery else ("", [])
        where, filters = self._where()
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT w.comment_id, w.received_at FROM (SELECT w.* {looked_at} LIMIT {ROWS_LOOKED_AT}) w "  # noqa: S608 # nosec B608
                f"{self._join()} WHERE {matches}{where} {newest} LIMIT {PAGE + 1}",
                [*whose, *given, *also, *filters],
            )
            found = cursor.fetchall()
            if len(found) > PAGE:
                return found, None
            cursor.execute(
                f"SELECT w.received_at, w.comment_id {looked_at} OFFSET {ROWS_LOOKED_AT - 1} LIMIT 1",
                [*whose, *given],
            )
            last = cursor.fetchone()
        return found, (last[0], last[1]) if last else None

    def _span(self) -> tuple[str, list[Any]]:
        parts: list[str] = ["TRUE"]
        given: list[Any] = []
        if self.before is not None:
            parts.append("(w.received_at, w.comment_id) < (%s, %s)")
            given += self.before
        if self.wanted.until is not None:
            parts.append("w.received_at < %s")
            given.append(self.wanted.until)
        if self.wanted.since is not None:
            parts.append("w.received_at >= %s")
            given.append(self.wanted.since)
        return " AND ".join(parts), given

    def _join(self) -> str:
        """The comment itself is asked only where something is asked that the words do not know."""
        wanted = self.wanted
        needed = wanted.phrases or wanted.category or wanted.state or self.near
        return "JOIN moderation_comment c ON c.id = w.comment_id" if needed else ""

    def _where(self) -> tuple[str, list[Any]]:
        span, given = self._span()
        parts = [span]
        if self.near:
            parts.append(
                "(w.official_account_id = ANY(%s) OR (NOT c.private AND c.named_places && %s::bigint[]))"
            )
            given += [self.ids, self.near]
        else:
            parts.append("w.official_account_id = ANY(%s)")
            given.append(self.ids)
        for phrase in self.wanted.phrases:
            parts.append("strpos(lower(c.text), lower(%s)) > 0")
            given.append(phrase)
        if self.wanted.category:
            parts.append("c.category = %s")
            given.append(self.wanted.category)
        if self.wanted.state:
            parts.append("c.state = %s")
            given.append(self.wanted.state)
        return " AND ".join(parts), given


def _mark(received_at: datetime, pk: int) -> str:
    return f"{received_at.isoformat()}_{pk}"


def _place(text: str) -> tuple[datetime, int] | None:
    at, _, pk = text.rpartition("_")
    if len(text) > 60 or not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return None
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    if moment.tzinfo is None or not 2000 <= moment.year <= 2200:
        return None
    return moment, int(pk)


def excerpt(text: str, wanted: Wanted, around: int = 90) -> str:
    """The part of a comment in which the first word or phrase stands; its beginning where none is found so."""
    flat = " ".join(text.split())
    low = flat.lower()
    first = [low.find(part.lower()) for part in [*wanted.phrases, *wanted.words.split()]]
    at = min((place for place in first if place >= 0), default=0)
    if at <= around:
        return flat[: 2 * around + 40]
    return "…" + flat[at - around : at + around + 40]


def states() -> dict[str, str]:
    """By what a search may be narrowed."""
    return dict(_STATES)


def days(since: date | None, until: date | None) -> tuple[datetime | None, datetime | None]:
    """London dates, both belonging to the span, as instants."""

    def midnight(day: date) -> datetime:
        return clock.midnight(day).astimezone(UTC)

    return midnight(since) if since else None, midnight(until + timedelta(days=1)) if until else None
