"""Filters and sorting of the directory as safe questions to our own tables.

The parser and its checks are scim2-models' (RFC 7644 3.4.2.2). Only the attributes listed here become
columns; anything else is refused as invalidFilter. Values only ever travel as parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Lower
from django.utils.dateparse import parse_datetime
from scim2_models import InvalidFilterException
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)

from core import clock
from staff.models import Membership
from staff.scim.known import WORK, known_members
from staff.scim.resources import GROUP_SCHEMA, USER_SCHEMA

LONGEST = 2000
"""Characters of a filter."""
MOST_TERMS = 100

_LOOKUPS = {
    CompareOperator.eq: "exact",
    CompareOperator.co: "contains",
    CompareOperator.sw: "startswith",
    CompareOperator.ew: "endswith",
    CompareOperator.gt: "gt",
    CompareOperator.ge: "gte",
    CompareOperator.lt: "lt",
    CompareOperator.le: "lte",
}


@dataclass(frozen=True)
class Column:
    """A column of the annotated rows that an attribute reads from.

    kind: text (any case), exact (text as it stands), truth, time, work (always "work" where `field` is
    filled), places (membership rows).
    """

    field: str
    kind: str = "text"


PEOPLE: dict[str, Column] = {
    "id": Column("scim_id", "exact"),
    "externalid": Column("scim_external_id", "exact"),
    "username": Column("scim_user_name"),
    "displayname": Column("scim_name"),
    "title": Column("scim_rank"),
    "active": Column("active", "truth"),
    "emails": Column("scim_email"),
    "emails.value": Column("scim_email"),
    "emails.type": Column("scim_email", "work"),
    "phonenumbers": Column("scim_phone"),
    "phonenumbers.value": Column("scim_phone"),
    "phonenumbers.type": Column("scim_phone", "work"),
    "groups": Column("team", "places"),
    "groups.value": Column("team", "places"),
    "meta.created": Column("joined_at", "time"),
    "meta.lastmodified": Column("scim_changed_at", "time"),
}
GROUPS: dict[str, Column] = {
    "id": Column("scim_id", "exact"),
    "externalid": Column("scim_external_id", "exact"),
    "displayname": Column("scim_name"),
    "members": Column("member", "places"),
    "members.value": Column("member", "places"),
    "meta.created": Column("directory__added_at", "time"),
    "meta.lastmodified": Column("directory__changed_at", "time"),
}


def with_columns(rows: QuerySet, columns: Mapping[str, Column]) -> QuerySet:
    """The rows with the columns that filters and sorting name."""
    rows = rows.annotate(
        scim_id=Cast("pk", CharField()),
        scim_external_id=Coalesce("directory__external_id", Value("")),
        scim_name=Lower("name"),
    )
    if columns is PEOPLE:
        rows = rows.annotate(
            scim_user_name=Lower(Coalesce("directory__user_name", "email", output_field=CharField())),
            scim_rank=Lower("rank"),
            scim_email=Lower("email"),
            scim_phone=Lower("phone"),
            scim_changed_at=Coalesce("directory__changed_at", "joined_at"),
        )
    return rows


def condition(node: FilterNode, columns: Mapping[str, Column]) -> Q:
    """A parsed filter as a condition on rows of `with_columns`. Raises InvalidFilterException."""
    return _Conditions(columns).visit(node)


def order(path: str, columns: Mapping[str, Column], *, descending: bool) -> list[Any]:
    """How rows of `with_columns` are ordered by an attribute; by id where it is not one to sort by."""
    column = columns.get(_bare(path).lower())
    if column is None or column.kind in {"places", "work"}:
        return ["pk"]
    by = F(column.field)
    return [by.desc(nulls_first=True) if descending else by.asc(nulls_last=True), "pk"]


def _bare(path: str) -> str:
    for schema in (USER_SCHEMA, GROUP_SCHEMA):
        if path.lower().startswith(f"{schema.lower()}:"):
            return path[len(schema) + 1 :]
    return path


class _Conditions(FilterVisitor[Q]):
    def __init__(self, columns: Mapping[str, Column], prefix: str = "") -> None:
        self.columns = columns
        self.prefix = prefix
        self.terms = 0

    def _column(self, path: AttrPath) -> Column:
        self.terms += 1
        if self.terms > MOST_TERMS:
            raise InvalidFilterException(detail=f"A filter has at most {MOST_TERMS} terms.")
        name = _bare(str(path)).lower()
        column = self.columns.get(f"{self.prefix}.{name}" if self.prefix else name)
        if column is None:
            raise InvalidFilterException(detail=f"People and groups cannot be filtered by {path}.")
        return column

    def visit_comparison(self, node: Comparison) -> Q:
        column, value, op = self._column(node.attr_path), node.value, node.op
        if value is None:
            if op not in {CompareOperator.eq, CompareOperator.ne}:
                raise InvalidFilterException(detail="Null is compared with eq and ne alone.")
            absent = ~self._present(column)
            return absent if op == CompareOperator.eq else ~absent
        if column.kind == "truth":
            return Q(**{column.field: value}) if op == CompareOperator.eq else ~Q(**{column.field: value})
        if column.kind == "time":
            return self._time(column, op, value)
        if column.kind == "places":
            return self._places(column, op, value)
        if column.kind == "work":
            return self._work(column, op, value)
        text = str(value)
        if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise InvalidFilterException(detail="A value holds a character that no text has.")
        text = text if column.kind == "exact" else text.lower()
        if op == CompareOperator.ne:
            return ~Q(**{column.field: text})
        return Q(**{f"{column.field}__{_LOOKUPS[op]}": text})

    @staticmethod
    def _time(column: Column, op: CompareOperator, value: Any) -> Q:
        try:
            instant = parse_datetime(value) if isinstance(value, str) else value
            if isinstance(instant, datetime) and instant.tzinfo is not None:
                instant = instant.astimezone(UTC)
        except (ValueError, OverflowError):
            instant = None
        if not isinstance(instant, datetime) or instant.tzinfo is None or op not in _LOOKUPS.keys() | {"ne"}:
            raise InvalidFilterException(detail="Give a time with its zone, such as 2026-11-28T15:00:00Z.")
        if op == CompareOperator.ne:
            return ~Q(**{column.field: instant})
        if op in {CompareOperator.co, CompareOperator.sw, CompareOperator.ew}:
            raise InvalidFilterException(detail="Times are compared, not searched.")
        return Q(**{f"{column.field}__{_LOOKUPS[op]}": instant})

    @staticmethod
    def _places(column: Column, op: CompareOperator, value: Any) -> Q:
        if op not in {CompareOperator.eq, CompareOperator.ne}:
            raise InvalidFilterException(detail="Members and groups are compared with eq and ne alone.")
        text = str(value)
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            found = _nothing()
        else:
            found = Q(_place(column, int(text)))
        return found if op == CompareOperator.eq else ~found

    def _work(self, column: Column, op: CompareOperator, value: Any) -> Q:
        """The type is work wherever there is a value at all."""
        text = str(value).lower()
        holds = {
            CompareOperator.ne: text != WORK,
            CompareOperator.co: text in WORK,
            CompareOperator.sw: WORK.startswith(text),
            CompareOperator.ew: WORK.endswith(text),
            CompareOperator.gt: text < WORK,
            CompareOperator.ge: text <= WORK,
            CompareOperator.lt: text > WORK,
            CompareOperator.le: text >= WORK,
        }.get(op, text == WORK)
        return self._present(column) if holds else _nothing()

    @staticmethod
    def _present(column: Column) -> Q:
        if column.kind in {"truth", "time"}:
            return Q(**{f"{column.field}__isnull": False})
        if column.kind == "places":
            return Q(_place(column))
        return ~Q(**{column.field: ""})

    def visit_present(self, node: Present) -> Q:
        return self._present(self._column(node.attr_path))

    def visit_not(self, node: Not) -> Q:
        return ~self.visit(node.expr)

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        found = self.visit(node.terms[0])
        for term in node.terms[1:]:
            more = self.visit(term)
            found = found & more if node.op == LogicalOperator.and_ else found | more
        return found

    def visit_value_path(self, node: ValuePath) -> Q:
        inner = _Conditions(self.columns, _bare(str(node.attr_path)).lower())
        inner.terms = self.terms
        found = inner.visit(node.val_filter)
        self.terms = inner.terms
        return found


def _nothing() -> Q:
    return Q(pk__in=[])


def _place(column: Column, pk: int | None = None) -> Exists:
    """A live place in a team that the directory keeps: of the person, or in the team, at hand."""
    at = clock.now()
    mine = "member" if column.field == "team" else "team"
    places = Membership.objects.filter(
        **{mine: OuterRef("pk")},
        since__lte=at,
        team__directory__isnull=False,
        team__directory__removed_at=None,
    ).filter(Q(until=None) | Q(until__gt=at), known_members())
    if pk is not None:
        places = places.filter(**{f"{column.field}_id": pk})
    return Exists(places)
