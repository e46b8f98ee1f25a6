"""A database that was migrated has what the models declare (smmp.migrating renders them in part)."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations import operations
from django.db.models import CASCADE, BooleanField, CharField, ForeignKey

from smmp import migrating

MODELS = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]


@pytest.mark.django_db
def test_every_table_has_the_columns_indexes_and_constraints_of_its_model():
    wrong = []
    with connection.cursor() as cursor:
        for model in MODELS:
            table = model._meta.db_table
            columns = {
                column.name for column in connection.introspection.get_table_description(cursor, table)
            }
            wanted = {field.column for field in model._meta.local_concrete_fields}
            named = set(connection.introspection.get_constraints(cursor, table))
            declared = {option.name for option in (*model._meta.indexes, *model._meta.constraints)}
            if not wanted <= columns or not declared <= named:
                wrong.append((table, wanted - columns, declared - named))
    assert wrong == []


@pytest.mark.parametrize(
    ("operation", "alone"),
    [
        (operations.CreateModel("Thing", []), True),
        (operations.AlterField("thing", "name", CharField(max_length=9)), True),
        (operations.AlterField("thing", "other", ForeignKey("b.Other", on_delete=CASCADE)), True),
        (operations.AlterField("thing", "key", CharField(max_length=9, unique=True)), False),
        (operations.AlterField("thing", "key", CharField(max_length=9, primary_key=True)), False),
        (operations.RenameField("thing", "a", "b"), False),
        (operations.RenameModel("Thing", "Other"), False),
        (
            operations.SeparateDatabaseAndState(
                [operations.RunSQL("SELECT 1")],
                [operations.AddField("thing", "on", BooleanField(default=True))],
            ),
            True,
        ),
        (operations.SeparateDatabaseAndState([], [operations.RenameField("thing", "a", "b")]), False),
    ],
)
def test_what_others_refer_to_by_name_or_type_is_rendered_with_them(operation, alone):
    assert migrating._concerns_one_model(operation) is alone
