"""Making a video say no more than it shows: an MP4 or MOV without where, when and with what it was made.

No byte moves: what describes the file is overwritten with nothing in its place, so that every offset in it stays
right and nothing is encoded anew. Source: ISO/IEC 14496-12 (boxes; `udta`, `meta`, `uuid`; times of `mvhd`, `tkhd`,
`mdhd`) and Apple's QuickTime File Format. A track of measurements, as sports cameras and drones write them, is
woven into the pictures themselves: such a video is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.errors import NotValid

MOST_BYTES = 100 * 1024 * 1024
MOST_BOXES = 200_000
LONGEST_S = 20 * 60

_HOLDS_OTHERS = frozenset(
    {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"moof", b"traf", b"mvex"}
)
_SAYS_MORE = frozenset(
    {b"udta", b"meta", b"uuid", b"emsg", b"Xtra", b"gps ", b"cust", b"skip", b"free", b"wide"}
)
_TIMED = frozenset({b"mvhd", b"tkhd", b"mdhd"})
_SHOWN = frozenset({b"vide", b"soun", b"text", b"sbtl", b"clcp", b"subt", b"tmcd"})
_KNOWN = (b"isom", b"iso", b"mp4", b"avc1", b"M4V", b"MSNV", b"dash", b"3gp", b"qt  ")


@dataclass(frozen=True)
class Video:
    """A cleaned video and what it is."""

    content: bytes = field(repr=False)
    content_type: str
    width: int
    height: int
    seconds: float


@dataclass
class _Box:
    kind: bytes
    start: int
    body: int
    end: int


def clean(content: bytes) -> Video:
    """The same video without place, times and names of devices. Raises NotValid for anything that is no MP4 or MOV."""
    if not content:
        raise NotValid("The file is empty. Choose a video.", field="video")
    if len(content) > MOST_BYTES:
        raise NotValid(
            f"The video is larger than {MOST_BYTES // (1024 * 1024)} MB. Make it shorter or smaller and try again.",
            field="video",
        )
    if content[4:8] != b"ftyp" or not content[8:12].startswith(_KNOWN):
        raise NotValid(
            "This is not a video that can be used. Save it as MP4 (or MOV) and choose it again.",
            field="video",
        )
    kept = bytearray(content)
    try:
        found = _cleaned(kept)
    except (ValueError, IndexError):
        raise NotValid(
            "The video is broken or was not saved to its end. Save it anew and try again.", field="video"
        ) from None
    width, height, seconds = found
    if seconds > LONGEST_S:
        raise NotValid("The video is longer than 20 minutes. Cut it, or publish it by hand.", field="video")
    kind = "video/quicktime" if content[8:12] == b"qt  " else "video/mp4"
    return Video(bytes(kept), kind, width, height, seconds)


def _cleaned(kept: bytearray) -> tuple[int, int, float]:
    width = height = 0
    seconds = 0.0
    kinds: set[bytes] = set()
    handlers: set[bytes] = set()
    for box in _walk(kept):
        kinds.add(box.kind)
        if box.kind in _SAYS_MORE:
            kept[box.start + 4 : box.start + 8] = b"free"
            kept[box.body : box.end] = bytes(box.end - box.body)
        elif box.kind in _TIMED:
            long = kept[box.body] == 1
            first, size = box.body + 4, 16 if long else 8
            kept[first : first + size] = bytes(size)
            if box.kind == b"mvhd":
                at = first + size
                scale = int.from_bytes(kept[at : at + 4], "big")
                lasts = int.from_bytes(kept[at + 4 : at + (12 if long else 8)], "big")
                seconds = lasts / scale if scale else 0.0
            elif box.kind == b"tkhd":
                across = int.from_bytes(kept[box.end - 8 : box.end - 6], "big")
                down = int.from_bytes(kept[box.end - 4 : box.end - 2], "big")
                if across * down > width * height:
                    width, height = across, down
        elif box.kind == b"hdlr":
            component = bytes(kept[box.body + 4 : box.body + 8])
            # In QuickTime a data handler stands beside the one of the media.
            if component != b"dhlr":
                handlers.add(bytes(kept[box.body + 8 : box.body + 12]))
    if (strange := handlers - _SHOWN) and any(kind.strip(b"\0 ") for kind in strange):
        raise NotValid(
            "The video carries a track of measurements, such as where the camera was, which cannot be taken "
            "out here. Export it anew without them (most editing programs do) and choose it again.",
            field="video",
        )
    if not {b"moov", b"mdat"} <= kinds or b"vide" not in handlers or not width or not height:
        raise ValueError("no pictures in it")
    return width, height, seconds


def _walk(kept: bytearray) -> Iterator[_Box]:
    """Every box, each before those in it. Raises ValueError where one does not fit into what holds it."""
    waiting = [(0, len(kept))]
    count = 0
    while waiting:
        at, end = waiting.pop()
        while at < end:
            count += 1
            if count > MOST_BOXES or end - at < 8:
                raise ValueError("not a box")
            size, kind, body = int.from_bytes(kept[at : at + 4], "big"), bytes(kept[at + 4 : at + 8]), at + 8
            if size == 1:
                size, body = int.from_bytes(kept[at + 8 : at + 16], "big"), at + 16
            elif size == 0:
                size = end - at
            if size < body - at or at + size > end:
                if size == 0 or (kind == b"\0\0\0\0" and not any(kept[at:end])):
                    break
                raise ValueError("a box that does not fit")
            yield _Box(kind, at, body, at + size)
            if kind in _HOLDS_OTHERS:
                waiting.append((body, at + size))
            at += size
