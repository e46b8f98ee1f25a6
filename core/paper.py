"""Sheets of paper as PDF: headings, facts, long texts, page numbers. Knows no domain words.

The fonts that every PDF reader has built in know Latin-1 alone. What lies outside it is written as its number in
Unicode, [U+1F480]: nothing is lost, and nothing is shown as something else.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from fpdf import FPDF

from core import clock

_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " "}
)
_LEFT_MM = 50


class Paper(FPDF):
    """An A4 document with a running head and page numbers."""

    def __init__(self, title: str, *, head: str, at: datetime) -> None:
        super().__init__(format="A4")
        self._head = latin(head)
        self.set_title(latin(title))
        self.set_creation_date(at)
        self.set_margins(20, 20)
        self.set_auto_page_break(True, 20)
        self.add_page()
        self.set_font("Helvetica", "B", 16)
        self.multi_cell(0, 9, latin(title), new_x="LMARGIN", new_y="NEXT")
        self.ln(2)

    def header(self) -> None:
        """The running head."""
        self.set_font("Helvetica", "", 8)
        self.cell(0, 5, self._head, align="C", new_x="LMARGIN", new_y="NEXT")
        self.ln(3)

    def footer(self) -> None:
        """The head once more, and the page of how many."""
        self.set_y(-15)
        self.set_font("Helvetica", "", 8)
        self.cell(0, 5, f"{self._head}   page {self.page_no()} of {{nb}}", align="C")

    def heading(self, text: str) -> None:
        """A heading within the document."""
        self.ln(3)
        self.set_font("Helvetica", "B", 12)
        self.multi_cell(0, 7, latin(text), new_x="LMARGIN", new_y="NEXT")

    def facts(self, rows: Iterable[tuple[str, str]]) -> None:
        """Names on the left, what they are on the right; a row without a value is left out."""
        for name, value in rows:
            if not value:
                continue
            if self.get_y() > self.h - 35:
                self.add_page()
            top, page = self.get_y(), self.page_no()
            self.set_font("Helvetica", "B", 10)
            lines = self.multi_cell(_LEFT_MM - 2, 6, latin(name), align="L", dry_run=True, output="LINES")
            high = 6 * len(lines) if isinstance(lines, list) else 6
            self.multi_cell(_LEFT_MM - 2, 6, latin(name), align="L", new_x="RIGHT", new_y="TOP")
            self.set_font("Helvetica", "", 10)
            self.set_xy(self.l_margin + _LEFT_MM, top)
            self.multi_cell(0, 6, latin(value), align="L", new_x="LMARGIN", new_y="NEXT")
            if self.page_no() == page and self.get_y() < top + high:
                self.set_y(top + high)

    def text_block(self, text: str, *, exact: bool = False) -> None:
        """Long text; `exact` for words that somebody else wrote, in a type of their own."""
        self.set_font("Courier" if exact else "Helvetica", "", 9 if exact else 10)
        self.multi_cell(0, 5, latin(text) or "-", align="L", new_x="LMARGIN", new_y="NEXT")
        self.ln(1)

    def whole(self) -> bytes:
        """The document."""
        return bytes(self.output())


def latin(text: str) -> str:
    """The text in Latin-1: typographic marks made plain, everything else outside it as its Unicode number."""
    return "".join(
        letter
        if ord(letter) < 256 and (letter.isprintable() or letter in "\n\t")
        else f"[U+{ord(letter):04X}]"
        for letter in text.replace("\r\n", "\n").translate(_PLAIN)
    )


def utc(at: datetime | None) -> str:
    """An instant to the second in UTC, with London time where it differs: for papers that are put beside records."""
    if at is None:
        return ""
    local, world = clock.in_london(at), at.astimezone(UTC)
    shown = f"{world:%Y-%m-%d %H:%M:%S} UTC"
    return shown if local.utcoffset() == world.utcoffset() else f"{shown} ({local:%H:%M:%S %Z} in London)"
