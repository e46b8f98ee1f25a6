"""The exercise network through its JSON API, over real HTTP like any other platform."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from platforms.contract import (
    Capability,
    Identity,
    IncomingComment,
    IncomingPost,
    Lacking,
    Limits,
    Login,
    OutcomeUnknown,
    Page,
    PermanentFault,
    PostNumbers,
    PostToSend,
    RawMessage,
    Sent,
    TemporaryFault,
)
from platforms.exercise import mapping
from platforms.http import Http

PAGE = 100
MOST_PAGES = 100
"""A sweep reads at most 10,000 replies; the network holds no thread as long as that."""


_NOT_HERE = (
    "The exercise network has no such thing: what it trains is posts, replies, messages and moderation."
)


class ExerciseConnector(Lacking):
    """Speaks for one official profile."""

    slug = "exercise"
    name = "Exercise network"
    capabilities = frozenset(
        {
            Capability.LISTEN,
            Capability.PUBLISH_TEXT,
            Capability.PUBLISH_IMAGES,
            Capability.ALT_TEXT,
            Capability.REPLY,
            Capability.PRIVATE_MESSAGES,
            Capability.HIDE,
            Capability.UNHIDE,
            Capability.DELETE_OWN,
            Capability.DELETE_OTHERS,
            Capability.BLOCK,
            Capability.MUTE,
            Capability.METRICS,
            Capability.CHOSEN_KEY,
        }
    )
    limits = Limits(
        post_length=500, reply_length=500, images=4, image_bytes=2 * 1024 * 1024, alt_text_length=1000
    )
    threads = True
    why_not = {
        Capability.PUBLISH_VIDEO: _NOT_HERE,
        Capability.NATIVE_SCHEDULE: "The exercise network holds no posts back: the outbox here does.",
        Capability.EDIT: "The exercise network lets nobody change an official post: delete it and post it anew.",
        Capability.SEARCH_ACCOUNTS: "Nobody pretends to be the force on the exercise network.",
        Capability.WEBHOOKS: "The exercise network calls nobody: it is asked every few seconds.",
    }

    def __init__(self, login: Login) -> None:
        self._http = Http(
            name=self.name,
            base_url=login.base_url.rstrip("/") + "/exercise/api",
            headers={"Authorization": f"Bearer {login.secret}", "Accept": "application/json"},
        )
        self._handle = login.handle

    def length(self, text: str) -> int:
        return mapping.length(text)

    def check(self) -> Identity:
        me = _object(self._http.get("/me"), TemporaryFault)
        if me.get("handle") != self._handle:
            raise PermanentFault(
                f"The credential belongs to another profile on the {self.name}, not to @{self._handle}."
            )
        return Identity(
            external_id=str(me.get("id") or ""), handle=self._handle, name=str(me.get("name") or "")
        )

    def poll(self, position: str) -> Page:
        answer = _object(self._http.get("/inbox", since=position or "0", limit=PAGE), TemporaryFault)
        following = answer.get("position")
        if not isinstance(following, str):
            raise TemporaryFault(f"{self.name} did not say from where to read on.")
        return Page(messages=_raw(answer), position=following, more=answer.get("more") is True)

    def sweep(self, post_external_id: str) -> Sequence[RawMessage]:
        found: list[RawMessage] = []
        after = "0"
        for _ in range(MOST_PAGES):
            answer = _object(
                self._http.get(f"/posts/{_path(post_external_id)}/thread", after=after, limit=PAGE),
                TemporaryFault,
            )
            found.extend(_raw(answer))
            if answer.get("more") is not True:
                break
            after = str(answer.get("after"))
        return found

    def gone(self, comment_external_ids: Sequence[str]) -> Mapping[str, str]:
        found = {}
        for external_id in comment_external_ids:
            payload = _object(self._http.get(f"/posts/{_path(external_id)}"), TemporaryFault)
            if payload.get("deleted") is True:
                found[external_id] = str(payload.get("removed_by") or "")
        return found

    def followers(self) -> int | None:
        """Nobody follows there: who plays, reads everything."""
        return None

    def numbers(self, external_ids: Sequence[str]) -> Sequence[PostNumbers]:
        """Replies that stand under each post; the network knows no likes and counts no readers."""
        found = []
        for external_id in external_ids:
            try:
                replies = self.sweep(external_id)
            except PermanentFault:
                continue  # gone
            found.append(PostNumbers(external_id, replies=len(replies)))
        return found

    def own_posts(self) -> Sequence[IncomingPost]:
        answer = _object(self._http.get("/posts"), TemporaryFault)
        try:
            posts = [mapping.post(message.payload) for message in _raw(answer)]
        except ValueError as fault:
            raise TemporaryFault(f"{self.name} answered something unexpected: {fault}.") from None
        return [post for post in posts if not post.deleted]

    def read(self, message: RawMessage) -> IncomingComment | None:
        return mapping.comment(message.payload)

    def send(self, post: PostToSend) -> Sent:
        answer = self._http.send(
            "POST",
            "/posts",
            json={
                "key": post.key,
                "text": post.text,
                "reply_to": post.reply_to or None,
                "private_to": post.private_to or None,
                "pictures": [
                    {
                        "content_base64": base64.b64encode(picture.content).decode(),
                        "content_type": picture.content_type,
                        "alt_text": picture.alt_text,
                    }
                    for picture in post.pictures
                ],
            },
        )
        try:
            return mapping.sent(_object(answer, OutcomeUnknown))
        except ValueError as fault:
            raise OutcomeUnknown(f"{self.name} answered something unexpected: {fault}.") from None

    def find_post(self, post: PostToSend) -> Sent | None:
        found = _object(self._http.get("/posts", key=post.key), TemporaryFault).get("messages")
        if not isinstance(found, list):
            raise TemporaryFault(f"{self.name} answered something unexpected.")
        try:
            return mapping.sent(found[0]) if found else None
        except ValueError as fault:
            raise TemporaryFault(f"{self.name} answered something unexpected: {fault}.") from None

    def hide(self, *, comment_external_id: str, root_external_id: str) -> None:
        self._set_hidden(comment_external_id, hidden=True)

    def unhide(self, *, comment_external_id: str, root_external_id: str) -> None:
        self._set_hidden(comment_external_id, hidden=False)

    def is_hidden(self, *, comment_external_id: str, root_external_id: str) -> bool:
        answer = _object(self._http.get(f"/posts/{_path(comment_external_id)}"), TemporaryFault)
        if not isinstance(answer.get("hidden"), bool):
            raise TemporaryFault(f"{self.name} did not say whether the reply is hidden.")
        return answer["hidden"]

    def read_back(self, external_id: str) -> IncomingPost | None:
        try:
            post = mapping.post(_object(self._http.get(f"/posts/{_path(external_id)}"), TemporaryFault))
        except ValueError as fault:
            raise TemporaryFault(f"{self.name} answered something unexpected: {fault}.") from None
        return None if post.deleted else post

    def delete(self, external_id: str) -> None:
        self._http.send("DELETE", f"/posts/{_path(external_id)}")

    def delete_comment(self, external_id: str) -> None:
        self._http.send("DELETE", f"/posts/{_path(external_id)}")

    def is_there(self, comment_external_id: str) -> bool:
        answer = _object(self._http.get(f"/posts/{_path(comment_external_id)}"), TemporaryFault)
        return answer.get("deleted") is not True

    def block(self, commenter_external_id: str) -> None:
        self._exclude(commenter_external_id, "blocked", excluded=True)

    def unblock(self, commenter_external_id: str) -> None:
        self._exclude(commenter_external_id, "blocked", excluded=False)

    def is_blocked(self, commenter_external_id: str) -> bool:
        return self._is_excluded(commenter_external_id, "blocked")

    def mute(self, commenter_external_id: str) -> None:
        self._exclude(commenter_external_id, "muted", excluded=True)

    def unmute(self, commenter_external_id: str) -> None:
        self._exclude(commenter_external_id, "muted", excluded=False)

    def is_muted(self, commenter_external_id: str) -> bool:
        return self._is_excluded(commenter_external_id, "muted")

    def _exclude(self, external_id: str, how: str, *, excluded: bool) -> None:
        self._http.send("PUT", f"/people/{_path(external_id)}/{how}", json={"excluded": excluded})

    def _is_excluded(self, external_id: str, how: str) -> bool:
        answer = _object(self._http.get(f"/people/{_path(external_id)}/{how}"), TemporaryFault)
        if not isinstance(answer.get("excluded"), bool):
            raise TemporaryFault(f"{self.name} did not say how it stands with the person.")
        return answer["excluded"]

    def _set_hidden(self, external_id: str, *, hidden: bool) -> None:
        self._http.send("PUT", f"/comments/{_path(external_id)}/hidden", json={"hidden": hidden})


def _path(external_id: str) -> str:
    return quote(external_id, safe="")


def _object(answer: Any, fault: type[TemporaryFault | OutcomeUnknown]) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise fault(f"{ExerciseConnector.name} answered something unexpected.")
    return answer


def _raw(answer: dict[str, Any]) -> list[RawMessage]:
    """Messages as they came. One that is no object is kept too: it goes to quarantine, not to nowhere."""
    messages = answer.get("messages")
    if not isinstance(messages, list):
        raise TemporaryFault(f"{ExerciseConnector.name} answered something unexpected.")
    return [
        RawMessage(external_id=str(message.get("id") or "")[:300], payload=message)
        if isinstance(message, dict)
        else RawMessage(external_id="", payload={"unreadable": message})
        for message in messages
    ]
