"""How many readers of the public's pages one web process answers, and what a repeat asks of the database.

The real web server with one worker on a scratch database that holds a force's register. Readers are connections that
stay open and ask one after the other, from a process of their own on the same machine: its part is not taken off.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from accounts import actions
from accounts.models import Neighbourhood
from core.actors import System
from smmp.benches import queue
from smmp.benches.floor import SO_FAR
from smmp.local import children, scratch
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
    """Requests a second by page, the slowest hundredth in ms, queries of all repeats together, and answers that were no 200."""

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
                before = _statements(client)
                _read(found, name, address, path, seconds)
                found.queries += _statements(client) - before
    return found


def _statements(client: httpx.Client) -> int:
    return int(client.get(SO_FAR).raise_for_status().text)


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
    met = subprocess.run(
        [
            sys.executable,
            "-m",
            "smmp.drills.readers",
            str(parts.hostname),
            str(parts.port),
            path,
            str(READERS),
            str(seconds),
        ],
        cwd=children.BASE_DIR,
        stdout=subprocess.PIPE,
        timeout=seconds + 60,
        check=True,
    )
    told = json.loads(met.stdout)
    found.rate[name] = told["rate"]
    found.p99_ms[name] = told["p99_ms"]
    found.wrong += int(told["wrong"])
