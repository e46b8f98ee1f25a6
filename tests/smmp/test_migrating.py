"""A database that was migrated has what the models declare (smmp.migrating renders them in part)."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations import operations
from django.db.migrations.state import ModelState, ProjectState
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


STATE = ProjectState(
    {
        ("a", "thing"): ModelState(
            "a",
            "Thing",
            [
                ("key", CharField(max_length=9, primary_key=True)),
                ("code", CharField(max_length=9, unique=True)),
                ("number", CharField(max_length=9, unique=True)),
            ],
        ),
        ("b", "part"): ModelState(
            "b",
            "Part",
            [
                ("of", ForeignKey("a.Thing", on_delete=CASCADE)),
                ("like", ForeignKey("a.Thing", on_delete=CASCADE, to_field="code")),
            ],
        ),
        ("b", "note"): ModelState("b", "Note", [("key", CharField(max_length=9, primary_key=True))]),
    }
)
"""Parts refer to things by their key and by their code; nobody refers to a thing by its number, or to a note."""


@pytest.mark.parametrize(
    ("operation", "alone"),
    [
        (operations.CreateModel("Thing", []), True),
        (operations.AlterField("thing", "name", CharField(max_length=9)), True),
        (operations.AlterField("thing", "other", ForeignKey("b.Other", on_delete=CASCADE)), True),
        (operations.AlterField("thing", "code", CharField(max_length=8, unique=True)), False),
        (operations.AlterField("thing", "key", CharField(max_length=8, primary_key=True)), False),
        (operations.AlterField("thing", "number", CharField(max_length=8, unique=True)), True),
        (operations.AlterField("new", "number", CharField(max_length=8, unique=True)), False),
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
    assert migrating._concerns_one_model(operation, "a", STATE) is alone


def test_the_key_of_what_nobody_refers_to_is_rendered_alone():
    altered = operations.AlterField("note", "key", CharField(max_length=8, primary_key=True))
    assert migrating._concerns_one_model(altered, "b", STATE) is True


def test_a_copy_of_a_state_is_as_django_makes_it_and_apart_from_the_original():
    state = migrating._State(STATE.clone().models)
    copy = state.clone()
    assert copy == ProjectState.clone(state)
    operations.AddField("thing", "on", BooleanField(default=True)).state_forwards("a", copy)
    operations.AlterModelOptions("note", {"ordering": ["key"]}).state_forwards("b", copy)
    assert "on" not in state.models["a", "thing"].fields
    assert "ordering" not in state.models["b", "note"].options
