"""What a surge does to the people at the desk and to the machine: real processes on a scratch database.

Web server, worker and scheduler as they run in production, and beside them a platform on which a crowd writes
(smmp.drills.crowd). While it writes, somebody signed in at the desk opens the queue again and again. Everything
shares the cores of this machine: the crowd and the reader take their part of them too.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from django.conf import settings
from django.db import connection

from accounts.actions import credentials
from accounts.models import OfficialAccount
from core.actors import System
from core.commands import CommandRefused
from moderation.actions import sources
from moderation.models import Comment
from moderation.triage.measure import marked_comments
from smmp.benches import ingest
from smmp.local import children, scratch
from smmp.local.places import find
from smmp.local.services import running

BENCH = System("bench")
QUIET_S = 30.0
BETWEEN_LOOKS_S = 0.5
DRAINED_WITHIN_S = 900.0
READY_WITHIN_S = 240.0
READER = "amira_hussain"


@dataclass
class Found:
    """The figures of one run. Memory in MiB, summed over the processes of each part."""

    quiet_p95_ms: float
    steady_p95_ms: float
    steady_behind: int
    """Comments that were written and not stored when the steady phase ended."""
    drained_after_s: float
    """From the end of the fast phase until everything that was written stood in the queue."""
    lost: int
    comments: int
    all_drained_s: float
    """The backlog at the end, from the moment it stood there."""
    memory_mib: dict[str, float]


def measure(*, comments: int, steady: tuple[int, float], fast: tuple[int, float], quiet_s: float) -> Found:
    """A steady phase, a fast one, and a backlog of what is left of `comments`; each is let drain.

    Before it the same crowd has filled the queue and everything of that is read and sorted, so that the quiet page and
    the one in the surge show rows of the same kind.

    steady, fast: comments a second, and seconds.
    """
    rest = max(0, comments - int(steady[0] * steady[1]) - int(fast[0] * fast[1]))
    with scratch.database() as made, _crowd() as crowd:
        accounts = _accounts()
        with _platform(made, crowd.address) as parts:
            handles, before = [account.handle for account in accounts], (ingest.OPEN, 0.0)
            crowd.begin(handles, [before])
            _until_stored(ingest.OPEN)
            _until_sorted()
            reader = _Reader(parts.address)
            reader.look_for(3.0)
            quiet = reader.look_for(quiet_s)
            crowd.begin(handles, [before, steady, fast])
            during = reader.look_for(steady[1])
            behind = crowd.written() - _taken_in()
            time.sleep(fast[1])
            ended = time.monotonic()
            written = ingest.OPEN + int(steady[0] * steady[1]) + int(fast[0] * fast[1])
            _until_stored(written)
            drained_after_s = time.monotonic() - ended
            all_drained_s = 0.0
            if rest:
                crowd.begin(handles, [before, steady, fast, (rest, 0.0)], at_the_end=True)
                began = time.monotonic()
                _until_stored(written + rest)
                all_drained_s = time.monotonic() - began
            memory = parts.memory_mib()
            stored = _taken_in()
    return Found(
        quiet_p95_ms=_p95(quiet),
        steady_p95_ms=_p95(during),
        steady_behind=behind,
        drained_after_s=drained_after_s,
        lost=abs(written + rest - stored),
        comments=stored - ingest.OPEN,
        all_drained_s=all_drained_s,
        memory_mib=memory,
    )


def _accounts() -> list[OfficialAccount]:
    """The bench's official accounts, each with its handle as its token."""
    accounts = ingest.official_accounts()
    for account in accounts:
        credentials.store_credential(actor=BENCH, official_account=account, secret=account.handle)
    sources.ensure_sources(actor=BENCH)
    return accounts


def _until_stored(wanted: int) -> None:
    until = time.monotonic() + DRAINED_WITHIN_S
    while _taken_in() < wanted and time.monotonic() < until:
        time.sleep(0.5)


def _until_sorted() -> None:
    """Rules and model have read what came in."""
    until = time.monotonic() + DRAINED_WITHIN_S
    while (
        Comment.objects.filter(state=Comment.State.OPEN, model_due_at__isnull=False).exists()
        and time.monotonic() < until
    ):
        time.sleep(0.5)


def _taken_in() -> int:
    """Of what the crowd wrote."""
    return Comment.objects.count()


def _p95(times_ms: list[float]) -> float:
    return sorted(times_ms)[max(0, round(len(times_ms) * 0.95) - 1)]


# The crowd


class _Crowd:
    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self._process, self.address = process, address

    def begin(self, tokens: list[str], phases: list[tuple[int, float]], *, at_the_end: bool = False) -> None:
        """at_the_end: these phases are over, all of them."""
        paces = [(int(pace * (seconds or 1)), 0.0) for pace, seconds in phases] if at_the_end else phases
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"tokens": tokens, "phases": paces}) + "\n")
        self._process.stdin.flush()

    def written(self) -> int:
        answer = httpx.get(f"{self.address}/exercise/api/written", trust_env=False, timeout=10)
        return int(answer.json()["written"])


@contextlib.contextmanager
def _crowd() -> Iterator[_Crowd]:
    texts = [
        (one.text, one.private) for one in marked_comments(Path(settings.BASE_DIR) / "exercise" / "scenarios")
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "smmp.drills.crowd"],
        cwd=children.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(texts) + "\n")
        process.stdin.flush()
        yield _Crowd(process, process.stdout.readline().strip())
    finally:
        process.kill()
        process.wait()


# The platform itself


@dataclass
class _Parts:
    address: str
    processes: dict[str, subprocess.Popen[bytes]]

    def memory_mib(self) -> dict[str, float]:
        """Proportional set size of each part with all its processes, so that shared pages count once."""
        return {
            name: round(sum(_pss_kib(pid) for pid in _family(process.pid)) / 1024, 1)
            for name, process in self.processes.items()
        }


@contextlib.contextmanager
def _platform(made: scratch.Scratch, crowd: str) -> Iterator[_Parts]:
    """Web, worker and scheduler. Without a broker the scheduler does the worker's work itself, as it does then."""
    if (running(find()) or {}).get("address"):
        raise CommandRefused(
            "The platform is up in this checkout. Stop it first: they would take each other's work."
        )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    broker = os.environ.get("REDIS_URL", "")
    environment = {
        **made.environment,
        "DJANGO_SETTINGS_MODULE": "smmp.settings.demo",
        "SMMP_ADDRESS": f"http://127.0.0.1:{port}",
        "SMMP_EXERCISE_ADDRESS": crowd,
        # A broker that others may use is left alone: its workers would take this work, and ours theirs.
        "REDIS_URL": broker if broker.startswith("redis+socket") else "",
        "PYTHONWARNINGS": "ignore",
    }
    commands = {"web": children.web_command(host="127.0.0.1", port=port)}
    if environment["REDIS_URL"]:
        commands["worker"] = children.worker_command()
    commands["scheduler"] = children.scheduler_command()
    processes = {
        name: subprocess.Popen(
            command,
            cwd=children.BASE_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for name, command in commands.items()
    }
    try:
        parts = _Parts(f"http://127.0.0.1:{port}", processes)
        _until_ready(parts.address)
        yield parts
    finally:
        for process in processes.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait()
        connection.close()


def _until_ready(address: str) -> None:
    until, said = time.monotonic() + READY_WITHIN_S, ""
    while time.monotonic() < until:
        with contextlib.suppress(httpx.HTTPError):
            answer = httpx.get(f"{address}/readyz", trust_env=False, timeout=10)
            if answer.status_code == 200:
                return
            said = answer.text[:500]
        time.sleep(0.3)
    raise RuntimeError(f"The platform did not become ready: {said}")


class _Reader:
    """Somebody at the desk who opens the queue again and again."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, trust_env=False, timeout=60, follow_redirects=True)
        page = self._client.get("/demo/").text
        token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        self._client.post(
            "/demo/",
            data={"csrfmiddlewaretoken": token, "persona": READER},
            headers={"Referer": f"{address}/demo/"},
        ).raise_for_status()

    def look_for(self, seconds: float) -> list[float]:
        """Milliseconds that each look took. Raises RuntimeError where the queue is not what was answered."""
        until = time.monotonic() + seconds
        times: list[float] = []
        while time.monotonic() < until or not times:
            began = time.perf_counter()
            answer = self._client.get("/desk/", params={"queue": "open"})
            times.append((time.perf_counter() - began) * 1000)
            if answer.status_code != 200 or "data-rows" not in answer.text:
                raise RuntimeError(f"The queue answered {answer.status_code}.")
            time.sleep(BETWEEN_LOOKS_S)
        return times


def _family(pid: int) -> list[int]:
    """A process and whatever it started."""
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(inner for child in listed for inner in _family(int(child)))]


def _pss_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
