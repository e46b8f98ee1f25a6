"""Holds, restrictions, the schedule and disposals are done again after a restore, by the manifests that left for the sinks.

In the order in which they happened: a hold stands before whatever was disposed of after it, and what went before a hold
was placed is gone as it was. Run by `manage.py restore` as the owner of the tables, before the application has any right
in the restored database; nothing else may use it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from core import clock
from core.actors import System
from retention import registry, sql
from retention.actions import disposals
from retention.models import Disposal, Proposal, Restriction
from staff.models import StaffMember

RESTORE = System("restore")
TABLES = ("retention_hold", "retention_restriction", "retention_schedulerow", "retention_disposal")
"""Whose rows manifests hold; of no other is any written."""
Told = Iterable[tuple[dict[str, Any], dict[str, Any] | None]]
"""Entries in the sealed order, each with its manifest."""


@dataclass
class Done:
    """What was done again."""

    holds: int = 0
    schedule: int = 0
    restrictions: int = 0
    certificates: int = 0
    disposed: int = 0
    """Records that the backup held and that had been disposed of since: gone again."""
    tombstones: int = 0
    """Of all that was disposed of since, also of what the backup never held: kept from coming in again."""
    kept: list[str] = field(default_factory=list)
    """What could not go: something that is kept points at it. Out of everybody's sight, for a person to look at."""
    left_out: list[str] = field(default_factory=list)
    """Rows that point at something the backup does not have."""


def replay(told: Told) -> Done:
    """The restored database stands as holds and disposals had left it. Safe to repeat."""
    done = Done()
    for entry, manifest in told:
        if manifest is None or manifest.get("table") not in TABLES:
            continue
        if not _write(manifest["table"], manifest["row"], done):
            continue
        if manifest["kind"] == "disposed":
            _dispose_again(manifest, done)
        elif manifest["table"] == "retention_hold":
            done.holds += 1
        elif manifest["table"] == "retention_schedulerow":
            done.schedule += 1
        elif manifest["table"] == "retention_restriction":
            _restrict_again(manifest["row"], done)
        elif manifest["row"]["finished_at"] is not None:
            _certify_again(manifest["row"]["id"], entry["id"], done)
    _finish_what_was_under_way()
    return done


def _finish_what_was_under_way() -> None:
    """A disposal that was going on at the end of the journal, and whose proposal the backup does not know, is certified."""
    for disposal in Disposal.objects.filter(finished_at=None, proposal=None).order_by("pk"):
        disposals.finish(actor=RESTORE, disposal=disposal)


def _write(table: str, row: dict[str, Any], done: Done) -> bool:
    """The row as its image says, whether it is there or not. False where it points at what the backup does not have."""
    model = next(one for one in apps.get_models() if one._meta.db_table == table)
    for column in _pointing(model):
        target = column.remote_field.model
        value = row.get(column.column)
        if value is None or target._default_manager.filter(pk=value).exists():
            continue
        if target is StaffMember:
            _somebody(value)
        elif column.null:
            row[column.column] = None
        else:
            done.left_out.append(f"{table} {row['id']}")
            return False
    known = {one.column for one in model._meta.concrete_fields}
    columns = [name for name in row if name in known]
    quoted = ", ".join(connection.ops.quote_name(name) for name in columns)
    changed = ", ".join(
        f"{connection.ops.quote_name(name)} = EXCLUDED.{connection.ops.quote_name(name)}"
        for name in columns
        if name != "id"
    )
    with connection.cursor() as cursor:
        # Table and columns are the model's own, quoted; the values are a parameter.
        cursor.execute(
            f"INSERT INTO {table} ({quoted}) SELECT {quoted} FROM jsonb_populate_record(NULL::{table}, %s::jsonb) "  # noqa: S608 # nosec B608
            f"ON CONFLICT (id) DO UPDATE SET {changed}",
            [json.dumps(row)],
        )
    return True


def _pointing(model: type[models.Model]) -> list[Any]:
    return [one for one in model._meta.concrete_fields if one.remote_field is not None]


def _somebody(pk: int) -> None:
    """Who joined after the backup was made, as a name alone: what they stood for goes on to say who it was."""
    now = clock.now()
    StaffMember.objects.create(
        pk=pk,
        email=f"number-{pk}@restored.invalid",
        name=f"Staff member {pk}, who joined after the backup",
        joined_at=now,
        active=False,
        left_at=now,
    )


def _dispose_again(manifest: dict[str, Any], done: Done) -> None:
    subject = registry.record_class(manifest["class"]).subject
    assert subject is not None
    gone = manifest["gone"]
    ids = [number for _, number, _ in gone]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO retention_tombstone (disposal_id, subject_type, subject_id, remote_hash) "
            "SELECT %s, t, n, decode(h, 'hex') FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS given (t, n, h) "
            "ON CONFLICT DO NOTHING",
            [manifest["row"]["id"], *(list(column) for column in zip(*gone, strict=True))]
            if gone
            else [manifest["row"]["id"], [], [], []],
        )
    done.tombstones += len(gone)
    there = registry.rows_of(subject.label).filter(pk__in=ids).count()
    try:
        _delete(sql.again(subject, ids))
        done.disposed += there
    except IntegrityError:
        for number in ids:
            _dispose_one(subject, number, manifest["row"]["id"], done)


def _dispose_one(subject: Any, number: int, certificate: int, done: Done) -> None:
    if not registry.rows_of(subject.label).filter(pk=number).exists():
        return
    try:
        _delete(sql.again(subject, [number]))
        done.disposed += 1
    except IntegrityError:
        _hide(subject, number, f"Disposed of under certificate {certificate}, and back from a backup")
        done.kept.append(f"{subject.noun} {number}")


def _delete(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def _hide(subject: Any, number: int, why: str) -> None:
    """Nobody sees it until a person has decided: what was certified as gone is not back before anybody's eyes."""
    found = registry.rows_of(subject.label).filter(pk=number).first()
    standing = Restriction.objects.filter(subject_type=subject.label, subject_id=number, lifted_at=None)
    if found is None or subject.restrict is None or standing.exists():
        return
    Restriction.objects.create(
        subject_type=subject.label,
        subject_id=number,
        subject_name=registry.name_of(found),
        ground=Restriction.Ground.EVIDENCE,
        why=why,
        was=subject.restrict(found),
        at=clock.now(),
    )


def _restrict_again(row: dict[str, Any], done: Done) -> None:
    subject = registry.subject(row["subject_type"])
    found = registry.rows_of(subject.label).filter(pk=row["subject_id"]).first()
    if found is None or subject.restrict is None or subject.restore is None:
        return
    if row["lifted_at"] is None:
        if getattr(found, "state", "") == row["was"]:
            subject.restrict(found)
    else:
        subject.restore(found, row["was"])
    done.restrictions += 1


def _certify_again(pk: int, entry_id: int, done: Done) -> None:
    Disposal.objects.filter(pk=pk).update(entry_id=entry_id)
    Proposal.objects.filter(disposal_id=pk).update(state=Proposal.State.DONE)
    done.certificates += 1
