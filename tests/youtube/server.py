"""A small YouTube, built from the API's own description and the pages of its methods.

Each call and each answer is held against the description (`violations`). Threads come newest first
in three lists; only a few replies come with a thread; a comment asked for by its id does not say its
standing; uploads are resumable; errors are {"error": {"code", "message", "errors": [{"reason"}]}}.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

from platforms.contract import Sent
from tests.youtube import description

EPOCH = datetime(2026, 11, 22, 12, tzinfo=UTC)
US = "UCwealdshire00000000000"
UPLOADS = "UUwealdshire00000000000"
REPLIES_WITH_A_THREAD = 2


class Refusal(Exception):
    def __init__(self, status: int, reason: str, words: str = "", headers: dict[str, str] | None = None):
        self.status, self.reason, self.words, self.headers = status, reason, words or reason, headers or {}


class Server:
    """One channel (`secret`) and anybody else by name."""

    secret = "ya29.google-token-1234"
    refresh = "1//refresh-5678"

    def __init__(self) -> None:
        self.videos: dict[str, dict[str, Any]] = {}
        self.comments: dict[str, dict[str, Any]] = {}
        self.captions: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.calls: list[str] = []
        self.violations: list[str] = []
        self.refuse_next: dict[str, Refusal] = {}
        self.before: dict[str, Callable[[], None]] = {}
        self.page_size = 100
        self.comments_off: set[str] = set()
        self.channels: dict[str, dict[str, Any]] = {}
        """Of others, by id: their snippets."""
        self._sessions: dict[str, tuple[str, dict[str, Any], bytearray]] = {}
        self._numbers = count(1)
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

    def write(
        self, name: str, text: str, *, under: str, standing: str = "published", picture: str = ""
    ) -> str:
        """A comment under a video, or a reply under a comment."""
        top = "" if under in self.videos else under
        video = under if under in self.videos else self.comments[under]["video"]
        number = next(self._numbers)
        external_id = f"{top}.r{number:06}" if top else f"Ugx{number:08}AaABAg"
        self.comments[external_id] = {
            "video": video,
            "top": top,
            "author": US if name == "wealdshire" else f"UC{name}",
            "name": f"@{name}",
            "text": text,
            "written": self._time(),
            "updated": "",
            "standing": standing,
            "picture": picture,
        }
        return external_id

    def edit(self, external_id: str, text: str) -> None:
        self.comments[external_id] |= {"text": text, "updated": self._time()}

    def sees(self, external_id: str) -> bool:
        found = self.comments.get(external_id)
        above = self.comments.get(found["top"]) if found and found["top"] else None
        return bool(found) and all(one["standing"] == "published" for one in (found, above) if one)

    # The calls

    def _answer(self, asked: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(asked.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        body = asked.rfile.read(int(asked.headers.get("Content-Length") or 0))
        try:
            if parts.path == "/token":
                return self._say(asked, 200, self._token(parse_qs(body.decode())))
            if "upload_id" in query:
                name = self._sessions[query["upload_id"][0]][0]
            else:
                name = description.method_of(asked.command, parts.path)
            self.calls.append(name)
            if not name:
                self.violations.append(f"no method: {asked.command} {parts.path}")
                raise Refusal(404, "notFound")
            if name in self.before:
                self.before.pop(name)()
            if name in self.refuse_next:
                raise self.refuse_next.pop(name)
            if asked.headers.get("Authorization") != f"Bearer {self.secret}":
                raise Refusal(401, "authError", "Invalid Credentials")
            if "upload_id" in query:
                return self._upload(asked, query["upload_id"][0], body)
            query.pop("alt", None)
            self.violations += description.faults_of_query(name, query)
            given = json.loads(body) if body else None
            self.violations += description.faults_of_body(name, "request", given)
            if "uploadType" in query:
                return self._begin_upload(asked, name, given)
            answer = _METHODS[name](self, {key: value[0] for key, value in query.items()}, given)
            self._say_answer(asked, name, answer)
        except Refusal as refusal:
            error = {
                "code": refusal.status,
                "message": refusal.words,
                "errors": [{"message": refusal.words, "domain": "youtube.comment", "reason": refusal.reason}],
            }
            self._say(asked, refusal.status, {"error": error}, refusal.headers)

    def _say_answer(self, asked, name: str, answer: Any) -> None:
        self.violations += description.faults_of_body(name, "response", answer)
        self._say(asked, 204 if answer is None else 200, answer)

    @staticmethod
    def _say(asked, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        asked.send_response(status)
        for name, value in {"Content-Type": "application/json; charset=UTF-8", **(headers or {})}.items():
            asked.send_header(name, value)
        asked.send_header("Content-Length", str(len(content)))
        asked.end_headers()
        with contextlib.suppress(BrokenPipeError):
            asked.wfile.write(content)

    def _token(self, form):
        given = {key: value[0] for key, value in form.items()}
        code = (given.get("code"), given.get("code_verifier")) == ("good-code", "the-verifier")
        if not code and given.get("refresh_token") != self.refresh:
            raise Refusal(400, "invalid_grant")
        new = {"refresh_token": self.refresh} if code else {}
        scope = "https://www.googleapis.com/auth/youtube.force-ssl"
        return {
            "access_token": "ya29.newer",
            "expires_in": 3599,
            "token_type": "Bearer",
            "scope": scope,
            **new,
        }

    # Uploads (developers.google.com/youtube/v3/guides/using_resumable_upload_protocol)

    def _begin_upload(self, asked, name: str, given) -> None:
        external_id = f"upload{next(self._numbers)}"
        self._sessions[external_id] = (name, given, bytearray())
        path = description.methods()[name]["mediaUpload"]["protocols"]["resumable"]["path"]
        location = f"{self.address}{path}?uploadType=resumable&upload_id={external_id}"
        self._say(asked, 200, None, {"Location": location})

    def _upload(self, asked, external_id: str, piece: bytes) -> None:
        name, given, so_far = self._sessions[external_id]
        so_far += piece
        span = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", asked.headers.get("Content-Range", ""))
        if span and len(so_far) < int(span[3]):
            return self._say(asked, 308, None, {"Range": f"bytes=0-{len(so_far) - 1}"})
        if name == "captions.insert":
            snippet = given["snippet"]
            if any(one["videoId"] == snippet["videoId"] for one in self.captions):
                raise Refusal(409, "captionExists")
            self.captions.append({**snippet, "content": bytes(so_far).decode()})
            return self._say_answer(
                asked, name, {"kind": "youtube#caption", "id": external_id, "snippet": snippet}
            )
        video = f"v{next(self._numbers):010}"
        self.files[video] = bytes(so_far)
        self.videos[video] = {"snippet": given["snippet"], "status": given["status"], "at": self._time()}
        return self._say_answer(asked, name, self._video(video))

    # Videos

    def search(self, query, _given):
        """Words anywhere in the title; what it shows of a channel says nothing of its handle."""
        if query["type"] != "channel":
            raise Refusal(400, "invalidSearchFilter")
        mine = {US: {"title": "Wealdshire Police"}}
        shown = [
            {
                "kind": "youtube#searchResult",
                "id": {"kind": "youtube#channel", "channelId": external_id},
                "snippet": {"channelId": external_id, "title": one["title"], "channelTitle": one["title"]},
            }
            for external_id, one in {**mine, **self.channels}.items()
            if all(word in one["title"].casefold() for word in query["q"].casefold().split())
        ]
        return {"kind": "youtube#searchListResponse", "items": shown[: int(query["maxResults"])]}

    def list_channels(self, query, _given):
        if "id" in query:
            found = [one for one in query["id"].split(",") if one in self.channels]
            return {
                "items": [
                    {"kind": "youtube#channel", "id": one, "snippet": self.channels[one]} for one in found
                ]
            }
        mine = {
            "kind": "youtube#channel",
            "id": US,
            "snippet": {"title": "Wealdshire Police", "customUrl": "@wealdshire"},
            "contentDetails": {"relatedPlaylists": {"uploads": UPLOADS}},
            "statistics": {"subscriberCount": "12", "hiddenSubscriberCount": False},
        }
        return {"kind": "youtube#channelListResponse", "items": [mine]}

    def list_items(self, query, _given):
        if query["playlistId"] != UPLOADS or not self.videos:
            raise Refusal(404, "playlistNotFound")
        newest_first = sorted(self.videos, key=lambda one: self.videos[one]["at"], reverse=True)
        return {
            "items": [
                {"id": f"item-{one}", "contentDetails": {"videoId": one}}
                for one in newest_first[: int(query["maxResults"])]
            ]
        }

    def list_videos(self, query, _given):
        return {"items": [self._video(one) for one in query["id"].split(",") if one in self.videos]}

    def update_video(self, _query, given):
        if given["id"] not in self.videos:
            raise Refusal(404, "videoNotFound")
        if "snippet" in given and not (given["snippet"].get("title") and given["snippet"].get("categoryId")):
            raise Refusal(400, "invalidVideoMetadata")
        self.videos[given["id"]] |= {key: given[key] for key in ("snippet", "status") if key in given}
        return self._video(given["id"])

    def delete_video(self, query, _given):
        if self.videos.pop(query["id"], None) is None:
            raise Refusal(404, "videoNotFound")

    def _video(self, external_id: str):
        found = self.videos[external_id]
        return {
            "kind": "youtube#video",
            "id": external_id,
            "snippet": {
                **found["snippet"],
                "channelId": found.get("channel", US),
                "publishedAt": found["at"],
            },
            "status": {**found["status"], "uploadStatus": "uploaded"},
            "statistics": {"viewCount": "90", "likeCount": "3", "commentCount": "0"},
        }

    # Comments

    def list_threads(self, query, _given):
        if "id" in query:
            found = [one for one in query["id"].split(",") if one in self.comments]
            return {"items": [self._thread(one, query, by_id=True) for one in found]}
        video = query.get("videoId")
        if video is not None and video not in self.videos:
            raise Refusal(404, "videoNotFound")
        if video in self.comments_off:
            raise Refusal(403, "commentsDisabled")
        standing = query.get("moderationStatus", "published")
        if standing == "rejected":
            raise Refusal(400, "operationNotSupported")
        # A held reply brings its thread into the held list.
        tops = [
            external_id
            for external_id, one in self.comments.items()
            if not one["top"]
            and (video is None or one["video"] == video)
            and (
                one["standing"] == standing
                or any(r["standing"] == standing for r in self._under(external_id).values())
            )
        ]
        newest_first = sorted(tops, key=lambda one: self.comments[one]["written"], reverse=True)
        return self._page([self._thread(one, query) for one in newest_first], query)

    def list_comments(self, query, _given):
        if "id" in query:
            found = [one for one in query["id"].split(",") if one in self.comments]
            return {"items": [self._comment(one, by_id=True) for one in found]}
        if query["parentId"] not in self.comments:
            raise Refusal(404, "commentNotFound")
        shown = [k for k, one in self._under(query["parentId"]).items() if one["standing"] == "published"]
        return self._page([self._comment(one) for one in reversed(shown)], query)

    def _page(self, found, query):
        begin = int(query.get("pageToken", "0"))
        end = begin + min(int(query["maxResults"]), self.page_size)
        more = {"nextPageToken": str(end)} if end < len(found) else {}
        return {"items": found[begin:end], "pageInfo": {"totalResults": len(found)}, **more}

    def insert_comment(self, _query, given):
        snippet = given["snippet"]
        if snippet["parentId"] not in self.comments:
            raise Refusal(404, "parentCommentNotFound")
        if len(snippet["textOriginal"]) > 10_000:
            raise Refusal(400, "commentTextTooLong")
        if "." in snippet["parentId"]:
            raise Refusal(400, "operationNotSupported")
        return self._comment(self.write("wealdshire", snippet["textOriginal"], under=snippet["parentId"]))

    def update_comment(self, _query, given):
        self._own(given["id"])
        self.edit(given["id"], given["snippet"]["textOriginal"])
        return self._comment(given["id"])

    def delete_comment(self, query, _given):
        self._own(query["id"])
        del self.comments[query["id"]]

    def moderate(self, query, _given):
        if query["id"] not in self.comments:
            raise Refusal(404, "commentNotFound")
        self.comments[query["id"]]["standing"] = query["moderationStatus"]

    def _own(self, external_id: str) -> None:
        if external_id not in self.comments:
            raise Refusal(404, "commentNotFound")
        if self.comments[external_id]["author"] != US:
            raise Refusal(403, "forbidden")

    def _under(self, top: str) -> dict[str, Any]:
        return {k: one for k, one in self.comments.items() if one["top"] == top}

    def _thread(self, external_id: str, query, *, by_id: bool = False):
        found = self.comments[external_id]
        standing = query.get("moderationStatus", "published")
        replies = [k for k, one in self._under(external_id).items() if by_id or one["standing"] == standing]
        thread = {
            "kind": "youtube#commentThread",
            "id": external_id,
            "snippet": {
                "channelId": US,
                "videoId": found["video"],
                "topLevelComment": self._comment(external_id, by_id=by_id),
                "canReply": True,
                "totalReplyCount": len(replies),
                "isPublic": found["standing"] == "published",
            },
        }
        if replies and "replies" in query["part"]:
            newest = list(reversed(replies))[:REPLIES_WITH_A_THREAD]
            thread["replies"] = {"comments": [self._comment(one, by_id=by_id) for one in newest]}
        return thread

    def _comment(self, external_id: str, *, by_id: bool = False):
        found = self.comments[external_id]
        snippet = {
            "channelId": US,
            "videoId": found["video"],
            "textDisplay": found["text"],
            "authorDisplayName": found["name"],
            "authorChannelUrl": f"http://www.youtube.com/{found['name']}",
            "authorChannelId": {"value": found["author"]},
            "canRate": True,
            "viewerRating": "none",
            "likeCount": 3,
            "publishedAt": found["written"],
            "updatedAt": found["updated"] or found["written"],
            **({"textOriginal": found["text"]} if found["author"] == US else {}),
            **({"parentId": found["top"]} if found["top"] else {}),
            **({"imageUrl": found["picture"]} if found["picture"] else {}),
            **({} if by_id else {"moderationStatus": found["standing"]}),
        }
        return {"kind": "youtube#comment", "id": external_id, "snippet": snippet}

    def _time(self) -> str:
        return (EPOCH + timedelta(seconds=next(self._numbers))).strftime("%Y-%m-%dT%H:%M:%SZ")


_METHODS = {
    "channels.list": Server.list_channels,
    "search.list": Server.search,
    "playlistItems.list": Server.list_items,
    "videos.list": Server.list_videos,
    "videos.update": Server.update_video,
    "videos.delete": Server.delete_video,
    "commentThreads.list": Server.list_threads,
    "comments.list": Server.list_comments,
    "comments.insert": Server.insert_comment,
    "comments.update": Server.update_comment,
    "comments.delete": Server.delete_comment,
    "comments.setModerationStatus": Server.moderate,
}


class PublicVoice:
    """A member of the public, as the contract suite wants one."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def pretend(self, handle: str, name: str) -> str:
        external_id = f"UC{handle:0<22}"
        self._server.channels[external_id] = {
            "title": name,
            "customUrl": f"@{handle}",
            "thumbnails": {"default": {"url": "https://yt3.example/picture.jpg"}},
        }
        return external_id

    def reply(self, under: Sent, text: str) -> str:
        return self._server.write("resident", text, under=under.external_id)

    def edit(self, external_id: str, text: str) -> None:
        self._server.edit(external_id, text)

    def delete(self, external_id: str) -> None:
        del self._server.comments[external_id]

    def sees(self, external_id: str, *, under: Sent) -> bool:
        return self._server.sees(external_id)
