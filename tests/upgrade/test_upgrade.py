"""Each kept release's seeded database comes up under today's code with nothing lost."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import sql

from smmp.local import places
from tests import embedded

BASE = Path(__file__).resolve().parents[2]
RELEASES = sorted(Path(__file__).parent.glob("*.sql.gz"))


def _counts(address: str) -> dict[str, int]:
    with psycopg2.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        found = {}
        for table in tables:
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
            found[table] = cursor.fetchone()[0]
    return found


@pytest.mark.parametrize("dump", RELEASES, ids=lambda path: path.name.removesuffix(".sql.gz"))
def test_a_kept_release_migrates_with_all_its_rows(dump):
    name = f"smmp_upgrade_{os.getpid()}"
    embedded.admin(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    owner = os.environ["SMMP_TEST_ADMIN"].replace("/postgres?", f"/{name}?")
    app = os.environ["SMMP_TEST_APP"].replace("/NAME?", f"/{name}?")
    try:
        loaded = subprocess.run(
            [places.find().postgres_bin / "psql", "--quiet", "--set=ON_ERROR_STOP=1", owner],
            input=gzip.decompress(dump.read_bytes()),
            capture_output=True,
        )
        assert loaded.returncode == 0, loaded.stderr.decode()
        before = _counts(owner)
        environment = {**os.environ, "DATABASE_URL": owner, "DATABASE_OWNER_URL": owner}
        for command in (["migrate", "--verbosity=0", "--skip-checks"], ["seed"]):
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "manage.py", *command],
                cwd=BASE,
                env=environment,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr
        after = _counts(owner)
        lost = {table: (n, after.get(table)) for table, n in before.items() if after.get(table, 0) < n}
        assert lost == {}
        with psycopg2.connect(app) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM staff_staffmember")
            assert cursor.fetchone()[0] > 0
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute("DELETE FROM audit_entry")
    finally:
        embedded.admin(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_there_is_a_kept_release():
    assert RELEASES
