"""Pictures of figures, drawn here as SVG: bars, lines with gaps, columns, and a grid of weekday and hour.

Each picture comes with a sentence that says what it shows and with the table that it was drawn from, so that nobody
needs to see it. A drawing stretches to its place and holds no words: those stand beside it in the page, where they keep
their size on a phone. Colours are roles of static/css/tokens.css by class, so that night and print have their own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from core import clock
from core.templatetags import show

WIDTH, HEIGHT = 600, 160
STEPS = 5
"""A grid has so many shades beside that of nothing."""
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


LONG = 40
"""A table whose rows begin with more letters wants the whole width."""
NOTHING = SafeString("")


@dataclass(frozen=True)
class Picture:
    """One picture: what it says, its drawing, and the table it was drawn from."""

    slug: str
    """Names its CSV. The same from version to version."""
    title: str
    says: str
    """What it shows, as a sentence. It stands in for the drawing where that cannot be seen."""
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    kind: str = "table"
    drawing: SafeString = NOTHING
    marks: tuple[SafeString, ...] = ()
    """With `bars`: one for each row."""
    key: tuple[tuple[str, str], ...] = ()
    """(class of the mark, what it stands for)"""
    top: str = ""
    """The number at the upper edge of the drawing."""
    axis: tuple[str, ...] = ()
    """Words along its lower edge, evenly spread."""
    side: tuple[str, ...] = ()
    """Words along its left edge: the rows of a grid."""
    note: str = ""
    """What to know of it: what was left out, whether it is complete."""
    links: Mapping[int, str] = field(default_factory=dict)
    """Row -> an address that its first cell leads to."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "says", capfirst(self.says))

    @property
    def is_wide(self) -> bool:
        """Whether its table stands open and wants the whole width of the page."""
        return self.kind in ("bars", "table") and (
            len(self.columns) > 5 or any(len(str(row[0])) > LONG for row in self.rows)
        )

    @property
    def table(self) -> list[dict[str, Any]]:
        """Rows for the page: each cell with the name of its column."""
        marks = self.marks or (NOTHING,) * len(self.rows)
        return [
            {
                "head": shown(row[0]),
                "link": self.links.get(number, ""),
                "cells": [
                    (name, shown(value)) for name, value in zip(self.columns[1:], row[1:], strict=True)
                ],
                "mark": mark,
            }
            for number, (row, mark) in enumerate(zip(self.rows, marks, strict=True))
        ]


def shown(value: object) -> str:
    """A cell as people read it: thousands marked, a share in percent, nothing as a dash."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return percent(value)
    if isinstance(value, date):
        return f"{value:%a %-d %b %Y}"
    return str(value)


def london_day(instant: datetime | None) -> date | None:
    """The London day of an instant, to be shown."""
    return clock.in_london(instant).date() if instant is not None else None


def percent(share: float | None) -> str:
    """A share as people read it; a dash where there is none."""
    return "–" if share is None else show.percent(share)


def table(
    slug: str, title: str, says: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], **more: Any
) -> Picture:
    """Figures that want no drawing."""
    return Picture(slug, title, says, tuple(columns), tuple(tuple(row) for row in rows), **more)


def bars(
    slug: str,
    title: str,
    says: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    of: int = 1,
    share: int | None = None,
    tone: str = "a",
    **more: Any,
) -> Picture:
    """A bar for each row. of: the column that is drawn. share: a column of shares drawn against the whole instead."""
    kept = tuple(tuple(row) for row in rows)
    number = share if share is not None else of
    lengths = [_size(row[number]) for row in kept]
    most = 1.0 if share is not None else max([*lengths, 1.0])
    marks = tuple(_bar(length / most, tone) for length in lengths)
    return Picture(slug, title, says, tuple(columns), kept, kind="bars", marks=marks, **more)


def _size(value: Any) -> float:
    """How long a number is drawn. What is not told ("fewer than 5") is drawn as nothing."""
    return float(value) if isinstance(value, int | float) else 0.0


def _bar(share: float, tone: str) -> SafeString:
    return format_html(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="ground" width="100" height="10"/><rect class="tone-{}" width="{}" height="10"/></svg>',
        tone,
        f"{max(0.0, min(1.0, share)) * 100:.1f}",
    )


def columns(
    slug: str,
    title: str,
    says: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    of: int = 1,
    tone: str = "a",
    axis: Sequence[str] | None = None,
    whole: float | None = None,
    top: str = "",
    gaps: Collection[int] = (),
    at: float | None = None,
    at_means: str = "",
    **more: Any,
) -> Picture:
    """Columns side by side: a histogram. whole: what the upper edge stands for, where not the highest; top: its words.

    gaps: columns in which not everything could be read: they are shaded. at: a place along the lower edge, in columns
    from its left end, where a line stands, and what it means.
    """
    kept = tuple(tuple(row) for row in rows)
    heights = [_size(row[of]) for row in kept]
    most = whole if whole is not None else max([*heights, 1.0])
    wide = WIDTH / max(len(kept), 1)
    drawn = _shaded((n * wide, wide) for n in sorted(gaps)) + _upright(heights, most, WIDTH, HEIGHT, tone)
    key = []
    if at is not None:
        drawn += format_html(
            '<line class="line-at" x1="{0}" x2="{0}" y1="0" y2="{1}"/>', f"{at * wide:.1f}", HEIGHT
        )
        key.append(("line-at", at_means))
    if gaps:
        key.append(("gap", "gap: not everything could be read"))
    return Picture(
        slug,
        title,
        says,
        tuple(headings),
        kept,
        kind="drawn",
        drawing=_frame(says, drawn),
        key=tuple(key),
        top=top or f"{int(most):,}",
        axis=tuple(axis) if axis is not None else tuple(str(row[0]) for row in kept),
        **more,
    )


def small_columns(values: Sequence[int], *, gaps: Collection[int] = (), wide: int, high: int) -> SafeString:
    """Columns without words, in a cell beside the numbers that they show. gaps: those that are shaded."""
    each = wide / max(len(values), 1)
    return format_html(
        '<svg class="days" viewBox="0 0 {0} {1}" width="{0}" height="{1}" aria-hidden="true" focusable="false">{2}{3}</svg>',
        wide,
        high,
        _shaded((n * each, each) for n in sorted(gaps)),
        _upright([float(value) for value in values], max([*values, 1]), wide, high, "a"),
    )


def _upright(heights: Sequence[float], most: float, wide: float, high: float, tone: str) -> SafeString:
    each = wide / max(len(heights), 1)
    return format_html_join(
        "",
        '<rect class="tone-{}" x="{}" y="{}" width="{}" height="{}"/>',
        (
            (
                tone,
                f"{n * each + each * 0.1:.1f}",
                f"{high - height / most * high:.1f}",
                f"{each * 0.8:.1f}",
                f"{height / most * high:.1f}",
            )
            for n, height in enumerate(heights)
            if height
        ),
    )


def _shaded(stretches: Iterable[tuple[float, float]]) -> SafeString:
    return format_html_join(
        "",
        '<rect class="gap" x="{}" y="0" width="{}" height="{}"/>',
        ((f"{begins:.1f}", f"{wide:.1f}", HEIGHT) for begins, wide in stretches),
    )


@dataclass(frozen=True, eq=False)
class Line:
    """One line of a picture over time."""

    name: str
    values: Mapping[date, int]
    tone: str = "a"
    """"a", "b" or "before"."""


def lines(
    slug: str,
    title: str,
    says: str,
    days: Sequence[date],
    drawn: Sequence[Line],
    *,
    gaps: Collection[date] = (),
    tell: Callable[[int], Any] = int,
    **more: Any,
) -> Picture:
    """Lines over days, broken and shaded where there is a gap: what is not known is not drawn as nothing.

    tell: how each number may be told; what it makes words of is drawn as nothing.
    """
    missing = set(gaps)
    told = {line: {day: tell(line.values.get(day, 0)) for day in days} for line in drawn}
    most = max([1, *(int(_size(told[line][day])) for line in drawn for day in days if day not in missing)])
    step = WIDTH / max(len(days), 1)

    def at(n: int, value: float) -> tuple[float, float]:
        return n * step + step / 2, HEIGHT - 4 - value / most * (HEIGHT - 8)

    shades = _shaded((n * step, step) for n, day in enumerate(days) if day in missing)
    strokes = []
    for line in drawn:
        runs: list[list[tuple[float, float]]] = [[]]
        for n, day in enumerate(days):
            if day in missing and line.tone != "before":
                runs.append([])
            else:
                runs[-1].append(at(n, _size(told[line][day])))
        for run in runs:
            if len(run) == 1:
                # A day alone, between gaps or the only one: a stroke as wide as the day.
                x, y = run[0]
                run = [(x - step / 4, y), (x + step / 4, y)]
            if run:
                strokes.append((line.tone, " ".join(f"{x:.1f},{y:.1f}" for x, y in run)))
    grid = format_html_join(
        "",
        '<line class="grid" x1="0" x2="{}" y1="{}" y2="{}"/>',
        ((WIDTH, y, y) for y in (4, HEIGHT // 2, HEIGHT - 4)),
    )
    paths = format_html_join("", '<polyline class="line-{}" points="{}"/>', strokes)
    rows = tuple(
        (
            day,
            *("gap" if day in missing and line.tone != "before" else told[line][day] for line in drawn),
        )
        for day in days
    )
    key = [(f"line-{line.tone}", line.name) for line in drawn]
    if missing & set(days):
        key.append(("gap", "gap: nothing could be read"))
    return Picture(
        slug,
        title,
        says,
        ("Day", *(line.name for line in drawn)),
        rows,
        kind="drawn",
        drawing=_frame(says, shades + grid + paths),
        key=tuple(key),
        top=f"{most:,}",
        axis=_ends(days),
        **more,
    )


def _ends(days: Sequence[date]) -> tuple[str, ...]:
    """The first day, the last, and one between where there is room."""
    if not days:
        return ()
    if len(days) < 3:
        return tuple(f"{day:%-d %b}" for day in days)
    return tuple(f"{day:%-d %b}" for day in (days[0], days[len(days) // 2], days[-1]))


def week_grid(
    slug: str,
    title: str,
    says: str,
    values: Mapping[tuple[int, int], int],
    *,
    marked: Collection[tuple[int, int]] = (),
    marked_means: str = "",
    **more: Any,
) -> Picture:
    """A cell for each hour of the week: the darker, the more. marked: cells with a dot, and what it means.

    values: (0 Monday to 6 Sunday, hour of the London day) -> how many.
    """
    most = max([1, *values.values()])
    wide, tall = WIDTH / 24, 168 / 7
    cells = format_html_join(
        "",
        '<rect class="heat-{}" x="{}" y="{}" width="{}" height="{}"/>',
        (
            (
                step(values.get((day, hour), 0), most),
                f"{hour * wide + 0.5:.1f}",
                f"{day * tall + 0.5:.1f}",
                f"{wide - 1:.1f}",
                f"{tall - 1:.1f}",
            )
            for day in range(7)
            for hour in range(24)
        ),
    )
    dots = format_html_join(
        "",
        '<path class="mark" d="M{} {}h{}"/>',
        (
            (f"{hour * wide + wide / 4:.1f}", f"{day * tall + tall * 0.8:.1f}", f"{wide / 2:.1f}")
            for day, hour in sorted(marked)
        ),
    )
    key = [("heat-0", "none"), ("heat-1", "few"), (f"heat-{STEPS}", f"most ({most:,})")]
    if marked:
        key.append(("mark", marked_means))
    return Picture(
        slug,
        title,
        says,
        ("Hour", *DAYS),
        tuple((f"{hour:02}:00", *(values.get((day, hour), 0) for day in range(7))) for hour in range(24)),
        kind="grid",
        drawing=_frame(says, cells + dots, height=168),
        key=tuple(key),
        axis=("00", "06", "12", "18", "24"),
        side=DAYS,
        **more,
    )


def step(value: int | None, most: int) -> int:
    """Which shade a value has: 0 for nothing or for what is held back, STEPS for the most."""
    if not value or value < 0:
        return 0
    return min(STEPS, 1 + int((value / most) * STEPS * 0.999))


def _frame(says: str, inner: SafeString, *, height: int = HEIGHT) -> SafeString:
    return format_html(
        '<svg class="drawing" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}" focusable="false">'
        "{}</svg>",
        WIDTH,
        height,
        capfirst(says),
        inner,
    )
