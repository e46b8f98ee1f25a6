"""A platform in a process of its own on which a crowd writes at a given pace: for the bench of surges.

It speaks the JSON API of the exercise network as far as the poller needs it. What is written when follows from
one line on its input: {"tokens": [...], "phases": [[comments a second, seconds], ...]}; the clock starts then.
A phase of 0 seconds is a backlog: so many comments stand there at once.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from smmp.drills.platform import API, Server

LONG_AGO = "2026-11-22T17:00:00+00:00"
"""Threads older than two days are not swept: what is measured is what comes in."""


class Crowd:
    """Who has written how much by now."""

    def __init__(self, texts: list[tuple[str, bool]]) -> None:
        self.texts = texts
        self.places: dict[str, int] = {}
        self.phases: list[tuple[int, float]] = []
        self.began: float | None = None

    def begin(self, tokens: list[str], phases: list[tuple[int, float]]) -> None:
        self.places = {token: place for place, token in enumerate(tokens)}
        self.phases, self.began = phases, time.monotonic()

    def written(self) -> int:
        """How many comments there are by now, over all official accounts."""
        if self.began is None:
            return 0
        left, count = time.monotonic() - self.began, 0.0
        for pace, seconds in self.phases:
            if left < 0:
                break
            count += pace if not seconds else pace * min(left, seconds)
            left -= seconds
        return int(count)

    def page(self, token: str, since: int, limit: int) -> dict[str, Any]:
        place, of = self.places.get(token, 0), max(1, len(self.places))
        there = max(0, (self.written() - place + of - 1) // of)
        until = min(since + limit, there)
        return {
            "messages": [self.message(place, number) for number in range(since, until)],
            "position": str(max(since, until)),
            "more": until < there,
        }

    def message(self, place: int, number: int) -> dict[str, Any]:
        text, private = self.texts[(number * 31 + place) % len(self.texts)]
        external_id, who, thread = (
            f"crowd-{place}-{number}",
            f"person-{place}-{number // 3}",
            f"post-{place}-{number // 50}",
        )
        return {
            "id": external_id,
            "author": {"id": who, "handle": who, "name": f"Person {number // 3}"},
            "text": f"{text} ({number})",
            "created_at": LONG_AGO,
            "edited_at": None,
            "reply_to": None if private else thread,
            "root": None if private else thread,
            "private": private,
            "deleted": False,
            "hidden": False,
            "by_us": False,
            "url": "",
        }


def main() -> None:
    """Answer until the input ends. The first line of output is the address."""
    texts = [(str(text), bool(private)) for text, private in json.loads(sys.stdin.readline())]
    crowd = Crowd(texts)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = parse_qs(parts.query)
            if parts.path == f"{API}/inbox":
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                body: Any = crowd.page(token, int(asked["since"][0]), int(asked["limit"][0]))
            elif parts.path in (f"{API}/posts", f"{API}/written"):
                body = {"messages": [], "written": crowd.written()}
            else:
                body = {
                    "id": parts.path.rpartition("/")[2],
                    "text": "The road is closed. Please stay away.",
                    "created_at": LONG_AGO,
                    "url": "",
                    "key": "",
                    "deleted": False,
                }
            content = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Nothing: the bench counts."""

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    for line in sys.stdin:
        given = json.loads(line)
        crowd.begin(given["tokens"], [(int(pace), float(s)) for pace, s in given["phases"]])


if __name__ == "__main__":
    main()
