"""Queries that are asked thousands of times a minute: their SQL is made once, and only values change.

Django works a query out anew at each asking, which costs more than Postgres takes to answer a short one
(`manage.py bench outbox`). The query stays an ordinary queryset, read and tested as one. Postgres plans it anew at
each asking as well, which for the longer ones costs several times the answer: it is told to keep the plan
(PREPARE) from the second asking on, for as long as the connection lasts.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=Model)
Asked = tuple[str, list[Any]]
"""A statement with a %s for each of its values, and they."""
MOST_SHAPES = 200
"""So many shapes of one query are kept before all are made anew."""
MOST_PLANS = 150
"""So many plans Postgres is asked to keep for one connection; the one unused for longest makes room for the next."""
PLANNED_FROM = 2
"""The asking at which the plan is kept: many a shape is asked once and never again."""

_plans: WeakKeyDictionary[Any, OrderedDict[str, None]] = WeakKeyDictionary()
"""Of each connection: the names of what Postgres keeps the plan of, the one unused for longest first."""


class Prepared:
    """A queryset of `values_list`, made by `build` from named values, whose SQL is kept.

    Numbers, words and instants change freely. Anything else (None, a tuple of roles) is part of the
    query's shape: SQL is made for each, so give only what has few values.
    Rows come as the driver gives them, without Django's converters: select no JSON that you mean to read.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._statements: dict[Any, Statement] = {}

    def first(self, **given: Any) -> tuple[Any, ...] | None:
        """The first row for these values, or None. The queryset says in which order, or that there is none."""
        return next(iter(self._ask(1, given)), None)

    def rows(self, **given: Any) -> list[tuple[Any, ...]]:
        """Every row for these values."""
        return self._ask(None, given)

    def _ask(self, limit: int | None, given: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self._answer(limit, given)[0]

    def _answer(
        self, limit: int | None, given: dict[str, Any], first: Asked | None = None
    ) -> tuple[list[tuple[Any, ...]], Statement]:
        free = {name: value for name, value in given.items() if type(value) in _MARKERS}
        shape = (
            limit,
            *((name, type(value)) for name, value in free.items()),
            *((name, value) for name, value in given.items() if name not in free),
        )
        if shape not in self._statements:
            if len(self._statements) >= MOST_SHAPES:
                self._statements.clear()
            self._statements[shape] = self._compile(free, given, limit)
        statement = self._statements[shape]
        if not statement.sql:
            return [], statement
        return statement.rows(given.__getitem__, first), statement

    def _compile(self, free: dict[str, Any], given: dict[str, Any], limit: int | None) -> Statement:
        markers = {
            _MARKERS[type(value)](number): Given(name) for number, (name, value) in enumerate(free.items())
        }
        marked = {place.name: marker for marker, place in markers.items()}
        queryset = self._build(**{**given, **marked})
        try:
            compiler = queryset[:limit].query.get_compiler(connection=connection)
            statement, values = compiler.as_sql()
        except EmptyResultSet:
            return Statement("", ())
        places = tuple(_place(markers, value) for value in values)
        if unasked := set(free) - {place.name for place in places if isinstance(place, Given)}:
            raise TypeError(f"The query does not ask about {', '.join(sorted(unasked))} as it is given.")
        return Statement(statement, places, compiler)


class PreparedObjects(Prepared, Generic[M]):
    """The same for a queryset of model instances, with what is joined (`select_related`) and annotated."""

    def __init__(self, build: Callable[..., QuerySet[M, M]]) -> None:
        super().__init__(build)

    def one(self, *, first: Asked | None = None, **given: Any) -> M:
        """The first instance for these values. Raises the model's DoesNotExist.

        first: what Postgres does before, in the same message.
        """
        rows, statement = self._answer(1, given, first)
        if not rows:
            raise self._build(**given).model.DoesNotExist
        return _instances(statement.compiler, rows)[0]


@dataclass
class Statement:
    """SQL with a %s for each of its places. From its second asking on Postgres keeps its plan."""

    sql: str
    places: Sequence[Any]
    """Constants, and a Given for each value that is given at the asking."""
    compiler: Any = None
    asked: int = 0
    plan: Plan | None = None

    def rows(self, value_of: Callable[[Any], Any], first: Asked | None = None) -> list[tuple[Any, ...]]:
        """What Postgres answers. value_of: gives the value of a place by its name. first: done before, in one message."""
        self.asked += 1
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            if self.asked < PLANNED_FROM:
                values = [
                    value_of(place.name) if isinstance(place, Given) else place for place in self.places
                ]
                asked = self.sql
            else:
                self.plan = self.plan or self._planned()
                values = [value_of(place.name) for place in self.places if isinstance(place, Given)]
                asked = self.plan.ready(len(values))
            cursor.execute(
                f"{first[0]}; {asked}" if first else asked, [*first[1], *values] if first else values
            )
            return cursor.fetchall()

    def _planned(self) -> Plan:
        """Constants are written into the SQL, so that Postgres plans with them; each given value has a number."""
        number, written = 0, []
        with _raw().cursor() as cursor:
            for place in self.places:
                if isinstance(place, Given):
                    number += 1
                    written.append(f"${number}")
                else:
                    written.append(cursor.mogrify("%s", [place]).decode())
        return Plan(self.sql % tuple(written))


class Plan:
    """A statement whose plan Postgres keeps, for as long as a connection lasts. Its values are $1, $2 and so on."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.name = f"smmp_{hashlib.sha256(sql.encode()).hexdigest()[:20]}"

    def ready(self, values: int) -> str:
        """The statement that asks it with so many values, once Postgres has it; to be executed at once.

        Raises what the database raises.
        """
        raw = _raw()
        kept = _plans.setdefault(raw, OrderedDict())
        if self.name in kept:
            kept.move_to_end(self.name)
        else:
            # Not through Django's cursor: what counts statements counts what is asked, not what is made ready.
            with connections[DEFAULT_DB_ALIAS].wrap_database_errors, raw.cursor() as cursor:
                while len(kept) >= MOST_PLANS:
                    cursor.execute(f"DEALLOCATE {next(iter(kept))}")
                    kept.popitem(last=False)
                cursor.execute(f"PREPARE {self.name} AS {self.sql}")
            kept[self.name] = None
        return f"EXECUTE {self.name} ({', '.join(['%s'] * values)})" if values else f"EXECUTE {self.name}"


def _raw() -> Any:
    here = connections[DEFAULT_DB_ALIAS]
    here.ensure_connection()
    return here.connection


class Shape(Generic[M]):
    """A queryset of model instances whose SQL is made once, and what makes instances out of its rows.

    For statements that are asked by hand: Django's own columns, converters and joined rows, without working
    the query out again.
    """

    def __init__(self, queryset: QuerySet[M]) -> None:
        self._compiler = queryset.query.get_compiler(connection=connection)
        try:
            statement, values = self._compiler.as_sql()
        except EmptyResultSet:
            statement, values = "", ()
        self._statement, self._values = statement, list(values)

    def statement(self) -> tuple[str, list[Any]]:
        """The SQL and its values; an empty one where nothing could ever be found."""
        return self._statement, self._values

    def objects(self, rows: Sequence[tuple[Any, ...]]) -> list[M]:
        """The instances of these rows, which the statement answered, with what is joined and annotated."""
        return _instances(self._compiler, rows) if rows else []


class _Maker:
    """Makes instances out of a statement's rows. What Django works out anew for each answer is worked out once."""

    def __init__(self, compiler: Any) -> None:
        info, select = compiler.klass_info, compiler.select
        columns = info["select_fields"]
        self._compiler, self._model = compiler, info["model"]
        self._start, self._end = columns[0], columns[-1] + 1
        self._names = [column[0].target.attname for column in select[self._start : self._end]]
        self._converters = compiler.get_converters([column[0] for column in select[: compiler.col_count]])
        self._joined = get_related_populators(info, select, connection.alias)  # type: ignore[call-arg]  # stubs of a later Django
        self._annotated = list((compiler.annotation_col_map or {}).items())

    def instances(self, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
        alias = self._compiler.connection.alias
        converted = self._compiler.apply_converters(rows, self._converters) if self._converters else rows
        made: list[Any] = []
        for row in converted:
            one = self._model.from_db(alias, self._names, row[self._start : self._end])
            for populator in self._joined:
                populator.populate(row, one)
            for name, column in self._annotated:
                setattr(one, name, row[column])
            made.append(one)
        return made


def _instances(compiler: Any, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    maker = getattr(compiler, "maker", None)
    if maker is None:
        maker = compiler.maker = _Maker(compiler)
    return maker.instances(rows)


class Given:
    """Where in a statement a value stands that is given at each asking."""

    def __init__(self, name: Any) -> None:
        self.name = name


_LONG_AFTER = datetime(7919, 1, 1, tzinfo=UTC)
_MARKERS: dict[type, Callable[[int], Any]] = {
    int: lambda number: 32_000 - number,
    str: lambda number: f"\x00{number}",
    datetime: lambda number: _LONG_AFTER + timedelta(days=number),
}
"""What stands for a value while the SQL is made: nothing that a query says of itself."""


def _place(markers: dict[Any, Given], value: Any) -> Any:
    return markers.get(value, value) if type(value) in _MARKERS else value
