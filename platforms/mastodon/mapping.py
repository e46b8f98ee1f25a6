"""What Mastodon's payloads say: plain functions from payload to dataclass, ValueError where malformed.

Sources: docs.joinmastodon.org, entities Status, Account, MediaAttachment, Conversation and Instance, in
excerpts and as Mastodon.py types them. Words come as HTML that other servers wrote; it is read as text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import regex
from mastodon._url_regex import url_regex

from platforms.contract import (
    Attachment,
    FoundAccount,
    IncomingAuthor,
    IncomingComment,
    IncomingPost,
    Limits,
    RawMessage,
)

LONGEST_ID = 60
LONGEST_NAME = 300
MENTION_ROOM = 32
"""A reply begins with the person's name, so that they are told of it: “@”, 30 characters, a space."""
LINK_LENGTH = 23

_STATUS_FIELDS = (
    "id",
    "created_at",
    "edited_at",
    "in_reply_to_id",
    "content",
    "spoiler_text",
    "visibility",
    "language",
    "url",
)
_ACCOUNT_FIELDS = ("id", "acct", "username", "display_name", "url")
_MEDIA_FIELDS = ("type", "url", "remote_url", "description")
_KINDS = {"image": "image", "video": "video", "gifv": "video"}
_GRAPHEME = regex.compile(r"\X")
_MENTION = re.compile(r"(^|[^/\w])@(([a-z0-9_]+)@[a-z0-9.\-]+[a-z0-9]+)", re.IGNORECASE)
_LEADING_MENTIONS = re.compile(r"^(?:@[\w.-]+(?:@[\w.-]+)?[ \t\n]+)+")
_ANY_MENTION = re.compile(r"(?<![/\w])@([\w.-]+?)(?:@[\w.-]*\w)?(?![\w@])")


@dataclass(frozen=True)
class Position:
    """How far the notifications and the conversations have been read; both go forwards by `min_id`.

    conversation: the id of the last message in the conversations read, by which Mastodon pages them.
    """

    notification: int = 0
    conversation: int = 0

    def __str__(self) -> str:
        return f"{self.notification}|{self.conversation}"

    @classmethod
    def read(cls, text: str) -> Position:
        """The position that `text` says; the beginning where it says nothing that can be read."""
        found = re.fullmatch(r"(\d{1,60})\|(\d{1,60})", text, re.ASCII)
        return cls(int(found[1]), int(found[2])) if found else cls()


def length(text: str) -> int:
    """Characters as Mastodon counts: graphemes, 23 for any link, and of a mention the local part alone."""
    counted = url_regex.sub(lambda found: found.group(2) + "x" * LINK_LENGTH, text)
    return len(_GRAPHEME.findall(_MENTION.sub(r"\1@\3", counted)))


def number(value: object) -> int:
    """An id as a number, by which Mastodon orders. Raises ValueError."""
    if not isinstance(value, str) or len(value) > LONGEST_ID or not value.isascii() or not value.isdigit():
        raise ValueError("not an id")
    return int(value)


def raw_message(status: Any, *, us: str, root: str = "") -> RawMessage:
    """A status, kept as a payload that says the same whenever and in whatever way it is read.

    Left out is what changes by itself (counts of likes, our own relation to it). `us` is our
    account's id, `root` the post at the top of the thread.
    """
    status = status if isinstance(status, dict) else {"unreadable": status}
    account, media = status.get("account"), status.get("media_attachments")
    payload: dict[str, Any] = {
        "us": us,
        "root": root,
        **{key: status[key] for key in (*_STATUS_FIELDS, "unreadable") if key in status},
        "account": _some(account, _ACCOUNT_FIELDS),
        "media_attachments": [_some(one, _MEDIA_FIELDS) for one in media] if isinstance(media, list) else [],
    }
    if quoted := _quoted(status.get("quote")):
        payload["quotes"] = quoted
    found = status.get("id")
    return RawMessage(
        external_id=found if isinstance(found, str) and len(found) <= LONGEST_ID else "",
        payload=_storable(payload),
    )


def comment(payload: dict[str, Any]) -> IncomingComment | None:
    """What a status says to us. None for a post of our own that answers nobody and is public."""
    account = payload.get("account")
    if not isinstance(account, dict):
        raise ValueError("“account” is missing or is not an object")
    external_id = str(number(payload.get("id")))
    author = str(number(account.get("id")))
    parent = payload.get("in_reply_to_id")
    parent = str(number(parent)) if parent is not None else ""
    private = _text(payload, "visibility") == "direct"
    by_us = author == payload.get("us")
    if by_us and not parent and not private:
        return None
    root = payload.get("root")
    name, language, url = account.get("display_name"), payload.get("language"), payload.get("url")
    return IncomingComment(
        external_id=external_id,
        author=IncomingAuthor(
            external_id=author,
            handle=_text(account, "acct")[:LONGEST_NAME],
            name=name[:LONGEST_NAME] if isinstance(name, str) else "",
        ),
        text=words(payload),
        posted_at=instant(payload.get("created_at")),
        parent_external_id=parent,
        root_external_id=(str(number(root)) if root else parent),
        private=private,
        edited_at=instant(payload["edited_at"]) if payload.get("edited_at") is not None else None,
        url=url if isinstance(url, str) and url.startswith("https://") else "",
        language=language[:16] if isinstance(language, str) else "",
        by_us=by_us,
        attachments=attachments(payload.get("media_attachments")),
        quotes=str(payload.get("quotes") or ""),
    )


def attachments(media: Any) -> tuple[Attachment, ...]:
    """Pictures and videos of a status. One whose address is missing (not fetched by the server) is left out."""
    found = []
    for one in media if isinstance(media, list) else []:
        if not isinstance(one, dict):
            continue
        address = one.get("url") or one.get("remote_url")
        if isinstance(address, str) and address.startswith(("https://", "http://")):
            description = one.get("description")
            found.append(
                Attachment(
                    kind=_KINDS.get(str(one.get("type")), "other"),
                    address=address,
                    alt_text=description if isinstance(description, str) else "",
                )
            )
    return tuple(found)


def own_post(status: Any, *, text: str | None = None) -> IncomingPost:
    """One of our own posts. `text`: as it was written, where that is known better than from the HTML."""
    if not isinstance(status, dict):
        raise ValueError("a post is not an object")
    url = status.get("url")
    return IncomingPost(
        external_id=str(number(status.get("id"))),
        text=words(status) if text is None else text,
        posted_at=instant(status.get("created_at")),
        url=url if isinstance(url, str) else "",
    )


def words(status: Mapping[str, Any]) -> str:
    """What a reader sees, with the warning put before it where there is one."""
    warning = status.get("spoiler_text")
    text = plain(_text(status, "content"))
    return f"{warning}\n\n{text}" if isinstance(warning, str) and warning else text


def plain(html: str) -> str:
    """The words of a status without its markup: a line for each break, an empty line between paragraphs."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.found)).strip("\n")


def same_words(ours: str, theirs: str) -> bool:
    """Whether two texts say the same, whatever mentions a reply begins with and however servers write them."""
    return _folded(ours) == _folded(theirs)


def leading_mentions(text: str) -> str:
    """The names that a reply begins with, with the space after them."""
    found = _LEADING_MENTIONS.match(text)
    return found[0] if found else ""


def limits(instance: Any, default: Limits) -> Limits:
    """What a post may be on this server, from its own description; what it leaves out is as usual."""
    configuration = instance.get("configuration") if isinstance(instance, dict) else None
    statuses, media = (_some_dict(configuration, key) for key in ("statuses", "media_attachments"))
    most = _whole(statuses.get("max_characters"), default.post_length)
    return Limits(
        post_length=most,
        reply_length=max(0, most - MENTION_ROOM),
        images=_whole(statuses.get("max_media_attachments"), default.images),
        image_bytes=_whole(media.get("image_size_limit"), default.image_bytes),
        alt_text_length=_whole(media.get("description_limit"), default.alt_text_length),
        video_bytes=_whole(media.get("video_size_limit"), default.video_bytes),
    )


def instant(text: object) -> datetime:
    """A time as Mastodon writes it, in UTC. Raises ValueError."""
    if not isinstance(text, str):
        raise ValueError("not a time")
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a time without its zone")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time out of range") from None


class _Words(HTMLParser):
    """Reads text out of a status. The address of a link is hidden in parts but stands whole in the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br" or tag in {"li", "blockquote", "pre"}:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"p", "ul", "ol", "blockquote", "pre"}:
            self.found.append("\n\n")

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def _quoted(quote: Any) -> str:
    """The id of the post that is quoted (entities/Quote, entities/ShallowQuote; from 4.4 on)."""
    if not isinstance(quote, dict):
        return ""
    whole = quote.get("quoted_status")
    found = whole.get("id") if isinstance(whole, dict) else quote.get("quoted_status_id")
    return found if isinstance(found, str) and len(found) <= LONGEST_ID else ""


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    text = _ANY_MENTION.sub(r"@\1", text[len(leading_mentions(text)) :])
    return " ".join(text.split())


def _some(value: Any, fields: tuple[str, ...]) -> dict[str, Any] | None:
    return {key: value[key] for key in fields if key in value} if isinstance(value, dict) else None


def _some_dict(value: Any, key: str) -> dict[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _whole(value: Any, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else default


def _text(container: Mapping[str, Any], key: str) -> str:
    value = container.get(key)
    if not isinstance(value, str):
        raise ValueError(f"“{key}” is missing or is not text")
    return value


def _storable(value: Any) -> Any:
    """The same value with NUL characters replaced: Postgres keeps none, and one must not stop a batch."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, dict):
        return {_storable(k): _storable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_storable(v) for v in value]
    return value


def found_account(account: dict[str, Any], server: str) -> FoundAccount | None:
    """An account that a search showed, its handle with its server; None where it is not as Mastodon describes one."""
    external_id, acct = account.get("id"), account.get("acct")
    if not (isinstance(external_id, str) and isinstance(acct, str) and acct):
        return None
    name, url, picture = account.get("display_name"), account.get("url"), account.get("avatar_static")
    return FoundAccount(
        external_id=external_id[:300],
        handle=(acct if "@" in acct else f"{acct}@{server}")[:300],
        name=name[:300] if isinstance(name, str) else "",
        url=url if isinstance(url, str) and url.startswith("https://") and len(url) <= 300 else "",
        picture=picture if isinstance(picture, str) and len(picture) <= 2000 else "",
    )
