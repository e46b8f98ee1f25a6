"""A small Graph API of our own that behaves as Meta's documents say: the part both stand-ins share.

Newest first; `cursors.after` stands on the last page too and only `next` says that there is more; at
most 100 a page; errors in Graph's own shape; a field that a kind of node has not is error 100; a wrong
`appsecret_proof` is refused; every call is held against the tables of facebook-business.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.meta import tables

APP_ID = "1717"
APP_SECRET = "the-secret-of-the-app"
VERSION = "v26.0"
MOST_A_PAGE = 100


class Refused(Exception):
    """An error as Graph answers it."""

    def __init__(
        self, code: int, message: str, *, subcode: int | None = None, status: int = 400, **more
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code, **more}
        if subcode is not None:
            self.error["error_subcode"] = subcode
        self.error["fbtrace_id"] = "AbCdEfGhIjK"


def gone(node: str) -> Refused:
    return Refused(
        100,
        f"Unsupported get request. Object with ID '{node}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation",
        subcode=33,
        type="GraphMethodException",
    )


class GraphStandIn:
    """Nodes by id, each {"kind": ..., fields}. Subclasses say what edges hold and what changes do."""

    def __init__(self) -> None:
        self.nodes: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, str] = {}
        """token -> the node that "me" is."""
        self.without: set[str] = set()
        """Scopes that were not granted."""
        self.calls: list[tuple[str, str, str, dict[str, str]]] = []
        self.complaints: list[str] = []
        self.headers: dict[str, str] = {}
        """Sent with every answer (usage)."""
        self.next_error: Refused | None = None
        self.refuse_on = ""
        """`next_error` is answered to the next request whose path contains this."""
        self._number = 5000
        self.epoch = datetime.now(UTC).replace(microsecond=0)
        self.lock = threading.RLock()
        graph = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                graph._handle(self)

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *_args) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    # For the tests

    def new_id(self) -> str:
        self._number += 1
        return str(self._number)

    def now(self) -> str:
        """Graph tells whole seconds. Each thing that is made is a second younger than the one before."""
        self.epoch += timedelta(seconds=1)
        return (self.epoch - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S+0000")

    def asked(self, method: str, edge: str) -> list[dict[str, str]]:
        """The parameters of every call of an edge."""
        return [params for m, _, e, params in self.calls if (m, e) == (method, edge)]

    # Answering

    def _handle(self, asked: BaseHTTPRequestHandler) -> None:
        body = asked.rfile.read(int(asked.headers.get("Content-Length") or 0))
        try:
            with self.lock:
                status, answer = 200, self._answer(asked.command, asked.path, asked.headers, body)
        except Refused as refused:
            status, answer = refused.status, {"error": refused.error}
        except Exception as fault:
            # A test must not take a slip of the stand-in for an outage of the platform.
            self.complaints.append(f"the stand-in stumbled over {asked.path.partition('?')[0]}: {fault!r}")
            status, answer = 500, {}
        content = json.dumps(answer).encode()
        asked.send_response(status)
        for name, value in {"Content-Type": "application/json; charset=UTF-8", **self.headers}.items():
            asked.send_header(name, value)
        asked.send_header("Content-Length", str(len(content)))
        asked.end_headers()
        asked.wfile.write(content)

    def _answer(self, method: str, target: str, headers, body: bytes) -> Any:
        parts = urlsplit(target)
        path = [unquote(p) for p in parts.path.strip("/").split("/")]
        params = dict(parse_qsl(parts.query, keep_blank_values=True))
        if "access_token" in params or APP_SECRET in parts.query:
            self.complaints.append("a secret in the query string")
        files: dict[str, bytes] = {}
        if "multipart/form-data" in headers.get("Content-Type", ""):
            head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
            for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
                name = part.get_param("name", header="content-disposition")
                if part.get_filename():
                    files[name] = part.get_payload(decode=True)
                else:
                    params[name] = part.get_payload(decode=True).decode()
        elif body:
            params.update(parse_qsl(body.decode(), keep_blank_values=True))
        if path[0] != VERSION:
            raise Refused(2635, "You are calling a deprecated version of the API.")
        if self.next_error is not None and self.refuse_on in parts.path:
            error, self.next_error = self.next_error, None
            raise error
        node, edge = path[1], "/".join(path[2:])
        if node == "oauth":
            self._record(method, "oauth", edge, params, files)
            return self.oauth(params)
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        if node == "debug_token":
            if token != f"{APP_ID}|{APP_SECRET}":
                raise Refused(190, "Invalid OAuth access token.", status=401)
            self._record(method, "debug_token", edge, params, files)
            return {"data": self.about(params.get("input_token", ""))}
        me = self.tokens.get(token)
        if me is None:
            raise Refused(190, "Invalid OAuth access token - Cannot parse access token", status=401)
        proof = hmac.new(APP_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
        if params.pop("appsecret_proof", "") != proof:
            raise Refused(
                100, "Invalid appsecret_proof provided in the API argument", type="GraphMethodException"
            )
        node = me if node == "me" else node
        found = self.nodes.get(node)
        if found is None:
            if not node.replace("_", "").isalnum():
                raise Refused(803, f"Some of the aliases you requested do not exist: {node}", status=404)
            raise gone(node)
        self._record(method, found["kind"], edge, params, files)
        do = {"GET": self._get, "POST": self.post, "DELETE": self.delete}[method]
        return do(node, edge, params, files)

    def _record(self, method, kind, edge, params, files) -> None:
        self.calls.append((method, kind, edge, dict(params)))
        self.complaints += tables.complaints(method=method, kind=kind, edge=edge, params=params, files=files)

    def _get(self, node: str, edge: str, params: dict[str, str], _files) -> Any:
        if not edge:
            return self.render(node, params.get("fields", "id"))
        return self.page(self.edge(node, edge, params), params, params.get("fields", "id"))

    def page(self, ids: list[str], params: dict[str, str], fields: str) -> dict[str, Any]:
        """A page of an edge. The cursor names the last entry, so that what is new in front moves nothing."""
        limit = min(int(params.get("limit", 25)), MOST_A_PAGE)
        start = 0
        if params.get("after"):
            last = base64.b64decode(params["after"]).decode()
            if last not in ids:
                raise Refused(100, "Invalid cursor")
            start = ids.index(last) + 1
        part = ids[start : start + limit]
        answer: dict[str, Any] = {"data": [self.render(i, fields) for i in part]}
        if part:
            cursor = base64.b64encode(part[-1].encode()).decode()
            answer["paging"] = {"cursors": {"before": "x", "after": cursor}}
            if start + limit < len(ids):
                answer["paging"]["next"] = f"{self.address}/next"
        return answer

    def render(self, node: str, fields: str) -> dict[str, Any]:
        found = self.nodes[node]
        answer: dict[str, Any] = {"id": node} if found["kind"] != "setting" else {}
        for name, modifiers, inner in tables.parse_fields(fields):
            if name in self.edges(found["kind"]):
                page = self.page(self.edge(node, name, modifiers), modifiers, inner or "id")
                if page["data"]:
                    answer[name] = page
                continue
            if not self.has_field(found["kind"], name):
                raise Refused(
                    100, f"Tried accessing nonexisting field ({name}) on node type ({found['kind']})"
                )
            value = found.get(name)
            if value is not None:
                answer[name] = value
        return answer

    def has_field(self, kind: str, name: str) -> bool:
        """Whether a kind of node has a field, by the tables."""
        if kind in tables.FIELDS_NOT_IN_THE_TABLES:
            return name in tables.FIELDS_NOT_IN_THE_TABLES[kind]
        if kind not in tables.CLASSES:
            return True
        return name in {v for v in vars(tables.load(kind).Field).values() if isinstance(v, str)}

    def edges(self, kind: str) -> set[str]:
        raise NotImplementedError

    def edge(self, node: str, edge: str, params: dict[str, str]) -> list[str]:
        raise NotImplementedError

    def post(self, node: str, edge: str, params: dict[str, str], files: dict[str, bytes]) -> Any:
        raise NotImplementedError

    def delete(self, node: str, edge: str, params: dict[str, str], files: dict[str, bytes]) -> Any:
        raise NotImplementedError

    def about(self, token: str) -> dict[str, Any]:
        raise NotImplementedError

    def oauth(self, params: dict[str, str]) -> Any:
        raise NotImplementedError
