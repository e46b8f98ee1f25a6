"""Sheets of paper as PDF: headings, facts, long texts, page numbers. Knows no domain words.

The fonts that every PDF reader has built in know Latin-1 alone. What lies outside it is written as its number in
Unicode, [U+1F480]: nothing is lost, and nothing is shown as something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from fpdf import FPDF

from core import clock

_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " "}
)
_LEFT_MM = 50
_BELOW_A_HEADING_MM = 40


class Paper(FPDF):
    """An A4 document with a running head and page numbers; `wide` lies on its side, for tables."""

    def __init__(self, title: str, *, head: str, at: datetime, wide: bool = False) -> None:
        super().__init__(orientation="landscape" if wide else "portrait", format="A4")
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
        """A heading within the document, on a new page where nothing of what it heads would follow on this one."""
        self.ln(3)
        if self.get_y() > self.page_break_trigger - _BELOW_A_HEADING_MM:
            self.add_page()
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

    def ruled(
        self,
        heads: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        widths: Sequence[int] = (),
        numbers: Iterable[int] = (),
    ) -> None:
        """A table with its heads repeated on every page. widths: shares of each column; numbers: columns set right."""
        right = set(numbers)
        self.set_font("Helvetica", "", 8.5)
        with self.table(
            col_widths=tuple(widths) or None,
            text_align=tuple("RIGHT" if place in right else "LEFT" for place in range(len(heads))),
            line_height=4.5,
            padding=1,
            borders_layout="HORIZONTAL_LINES",
        ) as table:
            for cells in (heads, *rows):
                line = table.row()
                for cell in cells:
                    line.cell(latin(cell))
        self.ln(2)

    def bars(self, rows: Sequence[tuple[str, float]]) -> None:
        """A bar for each row, with its words before and its number behind: a picture of what a table says exactly."""
        words, high = 55.0, 5.0
        room = self.epw - words - 20
        most = max([number for _, number in rows] + [1])
        self.set_font("Helvetica", "", 8.5)
        for label, number in rows:
            if self.get_y() + high > self.page_break_trigger:
                self.add_page()
            top = self.get_y()
            self.cell(words, high, latin(self._cut(label, words - 3)), align="R")
            self.set_fill_color(29, 78, 137)
            self.rect(
                self.l_margin + words + 2, top + 0.9, max(0.2, room * number / most), high - 1.8, style="F"
            )
            self.set_xy(self.l_margin + words + 3 + room * number / most, top)
            self.cell(18, high, f"{number:,}", new_x="LMARGIN", new_y="NEXT")
        self.set_fill_color(255, 255, 255)
        self.ln(2)

    def _cut(self, text: str, wide: float) -> str:
        while len(text) > 4 and self.get_string_width(latin(text)) > wide:
            text = text[:-4].rstrip() + "..."
        return text

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
