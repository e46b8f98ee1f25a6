"""What a change of the schedule would do, counted from the records as they are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from django.db import connection

from retention import periods, registry, sql
from retention.models.schedule import Outcome, Rule, ScheduleRow

FAR = "infinity"


@dataclass(frozen=True)
class Effect:
    """How many records of a class a change touches. All zero where it is not disposed of here."""

    stored: int = 0
    """Records whose period has begun."""
    earlier: int = 0
    """Of these, how many would fall due earlier than now."""
    later: int = 0
    at_once: int = 0
    """How many would be due on the day it counts from, which would not be due under the live schedule."""
    spared: int = 0
    """How many would be due on that day under the live schedule and not under the new one."""
    on: str = ""

    def as_data(self) -> dict:
        return asdict(self)


def effect(row: ScheduleRow, rule: Rule, *, on: date) -> Effect:
    """What it would do if `rule` took the place of the live row on a day."""
    one = registry.disposable().get(row.slug)
    if one is None or one.subject is None:
        return Effect(on=on.isoformat())
    was, new = periods.kept_from(row, on), periods.kept_from(rule, on)
    # Conditions come from the rooms' own records; instants are parameters.
    begun = sql.begun(one, "r", "{began} < %(far)s")
    before_was, before_new = (sql.begun(one, "r", f"{{began}} < %({name})s") for name in ("was", "new"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), count(*) FILTER (WHERE {before_new} AND NOT {before_was}), "  # noqa: S608 # nosec B608
            f"count(*) FILTER (WHERE {before_was} AND NOT {before_new}) "
            f"FROM {one.subject.table} r WHERE {sql.in_class(one)} AND {begun}",
            {"far": FAR, "was": was, "new": new},
        )
        stored, at_once, spared = cursor.fetchone()
    goes = rule.outcome == Outcome.DISPOSE
    return Effect(
        stored=stored,
        earlier=stored if new > was else 0,
        later=stored if new < was else 0,
        at_once=at_once if goes or rule.outcome == row.outcome else 0,
        spared=spared,
        on=on.isoformat(),
    )
