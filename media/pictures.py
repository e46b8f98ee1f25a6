"""Making a picture harmless: decoded, turned upright, stripped of everything but its pixels, encoded anew."""

from __future__ import annotations

import io
import warnings
from collections.abc import Collection
from dataclasses import dataclass, field

from PIL import Image, ImageDraw, ImageOps, UnidentifiedImageError

from core.errors import NotValid

ACCEPTED = ("JPEG", "PNG", "WEBP", "GIF")
MOST_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 60_000_000
"""A picture is refused by its stated size before it is decoded: 20 MB of PNG can unpack to gigabytes."""
LONGEST_SIDE_PX = 4096
COLUMNS, ROWS = 8, 6
"""The squares of a picture that can be covered, counted from 1 along each row from the top."""


@dataclass(frozen=True)
class Picture:
    """A re-encoded picture and what it is."""

    content: bytes = field(repr=False)
    content_type: str
    width: int
    height: int


def reencode(content: bytes, *, covered: Collection[int] = ()) -> Picture:
    """The same picture without EXIF, place, profile, comments or hidden data; the first frame of a GIF.

    covered: squares (COLUMNS by ROWS) that are black in what is answered. Nothing lies under them.

    Pictures with see-through parts become PNG, all others JPEG; the longer side is at most LONGEST_SIDE_PX. Raises NotValid for what is no picture, broken, too large or of another kind.
    """
    if not content:
        raise NotValid("The file is empty. Choose a picture.", field="picture")
    if len(content) > MOST_BYTES:
        raise NotValid(
            f"The picture is larger than {MOST_BYTES // (1024 * 1024)} MB. Make it smaller and try again.",
            field="picture",
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=ACCEPTED)
            if picture.width * picture.height > MOST_PIXELS:
                raise NotValid(
                    f"The picture has more than {MOST_PIXELS // 1_000_000} million pixels. "
                    "Make it smaller and try again.",
                    field="picture",
                )
            picture.draft("RGB", (LONGEST_SIDE_PX, LONGEST_SIDE_PX))
            picture.load()
            return _encode(_without(_upright(picture), covered))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise NotValid(
            "The picture unpacks to more than can be held. Make it smaller and try again.", field="picture"
        ) from None
    except UnidentifiedImageError:
        raise NotValid(
            "This is not a picture that can be used. Choose a JPEG, PNG, WebP or GIF file.", field="picture"
        ) from None
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError):
        # Each of Pillow's readers has its own words for a broken file.
        raise NotValid(
            "The picture is broken and cannot be read. Save it anew and try again.", field="picture"
        ) from None


def _upright(picture: Image.Image) -> Image.Image:
    turned = ImageOps.exif_transpose(picture)
    see_through = turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info
    plain = turned.convert("RGBA" if see_through else "RGB")
    plain.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX), Image.Resampling.LANCZOS)
    # A new image of the same pixels: whatever the file carried beside them stays behind.
    bare = Image.new(plain.mode, plain.size)
    bare.paste(plain)
    return bare


def _without(picture: Image.Image, covered: Collection[int]) -> Image.Image:
    if not covered:
        return picture
    plain = _on_white(picture)
    draw = ImageDraw.Draw(plain)
    for square in covered:
        row, column = divmod(square - 1, COLUMNS)
        draw.rectangle(
            (
                column * plain.width // COLUMNS,
                row * plain.height // ROWS,
                -(-(column + 1) * plain.width // COLUMNS),
                -(-(row + 1) * plain.height // ROWS),
            ),
            fill="black",
        )
    return plain


def _encode(picture: Image.Image) -> Picture:
    out = io.BytesIO()
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() != (255, 255):
        picture.save(out, "PNG", optimize=False)
        kind = "image/png"
    else:
        picture.convert("RGB").save(out, "JPEG", quality=88, optimize=True)
        kind = "image/jpeg"
    return Picture(content=out.getvalue(), content_type=kind, width=picture.width, height=picture.height)


def as_jpeg(content: bytes, most_bytes: int) -> bytes:
    """A re-encoded picture as JPEG within a platform's limit, whatever it was: some take nothing else."""
    picture = Image.open(io.BytesIO(content))
    if picture.format == "JPEG":
        return within(content, most_bytes)
    out, ground = io.BytesIO(), _on_white(picture)
    ground.save(out, "JPEG", quality=88, optimize=True)
    return within(out.getvalue(), most_bytes)


def within(content: bytes, most_bytes: int) -> bytes:
    """A re-encoded picture made small enough for a platform, as JPEG where it has to shrink.

    Sharpness goes before size: quality first, then the sides. Answers the bytes as they are where
    they fit, or where the platform names no limit (0).
    """
    if not most_bytes or len(content) <= most_bytes:
        return content
    ground = _on_white(Image.open(io.BytesIO(content)))
    side, quality = max(ground.size), 85
    while True:
        out = io.BytesIO()
        ground.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= most_bytes or side < 64:
            return out.getvalue()
        if quality > 60:
            quality -= 10
        else:
            side = side * 3 // 4
            ground.thumbnail((side, side), Image.Resampling.LANCZOS)


def _on_white(picture: Image.Image) -> Image.Image:
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    return ground
