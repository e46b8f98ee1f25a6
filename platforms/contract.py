"""What every connector promises: dataclasses in, dataclasses out, faults of three kinds.

A connector holds no state but its HTTP session and touches no database. Text that comes out of
it is the public's and hostile until escaped. Every call has an explicit time-out (platforms.http).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol


class Fault(Exception):
    """Something went wrong at the platform. `sentence` is for staff and names no secret.

    link: where staff can do it by hand on the platform; empty where there is no such place.
    raw: what the platform answered, cut short and without any secret, for whoever looks into it.
    """

    def __init__(
        self, sentence: str, *, retry_after_s: float | None = None, link: str = "", raw: str = ""
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.retry_after_s = retry_after_s
        self.link = link
        self.raw = raw


class TemporaryFault(Fault):
    """Nothing happened at the platform and trying again later may succeed (rate limit, refused connection)."""


class PermanentFault(Fault):
    """The platform refused and would refuse again (bad token, text too long, not allowed)."""


class OutcomeUnknown(Fault):
    """The request may or may not have taken effect (time-out, reset, 5xx after sending).

    Never send again blindly: read the account back (`Connector.find_post`) and decide then.
    """


class Withheld(Exception):
    """A request that did not leave, because whoever sends was stopped before it (platforms.http.asked_first)."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Capability(StrEnum):
    """What an official account may be able to do on its platform from here."""

    LISTEN = "listen"
    """What the public writes to it can be read by a call. Without it, comments are pasted or imported."""
    PUBLISH_TEXT = "publish_text"
    PUBLISH_IMAGES = "publish_images"
    PUBLISH_VIDEO = "publish_video"
    ALT_TEXT = "alt_text"
    NATIVE_SCHEDULE = "native_schedule"
    """The platform itself can hold a post until a time. Ours are held in the outbox all the same."""
    EDIT = "edit"
    REPLY = "reply"
    PRIVATE_MESSAGES = "private_messages"
    HIDE = "hide"
    UNHIDE = "unhide"
    DELETE_OWN = "delete_own"
    DELETE_OTHERS = "delete_others"
    """Delete what a member of the public wrote under our post."""
    BLOCK = "block"
    """Block a commenter and undo it."""
    MUTE = "mute"
    """Mute a commenter and undo it."""
    WEBHOOKS = "webhooks"
    SEARCH_ACCOUNTS = "search_accounts"
    """Look for accounts of others by words, so that those that pretend to be the force are found."""
    METRICS = "metrics"
    """How many follow the official account, and what came of its posts, can be read by a call."""
    CHOSEN_KEY = "chosen_key"
    """The platform takes a key of ours, so that the same intent sent twice is one post."""


@dataclass(frozen=True)
class Limits:
    """What one post may be on the platform. Lengths are counted by `Connector.length`."""

    post_length: int
    reply_length: int
    images: int = 0
    image_bytes: int = 0
    alt_text_length: int = 0
    video_bytes: int = 0
    text_bytes: int = 0
    """At most so many bytes of UTF-8 as well; 0 where only the length counts."""
    must_have_media: bool = False
    """Words alone are not a post there (Instagram, YouTube)."""
    counted: str = "characters"
    """What the length is counted in, as staff read it after a figure."""


@dataclass(frozen=True)
class Login:
    """What a connector needs to speak for one official account."""

    base_url: str
    handle: str
    secret: str = field(repr=False)
    """The access token, app password or key."""
    account_id: str = ""
    """What the platform calls the page, channel or account itself, where calls need it."""
    refresh: str = field(default="", repr=False)
    """What a new access token is had with; empty where the present one does not expire."""
    app: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The force's own registration with the platform: "client_id", "client_secret"."""
    limits: Limits | None = None
    """What the platform allows this very official account, as it last said (`Identity.limits`); else None."""


@dataclass(frozen=True)
class Identity:
    """Whose credential it is, as the platform says when it is asked (`Connector.check`)."""

    external_id: str
    handle: str
    name: str = ""
    scopes: frozenset[str] | None = None
    """What the credential was allowed to do; None where the platform does not say."""
    limits: Limits | None = None
    """What a post may be for this very account or on its server, where they differ (Mastodon, X Premium)."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """The platform's own filters on this account as far as it tells ("held words": "on"), for the record."""


@dataclass(frozen=True)
class Token:
    """A credential as a platform hands it out. `expires_at` None: until it is revoked."""

    secret: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires_at: datetime | None = None
    scopes: frozenset[str] | None = None


@dataclass(frozen=True)
class Usage:
    """What is left of one allowance, as the platform said it in a header of its last answer."""

    endpoint: str
    """The platform's name for what is limited ("GET /2/users/:id/mentions", "pages")."""
    share_used: float
    """0.0 to 1.0 of the allowance."""
    resets_at: datetime | None = None
    limit: int | None = None
    remaining: int | None = None
    counted: int | None = None
    """Where no answer says it and we count ourselves: what the calls of this process took since it was last asked.
    Whoever keeps allowances adds it up for all processes and for all official accounts of the platform."""


@dataclass(frozen=True)
class Picture:
    """An image to publish: its bytes as re-encoded by `media`, and its alternative text."""

    content: bytes = field(repr=False)
    content_type: str
    alt_text: str
    address: str = ""
    """Where a platform that fetches files itself may have it: signed by us and soon expired."""


@dataclass(frozen=True)
class Video:
    """A video to publish, from the store. Captions (WebVTT) go with it where the platform takes them."""

    content: bytes = field(repr=False)
    content_type: str
    title: str = ""
    captions: str = ""
    address: str = ""


@dataclass(frozen=True)
class PostToSend:
    """A post or a reply. `key` is ours and stays the same however often the same intent is tried."""

    key: str
    text: str
    pictures: Sequence[Picture] = ()
    video: Video | None = None
    reply_to: str = ""
    """External id of the comment that this answers; empty for a post of its own."""
    root: str = ""
    """External id of the post at the top of the thread; empty for a post of its own."""
    private_to: str = ""
    """External id of the commenter for a private message; empty for a public one."""
    replies: str = ""
    """Who may reply to a post of its own, one of the connector's `reply_controls`; empty: as the platform has it."""
    not_before: datetime | None = None
    """When the intent was first sent, less a margin: what stood there earlier is not it (`find_post`)."""
    not_these: frozenset[str] = frozenset()
    """External ids that are something else of ours, perhaps with the same words: never it (`find_post`)."""


@dataclass(frozen=True)
class Sent:
    """What the platform says stands there now."""

    external_id: str
    url: str = ""


@dataclass(frozen=True)
class Attachment:
    """A picture or video that somebody put into a message. Its address is theirs and hostile."""

    kind: str
    """"image", "video" or "other"."""
    address: str
    alt_text: str = ""


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
    attachments: Sequence[Attachment] = ()
    held: str = ""
    """Why the platform itself keeps it from the public ("held for review", "likely spam"); else empty."""
    removed_by: str = ""
    """With `deleted`: "author", "platform", "us", or empty where the platform does not say."""
    quotes: str = ""
    """External id of the post that it shows to others with words of its own; else empty."""


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
    played: bool = False
    """Put there by the network itself as part of an exercise."""


@dataclass(frozen=True)
class FoundAccount:
    """An account of somebody that a search of the platform showed. Name and addresses are theirs and hostile."""

    external_id: str
    handle: str
    name: str = ""
    url: str = ""
    picture: str = ""
    """Where its picture stands; empty where it has none or the platform does not say."""


@dataclass(frozen=True)
class PostNumbers:
    """What has come of one of our own posts, as its platform counts at this moment. None where it does not say."""

    external_id: str
    seen: int | None = None
    """How often it was shown, or to how many: platforms differ."""
    likes: int | None = None
    replies: int | None = None
    shares: int | None = None


def count(value: object) -> int | None:
    """A number of things as a platform wrote it, as a number or as digits; None where it is neither."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value >= 0 else None
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 19 else None


class Connector(Protocol):
    """One platform. Made per official account by `platforms.registry.connect`."""

    slug: str
    name: str
    capabilities: frozenset[Capability]
    limits: Limits
    why_not: Mapping[Capability, str]
    """For a capability it lacks: why, and what staff can do instead."""
    cautions: Mapping[Capability, str]
    """For a capability it has: what staff should know before they use it on this platform."""
    scopes: Mapping[Capability, str]
    """Which scope of the platform an ability needs, where its credentials have scopes."""
    reply_controls: frozenset[str]
    """How a post can say who may reply: "following" (people that the official account follows), "mentioned"
    (people whom it mentions), "nobody"; empty where the platform offers no choice from here."""
    threads: bool
    """Whether a post of its own can stand under another one of its own, so that long words become a thread."""
    numbers_at_once: int
    """So many posts at most `numbers` is asked about in one go."""
    prices: Mapping[str, Decimal]
    """What the platform charges in US dollars for "hide", "unhide", "delete", "mute", "unmute", "comment read"
    and "private message read"; empty where it charges nothing. What a post costs, `cost` says."""

    def __init__(self, login: Login) -> None: ...

    def length(self, text: str) -> int:
        """How long the platform says the text is, in its own unit."""

    def check(self) -> Identity:
        """Prove by a harmless call that the credential works and whose it is.

        Raises PermanentFault (refused, or somebody else's) or TemporaryFault.
        """

    def renew(self) -> Token | None:
        """A fresh credential in place of one that will expire; None where it lasts until revoked.

        Raises PermanentFault where the official account has to be connected again.
        """

    def cost(self, post: PostToSend) -> Decimal | None:
        """The most that the platform charges for sending this, in US dollars; None where it charges nothing."""

    def usage(self) -> Sequence[Usage]:
        """What the platform said about its allowances in the answers to the calls made so far."""

    def poll(self, position: str) -> Page:
        """Messages to the official account after `position` (empty: from the beginning that the
        platform offers). Overlap is allowed: the caller stores each external id once."""

    def sweep(self, post_external_id: str) -> Sequence[RawMessage]:
        """Every reply that stands under one of our posts now, as raw messages."""

    def gone(self, comment_external_ids: Sequence[str]) -> Mapping[str, str]:
        """Which of these comments stand there no longer, and who removed them as far as the platform says.

        "author", "platform", or empty where it does not say. What the platform cannot be asked about is
        left out, and so is what it only refuses to show us.
        """

    def own_posts(self) -> Sequence[IncomingPost]:
        """The newest posts of the official account as they stand now, whoever made them, newest first."""

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

    def edit(self, external_id: str, text: str) -> Sent:
        """Change the words of one of our own posts. What is answered may be another id than before."""

    def delete(self, external_id: str) -> None:
        """Delete one of our own posts or replies. Deleting twice is no fault."""

    def delete_comment(self, external_id: str) -> None:
        """Delete what somebody wrote under our post, for good. Twice is no fault."""

    def is_there(self, comment_external_id: str) -> bool:
        """Whether somebody's comment still stands on the platform. Settles an unknown deletion."""

    def block(self, commenter_external_id: str) -> None:
        """The commenter can no longer write to the official account. Twice is no fault."""

    def unblock(self, commenter_external_id: str) -> None:
        """The commenter can write again. Twice is no fault."""

    def is_blocked(self, commenter_external_id: str) -> bool:
        """Whether the commenter is blocked now. Settles an unknown block."""

    def search_accounts(self, words: str) -> Sequence[FoundAccount]:
        """Accounts that the platform's own search shows for these words, the first page of them, ours among them."""

    def followers(self) -> int | None:
        """How many follow the official account now; None where the platform keeps it to itself."""

    def numbers(self, external_ids: Sequence[str]) -> Sequence[PostNumbers]:
        """What has come of these posts of ours, `numbers_at_once` at most. Those that are gone are left out."""

    def mute(self, commenter_external_id: str) -> None:
        """The platform shows us no more of the commenter, who is not told. Twice is no fault."""

    def unmute(self, commenter_external_id: str) -> None:
        """The commenter is shown to us again. Twice is no fault."""

    def is_muted(self, commenter_external_id: str) -> bool:
        """Whether the commenter is muted now. Settles an unknown mute."""


class Lacking:
    """A connector's answers for what its platform lacks: a refusal with the sentence of `why_not`.

    A connector inherits this and overrides what it can do. What it overrides and does not list in
    `capabilities`, or lists and does not override, the contract test reports.
    """

    name: str
    why_not: Mapping[Capability, str] = {}
    cautions: Mapping[Capability, str] = {}
    scopes: Mapping[Capability, str] = {}
    reply_controls: frozenset[str] = frozenset()
    threads: bool = False
    numbers_at_once: int = 25
    prices: Mapping[str, Decimal] = {}

    def refuse(self, capability: Capability) -> PermanentFault:
        """The refusal to raise for a capability that the platform lacks."""
        return PermanentFault(
            self.why_not.get(capability, f"{self.name} offers no way to do this from here.")
        )

    def renew(self) -> Token | None:
        return None

    def usage(self) -> Sequence[Usage]:
        return ()

    def gone(self, comment_external_ids: Sequence[str]) -> Mapping[str, str]:
        return {}

    def cost(self, post: PostToSend) -> Decimal | None:
        return None

    def hide(self, *, comment_external_id: str, root_external_id: str) -> None:
        raise self.refuse(Capability.HIDE)

    def unhide(self, *, comment_external_id: str, root_external_id: str) -> None:
        raise self.refuse(Capability.UNHIDE)

    def is_hidden(self, *, comment_external_id: str, root_external_id: str) -> bool:
        raise self.refuse(Capability.HIDE)

    def edit(self, external_id: str, text: str) -> Sent:
        raise self.refuse(Capability.EDIT)

    def delete(self, external_id: str) -> None:
        raise self.refuse(Capability.DELETE_OWN)

    def delete_comment(self, external_id: str) -> None:
        raise self.refuse(Capability.DELETE_OTHERS)

    def is_there(self, comment_external_id: str) -> bool:
        raise self.refuse(Capability.DELETE_OTHERS)

    def block(self, commenter_external_id: str) -> None:
        raise self.refuse(Capability.BLOCK)

    def unblock(self, commenter_external_id: str) -> None:
        raise self.refuse(Capability.BLOCK)

    def is_blocked(self, commenter_external_id: str) -> bool:
        raise self.refuse(Capability.BLOCK)

    def search_accounts(self, words: str) -> Sequence[FoundAccount]:
        raise self.refuse(Capability.SEARCH_ACCOUNTS)

    def followers(self) -> int | None:
        raise self.refuse(Capability.METRICS)

    def numbers(self, external_ids: Sequence[str]) -> Sequence[PostNumbers]:
        raise self.refuse(Capability.METRICS)

    def mute(self, commenter_external_id: str) -> None:
        raise self.refuse(Capability.MUTE)

    def unmute(self, commenter_external_id: str) -> None:
        raise self.refuse(Capability.MUTE)

    def is_muted(self, commenter_external_id: str) -> bool:
        raise self.refuse(Capability.MUTE)
