"""Set a certified OpenID provider up on this machine and prove single sign-on against it.

`make test-oidc` runs this. The provider (an npm package pinned in scripts/oidc/) and the Node that runs
it (a wheel, the one of scripts/bluesky/) go to var/oidc/ once and stay there; the provider listens on
127.0.0.1 alone, keeps everything in memory, and is stopped at the end. Arguments are handed on to
pytest. `--prepare` only installs.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import bluesky_network as shared
from bluesky_network import BASE, free_ports, node_home, on_terminate, say, stop

from smmp.local.places import CannotStart
from smmp.local.services import dies_with_parent

SOURCE = BASE / "scripts" / "oidc"
VAR = shared.VAR.parent / "oidc"
TOOLS = shared.TOOLS = VAR / "tools"
"""The installing functions of bluesky_network work in this folder from here on."""
MADE_FROM = [SOURCE / "package.json", SOURCE / "package-lock.json", shared.SOURCE / "requirements.lock"]
READY_TIMEOUT_S = 60
BACK_TO = "http://testserver/sign-in/sso/back/"


def main(arguments: list[str]) -> int:
    """Install what is missing, start the provider, run the tests on it, stop it."""
    try:
        began = time.monotonic()
        VAR.mkdir(parents=True, exist_ok=True)
        with (VAR / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise CannotStart("make test-oidc is already running in this checkout.") from None
            prepare()
            say(f"The provider is in place ({time.monotonic() - began:.0f} s).")
            if "--prepare" in arguments:
                return 0
            with running() as address:
                return subprocess.run(
                    [sys.executable, "-m", "pytest", "tests/live", "-m", "live_oidc", *arguments],
                    cwd=BASE,
                    env={**os.environ, "SMMP_LIVE_OIDC": address},
                ).returncode
    except CannotStart as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def prepare() -> None:
    """Node and the npm packages in var/oidc/tools. Nothing when already there. Raises CannotStart."""
    wanted = hashlib.sha256(sys.version.encode())
    for path in MADE_FROM:
        wanted.update(path.read_bytes())
    stamp = TOOLS / "complete"
    if stamp.exists() and stamp.read_text() == wanted.hexdigest():
        return
    shutil.rmtree(TOOLS, ignore_errors=True)
    try:
        TOOLS.mkdir(parents=True)
        say("Installing Node ...")
        shared.install_node()
        for path in MADE_FROM[:2]:
            shutil.copy(path, TOOLS / path.name)
        say("Installing the provider ...")
        shared.npm("ci", "--ignore-scripts")
        stamp.write_text(wanted.hexdigest())
    except OSError as error:
        raise CannotStart(f"{TOOLS} could not be filled ({error.strerror}).") from None


@contextlib.contextmanager
def running() -> Iterator[str]:
    """The provider for the length of the block: its address. Raises CannotStart."""
    shutil.copy(SOURCE / "run.mjs", TOOLS / "run.mjs")
    log_path = VAR / "provider.log"
    port = free_ports("provider")["provider"]
    with log_path.open("wb") as log:
        child = subprocess.Popen(
            [str(node_home() / "bin" / "node"), "run.mjs"],
            cwd=TOOLS,
            env={**shared.environment(), "PROVIDER_PORT": str(port), "BACK_TO": BACK_TO},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )
        try:
            deadline = time.monotonic() + READY_TIMEOUT_S
            while f"READY http://127.0.0.1:{port}" not in log_path.read_text(errors="replace"):
                if child.poll() is not None or time.monotonic() > deadline:
                    raise CannotStart(f"The provider did not come up; {log_path} says why.")
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            stop(child)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, on_terminate)
    sys.exit(main(sys.argv[1:]))
