"""Which letters a PDF can print, and in which type.

What is Latin-1 is printed in the types that every PDF reader has built in, as before. Everything else is printed in Noto
(SIL Open Font License 1.1, from the package manimgx-fonts), script by script; only the letters that are used are embedded.
What no type here has, such as Chinese, and what would turn a text around unseen, is written as its number, [U+202E]: nothing
is lost, and nothing is shown as something else.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from fontTools.ttLib import TTFont

_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " "}
)
_JOINERS = "\u200c\u200d\ufe0e\ufe0f"
"""Unseen, and needed between letters: Urdu and Persian words, families and flags of emoji."""
BASE = "NotoSans"
"""Latin with all its marks, Greek and Cyrillic."""
_SCRIPTS: tuple[tuple[str, tuple[tuple[int, int], ...]], ...] = (
    (
        "NotoSansArabic",
        ((0x0600, 0x06FF), (0x0750, 0x077F), (0x0870, 0x08FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF)),
    ),
    ("NotoSansArmenian", ((0x0530, 0x058F), (0xFB13, 0xFB17))),
    ("NotoSansBengali", ((0x0980, 0x09FF),)),
    ("NotoSansDevanagari", ((0x0900, 0x097F), (0xA8E0, 0xA8FF))),
    ("NotoSansEthiopic", ((0x1200, 0x139F), (0x2D80, 0x2DDF), (0xAB00, 0xAB2F))),
    ("NotoSansGeorgian", ((0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F))),
    ("NotoSansGujarati", ((0x0A80, 0x0AFF),)),
    ("NotoSansGurmukhi", ((0x0A00, 0x0A7F),)),
    ("NotoSansHebrew", ((0x0590, 0x05FF), (0xFB1D, 0xFB4F))),
    ("NotoSansKannada", ((0x0C80, 0x0CFF),)),
    ("NotoSansKhmer", ((0x1780, 0x17FF), (0x19E0, 0x19FF))),
    ("NotoSansLao", ((0x0E80, 0x0EFF),)),
    ("NotoSansMalayalam", ((0x0D00, 0x0D7F),)),
    ("NotoSansMyanmar", ((0x1000, 0x109F), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F))),
    ("NotoSansOriya", ((0x0B00, 0x0B7F),)),
    ("NotoSansSinhala", ((0x0D80, 0x0DFF),)),
    ("NotoSansTamil", ((0x0B80, 0x0BFF),)),
    ("NotoSansTelugu", ((0x0C00, 0x0C7F),)),
    ("NotoSansThai", ((0x0E00, 0x0E7F),)),
    ("NotoEmoji", ((0x203C, 0x3299), (0x1F000, 0x1FAFF))),
    ("NotoSansSymbols", ((0x2000, 0x2BFF), (0x1F000, 0x1FAFF))),
)


def latin(text: str) -> str:
    """The text as the built-in types print it: typographic marks made plain. Whole only where `is_latin`."""
    return text.replace("\r\n", "\n").translate(_PLAIN)


def is_latin(text: str) -> bool:
    """Whether the built-in types have every letter of it."""
    return all(ord(letter) < 256 and (letter.isprintable() or letter in "\n\t") for letter in latin(text))


def printed(text: str) -> tuple[str, tuple[str, ...]]:
    """The text as it is printed, and the types that it takes beside the built-in ones; none where it is Latin."""
    if is_latin(text):
        return latin(text), ()
    out, needed = [], {BASE: None}
    for letter in text.replace("\r\n", "\n"):
        if letter in "\n\t" or letter in _JOINERS:
            out.append(letter)
        elif letter.isprintable() and (font := _font_of(letter)):
            needed[font] = None
            out.append(letter)
        else:
            out.append(f"[U+{ord(letter):04X}]")
    return _told_alone("".join(out), needed)


def _told_alone(text: str, needed: dict[str, None]) -> tuple[str, tuple[str, ...]]:
    """Where all that was not Latin became numbers, the built-in types do."""
    if is_latin(text):
        return latin(text), ()
    return text, tuple(needed)


def _font_of(letter: str) -> str:
    code = ord(letter)
    if code in _letters(BASE):
        return BASE
    for name, ranges in _SCRIPTS:
        if any(first <= code <= last for first, last in ranges) and code in _letters(name):
            return name
    return ""


def path(name: str) -> Path:
    """Where a type lies."""
    return Path(str(resources.files("manimgx_fonts"))) / f"{name}[wght].ttf"


@cache
def _letters(name: str) -> frozenset[int]:
    with TTFont(path(name), lazy=True) as font:
        return frozenset(font.getBestCmap())
