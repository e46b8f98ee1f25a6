"""What YouTube's payloads say: plain functions from payload to dataclass, ValueError where malformed.

Source: the API's own description (youtube v3, revision 20261104), schemas Comment, CommentThread,
Video and PlaylistItem. A test holds every field that is read here against it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from platforms.contract import (
    Attachment,
    FoundAccount,
    IncomingAuthor,
    IncomingComment,
    IncomingPost,
    RawMessage,
)

STANDINGS = ("published", "heldForReview", "likelySpam")
"""The lists of comments that YouTube keeps and lets a channel read. Rejected ones are listed nowhere."""
HELD = {"heldForReview": "held for review", "likelySpam": "likely spam"}
LONGEST_ID = 200
LONGEST_NAME = 300
LONGEST_TITLE = 100

_VIDEO = re.compile(r"[\w-]{11}", re.ASCII)
_ID = re.compile(r"[\w.-]{1,200}", re.ASCII)
_COMMENT_FIELDS = (
    "authorChannelId",
    "authorDisplayName",
    "channelId",
    "imageUrl",
    "parentId",
    "publishedAt",
    "textDisplay",
    "updatedAt",
)


@dataclass(frozen=True)
class Position:
    """How far the comments have been read. They come newest first, in three lists (`STANDINGS`).

    known: everything up to this instant has been taken in. While a walk back is under way, `which`
    list it is in, at which page (`token`), and `newest` is what `known` becomes when it arrives.
    """

    known: datetime | None = None
    newest: datetime | None = None
    which: int = 0
    token: str = ""

    def __str__(self) -> str:
        instants = [i.isoformat(timespec="milliseconds") if i else "" for i in (self.known, self.newest)]
        return "|".join([*instants, str(self.which), self.token])

    @classmethod
    def read(cls, text: str) -> Position:
        """The position that `text` says; the beginning where it says nothing that can be read."""
        parts = text.split("|", 3)
        try:
            known, newest, which, token = parts
            found = cls(
                instant(known) if known else None, instant(newest) if newest else None, int(which), token
            )
        except ValueError:
            return cls()
        return found if 0 <= found.which < len(STANDINGS) else cls()


def instant(text: object) -> datetime:
    """A time as YouTube writes it, in UTC. Raises ValueError."""
    if not isinstance(text, str):
        raise ValueError("not a time")
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a time without its zone")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time out of range") from None


def is_video(external_id: str) -> bool:
    """Whether an id is a video's and not a comment's."""
    return _VIDEO.fullmatch(external_id) is not None


def is_id(external_id: str) -> bool:
    """Whether it can be the id of something on YouTube at all."""
    return _ID.fullmatch(external_id) is not None


def top_of(comment_external_id: str) -> str:
    """The comment at the top: a reply's id begins with that of the comment it stands under.

    So it is in every answer that was seen written down; the description only says that replies
    have one level.
    """
    return comment_external_id.partition(".")[0]


def raw_message(comment: Any, *, us: str, video: str, standing: str) -> RawMessage:
    """A comment, kept as a payload that says the same in whichever list's answer it came.

    Left out is what changes by itself (likes, the viewer's rating). The address of a picture is
    kept although its signature changes with each answer: without it nobody could fetch it.
    """
    comment = comment if isinstance(comment, dict) else {"unreadable": comment}
    snippet = comment.get("snippet")
    payload: dict[str, Any] = {
        "us": us,
        "video": video,
        "standing": standing,
        **{key: comment[key] for key in ("id", "unreadable") if key in comment},
        "snippet": {key: snippet[key] for key in _COMMENT_FIELDS if key in snippet}
        if isinstance(snippet, dict)
        else None,
    }
    found = comment.get("id")
    return RawMessage(
        external_id=found if isinstance(found, str) and len(found) <= LONGEST_ID else "",
        payload=_storable(payload),
    )


def thread_comments(thread: Any) -> Iterator[Any]:
    """The comment at the top of a thread and the replies that came with it."""
    snippet = thread.get("snippet") if isinstance(thread, dict) else None
    if not isinstance(snippet, dict):
        yield thread
        return
    yield snippet.get("topLevelComment")
    replies = thread.get("replies")
    listed = replies.get("comments") if isinstance(replies, dict) else None
    yield from listed if isinstance(listed, list) else []


def thread_fact(thread: Any, key: str) -> Any:
    """What a thread's own snippet says of it, where it says it."""
    snippet = thread.get("snippet") if isinstance(thread, dict) else None
    return snippet.get(key) if isinstance(snippet, dict) else None


def touched_at(comment: Any) -> datetime | None:
    """When a comment was written or last changed; None where it does not say."""
    snippet = comment.get("snippet") if isinstance(comment, dict) else None
    for key in ("updatedAt", "publishedAt"):
        try:
            return instant(snippet.get(key) if isinstance(snippet, dict) else None)
        except ValueError:
            continue
    return None


def comment(payload: dict[str, Any]) -> IncomingComment:
    """What somebody (or we ourselves) wrote under one of our videos or on the channel."""
    snippet = payload.get("snippet")
    if not isinstance(snippet, dict):
        raise ValueError("“snippet” is missing or is not an object")
    external_id = _text(payload, "id")
    if not is_id(external_id):
        raise ValueError("“id” is not an id")
    author = snippet.get("authorChannelId")
    author_id = author.get("value") if isinstance(author, dict) else None
    name = _text(snippet, "authorDisplayName")[:LONGEST_NAME]
    video = _text(payload, "video")
    parent = snippet.get("parentId")
    if parent is not None and not isinstance(parent, str):
        raise ValueError("“parentId” is not text")
    posted_at = instant(snippet.get("publishedAt"))
    changed = snippet.get("updatedAt")
    edited_at = instant(changed) if changed is not None else posted_at
    standing = _text(payload, "standing")
    picture = snippet.get("imageUrl")
    url = f"https://www.youtube.com/watch?v={video}&lc={external_id}" if is_video(video) else ""
    return IncomingComment(
        external_id=external_id,
        # An author whose channel is closed has no id any more: the name is all there is.
        author=IncomingAuthor(
            external_id=author_id if isinstance(author_id, str) and author_id else f"name:{name}",
            handle=name,
            name=name,
        ),
        text=_text(snippet, "textDisplay"),
        posted_at=posted_at,
        parent_external_id=parent or video,
        root_external_id=video or parent or "",
        edited_at=edited_at if edited_at > posted_at else None,
        hidden=standing != "published",
        url=url,
        by_us=bool(author_id) and author_id == payload.get("us"),
        attachments=(Attachment("image", picture),)
        if isinstance(picture, str) and picture.startswith("https://")
        else (),
        held=HELD.get(standing, ""),
    )


def own_video(external_id: str, snippet: Any) -> IncomingPost:
    """One of our videos: its words are its description, or its title where it has none."""
    if not isinstance(snippet, dict) or not is_video(external_id):
        raise ValueError("not a video")
    description, title = snippet.get("description"), snippet.get("title")
    words = description if isinstance(description, str) and description else title
    return IncomingPost(
        external_id=external_id,
        text=words if isinstance(words, str) else "",
        posted_at=instant(snippet.get("publishedAt")),
        url=watch(external_id),
    )


def found_channel_id(result: Any) -> str:
    """The channel that a line of a search is (SearchResult.id.channelId); empty where it is none."""
    found = result.get("id") if isinstance(result, dict) else None
    channel = found.get("channelId") if isinstance(found, dict) else None
    return channel if isinstance(channel, str) and is_id(channel) else ""


def found_account(channel: Any) -> FoundAccount | None:
    """A channel that a search showed; None where it is not as YouTube describes one."""
    if not isinstance(channel, dict) or not isinstance(channel.get("id"), str) or not is_id(channel["id"]):
        return None
    snippet = channel.get("snippet")
    snippet = snippet if isinstance(snippet, dict) else {}
    handle, title = snippet.get("customUrl"), snippet.get("title")
    thumbnails = snippet.get("thumbnails")
    smallest = thumbnails.get("default") if isinstance(thumbnails, dict) else None
    picture = smallest.get("url") if isinstance(smallest, dict) else None
    return FoundAccount(
        external_id=channel["id"],
        handle=(handle.lstrip("@") if isinstance(handle, str) and handle else channel["id"])[:300],
        name=title[:300] if isinstance(title, str) else "",
        url=f"https://www.youtube.com/channel/{channel['id']}",
        picture=picture if isinstance(picture, str) and len(picture) <= 2000 else "",
    )


def watch(external_id: str) -> str:
    """Where the public watches a video."""
    return f"https://www.youtube.com/watch?v={external_id}"


def title_of(text: str, title: str) -> str:
    """The title of a video: its own, else the first line of the text, cut at a word."""
    first = title.strip() or next((line.strip() for line in text.splitlines() if line.strip()), "")
    if len(first) <= LONGEST_TITLE:
        return first
    cut = first[: LONGEST_TITLE - 1].rsplit(" ", 1)[0]
    return cut[: LONGEST_TITLE - 1] + "…"


def folded(text: object) -> str:
    """Words as they are compared: spaces and line ends do not count, nor how accents are composed."""
    return " ".join(unicodedata.normalize("NFC", text).split()) if isinstance(text, str) else ""


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
