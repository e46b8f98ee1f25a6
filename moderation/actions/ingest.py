"""Taking in what the public wrote: raw first, none lost, twice and out of order without harm.

One page is one transaction: raw payloads,
comments, revisions and the poll's position stand or fall together, so a worker that dies leaves nothing
half. A message that cannot be read is set aside while the rest of its page goes on.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import InterfaceError, OperationalError, connection, transaction

from accounts.models import OfficialAccount
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from moderation import pace, queries, storable, switched_off
from moderation.actions import attachments, tombstones
from moderation.actions.arrivals import (
    Arrival,
    Batch,
    apply,
    arrival,
    author,
    identifier,
    new_comment,
    root_of,
)
from moderation.models import (
    Attachment,
    Comment,
    Commenter,
    Conversation,
    Decision,
    IngestSource,
    Quarantined,
    RawPayload,
    Revision,
)
from moderation.places import gazetteer
from moderation.triage import Verdict, judge
from moderation.workflow import DESK
from platforms.contract import Connector, IncomingComment, RawMessage
from retention.queries import suppressed

_log = logging.getLogger(__name__)


@dataclass
class TakenIn:
    """What one page brought, by comment id."""

    new: list[int] = field(default_factory=list)
    edited: list[int] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    """Hidden or shown again on the platform, or with a corrected place in the thread."""
    ours: list[int] = field(default_factory=list)
    """Those of `new` that the official account wrote itself."""
    set_aside: int = 0

    @property
    def lists(self) -> list[list[int]]:
        return [self.new, self.edited, self.removed, self.changed]

    @property
    def sizes(self) -> list[int]:
        return [len(ids) for ids in self.lists]

    @property
    def all(self) -> list[int]:
        return [pk for ids in self.lists for pk in ids]


@action
def take_in(
    *,
    actor: Actor,
    official_account: OfficialAccount,
    messages: Sequence[RawMessage],
    source: str,
    connector: Connector,
    position: str | None = None,
    lease_until: datetime | None = None,
) -> TakenIn:
    """Whatever is new or changed in a page stands in the queue; seen again, nothing happens.

    source: "poll", "sweep" or "again" (a message that had been set aside).
    position: where the next poll goes on; moved with the rows, and only while `lease_until` is
    still the lease of the official account's ingest source (a slow poller moves nothing back).
    What was disposed of is not taken in again (comment.suppressed).
    Raises nothing for a bad message: it is set aside, tried again, and left to a person after
    three tries. Audits comments.ingested with the ids where anything changed, and
    comment.edited_upstream, comment.removed_upstream, comment.quarantined.
    """
    ingest_source = _locked_source(official_account)
    messages = _not_disposed_of(actor, official_account, messages)
    page = _Page(actor, official_account, connector, source, messages)
    page.take_all()
    if position is not None and ingest_source.lease_until == lease_until:
        ingest_source.position = storable.text(position, at_most=300)
        ingest_source.save(update_fields=["position"])
    if page.taken.all:
        record(
            actor=actor,
            event="comments.ingested",
            subject=official_account,
            subject_name=official_account.name,
            official_account_id=official_account.pk,
            shown_ids=page.taken.all,
            details={
                "source": source,
                "new": len(page.taken.new),
                "edited": len(page.taken.edited),
                "removed": len(page.taken.removed),
                "changed": len(page.taken.changed),
            },
        )
    return page.taken


def take_in_again(*, actor: Actor, official_account: OfficialAccount, connector: Connector) -> TakenIn:
    """Messages that were set aside are tried again, up to three times each in all."""
    waiting = Quarantined.objects.filter(
        official_account=official_account, settled_at=None, tries__lt=pace.TRIES_OF_UNREADABLE
    ).order_by("id")[:50]
    messages = [RawMessage(external_id=row.external_id, payload=row.payload) for row in waiting]
    if not messages:
        return TakenIn()
    return take_in(
        actor=actor,
        official_account=official_account,
        messages=messages,
        source="again",
        connector=connector,
    )


def _locked_source(official_account: OfficialAccount) -> IngestSource:
    """One page at a time per official account, and per platform: two official accounts may meet the
    same commenter or the same comment, and inserting them in different orders would deadlock."""
    now = clock.now()
    IngestSource.objects.get_or_create(
        official_account=official_account, defaults={"next_poll_at": now, "next_sweep_at": now}
    )
    locked = IngestSource.objects.select_for_update().get(official_account=official_account)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, %s)",
            [_INGEST_LOCK, zlib.crc32(official_account.platform.encode()) & 0x7FFFFFFF],
        )
    return locked


def _not_disposed_of(
    actor: Actor, official_account: OfficialAccount, messages: Sequence[RawMessage]
) -> Sequence[RawMessage]:
    """Without what was disposed of and the platform offers again: not even its raw payload is kept."""
    ids = {message.external_id: storable.text(message.external_id, at_most=300) for message in messages}
    gone = suppressed(official_account.platform, set(ids.values()))
    if not gone:
        return messages
    record(
        actor=actor,
        event="comment.suppressed",
        subject=official_account,
        subject_name=official_account.name,
        official_account_id=official_account.pk,
        details={"count": len(gone)},
    )
    return [message for message in messages if ids[message.external_id] not in gone]


_INGEST_LOCK = 77_001


class _Page:
    """One page on its way in, with what is known of its messages read at once."""

    def __init__(
        self,
        actor: Actor,
        official_account: OfficialAccount,
        connector: Connector,
        source: str,
        messages: Sequence[RawMessage],
    ) -> None:
        self.actor = actor
        self.account = official_account
        self.connector = connector
        self.source = source
        self.now = clock.now()
        self.taken = TakenIn()
        self.off = switched_off.off()
        self.places = gazetteer()
        self.commenters: dict[str, Commenter] = {}
        self.conversations: dict[str, Conversation] = {}
        self.arrivals = [arrival(message) for message in messages]
        self.raws: dict[str, list[tuple[int, str]]] = {}
        for pk, external_id, digest in (
            RawPayload.objects.filter(
                official_account_id=official_account.pk,
                external_id__in={one.external_id for one in self.arrivals},
            )
            .order_by("id")
            .values_list("id", "external_id", "digest")
        ):
            self.raws.setdefault(external_id, []).append((pk, digest))
        self.aside = {
            row.digest: row
            for row in Quarantined.objects.filter(
                official_account=official_account, digest__in={one.digest for one in self.arrivals}
            )
        }
        self.batch = Batch(official_account, source, self.now)
        self.held: set[str] = set()
        """External ids of comments that stand, or stood when this page was begun or met them."""
        self.tops: set[str] = set()
        """Those of this page that something took for the top of its thread."""
        self.parents: dict[str, str] = {}
        """Comments that something in this page answers, and the tops of their threads."""
        self.parents_moved = False

    def take_all(self) -> None:
        """Every message in its order; new comments that nothing stands in the way of are written together."""
        if self.source == "again":
            for one in self.arrivals:
                self.take(one)
            return
        self._read_all()
        for one in self.arrivals:
            if one.known and one.external_id not in self.batch.ids:
                continue
            if not self._joins_batch(one):
                self._write_batch()
                self.take(one)
        self._write_batch()

    def _read_all(self) -> None:
        """What the connector reads in each, and what we hold of those comments, in three queries."""
        ids, parents = set(), set()
        for one in self.arrivals:
            known = self.raws.get(one.external_id, [])
            one.known = bool(known) and known[-1][1] == one.digest and not self._waits(one.digest)
            if one.known:
                continue
            try:
                one.incoming = self.connector.read(one.message)
            except Exception as fault:
                one.fault = fault
            if one.incoming is not None and isinstance(one.incoming.external_id, str):
                ids.add(storable.text(one.incoming.external_id))
                if one.incoming.parent_external_id and not one.incoming.root_external_id:
                    parents.add(storable.text(one.incoming.parent_external_id))
        if not ids:
            return
        comments = Comment.objects.filter(platform=self.account.platform, external_id__in=ids)
        self.held.update(comments.values_list("external_id", flat=True))
        self.tops.update(
            Conversation.objects.filter(official_account=self.account, root_external_id__in=ids).values_list(
                "root_external_id", flat=True
            )
        )
        if parents:
            self.parents.update(
                Comment.objects.filter(
                    platform=self.account.platform,
                    external_id__in=parents,
                    conversation__official_account=self.account,
                ).values_list("external_id", "conversation__root_external_id")
            )

    def _joins_batch(self, one: Arrival) -> bool:
        """Whether it is a comment that we never met, or none at all, so that nothing but new rows comes of it."""
        incoming = one.incoming
        if (
            one.known
            or one.fault is not None
            or one.digest in self.aside
            or one.external_id in self.batch.ids
            or one.external_id in self.raws
        ):
            return False
        if incoming is None:
            self.batch.add(one)
            return True
        if incoming.deleted or incoming.external_id != one.external_id or one.external_id in self.held:
            return False
        asks_parent = bool(incoming.parent_external_id) and not incoming.root_external_id
        if asks_parent and self.parents_moved:
            return False
        try:
            identifier(one.external_id)
            author(incoming)
            root = root_of(incoming, one.external_id, self._root_in_page)
            adopts = one.external_id in self.tops or one.external_id in self.batch.roots.values()
            if adopts and root != one.external_id:
                return False
            one.comment = new_comment(
                self.account, incoming, one.external_id, self.now, self.places, self.off
            )
        except Exception:  # it is taken by itself, and set aside there with the reason
            return False
        self.batch.add(one, root)
        return True

    def _root_in_page(self, parent: str) -> str | None:
        return self.batch.roots.get(parent) or self.parents.get(parent)

    def _write_batch(self) -> None:
        batch, self.batch = self.batch, Batch(self.account, self.source, self.now)
        if not batch.arrivals:
            return
        before = self.taken.sizes
        try:
            with transaction.atomic():
                new, raws = batch.write(self.commenters, self.conversations)
        except (OperationalError, InterfaceError):
            raise
        except Exception as fault:
            _log.warning(
                "%s messages from official account %s are taken one by one: %s",
                len(batch.arrivals),
                self.account.pk,
                type(fault).__name__,
            )
            self._forget(before)
            for one in batch.arrivals:
                self.take(one)
            return
        self.taken.new.extend(new)
        self.taken.ours.extend(batch.ours)
        self.held.update(batch.roots)
        self.tops.update(batch.roots.values())
        self.parents.update(batch.roots)
        for external_id, pk, digest in raws:
            self.raws.setdefault(external_id, []).append((pk, digest))

    def take(self, one: Arrival) -> None:
        """Keep the raw payload, then read it; what cannot be read is set aside."""
        message, external_id, digest, payload = one.message, one.external_id, one.digest, one.payload
        known = self.raws.setdefault(external_id, [])
        if self.source == "again":
            row = Quarantined.objects.filter(
                official_account=self.account, external_id=external_id, payload=payload, settled_at=None
            ).first()
            if row is None:
                return
            raw_id, digest = row.raw_payload_id, row.digest
        elif known and known[-1][1] == digest and not self._waits(digest):
            return  # the newest that we hold of it, read already
        else:
            row = self.aside.get(digest)
            raw_id = next((pk for pk, kept in known if kept == digest), None) or self._keep(
                external_id, digest, payload
            )
        if row is not None and row.settled_at is None and row.tries >= pace.TRIES_OF_UNREADABLE:
            return
        before = self.taken.sizes
        try:
            with transaction.atomic():
                if one.fault is not None:
                    raise one.fault
                incoming = one.incoming or self.connector.read(message)
                if incoming is not None:
                    self._store(incoming, raw_id)
        except (OperationalError, InterfaceError):
            raise  # the database is the trouble, not the message: nothing of this page stands
        except Exception as fault:
            self._forget(before)
            self._set_aside(row, external_id, digest, payload, raw_id, fault)
        else:
            if row is not None and row.settled_at is None:
                row.settled_at = self.now
                row.save(update_fields=["settled_at"])

    def _keep(self, external_id: str, digest: str, payload: object) -> int:
        raw = RawPayload(
            received_at=self.now,
            official_account_id=self.account.pk,
            source=self.source[:10],
            external_id=external_id,
            digest=digest,
            payload=payload,
        )
        raw.save(force_insert=True)
        self.raws[external_id].append((raw.pk, digest))
        return raw.pk

    # What cannot be read

    def _waits(self, digest: str) -> bool:
        row = self.aside.get(digest)
        return row is not None and row.settled_at is None

    def _forget(self, before: list[int]) -> None:
        """The savepoint is gone, and with it whatever the message had made."""
        self.commenters.clear()
        self.conversations.clear()
        for ids, size in zip(self.taken.lists, before, strict=True):
            del ids[size:]

    def _set_aside(
        self,
        row: Quarantined | None,
        external_id: str,
        digest: str,
        payload: object,
        raw_id: int,
        fault: Exception,
    ) -> None:
        kind = type(fault).__name__
        _log.warning("a message from official account %s could not be read: %s", self.account.pk, kind)
        words = f"{kind}: {fault}" if isinstance(fault, ValueError) else kind
        self.taken.set_aside += 1
        if row is not None:
            row.tries += 1
            row.fault = storable.text(words, at_most=200)
            row.settled_at = None
            row.save(update_fields=["tries", "fault", "settled_at"])
            return
        row = Quarantined(
            official_account=self.account,
            raw_payload_id=raw_id,
            external_id=external_id,
            digest=digest,
            payload=payload,
            fault=storable.text(words, at_most=200),
            first_at=self.now,
        )
        row.save(force_insert=True)
        self.aside[digest] = row
        record(
            actor=self.actor,
            event="comment.quarantined",
            subject=row,
            subject_name=self.account.name,
            official_account_id=self.account.pk,
            details={"fault": kind},
        )

    # What can

    def _store(self, incoming: IncomingComment, raw_id: int) -> None:
        external_id = identifier(incoming.external_id)
        comment = (
            Comment.objects.select_for_update()
            .filter(platform=self.account.platform, external_id=external_id)
            .first()
        )
        if comment is None:
            if not incoming.deleted:
                self._new(incoming, external_id, raw_id)
            return  # never seen and gone: the raw payload says so, there are no words to keep
        if comment.state == Comment.State.RESTRICTED:
            return  # nothing changes it; the raw payload tells what the platform said
        if incoming.deleted:
            self._removed(comment, incoming)
            return
        self._edited(comment, incoming, raw_id)
        self._hidden(comment, incoming)
        if incoming.attachments:
            attachments.note_again(comment=comment, incoming=incoming.attachments)

    def _new(self, incoming: IncomingComment, external_id: str, raw_id: int) -> None:
        commenter = self._commenter(incoming)
        comment = new_comment(self.account, incoming, external_id, self.now, self.places, self.off)
        comment.commenter = commenter
        comment.conversation = self._conversation(incoming, external_id, comment.posted_at)
        removed_by = self._deleted_before(external_id, raw_id)
        if removed_by is not None:
            comment.removed_at, comment.removed_by = self.now, removed_by
        comment.save(force_insert=True)
        Revision(comment=comment, number=1, text=comment.text, seen_at=self.now, raw_payload_id=raw_id).save(
            force_insert=True
        )
        if incoming.attachments:
            Attachment.objects.bulk_create(attachments.of(comment, incoming.attachments))
        tombstones.settle_new(actor=self.actor, comment=comment)
        self.held.add(external_id)
        self.tops.add(comment.conversation.root_external_id)
        self.parents[external_id] = comment.conversation.root_external_id
        self._adopt(comment)
        self.taken.new.append(comment.pk)
        if comment.state == Comment.State.OURS:
            self.taken.ours.append(comment.pk)

    def _edited(self, comment: Comment, incoming: IncomingComment, raw_id: int) -> None:
        text = storable.comment_text(incoming.text)
        if text == comment.text or self._older(comment, incoming):
            return
        comment.text = text
        comment.revision_number += 1
        revision = Revision(
            comment=comment,
            number=comment.revision_number,
            text=text,
            seen_at=self.now,
            raw_payload_id=raw_id,
        )
        revision.save(force_insert=True)
        reopened = comment.state == Comment.State.DECIDED
        if reopened:
            comment.state = DESK.next(comment.state, "reopen")
            comment.decided_at = None
            comment.answer_by = None
            Decision(
                comment=comment,
                revision=revision,
                kind=Decision.Kind.REOPEN,
                why="The author changed the words after the decision",
                by_name=self.actor.actor_name,
                at=self.now,
            ).save(force_insert=True)
        if comment.state != Comment.State.OURS:
            apply(comment, self._judged(text, comment.private), self.now)
            comment.skipped_by_all_at = None
            comment.named_places = self.places.named_in(text)
        comment.save()
        record(
            actor=self.actor,
            event="comment.edited_upstream",
            subject=comment,
            subject_name=self.account.name,
            official_account_id=comment.official_account_id,
            details={"revision": comment.revision_number, "reopened": reopened},
        )
        self.taken.edited.append(comment.pk)

    def _older(self, comment: Comment, incoming: IncomingComment) -> bool:
        """Whether these words stood before the ones that we hold, by the platform's own times."""
        present = comment.revisions.filter(number=comment.revision_number).first()
        raw = (
            RawPayload.objects.filter(pk=present.raw_payload_id).first()
            if present is not None and present.raw_payload_id
            else None
        )
        held = self._edited_at(raw) if raw is not None else None
        offered = incoming.edited_at
        if held is None:
            return offered is None and raw is None and comment.revision_number > 1
        return offered is None or storable.aware(offered) < held

    def _edited_at(self, raw: RawPayload) -> datetime | None:
        try:
            read = self.connector.read(RawMessage(external_id=raw.external_id, payload=raw.payload))
        except Exception:  # a payload of an older connector; its time is simply not known any more
            return None
        return None if read is None or read.edited_at is None else storable.aware(read.edited_at)

    def _deleted_before(self, external_id: str, raw_id: int) -> str | None:
        """Who deleted it, where the deletion overtook its comment: the words are kept and marked as gone."""
        others = [pk for pk, _ in self.raws.get(external_id, ()) if pk != raw_id]
        for raw in RawPayload.objects.filter(pk__in=others):
            try:
                read = self.connector.read(RawMessage(external_id=raw.external_id, payload=raw.payload))
            except Exception:  # it stands in quarantine already; here only a deletion counts
                _log.info("an earlier payload of a comment could not be read")
                continue
            if read is not None and read.deleted:
                return read.removed_by if read.removed_by in ("author", "platform") else ""
        return None

    def _removed(self, comment: Comment, incoming: IncomingComment) -> None:
        if comment.removed_at is not None:
            return
        tombstones.mark(actor=self.actor, comment=comment, said=incoming.removed_by)
        self.taken.removed.append(comment.pk)

    def _hidden(self, comment: Comment, incoming: IncomingComment) -> None:
        """Whether the public sees it, and where not, whether the platform itself holds it back.

        Platforms say the same of what we hid and of what their filter holds: what we hid is ours.
        """
        held = storable.text(incoming.held, at_most=40)
        if held and not comment.held_why and queries.hidden_by_us(comment):
            held = ""
        hidden = incoming.hidden or bool(held)
        if hidden == (comment.hidden_at is not None) and held == comment.held_why:
            return
        if hidden != (comment.hidden_at is not None):
            comment.hidden_at = self.now if hidden else None
        comment.held_why = held
        comment.save(update_fields=["hidden_at", "held_why"])
        if comment.pk not in self.taken.edited:
            self.taken.changed.append(comment.pk)

    def _judged(self, text: str, private: bool) -> Verdict:
        return switched_off.heard(judge(text, private=private, account_name=self.account.name), self.off)

    # Who, and where in the thread

    def _commenter(self, incoming: IncomingComment) -> Commenter:
        external_id, handle, name = author(incoming)
        commenter = self.commenters.get(external_id)
        if commenter is None:
            commenter, _ = Commenter.objects.get_or_create(
                platform=self.account.platform,
                external_id=external_id,
                defaults={"handle": handle, "name": name, "first_seen_at": self.now},
            )
            self.commenters[external_id] = commenter
        if (commenter.handle, commenter.name) != (handle, name):
            commenter.handle, commenter.name = handle, name
            commenter.save(update_fields=["handle", "name"])
        return commenter

    def _conversation(self, incoming: IncomingComment, external_id: str, posted_at: datetime) -> Conversation:
        root = self._root(incoming, external_id)
        conversation = self.conversations.get(root)
        if conversation is None:
            conversation, _ = Conversation.objects.get_or_create(
                official_account=self.account,
                root_external_id=root,
                defaults={"private": incoming.private},
            )
            self.conversations[root] = conversation
        if conversation.last_comment_at is None or conversation.last_comment_at < posted_at:
            conversation.last_comment_at = posted_at
            conversation.save(update_fields=["last_comment_at"])
        return conversation

    def _root(self, incoming: IncomingComment, external_id: str) -> str:
        return root_of(incoming, external_id, self._root_of_parent)

    def _root_of_parent(self, parent_external_id: str) -> str | None:
        return (
            Comment.objects.filter(
                platform=self.account.platform,
                external_id=parent_external_id,
                conversation__official_account=self.account,
            )
            .values_list("conversation__root_external_id", flat=True)
            .first()
        )

    def _adopt(self, comment: Comment) -> None:
        """Replies that came before this comment and took it for the top now join its thread."""
        orphans = Comment.objects.filter(
            conversation__official_account=self.account,
            conversation__root_external_id=comment.external_id,
        ).exclude(conversation_id=comment.conversation_id)
        ids = list(orphans.values_list("id", flat=True))
        if ids:
            Comment.objects.filter(pk__in=ids).update(conversation=comment.conversation_id)
            self.parents_moved = True
            self.taken.changed.extend(pk for pk in ids if pk not in self.taken.all)
