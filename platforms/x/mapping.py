"""What X's payloads say: plain functions from payload to dataclass, ValueError where malformed.

Sources: X's OpenAPI document 2.167 (Post, DmEvent, Media, User) and docs.x.com "Data dictionary" and "Edit
Posts". The two name the same fields differently (referenced_posts and referenced_tweets); both are read.
Times come with or without fractions of a second. Everything in a payload is the public's.

An edit on X makes a new post with a new id. A comment goes here by the id of its first version, so that
an edit is a revision of it and not another comment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from platforms.contract import (
    Attachment,
    FoundAccount,
    IncomingAuthor,
    IncomingComment,
    IncomingPost,
    PostNumbers,
    RawMessage,
    count,
)
from platforms.x.text import as_written

PRIVATE = "dm:"
"""Before the external id of a private message: X numbers them as it numbers posts."""
LONGEST_NAME = 300
_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
_POST_FIELDS = (
    "id",
    "text",
    "created_at",
    "author_id",
    "conversation_id",
    "edit_history_post_ids",
    "edit_history_tweet_ids",
    "referenced_posts",
    "referenced_tweets",
    "in_reply_to_user_id",
    "display_text_range",
    "attachments",
    "lang",
)
_MESSAGE_FIELDS = (
    "id",
    "text",
    "created_at",
    "sender_id",
    "dm_conversation_id",
    "event_type",
    "attachments",
)
_URL_FIELDS = ("url", "expanded_url", "media_key")
_AUTHOR_FIELDS = ("id", "username", "name")
_MEDIA_FIELDS = ("media_key", "type", "url", "preview_image_url", "alt_text", "variants")


@dataclass(frozen=True)
class Walk:
    """How far one newest-first list has been read.

    known: every id up to it has been taken in. While a walk back is under way, `token` is where it goes on,
    `since` the id it stops at, and `newest` what `known` becomes once every page of it has been taken in.
    """

    known: int = 0
    newest: int = 0
    since: int = 0
    token: str = ""

    def __str__(self) -> str:
        numbers = [str(n) if n else "" for n in (self.known, self.newest, self.since)]
        return "|".join([*numbers, self.token]).rstrip("|")

    @classmethod
    def read(cls, text: str) -> Walk:
        parts = [*text.split("|", 3), "", "", ""]
        numbers = [int(n) if n.isascii() and n.isdigit() and len(n) <= 19 else 0 for n in parts[:3]]
        return cls(known=numbers[0], newest=numbers[1], since=numbers[2], token=parts[3])


@dataclass(frozen=True)
class Position:
    """How far mentions and private messages have been read, and when (seconds since 1970) to ask for messages."""

    mentions: Walk = field(default_factory=Walk)
    messages: Walk = field(default_factory=Walk)
    ask_messages_at: int = 0

    def __str__(self) -> str:
        return f"{self.mentions};{self.messages};{self.ask_messages_at or ''}"

    @classmethod
    def read(cls, text: str) -> Position:
        """The position that `text` says; the beginning where it says nothing that can be read."""
        parts = ([*text.split(";", 2), "", ""])[:3]
        at = int(parts[2]) if parts[2].isascii() and parts[2].isdigit() and len(parts[2]) <= 12 else 0
        return cls(Walk.read(parts[0]), Walk.read(parts[1]), at)


def id_at(instant: datetime) -> int:
    """The lowest id that X can have given out at an instant (ids count milliseconds, 22 bits up)."""
    return max(0, int((instant - _EPOCH) / timedelta(milliseconds=1)) << 22)


def time_of(number: int) -> datetime:
    """When X gave out an id."""
    return _EPOCH + timedelta(milliseconds=number >> 22)


def instant(value: object) -> datetime:
    """A time as X writes it, with or without fractions. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("not a time")
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError("a time without its zone")
    return found.astimezone(UTC)


def number(value: object) -> int:
    """An id of X as a number. Raises ValueError."""
    if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 19:
        raise ValueError("not an id of X")
    return int(value)


def web_address(post_id: str, handle: str = "") -> str:
    """Where a post is read on X."""
    return f"https://x.com/{handle.lstrip('@') or 'i'}/status/{post_id}"


def found_account(person: Any) -> FoundAccount | None:
    """An account that a search showed; None where it is not as X describes one."""
    if not isinstance(person, dict):
        return None
    external_id, handle = person.get("id"), person.get("username")
    if not (isinstance(external_id, str) and external_id.isdigit() and isinstance(handle, str) and handle):
        return None
    name, picture = person.get("name"), person.get("profile_image_url")
    return FoundAccount(
        external_id=external_id[:300],
        handle=handle[:300],
        name=name[:300] if isinstance(name, str) else "",
        url=f"https://x.com/{handle[:250]}",
        picture=picture if isinstance(picture, str) and len(picture) <= 2000 else "",
    )


def posts(answer: dict[str, Any], *, us: str) -> list[RawMessage]:
    """The posts of a page as raw messages, in X's order; one that is no object is kept as it is."""
    return [raw_post(post, answer.get("includes"), us=us) for post in answer.get("data") or []]


def raw_post(post: Any, includes: Any, *, us: str) -> RawMessage:
    """A post with its author and media, kept so that it says the same whichever question brought it.

    Left out is what changes by itself: counts, what X finds behind links, how long it can be edited.
    """
    if not isinstance(post, dict):
        return RawMessage(external_id="", payload=_storable({"us": us, "unreadable": post}))
    kept = {key: post[key] for key in _POST_FIELDS if key in post}
    kept["urls"] = _urls(post)
    longer = post.get("note_post", post.get("note_tweet"))
    if isinstance(longer, dict):
        kept["longer"] = {"text": longer.get("text"), "urls": _urls(longer)}
    payload = {
        "us": us,
        "post": kept,
        "author": _included(includes, "users", "id", post.get("author_id"), _AUTHOR_FIELDS),
        "media": _media(post, includes),
    }
    try:
        external_id = str(_first_version(post))
    except ValueError:
        external_id = ""
    return RawMessage(external_id=external_id, payload=_storable(payload))


def raw_event(event: Any, includes: Any, *, us: str) -> RawMessage:
    """A private message with its sender and media."""
    if not isinstance(event, dict):
        return RawMessage(external_id="", payload=_storable({"us": us, "unreadable": event}))
    kept = {key: event[key] for key in _MESSAGE_FIELDS if key in event}
    kept["urls"] = _urls(event)
    payload = {
        "us": us,
        "message": kept,
        "author": _included(includes, "users", "id", event.get("sender_id"), _AUTHOR_FIELDS),
        "media": _media(event, includes),
    }
    try:
        external_id = f"{PRIVATE}{number(event.get('id'))}"
    except ValueError:
        external_id = ""
    return RawMessage(external_id=external_id, payload=_storable(payload))


def comment(payload: dict[str, Any]) -> IncomingComment | None:
    """What somebody wrote. None for a repost, for a post of ours that answers nothing, and for comings and
    goings in a private conversation. Raises ValueError."""
    us = payload.get("us")
    if not isinstance(us, str):
        raise ValueError("whose payload it is is missing")
    if "message" in payload:
        return _private(payload, us)
    post = _dict(payload, "post")
    first, this = _first_version(post), number(post.get("id"))
    refers = references(post)
    if "retweeted" in refers:
        return None
    author = _author(payload, post.get("author_id"))
    parent = refers.get("replied_to", "")
    by_us = author.external_id == us
    if by_us and not parent:
        return None
    conversation = str(number(post.get("conversation_id"))) if parent else ""
    edited = first != this
    language = post.get("lang")
    return IncomingComment(
        external_id=str(first),
        author=author,
        text=words_of(post),
        posted_at=time_of(first) if edited else instant(post.get("created_at")),
        parent_external_id=parent,
        root_external_id=conversation,
        edited_at=instant(post.get("created_at")) if edited else None,
        url=web_address(str(this)),
        language=language[:16] if isinstance(language, str) and language != "und" else "",
        by_us=by_us,
        attachments=_attachments(payload.get("media")),
        quotes=refers.get("quoted", ""),
    )


def own_post(post: Any) -> IncomingPost:
    """One of our own posts as it stands. Raises ValueError."""
    if not isinstance(post, dict):
        raise ValueError("not a post")
    this = str(number(post.get("id")))
    return IncomingPost(
        external_id=this,
        text=words_of(flat(post)),
        posted_at=instant(post.get("created_at")),
        url=web_address(this),
    )


def numbers(post: dict[str, Any]) -> PostNumbers:
    """What public_metrics of a post say; reposts and quotes are both called shares."""
    told = post.get("public_metrics")
    said = told if isinstance(told, dict) else {}
    shared = [count(said.get(name)) for name in ("retweet_count", "repost_count", "quote_count")]
    shares = [one for one in shared if one is not None]
    return PostNumbers(
        post["id"],
        seen=count(said.get("impression_count")),
        likes=count(said.get("like_count")),
        replies=count(said.get("reply_count")),
        shares=sum(shares) if shares else None,
    )


def flat(post: dict[str, Any]) -> dict[str, Any]:
    """A post as X answers it, in the form in which raw messages keep it."""
    return raw_post(post, None, us="").payload["post"]


def references(post: dict[str, Any]) -> dict[str, str]:
    """What a post refers to: "replied_to", "quoted" or "retweeted" and the id. Raises ValueError."""
    found = post.get("referenced_posts", post.get("referenced_tweets"))
    if found is None:
        return {}
    if not isinstance(found, list):
        raise ValueError("what it refers to is not a list")
    refers = {}
    for reference in found:
        if not isinstance(reference, dict) or not isinstance(reference.get("type"), str):
            raise ValueError("what it refers to cannot be read")
        refers[reference["type"]] = str(number(reference.get("id")))
    return refers


def words_of(post: dict[str, Any]) -> str:
    """The words of a kept post: whole where it is a long one, without the names that X put before an answer."""
    longer = post.get("longer")
    if isinstance(longer, dict) and isinstance(longer.get("text"), str):
        return as_written(longer["text"], longer.get("urls"))
    text = post.get("text")
    if not isinstance(text, str):
        raise ValueError("“text” is missing or is not text")
    shown = post.get("display_text_range")
    if isinstance(shown, list) and shown and isinstance(shown[0], int) and 0 < shown[0] <= len(text):
        before = text[: shown[0]].split()
        if before and all(name.startswith("@") for name in before):
            text = text[shown[0] :]
    return as_written(text, post.get("urls"))


def _private(payload: dict[str, Any], us: str) -> IncomingComment | None:
    message = _dict(payload, "message")
    if message.get("event_type", "MessageCreate") != "MessageCreate":
        return None
    author = _author(payload, message.get("sender_id"))
    text = message.get("text")
    attachments = _attachments(payload.get("media"))
    if not isinstance(text, str):
        if not attachments:
            raise ValueError("“text” is missing or is not text")
        text = ""
    return IncomingComment(
        external_id=f"{PRIVATE}{number(message.get('id'))}",
        author=author,
        text=as_written(text, message.get("urls")),
        posted_at=instant(message.get("created_at")),
        private=True,
        by_us=author.external_id == us,
        attachments=attachments,
    )


def _author(payload: dict[str, Any], author_id: object) -> IncomingAuthor:
    """Who wrote it. Where X no longer tells who that is (closed, suspended), the id stands for the handle."""
    found = payload.get("author")
    author = found if isinstance(found, dict) else {}
    external_id = str(number(author.get("id", author_id)))
    handle, name = author.get("username"), author.get("name")
    return IncomingAuthor(
        external_id=external_id,
        handle=handle[:LONGEST_NAME] if isinstance(handle, str) and handle else external_id,
        name=name[:LONGEST_NAME] if isinstance(name, str) else "",
    )


def _first_version(post: dict[str, Any]) -> int:
    """The id of the first version of a post. Raises ValueError."""
    history = post.get("edit_history_post_ids", post.get("edit_history_tweet_ids"))
    ids = [number(version) for version in history] if isinstance(history, list) else []
    return min([number(post.get("id")), *ids])


def _urls(post: dict[str, Any]) -> list[dict[str, Any]]:
    entities = post.get("entities")
    urls = entities.get("urls") if isinstance(entities, dict) else None
    return [
        {key: url[key] for key in _URL_FIELDS if url.get(key) is not None}
        for url in (urls if isinstance(urls, list) else [])
        if isinstance(url, dict)
    ]


def _included(
    includes: Any, kind: str, key: str, value: object, fields: Sequence[str]
) -> dict[str, Any] | None:
    found = includes.get(kind) if isinstance(includes, dict) else None
    for one in found if isinstance(found, list) else []:
        if isinstance(one, dict) and value is not None and one.get(key) == value:
            return {name: one[name] for name in fields if name in one}
    return None


def _media(post: dict[str, Any], includes: Any) -> list[dict[str, Any]]:
    attached = post.get("attachments")
    keys = attached.get("media_keys") if isinstance(attached, dict) else None
    found = []
    for key in keys if isinstance(keys, list) else []:
        media = _included(includes, "media", "media_key", key, _MEDIA_FIELDS)
        found.append(media if media is not None else {"media_key": key})
    return found


def _attachments(media: object) -> tuple[Attachment, ...]:
    found = []
    for one in media if isinstance(media, list) else []:
        if not isinstance(one, dict):
            continue
        kind = {"photo": "image", "video": "video", "animated_gif": "video"}.get(
            str(one.get("type")), "other"
        )
        address = _video_address(one.get("variants")) if kind == "video" else one.get("url")
        address = address or one.get("preview_image_url")
        alt = one.get("alt_text")
        found.append(
            Attachment(
                kind=kind,
                address=address if isinstance(address, str) else "",
                alt_text=alt if isinstance(alt, str) else "",
            )
        )
    return tuple(found)


def _video_address(variants: object) -> str:
    """The address of the best version of a video that is one file."""
    best, rate = "", -1
    for variant in variants if isinstance(variants, list) else []:
        if not isinstance(variant, dict) or variant.get("content_type") != "video/mp4":
            continue
        bits = variant.get("bit_rate", 0)
        if isinstance(bits, int) and bits > rate and isinstance(variant.get("url"), str):
            best, rate = variant["url"], bits
    return best


def _dict(container: dict[str, Any], key: str) -> dict[str, Any]:
    value = container.get(key)
    if not isinstance(value, dict):
        raise ValueError(f"“{key}” is missing or is not an object")
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
