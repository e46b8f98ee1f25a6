"""What may be written on the exercise network: how long, by whom, and which pictures."""

from __future__ import annotations

import io

import regex
from PIL import Image

from core.errors import NotValid

POST_LENGTH = 500
REPLY_LENGTH = 500
PUBLIC_LENGTH = 120_000
"""The public may write monsters here, so that a drill can see what the desk makes of one."""
PICTURES = 4
PICTURE_BYTES = 2 * 1024 * 1024
ALT_TEXT_LENGTH = 1000
KEY_LENGTH = 64
NAME_LENGTH = 80
PICTURE_TYPES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_CODE_POINTS_PER_CHARACTER = 20
_HANDLE = regex.compile(r"[a-z0-9][a-z0-9_-]{1,29}")
_MENTION = regex.compile(r"(?<![\w@])@([a-z0-9][a-z0-9_-]{1,29})", regex.IGNORECASE)


def length(text: str) -> int:
    """Characters as a reader counts them: grapheme clusters, so that a family emoji is one."""
    return len(regex.findall(r"\X", text))


def handle(value: str) -> str:
    """A handle as it is kept. Raises NotValid for one that is not allowed."""
    kept = value.strip().removeprefix("@").lower()
    if not _HANDLE.fullmatch(kept):
        raise NotValid(
            f"“{value[:40]}” cannot be a handle: use 2 to 30 letters a to z, figures, hyphens and underscores.",
            field="handle",
        )
    return kept


def name(value: str) -> str:
    """A display name as it is kept. Raises NotValid where it is empty or too long."""
    kept = " ".join(storable(value, field="name").split())
    if not 1 <= len(kept) <= NAME_LENGTH:
        raise NotValid(f"Give a name of 1 to {NAME_LENGTH} characters.", field="name")
    return kept


def words(value: str, *, most: int, may_be_empty: bool = False) -> str:
    """Text as it is kept. Raises NotValid where there is none, too much, or what cannot be stored.

    Code points are counted first: thousands of marks stacked on one letter are one character.
    """
    kept = storable(value, field="text").strip()
    if not kept and not may_be_empty:
        raise NotValid("There are no words to send.", field="text")
    if len(kept) > most * _CODE_POINTS_PER_CHARACTER or (count := length(kept)) > most:
        told = f"{count:,} characters" if len(kept) <= most * _CODE_POINTS_PER_CHARACTER else "far too long"
        raise NotValid(f"The text is {told}; at most {most:,} are allowed.", field="text")
    return kept


def storable(value: str, *, field: str) -> str:
    """The text itself. Raises NotValid for a null character or half of a surrogate pair."""
    if any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in value):
        raise NotValid("The text holds a character that cannot be stored.", field=field)
    return value


def mentions(text: str) -> list[str]:
    """The handles that a text names, in lower case, each once."""
    return sorted({found.lower() for found in _MENTION.findall(text)})


def picture(content: bytes, content_type: str) -> None:
    """Refuse, with NotValid, what is too large or not the kind of image that it says it is."""
    if content_type not in PICTURE_TYPES:
        raise NotValid("A picture must be a JPEG, a PNG or a WebP.", field="pictures")
    if len(content) > PICTURE_BYTES:
        raise NotValid(f"A picture may be at most {PICTURE_BYTES // 1024 // 1024} MB.", field="pictures")
    try:
        with Image.open(io.BytesIO(content), formats=[PICTURE_TYPES[content_type]]) as image:
            image.verify()
    except Exception as fault:  # Pillow raises many kinds for hostile bytes; all mean "not this image"
        raise NotValid("A picture could not be read as the image it says it is.", field="pictures") from fault
