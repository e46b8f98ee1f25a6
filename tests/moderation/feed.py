"""A platform for tests of ingest: pages are laid out beforehand, payloads are plain dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from platforms.contract import (
    Attachment,
    Capability,
    IncomingAuthor,
    IncomingComment,
    IncomingPost,
    Limits,
    Page,
    RawMessage,
    Usage,
)


def message(external_id: str, text: str = "Is the road open again?", **given: Any) -> RawMessage:
    """A reply by a member of the public under our post p1, unless told otherwise."""
    payload = {
        "id": external_id,
        "text": text,
        "author": given.pop("author", "u1"),
        "name": given.pop("name", "Jordan P."),
        "at": given.pop("at", "2026-11-22T17:00:00+00:00"),
        "root": given.pop("root", "p1"),
        **given,
    }
    return RawMessage(external_id=external_id, payload=payload)


class Feed:
    """A connector whose platform is the class itself: `pages`, `threads` and `posts` are what it answers."""

    slug = "exercise"
    name = "Exercise network"
    pages: list[Page | Exception] = []
    threads: dict[str, list[RawMessage]] = {}
    posts: dict[str, IncomingPost] = {}
    asked: list[str] = []
    used: list[Usage] = []
    read_back_of: list[str] = []
    gone_now: dict[str, str] = {}
    asked_after: list[str] = []
    own: list[IncomingPost] = []
    capabilities: frozenset[Capability] = frozenset()
    limits: Limits
    why_not: dict[Capability, str] = {}
    cautions: dict[Capability, str] = {}
    before_reading: Callable[[RawMessage], None] | None = None

    def __init__(self, login: object = None) -> None:
        self.login = login

    @classmethod
    def fresh(cls) -> type[Feed]:
        return type(
            "FreshFeed",
            (cls,),
            {
                "pages": [],
                "threads": {},
                "posts": {},
                "asked": [],
                "read_back_of": [],
                "gone_now": {},
                "asked_after": [],
                "own": [],
            },
        )

    @classmethod
    def able(cls) -> type[Feed]:
        """A fresh one that can do everything, so that the desk's pages can be looked at."""
        fresh = cls.fresh()
        fresh.capabilities = frozenset(Capability)
        fresh.limits = Limits(post_length=300, reply_length=300)
        fresh.why_not, fresh.cautions = {}, {}
        return fresh

    def length(self, text: str) -> int:
        return len(text)

    def poll(self, position: str) -> Page:
        self.asked.append(position)
        if not self.pages:
            return Page(messages=[], position=position)
        page = self.pages.pop(0)
        if isinstance(page, Exception):
            raise page
        return page

    def usage(self) -> list[Usage]:
        return self.used

    def sweep(self, post_external_id: str) -> list[RawMessage]:
        return self.threads.get(post_external_id, [])

    def gone(self, comment_external_ids: Sequence[str]) -> dict[str, str]:
        self.asked_after.extend(comment_external_ids)
        return {pk: by for pk, by in self.gone_now.items() if pk in comment_external_ids}

    def own_posts(self) -> list[IncomingPost]:
        return self.own

    def read_back(self, external_id: str) -> IncomingPost | None:
        self.read_back_of.append(external_id)
        return self.posts.get(external_id)

    def read(self, message: RawMessage) -> IncomingComment | None:
        if type(self).before_reading is not None:
            type(self).before_reading(message)
        given = message.payload
        if not isinstance(given.get("text"), str):
            raise ValueError("“text” is not text")
        edited = given.get("edited")
        return IncomingComment(
            external_id=given["id"],
            author=IncomingAuthor(given["author"], f"handle_{given['author']}"[:200], given["name"]),
            text=given["text"],
            posted_at=datetime.fromisoformat(given["at"]),
            parent_external_id=given.get("parent", ""),
            root_external_id=given.get("root", ""),
            private=given.get("private", False),
            edited_at=datetime.fromisoformat(edited) if edited else None,
            deleted=given.get("deleted", False),
            hidden=given.get("hidden", False),
            url=given.get("url", ""),
            by_us=given.get("by_us", False),
            held=given.get("held", ""),
            removed_by=given.get("removed_by", ""),
            attachments=[Attachment(**one) for one in given.get("attachments", [])],
        )
