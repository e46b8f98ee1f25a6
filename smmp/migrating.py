"""Migrate without rendering half of the models again at every step.

Django keeps, beside the state of a migration, model classes rendered from it, and after each operation
renders again the model that it touched *and every model related to it, and to those*. Here all models
lead to a staff member or to an official account, so that nine tenths of a first start were spent on it.
A migration that touches nothing others refer to by name or type needs the model itself alone:
`MigrationExecutor` renders that one and marks the state *delayed*, Django's own mark for "rendered in
part", upon which code (`RunPython`) and the next migration of another kind get the whole rendered afresh.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.operations import CreateExtension
from django.db.migrations import executor, operations
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

_OF_ONE_MODEL = (
    CreateExtension,
    operations.CreateModel,
    operations.AddField,
    operations.RemoveField,
    operations.AddIndex,
    operations.RemoveIndex,
    operations.AddConstraint,
    operations.RemoveConstraint,
    operations.AlterUniqueTogether,
    operations.AlterModelOptions,
    operations.RunPython,
    operations.RunSQL,
)


class _State(ProjectState):
    """A project state that can render, of what changed, the one model alone."""

    one_alone = False

    def clone(self) -> Any:
        copy: Any = super().clone()
        copy.__class__ = type(self)
        copy.one_alone = self.one_alone
        return copy

    def _find_reload_model(
        self, app_label: str, model_name: str, delay: bool = False
    ) -> set[tuple[str, str]]:
        if not self.one_alone:
            return super()._find_reload_model(app_label, model_name, delay)  # type: ignore[misc]
        self.is_delayed = True
        return {(app_label, model_name)}


class MigrationExecutor(executor.MigrationExecutor):
    """Django's executor on such a state. What it does to the database is the same, statement by statement."""

    def _create_project_state(self, with_applied_migrations: bool = False) -> ProjectState:
        state = super()._create_project_state(with_applied_migrations)  # type: ignore[misc]
        state.__class__ = _State
        return state

    def apply_migration(self, state: Any, migration: Migration, *args: Any, **options: Any) -> ProjectState:
        state.one_alone = all(_concerns_one_model(operation) for operation in migration.operations)
        if not state.one_alone:
            state.clear_delayed_apps_cache()
        state.apps  # noqa: B018 (rendered once for the migration, not for each side of each operation)
        return super().apply_migration(state, migration, *args, **options)


def _concerns_one_model(operation: Operation) -> bool:
    """Whether nothing that refers to the operation's model has to change with it."""
    if isinstance(operation, operations.SeparateDatabaseAndState):
        return all(map(_concerns_one_model, [*operation.database_operations, *operation.state_operations]))
    if isinstance(operation, operations.AlterField):
        field = operation.field
        return field.is_relation or not (field.primary_key or field.unique)
    return isinstance(operation, _OF_ONE_MODEL)
