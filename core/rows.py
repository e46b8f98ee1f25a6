"""Writing many rows in one statement, where making each of them ready by itself costs more than storing it.

Of a comment taken in by `bulk_create` two thirds of the time went into the values of its rows one by one
(`manage.py bench ingest`). Here each column is one array.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.expressions import DatabaseDefault

from core.prepared import Asked, M, Plan, PreparedObjects


def write_rows(model: type[models.Model], columns: Mapping[str, Any], *, rows: int) -> list[int]:
    """Add so many rows and answer their ids, in the order of the rows.

    columns: for each field, as the model's attribute is called (`official_account_id`), a list with a
    value for each row, or one value for all of them. Values are as the database takes them: nothing is
    checked or converted but for JSON. A field that is left out has what the database gives it.
    Raises what the database raises.
    """
    if not rows:
        return []
    by_attribute = {field.attname: field for field in model._meta.concrete_fields}
    names, selected, arrays, constants, listed = [], [], [], [], []
    for number, (attribute, given) in enumerate(columns.items()):
        field = by_attribute[attribute]
        # Arrays of unequal length make no array of arrays, so a list of numbers travels as its text.
        as_text = _AS_TEXT.get(type(field))
        kind = "text" if as_text else _kind(field)
        names.append(connection.ops.quote_name(str(field.column)))
        target = f"::{_kind(field)}" if as_text else ""
        if isinstance(given, list):
            listed.append(f"c{number}")
            arrays.append((kind, [as_text(value) for value in given] if as_text else given))
            selected.append(f"c{number}{target}")
        else:
            constants.append(as_text(given) if as_text else given)
            selected.append(f"%s::{kind}{target}")
    unnested = ", ".join(f"%s::{kind}[]" for kind, _ in arrays)
    # The names are the model's own, quoted; every value is a parameter.
    statement = (
        f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({', '.join(names)}) "  # noqa: S608 # nosec B608
        f"SELECT {', '.join(selected)} FROM UNNEST({unnested}) AS rows ({', '.join(listed)}) "
        f"RETURNING {connection.ops.quote_name(str(model._meta.pk.column))}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*constants, *(values for _, values in arrays)])
        return [pk for (pk,) in cursor.fetchall()]


def write_objects(model: type[models.Model], objects: Sequence[models.Model]) -> None:
    """Add objects that have never been stored, and give each its id. As `bulk_create`, and as little checked."""
    columns: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.primary_key or field.generated:
            continue
        values = list(map(attrgetter(field.attname), objects))
        if values and not _only(DatabaseDefault, values):
            columns[field.attname] = values
    for made, pk in zip(objects, write_rows(model, columns, rows=len(objects)), strict=True):
        made.pk = pk
        made._state.adding = False
        made._state.db = connection.alias


def write_one(row: models.Model) -> None:
    """Add a row that was never stored, and give it its id. As `save(force_insert=True)`, and as little checked.

    The statement is made once for each model, and Postgres keeps its plan: for what is written with every act.
    """
    model = type(row)
    fields, plan = _insert(model)
    here = connections[DEFAULT_DB_ALIAS]
    values = [field.get_db_prep_save(getattr(row, field.attname), here) for field in fields]
    with here.cursor() as cursor:
        cursor.execute(plan.ready(len(values)), values)
        row.pk = cursor.fetchone()[0]
    row._state.adding = False
    row._state.db = here.alias


def change_one(
    model: type[models.Model], pk: int, changed: Mapping[str, Any], still: Mapping[str, Any]
) -> bool:
    """Give the row these values where it still has those; answers whether it did.

    changed and still: by the fields' attributes (`official_account_id`). No value of `still` is None.
    """
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(*_change(model, pk, changed, still))
        return bool(cursor.rowcount)


def change_and_read(model: type[M], pk: int, changed: Mapping[str, Any], read: PreparedObjects[M]) -> M:
    """Give the row these values and answer it as it is then, in one message to the database.

    read: by `pk`. Raises the model's DoesNotExist.
    """
    return read.one(first=_change(model, pk, changed, {}), pk=pk)


def _change(
    model: type[models.Model], pk: int, changed: Mapping[str, Any], still: Mapping[str, Any]
) -> Asked:
    fields, plan = _update(model, tuple(changed), tuple(still))
    given = [*changed.values(), pk, *still.values()]
    here = connections[DEFAULT_DB_ALIAS]
    values = [field.get_db_prep_save(value, here) for field, value in zip(fields, given, strict=True)]
    return plan.ready(len(values)), values


@cache
def _insert(model: type[models.Model]) -> tuple[list[models.Field], Plan]:
    fields = [field for field in model._meta.concrete_fields if not (field.primary_key or field.generated)]
    names = ", ".join(_quoted(field) for field in fields)
    places = ", ".join(f"${number + 1}" for number in range(len(fields)))
    table, key = connection.ops.quote_name(model._meta.db_table), _quoted(model._meta.pk)
    # The names are the model's own, quoted; every value is a parameter.
    return fields, Plan(f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING {key}")  # noqa: S608 # nosec B608


@lru_cache(maxsize=200)
def _update(
    model: type[models.Model], changed: tuple[str, ...], still: tuple[str, ...]
) -> tuple[list[models.Field], Plan]:
    by_attribute = {field.attname: field for field in model._meta.concrete_fields}
    fields = [
        *(by_attribute[name] for name in changed),
        model._meta.pk,
        *(by_attribute[name] for name in still),
    ]
    told = [f"{_quoted(field)} = ${number + 1}" for number, field in enumerate(fields)]
    table = connection.ops.quote_name(model._meta.db_table)
    given, where = ", ".join(told[: len(changed)]), " AND ".join(told[len(changed) :])
    return fields, Plan(f"UPDATE {table} SET {given} WHERE {where}")  # noqa: S608 # nosec B608


def _quoted(field: models.Field | Any) -> str:
    return connection.ops.quote_name(str(field.column))


def _only(kind: type, values: Iterable[Any]) -> bool:
    return all(isinstance(value, kind) for value in values)


def _numbers(values: list[int] | None) -> str | None:
    return None if values is None else f"{{{','.join(map(str, values))}}}"


_AS_TEXT: dict[type, Callable[[Any], str | None]] = {models.JSONField: json.dumps, ArrayField: _numbers}


def _kind(field: models.Field) -> str:
    """The column's type as an array of it is named: without a length, which the column itself asks for."""
    return str(field.rel_db_type(connection) if field.primary_key else field.db_type(connection)).split("(")[
        0
    ]
