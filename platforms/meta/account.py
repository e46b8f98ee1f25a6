"""What a Facebook Page and the Instagram account that hangs on it have in common: one credential (the
Page's), private messages through the Page's conversations, hiding, and how an unknown outcome is settled.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from core import clock
from platforms.contract import (
    Capability,
    IncomingPost,
    Lacking,
    Limits,
    Login,
    OutcomeUnknown,
    PermanentFault,
    PostToSend,
    RawMessage,
    Sent,
    TemporaryFault,
    Usage,
)
from platforms.meta.faults import NotAllowed
from platforms.meta.graph import Answer, Graph
from platforms.meta.position import back
from platforms.meta.reading import instant

MESSAGE_FIELDS = "id,created_time,from,to,message,attachments"
MESSAGES_TOLD = 20
"""Messenger Platform "Conversations API": only the twenty newest messages of a conversation are told."""
CONVERSATION_FIELDS = f"id,updated_time,messages.limit({MESSAGES_TOLD}){{{MESSAGE_FIELDS}}}"
FIRST_BACK = timedelta(days=30)
"""When an official account is first read, private messages and mentions of so long ago: those before were
somebody else's to answer, and years of private messages are not taken in without need."""
A_POST_PAGE = 25
COMMENTS_WITH_A_POST = 50
FIND_PAGES = 10

_PUBLIC_ID = re.compile(r"\d+(_\d+)*")


class MetaConnector(Lacking):
    """Speaks with the credential of a Page. Holds nothing but its connections and who it is."""

    capabilities: frozenset[Capability]
    limits: Limits
    private_platform: str
    """Which conversations of the Page: "messenger" or "instagram"."""
    private_length: int
    """The longest private message, in bytes of UTF-8."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._graph = Graph(name=self.name, login=login)

    def usage(self) -> Sequence[Usage]:
        return self._graph.usage

    def length(self, text: str) -> int:
        """Characters as Meta counts them: Unicode code points. (Documented nowhere and not tried live.)"""
        return len(text)

    # For the two platforms

    def _granted(self) -> frozenset[str] | None:
        """What the credential was granted; None where there is no app to ask with, or Meta does not say.

        GET /debug_token (Graph API reference) is asked as the app and carries the token that it is about
        in its query string, which is why this module logs no address.
        """
        app_id, secret = self._login.app.get("client_id", ""), self._login.app.get("client_secret", "")
        if not app_id or not secret:
            return None
        asked = Login(
            base_url=self._login.base_url, handle="", secret=f"{app_id}|{secret}", app=self._login.app
        )
        try:
            answer = Graph(name=self.name, login=asked).get("debug_token", input_token=self._login.secret)
        except PermanentFault:
            return None
        data = answer.get("data")
        scopes = data.get("scopes") if isinstance(data, dict) else None
        return frozenset(s for s in scopes if isinstance(s, str)) if isinstance(scopes, list) else None

    def _where_allowed(self, look: Callable[[], list[RawMessage]]) -> list[RawMessage]:
        """What a look finds; nothing where the credential lacks the permission for it.

        Which permission is missing for which ability, `check` tells. Without private messages the
        comments are still read.
        """
        try:
            return look()
        except NotAllowed:
            return []

    def _private_messages(
        self, since: datetime | None, keep: Callable[[Any, str], RawMessage]
    ) -> list[RawMessage]:
        """Private messages since an instant: conversations with the latest news first."""
        limit = back(since) or clock.now() - FIRST_BACK
        found: list[RawMessage] = []
        for conversations, _ in self._graph.pages(
            "me",
            "conversations",
            platform=self.private_platform,
            fields=CONVERSATION_FIELDS,
            limit=A_POST_PAGE,
        ):
            for conversation in conversations:
                if not isinstance(conversation, dict):
                    continue
                for message in _embedded(conversation, "messages"):
                    at = time_of(message, "created_time")
                    if at is None or at >= limit:
                        found.append(keep(message, _id(conversation)))
            if _all_older(conversations, "updated_time", limit):
                break
        return found

    def _send_privately(self, post: PostToSend) -> Sent:
        """Answer a private message, or a comment once within seven days (Messenger "Private Replies")."""
        if post.pictures or post.video:
            raise PermanentFault(
                "Pictures and videos are not sent privately from here: put a link into the words."
            )
        if len(post.text.encode()) > self.private_length:
            raise PermanentFault(
                f"The text is too long for a private message on {self.name}, which takes about "
                f"{self.private_length:,} characters. Shorten it, or send it in two."
            )
        if post.reply_to and _PUBLIC_ID.fullmatch(post.reply_to):
            where = "post_id" if self._is_post(post) else "comment_id"
            answer = self._graph.post(
                "me", "messages", recipient={where: post.reply_to}, message={"text": post.text}
            )
        else:
            answer = self._graph.post(
                "me",
                "messages",
                recipient={"id": post.private_to},
                messaging_type="RESPONSE",
                message={"text": post.text},
            )
        return Sent(external_id=self._sent_id(answer, "message_id"))

    def _find_privately(self, post: PostToSend) -> Sent | None:
        answer = self._graph.find(
            "me",
            "conversations",
            platform=self.private_platform,
            user_id=post.private_to,
            fields=CONVERSATION_FIELDS,
        )
        conversations, _ = self._graph.page_of(answer) if answer else ([], "")
        messages = [m for c in conversations if isinstance(c, dict) for m in _embedded(c, "messages")]
        return self._the_one(post, [m for m in messages if self._ours(m)], text="message", at="created_time")

    def _the_one(
        self, post: PostToSend, entries: Iterable[Any], *, text: str, at: str, url: str = "permalink_url"
    ) -> Sent | None:
        """The entry that is this post: the same words, not before it was first sent.

        Raises PermanentFault where more than one is: then only a person can tell which.
        """
        found = []
        for entry in entries:
            words = entry.get(text) or "" if isinstance(entry, dict) else None
            written = time_of(entry, at)
            if not isinstance(words, str) or written is None or not same_words(words, post.text):
                continue
            if post.not_before is not None and written < post.not_before:
                continue
            if entry.get("id") in post.not_these:
                continue
            found.append(entry)
        if len(found) > 1 or (found and not post.text and post.not_before is None):
            raise PermanentFault(
                f"More than one thing with these words stands on {self.name}, and which of them this is cannot "
                "be told from here. Look at both and settle it by hand."
            )
        if not found:
            return None
        address = found[0].get(url)
        return Sent(external_id=_id(found[0]), url=address if isinstance(address, str) else "")

    def _until(self, pages: Iterable[tuple[list[Any], str]], post: PostToSend, *, at: str) -> list[Any]:
        """The entries of pages that come newest first, back to when the post was first sent."""
        found: list[Any] = []
        for number, (entries, _) in enumerate(pages, start=1):
            found += entries
            if post.not_before is not None:
                if _all_older(entries, at, post.not_before):
                    break
            elif number >= FIND_PAGES:
                break
        return found

    def _sent_id(self, answer: Answer, key: str = "id") -> str:
        found = answer.get(key)
        if not isinstance(found, str) or not found:
            raise OutcomeUnknown(f"{self.name} did not say what it made of the post.")
        return found

    def _refuse_unsendable(self, post: PostToSend) -> None:
        if post.private_to:
            return
        if post.reply_to and not _PUBLIC_ID.fullmatch(post.reply_to):
            raise PermanentFault("That was written to us privately: answer it privately.")
        most = self.limits.reply_length if post.reply_to else self.limits.post_length
        if self.length(post.text) > most:
            raise PermanentFault(
                f"The text is too long for {self.name}: {self.length(post.text):,} characters, and at most "
                f"{most:,} are taken."
            )
        if len(post.pictures) > self.limits.images:
            raise PermanentFault(f"{self.name} takes at most {self.limits.images} pictures in one post.")
        if post.pictures and post.video:
            raise PermanentFault(f"{self.name} takes either pictures or a video in one post. Take one away.")
        if any(len(p.content) > self.limits.image_bytes for p in post.pictures):
            raise PermanentFault(
                f"A picture is larger than {self.name} takes ({self.limits.image_bytes // 1024**2} MB). "
                "Make it smaller."
            )
        if any(len(p.alt_text) > self.limits.alt_text_length for p in post.pictures):
            raise PermanentFault(
                f"A picture’s alternative text is longer than the {self.limits.alt_text_length:,} characters "
                f"that {self.name} takes. Shorten it."
            )
        if post.video and len(post.video.content) > self.limits.video_bytes:
            raise PermanentFault(
                f"The video is larger than {self.name} takes ({self.limits.video_bytes // 1024**2:,} MB). Shorten it."
            )

    def _is_post(self, post: PostToSend) -> bool:
        """Whether what is answered is a post and not a comment."""
        raise NotImplementedError

    def _ours(self, entry: Any) -> bool:
        """Whether the official account itself wrote an entry."""
        raise NotImplementedError

    def _flag(self, external_id: str, field: str) -> bool:
        """A mark on a comment. Raises TemporaryFault where Meta does not tell it."""
        value = self._graph.get(external_id, fields=f"id,{field}").get(field)
        if not isinstance(value, bool):
            raise TemporaryFault(f"{self.name} did not say whether the comment is hidden.")
        return value

    def delete(self, external_id: str) -> None:
        self._graph.delete(external_id)

    def delete_comment(self, external_id: str) -> None:
        """Delete what somebody wrote under our post, for good."""
        self._graph.delete(external_id)

    def is_there(self, comment_external_id: str) -> bool:
        """Whether it can still be read. What is closed to us, Graph answers like what is gone."""
        return self._graph.find(comment_external_id, fields="id") is not None

    def gone(self, comment_external_ids: Sequence[str]) -> Mapping[str, str]:
        """What cannot be read by its id any more. What is closed to us, Graph answers like what is gone."""
        return {external_id: "" for external_id in comment_external_ids if not self.is_there(external_id)}

    def _posts(
        self, entries: Iterable[Any], read: Callable[[dict[str, Any]], IncomingPost]
    ) -> list[IncomingPost]:
        found = []
        for entry in entries:
            try:
                found.append(read(entry))
            except (ValueError, AttributeError, TypeError):
                continue  # not as a post is written: nobody reads it as one either
        return sorted(found, key=lambda post: post.posted_at, reverse=True)


def in_order(messages: Iterable[RawMessage], *keys: str) -> list[RawMessage]:
    """Oldest first, each id once. What bears no time that can be read comes first."""
    once: dict[str, RawMessage] = {}
    unreadable: list[RawMessage] = []
    for message in messages:
        if message.external_id:
            once[message.external_id] = message
        else:
            unreadable.append(message)

    def when(message: RawMessage) -> float:
        at = next((t for key in keys if (t := time_of(message.payload, key))), None)
        return at.timestamp() if at else 0.0

    return [*unreadable, *sorted(once.values(), key=when)]


def time_of(entry: Any, key: str) -> datetime | None:
    """When an entry says it is from; None where it cannot be told."""
    try:
        return instant(entry.get(key)) if isinstance(entry, dict) else None
    except ValueError:
        return None


def same_words(one: str, other: str) -> bool:
    """Whether two texts are the same to a reader: Meta trims ends and may normalise letters and line ends."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in unicodedata.normalize("NFC", text).splitlines()).strip()


def _embedded(container: dict[str, Any], edge: str) -> list[Any]:
    inner = container.get(edge)
    entries = inner.get("data") if isinstance(inner, dict) else None
    return entries if isinstance(entries, list) else []


def _id(entry: dict[str, Any]) -> str:
    found = entry.get("id")
    return found if isinstance(found, str) else ""


def _all_older(entries: Sequence[Any], key: str, limit: datetime) -> bool:
    times = [t for entry in entries if (t := time_of(entry, key))]
    return bool(times) and min(times) < limit
