"""What every connector promises: dataclasses in, dataclasses out, faults of three kinds.

A connector holds no state but its HTTP session and touches no database. Text that comes out of
it is the public's and hostile until escaped. Every call has an explicit time-out (platforms.http).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class Fault(Exception):
    """Something went wrong at the platform. `sentence` is for staff and names no secret."""

    def __init__(self, sentence: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.retry_after_s = retry_after_s


class TemporaryFault(Fault):
    """Nothing happened at the platform and trying again later may succeed (rate limit, refused connection)."""


class PermanentFault(Fault):
    """The platform refused and would refuse again (bad token, text too long, not allowed)."""


class OutcomeUnknown(Fault):
    """The request may or may not have taken effect (time-out, reset, 5xx after sending).

    Never send again blindly: read the account back (`Connector.find_post`) and decide then.
    """


class Capability(StrEnum):
    PUBLISH_TEXT = "publish_text"
    PUBLISH_IMAGES = "publish_images"
    ALT_TEXT = "alt_text"
    REPLY = "reply"
    HIDE = "hide"
    UNHIDE = "unhide"
    DELETE_OWN = "delete_own"
    PRIVATE_MESSAGES = "private_messages"
    CHOSEN_KEY = "chosen_key"


@dataclass(frozen=True)
class Limits:
    """What one post may be on the platform. Characters are counted by `Connector.length`."""

    post_length: int
    reply_length: int
    images: int = 0
    image_bytes: int = 0
    alt_text_length: int = 0


@dataclass(frozen=True)
class Login:
    """What a connector needs to speak for one official account."""

    base_url: str
    handle: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Picture:
    """An image to publish: its bytes as re-encoded by `media`, and its alternative text."""

    content: bytes = field(repr=False)
    content_type: str
    alt_text: str


@dataclass(frozen=True)
class PostToSend:
    """A post or a reply. `key` is ours and stays the same however often the same intent is tried."""

    key: str
    text: str
    pictures: Sequence[Picture] = ()
    reply_to: str = ""
    """External id of the comment that this answers; empty for a post of its own."""
    root: str = ""
    """External id of the post at the top of the thread; empty for a post of its own."""
    private_to: str = ""
    """External id of the commenter for a private message; empty for a public one."""


@dataclass(frozen=True)
class Sent:
    """What the platform says stands there now."""

    external_id: str
    url: str = ""


@dataclass(frozen=True)
class IncomingAuthor:
    external_id: str
    handle: str
    name: str


@dataclass(frozen=True)
class IncomingComment:
    """One public or private message to the official account, as `mapping` read it from a payload."""

    external_id: str
    author: IncomingAuthor
    text: str
    posted_at: datetime
    parent_external_id: str = ""
    root_external_id: str = ""
    private: bool = False
    edited_at: datetime | None = None
    deleted: bool = False
    hidden: bool = False
    url: str = ""
    language: str = ""
    by_us: bool = False
    """Written by the official account itself: shown in the conversation, never queued."""


@dataclass(frozen=True)
class RawMessage:
    """A payload as it came, kept before it is read. `external_id` may be empty where unreadable."""

    external_id: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """One page of messages, oldest first, and the position from which the next poll goes on."""

    messages: Sequence[RawMessage]
    position: str
    more: bool = False


@dataclass(frozen=True)
class IncomingPost:
    """One of our own posts as it stands on the platform."""

    external_id: str
    text: str
    posted_at: datetime
    url: str = ""
    key: str = ""
    deleted: bool = False


class Connector(Protocol):
    """One platform. Made per official account by `platforms.registry.connect`."""

    slug: str
    name: str
    capabilities: frozenset[Capability]
    limits: Limits
    why_not: dict[Capability, str]
    """For a capability it lacks: why, and what staff can do instead."""

    def __init__(self, login: Login) -> None: ...

    def length(self, text: str) -> int:
        """How long the platform says the text is, in its own unit."""

    def check(self) -> None:
        """Prove that the credential works. Raises PermanentFault or TemporaryFault."""

    def poll(self, position: str) -> Page:
        """Messages to the official account after `position` (empty: from the beginning that the
        platform offers). Overlap is allowed: the caller stores each external id once."""

    def sweep(self, post_external_id: str) -> Sequence[RawMessage]:
        """Every reply that stands under one of our posts now, as raw messages."""

    def read(self, message: RawMessage) -> IncomingComment | None:
        """What a raw message says; None where it is no comment. Raises ValueError where malformed."""

    def send(self, post: PostToSend) -> Sent:
        """Publish a post, a reply or a private message."""

    def find_post(self, post: PostToSend) -> Sent | None:
        """Whether the post stands on the platform, found by key or by its words. Settles an unknown."""

    def hide(self, *, comment_external_id: str, root_external_id: str) -> None:
        """Hide a reply under our post from the public. Hiding twice is no fault."""

    def unhide(self, *, comment_external_id: str, root_external_id: str) -> None:
        """Show a hidden reply again. Unhiding twice is no fault."""

    def is_hidden(self, *, comment_external_id: str, root_external_id: str) -> bool:
        """Whether the reply is hidden now. Settles an unknown hide."""

    def read_back(self, external_id: str) -> IncomingPost | None:
        """One of our own posts as it stands now; None when it is gone."""

    def delete(self, external_id: str) -> None:
        """Delete one of our own posts or replies. Deleting twice is no fault."""
