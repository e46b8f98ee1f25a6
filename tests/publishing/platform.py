"""A platform that does as a test tells it: keeps what it was sent, and misbehaves on request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from platforms.contract import Capability, IncomingPost, Lacking, Limits, OutcomeUnknown, PostToSend, Sent


@dataclass
class StubbornPlatform(Lacking):
    """Counts every message that stands on it. `before` and `after` run around each act."""

    slug: str = "exercise"
    name: str = "Exercise network"
    threads: bool = True
    capabilities: frozenset[Capability] = frozenset(Capability)
    limits: Limits = field(default_factory=lambda: Limits(500, 500, 4, 1_000_000, 1000))
    why_not: dict[Capability, str] = field(default_factory=dict)
    standing: list[PostToSend] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    edited: list[tuple[str, str]] = field(default_factory=list)
    acts: int = 0
    reads: int = 0
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None
    on_read: Callable[[], None] = lambda: None
    shown: list[IncomingPost] = field(default_factory=list)
    """What the list of our own posts shows, whatever stands."""

    def length(self, text: str) -> int:
        return len(text)

    def send(self, post: PostToSend) -> Sent:
        self.before()
        self.acts += 1
        self.standing.append(post)
        self.after()
        return self._where(post)

    def find_post(self, post: PostToSend) -> Sent | None:
        self.reads += 1
        self.on_read()
        return self._where(post) if any(p.key == post.key for p in self.standing) else None

    def hide(self, *, comment_external_id: str, root_external_id: str) -> None:
        self.before()
        self.acts += 1
        self.hidden.add(comment_external_id)
        self.after()

    def unhide(self, *, comment_external_id: str, root_external_id: str) -> None:
        self.before()
        self.acts += 1
        self.hidden.discard(comment_external_id)
        self.after()

    def is_hidden(self, *, comment_external_id: str, root_external_id: str) -> bool:
        self.reads += 1
        self.on_read()
        return comment_external_id in self.hidden

    def edit(self, external_id: str, text: str) -> Sent:
        """Changed words get an id of their own, as on X."""
        self.before()
        self.acts += 1
        self.edited.append((external_id, text))
        self.after()
        return Sent(external_id=f"{external_id}-{len(self.edited)}")

    def delete(self, external_id: str) -> None:
        self.before()
        self.acts += 1
        self.deleted.add(external_id)
        self.after()

    def read_back(self, external_id: str) -> IncomingPost | None:
        self.reads += 1
        self.on_read()
        return next((post for post in self.shown if post.external_id == external_id), None)

    def own_posts(self) -> list[IncomingPost]:
        self.on_read()
        return self.shown

    def _where(self, post: PostToSend) -> Sent:
        return Sent(external_id=f"post-{post.key}", url=f"https://network.example/{post.key}")


def raising(fault: BaseException, *, times: int = 1) -> Callable[[], None]:
    """Something that raises `fault` the first `times` it is called."""
    left = [times]

    def act() -> None:
        if left[0] > 0:
            left[0] -= 1
            raise fault

    return act


LOST_ANSWER = OutcomeUnknown("The network did not answer in time.")
