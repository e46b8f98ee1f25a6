"""Production as the guide describes it, step by step, on a server of this machine."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote

import psycopg2
import pytest

from smmp.local.places import find
from smmp.local.services import Services

BASE = Path(__file__).resolve().parents[2]
HOST = "smmp.wealdshire.example"


@pytest.fixture(scope="module")
def server():
    """A database server that knows nothing of us yet, and its superuser's way in."""
    places = find(BASE / "var" / f"test-production-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
    shutil.rmtree(places.data, ignore_errors=True)
    services = Services(places, durable=False)
    try:
        services.start()
        for statement in ("DROP DATABASE smmp", "DROP ROLE smmp_owner, smmp_app, smmp_disposer"):
            _run_sql(services.address("super", "postgres"), statement)
        yield services
    finally:
        services.stop()
        shutil.rmtree(places.data, ignore_errors=True)


@pytest.fixture(scope="module")
def secrets(server, tmp_path_factory):
    """The secrets as deploy/make-secrets.sh makes them, with this server's address."""
    folder = tmp_path_factory.mktemp("secrets")
    for _ in range(2):
        result = subprocess.run(["sh", "deploy/make-secrets.sh", str(folder)], cwd=BASE, capture_output=True)
        assert result.returncode == 0, result.stderr
    where = quote(str(server.places.sockets))
    for role in ("app", "owner"):
        name = "database_url" if role == "app" else "database_owner_url"
        made = (folder / name).read_text()
        assert made.endswith("@db:5432/smmp")
        (folder / name).chmod(0o600)
        (folder / name).write_text(made.replace("db:5432/smmp", f"/smmp?host={where}"))
    (folder / "redis_url").chmod(0o600)
    (folder / "redis_url").write_text(server.environment["REDIS_URL"])
    return folder


@pytest.fixture(scope="module")
def environment(secrets, tmp_path_factory):
    """What docker-compose.yml gives web, worker and scheduler: every secret by its file."""
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "smmp.settings.production",
        "SMMP_DEVICE_CLASSES": "off",
        "SMMP_HOSTS": HOST,
        "SMMP_ADDRESS": f"https://{HOST}",
        "SMMP_VAR": str(tmp_path_factory.mktemp("var")),
        "SMMP_STATIC": str(tmp_path_factory.mktemp("static")),
        "SMMP_TRUSTED_PROXIES": "127.0.0.1/32",
        "SMMP_SECRET_KEY_FILE": str(secrets / "secret_key"),
        "SMMP_CREDENTIAL_KEYS_FILE": str(secrets / "credential_keys"),
        "SMMP_SEAL_SIGNERS": str(secrets / "seal"),
        "SMMP_METRICS_TOKEN_FILE": str(secrets / "metrics_token"),
        "SMMP_SMTP_PASSWORD_FILE": str(secrets / "smtp_password"),
        "DATABASE_URL_FILE": str(secrets / "database_url"),
        "REDIS_URL_FILE": str(secrets / "redis_url"),
    }


@pytest.fixture(scope="module")
def migrated(server, secrets, environment):
    """Roles made, database migrated by the owner, reference data filled by the application."""
    result = subprocess.run(
        ["sh", "deploy/db-init.sh"],
        cwd=BASE,
        env={
            "PATH": f"{server.places.postgres_bin}:{os.environ['PATH']}",
            "PGHOST": str(server.places.sockets),
            "PGPASSWORD": server.secrets["super_password"],
            "POSTGRES_USER": "smmp_super",
            "SMMP_SECRETS": str(secrets),
        },
        capture_output=True,
        text=True,
    )
    assert (result.returncode, result.stderr) == (0, "")
    owner = {**environment, "DATABASE_OWNER_URL_FILE": str(secrets / "database_owner_url")}
    for command in (["migrate", "--no-input"], ["seed", "--reference-only"]):
        result = _manage(owner, *command)
        assert result.returncode == 0, result.stderr
    return environment


def _manage(environment, *arguments):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=BASE, env=environment, capture_output=True, text=True
    )


def _run_sql(address, statement, fetch=False):
    connection = psycopg2.connect(address)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if fetch else None
    finally:
        connection.close()


def test_the_application_cannot_do_what_the_owner_can(server, secrets, migrated):
    app = (secrets / "database_url").read_text()
    assert _run_sql(app, "SELECT count(*) FROM retention_schedulerow", fetch=True)[0][0] > 0
    for forbidden in ("DELETE FROM audit_entry", "DROP TABLE audit_entry", "CREATE TABLE mine (x int)"):
        with pytest.raises(psycopg2.Error):
            _run_sql(app, forbidden)


def _listens(port: str) -> bool:
    """Whether somebody is there, without starting a program for each look."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


def test_web_serves_from_secrets_in_files_and_its_health_check_sees_it(migrated):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = {**migrated, "PORT": port, "SMMP_BIND": "127.0.0.1", "SMMP_WEB_WORKERS": "1"}
    static = subprocess.run(
        ["sh", "deploy/collect-static.sh", sys.executable],
        cwd=BASE,
        env={k: environment[k] for k in ("PATH", "SMMP_STATIC", "SMMP_VAR")},
        capture_output=True,
        text=True,
    )
    assert static.returncode == 0, static.stderr
    assert (Path(environment["SMMP_STATIC"]) / "staticfiles.json").is_file()
    silent = _manage(environment, "healthy", "web")
    assert silent.returncode == 2
    assert "The web server does not answer (URLError)." in silent.stderr
    web = subprocess.Popen([sys.executable, "manage.py", "serve", "web"], cwd=BASE, env=environment)
    try:
        deadline = time.monotonic() + 300
        while not _listens(port):
            assert time.monotonic() < deadline, "the web server did not begin to listen"
            time.sleep(0.2)
        while (seen := _manage(environment, "healthy", "web")).returncode != 0:
            assert time.monotonic() < deadline, seen.stderr
        for part in ("worker", "scheduler"):
            absent = _manage(environment, "healthy", part)
            assert absent.returncode == 2
            assert f"The {part} has given no sign of life" in absent.stderr
        ready = urllib.request.Request(f"http://127.0.0.1:{port}/readyz", headers={"Host": HOST})
        with pytest.raises(urllib.error.HTTPError) as answer:
            urllib.request.urlopen(ready, timeout=30)
        assert answer.value.code == 503
        parts = json.load(answer.value)["parts"]
        assert parts["database"]["ready"]
        assert parts["broker"]["ready"]
        page = urllib.request.Request(
            f"http://127.0.0.1:{port}/sign-in/",
            headers={"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"},
        )
        with urllib.request.urlopen(page, timeout=60) as shown:
            assert shown.status == 200
            assert "max-age=31536000" in shown.headers["Strict-Transport-Security"]
    finally:
        web.terminate()
        web.wait(timeout=40)


def test_a_backup_comes_back_whole_on_a_server_with_the_same_roles(server, secrets, migrated, tmp_path):
    tools = server.places.postgres_bin
    login = {
        "PATH": os.environ["PATH"],
        "PGHOST": str(server.places.sockets),
        "PGUSER": "smmp_super",
        "PGPASSWORD": server.secrets["super_password"],
    }
    backup = tmp_path / "smmp.dump"
    for command in (
        [tools / "pg_dump", "--format=custom", f"--file={backup}", "smmp"],
        [tools / "createdb", "--owner=smmp_owner", "restored"],
        [tools / "pg_restore", "--exit-on-error", "--dbname=restored", backup],
    ):
        result = subprocess.run(command, env=login, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
    before, after = (
        _run_sql(
            server.address("super", name),
            "SELECT (SELECT count(*) FROM retention_schedulerow), (SELECT count(*) FROM django_migrations), "
            "(SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'retention_dispose'), "
            "has_table_privilege('smmp_app', 'audit_entry', 'DELETE')",
            fetch=True,
        )
        for name in ("smmp", "restored")
    )
    assert before == after
    assert before[0][2:] == ("smmp_disposer", False)
