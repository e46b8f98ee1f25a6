"""The trail as a stranger can verify it: read from the database a few segments at a time, in bounded memory.

`Stored` is what audit.verifier checks, be it at once (`manage.py audit verify`) or after `write_folder`.
"""

from __future__ import annotations

import base64
import io
import json
import os
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.db import connection

from audit import verifier
from audit.models import RESTORED, Entry, Place, SealKey, Segment
from audit.seal import tree
from audit.verifier import FORMAT, PROOF_FORMAT, compact, written
from core import clock
from core.errors import NotFound, NotValid

SEGMENTS_AT_ONCE = 200
MOST_AT_ONCE = 20_000
"""Entries read in one go; at least one whole segment is."""

README = """This is a part of the audit trail of {origin}.

To verify it on any machine with Python 3.11 or later:

    python -m pip install cryptography
    python verifier.py . --key '{key}'

Take verifier.py and the key from whoever handed you this by another way, or compare them: a forger could
have put others here. Checkpoints that were kept elsewhere are compared with --checkpoints FILE-OR-FOLDER.

entries.jsonl      one entry a line, in the sealed order; the canonical JSON that its hash is made of
segments.jsonl     the seals, with the hashes of their entries
checkpoints.jsonl  the signed statement of each seal
disposals.jsonl    proofs of what the retention schedule has disposed of
keys.json          the public keys
manifest.json      what is in here

Segments are whole, so that a few entries from just outside the time asked for may be among these.
"""


@dataclass(frozen=True)
class Stored:
    """Segments `first` to `last` of the trail in the database."""

    first: int
    last: int
    since: datetime | None = None
    until: datetime | None = None
    """What was asked for; an open end must reach the end of the trail."""
    made_at: datetime = field(default_factory=clock.now)
    withheld: frozenset[str] = frozenset()
    """Events whose entries are not given out: only their hashes are."""

    @property
    def count(self) -> int:
        """How many entries the segments hold."""
        last = Segment.objects.get(number=self.last)
        return last.first_position + last.count - Segment.objects.get(number=self.first).first_position

    def manifest(self) -> dict[str, Any]:
        first = Segment.objects.get(number=self.first)
        frontier = tree.frontier(self.first)
        anchor = Segment.objects.get(number=self.first - 1).checkpoint if self.first else None
        return {
            "format": FORMAT,
            "origin": origin(),
            "made_at": written(self.made_at),
            "since": written(self.since) if self.since else None,
            "until": written(self.until) if self.until else None,
            "first_segment": self.first,
            "last_segment": self.last,
            "first_position": first.first_position,
            "frontier": {"size": frontier.size, "hashes": [found.hex() for found in frontier.hashes]},
            "anchor": anchor,
            "restores": _restores(self.last),
        }

    def keys(self) -> list[dict[str, Any]]:
        return keys(until_segment=self.last)

    def segments(self) -> Iterator[dict[str, Any]]:
        for begins in range(self.first, self.last + 1, SEGMENTS_AT_ONCE):
            ends = min(self.last, begins + SEGMENTS_AT_ONCE - 1)
            segments = list(Segment.objects.filter(number__range=(begins, ends)).order_by("number"))
            low, high = segments[0].first_position, segments[-1].first_position + segments[-1].count
            leaves = dict(
                Place.objects.filter(position__gte=low, position__lt=high).values_list(
                    "position", "leaf_hash"
                )
            )
            for segment in segments:
                span = range(segment.first_position, segment.first_position + segment.count)
                # Disposal takes all places of a segment or none.
                gone = bool(span) and not any(position in leaves for position in span)
                yield _sealed(segment).as_json() | {
                    "leaves": None if gone else [_leaf_text(leaves.get(position)) for position in span],
                    "checkpoint": segment.checkpoint,
                }

    def entries(self) -> Iterator[bytes]:
        for low, high in self._spans():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT p.position, e.leaf_version, e.event, CASE WHEN e.id IS NOT NULL THEN audit_canonical(e) END "
                    "FROM audit_place p LEFT JOIN audit_entry e ON e.id = p.entry_id AND e.at = p.entry_at "
                    "WHERE p.position >= %s AND p.position < %s ORDER BY p.position",
                    [low, high],
                )
                rows = cursor.fetchall()
            for position, version, event, content in rows:
                if content is None:
                    yield b'{"position": %d, "entry": null}\n' % position
                elif event in self.withheld:
                    yield b'{"position": %d, "withheld": true}\n' % position
                else:
                    yield b'{"position": %d, "version": %d, "entry": %s}\n' % (
                        position,
                        version,
                        content.encode(),
                    )

    def disposals(self) -> Iterator[dict[str, Any]]:
        found = Entry.objects.filter(event="records.disposed", details__contains={"class": "audit_entry"})
        for pk in found.order_by("at", "id").values_list("pk", flat=True):
            if Place.objects.filter(entry_id=pk).exists():
                yield proof(pk)

    def _spans(self) -> Iterator[tuple[int, int]]:
        """Positions of whole segments, up to MOST_AT_ONCE at a time."""
        low = high = Segment.objects.get(number=self.first).first_position
        for first, count in (
            Segment.objects.filter(number__range=(self.first, self.last), count__gt=0)
            .order_by("number")
            .values_list("first_position", "count")
            .iterator(chunk_size=2000)
        ):
            if high > low and first + count - low > MOST_AT_ONCE:
                yield low, high
                low = first
            high = first + count
        if high > low:
            yield low, high


def whole(withheld: frozenset[str] = frozenset()) -> Stored:
    """The whole trail. Raises NotFound while nothing is sealed."""
    return chosen(None, None, withheld=withheld)


def chosen(
    since: datetime | None, until: datetime | None, *, withheld: frozenset[str] = frozenset()
) -> Stored:
    """The whole segments that hold every sealed entry of a time, and what proves that there are no more.

    since is inside, until is not; None leaves that side open. Raises NotValid where they are the wrong way round,
    NotFound where nothing was sealed in that time.
    """
    if since is not None and until is not None and since >= until:
        raise NotValid("The beginning must come before the end.", field="until")
    made_at = clock.now()
    last = Segment.objects.order_by("-number").first()
    if last is None:
        raise NotFound("Nothing has been sealed yet. The sealer runs with the scheduler.")
    if until is not None and until > last.sealed_at:
        until = None
    begin = 0
    if since is not None:
        begin = _number(Segment.objects.filter(sealed_at__gte=since).order_by("number"), last.number)
    end = last.number
    if until is not None:
        # The first segment sealed after the time proves that nothing sealed within it is missing.
        end = _number(Segment.objects.filter(sealed_at__gte=until).order_by("number"), last.number)
    if since is not None or until is not None:
        low, high = _positions(since, until)
        if low is not None:
            begin, end = min(begin, _holding(low)), max(end, _holding(high))
    if since is not None and since > last.sealed_at:
        raise NotFound(
            f"Nothing has been sealed since {clock.in_london(since):%-d %B %Y %H:%M}. Choose an earlier beginning."
        )
    if (
        until is not None
        and until <= Segment.objects.order_by("number").values_list("sealed_at", flat=True)[0]
    ):
        raise NotFound("The trail was sealed for the first time after that. Choose a later end.")
    return Stored(begin, max(begin, end), since, until, made_at, withheld)


def proof(entry_id: int, *, until_segment: int | None = None) -> dict[str, Any]:
    """The proof that one entry is in the trail, for whoever holds the key. Raises NotFound.

    until_segment: by the checkpoint of that segment; else by the newest.
    """
    place = Place.objects.filter(entry_id=entry_id).order_by("position").first()
    entry = Entry.objects.filter(pk=entry_id, at=place.entry_at).first() if place else None
    if place is None or entry is None:
        raise NotFound(
            "That entry is not sealed. A new one is within seconds; if this stays so, look at the state of the seal."
        )
    segment = Segment.objects.get(number=_holding(place.position))
    known = Segment.objects.all() if until_segment is None else Segment.objects.filter(number=until_segment)
    last = known.order_by("-number")[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_canonical(e) FROM audit_entry e WHERE e.id = %s AND e.at = %s", [entry.pk, entry.at]
        )
        content = cursor.fetchone()[0]
    path = verifier.inclusion_path(_leaves(segment), place.position - segment.first_position)
    return {
        "format": PROOF_FORMAT,
        "origin": origin(),
        "position": place.position,
        "version": entry.leaf_version,
        "entry": content,
        "segment": _sealed(segment).as_json(),
        "segment_path": [found.hex() for found in path],
        "tree_path": [found.hex() for found in tree.inclusion(segment.number, last.number + 1)],
        "checkpoint": last.checkpoint,
        "keys": keys(until_segment=last.number),
    }


def keys(*, until_segment: int) -> list[dict[str, Any]]:
    """The public keys up to a segment, each with what introduced it."""
    return [
        {"key": row.key, "from_segment": row.from_segment, "introduced_by": row.introduced_by or None}
        for row in SealKey.objects.filter(from_segment__lte=until_segment).order_by("from_segment")
    ]


# Writing


def write_folder(source: Stored, folder: Path) -> None:
    """The export as files that only their owner may read. Raises NotValid where the folder is in use."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.iterdir()):
            raise NotValid(f"{folder} is not empty. Choose a new folder for the export.")
        for name, lines in _files(source):
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb", buffering=1 << 20) as file:
                file.writelines(lines)
    except OSError as fault:
        raise NotValid(f"{folder} cannot be written ({fault.strerror}). Choose another folder.") from None


def write_zip(source: Stored, file: IO[bytes], *, name: str) -> None:
    """The export as one zip file."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for inside, lines in _files(source):
            with packed.open(f"{name}/{inside}", "w", force_zip64=True) as part:
                buffered = io.BufferedWriter(part, 1 << 20)  # type: ignore[arg-type]
                buffered.writelines(lines)
                buffered.flush()


def _files(source: Stored) -> Iterator[tuple[str, Iterable[bytes]]]:
    yield "manifest.json", [(json.dumps(source.manifest(), indent=2) + "\n").encode()]
    yield "keys.json", [(json.dumps(source.keys(), indent=2) + "\n").encode()]
    yield "disposals.jsonl", (_line(found) for found in source.disposals())
    yield "segments.jsonl", _segments(source)
    yield "checkpoints.jsonl", _checkpoints(source)
    yield "entries.jsonl", source.entries()
    yield "verifier.py", [Path(verifier.__file__).read_bytes()]
    present = source.keys()[0]["key"]
    yield "README.txt", [README.format(origin=origin(), key=present).encode()]


def _segments(source: Stored) -> Iterator[bytes]:
    for found in source.segments():
        found.pop("checkpoint")
        yield _line(found)


def _checkpoints(source: Stored) -> Iterator[bytes]:
    rows = Segment.objects.filter(number__range=(source.first, source.last)).order_by("number")
    for number, note in rows.values_list("number", "checkpoint").iterator(chunk_size=2000):
        yield _line({"segment": number, "checkpoint": note})


def _line(value: dict[str, Any]) -> bytes:
    return (compact(value) + "\n").encode()


# Reading


def _sealed(segment: Segment) -> verifier.Segment:
    return verifier.Segment(
        number=segment.number,
        first=segment.first_position,
        count=segment.count,
        root=bytes(segment.root),
        previous_head=bytes(segment.previous_head),
        head=bytes(segment.head),
        sealed_at=written(segment.sealed_at),
    )


def _leaves(segment: Segment) -> list[bytes]:
    span = (segment.first_position, segment.first_position + segment.count - 1)
    found = Place.objects.filter(position__range=span).order_by("position")
    return [bytes(leaf_hash) for leaf_hash in found.values_list("leaf_hash", flat=True)]


def _leaf_text(leaf_hash: bytes | memoryview | None) -> str:
    """A hash as an export writes it; empty where its row is missing, which no verification lets pass."""
    return base64.b64encode(bytes(leaf_hash or b"")).decode()


def _restores(last: int) -> list[dict[str, Any]]:
    """Every restore that the trail acknowledges up to a segment: the note, and the proof of who stands behind it.

    A part of the trail that does not reach back to it needs this to be checked against checkpoints kept elsewhere.
    """
    found = []
    for note in restored_in(last):
        restore = verifier.Restore.read(verifier.Checkpoint.read(note).extensions["restored"])
        try:
            behind: dict[str, Any] | None = proof(restore.entry, until_segment=last)
        except NotFound:  # disposed of by the schedule
            behind = None
        found.append({"checkpoint": note, "proof": behind})
    return found


def restored_in(last: int) -> list[str]:
    """The checkpoints up to a segment that acknowledge a restore."""
    rows = Segment.objects.filter(checkpoint__contains=RESTORED, number__lte=last).order_by("number")
    return list(rows.values_list("checkpoint", flat=True))


def origin() -> str:
    """What the trail is called in its checkpoints; empty before its first key."""
    first = SealKey.objects.order_by("from_segment").first()
    return verifier.Key.read(first.key).name if first else ""


def _number(found, otherwise: int) -> int:
    number = found.values_list("number", flat=True).first()
    return otherwise if number is None else number


def _positions(since: datetime | None, until: datetime | None) -> tuple[int | None, int]:
    """The first and the last position of the entries of a time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(p.position), max(p.position) FROM audit_entry e "
            "JOIN audit_place p ON p.entry_id = e.id AND p.entry_at = e.at "
            "WHERE e.at >= coalesce(%s, '-infinity'::timestamptz) AND e.at < coalesce(%s, 'infinity'::timestamptz)",
            [since, until],
        )
        return cursor.fetchone()


def _holding(position: int) -> int:
    """The number of the segment that holds a position."""
    return (
        Segment.objects.filter(first_position__lte=position, count__gt=0)
        .order_by("-first_position")
        .values_list("number", flat=True)[0]
    )
