"""Sheets of paper as PDF: headings, facts, long texts, page numbers. Knows no domain words.

Every text is printed in the type that has its letters (core.letters), right to left where its script is.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from fpdf import FPDF
from fpdf.enums import TextEmphasis
from fpdf.fonts import FontFace
from PIL import Image

from core import clock, letters

_LEFT_MM = 50
_MM_PER_PX = 25.4 / 96
_BELOW_A_HEADING_MM = 40
_BAR, _PAPER = (29, 78, 137), (255, 255, 255)
_CELL_MM = 3.0
"""What a cell needs beside its words."""


class Paper(FPDF):
    """An A4 document with a running head and page numbers; `wide` lies on its side, for tables."""

    def __init__(self, title: str, *, head: str, at: datetime, wide: bool = False) -> None:
        super().__init__(orientation="landscape" if wide else "portrait", format="A4")
        self._head = head
        self.set_title(title)
        self.set_creation_date(at)
        self.set_margins(20, 20)
        self.set_auto_page_break(True, 20)
        self.add_page()
        self.multi_cell(0, 9, self.set_type(title, "B", 16), new_x="LMARGIN", new_y="NEXT")
        self.ln(2)

    def set_type(self, text: str, style: str = "", size: float = 10, family: str = "Helvetica") -> str:
        """The type from here on is one that has every letter of the text. Answers the text as it is to be printed."""
        shown, types = letters.printed(text)
        if not types:
            self.set_text_shaping(False)
            self.set_font(family, style, size)
            return shown
        for name in types:
            if name.lower() not in self.fonts:
                self.add_font(name, fname=letters.path(name))
        self.set_fallback_fonts([name for name in types if name != letters.BASE], exact_match=False)
        self.set_text_shaping(True)
        self.set_font(letters.BASE, "", size)
        self._say_type()
        return shown

    def add_page(self, *given: Any, **more: Any) -> None:
        """A page, which knows its type from the start."""
        super().add_page(*given, **more)
        if self.is_ttf_font:
            self._say_type()

    def _say_type(self) -> None:
        """The page is told its type now, and not with the first text.

        Where that text begins in another script, fpdf2 2.8.9 says it within what it takes back at the end of the line,
        and the next line would be drawn with the numbers of one type and the shapes of another.
        """
        if self.current_font is not None:
            self._out(self._set_font_for_page(self.current_font, self.font_size_pt))

    def header(self) -> None:
        """The running head."""
        self.cell(0, 5, self.set_type(self._head, size=8), align="C", new_x="LMARGIN", new_y="NEXT")
        self.ln(3)

    def footer(self) -> None:
        """The head once more, and the page of how many."""
        self.set_y(-15)
        shown = self.set_type(self._head, size=8)
        self.cell(0, 5, f"{shown}   page {self.page_no()} of {{nb}}", align="C")

    def heading(self, text: str) -> None:
        """A heading within the document, on a new page where nothing of what it heads would follow on this one."""
        self.ln(3)
        if self.get_y() > self.page_break_trigger - _BELOW_A_HEADING_MM:
            self.add_page()
        self.multi_cell(0, 7, self.set_type(text, "B", 12), new_x="LMARGIN", new_y="NEXT")

    def facts(self, rows: Iterable[tuple[str, str]]) -> None:
        """Names on the left, what they are on the right; a row without a value is left out."""
        for name, value in rows:
            if not value:
                continue
            if self.get_y() > self.h - 35:
                self.add_page()
            top, page = self.get_y(), self.page_no()
            shown = self.set_type(name, "B", 10)
            lines = self.multi_cell(_LEFT_MM - 2, 6, shown, align="L", dry_run=True, output="LINES")
            high = 6 * len(lines) if isinstance(lines, list) else 6
            self.multi_cell(_LEFT_MM - 2, 6, shown, align="L", new_x="RIGHT", new_y="TOP")
            self.set_xy(self.l_margin + _LEFT_MM, top)
            self.multi_cell(0, 6, self.set_type(value), align="L", new_x="LMARGIN", new_y="NEXT")
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
        """A table with its heads repeated on every page. numbers: columns set right.

        widths: shares of each column; without them each is as wide as its words want, and no word is broken
        where all fit.
        """
        right = set(numbers)
        rows = list(rows)
        given = tuple(widths) or self._wanted([heads, *rows])
        self.set_type("", size=8.5)
        with self.table(
            col_widths=given,
            text_align=tuple("RIGHT" if place in right else "LEFT" for place in range(len(heads))),
            line_height=4.5,
            padding=1,
            borders_layout="HORIZONTAL_LINES",
        ) as table:
            for cells in (heads, *rows):
                line = table.row()
                for cell in cells:
                    shown = self.set_type(cell, size=8.5)
                    # Of the types of core.letters there is no bold one.
                    plain = TextEmphasis.NONE if self.is_ttf_font else None
                    line.cell(shown, style=FontFace(family=self.font_family, emphasis=plain))
        self.ln(2)

    def _wanted(self, lines: Sequence[Sequence[str]]) -> tuple[float, ...]:
        """Of each column: its longest word, and a part of the room that is left by how long its cells are."""
        words, cells = [0.0] * len(lines[0]), [0.0] * len(lines[0])
        for number, line in enumerate(dict.fromkeys(map(tuple, lines))):
            for place, cell in enumerate(line):
                shown = self.set_type(cell, "" if number else "B", 8.5)
                for part in shown.split():
                    words[place] = max(words[place], self.get_string_width(part))
                cells[place] = max(cells[place], self.get_string_width(shown))
        least = [min(word, self.epw / 3) + _CELL_MM for word in words]
        more = [max(cell + _CELL_MM - low, 0.0) for cell, low in zip(cells, least, strict=True)]
        room = self.epw - sum(least)
        if room <= 0 or not sum(more):
            return tuple(least)
        # What nobody wants goes to the first, so that numbers stay together on the right.
        share = min(1.0, room / sum(more))
        wide = [low + share * want for low, want in zip(least, more, strict=True)]
        wide[0] += self.epw - sum(wide)
        return tuple(wide)

    def columns(self, rows: Sequence[tuple[str, float]]) -> None:
        """The same for what is long and in an order, such as the days of a quarter: columns side by side.

        The first, the middle and the last are named below, the highest number beside its line.
        """
        high, room = 28.0, self.epw - 20
        if self.get_y() + high + 12 > self.page_break_trigger:
            self.add_page()
        top, left = self.get_y() + 2, self.l_margin
        most = max([number for _, number in rows] + [1])
        each = room / len(rows)
        self.set_fill_color(*_BAR)
        for place, (_, number) in enumerate(rows):
            tall = max(0.2, high * number / most)
            self.rect(left + place * each, top + high - tall, each * 0.8, tall, style="F")
        self.set_fill_color(*_PAPER)
        self.set_draw_color(160, 160, 160)
        self.line(left, top, left + room, top)
        self.set_draw_color(0, 0, 0)
        self.set_xy(left + room + 2, top - 2)
        self.set_type("", size=8.5)
        self.cell(18, 4, f"{most:,}")
        for place, align in ((0, "L"), (len(rows) // 2, "C"), (len(rows) - 1, "R")):
            shown = self.set_type(rows[place][0], size=8.5)
            self.set_xy(left, top + high + 1)
            self.cell(room, 4, shown, align=align)
        self.set_xy(left, top + high + 7)

    def bars(self, rows: Sequence[tuple[str, float]]) -> None:
        """A bar for each row, with its words before and its number behind: a picture of what a table says exactly."""
        words, high = 55.0, 5.0
        room = self.epw - words - 20
        most = max([number for _, number in rows] + [1])
        for label, number in rows:
            if self.get_y() + high > self.page_break_trigger:
                self.add_page()
            top = self.get_y()
            self.cell(words, high, self._cut(self.set_type(label, size=8.5), words - 3), align="R")
            self.set_type("", size=8.5)
            self.set_fill_color(*_BAR)
            self.rect(
                self.l_margin + words + 2, top + 0.9, max(0.2, room * number / most), high - 1.8, style="F"
            )
            self.set_xy(self.l_margin + words + 3 + room * number / most, top)
            self.cell(18, high, f"{number:,}", new_x="LMARGIN", new_y="NEXT")
        self.set_fill_color(*_PAPER)
        self.ln(2)

    def _cut(self, text: str, wide: float) -> str:
        while len(text) > 4 and self.get_string_width(text) > wide:
            text = text[:-4].rstrip() + "..."
        return text

    def text_block(self, text: str, *, exact: bool = False) -> None:
        """Long text; `exact` for words that somebody else wrote, in a type of their own."""
        shown = self.set_type(text or "-", "", 9 if exact else 10, "Courier" if exact else "Helvetica")
        self.multi_cell(0, 5, shown, align="L", new_x="LMARGIN", new_y="NEXT")
        self.ln(1)

    def small(self, text: str) -> None:
        """Many short lines in a small type, such as hashes."""
        self.multi_cell(0, 3.4, self.set_type(text, "", 7, "Courier"), new_x="LMARGIN", new_y="NEXT")
        self.ln(2)

    def picture(self, content: bytes, says: str) -> None:
        """A picture on the left, in the words of `says` for whoever cannot see it; at most half a page high."""
        with Image.open(io.BytesIO(content)) as read:
            wide, high = read.size
        room = self.h / 2
        width = min(self.epw, wide * _MM_PER_PX, room * wide / high)
        if self.get_y() + width * high / wide > self.page_break_trigger:
            self.add_page()
        self.image(io.BytesIO(content), x=self.l_margin, w=width, alt_text=says)
        self.ln(2)

    def whole(self) -> bytes:
        """The document."""
        return bytes(self.output())


def utc(at: datetime | None) -> str:
    """An instant to the second in UTC, with London time where it differs: for papers that are put beside records."""
    if at is None:
        return ""
    local, world = clock.in_london(at), at.astimezone(UTC)
    shown = f"{world:%Y-%m-%d %H:%M:%S} UTC"
    return shown if local.utcoffset() == world.utcoffset() else f"{shown} ({local:%H:%M:%S %Z} in London)"
