"""A small network that answers as X's API does, for what the connector asks of it.

Shapes after X's OpenAPI document 2.167, against which every exchange is checked at the end of a test where
the document is present; behaviour after docs.x.com: lists newest first, `since_id` exclusive, ids that count
milliseconds, only the fields asked for, links shortened, the names before an answer, an edit as a new post,
the deletion of a whole chain, what is missing as 200 with `errors`, the same words refused with 403.
"""

from __future__ import annotations

import base64
import html
import json
import re
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from platforms.contract import Sent
from platforms.x.mapping import id_at, time_of

PROBLEM = "https://api.x.com/2/problems/"
DM_SCOPES = frozenset({"dm.read", "dm.write"})


class Refusal(Exception):
    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str = "about:blank",
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        titles = {400: "Invalid Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found Error"}
        self.status, self.headers = status, headers or {}
        self.body = {
            "title": titles.get(status, "Problem"),
            "detail": detail,
            "type": kind,
            "status": status,
            **more,
        }


class Network:
    """One official account (`us`, `handle`, `secret`) and anybody else by name."""

    us = "1700000000000000001"
    handle = "WealdshirePol"
    secret = "user-access-token-of-wealdshire"
    refresh = "refresh-token-1"
    app = {"client_id": "wealdshire-app", "client_secret": "wealdshire-app-secret"}

    def __init__(self) -> None:
        self.posts: dict[str, dict[str, Any]] = {}
        self.events: dict[str, dict[str, Any]] = {}
        self.people: dict[str, str] = {}
        self.handles: dict[str, str] = {}
        """Of those whose handle is not made from their name."""
        self.hidden: set[str] = set()
        self.subscription = "None"
        self.muted: set[str] = set()
        self.dm_blocked: set[str] = set()
        self.media: dict[str, dict[str, Any]] = {}
        self.webhooks: dict[str, str] = {}
        self.subscriptions: list[dict[str, Any]] = []
        self.tokens = {self.secret}
        self.older = False
        """Speak as the older pages do: tweet.fields, referenced_tweets."""
        self.only_summoned = False
        """The rule of 23 February 2026: answers only to who mentioned or quoted us."""
        self.page_size = 100
        self.fractions = True
        self.credit = True
        self.log: list[dict[str, Any]] = []
        self.twists: list[tuple[str, Callable[[int, Any], tuple[int, Any, dict[str, str]]]]] = []
        self.token_form: dict[str, str] = {}
        self._last = 0
        self._pages: dict[str, int] = {}
        self._lock = threading.Lock()
        network = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                with network._lock:
                    network._answer(self)

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # the connector hangs up on an endless answer
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    # What the public does

    def person(self, name: str) -> str:
        return self.people.setdefault(name, str(1800000000000000000 + len(self.people)))

    def write(
        self,
        author: str,
        text: str,
        *,
        under: str = "",
        quoting: str = "",
        history: list[str] | None = None,
        at: datetime | None = None,
        photo: bool = False,
    ) -> str:
        """Somebody posts. An answer names everybody above it, as X writes it."""
        number = self._new_id(at)
        above = self.posts.get(under)
        post = {
            "id": number,
            "author": author,
            "words": text,
            "names": "",
            "reply_to": under,
            "quoted": quoting,
            "conversation": above["conversation"] if above else (history[0] if history else number),
            "history": [*(history or []), number],
            "media": [],
            "superseded": False,
        }
        if above and above["author"] != author:
            post["names"] = f"@{self._handle(above['author'])} "
        if photo:
            post["media"] = [self._picture()]
        self.posts[number] = post
        return number

    def edit(self, number: str, text: str) -> str:
        """Their words change: a new post with the history of the old one."""
        old = self._newest(number)
        new = self.write(
            old["author"], text, under=old["reply_to"], quoting=old["quoted"], history=old["history"]
        )
        self.posts[new]["conversation"] = old["conversation"]
        self.posts[new]["names"] = old["names"]
        old["superseded"] = True
        return new

    def delete(self, number: str) -> None:
        for version in self._newest(number)["history"]:
            self.posts.pop(version, None)

    def message(self, sender: str, recipient: str, text: str, *, at: datetime | None = None) -> str:
        number = self._new_id(at)
        one, other = sorted([sender, recipient])
        self.events[number] = {
            "id": number,
            "text": text,
            "sender": sender,
            "with": recipient if sender == self.us else sender,
            "conversation": f"{one}-{other}",
            "media": [],
        }
        return number

    def twist(self, part: str, change: Callable[[int, Any], tuple[int, Any, dict[str, str]]]) -> None:
        """The next answer to a path that contains `part` is changed. It is not checked against the document."""
        self.twists.append((part, change))

    # The calls

    def _answer(self, asked: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(asked.path)
        content = asked.rfile.read(int(asked.headers.get("Content-Length") or 0))
        kind = asked.headers.get("Content-Type", "").split(";")[0].strip()
        body = self._body(asked, kind, content)
        query = dict(parse_qsl(parts.query))
        headers = {"Content-Type": "application/json; charset=utf-8"}
        try:
            status, answer = self._route(asked, parts.path, query, kind, body)
        except Refusal as refusal:
            status, answer = refusal.status, refusal.body
            headers = {"Content-Type": "application/problem+json", **refusal.headers}
        checked = not self.older
        for twist in list(self.twists):
            if twist[0] in parts.path:
                self.twists.remove(twist)
                status, answer, more = twist[1](status, answer)
                headers |= more
                checked = False
                break
        self.log.append(
            {
                "method": asked.command,
                "path": parts.path,
                "query": parts.query,
                "kind": kind,
                "body": body,
                "status": status,
                "answer": answer,
                "checked": checked,
            }
        )
        left = max(0, 300 - sum(1 for one in self.log if one["path"] == parts.path))
        headers = {
            "x-rate-limit-limit": "300",
            "x-rate-limit-remaining": str(left),
            "x-rate-limit-reset": str(int(datetime.now(UTC).timestamp()) + 900),
            **headers,
        }
        out = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        asked.send_response(status)
        for name, value in headers.items():
            asked.send_header(name, value)
        asked.send_header("Content-Length", str(len(out)))
        asked.end_headers()
        asked.wfile.write(out)

    @staticmethod
    def _body(asked: BaseHTTPRequestHandler, kind: str, content: bytes) -> Any:
        if not content:
            return None
        if kind == "application/json":
            return json.loads(content)
        if kind == "multipart/form-data":
            head = f"Content-Type: {asked.headers['Content-Type']}\r\n\r\n".encode()
            parts = message_from_bytes(head + content).get_payload()
            return {
                part.get_param("name", header="content-disposition"): part.get_payload(decode=True).decode(
                    "latin-1"
                )
                for part in parts
            }
        return dict(parse_qsl(content.decode()))

    def _route(
        self, asked: BaseHTTPRequestHandler, path: str, query: dict[str, str], kind: str, body: Any
    ) -> tuple[int, Any]:
        if path == "/2/oauth2/token":
            return self._token(asked, body)
        if asked.headers.get("Authorization", "") not in {f"Bearer {token}" for token in self.tokens}:
            raise Refusal(401, "Unauthorized")
        if not self.credit:
            raise Refusal(402, "Your enrolled account does not have any credits to fulfill this request.")
        if self.older and any(name.startswith("post.") for name in query):
            raise Refusal(
                400,
                "One or more parameters to your request was invalid.",
                kind=PROBLEM + "invalid-request",
                errors=[{"message": "The query parameter [post.fields] is not one of [tweet.fields]"}],
            )
        routes: list[tuple[str, str, Callable[..., tuple[int, Any]]]] = [
            ("GET", r"/2/users/me", self._me),
            ("GET", r"/2/users/search", self._search_people),
            ("GET", r"/2/users/(\d+)", self._user),
            ("GET", r"/2/users/(\d+)/mentions", self._mentions),
            ("GET", r"/2/users/(\d+)/tweets", self._timeline),
            ("GET", r"/2/tweets/search/recent", self._search),
            ("GET", r"/2/tweets/(\d+)/quote_tweets", self._quotes),
            ("GET", r"/2/tweets/(\d+)", self._one),
            ("POST", r"/2/tweets", self._create),
            ("DELETE", r"/2/tweets/(\d+)", self._delete),
            ("PUT", r"/2/tweets/(\d+)/hidden", self._hide),
            ("POST", r"/2/users/(\d+)/muting", self._mute),
            ("DELETE", r"/2/users/(\d+)/muting/(\d+)", self._unmute),
            ("POST", r"/2/users/(\d+)/dm/(block|unblock)", self._dm_block),
            ("GET", r"/2/dm_events", self._dm_events),
            ("GET", r"/2/dm_conversations/with/(\d+)/dm_events", self._dm_with),
            ("POST", r"/2/dm_conversations/with/(\d+)/messages", self._dm_send),
            ("POST", r"/2/media/upload", self._upload),
            ("POST", r"/2/media/upload/initialize", self._initialise),
            ("POST", r"/2/media/upload/(\d+)/append", self._append),
            ("POST", r"/2/media/upload/(\d+)/finalize", self._finalise),
            ("GET", r"/2/media/upload", self._status),
            ("POST", r"/2/media/metadata", self._metadata),
            ("POST", r"/2/media/subtitles", self._subtitles),
            ("POST", r"/2/webhooks", self._webhook),
            ("GET", r"/2/webhooks", self._list_webhooks),
            ("PUT", r"/2/webhooks/(\d+)", self._check_webhook),
            ("DELETE", r"/2/webhooks/(\d+)", self._drop_webhook),
            ("POST", r"/2/activity/subscriptions", self._subscribe),
        ]
        for method, pattern, answer in routes:
            if method == asked.command and (found := re.fullmatch(pattern, path)):
                return answer(*found.groups(), query=query, body=body)
        raise Refusal(404, "Not Found")

    def _token(self, asked: BaseHTTPRequestHandler, form: dict[str, str]) -> tuple[int, Any]:
        self.token_form = dict(form)
        pair = base64.b64encode(f"{self.app['client_id']}:{self.app['client_secret']}".encode()).decode()
        if asked.headers.get("Authorization") != f"Basic {pair}":
            return 401, {
                "error": "unauthorized_client",
                "error_description": "Missing valid authorization header",
            }
        good = (form.get("grant_type") == "refresh_token" and form.get("refresh_token") == self.refresh) or (
            form.get("grant_type") == "authorization_code" and form.get("code") == "the-code"
        )
        if not good:
            return 400, {
                "error": "invalid_request",
                "error_description": "Value passed for the token was invalid.",
            }
        self.refresh = f"refresh-token-{secrets.token_hex(4)}"
        access = f"access-{secrets.token_hex(4)}"
        self.tokens = {access}
        return 200, {
            "token_type": "bearer",
            "expires_in": 7200,
            "access_token": access,
            "refresh_token": self.refresh,
            "scope": "tweet.read users.read tweet.write offline.access",
        }

    def _me(self, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        return 200, {"data": self._person(self.us, query)}

    def _search_people(self, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        words = query["query"].casefold().split()
        shown = [
            self._person(number, query)
            for name, number in self.people.items()
            if all(word in name.casefold() for word in words)
        ][: int(query["max_results"])]
        return 200, {**({"data": shown} if shown else {}), "meta": {}}

    def _user(self, number: str, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        return 200, {"data": self._person(number, query)}

    def _mentions(self, number: str, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        named = f"@{self.handle.lower()}"
        found = [
            post
            for post in self._standing()
            if named in (post["names"] + post["words"]).lower() and post["author"] != number
        ]
        return self._page(found, query, lowest=5)

    def _timeline(self, number: str, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        left_out = query.get("exclude", "").split(",")
        found = [
            post
            for post in self._standing()
            if post["author"] == number and not (post["reply_to"] and "replies" in left_out)
        ]
        if start := query.get("start_time"):
            since = datetime.fromisoformat(start)
            found = [post for post in found if time_of(int(post["id"])) >= since]
        return self._page(found, query, lowest=5)

    def _search(self, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        wanted = re.fullmatch(r"conversation_id:(\d+)", query["query"])
        if not wanted:
            raise Refusal(400, "The query is not understood.", kind=PROBLEM + "invalid-request")
        week = id_at(datetime.now(UTC) - timedelta(days=7))
        found = [
            post
            for post in self._standing()
            if post["conversation"] == wanted[1] and post["reply_to"] and int(post["id"]) >= week
        ]
        return self._page(found, query, lowest=10)

    def _quotes(self, number: str, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        status, page = self._page([p for p in self._standing() if p["quoted"] == number], query, lowest=10)
        page["meta"] = {k: v for k, v in page["meta"].items() if k not in ("newest_id", "oldest_id")}
        return status, page

    def _one(self, number: str, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        if number not in self.posts:
            return 200, {"errors": [self._not_found(number)]}
        newest = self._newest(number)
        return 200, {"data": self._view(newest, query), **self._includes([newest], query)}

    def _create(self, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        text, under = body.get("text", ""), body.get("reply", {}).get("in_reply_to_tweet_id", "")
        if previous := body.get("edit_options", {}).get("previous_post_id"):
            number = self.edit(previous, text)
            return 201, {
                "data": {"id": number, "text": text, "edit_history_post_ids": self.posts[number]["history"]}
            }
        if under and under not in self.posts:
            raise Refusal(403, "You attempted to reply to a Tweet that is deleted or not visible to you.")
        if under and self.only_summoned:
            above = self.posts[under]
            if f"@{self.handle.lower()}" not in above["words"].lower() and not above["quoted"]:
                raise Refusal(
                    403,
                    "Reply to this conversation is not allowed because you have not been mentioned or "
                    "otherwise engaged by the author of the post you are replying to.",
                )
        day = id_at(datetime.now(UTC) - timedelta(days=1))
        for post in self._standing():
            if (post["author"], post["words"], post["reply_to"]) == (self.us, text, under) and int(
                post["id"]
            ) > day:
                raise Refusal(403, "You are not allowed to create a Tweet with duplicate content.")
        number = self.write(self.us, text, under=under)
        self.posts[number]["media"] = list(body.get("media", {}).get("media_ids", []))
        return 201, {"data": {"id": number, "text": text, "edit_history_post_ids": [number]}}

    def _delete(self, number: str, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        if number not in self.posts:
            raise Refusal(403, "You are not authorized to delete this Tweet.")
        if self.posts[number]["author"] != self.us:
            raise Refusal(403, "You are not authorized to delete this Tweet.")
        self.delete(number)
        return 200, {"data": {"deleted": True}}

    def _hide(self, number: str, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        post = self.posts.get(number)
        root = self.posts.get(post["conversation"]) if post else None
        if not post or not post["reply_to"] or not root or root["author"] != self.us:
            raise Refusal(403, "You are not permitted to perform this action.")
        (self.hidden.add if body["hidden"] else self.hidden.discard)(number)
        return 200, {"data": {"hidden": body["hidden"]}}

    def _mute(self, number: str, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        self.muted.add(body["target_user_id"])
        return 200, {"data": {"muting": True}}

    def _unmute(self, number: str, target: str, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        self.muted.discard(target)
        return 200, {"data": {"muting": False}}

    def _dm_block(self, number: str, act: str, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        (self.dm_blocked.add if act == "block" else self.dm_blocked.discard)(number)
        return 200, {"data": {"blocked": act == "block"}}

    def _dm_events(self, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        return self._page(self._newest_events(), query, lowest=1, view=self._event)

    def _dm_with(self, number: str, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        found = [event for event in self._newest_events() if event["with"] == number]
        return self._page(found, query, lowest=1, view=self._event)

    def _dm_send(self, number: str, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        event = self.message(self.us, number, body.get("text", ""))
        self.events[event]["media"] = [one["media_id"] for one in body.get("attachments", [])]
        return 201, {"data": {"dm_conversation_id": self.events[event]["conversation"], "dm_event_id": event}}

    def _upload(self, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        media = self._picture(content=body["media"].encode("latin-1"), category=body["media_category"])
        return 200, {"data": {"id": media, "media_key": f"3_{media}", "expires_after_secs": 86400}}

    def _initialise(self, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        media = self._picture(category=body["media_category"])
        self.media[media] |= {"total": body["total_bytes"], "type": body["media_type"], "checks": 1}
        return 200, {"data": {"id": media, "media_key": f"7_{media}", "expires_after_secs": 86400}}

    def _append(self, number: str, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        self.media[number]["segments"][int(body["segment_index"])] = body["media"].encode("latin-1")
        return 200, {"data": {"expires_at": 1800000000}}

    def _finalise(self, number: str, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        media = self.media[number]
        segments = media["segments"]
        media["content"] = b"".join(segments[n] for n in range(len(segments)))
        if len(media["content"]) != media["total"]:
            raise Refusal(
                400, "Segments do not add up to provided total size.", kind=PROBLEM + "invalid-request"
            )
        return 200, {"data": {"id": number, "processing_info": {"state": "pending", "check_after_secs": 0}}}

    def _status(self, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        media = self.media[query["media_id"]]
        media["checks"] -= 1
        state = media.get("ends") or ("succeeded" if media["checks"] < 0 else "in_progress")
        return 200, {
            "data": {
                "id": query["media_id"],
                "processing_info": {"state": state, "check_after_secs": 0, "progress_percent": 50},
            }
        }

    def _metadata(self, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        self.media[body["id"]]["alt"] = body["metadata"]["alt_text"]["text"]
        return 200, {"data": {"id": body["id"], "associated_metadata": {}}}

    def _subtitles(self, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        self.media[body["id"]]["subtitles"] = body["subtitles"]
        return 200, {"data": {"id": body["id"]}}

    def _webhook(self, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        number = self._new_id(None)
        self.webhooks[number] = body["url"]
        return 200, {
            "data": {
                "id": number,
                "url": body["url"],
                "valid": True,
                "created_at": "2026-11-28T12:00:00.000Z",
            }
        }

    def _list_webhooks(self, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        listed = [{"id": number, "url": url, "valid": True} for number, url in self.webhooks.items()]
        return 200, {"data": listed, "meta": {"result_count": len(listed)}}

    def _check_webhook(self, number: str, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        return 200, {"data": {"valid": number in self.webhooks}}

    def _drop_webhook(self, number: str, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        return 200, {"data": {"deleted": self.webhooks.pop(number, None) is not None}}

    def _subscribe(self, *, query: dict[str, str], body: Any) -> tuple[int, Any]:
        self.subscriptions.append(body)
        return 200, {
            "data": {
                "subscription": {"subscription_id": self._new_id(None), "event_type": body["event_type"]}
            }
        }

    # How X shows things

    def _page(
        self,
        found: list[dict[str, Any]],
        query: dict[str, str],
        *,
        lowest: int,
        view: Callable[[dict[str, Any], dict[str, str]], dict[str, Any]] | None = None,
    ) -> tuple[int, Any]:
        size = int(query.get("max_results", lowest))
        if not lowest <= size <= 100:
            raise Refusal(400, "max_results is out of range", kind=PROBLEM + "invalid-request")
        if since := query.get("since_id"):
            found = [one for one in found if int(one["id"]) > int(since)]
        if token := query.get("pagination_token") or query.get("next_token"):
            if token not in self._pages:
                raise Refusal(400, "The token is not valid.", kind=PROBLEM + "invalid-request")
            found = [one for one in found if int(one["id"]) < self._pages[token]]
        size = min(size, self.page_size)
        shown, rest = found[:size], found[size:]
        meta: dict[str, Any] = {"result_count": len(shown)}
        if view is None and shown:
            meta |= {"newest_id": shown[0]["id"], "oldest_id": shown[-1]["id"]}
        if rest:
            token = f"7140dibdnow9c7btw{secrets.token_hex(8)}"
            self._pages[token] = int(shown[-1]["id"])
            meta["next_token"] = token
        if not shown:
            return 200, {"meta": meta}
        made = [(view or self._view)(one, query) for one in shown]
        return 200, {"data": made, **self._includes(shown, query), "meta": meta}

    def _view(self, post: dict[str, Any], query: dict[str, str]) -> dict[str, Any]:
        older = self.older
        fields = query.get("tweet.fields" if older else "post.fields", "").split(",")
        expansions = query.get("expansions", "").split(",")
        short, urls = self._shortened(post["words"])
        for media in post["media"]:
            link = f"https://t.co/m{media[-8:]}"
            short += f" {link}"
            urls.append(
                {
                    "url": link,
                    "expanded_url": f"https://x.com/i/status/{post['id']}/photo/1",
                    "media_key": f"3_{media}",
                }
            )
        text = html.escape(post["names"] + short, quote=False)
        for url in urls:
            url["start"] = text.find(url["url"])
            url["end"] = url["start"] + len(url["url"])
        refers = []
        if post["reply_to"]:
            refers.append({"type": "replied_to", "id": post["reply_to"]})
        if post["quoted"]:
            refers.append({"type": "quoted", "id": post["quoted"]})
        made: dict[str, Any] = {"id": post["id"], "text": text}
        asked = (lambda name: name in fields) if older else (lambda name: True)
        if older or "edit_history_post_ids" in expansions:
            made["edit_history_tweet_ids" if older else "edit_history_post_ids"] = post["history"]
        if asked("author_id") and (older or "author_id" in expansions):
            made["author_id"] = post["author"]
        if refers and (asked("referenced_tweets") if older else "referenced_posts" in expansions):
            made["referenced_tweets" if older else "referenced_posts"] = refers
        if "created_at" in fields:
            made["created_at"] = self._time(time_of(int(post["id"])))
        if "conversation_id" in fields:
            made["conversation_id"] = post["conversation"]
        if "lang" in fields:
            made["lang"] = "en"
        if "public_metrics" in fields:
            made["public_metrics"] = {
                "impression_count": 90,
                "like_count": 3,
                "reply_count": 0,
                "repost_count": 1,
                "quote_count": 0,
                "bookmark_count": 0,
            }
        if "display_text_range" in fields:
            made["display_text_range"] = [len(post["names"]), len(text)]
        if "entities" in fields and urls:
            made["entities"] = {"urls": urls}
        if "attachments" in fields and post["media"]:
            made["attachments"] = {"media_keys": [f"3_{media}" for media in post["media"]]}
        if "edit_controls" in fields:
            made["edit_controls"] = {
                "is_edit_eligible": not post["reply_to"],
                "editable_until": self._time(time_of(int(post["history"][0])) + timedelta(minutes=30)),
                "edits_remaining": 5 - (len(post["history"]) - 1),
            }
        return made

    def _event(self, event: dict[str, Any], query: dict[str, str]) -> dict[str, Any]:
        fields, expansions = (
            query.get("dm_event.fields", "").split(","),
            query.get("expansions", "").split(","),
        )
        made = {
            "id": event["id"],
            "event_type": "MessageCreate",
            "text": html.escape(event["text"], quote=False),
        }
        if "created_at" in fields:
            made["created_at"] = self._time(time_of(int(event["id"])))
        if "dm_conversation_id" in fields:
            made["dm_conversation_id"] = event["conversation"]
        if "sender_id" in expansions:
            made["sender_id"] = event["sender"]
        return made

    def _includes(self, shown: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
        expansions = query.get("expansions", "").split(",")
        found: dict[str, Any] = {}
        if "author_id" in expansions or "sender_id" in expansions:
            people = dict.fromkeys(one.get("author") or one.get("sender") for one in shown)
            found["users"] = [self._person(number, query) for number in people]
        media = [one for entry in shown for one in entry["media"]]
        if "attachments.media_keys" in expansions and media:
            found["media"] = [
                {
                    "media_key": f"3_{one}",
                    "type": "photo",
                    "url": f"https://pbs.example/media/{one}.jpg",
                    **({"alt_text": self.media[one]["alt"]} if "alt" in self.media[one] else {}),
                }
                for one in media
            ]
        return {"includes": found} if found else {}

    def _person(self, number: str, query: dict[str, str]) -> dict[str, Any]:
        name = next((name for name, one in self.people.items() if one == number), "Wealdshire Police")
        made: dict[str, Any] = {"id": number, "username": self._handle(number), "name": name}
        if "profile_image_url" in query.get("user.fields", ""):
            made["profile_image_url"] = f"https://pbs.example/{number}_normal.jpg"
        if "connection_status" in query.get("user.fields", ""):
            made["connection_status"] = ["muting"] if number in self.muted else []
        if "public_metrics" in query.get("user.fields", ""):
            made["public_metrics"] = {
                "followers_count": 12,
                "following_count": 3,
                "post_count": 40,
                "listed_count": 1,
            }
        if "subscription_type" in query.get("user.fields", ""):
            made["subscription_type"] = self.subscription
        return made

    def _handle(self, number: str) -> str:
        if number in self.handles:
            return self.handles[number]
        name = next((name for name, one in self.people.items() if one == number), "")
        return re.sub(r"\W", "_", name) if name else self.handle

    def _standing(self) -> list[dict[str, Any]]:
        standing = [post for post in self.posts.values() if not post["superseded"]]
        return sorted(standing, key=lambda post: int(post["id"]), reverse=True)

    def _newest(self, number: str) -> dict[str, Any]:
        wanted = self.posts[number]["history"][0]
        return max(
            (post for post in self.posts.values() if post["history"][0] == wanted),
            key=lambda post: int(post["id"]),
        )

    def _newest_events(self) -> list[dict[str, Any]]:
        return sorted(self.events.values(), key=lambda event: int(event["id"]), reverse=True)

    def _picture(self, *, content: bytes = b"", category: str = "tweet_image") -> str:
        number = self._new_id(None)
        self.media[number] = {"content": content, "category": category, "segments": {}, "checks": 0}
        return number

    def _new_id(self, at: datetime | None) -> str:
        number = id_at(at) if at else max(self._last + (1 << 22), id_at(datetime.now(UTC)))
        while str(number) in self.posts or str(number) in self.events:
            number += 1
        self._last = max(self._last, number)
        return str(number)

    def _time(self, instant: datetime) -> str:
        return instant.strftime("%Y-%m-%dT%H:%M:%S" + (".000Z" if self.fractions else "Z"))

    @staticmethod
    def _shortened(text: str) -> tuple[str, list[dict[str, Any]]]:
        urls: list[dict[str, Any]] = []

        def shorten(match: re.Match[str]) -> str:
            link = f"https://t.co/a{len(urls)}bcdefg"
            urls.append({"url": link, "expanded_url": match[0], "display_url": match[0][8:30]})
            return link

        return re.sub(r"https?://[^\s]+[\w/]", shorten, text), urls

    @staticmethod
    def _not_found(number: str) -> dict[str, Any]:
        return {
            "title": "Not Found Error",
            "detail": f"Could not find tweet with id: [{number}].",
            "type": PROBLEM + "resource-not-found",
            "resource_type": "tweet",
            "resource_id": number,
            "parameter": "id",
            "value": number,
        }


class PublicVoice:
    """Jo, who answers and writes to the official account on the stand-in."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.jo = network.person("jo_h")

    def reply(self, under: Sent, text: str) -> str:
        return self.network.write(self.jo, text, under=under.external_id)

    def pretend(self, handle: str, name: str) -> str:
        number = self.network.person(name)
        self.network.handles[number] = handle
        return number

    def write_privately(self, text: str) -> str:
        return "dm:" + self.network.message(self.jo, self.network.us, text)

    def edit(self, external_id: str, text: str) -> None:
        self.network.edit(external_id, text)

    def delete(self, external_id: str) -> None:
        self.network.delete(external_id)

    def sees(self, external_id: str, *, under: Sent) -> bool:
        return external_id in self.network.posts and external_id not in self.network.hidden


def asked(network: Network, part: str) -> list[dict[str, Any]]:
    """The requests to a path that contains `part`."""
    return [one for one in network.log if part in one["path"]]


def parsed(query: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(query).items()}
