"""Sealing the trail, changing the key that seals it, and noting how far the checkpoints have travelled.

One sealer at a time, by an advisory lock; how many processes try does not matter. Entries are never
touched: their place in the sealed order is a row of its own.
Source: ../../docs/decisions/0016-seals.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from audit.actions import record
from audit.models import Entry, Manifest, Place, SealKey, Segment, Sink
from audit.seal import tree
from audit.seal.keys import Signer
from audit.verifier import Key, Restore, checkpoint_text, tree_root, written
from audit.verifier import Segment as Sealed
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid

LOCK = 0x5345_414C
"""Advisory lock key ("SEAL" in ASCII)."""
MOST = 1000
"""Entries of one segment."""
HEARTBEAT = timedelta(seconds=45)
"""After so much silence a segment without entries is made: less than a minute, with time to spare."""
SWEPT_AFTER = timedelta(days=90)
"""How long manifests are kept here (class `manifest` of the schedule); the database refuses less than 60 days."""
LEASE = timedelta(seconds=60)
"""How long one delivery to a sink may take before somebody else tries."""
LONGEST_WAIT = timedelta(seconds=60)
"""Between two tries of a sink that does not answer."""

_Row = tuple[int, datetime, bytes, int]
"""An entry's id, time, leaf hash and transaction."""


@action
def seal(*, actor: Actor, signer: Signer) -> Segment | None:
    """The entries that have come to rest are sealed, MOST at a time; or silence is, after HEARTBEAT.

    An entry has come to rest when every transaction as old as its own has ended: numbers are given out
    before transactions end, so whoever follows numbers passes late ones by. Answers None where another
    sealer is at work or there is nothing to seal yet. Raises NotValid for a key that is not the present one.
    Not audited: an entry about it would want a seal itself.
    """
    if not _alone(wait=False):
        return None
    last = _last()
    rows, horizon = _at_rest(last)
    if not rows and last is not None and clock.now() - last.sealed_at < HEARTBEAT:
        return None
    _check_key(signer)
    return _append(last, rows, horizon, [signer])


@action
def begin(*, actor: Actor, signer: Signer) -> SealKey:
    """The first key of the trail begins. Done once; a second call answers the key that is there.

    Audits seal.key_began.
    """
    _alone(wait=True)
    if (present := present_key()) is not None:
        return present
    begun = SealKey(from_segment=0, key=signer.key.text, began_at=clock.now())
    begun.save(force_insert=True)
    record(actor=actor, event="seal.key_began", subject_name=signer.id, details={"key": signer.key.text})
    return begun


@action
def change_key(*, actor: Actor, before: Signer | None, after: Signer) -> SealKey:
    """Another key seals from the next segment on; the last checkpoint of the old one says so, signed by both.

    before: the present key; None where it is lost, so that nobody vouches for the change and whoever
    verifies must be told both keys. Raises NotValid where `before` is not the present key, or `after` has
    sealed already. Audits seal.key_changed or seal.key_lost.
    """
    _alone(wait=True)
    present = present_key()
    if present is None:
        raise NotValid("The trail has no key yet: the sealer begins with the one that is in the folder.")
    if SealKey.objects.filter(key=after.key.text).exists():
        raise NotValid(f"The key {after.id} has sealed already. Make a new one.")
    if before is not None:
        _check_key(before)
        last = _last()
        rows, horizon = _at_rest(last)
        segment = _append(last, rows, horizon, [before, after], next_key=after.key)
        start, introduced_by = segment.number + 1, segment.checkpoint
    else:
        last = _last()
        start, introduced_by = last.number + 1 if last else 0, ""
    if start <= present.from_segment:
        raise NotValid("The present key has not sealed anything yet, so it cannot be changed.")
    changed = SealKey(
        from_segment=start, key=after.key.text, introduced_by=introduced_by, began_at=clock.now()
    )
    changed.save(force_insert=True)
    record(
        actor=actor,
        event="seal.key_changed" if before is not None else "seal.key_lost",
        subject_name=after.id,
        details={"before": Key.read(present.key).id.hex(), "key": after.key.text, "from_segment": start},
    )
    return changed


@action
def record_restore(*, actor: Actor, person: Any, by: str, reason: str, gap: Mapping[str, Any]) -> Entry:
    """A named person answers for it that a backup was restored and what came after it is lost.

    gap: what a verification found (audit.verifier.Report.gap). by: who was signed in to the machine. It accounts
    for nothing until `seal_restore` has put it under a signature. Raises NotPermitted where the person does not
    read the whole trail, NotValid without a reason. Audits audit.restored.
    """
    if not person.is_active or not person.has_perm("accounts.see_audit"):
        raise NotPermitted(
            "Name somebody of information security: whoever answers for this reads the whole trail."
        )
    reason = " ".join(reason.split())
    if not 10 <= len(reason) <= 600:
        raise NotValid(
            "Say in 10 to 600 characters why a backup was restored, and which one.", field="reason"
        )
    if gap["agreed"] < 1:
        raise NotValid("The trail shares no segment with these checkpoints, so it is no backup of theirs.")
    before = Segment.objects.get(number=gap["agreed"] - 1)
    return record(
        actor=actor,
        event="audit.restored",
        subject=person,
        subject_name=str(person),
        reason=reason,
        details={
            "person": str(person),
            "by": by,
            "agreed": gap["agreed"],
            "known": gap["known"],
            "entries": max(0, gap["entries_known"] - before.first_position - before.count),
            "lost_from": written(before.sealed_at),
            "lost_to": gap["lost_to"],
        },
    )


@action
def seal_restore(*, actor: Actor, signer: Signer, entry: Entry, gap: Mapping[str, Any]) -> Segment | None:
    """A checkpoint of the trail says what was lost, signed like any other, and leaves for the sinks.

    None while the entry waits for its own seal: seal, and call again. Raises NotValid for a key that is not the
    present one.
    """
    _alone(wait=True)
    if not Place.objects.filter(entry_id=entry.pk).exists():
        return None
    _check_key(signer)
    last = _last()
    rows, horizon = _at_rest(last)
    leaf_hash = Entry.objects.values_list("leaf_hash", flat=True).get(pk=entry.pk, at=entry.at)
    restore = Restore(
        gap["agreed"], gap["known"], bytes.fromhex(gap["head"]), entry.pk, bytes(leaf_hash or b"")
    )
    return _append(last, rows, horizon, [signer], restore=restore)


@action
def sweep_manifests(*, actor: Actor) -> int:
    """What stands behind entries that have long left for the sinks is gone. Answers how many. Audits manifests.swept.

    No backup is kept for so long: whatever is restored gets what it needs from the sinks.
    """
    gone, _ = Manifest.objects.filter(at__lt=clock.now() - SWEPT_AFTER).delete()
    if gone:
        record(actor=actor, event="manifests.swept", details={"count": gone})
    return gone


def present_key() -> SealKey | None:
    """The key that seals now."""
    return SealKey.objects.order_by("-from_segment").first()


def _alone(*, wait: bool) -> bool:
    """Hold the sealer's lock until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_{'' if wait else 'try_'}advisory_xact_lock(%s)", [LOCK])
        return wait or bool(cursor.fetchone()[0])


def _last() -> Segment | None:
    return Segment.objects.order_by("-number").first()


def _check_key(signer: Signer) -> None:
    present = present_key()
    if present is None or present.key != signer.key.text:
        raise NotValid(f"The key {signer.id} is not the one that seals the trail now.")


def _at_rest(last: Segment | None) -> tuple[list[_Row], tuple[int, int]]:
    """What is to be sealed next, in the order of transactions; and where the search after that begins."""
    after = (last.horizon, last.horizon_entry) if last else (0, -1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint FROM pg_current_snapshot() s"
        )
        oldest_open, next_one = cursor.fetchone()
        if after[0] > next_one:
            return _from_elsewhere(cursor, oldest_open, next_one, after)
        while True:
            cursor.execute(
                "SELECT id, at, leaf_hash, transaction_id::text::bigint FROM audit_entry "
                "WHERE (transaction_id, id) > (%s::text::xid8, %s) AND transaction_id < %s::text::xid8 "
                "ORDER BY transaction_id, id LIMIT %s",
                [after[0], after[1], oldest_open, MOST],
            )
            rows = [(pk, at, bytes(leaf_hash), xid) for pk, at, leaf_hash, xid in cursor.fetchall()]
            full = len(rows) == MOST
            after = (rows[-1][3], rows[-1][0]) if full else (max(oldest_open, after[0]), -1)
            if rows := _without_place(rows):
                return rows, after
            if not full:
                return [], after


def _from_elsewhere(
    cursor, oldest_open: int, next_one: int, after: tuple[int, int]
) -> tuple[list[_Row], tuple[int, int]]:
    """After a restore into a new server, transactions count from the beginning again: look at every entry.

    Whatever belongs to no open transaction of this server and has no place yet is at rest.
    """
    cursor.execute(
        "SELECT id, at, leaf_hash, transaction_id::text::bigint FROM audit_entry e "
        "WHERE (transaction_id < %s::text::xid8 OR transaction_id >= %s::text::xid8) AND NOT EXISTS "
        "(SELECT FROM audit_place p WHERE p.entry_id = e.id AND p.entry_at = e.at) "
        "ORDER BY at, id LIMIT %s",
        [oldest_open, next_one, MOST],
    )
    rows = [(pk, at, bytes(leaf_hash), xid) for pk, at, leaf_hash, xid in cursor.fetchall()]
    return rows, after if len(rows) == MOST else (oldest_open, -1)


def _without_place(rows: list[_Row]) -> list[_Row]:
    placed = set(
        Place.objects.filter(entry_id__in=[row[0] for row in rows]).values_list("entry_id", "entry_at")
    )
    return [row for row in rows if (row[0], row[1]) not in placed]


def _append(
    last: Segment | None,
    rows: Sequence[_Row],
    horizon: tuple[int, int],
    signers: Sequence[Signer],
    *,
    next_key: Key | None = None,
    restore: Restore | None = None,
) -> Segment:
    """The next segment, with the places of its entries and its checkpoint."""
    number = last.number + 1 if last else 0
    first = last.first_position + last.count if last else 0
    at = max(clock.now(), last.sealed_at) if last else clock.now()
    grown = tree.frontier(number)
    sealed = Sealed(
        number=number,
        first=first,
        count=len(rows),
        root=tree_root([row[2] for row in rows]),
        previous_head=grown.root(),
        head=b"",
        sealed_at=written(at),
    )
    subtrees = grown.append(sealed.leaf)
    text = checkpoint_text(
        origin=signers[0].key.name,
        size=number + 1,
        head=grown.root(),
        entries=sealed.entries,
        sealed_at=sealed.sealed_at,
        next_key=next_key,
        restore=restore,
    )
    _place(first, rows)
    segment = Segment(
        number=number,
        first_position=first,
        count=len(rows),
        root=sealed.root,
        previous_head=sealed.previous_head,
        head=grown.root(),
        sealed_at=at,
        checkpoint=text + "\n" + "".join(signer.line(text) for signer in signers),
        key_id=signers[0].id,
        subtrees=b"".join(subtrees),
        horizon=horizon[0],
        horizon_entry=horizon[1],
    )
    segment.save(force_insert=True)
    return segment


def _place(first: int, rows: Sequence[_Row]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_place (position, entry_id, entry_at, leaf_hash) "
            "SELECT p, i, a, decode(h, 'hex') FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[]) "
            "AS given (p, i, a, h)",
            [
                list(range(first, first + len(rows))),
                [row[0] for row in rows],
                [row[1] for row in rows],
                [row[2].hex() for row in rows],
            ],
        )


# How far the checkpoints have travelled


@action
def lease_sink(*, actor: Actor, name: str) -> Sink | None:
    """The sink is ours to deliver to for LEASE; None while somebody else is at it or it rests after a fault."""
    Sink.objects.bulk_create([Sink(name=name)], ignore_conflicts=True)
    sink = Sink.objects.select_for_update().get(name=name)
    if sink.leased_until is not None and sink.leased_until > clock.now():
        return None
    sink.leased_until = clock.now() + LEASE
    sink.save(update_fields=["leased_until"])
    return sink


@action
def note_arrived(*, actor: Actor, name: str, delivered: int, sealed_at: datetime) -> None:
    """Checkpoints up to this one arrived. Never goes back. Audits seal.sink_recovered after a fault."""
    sink = Sink.objects.select_for_update().get(name=name)
    recovered = sink.failing_since is not None
    if delivered > sink.delivered:
        sink.delivered, sink.sealed_at, sink.arrived_at = delivered, sealed_at, clock.now()
    sink.leased_until = sink.failing_since = None
    sink.failures, sink.fault = 0, ""
    sink.save()
    if recovered:
        record(actor=actor, event="seal.sink_recovered", subject_name=name)


@action
def note_fault(*, actor: Actor, name: str, fault: str) -> None:
    """The sink could not be reached: it rests, longer each time, and is tried again. Audits seal.sink_failed, once."""
    sink = Sink.objects.select_for_update().get(name=name)
    first = sink.failing_since is None
    sink.failing_since = sink.failing_since or clock.now()
    sink.failures += 1
    sink.fault = fault[:200]
    sink.leased_until = clock.now() + min(LONGEST_WAIT, timedelta(seconds=2 ** min(sink.failures, 6)))
    sink.save()
    if first:
        record(actor=actor, event="seal.sink_failed", subject_name=name, details={"fault": sink.fault})
