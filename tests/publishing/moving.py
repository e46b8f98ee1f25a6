"""A video of a few hundred bytes, built box by box as ISO/IEC 14496-12 says, that tells more than it shows."""

from __future__ import annotations

PLACE = b"+51.1279+001.3134/"


def box(kind: bytes, body: bytes = b"") -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + kind + body


def video(*, handler: bytes = b"vide", brand: bytes = b"isom", seconds: int = 4) -> bytes:
    """An MP4 with a place, a maker and times in it."""
    made_at = (3_900_000_000).to_bytes(4, "big")
    mvhd = box(
        b"mvhd",
        bytes(4) + made_at * 2 + (1000).to_bytes(4, "big") + (seconds * 1000).to_bytes(4, "big") + bytes(80),
    )
    tkhd = box(
        b"tkhd",
        bytes(4) + made_at * 2 + bytes(64) + (64 << 16).to_bytes(4, "big") + (36 << 16).to_bytes(4, "big"),
    )
    hdlr = box(b"hdlr", bytes(4) + b"mhlr" + handler + bytes(12))
    mdia = box(b"mdia", box(b"mdhd", bytes(4) + made_at * 2 + bytes(12)) + hdlr)
    place = box(b"udta", box(b"\xa9xyz", PLACE) + box(b"meta", b"Maker Phone 12"))
    moov = box(b"moov", mvhd + box(b"trak", tkhd + mdia) + place)
    return box(b"ftyp", brand + bytes(4) + b"isommp42") + moov + box(b"mdat", b"pictures and sound")


VTT = b"WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nThe bridge is open again.\n"
SRT = b"1\r\n00:00:00,000 --> 00:00:02,500\r\nThe bridge is open again.\r\n"
