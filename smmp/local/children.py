"""The commands of the three long-running parts: what `manage.py up` starts and the image runs.

`manage.py serve web|worker|scheduler` replaces itself with one of these, so that a container
and the local supervisor run the same code.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]
WEB_THREADS = 8
WORKER_THREADS = 6


def web_command(*, host: str, port: int, workers: int = 1) -> list[str]:
    """granian, WSGI. Access logs stay off: addresses of pages name comments and people."""
    return [
        _tool("granian"),
        "--interface=wsgi",
        f"--host={host}",
        f"--port={port}",
        f"--workers={workers}",
        f"--blocking-threads={WEB_THREADS}",
        "--backlog=1024",
        "--http=1",
        "--no-ws",
        "--no-access-log",
        "--log-level=error",
        "--respawn-failed-workers",
        "--workers-kill-timeout=3",
        f"--working-dir={BASE_DIR}",
        "smmp.wsgi:application",
    ]


def worker_command() -> list[str]:
    """One Celery worker with threads: its work is waiting for platforms and for Postgres."""
    return [
        _tool("celery"),
        "--quiet",
        "--app=smmp",
        f"--workdir={BASE_DIR}",
        "worker",
        "--pool=threads",
        f"--concurrency={WORKER_THREADS}",
        "--loglevel=WARNING",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
        "--queues=smmp",
    ]


def scheduler_command() -> list[str]:
    """The small process that reads each second what is due (smmp.jobs)."""
    return [sys.executable, str(BASE_DIR / "manage.py"), "scheduler"]


def _tool(name: str) -> str:
    """A program of the same environment as this Python."""
    beside = Path(sys.executable).parent / name
    return str(beside) if os.access(beside, os.X_OK) else name
