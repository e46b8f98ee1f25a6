"""Payloads of the exercise network as dataclasses. Anything else is a ValueError that says where."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import regex

from platforms.contract import Attachment, IncomingAuthor, IncomingComment, IncomingPost, Sent


def length(text: str) -> int:
    """Characters as the exercise network counts them: grapheme clusters."""
    return len(regex.findall(r"\X", text))


def comment(payload: dict[str, Any]) -> IncomingComment | None:
    """What a message says; None for a post of somebody's own, which is no comment to us.

    Raises ValueError where the payload is not what the network promises.
    """
    author = _part(payload, "author")
    root, private = _id_or_none(payload, "root"), _truth(payload, "private")
    by_us = _truth(payload, "by_us")
    if by_us and root == "" and not private:
        return None
    return IncomingComment(
        external_id=_id(payload, "id"),
        author=IncomingAuthor(
            external_id=_id(author, "id"), handle=_words(author, "handle"), name=_words(author, "name")
        ),
        text=_words(payload, "text"),
        posted_at=_instant(payload, "created_at"),
        parent_external_id=_id_or_none(payload, "reply_to"),
        root_external_id=root,
        private=private,
        edited_at=_instant(payload, "edited_at") if payload.get("edited_at") is not None else None,
        deleted=_truth(payload, "deleted"),
        hidden=_truth(payload, "hidden"),
        url=_words(payload, "url"),
        by_us=by_us,
        attachments=_pictures(payload),
        held=_said(payload, "held"),
        removed_by=_said(payload, "removed_by"),
    )


def post(payload: dict[str, Any]) -> IncomingPost:
    """One of our own posts. Raises ValueError. Those of a scenario have keys that its run gave (exercise.actions.runs)."""
    return IncomingPost(
        external_id=_id(payload, "id"),
        text=_words(payload, "text"),
        posted_at=_instant(payload, "created_at"),
        url=_words(payload, "url"),
        key=_words(payload, "key"),
        deleted=_truth(payload, "deleted"),
        played=_words(payload, "key").startswith("run-"),
    )


def sent(payload: dict[str, Any]) -> Sent:
    """What stands there now. Raises ValueError."""
    return Sent(external_id=_id(payload, "id"), url=_words(payload, "url"))


def _pictures(payload: dict[str, Any]) -> tuple[Attachment, ...]:
    """The pictures of a message. A payload of before there were any says nothing of them."""
    pictures = payload.get("pictures", [])
    if not isinstance(pictures, list):
        raise ValueError("“pictures” is not a list")
    return tuple(Attachment("image", _words(one, "url"), _words(one, "alt_text")) for one in pictures)


def _said(payload: dict[str, Any], name: str) -> str:
    """Words of the network about a message. A payload of before it said such things has none."""
    return _words(payload, name) if name in payload else ""


def _part(payload: Any, name: str) -> dict[str, Any]:
    value = payload.get(name) if isinstance(payload, dict) else None
    if not isinstance(value, dict):
        raise ValueError(f"“{name}” is not an object")
    return value


def _words(payload: Any, name: str) -> str:
    value = payload.get(name) if isinstance(payload, dict) else None
    if not isinstance(value, str):
        raise ValueError(f"“{name}” is not text")
    return value


def _id(payload: Any, name: str) -> str:
    value = _words(payload, name)
    if not value or len(value) > 100:
        raise ValueError(f"“{name}” is not an id")
    return value


def _id_or_none(payload: dict[str, Any], name: str) -> str:
    return _id(payload, name) if payload.get(name) is not None else ""


def _truth(payload: dict[str, Any], name: str) -> bool:
    value = payload.get(name)
    if not isinstance(value, bool):
        raise ValueError(f"“{name}” is not true or false")
    return value


def _instant(payload: dict[str, Any], name: str) -> datetime:
    try:
        instant = datetime.fromisoformat(_words(payload, name))
    except ValueError:
        raise ValueError(f"“{name}” is not a time") from None
    if instant.tzinfo is None:
        raise ValueError(f"“{name}” has no time zone")
    return instant.astimezone(UTC)
