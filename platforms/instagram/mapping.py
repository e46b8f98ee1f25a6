"""What Instagram's payloads say: plain functions from payload to dataclass, ValueError where malformed.

Sources: the fields of IGComment and IGMedia in facebook-business 26.0.3; Messenger Platform
"Conversations API" for messages. Everything in a payload is the public's.
"""

from __future__ import annotations

from typing import Any

from platforms.contract import Attachment, IncomingAuthor, IncomingComment, IncomingPost, RawMessage
from platforms.facebook.mapping import message_attachments
from platforms.meta.reading import instant, storable, text_of, web_address

COMMENT = "comment"
MENTION = "mention"
MESSAGE = "message"
LONGEST_ID = 300
HELD = "hidden on Instagram"
"""Instagram says that a comment is hidden and not by whom. What was hidden from here the outbox knows.
(Comments that its own filter keeps back are not handed out at all, as far as its documents say.)"""

_KEPT = {
    COMMENT: ("id", "text", "username", "from", "timestamp", "hidden", "parent_id"),
    MENTION: ("id", "caption", "username", "owner", "timestamp", "permalink", "media_type", "media_url"),
    MESSAGE: ("id", "message", "from", "to", "created_time", "attachments"),
}


def raw_message(entry: Any, *, kind: str, us: str, root: str) -> RawMessage:
    """A comment, a mention or a private message, kept as a payload that says the same whenever it is read.

    us: the id of our official account. root: the media or conversation that it stands in.
    """
    if not isinstance(entry, dict):
        return RawMessage(external_id="", payload=storable({"us": us, "kind": kind, "unreadable": entry}))
    payload = {"us": us, "kind": kind, "root": root, **{k: entry[k] for k in _KEPT[kind] if k in entry}}
    external_id = entry.get("id")
    return RawMessage(
        external_id=external_id if isinstance(external_id, str) and len(external_id) <= LONGEST_ID else "",
        payload=storable(payload),
    )


def comment(payload: dict[str, Any]) -> IncomingComment:
    """What somebody wrote to the official account: a comment, a post that tags it, a private message."""
    kind, us = text_of(payload, "kind"), text_of(payload, "us")
    if kind not in _KEPT:
        raise ValueError("of no kind that is known")
    external_id = text_of(payload, "id")
    if not external_id or len(external_id) > LONGEST_ID:
        raise ValueError("no id")
    text = payload.get({COMMENT: "text", MENTION: "caption", MESSAGE: "message"}[kind], "")
    root = payload.get("root") or external_id
    if not isinstance(text, str) or not isinstance(root, str):
        raise ValueError("the words or the place are not text")
    author = _author(kind, payload, external_id)
    hidden = payload.get("hidden") is True
    parent = payload.get("parent_id")
    picture = web_address(payload.get("media_url")) if kind == MENTION else ""
    attachments = (
        [Attachment("video" if payload.get("media_type") == "VIDEO" else "image", picture)] if picture else []
    )
    by_us = author.external_id == us
    return IncomingComment(
        external_id=external_id,
        author=author,
        text=text,
        posted_at=instant(payload.get("created_time" if kind == MESSAGE else "timestamp")),
        parent_external_id=(parent if isinstance(parent, str) and parent else root)
        if kind == COMMENT
        else "",
        root_external_id=root,
        private=kind == MESSAGE,
        hidden=hidden,
        held=HELD if hidden and not by_us else "",
        url=web_address(payload.get("permalink")),
        by_us=by_us,
        attachments=attachments or (message_attachments(payload) if kind == MESSAGE else ()),
    )


def own_post(entry: dict[str, Any]) -> IncomingPost:
    """One of our own media, comments or messages."""
    text = next((entry[k] for k in ("caption", "text", "message") if isinstance(entry.get(k), str)), "")
    return IncomingPost(
        external_id=text_of(entry, "id"),
        text=text,
        posted_at=instant(entry.get("timestamp") or entry.get("created_time")),
        url=web_address(entry.get("permalink")),
    )


def _author(kind: str, payload: dict[str, Any], external_id: str) -> IncomingAuthor:
    """Who wrote it. Where Instagram tells a name and no id, the name stands for it; where it tells
    neither, each message has an author of its own, so that strangers are never taken for one person."""
    said = payload.get("owner" if kind == MENTION else "from")
    if said is not None and not isinstance(said, dict):
        raise ValueError("the author is not an object")
    said = said or {}
    name = said.get("username") or payload.get("username") or said.get("name")
    name = name[:200] if isinstance(name, str) else ""
    author_id = said.get("id")
    if isinstance(author_id, str) and author_id:
        return IncomingAuthor(author_id, name or author_id, name)
    if name:
        return IncomingAuthor(f"name:{name}", name, name)
    return IncomingAuthor(f"unknown:{external_id}"[:LONGEST_ID], "unknown", "Instagram user, name withheld")
