"""The marked sheet as it is taken away: CSV to work with, PDF to debrief from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from core import clock, sheets
from core.paper import Paper, utc
from insights.marked_sheet import RULES, Compared, Row, Sheet, duration_words

COLUMNS = (
    "at",
    "key",
    "handle",
    "words",
    "true category",
    "true priority",
    "to hide under",
    "note",
    "arrived",
    "first seen",
    "seconds to first sight",
    "what was done",
    "done at",
    "seconds to it",
    "case",
    "seconds to the case",
    "acknowledged at",
    "seconds to acknowledge",
    "verdict",
    "why",
)
_NAMES = ("first seen by", "done by", "acknowledged by")


def as_csv(sheet: Sheet, *, names: bool) -> str:
    """One row for each planted comment. names: with who saw, did and acknowledged; else the team's acts alone."""
    columns = COLUMNS + (_NAMES if names else ())
    return sheets.written(columns, ([sheets.cell(cell) for cell in _cells(row, names)] for row in sheet.rows))


def _cells(row: Row, names: bool) -> list[object]:
    line, done = row.line, row.done
    cells: list[object] = [
        row.at_words,
        line.key,
        line.handle,
        line.text,
        line.true_category,
        row.priority,
        line.hide_expected,
        line.note,
        _at(row.arrived_at),
        _at(row.seen_at),
        _seconds(row.seen_after),
        row.done_words,
        _at(done.at if done else row.case_at),
        _seconds(row.done_after),
        row.case,
        _seconds(row.case_after),
        _at(row.acknowledged_at),
        _seconds(row.acknowledged_after),
        row.verdict.label,
        row.why,
    ]
    if names:
        cells += [row.seen_by, ", ".join(dict.fromkeys(act.by for act in row.acts)), row.acknowledged_by]
    return cells


def _at(instant: datetime | None) -> str:
    return clock.in_london(instant).isoformat(timespec="seconds") if instant else ""


def _seconds(span: timedelta | None) -> str:
    return str(round(span.total_seconds())) if span is not None else ""


def as_pdf(sheet: Sheet, runs: list[Compared], figures: list[tuple[str, list[str]]], *, names: bool) -> bytes:
    """Figures beside earlier runs, the rules, what to talk about first, then every comment."""
    run = sheet.run
    head = f"OFFICIAL - EXERCISE   {run.title}"
    paper = Paper(f"Marked sheet: {run.title}", head=head, at=sheet.made_at, wide=True)
    paper.facts(
        [
            ("Played", f"{utc(run.started_at)}, {run.speed_words}, {run.get_state_display().lower()}"),
            ("Started by", run.started_by_name if names else ""),
            ("Version", str(run.version) if run.version else "as it came with the platform"),
            ("As it stood", utc(sheet.made_at)),
        ]
    )
    paper.heading("The team's figures")
    starts = [f"{clock.in_london(one.run.started_at):%d %b %Y %H:%M}" for one in runs]
    paper.ruled(("Figure", "This run", *starts[1:]), [(label, *cells) for label, cells in figures])
    paper.heading("How it is marked")
    for rule in RULES:
        paper.text_block(rule)
    paper.heading("To talk about first")
    if not sheet.amiss:
        paper.text_block("Nothing was missed, late or wrong.")
    else:
        _table(paper, sheet.amiss, names)
    paper.heading("Every comment")
    _table(paper, sheet.rows, names)
    return paper.whole()


def _table(paper: Paper, rows: Iterable[Row], names: bool) -> None:
    paper.ruled(
        ("At", "Comment", "Truly", "Seen after", "Done", "Case", "Verdict"),
        [
            (
                row.at_words,
                f"{_short(row.line.text)} (@{row.line.handle})"
                + (f"\n{row.line.note}" if row.line.note else ""),
                f"{row.category}, {row.line.true_risk}"
                + (f"; to hide: {row.to_hide}" if row.to_hide else ""),
                _span(row.seen_after) + (f"\n{row.seen_by}" if names and row.seen_by else ""),
                (row.done_words or "-")
                + (f", {_span(row.done_after)}" if row.done_after is not None else "")
                + (f"\n{', '.join(dict.fromkeys(act.by for act in row.acts))}" if names and row.acts else ""),
                f"{row.case}\n{_acknowledged(row)}" if row.case else "-",
                f"{row.verdict.label}. {row.why}",
            )
            for row in rows
        ],
        widths=(5, 34, 16, 9, 14, 10, 18),
    )


def _acknowledged(row: Row) -> str:
    if row.acknowledged_after is None:
        return "Nobody has said they have it"
    return f"{_span(row.acknowledged_after)} to acknowledge"


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 160 else words[:159] + "…"


def _span(span: timedelta | None) -> str:
    return duration_words(span.total_seconds()) if span is not None else "-"
