"""pytest plugin: an embedded database server of the tests' own for each worker, and a template to clone.

Loaded by `-p tests.embedded` before Django's settings are read. The controller starts the servers in
`var/test`, migrates a template database as the owner and fills its reference data; the first worker
works as the application role on a clone of it. Every further worker does the same with servers of its
own: transactions of one server see each other across its databases, and what waits for all earlier
ones to end (the seal, the alerts) would wait for another worker's test.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg2
from psycopg2 import sql

from smmp.local import places
from smmp.local.services import Services

BASE = Path(__file__).resolve().parents[1]
TEMPLATE = "smmp_template"
os.environ["DJANGO_SETTINGS_MODULE"] = "smmp.settings.test"
_services: Services | None = None


def _worker() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def database_name() -> str:
    return f"smmp_test_{_worker()}"


def admin(statement: sql.Composable) -> None:
    """Run one statement as the owner of the databases, outside a transaction."""
    connection = psycopg2.connect(os.environ["SMMP_TEST_ADMIN"])
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


def clone() -> None:
    """Make this worker's database afresh from the template."""
    name = sql.Identifier(database_name())
    admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
    admin(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, sql.Identifier(TEMPLATE)))


def _let_the_owner_end_connections(address: str) -> None:
    """A test's thread may leave a connection open; dropping its database must still succeed."""
    connection = psycopg2.connect(address)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("GRANT pg_signal_backend TO smmp_owner")
    connection.close()


def _start(folder: Path) -> None:
    global _services
    os.environ["SMMP_VAR"] = str(folder)
    _services = Services(places.find(), durable=False)
    # It would hold such waits up now and then, and change plans from one run to the next.
    _services.postgres_settings = {"autovacuum": "off"}
    _services.start()
    os.environ.update(_services.environment)
    _let_the_owner_end_connections(_services.address("super", "postgres"))
    os.environ["SMMP_TEST_ADMIN"] = _services.address("owner", "postgres")
    os.environ["SMMP_TEST_APP"] = _services.address("app", "NAME")
    admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(TEMPLATE)))
    admin(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
    environment = {
        **os.environ,
        "DATABASE_URL": _services.address("owner", TEMPLATE),
        "DATABASE_OWNER_URL": _services.address("owner", TEMPLATE),
    }
    for command in (["migrate", "--verbosity=0"], ["seed", "--reference-only"]):
        subprocess.run(
            [sys.executable, "-W", "ignore", "manage.py", *command], cwd=BASE, env=environment, check=True
        )


if _worker() not in {"main", "gw0"}:
    _start(BASE / "var" / f"test-{_worker()}")
elif "SMMP_TEST_APP" not in os.environ:
    _start(BASE / "var" / "test")
os.environ["DATABASE_URL"] = os.environ["SMMP_TEST_APP"].replace("/NAME?", f"/{database_name()}?")


def pytest_unconfigure(config) -> None:
    if _services is not None:
        _services.stop()
