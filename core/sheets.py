"""Tables that people bring and take as CSV: read within bounds, each fault in a sentence that says what to mend.

One reader for every such file: what differs is which columns are needed and known, and what one row is called.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.errors import NotValid

LINE = "line"
"""Key under which each row says where it stands in the file."""
_MARKS = ((";", "semicolons"), ("\t", "tabs"), ("|", "bars"))
MOST_COLUMNS = 200
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell begins that a spreadsheet would reckon out."""


@dataclass(frozen=True)
class Shape:
    """What a table has to be. `rows`: what its rows are called, such as "people"."""

    rows: str
    most_rows: int
    largest_bytes: int
    known: Sequence[str] = ()
    """Names of columns; empty: whatever stands there."""
    needed: Sequence[str] = ()
    also: Mapping[str, str] = field(default_factory=dict)
    """Other words for a column -> its name."""
    instead: str = "Split it into several."
    """What to do with a file that is too long."""
    others: bool = False
    """Whether columns that are not known may stand in it as well: they are left out."""

    @property
    def largest(self) -> str:
        """In words."""
        mega = 1024 * 1024
        return (
            f"{self.largest_bytes // mega} MB"
            if self.largest_bytes >= mega
            else f"{self.largest_bytes // 1000} kB"
        )


@dataclass(frozen=True)
class Sheet:
    """A table as it was read: the names of its columns as the file has them, and each row by these names and `line`."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]


def read(content: bytes, shape: Shape) -> list[dict[str, str]]:
    """The rows as texts by column, each with its `line`; a column that is known and not in the file is empty.

    Names of columns are read in small letters, with blanks for underscores where the known name has blanks.
    Raises NotValid with what to mend.
    """
    names = {name.replace("_", " "): name for name in shape.known}

    def named(cell: str) -> str:
        plain = " ".join(cell.replace("_", " ").lower().split())
        return shape.also.get(plain) or names.get(plain, plain)

    sheet = open_sheet(content, shape, named=named)
    if not sheet.rows:
        raise NotValid(f"The file has its first line and no row of {shape.rows} below it.", field="file")
    wanted = (*shape.known, LINE)
    return [{name: row.get(name, "") for name in wanted} for row in sheet.rows]


def open_sheet(content: bytes, shape: Shape, *, named: Callable[[str], str] = str.strip) -> Sheet:
    """A table whatever its columns are called. Raises NotValid with what to mend."""
    if len(content) > shape.largest_bytes:
        raise NotValid(f"The file is larger than {shape.largest}. {shape.instead}", field="file")
    text = decoded(content)
    if not text.strip():
        raise NotValid(
            "The file is empty. Its first line names the columns, and each line below it is one row.",
            field="file",
        )
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[dict[str, str]] = []
    try:
        columns = [named(cell) for cell in next(reader)]
        _check(columns, text)
        _compare(columns, shape)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(rows) == shape.most_rows:
                raise _too_long(text.count("\n"), shape)
            if len(cells) != len(columns):
                raise NotValid(
                    f"Line {reader.line_num} has {len(cells)} cells; the first line has {len(columns)}. A cell "
                    "with a comma in it stands in double quotes.",
                    field="file",
                )
            row = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
            rows.append({**row, LINE: str(reader.line_num)})
    except csv.Error:
        raise NotValid(
            f"Line {reader.line_num} cannot be read as CSV: a double quote may be missing.", field="file"
        ) from None
    return Sheet(tuple(columns), tuple(rows))


def _too_long(lines: int, shape: Shape) -> NotValid:
    return NotValid(
        f"The file has about {lines:,} lines; at most {shape.most_rows:,} {shape.rows} are read at once. "
        f"{shape.instead}",
        field="file",
    )


def _check(columns: list[str], text: str) -> None:
    first = text.splitlines()[0]
    for mark, word in _MARKS:
        if len(columns) == 1 and mark in first:
            raise NotValid(f"The columns are separated by {word}. Save the file with commas.", field="file")
    if len(columns) > MOST_COLUMNS:
        raise NotValid(f"The file has more than {MOST_COLUMNS} columns.", field="file")
    if any(not name or name == LINE for name in columns):
        raise NotValid(
            "There is no column “one without a name”. Give each column a name of its own.", field="file"
        )
    if double := [name for name, times in Counter(columns).items() if times > 1]:
        raise NotValid(f"The column {_listed(double)} stands there twice.", field="file")


def _compare(columns: list[str], shape: Shape) -> None:
    if missing := [name for name in shape.needed if name not in columns]:
        raise NotValid(
            f"The first line lacks {_listed(missing)}. It names the columns {', '.join(shape.known)}.",
            field="file",
        )
    unknown = [name for name in columns if name not in shape.known]
    if shape.known and unknown and not shape.others:
        raise NotValid(
            f"There is no column {_listed(unknown)}. Take it out, or begin from the template.", field="file"
        )


def decoded(content: bytes) -> str:
    """The text of a file that came as bytes. Raises NotValid with what to mend."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotValid("The file is UTF-16. Save it as “CSV UTF-8” and read it again.", field="file")
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise NotValid("That is a workbook, not CSV. Save it as “CSV UTF-8” and read it again.", field="file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        raise NotValid(
            f"The file is not UTF-8 (line {line}); it looks like Windows-1252, as “CSV (Comma delimited)” "
            "saves it. Save it as “CSV UTF-8” and read it again.",
            field="file",
        ) from None
    if "\x00" in text:
        raise NotValid("The file holds characters that no text has. Save it as “CSV UTF-8”.", field="file")
    return text


def written(columns: Sequence[str], rows: Iterable[Mapping[str, str] | Sequence[str]]) -> str:
    """A table to begin from, as spreadsheets open it: with a byte order mark, and line ends as RFC 4180 has them."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([row.get(name, "") for name in columns] if isinstance(row, Mapping) else row)
    return "\ufeff" + out.getvalue()


def cell(value: object) -> str:
    """Text for a table that goes out, which no spreadsheet takes for a formula (ASVS 1.2.10). None is empty."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _listed(names: Iterable[str]) -> str:
    return " and ".join(f"“{name[:40]}”" for name in names)
