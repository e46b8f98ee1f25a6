"""Whether two pictures look alike: a difference hash of 64 bits, by Pillow alone. No writes here, and no database.

The picture is made grey and 9 by 8 pixels small; each bit says whether a pixel is lighter than its neighbour. A copy that
was scaled, recoded or slightly tinted differs in few bits; a picture that was turned or cut differs in many, and is not
found. imagehash computes the same and would bring numpy, scipy and PyWavelets along for it.
Source: the method is described at hackerfactor.com/blog/index.php?/archives/529-Kind-of-Like-That.html.
"""

from __future__ import annotations

import io
import warnings

from PIL import Image, UnidentifiedImageError

ALIKE = 8
"""Bits of 64 in which a copy may differ. Two unrelated pictures differ in about 32."""
MOST_PIXELS = 25_000_000
MOST_BYTES = 5 * 1024 * 1024
_FLAT = 6
"""A picture with fewer bits set, or unset, is one colour or nearly: it is like any other such, and tells nothing."""


def seen_as(content: bytes) -> str:
    """The hash in 16 hexadecimal digits; empty for what is no picture, too large, or nearly one colour."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    return ""
                small = picture.convert("RGBA")
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ):
        return ""
    ground = Image.new("RGBA", small.size, "white")
    ground.alpha_composite(small)
    pixels = ground.convert("L").resize((9, 8), Image.Resampling.LANCZOS).tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            left, right = pixels[row * 9 + column], pixels[row * 9 + column + 1]
            bits = bits << 1 | (left > right)
    if not _FLAT <= bits.bit_count() <= 64 - _FLAT:
        return ""
    return f"{bits:016x}"


def differs(one: str, other: str) -> int:
    """In how many of 64 bits two pictures differ as they are seen."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
