"""The tamper drill: a copy of the trail is falsified thousands of times, and each time verified.

Only copies in memory are touched. The forger of the drill can write anything in the export but holds no key:
he hides a change as far as his hand reaches, from the line alone up to signing everything anew with a key
of his own. Whoever verifies holds the public key and the newest checkpoint that a sink was given.
"""

from __future__ import annotations

import base64
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.seal import keys
from audit.verifier import (
    MOST_SILENCE_S,
    Checkpoint,
    Frontier,
    Key,
    Report,
    Segment,
    Source,
    checkpoint_text,
    leaf,
    moment,
    tree_root,
    unbase64,
    verify,
    written,
)

KINDS = ("edit", "deletion", "reordering", "insertion", "tail cut")
COVERS = ("the line alone", "its hash and root", "all heads after it", "signed anew with another key")
"""How far the forger goes to hide it, from clumsy to everything but the key."""


@dataclass
class Sealed:
    """One segment of the copy with its entries: version and canonical JSON of each."""

    segment: Segment
    leaves: list[bytes]
    entries: list[tuple[int, bytes]]
    note: str


@dataclass
class Copy:
    """A trail in memory that can be written on. `numbers` are the positions that its lines state."""

    base: dict[str, Any]
    key_rows: list[dict[str, Any]]
    sealed: list[Sealed]
    numbers: list[int] = field(default_factory=list)

    def manifest(self) -> dict[str, Any]:
        return self.base

    def keys(self) -> list[dict[str, Any]]:
        return self.key_rows

    def disposals(self) -> Iterator[dict[str, Any]]:
        return iter(())

    def segments(self) -> Iterator[dict[str, Any]]:
        for one in self.sealed:
            yield one.segment.as_json() | {
                "leaves": [base64.b64encode(found).decode() for found in one.leaves],
                "checkpoint": one.note,
            }

    def entries(self) -> Iterator[bytes]:
        every = (entry for one in self.sealed for entry in one.entries)
        for position, (version, content) in zip(self.numbers, every, strict=False):
            yield b'{"position": %d, "version": %d, "entry": %s}\n' % (position, version, content)

    def fresh(self) -> Copy:
        """The same again, to be written on."""
        return Copy(
            self.base,
            self.key_rows,
            [replace(one, leaves=list(one.leaves), entries=list(one.entries)) for one in self.sealed],
            list(self.numbers),
        )

    def renumber(self) -> None:
        """The lines state the positions that they now have."""
        first = self.sealed[0].segment.first
        self.numbers = list(range(first, first + sum(len(one.entries) for one in self.sealed)))


def copy_of(source: Source) -> Copy:
    """Read a verified trail into memory. Raises ValueError where entries of it are withheld or gone."""
    sealed, lines, numbers = [], source.entries(), []
    for given in source.segments():
        segment = Segment.read(given)
        entries = []
        for position in range(segment.first, segment.entries):
            head, mark, content = next(lines, b"").partition(b', "entry": ')
            version = head.rpartition(b'"version": ')[2]
            if not mark or not version.isdigit():
                raise ValueError("Entries of this part are withheld or were disposed of.")
            entries.append((int(version), content[:-2]))
            numbers.append(position)
        sealed.append(
            Sealed(segment, [unbase64(text) for text in given["leaves"]], entries, given["checkpoint"])
        )
    return Copy(source.manifest(), source.keys(), sealed, numbers)


@dataclass
class Outcome:
    """What the drill found."""

    attempts: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    covers: Counter[str] = field(default_factory=Counter)
    named: int = 0
    """Falsifications of which the very entry or position was named, not its segment alone."""
    missed: list[str] = field(default_factory=list)
    entries: int = 0
    segments: int = 0
    unseen_at_most_s: float = 0.0
    """The longest time between two checkpoints while the platform ran: so long a cut at the end can hide."""
    outages: int = 0
    """Longer silences: the verifier says each of them."""

    @property
    def passed(self) -> bool:
        return not self.missed and self.unseen_at_most_s <= MOST_SILENCE_S

    def as_json(self) -> dict[str, Any]:
        return {
            "passed": self.passed,
            "attempts": sum(self.attempts.values()),
            "found": sum(self.found.values()),
            "kinds": {kind: {"tried": self.attempts[kind], "found": self.found[kind]} for kind in KINDS},
            "hidden_by": dict(self.covers),
            "entry_or_position_named": self.named,
            "missed": self.missed[:20],
            "copy": {"entries": self.entries, "segments": self.segments},
            "tail_cut_unseen_at_most_s": round(self.unseen_at_most_s, 3),
            "longer_silences": self.outages,
        }


def run(copy: Copy, *, edits: int, seed: int, progress: Callable[[int], None] = lambda done: None) -> Outcome:
    """Falsify the copy `edits` times, verify each time, and count.

    Raises ValueError where the copy itself is not whole, or too small to be falsified in every way.
    """
    outcome = Outcome(entries=len(copy.numbers), segments=len(copy.sealed))
    if outcome.entries < 8 or outcome.segments < 4:
        raise ValueError("The trail is too short for a drill: it needs 8 sealed entries in 4 segments.")
    # As it would be a minute later, when the newest checkpoint is no longer under way.
    later = moment(copy.sealed[-1].segment.sealed_at) + timedelta(seconds=MOST_SILENCE_S)
    copy.base = copy.base | {"made_at": written(later), "until": None}
    trusted = [Key.read(row["key"]) for row in copy.key_rows]
    kept = [copy.sealed[-1].note]
    before = verify(copy, trusted=trusted, kept=kept)
    if not before.passed:
        raise ValueError(f"The trail is not whole to begin with: {(before.wrong or {}).get('sentence')}")
    _measure_silence(copy, outcome)
    forger = Forger(random.Random(seed), copy)  # noqa: S311 - a drill that can be repeated, no secret
    for number in range(edits):
        kind = KINDS[number % len(KINDS)]
        cover = COVERS[number // len(KINDS) % len(COVERS)]
        forged = forger.falsify(kind, cover)
        report = verify(forged, trusted=trusted, kept=kept)
        outcome.attempts[kind] += 1
        outcome.covers[cover] += 1
        if report.passed:
            outcome.missed.append(f"attempt {number}: {kind}, {cover}")
        else:
            outcome.found[kind] += 1
            outcome.named += _names(report)
        progress(number + 1)
    return outcome


def _measure_silence(copy: Copy, outcome: Outcome) -> None:
    times: list[datetime] = [moment(one.segment.sealed_at) for one in copy.sealed]
    for earlier, later in pairwise(times):
        gap_s = (later - earlier).total_seconds()
        if gap_s <= MOST_SILENCE_S:
            outcome.unseen_at_most_s = max(outcome.unseen_at_most_s, gap_s)
        else:
            outcome.outages += 1


def _names(report: Report) -> bool:
    return bool(report.wrong and report.wrong["kind"] in {"changed", "moved", "missing", "inserted"})


class Forger:
    """Falsifies fresh copies. Each falsification differs from the original in what it says or in what is there."""

    def __init__(self, chance: random.Random, original: Copy) -> None:
        self.chance = chance
        self.original = original
        self.full = [number for number, one in enumerate(original.sealed) if one.entries]
        self.own = keys.signer(original.base["origin"], Ed25519PrivateKey.generate())

    def falsify(self, kind: str, cover: str) -> Copy:
        """A falsified copy."""
        forged = self.original.fresh()
        number = self.chance.choice(self.full)
        touched = {
            "edit": self._edit,
            "deletion": self._delete,
            "reordering": self._reorder,
            "insertion": self._insert,
            "tail cut": self._cut,
        }[kind](forged, number)
        if cover == COVERS[0] and kind == "deletion":
            return forged
        forged.renumber()
        if cover != COVERS[0]:
            self._rehash(forged, touched, whole=cover != COVERS[1], anew=cover == COVERS[3])
        return forged

    def _edit(self, forged: Copy, number: int) -> int:
        entries = forged.sealed[number].entries
        at = self.chance.randrange(len(entries))
        version, content = entries[at]
        entries[at] = (version, self._otherwise(content))
        return number

    def _otherwise(self, content: bytes) -> bytes:
        """The entry with one letter or digit of it changed."""
        places = [at for at, byte in enumerate(content) if chr(byte).isalnum() and byte < 128]
        at = self.chance.choice(places)
        byte = content[at : at + 1]
        choices = b"0123456789" if byte.isdigit() else b"abcdefghijklmnopqrstuvwxyz"
        other = self.chance.choice([bytes([one]) for one in choices if bytes([one]) != byte])
        return content[:at] + other + content[at + 1 :]

    def _delete(self, forged: Copy, number: int) -> int:
        entries = forged.sealed[number].entries
        at = self.chance.randrange(len(entries))
        before = sum(len(one.entries) for one in forged.sealed[:number])
        del entries[at]
        del forged.numbers[before + at]
        return number

    def _reorder(self, forged: Copy, number: int) -> int:
        """Two entries change places, in one segment or across two."""
        everywhere = [(one, at) for one in self.full for at in range(len(forged.sealed[one].entries))]
        (one, at), (other, there) = sorted(self.chance.sample(everywhere, 2))
        left, right = forged.sealed[one].entries, forged.sealed[other].entries
        left[at], right[there] = right[there], left[at]
        return one

    def _insert(self, forged: Copy, number: int) -> int:
        entries = forged.sealed[number].entries
        version, content = self.chance.choice(entries)
        entries.insert(self.chance.randrange(len(entries) + 1), (version, self._otherwise(content)))
        return number

    def _cut(self, forged: Copy, _: int) -> int:
        """The end goes: whole segments with their checkpoints, so that what is left agrees with itself."""
        forged.sealed = forged.sealed[: self.chance.randrange(1, len(forged.sealed))]
        return len(forged.sealed)

    def _rehash(self, forged: Copy, begin: int, *, whole: bool, anew: bool) -> None:
        """Hide it: new hashes and roots; with `whole` new heads to the end; `anew` signed with the forger's key."""
        start = forged.base["frontier"]
        tree = Frontier(start["size"], [bytes.fromhex(text) for text in start["hashes"]])
        first = forged.sealed[0].segment.first
        for number, one in enumerate(forged.sealed):
            previous = tree.root()
            if number >= begin:
                one.leaves = [leaf(bytes([version]) + content) for version, content in one.entries]
                one.segment = replace(
                    one.segment, first=first, count=len(one.leaves), root=tree_root(one.leaves)
                )
            if whole:
                one.segment = replace(one.segment, previous_head=previous)
            tree.append(one.segment.leaf)
            if whole:
                one.segment = replace(one.segment, head=tree.root())
                self._restate(one, anew=anew)
            first = one.segment.entries
        if anew:
            forged.key_rows = [{"key": self.own.key.text, "from_segment": 0, "introduced_by": None}]

    def _restate(self, one: Sealed, *, anew: bool) -> None:
        """A checkpoint that says what the segment now says, under the old signature or the forger's own."""
        text = checkpoint_text(
            origin=self.original.base["origin"],
            size=one.segment.number + 1,
            head=one.segment.head,
            entries=one.segment.entries,
            sealed_at=one.segment.sealed_at,
        )
        old = Checkpoint.read(one.note)
        below = one.note[len(old.text) + 1 :]
        one.note = text + "\n" + (self.own.line(text) if anew else below)
