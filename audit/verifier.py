#!/usr/bin/env python3
"""Check an export of the audit trail, on any machine.

One file, plain Python 3.11 or later and the package `cryptography`; nothing of the platform is needed.

    python verifier.py EXPORT                          pass, or the first wrong entry
    python verifier.py EXPORT --key KEY                ... signed by the key you were handed, and no other
    python verifier.py EXPORT --checkpoints PLACE      ... and against checkpoints kept elsewhere
    python verifier.py EXPORT --inclusion ENTRY        the proof that one entry is in the trail
    python verifier.py EXPORT --consistency OLD NEW    the proof that one checkpoint grew out of another
    python verifier.py --proof PROOF.json --key KEY    check such a proof of inclusion

EXPORT is a folder or a zip file. Exit status: 0 pass, 1 something is wrong, 2 it cannot be read.

How the trail is sealed. An entry's leaf is SHA-256(0x00, version byte, canonical JSON). Entries stand in
one order; up to 1,000 of them make a segment, whose root is their Merkle tree hash. A segment's own leaf
is SHA-256(0x00, its record), and the Merkle tree of all segments has the head that each checkpoint signs.
Trees, inclusion and consistency are those of RFC 6962 and RFC 9162 section 2.1 (inner nodes: 0x01);
checkpoints are C2SP tlog-checkpoint notes (c2sp.org/tlog-checkpoint) signed with Ed25519. Their size counts
segments, so that a segment without entries, made at most a minute after the last, proves silence.

After a restore from a backup, checkpoints kept elsewhere know segments that the trail no longer has. That fails,
until a checkpoint of the trail itself acknowledges it, by the line

    restored AGREED KNOWN HEAD ENTRY LEAF

under the trail's own signature: up to AGREED segments the trail is as it was; what was sealed from there up to
KNOWN segments, whose head was HEAD, is lost (nothing where both are the same: the end of the trail was brought back
from where it is kept elsewhere, and stands as it was sealed); the entry numbered ENTRY (its leaf is LEAF) says who acknowledged it
and why. Every check says so, whether it passes or not.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "smmp-audit-export/1"
SEGMENT_FORMAT = "smmp-segment/1"
PROOF_FORMAT = "smmp-audit-proof/1"
MOST_IN_A_SEGMENT = 10_000
MOST_SILENCE_S = 60.0
"""While the platform runs, no more time than this lies between two checkpoints."""
LATE = timedelta(minutes=5)
"""An entry sealed later than this after the time that it states is counted, for a person to look at."""
UNDER_WAY = timedelta(seconds=10)
"""A checkpoint this young when an export was made may have been made beside it."""
LEAST_KEPT = timedelta(days=180)
"""No schedule keeps the trail for less; a disposal that took younger entries is none."""
VERSIONS = (1, 2)
"""Canonical forms of an entry; a number that is no version makes no hash."""

# Trees (RFC 9162 section 2.1)

EMPTY = hashlib.sha256(b"").digest()


def leaf(data: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of leaf hashes."""
    if not leaves:
        return EMPTY
    level, sha256 = list(leaves), hashlib.sha256
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [sha256(b"\x01" + left + right).digest() for left, right in pairs] + odd
    return level[0]


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from one leaf to the root, from the bottom up."""
    path, level = [], list(leaves)
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            path.append(level[beside])
        odd = level[-1:] if len(level) % 2 else []
        level = [node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)] + odd
        index //= 2
    return path


def root_by_path(index: int, size: int, leaf_hash: bytes, path: Sequence[bytes]) -> bytes:
    """The root that a path leads to. Raises ValueError where a path of that shape cannot be."""
    if not 0 <= index < size:
        raise ValueError("The leaf lies outside the tree.")
    at, last, found = index, size - 1, leaf_hash
    for step in path:
        if last == 0:
            raise ValueError("The path is too long.")
        if at & 1 or at == last:
            found = node(step, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node(found, step)
        at, last = at >> 1, last >> 1
    if last:
        raise ValueError("The path is too short.")
    return found


def is_consistent(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a tree of `old` leaves is the beginning of one of `new` leaves (RFC 9162 section 2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY
    steps = list(proof)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = node(step, first), node(step, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node(second, step)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def path_ranges(index: int, low: int, high: int) -> list[tuple[int, int]]:
    """The ranges of leaves whose roots are the path of one leaf, in the path's order."""
    if high - low <= 1:
        return []
    middle = low + _half(high - low)
    if index < middle:
        return [*path_ranges(index, low, middle), (middle, high)]
    return [*path_ranges(index, middle, high), (low, middle)]


def consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    """The ranges of leaves whose roots prove that the first `old` begin the first `new`."""
    return _consistency_ranges(old, 0, new, True) if 0 < old < new else []


def _consistency_ranges(old: int, low: int, high: int, whole: bool) -> list[tuple[int, int]]:
    if old == high - low:
        return [] if whole else [(low, high)]
    middle = low + _half(high - low)
    if old <= middle - low:
        return [*_consistency_ranges(old, low, middle, whole), (middle, high)]
    return [*_consistency_ranges(old - (middle - low), middle, high, False), (low, middle)]


def range_root(subtree: Callable[[int, int], bytes], low: int, high: int) -> bytes:
    """The root of the leaves from `low` up to `high`; `subtree(level, index)` knows the perfect subtrees."""
    size = high - low
    if size & (size - 1) == 0 and low % size == 0:
        level = size.bit_length() - 1
        return subtree(level, low >> level)
    middle = low + _half(size)
    return node(range_root(subtree, low, middle), range_root(subtree, middle, high))


def _half(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


class Frontier:
    """The perfect subtrees that a tree of `size` leaves is made of, biggest first: all that growing it needs."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if size < 0 or size.bit_count() != len(self.hashes):
            raise ValueError("So many subtrees make no tree of that size.")

    def append(self, found: bytes, level: int = 0) -> list[bytes]:
        """Add a leaf, or a perfect subtree of 2**level leaves. Answers the perfect subtrees that it completes."""
        if self.size & ((1 << level) - 1):
            raise ValueError("A subtree of that size does not fit here.")
        complete, left = [found], self.size >> level
        while left & 1:
            found = node(self.hashes.pop(), found)
            complete.append(found)
            left >>= 1
        self.hashes.append(found)
        self.size += 1 << level
        return complete

    def subtrees(self) -> Iterator[tuple[int, int, bytes]]:
        """Each subtree: where it begins, its level, its hash."""
        begins = 0
        for found in self.hashes:
            level = (self.size - begins).bit_length() - 1
            yield begins, level, found
            begins += 1 << level

    def root(self) -> bytes:
        """The root of the whole tree."""
        if not self.hashes:
            return EMPTY
        found = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            found = node(left, found)
        return found


class Gathered:
    """Roots of some ranges of leaves, gathered while all leaves go by in order."""

    def __init__(self, ranges: Sequence[tuple[int, int]], start: Frontier) -> None:
        self.ranges = ranges
        self.found = {span: Frontier() for span in ranges}
        for begins, level, subtree in start.subtrees():
            for low, high in ranges:
                if low <= begins and begins + (1 << level) <= high:
                    self.found[low, high].append(subtree, level)

    def pass_by(self, index: int, leaf_hash: bytes) -> None:
        """The next leaf."""
        for low, high in self.ranges:
            if low <= index < high:
                self.found[low, high].append(leaf_hash)

    def roots(self) -> list[bytes]:
        """The roots, in the order in which the ranges were given. Raises ValueError where leaves are lacking."""
        for (low, high), tree in self.found.items():
            if tree.size != high - low:
                raise ValueError("The export does not reach back far enough for this proof.")
        return [self.found[span].root() for span in self.ranges]


# Keys and checkpoints (C2SP signed-note and tlog-checkpoint)


@dataclass(frozen=True)
class Key:
    """A public key that signs checkpoints, under the name that stands in them."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n\x01" + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """NAME+ID+KEY, as C2SP writes a verifier key: what people hand to each other."""
        body = base64.b64encode(b"\x01" + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{body}"

    @classmethod
    def read(cls, text: str) -> Key:
        """A key from its text. Raises ValueError."""
        name, _, rest = text.strip().partition("+")
        number, _, body = rest.partition("+")
        raw = unbase64(body)
        key = cls(name, raw[1:])
        if not name or len(raw) != 33 or raw[0] != 1 or key.id.hex() != number:
            raise ValueError("That is no key of the form NAME+ID+KEY.")
        return key

    def signed(self, note: Checkpoint) -> bool:
        """Whether this key's signature stands under the checkpoint and is right."""
        public = Ed25519PublicKey.from_public_bytes(self.public)
        for name, number, signature in note.signatures:
            if name == self.name and number == self.id:
                try:
                    public.verify(signature, note.text.encode())
                except InvalidSignature:
                    return False
                return True
        return False


@dataclass(frozen=True)
class Checkpoint:
    """A signed statement: the trail has so many segments, and this is their head."""

    text: str
    """What is signed."""
    origin: str
    size: int
    root: bytes
    extensions: dict[str, str]
    signatures: tuple[tuple[str, bytes, bytes], ...]

    @property
    def sealed_at(self) -> str:
        return self.extensions.get("sealed", "")

    @classmethod
    def read(cls, note: str) -> Checkpoint:
        """A checkpoint from its note. Raises ValueError for anything but the one way to write it."""
        text, gap, below = note.partition("\n\n")
        lines = text.split("\n")
        if not gap or len(lines) < 3 or not below.endswith("\n") or not all(lines):
            raise ValueError("That is no checkpoint.")
        if not lines[1].isascii() or not lines[1].isdigit() or str(int(lines[1])) != lines[1]:
            raise ValueError("The size of a checkpoint is a whole number.")
        root = unbase64(lines[2])
        if len(root) != 32:
            raise ValueError("The head of a checkpoint has 32 bytes.")
        extensions = dict(line.partition(" ")[::2] for line in lines[3:])
        if len(extensions) != len(lines) - 3:
            raise ValueError("A line of the checkpoint stands there twice.")
        signatures = []
        for line in below[:-1].split("\n"):
            dash, name, body = [*line.split(" "), "", ""][:3]
            raw = unbase64(body)
            if dash != "—" or line.count(" ") != 2 or len(raw) != 68:
                raise ValueError("A signature line of the checkpoint cannot be read.")
            signatures.append((name, raw[:4], raw[4:]))
        return cls(text + "\n", lines[0], int(lines[1]), root, extensions, tuple(signatures))


@dataclass(frozen=True)
class Restore:
    """What a checkpoint acknowledges as lost by a restore from a backup: the line `restored` of its note."""

    agreed: int
    """Up to so many segments the trail is as it was before."""
    known: int
    """Before the restore it had so many, as the newest checkpoint kept elsewhere says."""
    head: bytes
    """The head of that checkpoint, for whoever holds it to compare."""
    entry: int
    """The number of the entry that says who acknowledged it, and why."""
    entry_leaf: bytes

    @property
    def text(self) -> str:
        head, entry_leaf = (base64.b64encode(found).decode() for found in (self.head, self.entry_leaf))
        return f"{self.agreed} {self.known} {head} {self.entry} {entry_leaf}"

    @classmethod
    def read(cls, text: str) -> Restore:
        """From the text of the line. Raises ValueError for anything but the one way to write it."""
        parts = text.split(" ")
        if len(parts) != 5 or not all(parts[at].isascii() and parts[at].isdigit() for at in (0, 1, 3)):
            raise ValueError("What it says of a restore cannot be read.")
        found = cls(int(parts[0]), int(parts[1]), unbase64(parts[2]), int(parts[3]), unbase64(parts[4]))
        if found.text != text or not 0 < found.agreed <= found.known:
            raise ValueError("What it says of a restore cannot be read.")
        return found


def checkpoint_text(
    *,
    origin: str,
    size: int,
    head: bytes,
    entries: int,
    sealed_at: str,
    next_key: Key | None = None,
    restore: Restore | None = None,
) -> str:
    """What a checkpoint says, ready to be signed. `next_key` signs whatever comes after this one."""
    lines = [origin, str(size), base64.b64encode(head).decode(), f"entries {entries}", f"sealed {sealed_at}"]
    if next_key is not None:
        lines.append(f"next-key {next_key.text}")
    if restore is not None:
        lines.append(f"restored {restore.text}")
    return "\n".join(lines) + "\n"


def signature_line(key: Key, signature: bytes) -> str:
    """One line of signature under a note."""
    return f"— {key.name} {base64.b64encode(key.id + signature).decode()}\n"


def unbase64(text: str) -> bytes:
    """Bytes from base64, of which there is exactly one way to write them. Raises ValueError."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as wrong:
        raise ValueError("That is no base64.") from wrong
    if base64.b64encode(raw).decode() != text:
        raise ValueError("That is not how base64 is written.")
    return raw


# Segments


@dataclass(frozen=True)
class Segment:
    """One seal: which entries it covers, and what it stands on."""

    number: int
    first: int
    """Position of its first entry; of the next entry to come where it has none."""
    count: int
    root: bytes
    previous_head: bytes
    head: bytes
    sealed_at: str
    """UTC, as 2026-11-28T09:30:00.000000Z."""

    @property
    def record(self) -> bytes:
        """What the segment's own leaf is the hash of."""
        return (
            f"{SEGMENT_FORMAT}\n{self.number}\n{self.first}\n{self.count}\n{self.root.hex()}\n"
            f"{self.previous_head.hex()}\n{self.sealed_at}\n"
        ).encode()

    @property
    def leaf(self) -> bytes:
        return leaf(self.record)

    @property
    def entries(self) -> int:
        """How many entries the trail has up to here."""
        return self.first + self.count

    def as_json(self) -> dict[str, Any]:
        """The segment as exports and proofs write it."""
        return {
            "number": self.number,
            "first": self.first,
            "count": self.count,
            "root": self.root.hex(),
            "previous_head": self.previous_head.hex(),
            "head": self.head.hex(),
            "sealed_at": self.sealed_at,
        }

    @classmethod
    def read(cls, given: dict[str, Any]) -> Segment:
        """A segment from an export or a proof. Raises ValueError."""
        try:
            found = cls(
                number=given["number"],
                first=given["first"],
                count=given["count"],
                root=unhex(given["root"]),
                previous_head=unhex(given["previous_head"]),
                head=unhex(given["head"]),
                sealed_at=given["sealed_at"],
            )
            moment(found.sealed_at)
        except (KeyError, TypeError, AttributeError) as wrong:
            raise ValueError("The segment lacks a part.") from wrong
        numbers = (found.number, found.first, found.count)
        if any(type(number) is not int or number < 0 for number in numbers):
            raise ValueError("A number of the segment is none.")
        if found.count > MOST_IN_A_SEGMENT:
            raise ValueError("The segment has more entries than a segment may have.")
        return found


def unhex(text: str) -> bytes:
    """A hash of 32 bytes in small hexadecimal letters. Raises ValueError."""
    raw = bytes.fromhex(text)
    if len(raw) != 32 or raw.hex() != text:
        raise ValueError("That is no hash.")
    return raw


def moment(text: str) -> datetime:
    """An instant as the seal writes it. Raises ValueError."""
    found = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    if written(found) != text:
        raise ValueError("That is not how an instant is written.")
    return found


def written(instant: datetime) -> str:
    """An instant as the seal writes it."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def compact(value: Any) -> str:
    """JSON on one line, the one way in which an export writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


# What is checked


class Wrong(Exception):
    """Something that does not hold. The first one ends the check."""

    def __init__(self, kind: str, sentence: str, **where: int | None) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence
        self.position = where.get("position")
        self.entry = where.get("entry")
        self.segment = where.get("segment")


class Source(Protocol):
    """Where a trail comes from: an export, or the database itself."""

    def manifest(self) -> dict[str, Any]: ...

    def keys(self) -> list[dict[str, Any]]: ...

    def segments(self) -> Iterator[dict[str, Any]]: ...

    def entries(self) -> Iterator[bytes]: ...

    def disposals(self) -> Iterator[dict[str, Any]]: ...


@dataclass
class Report:
    """What was checked, and what came of it."""

    passed: bool = True
    wrong: dict[str, Any] | None = None
    """The first thing that does not hold: kind, sentence, position, entry, segment."""
    entries: int = 0
    """Entries whose content was checked."""
    withheld: int = 0
    """Entries that are in the trail and whose content was not given out."""
    disposed: int = 0
    """Entries whose content is gone, as the retention schedule says."""
    late: int = 0
    segments: int = 0
    first_segment: int | None = None
    last_segment: int | None = None
    first_position: int | None = None
    sealed_from: str = ""
    sealed_to: str = ""
    head: str = ""
    size: int = 0
    longest_silence_s: float = 0.0
    silences: int = 0
    """How often more than a minute lay between two checkpoints: the platform stood still, or was made to."""
    checkpoints_compared: int = 0
    checkpoints_later: int = 0
    """Kept checkpoints of after the export was made: it says nothing about them."""
    restores: list[dict[str, Any]] = field(default_factory=list)
    """Restores that the trail tells of: from which size to which something was lost, when, by whom, why, and how much."""
    gap: dict[str, Any] | None = None
    """A loss that nobody has acknowledged: up to which size the trail agrees, and what is known beyond."""
    made_at: str = ""
    keys: list[str] = field(default_factory=list)
    key_was_given: bool = False
    proofs: dict[str, Any] = field(default_factory=dict)


class Keys:
    """The keys of a trail, each introduced by the one before it."""

    def __init__(self, given: Sequence[dict[str, Any]], trusted: Sequence[Key]) -> None:
        if not given:
            raise Wrong("keys", "The export names no key.")
        self.keys = [Key.read(row["key"]) for row in given]
        self.starts = [row["from_segment"] for row in given]
        anchors = {number for number, key in enumerate(self.keys) if key in trusted}
        if trusted and not anchors:
            raise Wrong(
                "keys",
                "No checkpoint of this export is signed by the key that you gave: "
                f"it names {', '.join(key.text for key in self.keys)}.",
            )
        if self.starts[0] != 0 or sorted(set(self.starts)) != self.starts:
            raise Wrong("keys", "The keys do not follow one another.")
        reached = anchors or {0}
        linked = {number for number, row in enumerate(given) if number and self._introduced(number, row)}
        for number in range(1, len(self.keys)):
            if number in linked and number - 1 in reached:
                reached.add(number)
        for number in reversed(range(1, len(self.keys))):
            if number in linked and number in reached:
                reached.add(number - 1)
        for number, key in enumerate(self.keys):
            if number not in reached:
                raise Wrong(
                    "keys",
                    f"From segment {self.starts[number]} on another key signs ({key.text}), and the key before it did "
                    "not say so. Where information security confirms the change, name both keys with --key.",
                    segment=self.starts[number],
                )

    def _introduced(self, number: int, row: dict[str, Any]) -> bool:
        if not row.get("introduced_by"):
            return False
        note = Checkpoint.read(row["introduced_by"])
        before, key = self.keys[number - 1], self.keys[number]
        return (
            note.size == self.starts[number]
            and note.extensions.get("next-key") == key.text
            and before.signed(note)
            and key.signed(note)
        )

    def of(self, segment: int) -> Key:
        """The key that signs a segment's checkpoint."""
        return next(
            key
            for key, start in zip(reversed(self.keys), reversed(self.starts), strict=True)
            if segment >= start
        )

    def check_kept(self, note: Checkpoint) -> None:
        """Raises Wrong where none of these keys signed it: what a restore lost may be of the time of another key."""
        if note.size < 1 or not any(key.signed(note) for key in self.keys):
            raise Wrong(
                "signature",
                f"A checkpoint that was kept elsewhere, of {note.size} segments, is signed by no key of this trail.",
                segment=note.size - 1,
            )

    def check(self, note: Checkpoint) -> None:
        """Raises Wrong where the checkpoint is not signed by the key of its time."""
        if note.size < 1 or not self.of(note.size - 1).signed(note):
            raise Wrong(
                "signature", "The checkpoint is not signed by the key of its time.", segment=note.size - 1
            )


def verify(
    source: Source,
    *,
    trusted: Sequence[Key] = (),
    kept: Iterable[str] = (),
    inclusion: int | None = None,
    consistency: tuple[str, str] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Check a whole trail, from the first segment given to the last.

    trusted: keys that you know from elsewhere; without one the export's own first key is believed.
    kept: checkpoints (notes) that were kept elsewhere; each that falls into the trail must agree with it.
    inclusion: the number of an entry whose proof is wanted. consistency: two notes, the older first.
    Never raises for what the source says: the report names the first thing that is wrong.
    """
    report = Report(key_was_given=bool(trusted))
    try:
        _Walk(source, report, trusted, kept, inclusion, consistency, progress).run()
    except Wrong as wrong:
        report.passed = False
        report.wrong = {
            "kind": wrong.kind,
            "sentence": wrong.sentence,
            "position": wrong.position,
            "entry": wrong.entry,
            "segment": wrong.segment,
        }
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
        OverflowError,
    ) as wrong:
        report.passed = False
        report.wrong = {
            "kind": "unreadable",
            "sentence": f"A part of it cannot be read: {wrong}",
            "position": report.first_position,
            "entry": None,
            "segment": report.last_segment,
        }
    return report


class _Walk:
    """One check, segment by segment; no more than one segment's entries are in memory."""

    def __init__(self, source, report, trusted, kept, inclusion, consistency, progress) -> None:
        self.source: Source = source
        self.report: Report = report
        self.manifest = source.manifest()
        if self.manifest.get("format") != FORMAT:
            raise Wrong("unreadable", f"This is no export of the form {FORMAT}.")
        self.keys = Keys(source.keys(), trusted)
        report.keys = [key.text for key in self.keys.keys]
        self.origin = self.manifest["origin"]
        report.made_at = self.manifest["made_at"]
        self.tree = Frontier(
            self.manifest["frontier"]["size"], [unhex(h) for h in self.manifest["frontier"]["hashes"]]
        )
        self.start = Frontier(self.tree.size, self.tree.hashes)
        self.position: int = self.manifest["first_position"]
        self.sealed_before: datetime | None = None
        self.kept = self._read_kept(kept)
        self.diverging: list[tuple[Checkpoint, str]] = []
        """Kept checkpoints that state another head, each with when the trail's own segment was sealed."""
        self.restores: list[tuple[Restore, Checkpoint]] = []
        self.inclusion: int | None = inclusion
        self.found: dict[str, Any] | None = None
        self.consistency = tuple(Checkpoint.read(note) for note in consistency) if consistency else ()
        self.progress = progress
        self.last_note = ""
        self.last_size = self.tree.size

    def run(self) -> None:
        report = self.report
        self._check_anchor()
        self.disposals = [self._disposal(given) for given in self.source.disposals()]
        self.entries = self.source.entries()
        for given in self.manifest.get("restores", ()):
            self._read_restore(given)
        wanted = Gathered(consistency_ranges(*self._sizes()), self.start) if self.consistency else None
        for given in self.source.segments():
            segment = self._segment(given)
            if wanted:
                wanted.pass_by(segment.number, segment.leaf)
            if self.progress:
                self.progress(report.entries)
        for line in self.entries:
            raise Wrong(
                "inserted",
                "After the last sealed entry another one stands that no segment holds.",
                position=self.position,
                entry=_id_of(line),
            )
        if report.last_segment is None:
            raise Wrong("missing", "There is no segment in it: nothing can be checked.")
        self._check_end()
        if wanted:
            self._prove_consistency(wanted)
        if self.inclusion is not None:
            self._prove_inclusion()

    # Segments

    def _segment(self, given: dict[str, Any]) -> Segment:
        report, expected = self.report, self.tree.size
        at = {"segment": expected, "position": self.position}
        try:
            segment = Segment.read(given)
            note = Checkpoint.read(given["checkpoint"])
            leaves = None if given["leaves"] is None else [unbase64(text) for text in given["leaves"]]
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            raise Wrong("segment", f"Segment {expected} cannot be read: {wrong}", **at) from None
        if segment.number != expected:
            raise Wrong(
                "missing", f"Segment {expected} is missing: segment {segment.number} follows instead.", **at
            )
        if segment.first != self.position:
            raise Wrong(
                "segment",
                f"Segment {expected} begins at position {segment.first} and not at {self.position}.",
                **at,
            )
        if segment.previous_head != self.tree.root():
            raise Wrong("chain", f"Segment {expected} does not stand on the segment before it.", **at)
        if leaves is not None and (
            len(leaves) != segment.count
            or any(len(h) != 32 for h in leaves)
            or tree_root(leaves) != segment.root
        ):
            raise Wrong(
                "segment",
                f"The hashes of segment {expected} do not make its root: {_span(segment)} cannot be relied on.",
                **at,
            )
        self.tree.append(segment.leaf)
        if self.tree.root() != segment.head:
            raise Wrong(
                "segment",
                f"The head of segment {expected} is not its own: {_span(segment)} or its record.",
                **at,
            )
        self._check_note(note, segment, given["checkpoint"], at)
        sealed = self._check_time(segment, at)
        if report.first_segment is None:
            report.first_segment, report.first_position = segment.number, segment.first
            report.sealed_from = segment.sealed_at
        self._check_entries(segment, leaves, sealed)
        report.segments += 1
        report.last_segment, report.sealed_to = segment.number, segment.sealed_at
        report.head, report.size = segment.head.hex(), self.tree.size
        self.position = segment.entries
        self.last_note = given["checkpoint"]
        return segment

    def _check_note(self, note: Checkpoint, segment: Segment, text: str, at: dict[str, int]) -> None:
        says = {
            "origin": note.origin == self.origin,
            "size": note.size == segment.number + 1,
            "head": note.root == segment.head,
            "number of entries": note.extensions.get("entries") == str(segment.entries),
            "time": note.sealed_at == segment.sealed_at,
        }
        for name, agrees in says.items():
            if not agrees:
                raise Wrong(
                    "checkpoint",
                    f"The checkpoint of segment {segment.number} states another {name} than the segment has.",
                    **at,
                )
        if not self.keys.of(segment.number).signed(note):
            raise Wrong(
                "signature",
                f"The checkpoint of segment {segment.number} is not signed by the key of its time: "
                f"{_span(segment)} may not be what was sealed.",
                **at,
            )
        if "restored" in note.extensions:
            self._note_restore(note)
        for kept in self.kept.pop(note.size, ()):
            if kept.root == note.root:
                self.report.checkpoints_compared += 1
            else:
                # A restore that accounts for it is acknowledged further on: judged at the end.
                self.keys.check_kept(kept)
                self.diverging.append((kept, segment.sealed_at))

    def _check_time(self, segment: Segment, at: dict[str, int]) -> datetime:
        sealed, report = moment(segment.sealed_at), self.report
        if self.sealed_before is not None:
            silence = (sealed - self.sealed_before).total_seconds()
            if silence < 0:
                raise Wrong(
                    "time", f"Segment {segment.number} was sealed before the one that it follows.", **at
                )
            report.longest_silence_s = max(report.longest_silence_s, silence)
            report.silences += silence > MOST_SILENCE_S
        self.sealed_before = sealed
        return sealed

    # Entries

    def _check_entries(self, segment: Segment, leaves: list[bytes] | None, sealed: datetime) -> None:
        report, gone = self.report, self._may_be_gone(segment, sealed)
        if leaves is None:
            if not gone:
                raise Wrong(
                    "missing",
                    f"The entries of segment {segment.number} are gone and no disposal accounts for them "
                    f"({_span(segment)}).",
                    segment=segment.number,
                    position=segment.first,
                )
            report.disposed += segment.count
            return
        latest = written(sealed - LATE)[:26].encode()
        entries, sha256 = self.entries, hashlib.sha256
        for position, expected in enumerate(leaves, segment.first):
            line = next(entries, b"")
            for version in VERSIONS[::-1]:
                head = b'{"position": %d, "version": %d, "entry": ' % (position, version)
                if line.startswith(head) and line.endswith(b"}\n"):
                    content = line[len(head) : -2]
                    if sha256(b"\x00" + bytes([version]) + content).digest() == expected:
                        break
            else:
                self._explain(line, position, segment, leaves, gone)
                continue
            report.entries += 1
            # Canonical JSON begins {"at": "2026-11-28T09:30:00.000000", "id": 7, ...
            report.late += content[8:34] < latest
            if self.inclusion is not None and _id_of(line) == self.inclusion:
                self._found(segment, leaves, position, version, content)

    def _explain(self, line: bytes, position: int, segment: Segment, leaves: list[bytes], gone: bool) -> None:
        """A line that is not the entry sealed here: withheld, disposed of, or wrong, and then how."""
        where: dict[str, int | None] = {"position": position, "segment": segment.number}
        if line == b'{"position": %d, "withheld": true}\n' % position:
            self.report.withheld += 1
            return
        if line == b'{"position": %d, "entry": null}\n' % position:
            if gone:
                self.report.disposed += 1
                return
            raise Wrong(
                "missing",
                f"The entry at position {position} is gone and no disposal accounts for it.",
                **where,
            )
        if not line:
            raise Wrong(
                "missing",
                f"The entries end before position {position}: entries are missing at the end.",
                **where,
            )
        where["entry"] = _id_of(line)
        found = _leaf_of(line)
        if found in leaves:
            belongs = segment.first + leaves.index(found)
            raise Wrong(
                "moved",
                f"At position {position} stands entry {where['entry']}, which was sealed at position {belongs}: "
                "an entry before it was taken out, put in or moved.",
                **where,
            )
        raise Wrong(
            "changed",
            f"Entry {where['entry'] if where['entry'] is not None else '(unreadable)'} at position {position} is not "
            "what was sealed there.",
            **where,
        )

    # Disposal

    def _disposal(self, given: dict[str, Any]) -> tuple[int, int, datetime]:
        """The segments that one disposal covers, and before which instant they were sealed."""
        proved = check_proof(given, self.keys, self.origin)
        entry = json.loads(proved["content"])
        details = entry["details"]
        if entry["event"] != "records.disposed" or details.get("class") != "audit_entry":
            raise Wrong("disposal", "What is given as a disposal is none.", entry=entry.get("id"))
        first, last, before = details["segments"][0], details["segments"][1], moment(details["before"])
        if moment(entry["at"] + "Z") - before < LEAST_KEPT:
            raise Wrong(
                "disposal", "A disposal took entries that were younger than half a year.", entry=entry["id"]
            )
        return first, last, before

    def _may_be_gone(self, segment: Segment, sealed: datetime) -> bool:
        return any(
            first <= segment.number <= last and sealed < before for first, last, before in self.disposals
        )

    # Beginning and end

    def _check_anchor(self) -> None:
        """An export that begins in the middle stands on a signed checkpoint of what came before."""
        if not self.tree.size:
            if self.position:
                raise Wrong("missing", "The trail begins at position 0, the export does not.", position=0)
            return
        note = Checkpoint.read(self.manifest["anchor"])
        if note.size != self.tree.size or note.root != self.tree.root() or note.origin != self.origin:
            raise Wrong(
                "chain", "The export does not stand on the checkpoint before it.", segment=self.tree.size
            )
        if note.extensions.get("entries") != str(self.position):
            raise Wrong("missing", "Entries are missing at the beginning.", position=self.position)
        self.keys.check(note)
        self.sealed_before = moment(note.sealed_at)

    def _check_end(self) -> None:
        self._check_diverging()
        until = self.manifest.get("until")
        if until is not None and moment(self.report.sealed_to) < moment(until):
            raise Wrong(
                "tail",
                f"The export ends at {self.report.sealed_to}, before the time that it is to cover ({until}).",
                position=self.position,
                segment=self.report.last_segment,
            )
        if until is not None:
            return
        made, beyond = moment(self.manifest["made_at"]), []
        for size in sorted(size for size in self.kept if size > self.tree.size):
            for note in self.kept[size]:
                if self._acknowledged(note) is not None:
                    continue
                if moment(note.sealed_at) > made - UNDER_WAY:
                    self.report.checkpoints_later += 1
                    continue
                self.keys.check_kept(note)
                beyond.append(note)
        if beyond:
            self._note_gap(self.tree.size, beyond)
            raise Wrong(
                "tail",
                f"A checkpoint that was kept elsewhere knows segment {beyond[0].size - 1}, sealed at "
                f"{beyond[0].sealed_at}; the trail ends with segment {self.tree.size - 1}: its end was cut off.",
                position=self.position,
                segment=self.tree.size,
            )

    # Restores from a backup

    def _read_restore(self, given: dict[str, Any]) -> None:
        """What the manifest says of a restore that this part may not hold: a signed note, and who stands behind it."""
        note = Checkpoint.read(given["checkpoint"])
        if note.origin != self.origin:
            raise Wrong("restore", "A restore that is acknowledged is one of another trail.")
        self.keys.check(note)
        self._note_restore(note, given.get("proof"))

    def _note_restore(self, note: Checkpoint, proof: dict[str, Any] | None = None) -> None:
        at = {"segment": note.size - 1}
        try:
            restore = Restore.read(note.extensions["restored"])
        except (ValueError, KeyError) as wrong:
            raise Wrong(
                "restore", f"A checkpoint acknowledges a restore, and not how: {wrong}", **at
            ) from None
        if note.size <= restore.agreed:
            raise Wrong("restore", "A restore is acknowledged before the place from which it was lost.", **at)
        known = next((seen for seen, by in self.restores if by.text == note.text), None)
        if known is not None:
            return
        said: dict[str, Any] = {
            "agreed": restore.agreed,
            "known": restore.known,
            "head": restore.head.hex(),
            "entry": restore.entry,
            "acknowledged_at": note.sealed_at,
            "segment": note.size - 1,
            "checkpoints": 0,
            "earlier": 0,
            "by": None,
            "reason": None,
            "entries": None,
            "lost_from": None,
            "lost_to": None,
        }
        if proof is not None:
            content = check_proof(proof, self.keys, self.origin)["content"]
            if leaf(bytes([proof["version"]]) + content) != restore.entry_leaf:
                raise Wrong(
                    "restore", "The entry given for a restore is not the one it was acknowledged by.", **at
                )
            details = json.loads(content)
            said |= {"by": details["details"]["person"], "reason": details["reason"]}
            said |= {name: details["details"][name] for name in ("entries", "lost_from", "lost_to")}
        self.restores.append((restore, note))
        self.report.restores.append(said)

    def _acknowledged(self, note: Checkpoint) -> int | None:
        """Which restore accounts for a kept checkpoint that the trail no longer knows; None where none does."""
        for number, (restore, by) in enumerate(self.restores):
            if restore.agreed < note.size <= restore.known and note.sealed_at <= by.sealed_at:
                self.keys.check_kept(note)
                self.report.restores[number]["checkpoints"] += 1
                self.report.restores[number]["earlier"] += "restored" in note.extensions
                return number
        return None

    def _check_diverging(self) -> None:
        """Checkpoints that state another head than the trail: lost by a restore that is acknowledged, or a fork."""
        beyond = [note for size in self.kept if size > self.tree.size for note in self.kept[size]]
        unknown, lost = [], []
        for note, sealed_at in self.diverging:
            if self._acknowledged(note) is None:
                unknown.append((note, sealed_at))
            else:
                lost.append((note, sealed_at))
        if unknown:
            first = unknown[0][0]
            if not self._overlap(unknown, beyond):
                self._note_gap(first.size - 1, [*(note for note, _ in unknown), *beyond])
            raise Wrong(
                "fork",
                f"A checkpoint that was kept elsewhere states another head for segment {first.size - 1}: "
                "the trail was written anew from there or earlier, or a backup was restored and nobody has said so.",
                segment=first.size - 1,
            )
        for (restore, by), said in zip(self.restores, self.report.restores, strict=True):
            if said["by"] is None and moment(self.report.made_at) - moment(by.sealed_at) < LEAST_KEPT:
                raise Wrong(
                    "restore",
                    f"Segment {by.size - 1} acknowledges a restore, and who did so is not proved.",
                    segment=by.size - 1,
                )
            gone = [note for note in beyond if note.size <= restore.known and note.sealed_at <= by.sealed_at]
            if self._overlap([one for one in lost if restore.agreed < one[0].size <= restore.known], gone):
                raise Wrong(
                    "fork",
                    f"What a restore is said to have lost was sealed beside what stands in its place from segment "
                    f"{restore.agreed} on, and not before it: the trail was written anew.",
                    segment=restore.agreed,
                )

    def _overlap(self, found: Sequence[tuple[Checkpoint, str]], beyond: Sequence[Checkpoint]) -> bool:
        """Whether the trail's own segments were sealed while those that they replace still grew. No restore does that."""
        if not found:
            return False
        newest = max(note.sealed_at for note in (*(note for note, _ in found), *beyond))
        return newest > min(sealed_at for _, sealed_at in found)

    def _note_gap(self, agreed: int, notes: Sequence[Checkpoint]) -> None:
        newest = max(notes, key=lambda note: (note.size, note.sealed_at))
        self.report.gap = {
            "agreed": agreed,
            "known": newest.size,
            "head": newest.root.hex(),
            "entries_known": int(newest.extensions.get("entries", "0")),
            "lost_to": newest.sealed_at,
        }

    def _read_kept(self, kept: Iterable[str]) -> dict[int, list[Checkpoint]]:
        found: dict[int, list[Checkpoint]] = {}
        for text in kept:
            note = Checkpoint.read(text)
            if note.origin != self.origin:
                raise Wrong(
                    "fork", f"A checkpoint that was kept elsewhere is of another trail ({note.origin})."
                )
            # Its signature matters where it differs from what the trail says, and is checked there.
            if note.root not in {known.root for known in found.get(note.size, ())}:
                found.setdefault(note.size, []).append(note)
        return found

    # Proofs

    def _found(
        self, segment: Segment, leaves: list[bytes], position: int, version: int, content: bytes
    ) -> None:
        self.found = {
            "format": PROOF_FORMAT,
            "origin": self.origin,
            "position": position,
            "version": version,
            "entry": content.decode(),
            "segment": segment.as_json(),
            "segment_path": [h.hex() for h in inclusion_path(leaves, position - segment.first)],
        }

    def _prove_inclusion(self) -> None:
        if self.found is None:
            raise Wrong(
                "absent",
                f"Entry {self.inclusion} is not in this export, or was withheld.",
                entry=self.inclusion,
            )
        number = self.found["segment"]["number"]
        tree = Gathered(path_ranges(number, 0, self.tree.size), self.start)
        for given in self.source.segments():
            segment = Segment.read(given)
            tree.pass_by(segment.number, segment.leaf)
        proof = self.found | {"tree_path": [h.hex() for h in tree.roots()], "checkpoint": self.last_note}
        check_proof(proof, self.keys, self.origin)
        self.report.proofs["inclusion"] = proof

    def _sizes(self) -> tuple[int, int]:
        old, new = self.consistency
        for note in (old, new):
            if note.origin != self.origin:
                raise Wrong("fork", "A checkpoint given for comparison is of another trail.")
            self.keys.check(note)
            self.kept.setdefault(note.size, []).append(note)
        if old.size > new.size:
            raise Wrong("order", "Give the older checkpoint first.")
        if old.size <= self.start.size:
            raise Wrong(
                "range", f"The older checkpoint lies before this export, which begins at {self.start.size}."
            )
        return old.size, new.size

    def _prove_consistency(self, wanted: Gathered) -> None:
        old, new = self.consistency
        if new.size > self.tree.size:
            raise Wrong(
                "range", f"The newer checkpoint lies after this export, which ends at {self.tree.size}."
            )
        proof = wanted.roots()
        if not is_consistent(old.size, new.size, old.root, new.root, proof):
            raise Wrong("fork", "The newer checkpoint did not grow out of the older one.")
        self.report.proofs["consistency"] = {
            "old_size": old.size,
            "new_size": new.size,
            "proof": [h.hex() for h in proof],
        }


def check_proof(given: dict[str, Any], keys: Keys, origin: str) -> dict[str, Any]:
    """Check a proof of inclusion. Answers its content and checkpoint; raises Wrong or ValueError."""
    segment, note = Segment.read(given["segment"]), Checkpoint.read(given["checkpoint"])
    content = given["entry"].encode()
    where = {"position": given["position"], "segment": segment.number, "entry": _id_in(content)}
    if given["version"] not in VERSIONS:
        raise Wrong("proof", "The entry has a form that is not known.", **where)
    found = leaf(bytes([given["version"]]) + content)
    path = [unhex(text) for text in given["segment_path"]]
    if root_by_path(given["position"] - segment.first, segment.count, found, path) != segment.root:
        raise Wrong("proof", "The entry does not lead to the root of its segment.", **where)
    path = [unhex(text) for text in given["tree_path"]]
    if root_by_path(segment.number, note.size, segment.leaf, path) != note.root:
        raise Wrong("proof", "The segment does not lead to the head of the checkpoint.", **where)
    if note.origin != origin:
        raise Wrong("proof", "The checkpoint is of another trail.", **where)
    keys.check(note)
    return {"content": content, "checkpoint": note, "segment": segment}


def _span(segment: Segment) -> str:
    if not segment.count:
        return "a segment without entries"
    return f"the entries at positions {segment.first} to {segment.entries - 1}"


def _id_in(content: bytes) -> int | None:
    try:
        number = json.loads(content)["id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return number if type(number) is int else None


def _id_of(line: bytes) -> int | None:
    """The number of the entry on a line; None where there is none to be read."""
    # Canonical JSON begins {"at": "...", "id": 7, so the number is near the start.
    _, mark, rest = line[:120].partition(b', "id": ')
    number = rest.partition(b",")[0]
    if mark and number.isdigit():
        return int(number)
    try:
        return _id_in(compact(json.loads(line)["entry"]).encode())
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _leaf_of(line: bytes) -> bytes | None:
    """The leaf that a line's entry makes, wherever it stands; None where the line has no such form."""
    head, mark, content = line.partition(b', "entry": ')
    version = head.rpartition(b'"version": ')[2]
    if not mark or not line.endswith(b"}\n") or version not in {b"1", b"2"}:
        return None
    return leaf(bytes([int(version)]) + content[:-2])


# Reading an export


class Export:
    """An export on disk: a folder or a zip file."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.zip = zipfile.ZipFile(place) if place.is_file() else None
        self.inside = ""
        if self.zip:
            names = [name for name in self.zip.namelist() if name.endswith("manifest.json")]
            if len(names) != 1:
                raise FileNotFoundError("manifest.json")
            self.inside = names[0].removesuffix("manifest.json")

    def _open(self, name: str):
        return self.zip.open(self.inside + name) if self.zip else (self.place / name).open("rb")

    def _read(self, name: str) -> Any:
        with self._open(name) as file:
            return json.load(file)

    def manifest(self) -> dict[str, Any]:
        return self._read("manifest.json")

    def keys(self) -> list[dict[str, Any]]:
        return self._read("keys.json")

    def entries(self) -> Iterator[bytes]:
        with self._open("entries.jsonl") as file:
            yield from file

    def disposals(self) -> Iterator[dict[str, Any]]:
        with self._open("disposals.jsonl") as file:
            yield from map(json.loads, file)

    def segments(self) -> Iterator[dict[str, Any]]:
        with self._open("segments.jsonl") as segments, self._open("checkpoints.jsonl") as checkpoints:
            yield from paired(segments, checkpoints)


def paired(segments: Iterable[bytes], checkpoints: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Segments, each with the checkpoint on the same line of the other file."""
    notes = iter(checkpoints)
    for line in segments:
        segment, beside = strict(line), strict(next(notes, b""))
        if segment.get("number") != beside.get("segment"):
            raise Wrong(
                "missing",
                f"Beside segment {segment.get('number')} stands the checkpoint of segment {beside.get('segment')}.",
                segment=segment.get("number"),
            )
        yield segment | {"checkpoint": beside["checkpoint"]}
    for line in notes:
        raise Wrong(
            "missing",
            "There is a checkpoint more than there are segments.",
            segment=strict(line).get("segment"),
        )


def strict(line: bytes) -> dict[str, Any]:
    """An object on a line of its own, written in the one way that an export writes it. Raises Wrong."""
    try:
        found = json.loads(line)
        if not isinstance(found, dict) or (compact(found) + "\n").encode() != line:
            raise ValueError
    except (ValueError, RecursionError):
        raise Wrong("unreadable", f"A line is not as an export writes it: {line[:60]!r}") from None
    return found


def kept_notes(place: Path) -> Iterator[str]:
    """The checkpoints in a file or a folder: lines of JSON with a "checkpoint", or one note a file."""
    files = sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]
    for path in files:
        if path.name.endswith(".journal.jsonl"):
            continue  # the entries themselves, for a restore: no checkpoint stands in it
        text = path.read_text(encoding="utf-8")
        if not text.lstrip().startswith("{"):
            yield text
            continue
        for line in text.splitlines():
            # A line that was cut off while it was written was written again after it.
            try:
                note = json.loads(line)["checkpoint"]
            except (ValueError, KeyError, TypeError, RecursionError):
                continue
            if isinstance(note, str):
                yield note


def _read_key(text: str) -> Key:
    path = Path(text)
    try:
        return Key.read(path.read_text(encoding="utf-8") if path.is_file() else text)
    except (ValueError, OSError) as wrong:
        raise argparse.ArgumentTypeError(
            f"{text[:80]!r} is neither a key (NAME+ID+KEY) nor a file with one"
        ) from wrong


def told(report: Report) -> str:
    """The report in sentences."""
    lost = [_told_restore(restore) for restore in report.restores]
    if not report.passed:
        wrong = report.wrong or {}
        return "\n".join([f"WRONG: {wrong.get('sentence')}", *lost])
    lines = [
        *lost,
        f"PASS: {report.entries:,} entries in {report.segments:,} segments are as they were sealed, "
        f"from {report.sealed_from} to {report.sealed_to}.",
    ]
    if report.withheld:
        lines.append(
            f"{report.withheld:,} more are in the trail and their content was withheld from this export."
        )
    if report.disposed:
        lines.append(
            f"{report.disposed:,} more were disposed of by the retention schedule; what sealed them is whole."
        )
    if report.late:
        lines.append(
            f"{report.late:,} entries were sealed more than 5 minutes after the time that they state."
        )
    if report.silences:
        lines.append(
            f"More than {MOST_SILENCE_S:.0f} s without a checkpoint {report.silences} times, at most "
            f"{report.longest_silence_s:.0f} s: the platform stood still, or was made to."
        )
    if report.checkpoints_compared:
        lines.append(f"{report.checkpoints_compared:,} checkpoints that were kept elsewhere agree.")
    if report.checkpoints_later:
        lines.append(
            f"{report.checkpoints_later:,} more are of after {report.made_at}, when this export says it was made."
        )
    lines.append(f"Signed by {report.keys[-1]}")
    if not report.key_was_given:
        lines.append(
            "That key is the export's own word. Compare it with the one you were handed, or give it with --key."
        )
    return "\n".join(lines)


def _told_restore(said: dict[str, Any]) -> str:
    if said["agreed"] == said["known"]:
        who = f"{said['by']}, who gives as the reason: {said['reason']}" if said["by"] else "not shown here"
        return (
            f"RESTORED: a backup was restored, and the trail was brought back as it was sealed up to segment "
            f"{said['known'] - 1}: nothing of it is lost. Sealed at {said['acknowledged_at']} in segment "
            f"{said['segment']}, answered for by {who} (entry {said['entry']})."
        )
    how_many = "" if said["entries"] is None else f", {said['entries']:,} entries"
    when = f", sealed from {said['lost_from']} to {said['lost_to']}" if said["lost_from"] else ""
    by = (
        f"{said['by']}, who gives as the reason: {said['reason']}"
        if said["by"]
        else "an entry not shown here"
    )
    earlier = " An earlier acknowledgement of a loss is among what was lost." if said["earlier"] else ""
    return (
        f"ACKNOWLEDGED LOSS: a backup was restored at segment {said['agreed']}, and what the trail held from there up to "
        f"segment {said['known'] - 1} is lost{how_many}{when}. Acknowledged at {said['acknowledged_at']} in segment "
        f"{said['segment']} by {by} (entry {said['entry']}). {said['checkpoints']:,} checkpoints kept elsewhere are of what was lost.{earlier}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Answers the exit status."""
    parser = argparse.ArgumentParser(description="Check an export of the audit trail.")
    parser.add_argument("export", nargs="?", type=Path, help="folder or zip file of the export")
    parser.add_argument(
        "--key", action="append", default=[], type=_read_key, help="a key that you were handed, or its file"
    )
    parser.add_argument(
        "--checkpoints", action="append", default=[], type=Path, help="checkpoints kept elsewhere"
    )
    parser.add_argument(
        "--inclusion", type=int, metavar="ENTRY", help="prove that this entry is in the trail"
    )
    parser.add_argument(
        "--consistency", nargs=2, type=Path, metavar=("OLD", "NEW"), help="prove that NEW grew out of OLD"
    )
    parser.add_argument("--proof", type=Path, help="check a proof of inclusion instead of an export")
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    given = parser.parse_args(arguments)
    try:
        if given.proof:
            return _main_proof(given)
        if given.export is None:
            parser.error("name the export, a folder or a zip file")
        notes = tuple(path.read_text(encoding="utf-8") for path in given.consistency or ())
        report = verify(
            Export(given.export),
            trusted=given.key,
            kept=(note for place in given.checkpoints for note in kept_notes(place)),
            inclusion=given.inclusion,
            consistency=(notes[0], notes[1]) if notes else None,
        )
    except (OSError, zipfile.BadZipFile, UnicodeDecodeError) as fault:
        print(f"This cannot be read: {fault}", file=sys.stderr)
        return 2
    if given.json:
        print(json.dumps(asdict(report), indent=2))
    else:
        print(told(report))
        for proof in report.proofs.values():
            print(json.dumps(proof, indent=2, ensure_ascii=False))
    return 0 if report.passed else 1


def _main_proof(given: argparse.Namespace) -> int:
    answer: dict[str, Any]
    try:
        proof = json.loads(given.proof.read_text(encoding="utf-8"))
        keys = Keys(proof["keys"], given.key)
        found = check_proof(proof, keys, proof["origin"])
        note, entry = found["checkpoint"], json.loads(found["content"])
        answer = {"passed": True, "entry": entry, "checkpoint": note.text, "key": keys.of(note.size - 1).text}
        words = (
            f"PASS: entry {entry['id']} stands at position {proof['position']} of the trail {note.origin}, and has "
            f"since {found['segment'].sealed_at}.\n{proof['entry']}\nSigned by {answer['key']}"
        )
        if not given.key:
            words += "\nThat key is the proof's own word. Compare it with the one you were handed, or give it with --key."
    except Wrong as wrong:
        answer, words = {"passed": False, "wrong": wrong.sentence}, f"WRONG: {wrong.sentence}"
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        answer, words = {"passed": False, "wrong": str(wrong)}, f"WRONG: The proof cannot be read: {wrong}"
    print(json.dumps(answer, indent=2) if given.json else words)
    return 0 if answer["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
