"""What somebody pasted or imported from a platform that is worked by hand, as a payload and back.

{"author": "jo_h", "name": "Jo H", "text": "...", "posted_at": "2026-11-28T18:40:00+00:00",
 "link": "https://...", "under": "id of our post", "id": "id on the platform, where there is one"}
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from platforms.contract import IncomingAuthor, IncomingComment, RawMessage

LONGEST_ID = 300


def raw_message(
    *,
    author: str,
    text: str,
    posted_at: datetime,
    name: str = "",
    link: str = "",
    under: str = "",
    external_id: str = "",
    private: bool = False,
) -> RawMessage:
    """A message as it was pasted. Pasted twice it is the same one: its id follows from link, or from its words."""
    payload = {
        "author": author,
        "name": name,
        "text": text,
        "posted_at": posted_at.isoformat(),
        "link": link,
        "under": under,
        "private": private,
        "id": external_id or link or _digest(author, text, posted_at.isoformat(), under),
    }
    return RawMessage(external_id=str(payload["id"])[:LONGEST_ID], payload=payload)


def comment(payload: dict[str, Any]) -> IncomingComment:
    """What was pasted, as a comment. Raises ValueError where it is not such a payload."""
    author, external_id = _text(payload, "author"), _text(payload, "id")
    posted_at = datetime.fromisoformat(_text(payload, "posted_at"))
    if posted_at.tzinfo is None:
        raise ValueError("a time without its zone")
    if not external_id or not author:
        raise ValueError("an author or an id is missing")
    under = _text(payload, "under")
    return IncomingComment(
        external_id=external_id,
        author=IncomingAuthor(external_id=author.casefold(), handle=author, name=_text(payload, "name")),
        text=_text(payload, "text"),
        posted_at=posted_at,
        parent_external_id=under,
        root_external_id=under,
        private=payload.get("private") is True,
        url=_text(payload, "link"),
    )


def _text(payload: dict[str, Any], key: str) -> str:
    value = payload.get(key)
    if not isinstance(value, str):
        raise ValueError(f"“{key}” is missing or is not text")
    return value


def _digest(*parts: str) -> str:
    return "pasted:" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:40]
