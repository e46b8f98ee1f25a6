"""Writing an export: beside its final name, under one moment of the database, whole or not at all.

What is being written stands in "DIR.unfinished" and holds no manifest. The manifest is written last, everything is
synced, and the folder gets its name by one rename: a run that is killed leaves nothing that looks whole. Rows come
through a cursor of the server a few hundred at a time, so that memory does not grow with the tables.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from core import clock
from core.commands import CommandRefused
from media import storage, vault
from media.models import File, SealedFile
from moderation.models import ChildSeal
from smmp.export import formats, verify
from smmp.export.tables import EVIDENCE_APART, SEALED, WITHHELD, WITHHELD_COLUMNS, Table, exported

AT_ONCE = 500
"""Rows that are fetched together."""
FORMAT = 1
_LOCK = ".unfinished"


@dataclass
class Written:
    """One file of the export. `rows` None: it is no table."""

    file: str
    sha256: str
    bytes: int
    rows: int | None = None
    table: str = ""

    def as_data(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if value not in (None, "")}


@dataclass
class Exported:
    """What a whole export came to."""

    folder: Path
    manifest_sha256: str = ""
    tables: int = 0
    rows: int = 0
    stored_files: int = 0
    sealed: int = 0
    """Stored files withheld because they are sealed."""
    bytes: int = 0
    missing: list[dict[str, str]] = field(default_factory=list)
    """Stored files that could not be read whole, each with why."""


def check(folder: Path) -> None:
    """Refuse where the export cannot come to stand there. Raises CommandRefused."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise CommandRefused(f"{folder} is no folder. Name one that is not there yet, or an empty one.")
    if folder.exists() and any(folder.iterdir()):
        raise CommandRefused(f"{folder} is not empty. Name a folder that is not there yet, or an empty one.")
    if not folder.absolute().parent.is_dir():
        raise CommandRefused(f"There is no folder {folder.absolute().parent} to write into.")


def write(folder: Path) -> Exported:
    """Write everything and give it its name. Raises CommandRefused (no room, not writable, somebody else writes)."""
    folder = folder.absolute()
    check(folder)
    try:
        with _unfinished(folder) as part:
            done = _fill(part, folder)
            (part / _LOCK).unlink()
            _sync(part)
            part.rename(folder)
            _sync_folder(folder.parent)
            return done
    except OSError as fault:
        raise CommandRefused(
            f"The export could not be written: {fault.strerror}. What there was of it is removed; {folder} is as "
            "it was."
        ) from None


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """An empty folder beside the final one that nobody else writes into. What a killed run left there goes."""
    part = folder.with_name(f"{folder.name}.unfinished")
    if part.exists() and not (part / _LOCK).exists():
        raise CommandRefused(f"{part} stands in the way and is not of an export. Move it.")
    part.mkdir(mode=0o700, exist_ok=True)
    with (part / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CommandRefused(f"Another export is being written to {folder}.") from None
        for left in part.iterdir():
            if left.name != _LOCK:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        try:
            yield part
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise


def _fill(part: Path, folder: Path) -> Exported:
    began = clock.now()
    done = Exported(folder)
    tables = list(exported())
    written: list[Written] = []
    for name in ("tables", "restricted", "restricted/evidence", "media", "evidence"):
        (part / name).mkdir(mode=0o700)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")
        for table in tables:
            one = _table(part, table)
            written.append(one)
            done.rows += one.rows or 0
        written.append(_stored(part, done))
        migrations: dict[str, str] = {}
        for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
            migrations[app] = name
    done.tables = len({table.label for table in tables})
    written.append(
        _text(part, "README.md", formats.readme(tables, day=f"{clock.in_london(began):%-d %B %Y}"))
    )
    written.append(_text(part, "verify.py", Path(verify.__file__).read_text(encoding="utf-8")))
    manifest = {
        "format": FORMAT,
        "force": settings.FORCE_NAME,
        "as_of": began.isoformat(),
        "finished_at": clock.now().isoformat(),
        "migrations": migrations,
        "written": [one.as_data() for one in written],
        "rows": done.rows,
        "stored_files": done.stored_files,
        "withheld": {
            "tables": WITHHELD,
            "columns": {f"{label}.{column}": why for (label, column), why in WITHHELD_COLUMNS.items()},
            "sealed_files": {"count": done.sealed, "why": SEALED},
        },
        "missing": done.missing,
    }
    last = _text(part, verify.MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    done.manifest_sha256 = last.sha256
    done.bytes += last.bytes + sum(one.bytes for one in written)
    return done


def _table(part: Path, table: Table) -> Written:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(column) for column in table.columns)
    digest, size, rows = hashlib.sha256(), 0, 0
    with (part / table.file).open("wb") as out, connection.chunked_cursor() as cursor:
        cursor.execute(
            f"SELECT row_to_json(t)::text FROM (SELECT {columns} FROM {quote(table.name)} r "  # noqa: S608
            f"{'WHERE ' + table.where if table.where else ''} ORDER BY {quote(table.order)}) t"
        )
        while found := cursor.fetchmany(AT_ONCE):
            lines = b"".join(f"{line}\n".encode() for (line,) in found)
            digest.update(lines)
            out.write(lines)
            size += len(lines)
            rows += len(found)
        _settle(out)
    return Written(table.file, digest.hexdigest(), size, rows, table.label)


def _stored(part: Path, done: Exported) -> Written:
    """Every stored file once, and the list of them."""
    digest, size, rows = hashlib.sha256(), 0, 0
    with (part / verify.FILES).open("wb") as out:
        for one in _contents(part, done):
            line = (json.dumps(one.as_data()) + "\n").encode()
            digest.update(line)
            out.write(line)
            size += len(line)
            rows += 1
            done.bytes += one.bytes
        _settle(out)
    done.stored_files = rows
    return Written(verify.FILES, digest.hexdigest(), size, rows)


def _contents(part: Path, done: Exported) -> Iterator[Written]:
    for sha256 in (
        File.objects.order_by("sha256").values_list("sha256", flat=True).distinct().iterator(AT_ONCE)
    ):
        try:
            content = storage.get(sha256)
        except storage.Damaged as fault:
            done.missing.append({"sha256": sha256, "why": str(fault)})
            continue
        yield _keep(part, "media", sha256, content)
    sealed = set(
        ChildSeal.objects.filter(lifted_at=None).exclude(file=None).values_list("file__sha256", flat=True)
    )
    done.sealed = len(sealed)
    few = set(
        SealedFile.objects.extra(where=[EVIDENCE_APART]).values_list("pk", flat=True)  # noqa: S610 - our own words
    )
    for row in SealedFile.objects.order_by("sha256").iterator(AT_ONCE):
        if row.sha256 in sealed:
            continue
        try:
            content = vault.get(
                sha256=row.sha256, address=row.stored_sha256, wrapped_key=bytes(row.wrapped_key)
            )
        except (storage.Damaged, vault.Unreadable) as fault:
            done.missing.append({"sha256": row.sha256, "why": str(fault) or "its key is not known here"})
            continue
        yield _keep(part, "restricted/evidence" if row.pk in few else "evidence", row.sha256, content)


def _keep(part: Path, folder: str, sha256: str, content: bytes) -> Written:
    name = f"{folder}/{sha256[:2]}/{sha256}"
    path = part / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with path.open("wb") as out:
        out.write(content)
        _settle(out)
    return Written(name, sha256, len(content))


def _text(part: Path, name: str, words: str) -> Written:
    content = words.encode()
    with (part / name).open("wb") as out:
        out.write(content)
        _settle(out)
    return Written(name, hashlib.sha256(content).hexdigest(), len(content))


def _settle(out: Any) -> None:
    """Readable by us alone, and on the disk."""
    os.fchmod(out.fileno(), 0o600)
    out.flush()
    os.fsync(out.fileno())


def _sync(part: Path) -> None:
    for folder, _, _ in os.walk(part):
        _sync_folder(Path(folder))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
