"""The content-addressed file store: bytes live under the SHA-256 of themselves, readable by us alone.

settings.MEDIA_STORE/ab/cd/abcd...: written to a temporary name beside it, synced to disk, then
renamed, so that a file with its final name is always whole. The same bytes are stored once.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

YOUNG_S = 3600
"""Bytes that were stored or asked for again within this time stay: the row that names them may be on its way."""
_SHA256 = re.compile(r"^[0-9a-f]{64}$")


class Damaged(Exception):
    """The bytes under an address are missing or are not what the address says."""


def put(content: bytes) -> str:
    """Keep the bytes and answer their SHA-256 in hexadecimal. Keeping them twice changes nothing."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = _path(sha256)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _folder(path.parent, fcntl.LOCK_SH):
        if path.exists():
            os.utime(path)
            return sha256
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        os.fchmod(descriptor, 0o600)
        with os.fdopen(descriptor, "wb") as part:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    return sha256


def get(sha256: str) -> bytes:
    """The bytes under an address, proved to be the ones that were stored. Raises Damaged."""
    try:
        content = _path(sha256).read_bytes()
    except FileNotFoundError:
        raise Damaged(f"nothing is stored under {sha256}") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Damaged(f"what is stored under {sha256} is not what was stored there")
    return content


def remove(sha256: str, *, older_than_s: int = YOUNG_S) -> bool:
    """The bytes under an address are gone. False where they are too young and have to wait.

    Nobody else stores the same bytes meanwhile. What is gone already counts as gone.
    """
    path = _path(sha256)
    if not path.parent.is_dir():
        return True
    with _folder(path.parent, fcntl.LOCK_EX):
        try:
            if time.time() - path.stat().st_mtime < older_than_s:
                return False
            path.unlink()
        except FileNotFoundError:
            return True
    _sync_folder(path.parent)
    return True


@contextmanager
def _folder(folder: Path, how: int) -> Iterator[None]:
    """Storing and removing keep out of each other's way, in one folder and for one moment."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def _path(sha256: str) -> Path:
    if not _SHA256.match(sha256):
        raise ValueError("not a SHA-256 in hexadecimal")
    return Path(settings.MEDIA_STORE) / sha256[:2] / sha256[2:4] / sha256


def _sync_folder(folder: Path) -> None:
    """The rename itself reaches the disk, or a power cut could lose the name of a synced file."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
