"""A small Mastodon server, as docs.joinmastodon.org describes one, for what the connector asks of it.

Pages come newest first even where `min_id` picks the immediately newer ones; conversations are paged
by their last message; an Idempotency-Key answers with the first status again; media answer 202 until
they were read; errors are {"error": "…"}; every answer has the rate headers with an ISO reset.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.policy import HTTP
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

from platforms.contract import Sent

EPOCH = datetime(2026, 11, 22, 12, tzinfo=UTC)
LINK = re.compile(r"https?://\S+")
MENTION = re.compile(r"(?<![/\w])@(\w+)(?:@([\w.-]+\w))?")


class Refusal(Exception):
    def __init__(self, status: int, words: str, headers: dict[str, str] | None = None):
        self.status, self.words, self.headers = status, words, headers or {}


class Server:
    """One official account (`handle`, `secret`) and anybody else by name."""

    us = "1"
    secret = "mastodon-token-1234"

    def __init__(self) -> None:
        self.accounts: dict[str, dict[str, Any]] = {}
        self.statuses: dict[int, dict[str, Any]] = {}
        self.source: dict[int, str] = {}
        self.notifications: list[dict[str, Any]] = []
        self.media: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, int] = {}
        self.relations: dict[str, dict[str, bool]] = {}
        self.calls: list[str] = []
        self.refuse_next: dict[str, Refusal] = {}
        self.before: dict[str, Callable[[], None]] = {}
        self.max_characters = 500
        self.drops_private_mentions = False
        self.still_at_work = 0
        self.version_2 = True
        self._numbers = count(1)
        self._account("wealdshire", self.us)
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                server._answer(self)

            do_GET = do_POST = do_PUT = do_DELETE = answer

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

    def write(self, name: str, text: str, *, under: str = "", visibility: str = "public", **more: Any) -> str:
        """A member of the public writes; whoever is named is notified, as in a reply that begins with a name."""
        status = self._make(self._account(name), text, under=under, visibility=visibility, **more)
        return status["id"]

    def quote(self, name: str, text: str, quoted: str) -> str:
        shown = self.statuses[int(quoted)]
        status = self._make(
            self._account(name),
            text,
            quote={"state": "accepted", "quoted_status": shown},
            visibility="public",
        )
        self._notify(status, "quote")
        return status["id"]

    def edit(self, external_id: str, text: str) -> None:
        self._change(self.statuses[int(external_id)], text)

    # The calls

    def _answer(self, asked: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(asked.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        body = asked.rfile.read(int(asked.headers.get("Content-Length") or 0))
        kind = asked.headers.get("Content-Type", "")
        form = {} if kind.startswith("multipart/") else parse_qs(body.decode(), keep_blank_values=True)
        call = f"{asked.command} {parts.path.rstrip('/')}"
        self.calls.append(call)
        try:
            if call in self.before:
                self.before.pop(call)()
            if call in self.refuse_next:
                raise self.refuse_next.pop(call)
            public = parts.path.startswith(
                ("/api/v2/instance", "/api/v1/instance", "/api/v1/apps", "/oauth/")
            )
            if not public and asked.headers.get("Authorization") != f"Bearer {self.secret}":
                raise Refusal(401, "The access token is invalid")
            for pattern, act in _ROUTES:
                if found := re.fullmatch(pattern, call):
                    status, answer = (
                        200,
                        act(self, *found.groups(), query=query, form=form, asked=asked, body=body),
                    )
                    if isinstance(answer, tuple):
                        status, answer = answer
                    return self._say(asked, status, answer)
            raise Refusal(404, "Record not found")
        except Refusal as refusal:
            self._say(asked, refusal.status, {"error": refusal.words}, refusal.headers)

    @staticmethod
    def _say(asked, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        asked.send_response(status)
        reset = (datetime.now(UTC) + timedelta(minutes=4)).isoformat().replace("+00:00", "Z")
        said = {
            "Content-Type": "application/json; charset=utf-8",
            "X-RateLimit-Limit": "300",
            "X-RateLimit-Remaining": "240",
            "X-RateLimit-Reset": reset,
            **(headers or {}),
        }
        for name, value in said.items():
            asked.send_header(name, value)
        asked.send_header("Content-Length", str(len(content)))
        asked.end_headers()
        with contextlib.suppress(BrokenPipeError):
            asked.wfile.write(content)

    def verify(self, **_given):
        return {**self.accounts["wealdshire"], "source": {"privacy": "public"}}

    def instance(self, **_given):
        if not self.version_2:
            raise Refusal(404, "Record not found")
        return self._description("domain")

    def instance_1(self, **_given):
        return self._description("uri")

    def _description(self, name: str):
        return {
            name: "mastodon.example",
            "version": "4.5.0",
            "configuration": {
                "statuses": {
                    "max_characters": self.max_characters,
                    "max_media_attachments": 4,
                    "characters_reserved_per_url": 23,
                },
                "media_attachments": {
                    "description_limit": 1500,
                    "image_size_limit": 16777216,
                    "video_size_limit": 103809024,
                },
            },
        }

    def policy(self, **_given):
        return {
            "for_not_following": "accept",
            "for_private_mentions": "drop" if self.drops_private_mentions else "accept",
            "summary": {"pending_requests_count": 0},
        }

    def list_notifications(self, *, query, **_given):
        types = query.get("types[]", [])
        filtered = query.get("include_filtered") == ["true"]
        found = [
            one
            for one in self.notifications
            if (not types or one["type"] in types) and (filtered or not one.get("filtered"))
        ]
        return self._page(found, query, most=80, key=lambda one: int(one["id"]))

    def list_conversations(self, *, query, **_given):
        threads: dict[int, dict[str, Any]] = {}
        for number, status in sorted(self.statuses.items()):
            if status["visibility"] == "direct":
                threads[self._top(number)] = status
        found = [
            {"id": str(top), "unread": True, "accounts": [last["account"]], "last_status": last}
            for top, last in threads.items()
        ]
        return self._page(found, query, most=40, key=lambda one: int(one["last_status"]["id"]))

    @staticmethod
    def _page(found, query, *, most: int, key):
        """docs: max_id is older than, since_id newer than, min_id immediately newer than."""
        size = min(int(query.get("limit", ["20"])[0]), most)
        newest_first = sorted(found, key=key, reverse=True)
        if "max_id" in query:
            newest_first = [one for one in newest_first if key(one) < int(query["max_id"][0])]
        if "min_id" in query:
            after = [one for one in newest_first if key(one) > int(query["min_id"][0])]
            return after[-size:]
        if "since_id" in query:
            newest_first = [one for one in newest_first if key(one) > int(query["since_id"][0])]
        return newest_first[:size]

    def context(self, external_id, **_given):
        status = self._standing(external_id)
        above, at = [], status
        while at["in_reply_to_id"] and int(at["in_reply_to_id"]) in self.statuses:
            at = self.statuses[int(at["in_reply_to_id"])]
            above.insert(0, at)
        below = [
            one
            for number, one in sorted(self.statuses.items())
            if number != int(external_id) and self._is_below(number, int(external_id))
        ]
        return {"ancestors": above, "descendants": below}

    def status(self, external_id, **_given):
        return self._standing(external_id)

    def status_source(self, external_id, **_given):
        self._own(external_id)
        return {"id": external_id, "text": self.source[int(external_id)], "spoiler_text": ""}

    def post_status(self, *, form, asked, **_given):
        key = asked.headers.get("Idempotency-Key")
        if key and key in self.keys:
            return self.statuses[self.keys[key]]
        text = form.get("status", [""])[0]
        self._refuse_long(text)
        media = [self.media[one] for one in form.get("media_ids[]", [])]
        if len(media) > 4:
            raise Refusal(422, "Validation failed: Cannot attach more than 4 files")
        if any(not one["url"] for one in media):
            raise Refusal(
                422, "Cannot attach files that have not finished processing. Try again in a moment!"
            )
        under = form.get("in_reply_to_id", [""])[0]
        if under and int(under) not in self.statuses:
            raise Refusal(404, "Record not found")
        status = self._make(
            self.accounts["wealdshire"],
            text,
            under=under,
            visibility=form.get("visibility", ["public"])[0],
            media_attachments=media,
        )
        if key:
            self.keys[key] = int(status["id"])
        return status

    def edit_status(self, external_id, *, form, **_given):
        status = self._own(external_id)
        text = form.get("status", [""])[0]
        self._refuse_long(text)
        # As UpdateStatusService does: what is not said again is taken away.
        kept = form.get("media_ids[]", [])
        status["media_attachments"] = [one for one in status["media_attachments"] if one["id"] in kept]
        return self._change(status, text)

    def delete_status(self, external_id, **_given):
        status = self._own(external_id)
        del self.statuses[int(external_id)]
        return {**status, "text": self.source[int(external_id)]}

    def account_statuses(self, external_id, *, query, **_given):
        found = [
            one
            for one in self.statuses.values()
            if one["account"]["id"] == external_id
            and not (query.get("exclude_replies") in (["1"], ["true"]) and one["in_reply_to_id"])
        ]
        return self._page(found, query, most=40, key=lambda one: int(one["id"]))

    def search_accounts(self, *, query, **_given):
        words = query["q"][0].lower().split()
        found = [
            one
            for one in self.accounts.values()
            if all(word in f"{one['acct']} {one['display_name']}".lower() for word in words)
        ]
        return found[: int(query.get("limit", ["40"])[0])]

    def account(self, external_id, **_given):
        for account in self.accounts.values():
            if account["id"] == external_id:
                return account
        raise Refusal(404, "Record not found")

    def relationships(self, *, query, **_given):
        ids = query.get("id[]") or query.get("id") or []
        return [self._relation(one) for one in ids]

    def relate(self, external_id, act, **_given):
        self.account(external_id)
        what = {"block": "blocking", "unblock": "blocking", "mute": "muting", "unmute": "muting"}[act]
        self.relations.setdefault(external_id, {})[what] = not act.startswith("un")
        return self._relation(external_id)

    def _relation(self, external_id):
        return {"id": external_id, "blocking": False, "muting": False, **self.relations.get(external_id, {})}

    def upload(self, *, asked, body, **_given):
        head = f"Content-Type: {asked.headers['Content-Type']}\r\n\r\n".encode()
        fields = {}
        for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
            fields[part.get_param("name", header="content-disposition")] = part
        if "file" not in fields:
            raise Refusal(422, "Validation failed: File can't be blank")
        external_id = str(next(self._numbers))
        kind = fields["file"].get_content_type()
        description = fields["description"].get_content().strip() if "description" in fields else None
        self.media[external_id] = {
            "id": external_id,
            "type": kind.partition("/")[0],
            "url": None if self.still_at_work else self._file(external_id),
            "remote_url": None,
            "description": description,
        }
        return (202 if self.still_at_work else 200), self.media[external_id]

    def get_media(self, external_id, **_given):
        if external_id not in self.media:
            raise Refusal(404, "Record not found")
        if self.still_at_work:
            self.still_at_work -= 1
        if self.still_at_work:
            return 206, None
        self.media[external_id]["url"] = self._file(external_id)
        return self.media[external_id]

    def register(self, *, form, **_given):
        return {
            "id": "9",
            "name": form["client_name"][0],
            "redirect_uri": form["redirect_uris"][0],
            "client_id": "client-9",
            "client_secret": "secret-of-client-9",
        }

    def token(self, *, form, **_given):
        given = {key: value[0] for key, value in form.items()}
        if given.get("code") != "good-code" or given.get("code_verifier") != "the-verifier":
            # Doorkeeper, as Mastodon answers it.
            raise Refusal(400, "invalid_grant")
        return {
            "access_token": self.secret,
            "token_type": "Bearer",
            "scope": "read:accounts write:statuses",
            "created_at": 1795867200,
        }

    # Keeping

    def _make(self, account, text: str, *, under: str = "", visibility: str, **more: Any) -> dict[str, Any]:
        number = 113_000_000_000 + next(self._numbers)
        parent = self.statuses.get(int(under)) if under else None
        status = {
            "id": str(number),
            "created_at": self._time(),
            "edited_at": None,
            "in_reply_to_id": under or None,
            "in_reply_to_account_id": parent["account"]["id"] if parent else None,
            "sensitive": False,
            "spoiler_text": "",
            "visibility": visibility,
            "language": "en",
            "uri": f"https://mastodon.example/users/{account['username']}/statuses/{number}",
            "url": f"https://mastodon.example/@{account['acct']}/{number}",
            "replies_count": 0,
            "favourites_count": 3,
            "content": _html(text),
            "account": account,
            "media_attachments": [],
            "mentions": [],
            "favourited": False,
            **more,
        }
        self.statuses[number] = status
        self.source[number] = text
        named = {found[1].lower() for found in MENTION.finditer(text)}
        dropped = visibility == "direct" and self.drops_private_mentions
        if "wealdshire" in named and account["id"] != self.us and not dropped:
            self._notify(status, "mention")
        return status

    def _notify(self, status, kind: str) -> None:
        self.notifications.append(
            {
                "id": str(34_000_000 + next(self._numbers)),
                "type": kind,
                "created_at": status["created_at"],
                "account": status["account"],
                "status": status,
            }
        )

    def _change(self, status, text: str):
        status["content"], status["edited_at"] = _html(text), self._time()
        self.source[int(status["id"])] = text
        return status

    def _refuse_long(self, text: str) -> None:
        counted = MENTION.sub(lambda found: "@" + found[1], LINK.sub("x" * 23, text))
        if len(counted) > self.max_characters:
            raise Refusal(422, f"Validation failed: Text character limit of {self.max_characters} exceeded")

    def _standing(self, external_id: str) -> dict[str, Any]:
        if int(external_id) not in self.statuses:
            raise Refusal(404, "Record not found")
        return self.statuses[int(external_id)]

    def _own(self, external_id: str) -> dict[str, Any]:
        status = self._standing(external_id)
        if status["account"]["id"] != self.us:
            raise Refusal(404, "Record not found")
        return status

    def _top(self, number: int) -> int:
        above = self.statuses[number]["in_reply_to_id"]
        return self._top(int(above)) if above and int(above) in self.statuses else number

    def _is_below(self, number: int, top: int) -> bool:
        above = self.statuses[number]["in_reply_to_id"]
        return bool(above) and (
            int(above) == top or (int(above) in self.statuses and self._is_below(int(above), top))
        )

    def _account(self, name: str, external_id: str = "") -> dict[str, Any]:
        if name not in self.accounts:
            username, _, domain = name.partition("@")
            self.accounts[name] = {
                "id": external_id or str(100 + next(self._numbers)),
                "username": username,
                "acct": name,
                "display_name": username.title(),
                "url": f"https://{domain or 'mastodon.example'}/@{username}",
                "followers_count": 12,
            }
        return self.accounts[name]

    @staticmethod
    def _file(external_id: str) -> str:
        return f"https://files.mastodon.example/{external_id}.jpeg"

    def _time(self) -> str:
        at = EPOCH + timedelta(seconds=next(self._numbers))
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _html(text: str) -> str:
    """Words as Mastodon marks them up: links cut in pieces, mentions without their server."""

    def link(found):
        shown = found[0].partition("://")
        address = escape(found[0])
        rest = escape(shown[2])
        return (
            f'<a href="{address}" rel="nofollow"><span class="invisible">{shown[0]}://</span>'
            f'<span class="ellipsis">{rest[:20]}</span><span class="invisible">{rest[20:]}</span></a>'
        )

    def mention(found):
        return (
            f'<span class="h-card"><a href="https://x.example/@{found[1]}" class="u-url mention">'
            f"@<span>{found[1]}</span></a></span>"
        )

    pieces, end = [], 0
    for found in re.finditer(f"(?P<link>{LINK.pattern})|{MENTION.pattern}", text):
        pieces.append(escape(text[end : found.start()]))
        again = LINK.fullmatch(found[0])
        pieces.append(link(again) if again else mention(MENTION.fullmatch(found[0])))
        end = found.end()
    pieces.append(escape(text[end:]))
    return "".join(f"<p>{one}</p>" for one in "".join(pieces).split("\n\n")).replace("\n", "<br />")


_ROUTES = [
    (r"GET /api/v1/accounts/search", Server.search_accounts),
    (r"GET /api/v1/accounts/verify_credentials", Server.verify),
    (r"GET /api/v2/instance", Server.instance),
    (r"GET /api/v1/instance", Server.instance_1),
    (r"GET /api/v2/notifications/policy", Server.policy),
    (r"GET /api/v1/notifications", Server.list_notifications),
    (r"GET /api/v1/conversations", Server.list_conversations),
    (r"GET /api/v1/statuses/(\d+)/context", Server.context),
    (r"GET /api/v1/statuses/(\d+)/source", Server.status_source),
    (r"GET /api/v1/statuses/(\d+)", Server.status),
    (r"POST /api/v1/statuses", Server.post_status),
    (r"PUT /api/v1/statuses/(\d+)", Server.edit_status),
    (r"DELETE /api/v1/statuses/(\d+)", Server.delete_status),
    (r"GET /api/v1/accounts/relationships", Server.relationships),
    (r"GET /api/v1/accounts/(\d+)/statuses", Server.account_statuses),
    (r"GET /api/v1/accounts/(\d+)", Server.account),
    (r"POST /api/v1/accounts/(\d+)/(block|unblock|mute|unmute)", Server.relate),
    (r"POST /api/v2/media", Server.upload),
    (r"GET /api/v1/media/(\d+)", Server.get_media),
    (r"POST /api/v1/apps", Server.register),
    (r"POST /oauth/token", Server.token),
]


class PublicVoice:
    """A member of the public, as the contract suite wants one."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def pretend(self, handle: str, name: str) -> str:
        account = self._server._account(f"{handle}@far.example")
        account["display_name"] = name
        return account["id"]

    def reply(self, under: Sent, text: str) -> str:
        """A reply as other programs write it, with the name of whoever is answered before it."""
        return self._server.write("resident@far.example", f"@wealdshire {text}", under=under.external_id)

    def write_privately(self, text: str) -> str:
        return self._server.write("resident@far.example", f"@wealdshire {text}", visibility="direct")

    def delete(self, external_id: str) -> None:
        del self._server.statuses[int(external_id)]

    def sees(self, external_id: str, *, under: Sent) -> bool:
        return int(external_id) in self._server.statuses
