"""Readers of one page: connections that stay open and ask one after the other. Knows nothing of the platform.

`python -m smmp.drills.readers HOST PORT PATH CONNECTIONS SECONDS` prints what they met as JSON. A process of its own, so
that the asking is not counted as the platform's work where the machine has a core to spare for it.
"""

from __future__ import annotations

import json
import selectors
import socket
import statistics
import sys
import time

LARGEST_PART = 262_144
KEPT_TIMES = 200_000


def read(host: str, port: int, path: str, connections: int, seconds: float) -> dict[str, float]:
    """Answers a second, the slowest hundredth in ms, and how many answers were no 200."""
    ask = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()
    waiting = selectors.DefaultSelector()
    asked: dict[socket.socket, float] = {}
    for _ in range(connections):
        one = socket.create_connection((host, port), timeout=10)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        waiting.register(one, selectors.EVENT_READ)
        one.sendall(ask)
        asked[one] = time.perf_counter()
    times: list[float] = []
    wrong = 0
    begun = time.perf_counter()
    while time.perf_counter() - begun < seconds:
        for ready, _ in waiting.select(timeout=10):
            one = ready.fileobj  # type: ignore[assignment]
            wrong += not is_whole(one)
            now = time.perf_counter()
            times.append(now - asked[one])
            one.sendall(ask)
            asked[one] = now
    took = time.perf_counter() - begun
    for one in asked:
        one.close()
    slowest = statistics.quantiles(times[-KEPT_TIMES:], n=100)[-1] * 1000 if len(times) > 100 else 0.0
    return {"rate": len(times) / took, "p99_ms": slowest, "wrong": wrong}


def is_whole(one: socket.socket) -> bool:
    """Read one answer to its end; whether it was a 200. Raises ConnectionError where it stops early."""
    got = b""
    while b"\r\n\r\n" not in got:
        part = one.recv(LARGEST_PART)
        if not part:
            raise ConnectionError("The server closed the connection before its answer was whole.")
        got += part
    head, _, body = got.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length"))
    left = length - len(body)
    while left > 0:
        part = one.recv(min(LARGEST_PART, left))
        if not part:
            raise ConnectionError("The server closed the connection before its answer was whole.")
        left -= len(part)
    return head.startswith(b"HTTP/1.1 200")


def main() -> None:
    host, port, path, connections, seconds = sys.argv[1:]
    print(json.dumps(read(host, int(port), path, int(connections), float(seconds))))


if __name__ == "__main__":
    main()
