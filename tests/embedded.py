"""pytest plugin: an embedded database server of the tests' own for each worker, and templates to clone.

Loaded by `-p tests.embedded` before Django's settings are read. The controller starts the servers,
migrates a template database as the owner and fills its reference data; further templates have the
demonstration force as well, made now or when a test's clock stands, since making it for each test took most of a run. The first worker works as the application role on a clone of each. Every further worker does the same with
servers of its own, copied from those of the controller: transactions of one server see each other across its databases, and what waits
for all earlier ones to end (the seal, the alerts) would wait for another worker's test.

What the migrations leave is kept as a dump in `var/templates`, by their content, and taken from there
while no migration changes: it is the longest part of a start.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import psycopg2
from psycopg2 import sql

from smmp.local import places, scratch
from smmp.local.services import Services

BASE = Path(__file__).resolve().parents[1]
EMPTY = "smmp_template"
"""Migrated, with reference data, nobody in it."""

FORCE = "smmp_template_force"
"""The same with Wealdshire Police made (smmp.seed.force)."""

MADE_AT = {
    "smmp_template_march": "2026-03-02T09:00:00+00:00",
    "smmp_template_night": "2026-11-22T03:00:00+00:00",
    "smmp_template_sunday": "2026-11-22T18:00:00+00:00",
    "smmp_template_friday": "2026-11-27T12:00:00+00:00",
}
"""The same, made at the instant at which a fixture stops the clock (made_at)."""

TEMPLATES = (EMPTY, FORCE, *MADE_AT)

os.environ["DJANGO_SETTINGS_MODULE"] = "smmp.settings.test"
_services: Services | None = None


def _worker() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def database_name(template: str = EMPTY) -> str:
    """This worker's clone of a template."""
    return template.replace("template", f"test_{_worker()}")


def work_on(template: str) -> None:
    """From now on this process, its threads and its children use this worker's clone of `template`.

    Only between tests: open connections are closed.
    """
    from django.db import connections

    name = database_name(template)
    settings = connections["default"].settings_dict
    if settings["NAME"] != name:
        connections.close_all()
        settings["NAME"] = name
        os.environ["DATABASE_URL"] = _address(name)


def working_on() -> str:
    """The template whose clone is in use."""
    from django.db import connections

    name = connections["default"].settings_dict["NAME"]
    return next(template for template in TEMPLATES if database_name(template) == name)


def made_at(instant):
    """Says of a fixture that stops the clock at which instant it does: `@pytest.fixture` above, `@made_at(...)` below."""
    wanted = instant if isinstance(instant, datetime) else datetime.fromisoformat(instant)
    template = next(name for name, at in MADE_AT.items() if datetime.fromisoformat(at) == wanted)

    def mark(function):
        function.template = template
        return function

    return mark


def made_before(function):
    """Says of a fixture that stops the clock after the moment at which it is asked for: the force stands already.

    As `made_at`, below `@pytest.fixture`.
    """
    function.template = FORCE
    return function


def _address(name: str) -> str:
    return os.environ["SMMP_TEST_APP"].replace("/NAME?", f"/{name}?")


def admin(statement: sql.Composable) -> None:
    """Run one statement as the owner of the databases, outside a transaction."""
    connection = psycopg2.connect(os.environ["SMMP_TEST_ADMIN"])
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


def clone(template: str) -> None:
    """Make this worker's database afresh from the template: as files, which takes half as long as page by page."""
    name = sql.Identifier(database_name(template))
    admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
    copied = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
    admin(copied.format(name, sql.Identifier(template)))


def _let_the_owner_end_connections(address: str) -> None:
    """A test's thread may leave a connection open; dropping its database must still succeed."""
    connection = psycopg2.connect(address)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("GRANT pg_signal_backend TO smmp_owner")
    connection.close()


def _start(folder: Path) -> None:
    """Servers in a folder of their own, with the templates made."""
    services = _bring_up(folder)
    for template in TEMPLATES:
        admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(template)))
    admin(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(EMPTY)))
    _migrate(services)
    if "--collect-only" not in sys.argv:  # scripts/test.sh: the dump is what it is for
        _run(services.address("owner", EMPTY), "-c", FILL)


def _start_like(original: Path, folder: Path) -> None:
    """Servers in a folder of their own, copied with the templates from those that run in `original`."""
    source, here = places.find(original), places.find(folder)
    shutil.copy2(original / "secrets.json", folder / "secrets.json")
    shutil.rmtree(here.data, ignore_errors=True)
    places.private_folder(here.data, here)
    copy = [here.postgres_bin / "pg_basebackup", "--checkpoint=fast", "--no-sync", f"--pgdata={here.data}"]
    copy.append(f"--dbname={Services(source).address('super', 'postgres')}")
    subprocess.run(copy, check=True, cwd="/", **Services(here).as_whom())
    _bring_up(folder)


def _bring_up(folder: Path) -> Services:
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
    os.environ[scratch.TEMPLATE] = EMPTY
    return _services


FILL = f"""
import os
import django
import psycopg2
import time_machine
django.setup()
from django.core.management import call_command
from django.db import connection
from smmp.seed import force
call_command("seed", reference_only=True, verbosity=0)
connection.close()
server = psycopg2.connect(os.environ["SMMP_TEST_ADMIN"])
server.autocommit = True
for name, instant in {dict.fromkeys((FORCE,)) | MADE_AT}.items():
    server.cursor().execute(f"CREATE DATABASE {{name}} TEMPLATE {EMPTY}")
    connection.settings_dict["NAME"] = name
    if instant is None:
        force.make()
    else:
        with time_machine.travel(instant, tick=False):
            force.make()
    connection.close()
"""
"""What a process of its own does, so that this one's settings can still name another database.

It must not import this module: that starts servers.
"""


def _migrate(services: Services) -> None:
    """The empty template has every table. Both ways leave the same: one runs what the other wrote down."""
    kept = BASE / "var" / "templates" / f"{_migrations()}.sql"
    programs = services.places.postgres_bin
    address = services.address("super", EMPTY)
    if kept.exists():
        command = [programs / "psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={kept}", address]
        if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE).returncode == 0:
            return
        kept.unlink()
        for statement in ("DROP DATABASE {}", "CREATE DATABASE {}"):
            admin(sql.SQL(statement).format(sql.Identifier(EMPTY)))
    _run(services.address("owner", EMPTY), "manage.py", "migrate", "--verbosity=0", "--skip-checks")
    kept.parent.mkdir(parents=True, exist_ok=True)
    half = kept.with_suffix(f".{os.getpid()}")
    subprocess.run([programs / "pg_dump", "--no-sync", f"--file={half}", address], check=True)
    half.replace(kept)
    for old in sorted(kept.parent.iterdir(), key=lambda path: path.stat().st_mtime)[:-KEPT_DUMPS]:
        old.unlink(missing_ok=True)


KEPT_DUMPS = 3
ALSO_MADE_FROM = ("retention/sql.py", "retention/registry.py", "smmp/database.py")


def _migrations() -> str:
    """A name for what `migrate` makes: by the migrations, ours and those of the packages, and by what rooms say of their records."""
    digest = hashlib.sha256((BASE / "requirements.lock").read_bytes())
    made_from = [*BASE.glob("*/migrations/*.py"), *BASE.glob("*/records.py")]
    for path in sorted([*made_from, *map(BASE.joinpath, ALSO_MADE_FROM)]):
        digest.update(str(path.relative_to(BASE)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _run(address: str, *command: str) -> None:
    environment = {**os.environ, "DATABASE_URL": address, "DATABASE_OWNER_URL": address}
    subprocess.run([sys.executable, "-W", "ignore", *command], cwd=BASE, env=environment, check=True)


MEMORY = Path("/dev/shm")
ROOM_BYTES = 4 << 30


def _folder(name: str) -> Path:
    """Where the servers keep their state: in memory where there is room, else under `var`.

    Hundreds of tests have a database made for them and dropped; a disk is kept busy with writing them down.
    """
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        return MEMORY / f"smmp-{hashlib.sha256(bytes(BASE)).hexdigest()[:8]}-{name}"
    return BASE / "var" / name


if _worker() not in {"main", "gw0"}:
    _start_like(Path(os.environ["SMMP_VAR"]), _folder(f"test-{_worker()}"))
elif "SMMP_TEST_APP" not in os.environ:
    _start(_folder("test"))
os.environ["DATABASE_URL"] = _address(database_name())


def pytest_unconfigure(config) -> None:
    if _services is not None:
        _services.stop()
        if (folder := Path(os.environ["SMMP_VAR"])).parent == MEMORY:
            shutil.rmtree(folder, ignore_errors=True)
