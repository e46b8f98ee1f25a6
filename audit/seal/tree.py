"""The tree of all segments, read a few rows at a time: any root, path or proof takes a few dozen of them."""

from __future__ import annotations

from collections.abc import Iterable

from audit.models import Segment
from audit.verifier import Frontier, consistency_ranges, path_ranges, range_root


def frontier(size: int) -> Frontier:
    """The perfect subtrees that the first `size` segments make."""
    wanted, begins = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            wanted.append((level, begins >> level))
            begins += 1 << level
    stored = _stored(wanted)
    return Frontier(size, [stored[place] for place in wanted])


def inclusion(number: int, size: int) -> list[bytes]:
    """The path from one segment to the head of the first `size`."""
    return _roots(path_ranges(number, 0, size))


def consistency(old: int, new: int) -> list[bytes]:
    """The proof that the first `old` segments begin the first `new`."""
    return _roots(consistency_ranges(old, new))


def _roots(ranges: Iterable[tuple[int, int]]) -> list[bytes]:
    ranges = list(ranges)
    wanted: list[tuple[int, int]] = []

    def note(level: int, index: int) -> bytes:
        wanted.append((level, index))
        return b""

    for low, high in ranges:
        range_root(note, low, high)
    stored = _stored(wanted)
    return [range_root(lambda level, index: stored[level, index], low, high) for low, high in ranges]


def _stored(wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """Perfect subtrees by level and index: each stands with the segment that completed it."""
    by_segment = {(level, index): ((index + 1) << level) - 1 for level, index in wanted}
    rows = dict(Segment.objects.filter(number__in=set(by_segment.values())).values_list("number", "subtrees"))
    return {
        (level, index): bytes(rows[number])[32 * level : 32 * level + 32]
        for (level, index), number in by_segment.items()
    }
