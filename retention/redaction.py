"""What in a text should perhaps not be given out, and a text from which it is gone.

Suggestions are patterns of the United Kingdom and known names of others; a person decides on each. What is burned is not
covered but absent: the mark that stands in its place is as long whatever it replaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

MARK = "[redacted]"
LONGEST_SPAN = 2_000

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("e-mail address", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)),
    (
        "National Insurance number",
        re.compile(
            r"\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:[ -]?\d{2}){3}[ -]?[A-D]\b",
            re.I,
        ),
    ),
    # 07..., 01..., 02..., 03..., 08..., +44, with blanks, dots, hyphens and brackets between the digits.
    (
        "telephone number",
        re.compile(r"(?<![\w+])(?:\+44\s?(?:\(0\)\s?)?|\(?0)[1-9](?:[ ().-]{0,2}\d){8,9}(?!\d)"),
    ),
    (
        "postcode",
        re.compile(r"\b(?:GIR ?0AA|[A-PR-UWYZ][A-HK-Y]?\d[A-HJKMNPR-Y\d]? ?\d[ABD-HJLNP-UW-Z]{2})\b", re.I),
    ),
    # Since 2001; before it, a prefix or a suffix letter; Northern Ireland. Capitals, or else every short word is one.
    (
        "vehicle registration",
        re.compile(
            r"\b(?:[A-HJ-PR-Y][A-HJ-PR-Y]\d{2} ?[A-HJ-PR-Z]{3}|[A-HJ-NPR-TV-Y]\d{1,3} ?[A-HJ-PR-Y]{3}"
            r"|[A-HJ-PR-Y]{3} ?\d{1,3}[A-HJ-NPR-TV-Y]|[A-Z]?I[A-Z] ?\d{1,4})\b"
        ),
    ),
)
_HANDLE = re.compile(r"(?<![\w@])@[\w.]{2,}(?:@[\w.-]+)?")
_RANKED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|PC|PCSO|DC|DS|DI|DCI|Sgt|Sergeant|Inspector|Constable|Superintendent)\.?"
    r"(?: \d{2,6})?(?: [A-Z][\w'’-]+){1,2}"
)
_NAMES = re.compile(r"\b[A-Z][a-z'’-]+(?: (?:[A-Z]\. )?[A-Z][a-z'’-]+){1,2}\b")
NAME = "name"
"""Suggested, and never ticked beforehand: two words with capitals are often no name."""


@dataclass(frozen=True, order=True)
class Span:
    """Characters of a text, from `start` up to and without `end`."""

    start: int
    end: int
    what: str = ""
    """What it seems to be, in words."""

    @property
    def sure(self) -> bool:
        """Whether it is ticked before anybody has looked."""
        return self.what != NAME


def suggest(text: str, *, theirs: Iterable[str] = (), others: Iterable[str] = ()) -> list[Span]:
    """What in the text may be somebody else's, in its order and without overlaps.

    theirs: names and handles of whom it is about, which are not suggested. others: names and handles that are known to
    be somebody else's.
    """
    own = {_plain(one) for one in theirs}
    found = [
        Span(match.start(), match.end(), what)
        for what, pattern in _PATTERNS
        for match in pattern.finditer(text)
    ]
    found += [
        span
        for other in others
        if _plain(other) not in own
        for span in find(text, other, "somebody else’s name")
    ]
    found += [
        Span(one.start(), one.end(), "handle") for one in _HANDLE.finditer(text) if _plain(one[0]) not in own
    ]
    found += [
        Span(one.start(), one.end(), NAME)
        for pattern in (_RANKED, _NAMES)
        for one in pattern.finditer(text)
        if _plain(one[0]) not in own
    ]
    return without_overlaps(found)


def find(text: str, words: str, what: str = "") -> list[Span]:
    """Every place where these words stand, whatever their capitals."""
    words = words.strip()
    if not words:
        return []
    pattern = re.compile(re.escape(words), re.IGNORECASE)
    return [Span(one.start(), one.end(), what) for one in pattern.finditer(text)]


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """In order; of spans that overlap one that covers them all, named as its first that is sure."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, not one.sure, -one.end)):
        last = kept[-1] if kept else None
        if last is None or span.start >= last.end:
            kept.append(span)
        else:
            what = last.what if last.sure or not span.sure else span.what
            kept[-1] = Span(last.start, max(last.end, span.end), what)
    return kept


def burn(text: str, spans: Iterable[Span]) -> str:
    """The text with a mark for each span. Nothing of what stood there is left, nor how long it was."""
    done, at = [], 0
    for span in without_overlaps(spans):
        done.append(text[at : span.start])
        done.append(MARK)
        at = span.end
    return "".join([*done, text[at:]])


@dataclass(frozen=True)
class Piece:
    """A stretch of a text as the review page shows it."""

    text: str
    span: Span | None = None


def pieces(text: str, spans: Iterable[Span]) -> list[Piece]:
    """The text cut at its spans."""
    done, at = [], 0
    for span in without_overlaps(spans):
        if span.start > at:
            done.append(Piece(text[at : span.start]))
        done.append(Piece(text[span.start : span.end], span))
        at = span.end
    return [*done, Piece(text[at:])] if at < len(text) else done


def _plain(text: str) -> str:
    return text.strip().lstrip("@").casefold()
