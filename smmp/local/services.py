"""Embedded Postgres and Valkey as child processes on unix sockets, for demonstration and tests.

`Services.start` brings both up; they die with the process that started them (Linux: the kernel
ends them even after kill -9). `session()` is for commands: it joins what is running in this
checkout or starts it for the command's own length.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from smmp.env import is_set
from smmp.local.places import CannotStart, Places, find, local_secrets, private_folder

START_TIMEOUT_S = 60.0
LET_GO_S = 15
"""After a kill -9 the processes of the database before this one may hold its memory for a moment longer."""
AGAIN_WITHIN_S = 15.0
LEAST_FREE_BYTES = 400 * 1024 * 1024
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def dies_with_parent(with_signal: int) -> Callable[[], None]:
    """A function for the child, run between fork and exec: the kernel signals it when we die."""
    parent = os.getpid()

    def prepare() -> None:
        os.setpgid(0, 0)
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, with_signal, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return prepare


class Services:
    """The two servers of one checkout, once started."""

    def __init__(self, places: Places, *, durable: bool = True) -> None:
        self.places = places
        self.secrets = local_secrets(places.var)
        self.durable = durable
        self.wanted: tuple[str, ...] = ("postgres", "valkey")
        self.postgres_settings: dict[str, str] = {}
        """Further server settings, by their Postgres names."""
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *, output: int | None = None) -> None:
        """Start Postgres and Valkey and make the roles and the database where missing.

        Raises CannotStart with one sentence; whatever had come up is stopped again.
        """
        try:
            if "postgres" in self.wanted:
                self._check_disk()
                self._init_data()
                self._start_postgres(output)
                self._make_roles()
            if "valkey" in self.wanted:
                self._start_valkey(output)
        except BaseException:
            self.stop()
            raise

    def start_again(self, name: str) -> None:
        """One of the two that ended comes up again, on the same data. Raises CannotStart.

        Postgres refuses for as long as a connection of the one before has not noticed its end, so it
        is tried for AGAIN_WITHIN_S.
        """
        self.children.pop(name).wait()
        deadline = time.monotonic() + AGAIN_WITHIN_S
        while True:
            try:
                return self._start_postgres(None) if name == "postgres" else self._start_valkey(None)
            except CannotStart:
                if time.monotonic() > deadline:
                    raise
                self.children.pop(name, None)
                time.sleep(0.3)

    def stop(self) -> None:
        """Stop both, Postgres by its fast shutdown, and wait until they are gone."""
        for name, how in (("valkey", signal.SIGTERM), ("postgres", signal.SIGINT)):
            child = self.children.pop(name, None)
            if child is None or child.poll() is not None:
                continue
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(how)
            try:
                child.wait(timeout=2)
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGQUIT if name == "postgres" else signal.SIGKILL)
                child.wait(timeout=5)

    def address(self, role: str, database: str = "smmp") -> str:
        """The address of the database for `super`, `owner` or `app`."""
        password = quote(self.secrets[f"{role}_password"])
        return f"postgresql://smmp_{role}:{password}@/{database}?host={quote(str(self.places.sockets))}"

    @property
    def environment(self) -> dict[str, str]:
        """What settings need in order to reach these servers."""
        found = standing_environment(self.places.var)
        if "postgres" in self.wanted:
            found["DATABASE_URL"] = self.address("app")
            found["DATABASE_OWNER_URL"] = self.address("owner")
            found["SMMP_EMBEDDED"] = "on"
        if "valkey" in self.wanted:
            password = quote(self.secrets["valkey_password"])
            found["REDIS_URL"] = f"redis+socket://:{password}@{self._valkey_socket}"
        return found

    @property
    def _valkey_socket(self) -> Path:
        return self.places.sockets / "valkey.sock"

    def _check_disk(self) -> None:
        free = os.statvfs(self.places.home)
        if free.f_bavail * free.f_frsize < LEAST_FREE_BYTES:
            raise CannotStart(
                f"The disk that holds {self.places.home} has less than 400 MB free. Make room, or set "
                "SMMP_VAR to a folder on another disk."
            )

    def as_whom(self) -> dict[str, Any]:
        """For subprocess: the user who owns the data. The empty dictionary: ourselves."""
        person = self.places.runs_as
        if person is None:
            return {}
        return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}

    def _init_data(self) -> None:
        data = self.places.data
        if (data / "PG_VERSION").exists():
            return
        private_folder(data, self.places)
        if any(data.iterdir()):
            raise CannotStart(f"{data} is half made. Remove it (make reset) and try again.")
        password = self.places.sockets / f"initdb-{os.getpid()}"
        password.touch(mode=0o600)
        password.write_text(self.secrets["super_password"])
        if self.places.runs_as:
            os.chown(password, self.places.runs_as.pw_uid, self.places.runs_as.pw_gid)
        result = subprocess.run(
            [
                self.places.postgres_bin / "initdb",
                f"--pgdata={data}",
                "--username=smmp_super",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--locale=C.UTF-8",
                "--no-instructions",
                "--no-sync",
            ],
            capture_output=True,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            **self.as_whom(),
        )
        password.unlink()
        if result.returncode != 0:
            last = (result.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"])[-1]
            raise CannotStart(f"The database could not be made in {data}: {last}")

    def _spawn(self, name: str, command: list[str], death: int, output: int | None, **more) -> None:
        self.children[name] = subprocess.Popen(
            command,
            stdin=more.pop("stdin", subprocess.DEVNULL),
            stdout=output if output is not None else subprocess.DEVNULL,
            stderr=output if output is not None else subprocess.DEVNULL,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            preexec_fn=dies_with_parent(death),
            **self.as_whom(),
        )

    def _start_postgres(self, output: int | None) -> None:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.places.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            # Statements and row details carry the public's words: they stay out of the log.
            "log_min_messages": "fatal",
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "password_encryption": "scram-sha-256",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        settings |= self.postgres_settings
        command = [str(self.places.postgres_bin / "postgres"), "-D", str(self.places.data)]
        for key, value in settings.items():
            command += ["-c", f"{key}={value}"]
        begun = time.monotonic()
        deadline, let_go_by = begun + START_TIMEOUT_S, begun + LET_GO_S
        used_before = (self.places.data / "postmaster.pid").exists()
        self._spawn("postgres", command, signal.SIGINT, output)
        while True:
            if self.children["postgres"].poll() is not None:
                if used_before and time.monotonic() < let_go_by:
                    time.sleep(0.25)
                    self._spawn("postgres", command, signal.SIGINT, output)
                    continue
                raise CannotStart(
                    "The embedded database ended at once. Another program may be using "
                    f"{self.places.data}, or the disk is full."
                )
            try:
                psycopg2.connect(self.address("super", "postgres"), connect_timeout=3).close()
                return
            except psycopg2.OperationalError:
                if time.monotonic() > deadline:
                    raise CannotStart("The embedded database did not come up within a minute.") from None
                time.sleep(0.05)

    def _start_valkey(self, output: int | None) -> None:
        config = "\n".join(
            [
                "port 0",
                f'unixsocket "{self._valkey_socket}"',
                "unixsocketperm 700",
                f"requirepass {self.secrets['valkey_password']}",
                'save ""',
                "appendonly no",
                "maxmemory 256mb",
                "loglevel warning",
                f'dir "{self.places.sockets}"',
            ]
        )
        reading, writing = os.pipe()
        os.write(writing, config.encode())
        os.close(writing)
        with contextlib.suppress(FileNotFoundError):
            self._valkey_socket.unlink()
        self._spawn("valkey", [str(self.places.valkey), "-"], signal.SIGTERM, output, stdin=reading)
        os.close(reading)
        deadline = time.monotonic() + 15
        while not self._valkey_socket.exists():
            if self.children["valkey"].poll() is not None or time.monotonic() > deadline:
                raise CannotStart("The embedded Valkey did not come up. Set REDIS_URL to use another server.")
            time.sleep(0.02)

    def _make_roles(self) -> None:
        connection = psycopg2.connect(self.address("super", "postgres"))
        connection.autocommit = True
        with connection.cursor() as cursor:
            for role in ("owner", "app"):
                name = sql.Identifier(f"smmp_{role}")
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [f"smmp_{role}"])
                verb = sql.SQL("ALTER" if cursor.fetchone() else "CREATE")
                rights = sql.SQL("LOGIN CREATEDB" if role == "owner" else "LOGIN")
                cursor.execute(
                    sql.SQL("{} ROLE {} {} PASSWORD {}").format(
                        verb, name, rights, sql.Literal(self.secrets[f"{role}_password"])
                    )
                )
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'smmp_disposer'")
            if not cursor.fetchone():
                cursor.execute("CREATE ROLE smmp_disposer NOLOGIN")
            cursor.execute("GRANT smmp_disposer TO smmp_owner")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'smmp'")
            if not cursor.fetchone():
                cursor.execute("CREATE DATABASE smmp OWNER smmp_owner")
        connection.close()


def standing_environment(var: Path) -> dict[str, str]:
    """Secrets of this checkout as settings read them, real databases or not."""
    made = local_secrets(var)
    return {
        "SMMP_VAR": str(var),
        "SMMP_SECRET_KEY": made["secret_key"],
        "SMMP_CREDENTIAL_KEYS": made["credential_key"],
        "SMMP_METRICS_TOKEN": made["metrics_token"],
    }


@contextlib.contextmanager
def owned(*, wait_s: float, say: Callable[[str], None], durable: bool = True) -> Iterator[Services | None]:
    """Own this checkout's services for the length of the block; None where somebody else does.

    Whoever owns them starts and stops them; on leaving, joined commands are waited for.
    """
    places = find()
    with places.owner_lock.open("a+") as lock:
        deadline = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    yield None
                    return
                time.sleep(0.1)
        services = Services(places, durable=durable)
        try:
            yield services
        finally:
            places.services.unlink(missing_ok=True)
            # After `make reset` the folder is gone, and with it anybody who could have joined.
            if places.users_lock.parent.exists():
                with places.users_lock.open("a+") as users:
                    _wait_for_users(users, say)
            services.stop()


def _wait_for_users(users, say: Callable[[str], None]) -> None:
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            time.sleep(0.1)
    say("Another command was still using the database; it is being stopped.")


def announce(services: Services, **more: object) -> None:
    """Let other commands in this checkout find and join these servers."""
    path = services.places.services
    half = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"pid": os.getpid(), "environment": services.environment, **more}, file)
    half.rename(path)


def running(places: Places) -> dict[str, object] | None:
    """What the present owner has announced, or None."""
    try:
        return json.loads(places.services.read_text())
    except (FileNotFoundError, ValueError):
        return None


@contextlib.contextmanager
def session() -> Iterator[dict[str, str]]:
    """The environment of running servers: joined where somebody runs them, else started for this block.

    Raises CannotStart. With DATABASE_URL set, nothing is started.
    """
    if is_set("DATABASE_URL") or is_set("DATABASE_OWNER_URL"):
        yield {} if is_set("SMMP_SECRET_KEY") else standing_environment(find().var)
        return
    say = lambda words: print(words, file=sys.stderr)  # noqa: E731
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        with owned(wait_s=0, say=say) as services:
            if services is not None:
                services.start()
                announce(services)
                yield services.environment
                return
            places = find()
            with places.users_lock.open("a+") as users:
                fcntl.flock(users, fcntl.LOCK_SH)
                found = running(places)
                if found is not None:
                    yield dict(found["environment"])  # type: ignore[call-overload]
                    return
        if time.monotonic() > deadline:
            raise CannotStart(
                "Another command holds the database and does not let go. Stop it and try again."
            )
        time.sleep(0.2)
