"""What Facebook's payloads say: plain functions from payload to dataclass, ValueError where malformed.

Sources: the fields of Comment, PagePost and UnifiedThread in facebook-business 26.0.3; Messenger
Platform "Conversations API" for messages. Everything in a payload is the public's.
"""

from __future__ import annotations

from typing import Any

from platforms.contract import (
    Attachment,
    IncomingAuthor,
    IncomingComment,
    IncomingPost,
    PostNumbers,
    RawMessage,
    count,
)
from platforms.meta.reading import instant, mapping_of, storable, text_of, web_address

COMMENT = "comment"
POST = "post"
MESSAGE = "message"
LONGEST_ID = 300
LONGEST_NAME = 300
HELD = "hidden on Facebook"
"""Facebook says that a comment is hidden and not by whom: by its own filter, by the Page's words and
Moderation Assist, or by us. What was hidden from here the outbox knows."""

_KEPT = {
    COMMENT: (
        "id",
        "message",
        "from",
        "created_time",
        "parent",
        "is_hidden",
        "is_private",
        "attachment",
        "permalink_url",
    ),
    POST: ("id", "message", "story", "from", "created_time", "is_hidden", "full_picture", "permalink_url"),
    MESSAGE: ("id", "message", "from", "to", "created_time", "attachments"),
}


def raw_message(entry: Any, *, kind: str, us: str, root: str) -> RawMessage:
    """A comment, visitor post or private message, kept as a payload that says the same whenever it is read.

    us: the id of our Page. root: the post or conversation that it stands in. Left out are counts and
    what depends on the moment; of an attachment's address its signature stays, because it is needed.
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
    """What somebody wrote to the Page: a comment, a post on it or about it, a private message."""
    kind, us = text_of(payload, "kind"), text_of(payload, "us")
    if kind not in _KEPT:
        raise ValueError("of no kind that is known")
    external_id = text_of(payload, "id")
    if not external_id or len(external_id) > LONGEST_ID:
        raise ValueError("no id")
    author = _author(payload.get("from"), external_id)
    text = payload.get("message", "")
    if not isinstance(text, str):
        raise ValueError("the words are not text")
    root = payload.get("root") or external_id
    if not isinstance(root, str):
        raise ValueError("the place is not an id")
    hidden = payload.get("is_hidden") is True
    return IncomingComment(
        external_id=external_id,
        author=author,
        text=text,
        posted_at=instant(payload.get("created_time")),
        parent_external_id=_parent(payload, root) if kind == COMMENT else "",
        root_external_id=root,
        private=kind == MESSAGE,
        hidden=hidden,
        held=HELD if hidden and author.external_id != us else "",
        url=web_address(payload.get("permalink_url")),
        by_us=author.external_id == us,
        attachments=_attachments(kind, payload),
    )


def numbers(entry: Any) -> PostNumbers:
    """What a Page Post says came of it: totals of the summaries that were asked for."""
    return PostNumbers(
        str(_within(entry, "id") or ""),
        likes=count(_within(entry, "likes", "summary", "total_count")),
        replies=count(_within(entry, "comments", "summary", "total_count")),
        shares=count(_within(entry, "shares", "count")),
    )


def _within(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def own_post(entry: dict[str, Any]) -> IncomingPost:
    """One of our own posts, comments or messages."""
    text = entry.get("message", entry.get("description", ""))
    return IncomingPost(
        external_id=text_of(entry, "id"),
        text=text if isinstance(text, str) else "",
        posted_at=instant(entry.get("created_time")),
        url=web_address(entry.get("permalink_url")),
    )


def _author(value: object, external_id: str) -> IncomingAuthor:
    """Who wrote it. Facebook leaves the person out where they, or the app's permissions, keep them back:
    each such message then has an author of its own, so that strangers are never taken for one person."""
    if value is None:
        return IncomingAuthor(
            f"unknown:{external_id}"[:LONGEST_ID], "unknown", "Facebook user, name withheld"
        )
    if not isinstance(value, dict):
        raise ValueError("the author is not an object")
    author_id = text_of(value, "id")
    name = value.get("name")
    name = name[:LONGEST_NAME] if isinstance(name, str) else ""
    handle = value.get("username")
    return IncomingAuthor(
        author_id, handle if isinstance(handle, str) and handle else name or author_id, name
    )


def _parent(payload: dict[str, Any], root: str) -> str:
    parent = payload.get("parent")
    return text_of(mapping_of(payload, "parent"), "id") if parent is not None else root


def _attachments(kind: str, payload: dict[str, Any]) -> list[Attachment]:
    if kind == POST:
        picture = web_address(payload.get("full_picture"))
        return [Attachment("image", picture)] if picture else []
    if kind == COMMENT:
        attached = payload.get("attachment")
        one = _comment_attachment(attached) if isinstance(attached, dict) else None
        return [one] if one else []
    return message_attachments(payload)


def message_attachments(payload: dict[str, Any]) -> list[Attachment]:
    """What hangs on a private message."""
    listed = payload.get("attachments")
    entries = listed.get("data") if isinstance(listed, dict) else None
    found: list[Attachment] = []
    for entry in entries if isinstance(entries, list) else ():
        for key, attachment_kind in (("image_data", "image"), ("video_data", "video"), ("file_url", "other")):
            value = entry.get(key) if isinstance(entry, dict) else None
            address = web_address(value.get("url") if isinstance(value, dict) else value)
            if address:
                found.append(Attachment(attachment_kind, address))
                break
    return found


def _comment_attachment(attached: dict[str, Any]) -> Attachment | None:
    media = attached.get("media")
    image = media.get("image") if isinstance(media, dict) else None
    video = media.get("source") if isinstance(media, dict) else None
    kind = str(attached.get("type", ""))
    if "video" in kind and web_address(video):
        return Attachment("video", web_address(video))
    if isinstance(image, dict) and web_address(image.get("src")):
        return Attachment("image", web_address(image.get("src")))
    address = web_address(attached.get("url"))
    return Attachment("other", address) if address else None
