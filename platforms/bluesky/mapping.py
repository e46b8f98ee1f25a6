"""What Bluesky's payloads say: plain functions from payload to dataclass, ValueError where malformed.

Sources: the lexicons app.bsky.notification.listNotifications, app.bsky.feed.getPostThread and
app.bsky.feed.post. Everything in a payload is the public's and may be forged by its author,
`createdAt` included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
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

POST = "app.bsky.feed.post"
REASONS = frozenset({"reply", "mention", "quote"})
"""The notifications that are words to us. Likes, follows and reposts are not."""

BELIEVED_DELAY = timedelta(days=1)
"""An author's own time of writing is believed when the network saw the post within a day of it."""

LONGEST_ID = 300
LONGEST_NAME = 300
_URI = re.compile(r"at://(did:[a-z]+:[A-Za-z0-9._:%-]+)/([A-Za-z0-9.-]+)/([A-Za-z0-9._:~-]+)")
FILES = "https://cdn.bsky.app/img/feed_fullsize/plain"
VIDEOS = "https://video.bsky.app/watch"
"""Where Bluesky shows the files that records name by their hash. Not part of any lexicon: as its app does."""
_EMBEDS_WITH_MEDIA = "app.bsky.embed.recordWithMedia"
_LINK = re.compile(r"[a-z0-9]{20,100}")
_AUTHOR_FIELDS = ("did", "handle", "displayName")


@dataclass(frozen=True)
class Uri:
    """The parts of an at:// address of a record."""

    did: str
    collection: str
    rkey: str


def uri_parts(uri: object) -> Uri:
    """The parts of a record's address. Raises ValueError for anything else."""
    match = _URI.fullmatch(uri) if isinstance(uri, str) and len(uri) <= LONGEST_ID else None
    if match is None:
        raise ValueError("not the address of a record")
    return Uri(*match.groups())


def web_address(uri: str) -> str:
    """Where the public reads the post."""
    parts = uri_parts(uri)
    return f"https://bsky.app/profile/{parts.did}/post/{parts.rkey}"


@dataclass(frozen=True)
class Position:
    """How far the notifications have been read. They come newest first and only ever backwards.

    known: everything up to this instant has been taken in. While a long walk back is under way,
    `cursor` is where it goes on and `newest` what `known` becomes when it arrives.
    """

    known: datetime | None = None
    newest: datetime | None = None
    cursor: str = ""

    def __str__(self) -> str:
        instants = [i.isoformat(timespec="milliseconds") if i else "" for i in (self.known, self.newest)]
        return "|".join([*instants, self.cursor]).rstrip("|")

    @classmethod
    def read(cls, text: str) -> Position:
        """The position that `text` says; the beginning where it says nothing that can be read."""
        known, _, rest = text.partition("|")
        newest, _, cursor = rest.partition("|")
        try:
            return cls(instant(known) if known else None, instant(newest) if newest else None, cursor)
        except ValueError:
            return cls()


def instant(text: object) -> datetime:
    """An instant as the network writes it, in UTC. Raises ValueError."""
    if not isinstance(text, str):
        raise ValueError("not a time")
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a time without its zone")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time out of range") from None


def raw_message(view: Any, *, us: str, hidden: bool = False) -> RawMessage:
    """A notification or a post in a thread, kept as a payload that says the same whenever it is read.

    Left out is what changes by itself (counts of likes, marks of having been read, our own
    relation to the author), and the network's own time where the author's is believed (the two
    sources differ in it by moments): kept, every sweep would look like a change. `us` is our did.
    """
    view = view if isinstance(view, dict) else {"unreadable": view}
    author = view.get("author")
    payload: dict[str, Any] = {
        "us": us,
        **{key: view[key] for key in ("uri", "cid", "record", "indexedAt", "unreadable") if key in view},
        "author": {k: author[k] for k in _AUTHOR_FIELDS if k in author} if isinstance(author, dict) else None,
    }
    record = view.get("record")
    if isinstance(record, dict) and _believed(record.get("createdAt"), view.get("indexedAt")):
        del payload["indexedAt"]
    if hidden:
        payload["hidden"] = True
    uri = view.get("uri")
    return RawMessage(
        external_id=uri if isinstance(uri, str) and len(uri) <= LONGEST_ID else "",
        payload=_storable(payload),
    )


def thread_posts(thread: Any) -> Iterator[dict[str, Any]]:
    """Every post below the top of a thread. Blocked and missing ones carry no words and are left out."""
    waiting = [thread]
    top = True
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict):
            continue
        post = node.get("post")
        if isinstance(post, dict) and not top:
            yield post
        top = False
        replies = node.get("replies")
        waiting += replies if isinstance(replies, list) else []


def comment(payload: dict[str, Any]) -> IncomingComment | None:
    """What a member of the public (or we ourselves) wrote. None for a record that is not a post."""
    record = _dict(payload, "record")
    if record.get("$type") != POST:
        return None
    uri = payload.get("uri")
    uri_parts(uri)
    author = _dict(payload, "author")
    did = _text(author, "did")
    name = author.get("displayName")
    parent, root = _reply(record)
    languages = record.get("langs")
    return IncomingComment(
        external_id=_text(payload, "uri"),
        author=IncomingAuthor(
            external_id=did,
            handle=_text(author, "handle"),
            name=name[:LONGEST_NAME] if isinstance(name, str) else "",
        ),
        text=_text(record, "text"),
        posted_at=_posted_at(record.get("createdAt"), payload.get("indexedAt")),
        parent_external_id=parent,
        root_external_id=root,
        hidden=payload.get("hidden") is True,
        url=web_address(_text(payload, "uri")),
        language=_first_word(languages),
        by_us=did == payload.get("us"),
        attachments=attachments(did, record.get("embed")),
        quotes=quoted(record.get("embed")),
    )


def attachments(did: str, embed: Any) -> tuple[Attachment, ...]:
    """Pictures and the video of a post, at the address where Bluesky shows the file with that hash.

    The record says the hash and the author's own words for it; what cannot be read is left out.
    """
    if isinstance(embed, dict) and embed.get("$type") == _EMBEDS_WITH_MEDIA:
        embed = embed.get("media")
    if not isinstance(embed, dict):
        return ()
    if embed.get("$type") == "app.bsky.embed.video":
        link = _hash(embed.get("video"))
        address = f"{VIDEOS}/{did}/{link}/playlist.m3u8"
        return (Attachment("video", address, _alt(embed)),) if link else ()
    images = embed.get("images")
    found = []
    for image in images if isinstance(images, list) else []:
        link = _hash(image.get("image")) if isinstance(image, dict) else ""
        if link:
            found.append(Attachment("image", f"{FILES}/{did}/{link}", _alt(image)))
    return tuple(found)


def quoted(embed: Any) -> str:
    """The post that a post shows within it, with words of its own; empty for none."""
    if isinstance(embed, dict) and embed.get("$type") == _EMBEDS_WITH_MEDIA:
        embed = embed.get("record")
    if not isinstance(embed, dict) or embed.get("$type") not in {"app.bsky.embed.record", None}:
        return ""
    shown = embed.get("record")
    uri = shown.get("uri") if isinstance(shown, dict) else None
    try:
        return uri if isinstance(uri, str) and uri_parts(uri).collection == POST else ""
    except ValueError:
        return ""  # a list, a feed or nonsense: no post


def own_post(uri: str, record: dict[str, Any]) -> IncomingPost:
    """One of our own posts as its record says it."""
    return IncomingPost(
        external_id=uri,
        text=_text(record, "text"),
        posted_at=instant(record.get("createdAt")),
        url=web_address(uri),
    )


def numbers(view: dict[str, Any]) -> PostNumbers:
    """What a postView says came of it. Whoever quotes it shows it to others, as whoever reposts it does."""
    shares = [count(view.get("repostCount")), count(view.get("quoteCount"))]
    told = [one for one in shares if one is not None]
    return PostNumbers(
        view["uri"],
        likes=count(view.get("likeCount")),
        replies=count(view.get("replyCount")),
        shares=sum(told) if told else None,
    )


def _hash(blob: Any) -> str:
    ref = blob.get("ref") if isinstance(blob, dict) else None
    link = ref.get("$link") if isinstance(ref, dict) else None
    return link if isinstance(link, str) and _LINK.fullmatch(link) else ""


def _alt(media: dict[str, Any]) -> str:
    alt = media.get("alt")
    return alt if isinstance(alt, str) else ""


def _posted_at(written: object, seen: object) -> datetime:
    """When it was written. `seen` is there only where the author's own time is not to be believed."""
    try:
        return instant(seen)
    except ValueError:
        return instant(written)


def _believed(written: object, seen: object) -> bool:
    """Whether the author's time of writing stands: the network saw the post within a day after it.

    A forged past would make a comment look as if it had waited for years, a forged future as if
    it had just come.
    """
    try:
        seen_at = instant(seen)
        return seen_at - BELIEVED_DELAY <= instant(written) <= seen_at
    except (ValueError, OverflowError):
        return False


def _reply(record: dict[str, Any]) -> tuple[str, str]:
    """What a post answers, and the post at the top; both empty for a post of its own."""
    if record.get("reply") is None:
        return "", ""
    reply = _dict(record, "reply")
    parent, root = (_text(_dict(reply, end), "uri") for end in ("parent", "root"))
    for uri in (parent, root):
        uri_parts(uri)
    return parent, root


def _first_word(languages: object) -> str:
    first = languages[0] if isinstance(languages, list) and languages else ""
    return first[:16] if isinstance(first, str) else ""


def _dict(container: dict[str, Any], key: str) -> dict[str, Any]:
    value = container.get(key)
    if not isinstance(value, dict):
        raise ValueError(f"“{key}” is missing or is not an object")
    return value


def _text(container: dict[str, Any], key: str) -> str:
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


def found_account(actor: dict[str, Any]) -> FoundAccount | None:
    """An account that a search showed; None where it is not as Bluesky describes one."""
    did, handle = actor.get("did"), actor.get("handle")
    if not (isinstance(did, str) and did.startswith("did:") and isinstance(handle, str) and handle):
        return None
    name, picture = actor.get("displayName"), actor.get("avatar")
    return FoundAccount(
        external_id=did[:300],
        handle=handle[:300],
        name=name[:300] if isinstance(name, str) else "",
        url=f"https://bsky.app/profile/{handle[:250]}",
        picture=picture if isinstance(picture, str) and len(picture) <= 2000 else "",
    )
