"""How many readers of the public's pages one web process answers, and what a repeat asks of the database.

The real web server with one worker on a scratch database that holds a force's register. Readers are connections that
stay open and ask one after the other, from a process of their own on the same machine: its part is not taken off.
"""

from __future__ import annotations

import multiprocessing
import socket
import statistics
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from accounts import actions
from accounts.models import Neighbourhood
from core.actors import System
from smmp.benches import queue
from smmp.benches.floor import HEADER
from smmp.local import scratch
from smmp.seed import force, reference

SEED = System("bench")
ACCOUNTS = 100
AREAS = 20
READERS = 8
PAGES = {
    "list": "/public/accounts/",
    "list as JSON": "/public/accounts.json",
    "check of a look-alike": "/public/accounts/check/?account=wealdshirepo1ice",
    "area": "/public/areas/harrowfield/",
    "feed": "/public/areas/harrowfield/feed.atom",
}


@dataclass
class Found:
    """Requests a second by page, the slowest hundredth in ms, queries of a repeat, and refusals."""

    rate: dict[str, float] = field(default_factory=dict)
    p99_ms: dict[str, float] = field(default_factory=dict)
    first_ms: dict[str, float] = field(default_factory=dict)
    queries: int = 0
    wrong: int = 0


def measure(*, seconds: float = 8.0) -> Found:
    """Each page by itself for so long. Takes two minutes with the scratch database."""
    found = Found()
    with scratch.database() as made:
        reference.make()
        _fill()
        with queue.server(made) as address, httpx.Client(base_url=address, trust_env=False) as client:
            for name, path in PAGES.items():
                begun = time.perf_counter()
                client.get(path).raise_for_status()
                found.first_ms[name] = (time.perf_counter() - begun) * 1000
                again = client.get(path)
                found.queries = max(found.queries, int(again.headers[HEADER]))
                _read(found, name, address, path, seconds)
    return found


def _fill() -> None:
    owner = force.make().people["victoria_lang"]
    areas = list(Neighbourhood.objects.all())
    for n in range(AREAS - len(areas)):
        areas.append(actions.add_neighbourhood(actor=SEED, name=f"Bench area {n}"))
    for n in range(ACCOUNTS):
        actions.register_account(
            actor=SEED,
            platform="threads",
            handle="wealdshirepolice" if n == 0 else f"bench_{n}",
            name=f"Wealdshire Police {n}",
            owner=owner,
            purpose="News of the team",
            profile_url=f"https://threads.example/bench_{n}",
            neighbourhood=areas[n % len(areas)],
            project=False,
        )


def _read(found: Found, name: str, address: str, path: str, seconds: float) -> None:
    parts = urlsplit(address)
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    reader = context.Process(
        target=_readers, args=(parts.hostname, parts.port, path, seconds, answers), daemon=True
    )
    reader.start()
    count, took, wrong, times = answers.get(timeout=seconds + 60)
    reader.join(10)
    found.rate[name] = count / took
    found.p99_ms[name] = statistics.quantiles(times, n=100)[-1] * 1000 if len(times) > 100 else 0
    found.wrong += wrong


def _readers(host: str, port: int, path: str, seconds: float, answers) -> None:  # type: ignore[no-untyped-def]
    """In a process of its own: several connections in turn, each with one request under way at any time."""
    ask = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()
    connections = [socket.create_connection((host, port), timeout=10) for _ in range(READERS)]
    for one in connections:
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        one.sendall(ask)
    sent = [time.perf_counter()] * READERS
    times: list[float] = []
    wrong = 0
    begun = time.perf_counter()
    while time.perf_counter() - begun < seconds:
        for n, one in enumerate(connections):
            wrong += not _answer(one)
            now = time.perf_counter()
            times.append(now - sent[n])
            one.sendall(ask)
            sent[n] = now
    took = time.perf_counter() - begun
    answers.put((len(times), took, wrong, times[-20_000:]))
    for one in connections:
        one.close()


def _answer(one: socket.socket) -> bool:
    """Read one answer whole; whether it was a 200."""
    got = b""
    while b"\r\n\r\n" not in got:
        part = one.recv(262_144)
        if not part:
            return False
        got += part
    head, _, body = got.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    left = length - len(body)
    while left > 0:
        part = one.recv(262_144)
        if not part:
            return False
        left -= len(part)
    return head.startswith(b"HTTP/1.1 200")
