"""The end of the trail comes back from the sinks after a restore, exactly as it was sealed.

Nothing is written anew: entries go in under their own numbers and instants, and each must make the very hash that was
sealed; segments go in with their own checkpoints, each of which must be signed by the key of its time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from audit.leaf import PLAIN
from audit.models import Manifest, Place, SealKey, Segment
from audit.seal.journal import Page
from audit.verifier import Checkpoint, Key, leaf, moment
from core.errors import NotValid

AT_ONCE = 100
"""Segments of one transaction."""


@dataclass(frozen=True)
class Back:
    """What was brought back."""

    segments: int
    entries: int
    size: int
    """How many segments the trail has now."""


def chain(found: Mapping[int, list[Page]], size: int, head: bytes) -> list[Page]:
    """The pages that follow a trail of `size` segments, one after the other, as far as they go.

    Where a restore lies between them there are two that follow the same segment: the one that was grown last counts.
    """
    ends: dict[tuple[int, bytes], str] = {}
    for number in sorted(found, reverse=True):
        for page in found[number]:
            beyond = [ends[number + 1, page.segment.head]] if (number + 1, page.segment.head) in ends else []
            end = max([page.segment.sealed_at, *beyond])
            place = (number, page.segment.previous_head)
            ends[place] = max(end, ends.get(place, ""))
    made: list[Page] = []
    while candidates := [page for page in found.get(size, ()) if page.segment.previous_head == head]:
        page = max(
            candidates,
            key=lambda one: max(one.segment.sealed_at, ends.get((size + 1, one.segment.head), "")),
        )
        made.append(page)
        size, head = size + 1, page.segment.head
    return made


def bring_back(found: Mapping[int, list[Page]]) -> tuple[Back, list[Page]]:
    """The end of the trail as the journal knows it stands again; answers what came and its pages, in order.

    Run as the owner, while nobody else writes. Raises NotValid where an entry or a signature is not what was sealed.
    """
    last = Segment.objects.order_by("-number").first()
    size, head = (last.number + 1, bytes(last.head)) if last else (0, b"")
    if not last:
        first = found.get(0, [])
        head = first[0].segment.previous_head if first else b""
    pages = chain(found, size, head)
    for begin in range(0, len(pages), AT_ONCE):
        with transaction.atomic():
            for page in pages[begin : begin + AT_ONCE]:
                _put_back(page)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('audit_entry', 'id'), greatest(max(id), 1)) FROM audit_entry"
        )
    entries = sum(page.segment.count for page in pages)
    return Back(len(pages), entries, size + len(pages)), pages


def _put_back(page: Page) -> None:
    for row in page.keys:
        SealKey.objects.get_or_create(
            from_segment=row["from_segment"],
            defaults={
                "key": row["key"],
                "introduced_by": row["introduced_by"],
                "began_at": moment(row["began_at"]),
            },
        )
    number = page.segment.number
    key = SealKey.objects.filter(from_segment__lte=number).order_by("-from_segment").first()
    if key is None or not Key.read(key.key).signed(Checkpoint.read(page.checkpoint)):
        raise NotValid(
            f"The journal's segment {number} is not signed by the key of its time, so it is not brought back. "
            "Somebody may have put it there: keep the sinks as they are, and call information security."
        )
    _entries(page)
    Segment(
        number=number,
        first_position=page.segment.first,
        count=page.segment.count,
        root=page.segment.root,
        previous_head=page.segment.previous_head,
        head=page.segment.head,
        sealed_at=moment(page.segment.sealed_at),
        checkpoint=page.checkpoint,
        key_id=page.key_id,
        subtrees=page.subtrees,
        horizon=page.horizon[0],
        horizon_entry=page.horizon[1],
    ).save(force_insert=True)


_COLUMNS = (*PLAIN, "source_address")
_INSERT = f"""
INSERT INTO audit_entry (id, at, shown_ids, details, {", ".join(_COLUMNS)})
SELECT r.id, (given ->> 'at')::timestamp AT TIME ZONE 'UTC',
       ARRAY(SELECT jsonb_array_elements_text(given -> 'shown_ids')::bigint), given -> 'details',
       {", ".join(f"r.{name}" for name in _COLUMNS)}
FROM unnest(%s::jsonb[]) AS given, jsonb_populate_record(NULL::audit_entry, given - 'at' - 'shown_ids' - 'details') r
WHERE NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.id = r.id
                  AND e.at = (given ->> 'at')::timestamp AT TIME ZONE 'UTC')
"""  # noqa: S608 # nosec B608 - the names of our own columns


def _entries(page: Page) -> None:
    """Those that the backup lacks, each under its own number; then the places of all."""
    if not page.entries:
        return
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [[content for _, _, content in page.entries]])
    rows = [(position, *_of(content), version, content) for position, version, content in page.entries]
    stored = _stored(pk for _, pk, *_ in rows)
    for position, pk, at, version, content in rows:
        if stored.get((pk, at)) != leaf(bytes([version]) + content.encode()):
            raise NotValid(
                f"Entry {pk} at position {position} cannot be brought back as it was sealed. Bring the platform to the "
                "release that wrote it, and repeat the command."
            )
    Place.objects.bulk_create(
        Place(position=position, entry_id=pk, entry_at=at, leaf_hash=stored[pk, at])
        for position, pk, at, _, _ in rows
    )
    Manifest.objects.bulk_create(
        [
            Manifest(entry_id=pk, content=page.manifests[pk], at=at)
            for _, pk, at, _, _ in rows
            if pk in page.manifests
        ],
        ignore_conflicts=True,
    )


def _of(content: str) -> tuple[int, datetime]:
    """Number and instant of an entry in its canonical form."""
    given = fields(content)
    return given["id"], moment(given["at"] + "Z")


def fields(content: str) -> dict[str, Any]:
    """What an entry says, from its canonical form."""
    return json.loads(content)


def _stored(numbers: Iterable[int]) -> dict[tuple[int, datetime], bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, at, leaf_hash FROM audit_entry WHERE id = ANY(%s)", [list(numbers)])
        return {(pk, at): bytes(leaf_hash) for pk, at, leaf_hash in cursor.fetchall()}


def told_by(pages: Iterable[Page]) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Each entry of these pages in the sealed order, with the manifest that stands behind it.

    A manifest that is not the one whose digest is sealed in its entry is refused: NotValid.
    """
    for page in pages:
        for _, _, content in page.entries:
            entry = fields(content)
            text = page.manifests.get(entry["id"])
            wanted = entry["details"].get("manifest") if isinstance(entry["details"], dict) else None
            if text is None or wanted is None:
                yield entry, None
                continue
            if hashlib.sha256(text.encode()).hexdigest() != wanted:
                raise NotValid(
                    f"The manifest of entry {entry['id']} is not the one that was sealed, so nothing is done by it. "
                    "Keep the sinks as they are, and call information security."
                )
            yield entry, json.loads(text)
