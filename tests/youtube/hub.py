"""YouTube's hub in small, after PubSubHubbub 0.4: takes subscriptions, then checks the address and calls it signed."""

from __future__ import annotations

import hmac
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

FEED = (
    '<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom"><entry>'
    "<id>yt:video:{video}</id><yt:videoId>{video}</yt:videoId><yt:channelId>{channel}</yt:channelId>"
    "<title>An invented video</title></entry></feed>"
)


class Hub:
    """Stands at `address`; `taken` holds what was asked for. `refuses` says which channels it does not take."""

    def __init__(self, refuses: tuple[str, ...] = ()) -> None:
        self.taken: list[dict[str, str]] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                asked = {name: values[0] for name, values in form.items()}
                refused = any(channel in asked["hub.topic"] for channel in refuses)
                if self.path != "/subscribe" or refused:
                    self.send_response(422)
                    self.end_headers()
                    self.wfile.write(b"Unprocessable")
                    return
                hub.taken.append(asked)
                self.send_response(202)
                self.end_headers()
                self.wfile.write(b"Accepted, to be checked.")

            def log_message(self, *_args) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Hub:
        self._thread.start()
        return self

    def __exit__(self, *_fault) -> None:
        self._server.shutdown()
        self._server.server_close()

    @staticmethod
    def check(asked: dict[str, str], **instead: str) -> tuple[str, dict[str, str]]:
        """Where the hub goes to check a subscription, and with which parameters."""
        callback = urlsplit(asked["hub.callback"])
        params = {name: values[0] for name, values in parse_qs(callback.query).items()}
        params |= {
            "hub.mode": "subscribe",
            "hub.topic": asked["hub.topic"],
            "hub.challenge": "a-challenge",
            "hub.lease_seconds": "432000",
        }
        return callback.path, params | instead

    @staticmethod
    def call(asked: dict[str, str], feed: str, method: str = "sha1") -> tuple[bytes, dict[str, str]]:
        """A call: its body and the header that signs it."""
        body = feed.encode()
        digest = hmac.new(asked["hub.secret"].encode(), body, method).hexdigest()
        return body, {"X-Hub-Signature": f"{method}={digest}"}
