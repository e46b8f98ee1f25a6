"""The journal: each sealed segment whole, with its entries and what stands behind them, as it leaves for the sinks.

From it the end of the trail is brought back after a restore (audit.seal.tail), and holds and disposals are carried
out again (retention.replay). Sealed under the installation's keys, so that a sink in other hands can read none of it.
One line of ASCII JSON for each part of a segment: {"segment", "part", "of", "journal"}.
"""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from audit.models import Manifest, SealKey, Segment
from audit.seal import sinks
from audit.verifier import Checkpoint, leaf, tree_root, written
from audit.verifier import Segment as Sealed
from core.wrapping import Unreadable, Wrapping

FORMAT = "smmp-journal/1"
MOST_ENTRIES = 5_000
"""Of one delivery, so that no sink is given more at once than it can take; one segment is whole in any case."""
AGAIN = 2
"""After a delivery of so many there may be more to deliver at once."""
PART = 6_000
"""Characters of a line's journal: common collectors of syslog cut messages at 8 KB."""
_KEYS = Wrapping("journal of the audit trail")


@dataclass(frozen=True)
class Page:
    """One segment out of a journal, as it was sealed."""

    segment: Sealed
    checkpoint: str
    key_id: str
    subtrees: bytes
    horizon: tuple[int, int]
    entries: tuple[tuple[int, int, str], ...]
    """Position, canonical form and content of each entry."""
    manifests: dict[int, str]
    """By the number of the entry."""
    keys: tuple[dict[str, Any], ...]
    """Keys that seal from this segment on."""

    @property
    def whole(self) -> bool:
        """Whether it holds every entry, as sealed, and its checkpoint speaks of it."""
        found = [leaf(bytes([version]) + content.encode()) for _, version, content in self.entries]
        note = Checkpoint.read(self.checkpoint)
        return (
            len(found) == self.segment.count
            and tree_root(found) == self.segment.root
            and note.size == self.segment.number + 1
            and note.root == self.segment.head
        )


def due(begin: int, most: int) -> list[sinks.Due]:
    """The next checkpoints to deliver, from segment `begin` on, each with its journal."""
    chosen: list[Segment] = []
    entries = 0
    for segment in Segment.objects.filter(number__gte=begin).order_by("number")[:most]:
        entries += segment.count
        if chosen and entries > MOST_ENTRIES:
            break
        chosen.append(segment)
    if not chosen:
        return []
    contents, manifests = _contents(chosen)
    keys = defaultdict(list)
    for row in SealKey.objects.filter(from_segment__range=(chosen[0].number, chosen[-1].number)):
        keys[row.from_segment].append(
            {
                "key": row.key,
                "from_segment": row.from_segment,
                "introduced_by": row.introduced_by,
                "began_at": written(row.began_at),
            }
        )
    return [
        sinks.Due(
            one.number,
            one.sealed_at,
            one.checkpoint,
            tuple(lines(_page(one, contents, manifests, keys[one.number]), one.number)),
        )
        for one in chosen
    ]


def _contents(chosen: list[Segment]) -> tuple[dict[int, tuple[int, int, str]], dict[int, str]]:
    low, high = chosen[0].first_position, chosen[-1].first_position + chosen[-1].count
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.position, e.id, e.leaf_version, audit_canonical(e) FROM audit_place p "
            "JOIN audit_entry e ON e.id = p.entry_id AND e.at = p.entry_at "
            "WHERE p.position >= %s AND p.position < %s",
            [low, high],
        )
        found = {position: (pk, version, content) for position, pk, version, content in cursor.fetchall()}
    numbers = [pk for pk, _, _ in found.values()]
    manifests = dict(Manifest.objects.filter(entry_id__in=numbers).values_list("entry_id", "content"))
    return found, manifests


def _page(
    one: Segment,
    contents: dict[int, tuple[int, int, str]],
    manifests: dict[int, str],
    keys: list[dict[str, Any]],
) -> dict[str, Any]:
    span = range(one.first_position, one.first_position + one.count)
    there = [(position, *contents[position]) for position in span if position in contents]
    return {
        "format": FORMAT,
        "segment": {
            "number": one.number,
            "first": one.first_position,
            "count": one.count,
            "root": bytes(one.root).hex(),
            "previous_head": bytes(one.previous_head).hex(),
            "head": bytes(one.head).hex(),
            "sealed_at": written(one.sealed_at),
        },
        "checkpoint": one.checkpoint,
        "key_id": one.key_id,
        "subtrees": bytes(one.subtrees).hex(),
        "horizon": [one.horizon, one.horizon_entry],
        "entries": [[position, version, content] for position, _, version, content in there],
        "manifests": {str(pk): manifests[pk] for _, pk, _, _ in there if pk in manifests},
        "keys": keys,
    }


def lines(page: dict[str, Any], number: int) -> Iterator[str]:
    """A segment's page as the lines that leave for a sink."""
    sealed = _KEYS.wrap(zlib.compress(json.dumps(page, separators=(",", ":")).encode())).decode()
    parts = [sealed[begin : begin + PART] for begin in range(0, len(sealed), PART)]
    for part, text in enumerate(parts, start=1):
        yield json.dumps({"segment": number, "part": part, "of": len(parts), "journal": text})


# Reading


class JournalUnreadable(Exception):
    """The journal was sealed under keys that are not here. The message says what to do."""


def read(places: Iterable[Path], *, after: int) -> dict[int, list[Page]]:
    """What journals in these files and folders say of segments from `after` on, by segment.

    A segment may stand there more than once: it was delivered twice, or a restore lies between. Raises
    JournalUnreadable where none of the installation's keys opens it.
    """
    found: dict[int, list[Page]] = defaultdict(list)
    for text in _sealed(places, after):
        try:
            given = json.loads(zlib.decompress(_KEYS.unwrap(text.encode())))
        except Unreadable:
            raise JournalUnreadable(
                "The journal at the sinks was sealed under a key that is not among SMMP_CREDENTIAL_KEYS. Put the key "
                "back that this installation had then, and repeat the command."
            ) from None
        page = _read(given)
        if page.whole and page not in found[page.segment.number]:
            found[page.segment.number].append(page)
    return found


def _sealed(places: Iterable[Path], after: int) -> Iterator[str]:
    """Each segment's sealed text, put together from its lines; a line that was cut off is passed over."""
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if not path.is_file():
                continue
            parts: dict[int, str] = {}
            with path.open(encoding="utf-8", errors="replace") as file:
                for line in file:
                    try:
                        given = json.loads(line)
                        number, part, of, text = (
                            given[name] for name in ("segment", "part", "of", "journal")
                        )
                    except (ValueError, KeyError, TypeError, RecursionError):
                        continue
                    if number < after:
                        continue
                    if part == 1:
                        parts = {}
                    parts[part] = text
                    if part == of and len(parts) == of:
                        yield "".join(parts[at] for at in range(1, of + 1))


def _read(given: dict[str, Any]) -> Page:
    row = given["segment"]
    return Page(
        segment=Sealed(
            number=row["number"],
            first=row["first"],
            count=row["count"],
            root=bytes.fromhex(row["root"]),
            previous_head=bytes.fromhex(row["previous_head"]),
            head=bytes.fromhex(row["head"]),
            sealed_at=row["sealed_at"],
        ),
        checkpoint=given["checkpoint"],
        key_id=given["key_id"],
        subtrees=bytes.fromhex(given["subtrees"]),
        horizon=(given["horizon"][0], given["horizon"][1]),
        entries=tuple((position, version, content) for position, version, content in given["entries"]),
        manifests={int(pk): content for pk, content in given["manifests"].items()},
        keys=tuple(given["keys"]),
    )
