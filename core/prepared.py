"""Queries that are asked thousands of times a minute: their SQL is made once, and only values change.

Django works a query out anew at each asking, which costs more than Postgres takes to answer a short one
(`manage.py bench outbox`). The query stays an ordinary queryset, read and tested as one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=Model)
MOST_SHAPES = 200
"""So many shapes of one query are kept before all are made anew."""


class Prepared:
    """A queryset of `values_list`, made by `build` from named values, whose SQL is kept.

    Numbers, words and instants change freely. Anything else (None, a tuple of roles) is part of the
    query's shape: SQL is made for each, so give only what has few values.
    Rows come as the driver gives them, without Django's converters: select no JSON that you mean to read.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._statements: dict[Any, tuple[str, tuple[Any, ...]]] = {}

    def first(self, **given: Any) -> tuple[Any, ...] | None:
        """The first row for these values, or None. The queryset says in which order, or that there is none."""
        return next(iter(self._ask(1, given)), None)

    def rows(self, **given: Any) -> list[tuple[Any, ...]]:
        """Every row for these values."""
        return self._ask(None, given)

    def _ask(self, limit: int | None, given: dict[str, Any]) -> list[tuple[Any, ...]]:
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
        statement, places = self._statements[shape]
        if not statement:
            return []
        values = [given[place.name] if isinstance(place, _Place) else place for place in places]
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()

    def _compile(
        self, free: dict[str, Any], given: dict[str, Any], limit: int | None
    ) -> tuple[str, tuple[Any, ...]]:
        markers = {
            _MARKERS[type(value)](number): _Place(name) for number, (name, value) in enumerate(free.items())
        }
        marked = {place.name: marker for marker, place in markers.items()}
        queryset = self._build(**{**given, **marked})
        try:
            statement, values = queryset[:limit].query.get_compiler(connection=connection).as_sql()
        except EmptyResultSet:
            return "", ()
        places = tuple(_place(markers, value) for value in values)
        if unasked := set(free) - {place.name for place in places if isinstance(place, _Place)}:
            raise TypeError(f"The query does not ask about {', '.join(sorted(unasked))} as it is given.")
        return statement, places


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
        if not rows:
            return []
        compiler = self._compiler
        info, select = compiler.klass_info, compiler.select
        columns = info["select_fields"]
        start, end = columns[0], columns[-1] + 1
        names = [column[0].target.attname for column in select[start:end]]
        joined = get_related_populators(info, select, connection.alias)  # type: ignore[call-arg]  # stubs of a later Django
        made: list[M] = []
        for row in compiler.results_iter([rows]):
            one = info["model"].from_db(connection.alias, names, row[start:end])
            for populator in joined:
                populator.populate(row, one)
            for name, column in (compiler.annotation_col_map or {}).items():
                setattr(one, name, row[column])
            made.append(one)
        return made


class _Place:
    def __init__(self, name: str) -> None:
        self.name = name


_LONG_AFTER = datetime(7919, 1, 1, tzinfo=UTC)
_MARKERS: dict[type, Callable[[int], Any]] = {
    int: lambda number: 32_000 - number,
    str: lambda number: f"\x00{number}",
    datetime: lambda number: _LONG_AFTER + timedelta(days=number),
}
"""What stands for a value while the SQL is made: nothing that a query says of itself."""


def _place(markers: dict[Any, _Place], value: Any) -> Any:
    return markers.get(value, value) if type(value) in _MARKERS else value
