"""Every table is in a record class, and every record that can go is known whole."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection

from core.errors import NotValid
from retention import registry, sql
from retention.models import ScheduleRow
from smmp.database import DISPOSABLE, record_classes


def tables() -> set[str]:
    """Every table of the database, a partition under the name of what it is a part of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
        )
        return {name for (name,) in cursor.fetchall()}


def test_every_table_is_in_a_record_class_that_a_room_registers(db):
    """A new table fails here until its model names a record class (`record_class = "..."`), and some room's
    records.py registers that class: raw payloads, media, drafts, search words, notices and logs alike."""
    by_table = {
        apps.get_model(label)._meta.db_table: slug for label, slug in record_classes().items() if slug
    }
    for one in registry.known().classes.values():
        by_table |= dict.fromkeys(one.tables, one.slug)
    missing = sorted(tables() - by_table.keys())
    assert not missing, (
        "These tables are in no record class: " + ", ".join(missing) + ". Give the model "
        '`record_class = "<slug of the schedule>"`, or list a table without a model of ours under `tables` in the '
        "records.py of its room."
    )
    unknown = {table: slug for table, slug in by_table.items() if slug not in registry.known().classes}
    assert not unknown, (
        f"No room registers these record classes: {sorted(set(unknown.values()))} (tables {sorted(unknown)}). "
        "Add a RecordClass to the records.py of the room that owns them."
    )


def test_every_class_of_the_schedule_is_registered_and_no_other(db):
    rows = set(ScheduleRow.objects.values_list("slug", flat=True))
    known = set(registry.known().classes)
    assert known - rows == set(), "add a row to smmp/seed/data/schedule.yaml"
    assert rows - known == set(), "add a RecordClass to the records.py of the room that owns the records"
    for one in registry.known().classes.values():
        assert one.goes.endswith((".", "here.")), one.slug


def test_whatever_points_at_a_record_goes_with_it_keeps_it_or_is_taken_along(db):
    """Else a disposal would fail on a foreign key, on the night when the first such record is due."""
    for subject in registry.known().subjects.values():
        if not any(one.subject is subject for one in registry.known().classes.values()):
            continue
        dealt_with = " ".join(
            [
                *(f"{part.table} {part.column}" for part in subject.parts),
                *subject.first,
                *(keep.sql for keep in registry.known().keeps.get(subject.label, ())),
                *(
                    keep.sql
                    for one in registry.known().classes.values()
                    if one.subject is subject
                    for keep in one.keeps
                ),
            ]
        )
        # What keeps its number is pointed at by all history, and goes on to be.
        goes = [*([] if subject.remains else [subject.table]), *(part.table for part in subject.parts)]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND confdeltype <> 'c' "
                "AND confrelid::regclass::text = ANY(%s)",
                [goes],
            )
            pointing = {name for (name,) in cursor.fetchall()}
        # By the trigger moderation_comment_attachments_go.
        forgotten = sorted(name for name in pointing - {"moderation_attachment"} if name not in dealt_with)
        assert not forgotten, (
            f"{subject.label}: {', '.join(forgotten)} point at what goes with it. Name them among the parts or keeps of "
            "its records.py (or of the records.py of their own room, under KEEPS)."
        )


def test_the_disposer_may_delete_whatever_goes(db):
    for one in registry.disposable().values():
        wanted = {one.subject.table, *(part.table for part in one.subject.parts)}
        assert wanted <= DISPOSABLE, (
            f"{one.slug}: add {sorted(wanted - DISPOSABLE)} to smmp.database.DISPOSABLE"
        )


def test_every_record_that_can_be_held_is_guarded(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname LIKE 'retention\\_%%'"
        )
        assert set(sql.guarded()) <= set(cursor.fetchall())


def test_a_kind_that_nobody_registered_cannot_be_held():
    with pytest.raises(NotValid, match="what kind of record"):
        registry.subject("staff.session")


def test_a_comment_is_in_one_class_at_most(db):
    """Conditions over every category and state, asked of the database."""
    classes = [one for one in registry.disposable().values() if one.subject.label == "moderation.comment"]
    from moderation.categories import Category
    from moderation.models import Comment

    asked = [
        f"(CASE WHEN {sql.in_class(one)} AND {sql.begun(one, 'r', '{began} IS NOT NULL')} THEN 1 ELSE 0 END)"
        for one in classes
    ]
    with connection.cursor() as cursor:
        for category in Category.values:
            for state in Comment.State.values:
                cursor.execute(
                    f"SELECT {' + '.join(asked)} FROM (SELECT %s AS category, %s AS state, 'author' AS removed_by, "
                    "now() AS decided_at, now() AS received_at, now() AS removed_at) r",
                    [category, state],
                )
                assert cursor.fetchone()[0] == (0 if state == "open" else 1), (category, state)
