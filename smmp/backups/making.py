"""A backup: the database as of one instant, the files it speaks of, and the ids of the keys that open both.

A folder of its own, whole from the moment that it has its name:

    20261129T193000Z/
        database.dump    pg_dump's custom format, as of one snapshot
        media/           files by their SHA-256, encrypted as they are stored
        manifest.json    what is in here, and hashes of all of it

The keys themselves are never in it. Files that an earlier backup beside it has as well are linked, not copied.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings

from audit.actions import record
from audit.models import SealKey
from audit.verifier import Key, written
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.commands import CommandRefused
from smmp.backups import tools

FORMAT = "smmp-backup/1"
NAME = re.compile(r"\d{8}T\d{6}Z")
BACKUP = System("backup")
KEEP = 14
"""Backups kept beside the new one's place, itself included: made each night, what was disposed of is in none after
a fortnight. docs/operations.md says how the write-ahead log is bounded."""


@dataclass(frozen=True)
class Made:
    """A backup that was made, and the older ones that went with its coming."""

    path: Path
    manifest: dict[str, Any]
    removed: tuple[str, ...]


def key_ids() -> list[str]:
    """The ids of the installation's keys, which say nothing of them."""
    return [
        hashlib.sha256(b"smmp-key-id:" + key.encode()).hexdigest()[:16] for key in settings.CREDENTIAL_KEYS
    ]


def backups_in(folder: Path) -> list[Path]:
    """The whole backups in a folder, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(
        path for path in folder.iterdir() if NAME.fullmatch(path.name) and (path / "manifest.json").is_file()
    )


def make(folder: Path, *, keep: int = KEEP) -> Made:
    """One more backup in the folder; then no more than `keep` are there.

    Raises CommandRefused. What a run that died left behind is removed. Audits backup.made, with the digest of the
    manifest: whoever restores it can see that it is the one that was made.
    """
    address = tools.owner_address()
    now = clock.now()
    name = now.strftime("%Y%m%dT%H%M%SZ")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for half in folder.glob(".part-*"):
            shutil.rmtree(half)
        part = folder / f".part-{name}"
        part.mkdir(mode=0o700)
        manifest = _fill(part, address, name, keep)
        target = folder / name
        if target.exists():
            raise CommandRefused(f"{target} is there already. Wait a second and repeat the command.")
        part.rename(target)
        _sync(folder)
        removed = tuple(_rotate(folder, keep))
    except OSError as fault:
        raise CommandRefused(
            f"The backup could not be written to {folder} ({fault.strerror}). Make room or choose another folder."
        ) from None
    note(actor=BACKUP, name=name, digest=digest(manifest), manifest=manifest, removed=len(removed))
    return Made(target, manifest, removed)


@action
def note(*, actor: Actor, name: str, digest: str, manifest: dict[str, Any], removed: int) -> None:
    """A backup stands in the trail, by its digest. Audits backup.made."""
    record(
        actor=actor,
        event="backup.made",
        subject_name=name,
        details={
            "sha256": digest,
            "files": manifest["media"]["files"],
            "bytes": manifest["database"]["bytes"],
            "segments": manifest["trail"]["segments"],
            "keep": manifest["rotation"]["keep"],
            "removed": removed,
        },
    )


def digest(manifest: dict[str, Any]) -> str:
    """What the trail says of a backup: the SHA-256 of its manifest."""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _fill(part: Path, address: str, name: str, keep: int) -> dict[str, Any]:
    server = psycopg2.connect(address)
    try:
        server.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with server.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
            facts = _facts(cursor)
            sha256, size = tools.dump(address, snapshot=snapshot, into=part / "database.dump")
    finally:
        server.close()
    # After the dump: every file that it speaks of and that was not disposed of meanwhile is there.
    files = _copy_media(part)
    manifest = {
        "format": FORMAT,
        "name": name,
        "force": settings.FORCE_NAME,
        "made_at": written(clock.now()),
        "database": {"file": "database.dump", "sha256": sha256, "bytes": size, **facts["database"]},
        "media": files,
        "keys": {"credentials": key_ids(), "seal": _seal_keys()},
        "trail": facts["trail"],
        "rotation": {"keep": keep},
    }
    path = part / "manifest.json"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return manifest


def _facts(cursor: Any) -> dict[str, dict[str, Any]]:
    """What the snapshot holds, for whoever looks at the backup before restoring it."""
    cursor.execute("SELECT count(*) FROM django_migrations")
    migrations = cursor.fetchone()[0]
    cursor.execute("SELECT current_setting('server_version')")
    server = cursor.fetchone()[0]
    cursor.execute("SELECT number, encode(head, 'hex') FROM audit_segment ORDER BY number DESC LIMIT 1")
    last = cursor.fetchone()
    cursor.execute("SELECT count(*) FROM retention_hold WHERE lifted_at IS NULL")
    holds = cursor.fetchone()[0]
    return {
        "database": {"migrations": migrations, "postgres": server, "holds": holds},
        "trail": {"segments": last[0] + 1 if last else 0, "head": last[1] if last else ""},
    }


def _seal_keys() -> list[str]:
    return [Key.read(row.key).id.hex() for row in SealKey.objects.order_by("from_segment")]


def _copy_media(part: Path) -> dict[str, Any]:
    store, into = Path(settings.MEDIA_STORE), part / "media"
    into.mkdir(mode=0o700)
    before = backups_in(part.parent)
    names, size = [], 0
    for name, path in stored(store):
        target = into / name[:2] / name
        target.parent.mkdir(exist_ok=True, mode=0o700)
        earlier = before[-1] / "media" / name[:2] / name if before else None
        try:
            if earlier is not None and earlier.is_file():
                os.link(earlier, target)
            else:
                shutil.copyfile(path, target)
                target.chmod(0o600)
        except FileNotFoundError:
            continue  # disposed of between the listing and the copy
        size += target.stat().st_size
        names.append(name)
    return {"files": len(names), "bytes": size, "sha256_of_names": digest_of_names(names)}


def digest_of_names(names: Iterable[str]) -> str:
    """One hash over the files of a backup: each is named by its own."""
    return hashlib.sha256("".join(f"{name}\n" for name in sorted(names)).encode()).hexdigest()


def stored(store: Path) -> Iterator[tuple[str, Path]]:
    """The files of a store by their SHA-256, in order; what is half written is passed over."""
    for path in sorted(store.rglob("*")) if store.is_dir() else []:
        if path.is_file() and re.fullmatch(r"[0-9a-f]{64}", path.name):
            yield path.name, path


def _rotate(folder: Path, keep: int) -> Iterator[str]:
    for old in backups_in(folder)[:-keep]:
        # Its manifest goes first: what is left of a removal that died is no backup any more.
        (old / "manifest.json").unlink()
        shutil.rmtree(old)
        yield old.name
    for path in folder.iterdir():
        if NAME.fullmatch(path.name) and path.is_dir() and not (path / "manifest.json").exists():
            shutil.rmtree(path)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
