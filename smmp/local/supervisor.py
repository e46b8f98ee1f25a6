"""The supervisor behind `make run`: everything up in one terminal, everything down with it.

It starts Postgres and Valkey (unless DATABASE_URL / REDIS_URL name others), migrates, seeds on
the first run, starts web, worker and scheduler, prefixes their log lines, restarts one that
dies, and stops all within five seconds on Ctrl-C. Children carry a parent-death signal, so that
after kill -9 of the supervisor the kernel ends them (Linux).
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field

from smmp import env
from smmp.local import children
from smmp.local.places import CannotStart, find
from smmp.local.services import Services, announce, dies_with_parent, owned, running

RESTARTS = 5
"""A child that dies this often within RESTART_WINDOW_S brings the whole platform down, with a sentence."""
RESTART_WINDOW_S = 60.0
READY_TIMEOUT_S = 300.0
STOP_TIMEOUT_S = 2.0
COLOURS = {"web": "36", "worker": "33", "scheduler": "35", "database": "34"}


@dataclass
class Child:
    """A long-running part and how it fares."""

    name: str
    command: list[str]
    after_kill: int = signal.SIGTERM
    """What the kernel sends it when the supervisor is killed."""
    process: subprocess.Popen[bytes] | None = None
    started: list[float] = field(default_factory=list)


class Supervisor:
    """One run of the whole platform on this machine."""

    def __init__(
        self, *, host: str, port: int, services: Services | None, environment: dict[str, str]
    ) -> None:
        self.host = host
        self.port = port
        self.services = services
        self.environment = environment
        self.ending = False
        self.services_ended: dict[str, list[float]] = {}
        self.selector = selectors.DefaultSelector()
        self.children = [
            Child("web", children.web_command(host=host, port=port)),
            # On SIGTERM Celery waits for what it is doing, and by then its database is gone.
            Child("worker", children.worker_command(), after_kill=signal.SIGKILL),
            Child("scheduler", children.scheduler_command()),
        ]

    @property
    def address(self) -> str:
        return f"http://{'127.0.0.1' if self.host in {'0.0.0.0', '::'} else self.host}:{self.port}"  # noqa: S104  # nosec B104

    def run(self) -> int:
        """Bring everything up, watch it, take it down. Answers the exit status."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end)
        status = 0
        try:
            self._prepare()
            for child in self.children:
                self._start(child)
            status = self._watch()
        finally:
            self._stop()
        return status

    def _end(self, *_: object) -> None:
        if self.ending:
            return
        self.ending = True

    def _prepare(self) -> None:
        """Migrate and seed before anything serves. Django's checks are made once, by the second."""
        for words, command in (
            ("Bringing the database up to date", ["migrate", "--verbosity=0", "--skip-checks"]),
            ("Filling in what is missing", ["seed"]),
        ):
            if self.ending:
                return
            say(f"{words} …")
            result = subprocess.run(
                [sys.executable, "-W", "ignore", str(children.BASE_DIR / "manage.py"), *command],
                env=self.environment,
                cwd=children.BASE_DIR,
                capture_output=True,
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )
            if result.returncode and not self.ending:
                text = (result.stderr or result.stdout).decode(errors="replace").strip()
                last = text.splitlines()[-1] if text else "no reason was given"
                raise CannotStart(f"`manage.py {command[0]}` failed: {last}")

    def _start(self, child: Child) -> None:
        child.started.append(time.monotonic())
        child.process = subprocess.Popen(
            child.command,
            env=self.environment,
            cwd=children.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=dies_with_parent(child.after_kill),
        )
        assert child.process.stdout is not None
        os.set_blocking(child.process.stdout.fileno(), False)
        self.selector.register(child.process.stdout, selectors.EVENT_READ, (child.name, bytearray()))

    def _watch(self) -> int:
        ready = False
        deadline = time.monotonic() + READY_TIMEOUT_S
        asked = 0.0
        while not self.ending:
            self._pass_on_lines(0.25)
            for child in self.children:
                if child.process is not None and child.process.poll() is not None and not self.ending:
                    self._restart(child)
            if self.services is not None:
                for name, process in list(self.services.children.items()):
                    if process.poll() is not None and not self.ending:
                        self._restart_service(self.services, name, process.returncode)
            if not ready and time.monotonic() - asked > 0.4:
                asked = time.monotonic()
                ready = self._is_ready()
                if ready:
                    self._greet()
                elif asked > deadline:
                    raise CannotStart(
                        f"The platform did not become ready in {READY_TIMEOUT_S:.0f} s; the lines above say why. "
                        f"{self.address}/readyz names the part that is missing."
                    )
        return 0

    def _restart(self, child: Child) -> None:
        assert child.process is not None
        _end_group(child.process, signal.SIGKILL)
        recent = [at for at in child.started if time.monotonic() - at < RESTART_WINDOW_S]
        if len(recent) >= RESTARTS:
            raise CannotStart(
                f"{child.name} ended {len(recent)} times within a minute (last exit status "
                f"{child.process.returncode}), so everything stops. Its lines above say why."
            )
        say(f"{child.name} ended with status {child.process.returncode}; starting it again")
        self._start(child)

    def _restart_service(self, services: Services, name: str, status: int) -> None:
        """The database and the broker too: what reaches for them meanwhile waits or is told so."""
        ended = self.services_ended.setdefault(name, [])
        ended.append(time.monotonic())
        recent = [at for at in ended if time.monotonic() - at < RESTART_WINDOW_S]
        if len(recent) >= RESTARTS:
            raise CannotStart(
                f"The embedded {name} ended {len(recent)} times within a minute (last exit status {status}), "
                "so everything stops."
            )
        say(f"The embedded {name} ended with status {status}; starting it again")
        services.start_again(name)

    def _pass_on_lines(self, timeout_s: float) -> None:
        for key, _ in self.selector.select(timeout_s):
            name, rest = key.data
            try:
                chunk = os.read(key.fd, 65536)
            except BlockingIOError:
                continue
            if not chunk:
                self.selector.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]
                continue
            rest += chunk
            *lines, left = bytes(rest).split(b"\n")
            rest[:] = left[-65536:]
            for line in lines:
                _print_line(name, line)

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=1) as answer:  # noqa: S310  # nosec B310
                return bool(json.load(answer)["ready"])
        except (OSError, ValueError, urllib.error.URLError):
            return False

    def _greet(self) -> None:
        demo = self.environment.get("DJANGO_SETTINGS_MODULE", "").endswith("demo")
        lines = ["", f"  {self.environment.get('SMMP_FORCE_NAME', 'Wealdshire Police')} is up.", ""]
        lines.append(f"  Address      {self.address}/")
        if demo:
            lines.append(f"  Sign in as   anyone of the cast, one click each: {self.address}/demo/")
            lines.append(f"  Exercise     {self.address}/exercise/   (what the public sees)")
        lines += ["  Stop         Ctrl-C", ""]
        print("\n".join(lines), flush=True)

    def _stop(self) -> None:
        """Everything down: politely first, then not; services last."""
        if any(child.process for child in self.children):
            say("Stopping …")
        for child in self.children:
            if child.process is not None and child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, ValueError):
                self._pass_on_lines(0.1)
            if all(child.process is None or child.process.poll() is not None for child in self.children):
                break
        for child in self.children:
            if child.process is not None:
                _end_group(child.process, signal.SIGKILL)
                child.process.wait()


def _end_group(process: subprocess.Popen[bytes], number: int) -> None:
    """Signal a child and whatever it started (each child leads a process group of its own)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _print_line(name: str, line: bytes) -> None:
    text = line.decode("utf-8", errors="replace").rstrip()
    if not text:
        return
    mark = f"{name:<9} │ "
    if sys.stdout.isatty():
        mark = f"\033[{COLOURS.get(name, '37')}m{mark}\033[0m"
    print(mark + text, flush=True)


def say(words: str) -> None:
    """A line of the supervisor's own."""
    print(words, flush=True)


def up(*, port: int, host: str) -> int:
    """`manage.py up`. Answers the exit status: 0 after Ctrl-C, 2 with a sentence where it cannot run."""
    places = find()
    say_err = lambda words: print(words, file=sys.stderr, flush=True)  # noqa: E731
    database_is_given = env.is_set("DATABASE_URL")
    broker_is_given = env.is_set("REDIS_URL")
    with owned(wait_s=0.5, say=say_err) as services:
        if services is None:
            there = running(places) or {}
            if there.get("address"):
                say_err(
                    f"It is already up at {there['address']} (process {there['pid']}). Stop that one first."
                )
            else:
                say_err(
                    "Another command is using this checkout's database. Wait until it ends, then try again."
                )
            return 2
        check_port(host, port)
        say("Starting the database and the broker …")
        services.wanted = tuple(
            name
            for name, given in (("postgres", database_is_given), ("valkey", broker_is_given))
            if not given
        )
        services.start()
        environment = {**services.environment, **os.environ}
        environment.setdefault("DJANGO_SETTINGS_MODULE", "smmp.settings.demo")
        if not env.is_set("DATABASE_OWNER_URL") and "DATABASE_URL" in environment:
            environment.setdefault("DATABASE_OWNER_URL", environment["DATABASE_URL"])
        environment |= {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore"}
        supervisor = Supervisor(host=host, port=port, services=services, environment=environment)
        environment.setdefault("SMMP_ADDRESS", supervisor.address)
        announce(services, address=supervisor.address)
        return supervisor.run()


def check_port(host: str, port: int) -> None:
    """Refuse a busy port before anything is started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            another = 8000 if port < 1024 else port + 1 if port < 65535 else port - 1
            raise CannotStart(
                f"Port {port} on {host} cannot be used ({error.strerror}). Choose another: make run PORT={another}"
            ) from None


def reset(*, ask: bool) -> int:
    """Remove all local state of this checkout, after asking. Refuses while it is up."""
    places = find()
    with owned(wait_s=0, say=say) as services:
        if services is None:
            print("The platform is up. Stop it first, then reset.", file=sys.stderr)
            return 2
        if ask and not _says_yes(
            f"This removes everything in {places.var}: database, files, secrets. Type yes to go on: "
        ):
            say("Nothing was removed.")
            return 0
        _remove(places)
    say("Removed. The next make run starts afresh.")
    return 0


def _says_yes(question: str) -> bool:
    """Whether the person types yes. No answer at all (Ctrl-C, Ctrl-D, no terminal) is a no."""
    try:
        return input(question).strip().lower() == "yes"
    except (EOFError, KeyboardInterrupt):
        print()
        return False


def _remove(places) -> None:
    for folder in {places.data, places.sockets, places.home, places.var}:
        for entry in sorted(folder.rglob("*"), reverse=True) if folder.exists() else []:
            with contextlib.suppress(FileNotFoundError):
                entry.rmdir() if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        with contextlib.suppress(FileNotFoundError, OSError):
            folder.rmdir()


def main_port() -> tuple[str, int]:
    """Host and port from HOST and PORT."""
    return env.text("HOST", "127.0.0.1"), env.whole_number("PORT", 8000, least=1, most=65535)
