"""Migrate without rendering half of the models again at every step.

Django keeps, beside the state of a migration, model classes rendered from it, and after each operation
renders again the model that it touched *and every model related to it, and to those*. Here all models
lead to a staff member or to an official account, so that nine tenths of a first start were spent on it.
A migration that touches nothing others refer to by name or type needs the model itself alone:
`MigrationExecutor` renders that one and marks the state *delayed*, Django's own mark for "rendered in
part", upon which code (`RunPython`) and the next migration of another kind get the whole rendered afresh.

What is left was spent, for the greater part, on asking again what cannot have changed: whether a model that is
referred to may be swapped (forgotten whenever anything is rendered), and, of each model copied before each
operation, whether its fields are fit to be kept.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.postgres.operations import CreateExtension
from django.db.migrations import executor, operations
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.utils import field_is_referenced

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
        copy: Any = type(self)(
            models={key: _copy(model) for key, model in self.models.items()}, real_apps=self.real_apps
        )
        if "apps" in self.__dict__:
            copy.apps = self.apps.clone()
        copy.is_delayed = self.is_delayed
        copy.one_alone = self.one_alone
        return copy

    def _find_reload_model(
        self, app_label: str, model_name: str, delay: bool = False
    ) -> set[tuple[str, str]]:
        if not self.one_alone:
            return super()._find_reload_model(app_label, model_name, delay)  # type: ignore[misc]
        self.is_delayed = True
        return {(app_label, model_name)}


def _copy(model: ModelState) -> ModelState:
    """Like its own `clone`, without looking at every field again."""
    copy = ModelState.__new__(type(model))
    copy.__dict__.update(model.__dict__)
    copy.fields, copy.options, copy.managers = dict(model.fields), dict(model.options), list(model.managers)
    return copy


@contextlib.contextmanager
def _swappable_once() -> Iterator[None]:
    """Which settings name a swapped model is found out once: the answers of all registries are kept in one place,
    and whichever of them renders a model empties it, this one's answers too.
    """
    registry: Any = apps
    registry.get_swappable_settings_name = functools.cache(apps.get_swappable_settings_name)
    try:
        yield
    finally:
        del registry.get_swappable_settings_name


class MigrationExecutor(executor.MigrationExecutor):
    """Django's executor on such a state. What it does to the database is the same, statement by statement."""

    def _create_project_state(self, with_applied_migrations: bool = False) -> ProjectState:
        state = super()._create_project_state(with_applied_migrations)  # type: ignore[misc]
        state.__class__ = _State
        return state

    def migrate(self, *args: Any, **options: Any) -> ProjectState:
        with _swappable_once():
            return super().migrate(*args, **options)

    def apply_migration(self, state: Any, migration: Migration, *args: Any, **options: Any) -> ProjectState:
        state.one_alone = all(
            _concerns_one_model(operation, migration.app_label, state) for operation in migration.operations
        )
        if not state.one_alone:
            state.clear_delayed_apps_cache()
        state.apps  # noqa: B018 (rendered once for the migration, not for each side of each operation)
        return super().apply_migration(state, migration, *args, **options)


def _concerns_one_model(operation: Operation, app_label: str, state: ProjectState) -> bool:
    """Whether nothing that refers to the operation's model, in the state before the migration, has to change with it."""
    if isinstance(operation, operations.SeparateDatabaseAndState):
        parts = [*operation.database_operations, *operation.state_operations]
        return all(_concerns_one_model(part, app_label, state) for part in parts)
    if isinstance(operation, operations.AlterField):
        field = operation.field
        if field.is_relation or not (field.primary_key or field.unique):
            return True
        model = app_label, operation.model_name_lower
        return model in state.models and not field_is_referenced(state, model, (operation.name, field))
    return isinstance(operation, _OF_ONE_MODEL)
