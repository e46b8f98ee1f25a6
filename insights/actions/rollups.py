"""Counting anew: what changed since the last time, all of it, or to compare. Counts alone, so nothing of it is audited.

One at a time: whoever comes second leaves at once, and a second scheduler changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from accounts.models import OfficialAccount
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import TakenBySomeoneElse
from insights import rollups
from insights.models import Placement, RollupState, Touched

FIGURES = System("figures")
LOCK = 0x4649_4753
"""Advisory lock key ("FIGS" in ASCII)."""
MOST_PAIRS = 60_000
"""From so many hours on that changed, counting all anew costs less."""
APART = timedelta(days=2)
MOST_GROUPS = 40
"""Hours further apart than that are counted by themselves, so many groups of them at most."""
BEFORE_ANYTHING = date(2000, 1, 1)
"""From when on an official account is taken to have been where it was first seen."""


@dataclass(frozen=True)
class Counted:
    """What a refresh or rebuild did."""

    hours: int
    """Pairs of official account and hour whose comments were counted anew; all of them for a rebuild."""
    whole: bool


@dataclass(frozen=True)
class Checked:
    """What the self-check found: rows that are not what the facts say, and the first of them."""

    rows: int
    differing: int
    examples: list[str]


@action
def refresh(*, actor: Actor = FIGURES) -> Counted | None:
    """The figures take in what came, changed or went since the last time. None while somebody else counts.

    Safe to run twice. Each hour that changed is counted whole from the facts, so that late decisions, changed
    categories and moved comments all come out right; what was disposed of stays counted (`gone`).
    """
    with _alone() as mine:
        if not mine:
            return None
        _place(clock.today())
        if RollupState.objects.filter(pk=1, rebuilt_at__isnull=False).exists():
            pairs, hours = _taken()
            if len(pairs) + len(hours) <= MOST_PAIRS:
                _count(pairs, hours)
                RollupState.objects.filter(pk=1).update(refreshed_at=clock.now())
                return Counted(len(pairs), whole=False)
        return Counted(_count_all(), whole=True)


@action
def rebuild(*, actor: Actor = FIGURES) -> Counted:
    """Every figure is counted anew from the facts, and what was disposed of is added as it was kept.

    Raises TakenBySomeoneElse while somebody else counts.
    """
    with _alone() as mine:
        if not mine:
            raise TakenBySomeoneElse("The figures are being counted already. Try again in a minute.")
        _place(clock.today())
        return Counted(_count_all(), whole=True)


def check(*, actor: Actor = FIGURES) -> Checked:
    """Count everything beside what is kept and compare, to the last digit. What is waiting is taken in first.

    Raises TakenBySomeoneElse while somebody else counts. Nothing is repaired: `rebuild` does that.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            # One moment for all that follows, whatever the desk does meanwhile.
            _run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with _alone() as mine:
            if not mine:
                raise TakenBySomeoneElse("The figures are being counted already. Try again in a minute.")
            return _compare()


@contextmanager
def _alone() -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        yield bool(cursor.fetchone()[0])


def _run(sql: str, values: Mapping[str, Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


def _taken() -> tuple[set[tuple[int, datetime]], set[datetime]]:
    """What waits to be counted, taken away. Whatever is committed later leaves rows of its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH taken AS (DELETE FROM insights_touched RETURNING what, official_account_id, hour) "
            "SELECT DISTINCT what, official_account_id, hour FROM taken"
        )
        rows = cursor.fetchall()
    pairs = {(account, hour) for what, account, hour in rows if what == Touched.What.COMMENTS}
    return pairs, {hour for what, _, hour in rows if what == Touched.What.EVENTS}


@contextmanager
def _hour_by_hour() -> Iterator[None]:
    """Facts are found by their hours alone. Postgres takes a list of hours for a ninth of all there is, and would
    read every comment of years for those of two days.
    """
    others = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
    for way in others:
        _run(f"SET LOCAL {way} = off")
    try:
        yield
    finally:
        if not connection.needs_rollback:
            for way in others:
                _run(f"SET LOCAL {way} TO DEFAULT")


def _count(pairs: set[tuple[int, datetime]], hours: set[datetime]) -> None:
    with _hour_by_hour():
        _count_hours(pairs, hours)


def _count_hours(pairs: set[tuple[int, datetime]], hours: set[datetime]) -> None:
    if pairs:
        ordered = sorted(pairs)
        given: dict[str, Any] = {"accounts": [a for a, _ in ordered], "hours": [h for _, h in ordered]}
        _run(rollups.DROP_COMMENTS, given)
        _run(
            f"INSERT INTO insights_commenthour {rollups.COMMENT_COLUMNS} "  # nosec B608
            + rollups.COMMENTS_FROM_FACTS.format(among=rollups.OF_PAIRS),
            given,
        )
        days = sorted({(a, clock.in_london(h).date()) for a, h in ordered})
        given = {"accounts": [a for a, _ in days], "days": [d for _, d in days]}
        _run(rollups.DROP_COMMENT_DAYS, given)
        _run(rollups.COMMENT_DAYS.format(among=rollups.OF_DAYS), given)
        _run(rollups.DROP_COMMENT_TIMES, given)
        _run(rollups.COMMENT_TIMES.format(among=rollups.OF_DAYS), given)
    if hours:
        given = {"hours": sorted(hours)}
        _run(rollups.DROP_EVENTS, given)
        for together in _close_together(given["hours"]):
            _run(
                f"INSERT INTO insights_eventhour {rollups.EVENT_COLUMNS} "  # nosec B608
                + rollups.EVENTS_FROM_FACTS.format(where=rollups.OF_HOURS),
                {"hours": together, "begins": together[0], "ends": together[-1] + timedelta(hours=1)},
            )
        given = {"days": sorted({clock.in_london(h).date() for h in hours})}
        _run(rollups.DROP_EVENT_DAYS, given)
        _run(rollups.EVENT_DAYS.format(among=rollups.OF_DAYS_ALONE), given)


def _close_together(hours: list[datetime]) -> list[list[datetime]]:
    """Sorted hours in groups: one old hour among today's must not have the years between read."""
    groups: list[list[datetime]] = []
    for hour in hours:
        if groups and (hour - groups[-1][-1] <= APART or len(groups) == MOST_GROUPS):
            groups[-1].append(hour)
        else:
            groups.append([hour])
    return groups


def _count_all() -> int:
    _run("SET LOCAL work_mem = '128MB'")
    _run("DELETE FROM insights_touched")
    for table in ("commentday", "commenttime", "eventday"):
        _run(f"DELETE FROM insights_{table}")  # noqa: S608  # nosec B608
    for table in ("commenthour", "eventhour"):
        _run(f"DELETE FROM insights_{table} WHERE NOT gone")  # noqa: S608  # nosec B608
    counted = _run(
        f"INSERT INTO insights_commenthour {rollups.COMMENT_COLUMNS} "  # nosec B608
        + rollups.COMMENTS_FROM_FACTS.format(among="")
    )
    _run(
        f"INSERT INTO insights_eventhour {rollups.EVENT_COLUMNS} "  # nosec B608
        + rollups.EVENTS_FROM_FACTS.format(where="")
    )
    _run(rollups.COMMENT_DAYS.format(among=""))
    _run(rollups.COMMENT_TIMES.format(among=""))
    _run(rollups.EVENT_DAYS.format(among=""))
    now = clock.now()
    RollupState.objects.update_or_create(pk=1, defaults={"refreshed_at": now, "rebuilt_at": now})
    return counted


def _compare() -> Checked:
    pairs, hours = _taken()
    _count(pairs, hours)
    _run("SET LOCAL work_mem = '128MB'")
    rows = differing = 0
    examples: list[str] = []
    comment_days, comment_times, event_days = (
        f"SELECT{kept.format(among='').partition('SELECT')[2]}"
        for kept in (rollups.COMMENT_DAYS, rollups.COMMENT_TIMES, rollups.EVENT_DAYS)
    )
    kept_comments = rollups.COMMENT_COLUMNS.strip("()")
    kept_events = rollups.EVENT_COLUMNS.strip("()")
    day_comments = kept_comments.removeprefix("hour, ").replace(" gone,", "")
    times = day_comments.replace("day, ", "day, hour, ", 1).replace(" category, priority,", "")
    day_events = kept_events.removeprefix("hour, ").replace(" gone,", "")
    for name, columns, facts in (
        ("commenthour", f"{kept_comments}", rollups.COMMENTS_FROM_FACTS.format(among="")),
        ("eventhour", f"{kept_events}", rollups.EVENTS_FROM_FACTS.format(where="")),
        ("commentday", day_comments, comment_days),
        ("commenttime", times, comment_times),
        ("eventday", day_events, event_days),
    ):
        live = " WHERE NOT gone" if name.endswith("hour") else ""
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE insights_check ({columns}) ON COMMIT DROP AS {facts}")  # nosec B608
            cursor.execute("SELECT count(*) FROM insights_check")
            rows += cursor.fetchone()[0]
            # Whole rows as text: sums are numeric in one and integers in the other.
            cursor.execute(
                f"WITH kept AS (SELECT ({columns})::text AS row FROM insights_{name}{live}), "  # noqa: S608  # nosec B608
                "anew AS (SELECT c::text AS row FROM insights_check c) "
                "SELECT '-' || row FROM (SELECT row FROM kept EXCEPT ALL SELECT row FROM anew) a "
                "UNION ALL SELECT '+' || row FROM (SELECT row FROM anew EXCEPT ALL SELECT row FROM kept) b"
            )
            found = [row for (row,) in cursor.fetchall()]
            cursor.execute("DROP TABLE insights_check")
        differing += len(found)
        examples += [f"{name} {row}" for row in found[: 10 - len(examples)]]
    RollupState.objects.update_or_create(pk=1, defaults={"checked_at": clock.now(), "differing": differing})
    return Checked(rows, differing, examples)


def _place(today: date) -> None:
    """An official account that is in another neighbourhood than before: what it did stays where it was, until today."""
    now = dict(Placement.objects.filter(until=None).values_list("official_account_id", "neighbourhood_id"))
    for pk, neighbourhood in OfficialAccount.objects.values_list("pk", "neighbourhood_id"):
        if pk not in now:
            Placement.objects.create(
                official_account_id=pk, neighbourhood_id=neighbourhood, since=BEFORE_ANYTHING
            )
        elif now[pk] != neighbourhood:
            standing = Placement.objects.filter(official_account_id=pk, until=None)
            if not standing.filter(since=today).update(neighbourhood_id=neighbourhood):
                standing.update(until=today)
                Placement.objects.create(official_account_id=pk, neighbourhood_id=neighbourhood, since=today)
