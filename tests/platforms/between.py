"""A server between a connector and its network that passes everything on, until told to misbehave."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

_NOT_PASSED_ON = {"connection", "transfer-encoding", "content-length", "content-encoding", "host"}


class Between:
    """Stands at `address`. `mode` says what becomes of requests whose path contains `only`:

    through: passed on. lost: passed on, then answered 500. cut: passed on, then the connection
    closes without an answer. limited: 429 with Retry-After 7. gateway: 502 with an HTML page.
    garbage: 200 with something that is not JSON. `answer`: 200 with `payload` as JSON.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream.rstrip("/")
        self.mode = "through"
        self.only = ""
        self.payload: object = None
        self.changes_passed_on = 0
        between = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                between._handle(self)

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_args) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Between:
        self._thread.start()
        return self

    def __exit__(self, *_fault) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def _handle(self, asked: BaseHTTPRequestHandler) -> None:
        body = asked.rfile.read(int(asked.headers.get("Content-Length") or 0))
        mode = self.mode if self.only in asked.path else "through"
        if mode == "limited":
            return self._say(asked, 429, b'{"error": "RateLimitExceeded"}', {"Retry-After": "7"})
        if mode == "gateway":
            return self._say(asked, 502, b"<html><h1>Bad gateway</h1></html>", {"Content-Type": "text/html"})
        if mode == "garbage":
            return self._say(asked, 200, b"<html>Welcome to the hotel</html>", {"Content-Type": "text/html"})
        if mode == "answer":
            return self._say(
                asked, 200, json.dumps(self.payload).encode(), {"Content-Type": "application/json"}
            )
        headers = {k: v for k, v in asked.headers.items() if k.lower() not in _NOT_PASSED_ON}
        answer = httpx.request(
            asked.command,
            self.upstream + asked.path,
            content=body,
            headers=headers,
            timeout=20,
            trust_env=False,
        )
        if asked.command != "GET":
            self.changes_passed_on += 1
        if mode == "lost" and asked.command != "GET":
            return self._say(asked, 500, b'{"error": "InternalServerError"}', {})
        if mode == "cut" and asked.command != "GET":
            asked.close_connection = True
            return None
        kept = {
            k: v.replace(self.upstream, self.address) if k.lower() == "location" else v
            for k, v in answer.headers.items()
            if k.lower() not in _NOT_PASSED_ON
        }
        return self._say(asked, answer.status_code, answer.content, kept)

    @staticmethod
    def _say(asked: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]) -> None:
        asked.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("date", "server"):
                asked.send_header(name, value)
        asked.send_header("Content-Length", str(len(body)))
        asked.end_headers()
        asked.wfile.write(body)
