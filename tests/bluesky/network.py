"""A small network that answers as Bluesky's servers do, for what the connector asks of them.

It keeps records by owner, collection and key, and speaks the handful of calls over real HTTP. The
shapes were taken from Bluesky's own software, on which `make test-bluesky` runs the same connector.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

from platforms.contract import Sent

POST = "app.bsky.feed.post"
GATE = "app.bsky.feed.threadgate"
BLOCK = "app.bsky.graph.block"
EPOCH = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Refusal(Exception):
    def __init__(self, status: int, name: str, message: str = "", headers: dict[str, str] | None = None):
        self.status, self.name, self.message, self.headers = status, name, message, headers or {}


def token(lives_s: float, what: str) -> str:
    """An unsigned token with an end, as the library reads it to know when to renew."""

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    body = {"scope": what, "sub": "did:plc:wealdshire", "exp": int(time.time() + lives_s), "aud": "x"}
    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(body)}.c2ln"


class Network:
    """The whole network: one official account (`did`, `handle`, `secret`) and anybody else by name."""

    did = "did:plc:wealdshire"
    handle = "wealdshire.test"
    secret = "app-pass-word-1234"

    def __init__(self) -> None:
        self.records: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.muted: set[str] = set()
        self.profiles: dict[str, dict[str, Any]] = {}
        self.notifications: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.refuse_next: dict[str, Refusal] = {}
        self.before: dict[str, Callable[[], None]] = {}
        self.token_lives_s = 7200.0
        self.page_size = 100
        self.closed = False
        self._numbers = count(1)
        network = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                network._answer(self)

            do_GET = do_POST = answer

            def log_message(self, *_args) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    # What the public does

    def write(self, name: str, text: str, *, under: str = "", record: dict[str, Any] | None = None) -> str:
        """A member of the public posts; the official account is notified where it answers one of its posts."""
        did, rkey = f"did:plc:{name}", f"3public{next(self._numbers):06}"
        record = record or {"$type": POST, "text": text, "createdAt": self._time(), "langs": ["en"]}
        if under:
            above = self._found(under)["value"].get("reply")
            parent = {"uri": under, "cid": self._found(under)["cid"]}
            record["reply"] = {"parent": parent, "root": above["root"] if above else parent}
        self._store(did, POST, rkey, record)
        uri = f"at://{did}/{POST}/{rkey}"
        if under.startswith(f"at://{self.did}/"):
            self.notify(uri, "reply")
        return uri

    def notify(self, uri: str, reason: str) -> None:
        view = self._view(uri)
        self.notifications.append(
            {
                **{k: view[k] for k in ("uri", "cid", "author", "record", "indexedAt")},
                "reason": reason,
                "isRead": False,
                "labels": [],
            }
        )

    # The calls

    def _answer(self, asked: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(asked.path)
        call = parts.path.removeprefix("/xrpc/")
        query: dict[str, Any] = {k: v if k == "uris" else v[0] for k, v in parse_qs(parts.query).items()}
        body = asked.rfile.read(int(asked.headers.get("Content-Length") or 0))
        self.calls.append(call)
        if call in self.before:
            self.before.pop(call)()
        try:
            if call in self.refuse_next:
                raise self.refuse_next.pop(call)
            if call == "com.atproto.repo.uploadBlob":
                answer = self._blob(body, asked.headers["Content-Type"])
            else:
                answer = getattr(self, "_" + call.rpartition(".")[2])(query or json.loads(body or b"{}"))
            self._say(asked, 200, answer)
        except Refusal as refusal:
            words = {"error": refusal.name, "message": refusal.message or refusal.name}
            self._say(asked, refusal.status, words, refusal.headers)

    @staticmethod
    def _say(asked, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(body).encode()
        asked.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            asked.send_header(name, value)
        asked.send_header("Content-Length", str(len(content)))
        asked.end_headers()
        with contextlib.suppress(BrokenPipeError):
            asked.wfile.write(content)

    def _createSession(self, body):
        if (body["identifier"], body["password"]) != (self.handle, self.secret):
            raise Refusal(401, "AuthenticationRequired", "Invalid identifier or password")
        return self._tokens()

    def _refreshSession(self, _body):
        return self._tokens()

    def _tokens(self):
        return {
            "did": self.did,
            "handle": self.handle,
            "accessJwt": token(self.token_lives_s, "access"),
            "refreshJwt": token(90 * 86400, "refresh"),
            "active": True,
        }

    def _getSession(self, _query):
        return {"did": self.did, "handle": self.handle, "active": not self.closed}

    def _searchActors(self, query):
        words = query["q"].lower().split()
        found = [
            one
            for one in self.profiles.values()
            if all(word in f"{one['handle']} {one.get('displayName', '')}".lower() for word in words)
        ]
        return {"actors": found[: int(query.get("limit", 25))]}

    def _getRecord(self, query):
        key = (query["repo"], query["collection"], query["rkey"])
        if key not in self.records:
            raise Refusal(400, "RecordNotFound", "Could not locate record")
        return {"uri": "at://" + "/".join(key), **self.records[key]}

    def _putRecord(self, body):
        if body["repo"] != self.did:
            raise Refusal(401, "AuthenticationRequired", "Invalid repo")
        key = (body["repo"], body["collection"], body["rkey"])
        standing = self.records.get(key)
        if "swapRecord" in body and body["swapRecord"] != (standing["cid"] if standing else None):
            raise Refusal(400, "InvalidSwap", "Record was at another cid")
        if len(body["record"].get("text", "")) > 300:
            raise Refusal(400, "InvalidRequest", "grapheme too big (maximum 300) at $.record.text")
        return {"uri": "at://" + "/".join(key), "cid": self._store(*key, body["record"])}

    def _deleteRecord(self, body):
        self.records.pop((body["repo"], body["collection"], body["rkey"]), None)
        return {}

    def _blob(self, body: bytes, content_type: str):
        link = hashlib.sha256(body).hexdigest()
        return {
            "blob": {"$type": "blob", "ref": {"$link": link}, "mimeType": content_type, "size": len(body)}
        }

    def _listNotifications(self, query):
        newest_first = sorted(self.notifications, key=lambda n: n["indexedAt"], reverse=True)
        start = int(query.get("cursor", 0))
        end = start + min(int(query["limit"]), self.page_size)
        page = {"notifications": newest_first[start:end]}
        return {**page, "cursor": str(end)} if end < len(newest_first) else page

    def _getAuthorFeed(self, query):
        own = [
            "at://" + "/".join(key)
            for key, found in self.records.items()
            if key[:2] == (query["actor"], POST) and not found["value"].get("reply")
        ]
        newest_first = sorted((self._view(uri) for uri in own), key=lambda v: v["indexedAt"], reverse=True)
        return {"feed": [{"post": view} for view in newest_first[: int(query["limit"])]]}

    def _getPosts(self, query):
        return {"posts": [self._view(uri) for uri in query["uris"] if self._standing(uri)]}

    def _getPostThread(self, query):
        if not self._standing(query["uri"]):
            raise Refusal(400, "NotFound", f"Post not found: {query['uri']}")
        return {"thread": self._thread(query["uri"])}

    def _thread(self, uri: str) -> dict[str, Any]:
        blocked = {found["value"]["subject"] for key, found in self.records.items() if key[1] == BLOCK}
        below = [
            "at://" + "/".join(key)
            for key, found in self.records.items()
            if key[0] not in blocked and found["value"].get("reply", {}).get("parent", {}).get("uri") == uri
        ]
        return {
            "$type": "app.bsky.feed.defs#threadViewPost",
            "post": self._view(uri),
            "replies": [self._thread(reply) for reply in below],
        }

    def _getProfile(self, query):
        did = query["actor"]
        if did.endswith(":gone"):
            raise Refusal(400, "InvalidRequest", "Profile not found")
        blocks = [
            "at://" + "/".join(key)
            for key, found in self.records.items()
            if key[:2] == (self.did, BLOCK) and found["value"]["subject"] == did
        ]
        viewer = {"muted": did in self.muted, "blockedBy": False}
        name = did.rpartition(":")[2]
        return {
            "did": did,
            "handle": f"{name}.test",
            "followersCount": 12,
            "viewer": {**viewer, **({"blocking": blocks[0]} if blocks else {})},
        }

    def _muteActor(self, body):
        self.muted.add(body["actor"])
        return {}

    def _unmuteActor(self, body):
        self.muted.discard(body["actor"])
        return {}

    # Keeping

    def _store(self, did: str, collection: str, rkey: str, record: dict[str, Any]) -> str:
        cid = "bafyrei" + hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
        seen = self.records.get((did, collection, rkey), {}).get("seen") or self._time()
        self.records[did, collection, rkey] = {"cid": cid, "value": record, "seen": seen}
        return cid

    def _standing(self, uri: str) -> bool:
        return tuple(uri.removeprefix("at://").split("/")) in self.records

    def _found(self, uri: str) -> dict[str, Any]:
        did, collection, rkey = uri.removeprefix("at://").split("/")
        return self.records[did, collection, rkey]

    def _view(self, uri: str) -> dict[str, Any]:
        did = uri.removeprefix("at://").split("/")[0]
        found = self._found(uri)
        name = did.rpartition(":")[2]
        return {
            "uri": uri,
            "cid": found["cid"],
            "author": {"did": did, "handle": f"{name}.test", "displayName": name.title(), "labels": []},
            "record": found["value"],
            "indexedAt": found["seen"],
            "likeCount": 3,
            "viewer": {"threadMuted": False},
        }

    def _time(self) -> str:
        at = EPOCH + timedelta(seconds=next(self._numbers))
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class PublicVoice:
    """A member of the public, as the contract suite wants one."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def pretend(self, handle: str, name: str) -> str:
        did = f"did:plc:{handle}"
        self._network.profiles[did] = {
            "did": did,
            "handle": f"{handle}.test",
            "displayName": name,
            "labels": [],
        }
        return did

    def reply(self, under: Sent, text: str) -> str:
        return self._network.write("resident", text, under=under.external_id)

    def delete(self, external_id: str) -> None:
        did, collection, rkey = external_id.removeprefix("at://").split("/")
        del self._network.records[did, collection, rkey]

    def sees(self, external_id: str, *, under: Sent) -> bool:
        """What readers' programs show: the thread without what the threadgate hides."""
        gate = self._network.records.get((self._network.did, GATE, under.external_id.split("/")[-1]))
        return self._network._standing(external_id) and external_id not in (
            gate["value"]["hiddenReplies"] if gate else ()
        )
