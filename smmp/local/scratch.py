"""A scratch database: migrated, empty but for reference data, and gone afterwards. For benches and drills.

It stands on the same server as the platform's own database and never touches that one. While the
block runs, Django's default connection in this process (and in every thread of it) works on the
scratch database as the application role.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.db import connection, connections
from psycopg2 import sql

from core.commands import CommandRefused
from smmp import env
from smmp.local.children import BASE_DIR

PREFIX = "smmp_scratch_"
TEMPLATE = "SMMP_SCRATCH_TEMPLATE"
"""A database of the same server, migrated and with reference data, that a scratch database is copied from if named."""


@dataclass(frozen=True)
class Scratch:
    """Where the scratch database is: for psycopg2, and for programs that read the environment."""

    name: str
    owner: str
    """Its address as the owner, who migrates and may do anything in it."""
    app: str
    """Its address as the application role."""

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a child process that works on it; no broker reaches it."""
        return {**os.environ, "DATABASE_URL": self.app, "DATABASE_OWNER_URL": self.owner, "REDIS_URL": ""}


@contextlib.contextmanager
def database(*, reference: bool = True) -> Iterator[Scratch]:
    """A scratch database for the length of the block.

    reference: fill the retention schedule and the other reference data.
    Raises CommandRefused where the owner of the platform's database may not make another one.
    """
    try:
        owner_address, app_address = env.text("DATABASE_OWNER_URL"), env.text("DATABASE_URL")
    except env.WrongEnvironment as wrong:
        raise CommandRefused(f"A scratch database is made by the owner: {wrong}") from None
    name = f"{PREFIX}{os.getpid()}"
    scratch = Scratch(name, _on(owner_address, name), _on(app_address, name))
    _sweep(owner_address)
    template = os.environ.get(TEMPLATE, "") if reference else ""
    try:
        copied = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        _run(owner_address, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + copied)
    except psycopg2.errors.InsufficientPrivilege:
        raise CommandRefused(
            "The database's owner may not make a scratch database beside it. Give the role CREATEDB, "
            "or run this where the embedded database is used."
        ) from None
    try:
        if not template:
            _prepare(scratch, reference=reference)
        with _default_connection(name):
            yield scratch
    finally:
        _drop(owner_address, name)


def _prepare(scratch: Scratch, *, reference: bool) -> None:
    commands = [["migrate", "--verbosity=0"]] + ([["seed", "--reference-only"]] if reference else [])
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", str(BASE_DIR / "manage.py"), *command],
            env=scratch.environment,
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no reason was given"]
            raise CommandRefused(f"`manage.py {command[0]}` failed on the scratch database: {last[0]}")


@contextlib.contextmanager
def _default_connection(name: str) -> Iterator[None]:
    """Point the default connection at the scratch database, and back again."""
    # Connections of all threads are made from this very dictionary.
    settings = connection.settings_dict
    before = settings["NAME"]
    connection.close()
    settings["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        settings["NAME"] = before


def _sweep(owner_address: str) -> None:
    """Drop what a killed run on this machine left behind. One that is in use cannot be dropped, and stays."""
    with contextlib.closing(psycopg2.connect(owner_address)) as server:
        with server.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [PREFIX + "%"])
            names = [name for (name,) in cursor.fetchall() if re.fullmatch(PREFIX + r"\d+", name)]
    for name in names:
        if not _is_running(int(name.removeprefix(PREFIX))):
            with contextlib.suppress(psycopg2.Error):
                _drop(owner_address, name, wait_s=0)


def _drop(owner_address: str, name: str, *, wait_s: float = 10) -> None:
    """Drop it. A connection that a thread or a child has just let go may take a moment to end."""
    deadline = time.monotonic() + wait_s
    while True:
        try:
            return _run(owner_address, sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        except psycopg2.errors.ObjectInUse:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.2)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _run(address: str, statement: sql.Composable) -> None:
    server = psycopg2.connect(address)
    server.autocommit = True
    try:
        with server.cursor() as cursor:
            cursor.execute(statement)
    finally:
        server.close()


def _on(address: str, name: str) -> str:
    """The same server and role, another database."""
    return urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
