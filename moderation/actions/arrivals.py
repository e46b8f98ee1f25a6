"""What a connector read, made fit for our tables: ids, words, times, and what triage says of them.

Also `Batch`, which writes the new comments of one page together. Nothing here decides which path a
message takes: moderation.actions.ingest does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import OfficialAccount
from core.rows import write_objects, write_rows
from moderation import storable, switched_off
from moderation.actions import attachments
from moderation.categories import ANSWER_WITHIN_MINUTES
from moderation.models import Attachment, Comment, Commenter, Conversation, RawPayload, Revision
from moderation.places import Gazetteer
from moderation.triage import Verdict, judge
from platforms.contract import IncomingComment, RawMessage


@dataclass
class Arrival:
    """One message of a page as it will be kept, with what the connector read in it."""

    message: RawMessage
    external_id: str
    digest: str
    payload: Any
    incoming: IncomingComment | None = None
    fault: Exception | None = None
    """Why it could not be read."""
    known: bool = False
    """Not read: the newest that we hold of it is the very same."""
    comment: Comment | None = None
    """The comment that it will be, still without thread and commenter."""


def arrival(message: RawMessage) -> Arrival:
    """The message with its digest and its storable payload; one nested without end is named as such."""
    external_id = storable.text(message.external_id, at_most=300)
    try:
        return Arrival(
            message, external_id, storable.digest(message.payload), storable.payload(message.payload)
        )
    except RecursionError:
        payload = {"unstorable": "nested too deeply"}
        return Arrival(message, external_id, storable.digest([external_id, payload]), payload)


def new_comment(
    account: OfficialAccount,
    incoming: IncomingComment,
    external_id: str,
    now: datetime,
    known: Gazetteer,
    off: frozenset[str] = frozenset(),
) -> Comment:
    """The comment as it will stand, triaged, but for its thread and its commenter.

    off: the categories that are switched off (moderation.switched_off).
    Raises ValueError for an id that cannot be kept.
    """
    text = storable.comment_text(incoming.text)
    comment = Comment(
        platform=account.platform,
        external_id=external_id,
        official_account=account,
        parent_external_id=identifier(incoming.parent_external_id, needed=False),
        text=text,
        private=incoming.private,
        url=address(incoming.url),
        language=storable.text(incoming.language, at_most=12),
        posted_at=storable.instant(incoming.posted_at, received_at=now),
        received_at=now,
        hidden_at=now if incoming.hidden or incoming.held else None,
        held_why=storable.text(incoming.held, at_most=40),
    )
    if incoming.by_us:
        comment.state = Comment.State.OURS
        comment.priority = 5
    else:
        verdict = judge(text, private=incoming.private, account_name=account.name)
        apply(comment, switched_off.heard(verdict, off), now)
        comment.named_places = known.named_in(text)
    return comment


def author(incoming: IncomingComment) -> tuple[str, str, str]:
    """The commenter's id, handle and name as they are kept. Raises ValueError for a bad id."""
    who = incoming.author
    return (
        identifier(who.external_id),
        storable.text(who.handle, at_most=200),
        storable.text(who.name, at_most=300),
    )


def root_of(incoming: IncomingComment, external_id: str, root_of_parent: Callable[[str], str | None]) -> str:
    """The top of the thread: as the platform says, else as the parent's thread, else the parent itself."""
    if incoming.private and not incoming.by_us:
        return identifier(f"private:{incoming.author.external_id}")
    if incoming.root_external_id and not incoming.private:
        return identifier(incoming.root_external_id)
    if incoming.parent_external_id:
        root = root_of_parent(identifier(incoming.parent_external_id))
        if root is not None:
            return root
    return identifier(incoming.root_external_id or incoming.parent_external_id or external_id)


class Batch:
    """New comments, written in a handful of statements whatever their number.

    All or nothing: the caller holds a savepoint, and takes them one by one where this fails.
    """

    def __init__(self, account: OfficialAccount, source: str, now: datetime) -> None:
        self.account = account
        self.source = source[:10]
        self.now = now
        self.arrivals: list[Arrival] = []
        self.ids: set[str] = set()
        self.ours: list[int] = []
        """After `write`: ids of those that the official account wrote itself."""
        self.roots: dict[str, str] = {}
        """Of each comment in here by external id: the top of its thread."""

    def add(self, arrival: Arrival, root: str = "") -> None:
        self.arrivals.append(arrival)
        self.ids.add(arrival.external_id)
        if arrival.incoming is not None:
            self.roots[arrival.external_id] = root

    def write(
        self, commenters: dict[str, Commenter], conversations: dict[str, Conversation]
    ) -> tuple[list[int], list[tuple[str, int, str]]]:
        """Write them. Answers the new comments' ids and the raw payloads (external id, id, digest).

        commenters and conversations: by external id what is known already; what is met or made here is added.
        """
        raws = write_rows(
            RawPayload,
            {
                "received_at": self.now,
                "official_account_id": self.account.pk,
                "source": self.source,
                "external_id": [arrival.external_id for arrival in self.arrivals],
                "digest": [arrival.digest for arrival in self.arrivals],
                "payload": [arrival.payload for arrival in self.arrivals],
            },
            rows=len(self.arrivals),
        )
        written = [
            (arrival, raw)
            for arrival, raw in zip(self.arrivals, raws, strict=True)
            if arrival.comment is not None
        ]
        comments = [arrival.comment for arrival, _ in written if arrival.comment is not None]
        self._commenters(
            [arrival.incoming for arrival, _ in written if arrival.incoming], comments, commenters
        )
        self._conversations(comments, conversations)
        write_objects(Comment, comments)
        self.ours = [comment.pk for comment in comments if comment.state == Comment.State.OURS]
        came = [
            one
            for comment, (arrival, _) in zip(comments, written, strict=True)
            if arrival.incoming is not None and arrival.incoming.attachments
            for one in attachments.of(comment, arrival.incoming.attachments)
        ]
        if came:
            Attachment.objects.bulk_create(came)
        ids = [comment.pk for comment in comments]
        write_rows(
            Revision,
            {
                "comment_id": ids,
                "number": 1,
                "text": [comment.text for comment in comments],
                "seen_at": self.now,
                "raw_payload_id": [raw for _, raw in written],
            },
            rows=len(ids),
        )
        kept = [
            (arrival.external_id, raw, arrival.digest)
            for arrival, raw in zip(self.arrivals, raws, strict=True)
        ]
        return ids, kept

    def _commenters(
        self, incoming: list[IncomingComment], comments: list[Comment], known: dict[str, Commenter]
    ) -> None:
        authors = [author(one) for one in incoming]
        missing = {external_id for external_id, _, _ in authors} - known.keys()
        if missing:
            for found in Commenter.objects.filter(platform=self.account.platform, external_id__in=missing):
                known[found.external_id] = found
        made: dict[str, Commenter] = {}
        changed: dict[str, Commenter] = {}
        for external_id, handle, name in authors:
            commenter = known.get(external_id) or made.get(external_id)
            if commenter is None:
                made[external_id] = Commenter(
                    platform=self.account.platform,
                    external_id=external_id,
                    handle=handle,
                    name=name,
                    first_seen_at=self.now,
                )
            elif (commenter.handle, commenter.name) != (handle, name):
                commenter.handle, commenter.name = handle, name
                if external_id in known:
                    changed[external_id] = commenter
        Commenter.objects.bulk_create(made.values())
        if changed:
            Commenter.objects.bulk_update(changed.values(), ["handle", "name"])
        known.update(made)
        for comment, (external_id, _, _) in zip(comments, authors, strict=True):
            comment.commenter = known[external_id]

    def _conversations(self, comments: list[Comment], known: dict[str, Conversation]) -> None:
        missing = {self.roots[comment.external_id] for comment in comments} - known.keys()
        if missing:
            for found in Conversation.objects.filter(
                official_account=self.account, root_external_id__in=missing
            ):
                known[found.root_external_id] = found
        made: dict[str, Conversation] = {}
        changed: dict[str, Conversation] = {}
        for comment in comments:
            root = self.roots[comment.external_id]
            conversation = known.get(root) or made.get(root)
            if conversation is None:
                made[root] = Conversation(
                    official_account=self.account,
                    root_external_id=root,
                    private=comment.private,
                    last_comment_at=comment.posted_at,
                )
            elif conversation.last_comment_at is None or conversation.last_comment_at < comment.posted_at:
                conversation.last_comment_at = comment.posted_at
                if root in known:
                    changed[root] = conversation
        Conversation.objects.bulk_create(made.values())
        if changed:
            Conversation.objects.bulk_update(changed.values(), ["last_comment_at"])
        known.update(made)
        for comment in comments:
            comment.conversation = known[self.roots[comment.external_id]]


def apply(comment: Comment, verdict: Verdict, now: datetime) -> None:
    """Put the verdict on the comment. Software never makes a comment less urgent than it stood."""
    comment.findings = [finding.as_data() for finding in verdict.findings]
    comment.triage_version = verdict.version
    comment.triage_broken = verdict.broken
    comment.model_due_at = now
    if comment.pk is None or verdict.priority <= comment.priority:
        comment.category, comment.priority = verdict.category, verdict.priority
    minutes = ANSWER_WITHIN_MINUTES[comment.priority]
    if minutes is not None:
        by = now + timedelta(minutes=minutes)
        comment.answer_by = by if comment.answer_by is None else min(by, comment.answer_by)


def identifier(given: str, *, needed: bool = True) -> str:
    """An id as the platform calls it. Cutting it would make two things one, so a bad one is refused."""
    if not isinstance(given, str) or (needed and not given):
        raise ValueError("an id is missing")
    if len(given) > 300 or storable.text(given) != given:
        raise ValueError("an id is longer than 300 characters or holds characters that cannot be stored")
    return given


def address(given: str) -> str:
    """A link to the comment, or none where it is no web address or longer than a link can be."""
    kept = storable.text(given)
    return kept if len(kept) <= 500 and re.match(r"https?://|/(?!/)", kept) else ""
