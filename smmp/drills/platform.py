"""A platform on this machine that misbehaves by the dice: for drills and benches, over real HTTP.

It speaks the JSON API of the exercise network as far as the outbox and the poller need it, keeps
every post that it accepts (the same key twice is two posts), and counts.
"""

from __future__ import annotations

import contextlib
import json
import random
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

API = "/exercise/api"


@dataclass(frozen=True)
class Standing:
    """One post as the platform keeps it. Times are seconds since 1970."""

    external_id: str
    key: str
    text: str
    at: float
    shown_from: float


@dataclass
class Behaviour:
    """How often what goes wrong, as shares of one."""

    lost_replies: float = 0.0
    """Accepted, and the connection is cut instead of an answer."""
    lost_requests: float = 0.0
    """The connection is cut, and nothing was accepted."""
    faults_after: float = 0.0
    """Accepted, and the answer is 502."""
    faults_before: float = 0.0
    """502, and nothing was accepted."""
    time_outs: float = 0.0
    """Accepted, and the answer comes later than anybody waits for it."""
    refused_for_now: float = 0.0
    """429 with Retry-After."""
    unreadable: float = 0.0
    """A reading is answered by 503."""
    shown_late: float = 0.0
    """The post is in no list before `late_s` have passed."""
    late_s: float = 0.0
    answer_s: float = 0.0
    """How long it takes over each answer to something sent."""
    silent_s: float = 12.0
    """How long a time-out lasts: more than platforms.http waits."""


@dataclass
class Platform:
    """What stands there, by key. Used from the threads of the server."""

    behaviour: Behaviour
    dice: random.Random
    standing: dict[str, list[Standing]] = field(default_factory=lambda: defaultdict(list))
    happened: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    began: list[tuple[float, str, str]] = field(default_factory=list)
    """Each request to send: when it began, by which key, which words. Also those that came to nothing."""
    address: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def roll(self, *named: str) -> str:
        """One of the named faults, or an empty string, by their shares."""
        with self._lock:
            left = self.dice.random()
            for name in named:
                left -= getattr(self.behaviour, name)
                if left < 0:
                    self.happened[name] += 1
                    return name
        return ""

    def accept(self, body: dict[str, Any]) -> Standing:
        late = self.behaviour.late_s if self.roll("shown_late") else 0.0
        with self._lock:
            now = time.time()
            number = sum(map(len, self.standing.values())) + 1
            key = str(body.get("key"))
            post = Standing(f"post-{number}", key, str(body.get("text")), now, now + late)
            self.standing[key].append(post)
            return post

    def shown(self, key: str = "") -> list[Standing]:
        with self._lock:
            found = (
                self.standing.get(key, []) if key else [p for posts in self.standing.values() for p in posts]
            )
            return [post for post in found if post.shown_from <= time.time()]


class _Handler(BaseHTTPRequestHandler):
    platform: Platform
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        began = time.time()
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        if urlsplit(self.path).path != f"{API}/posts":
            return self._answer(404, {"error": "not_found", "message": "There is no such thing here."})
        self.platform.began.append((began, str(body.get("key")), str(body.get("text"))))
        if self.platform.behaviour.answer_s:
            time.sleep(self.platform.behaviour.answer_s)
        fault = self.platform.roll(
            "lost_requests",
            "faults_before",
            "refused_for_now",
            "lost_replies",
            "faults_after",
            "time_outs",
        )
        if fault == "lost_requests":
            return self._cut()
        if fault == "faults_before":
            return self._answer(502, None)
        if fault == "refused_for_now":
            return self._answer(429, {"error": "too_many", "message": "Slow down."}, {"Retry-After": "1"})
        post = self.platform.accept(body)
        if fault == "lost_replies":
            return self._cut()
        if fault == "faults_after":
            return self._answer(502, None)
        if fault == "time_outs":
            time.sleep(self.platform.behaviour.silent_s)
            return self._cut()
        return self._answer(201, _shape(post))

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if self.platform.roll("unreadable"):
            return self._answer(503, None)
        if parts.path == f"{API}/posts":
            key = parse_qs(parts.query).get("key", [""])[0]
            newest_first = sorted(self.platform.shown(key), key=lambda post: -post.at)[:100]
            return self._answer(200, {"messages": [_shape(post) for post in newest_first]})
        return self._answer(200, {"messages": [], "position": "0", "after": "0", "more": False})

    def _answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(body).encode() if body is not None else b"<html>Bad gateway</html>"
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if body is not None else "text/html")
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        # Whoever asked may be dead by now: that is what the drill is about.
        with contextlib.suppress(OSError):
            self.wfile.write(content)

    def _cut(self) -> None:
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Nothing: the drill counts."""


def _shape(post: Standing) -> dict[str, Any]:
    at = datetime.fromtimestamp(post.at, UTC).isoformat()
    return {
        "id": post.external_id,
        "url": f"https://network.example/{post.external_id}",
        "text": post.text,
        "created_at": at,
        "key": post.key,
        "deleted": False,
        "hidden": False,
    }


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that its other end gave up is part of the drill."""


@contextlib.contextmanager
def listening(behaviour: Behaviour, *, seed: int) -> Iterator[Platform]:
    """The platform answers on this machine's loopback address for the length of the block."""
    platform = Platform(behaviour, random.Random(seed))
    handler = type("Handler", (_Handler,), {"platform": platform})
    server = Server(("127.0.0.1", 0), handler)
    platform.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


if __name__ == "__main__":
    # By itself it answers at once and always, until its input ends.
    with listening(Behaviour(), seed=0) as quick:
        print(quick.address, flush=True)
        sys.stdin.read()
