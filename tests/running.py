"""A platform of its own, started as a child in a folder of its own: for bring-up tests and journeys."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

BASE = Path(__file__).resolve().parents[1]
READY_S = 300


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """A platform of its own in a folder of its own."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port = free_port()
        self.environment = {
            **{k: v for k, v in os.environ.items() if k.startswith(("PATH", "HOME", "LANG", "TMP"))},
            "SMMP_VAR": str(var),
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "smmp.settings.demo",
        }
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        log = (self.var.parent / f"{self.var.name}.log").open("a")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=BASE,
            env=self.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_until_ready(self) -> dict:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.poll() is None, self.said()
            with contextlib.suppress(OSError, ValueError):
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                    found = json.load(answer)
                    if found["ready"]:
                        return found
            time.sleep(0.2)
        raise AssertionError(f"not ready: {self.said()}")

    def said(self) -> str:
        return (self.var.parent / f"{self.var.name}.log").read_text()

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "ignore", "manage.py", *words],
            cwd=BASE,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def left_over(self) -> list[str]:
        """Processes that still carry this folder's name in their environment or command."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
                if str(self.var).encode() in words and int(folder.name) != os.getpid():
                    state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
                    if state != "Z":
                        found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:120])
        return found

    def wait_until_gone(self, within_s: float) -> list[str]:
        deadline = time.monotonic() + within_s
        while self.left_over() and time.monotonic() < deadline:
            time.sleep(0.1)
        return self.left_over()

    def end(self) -> None:
        """Stop it and remove its state."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=120)
        self.command("reset", "--yes")
