"""A report as a PDF: heads, each part with its sentence, bars and table, and what the numbers mean at the end."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from core import clock
from core.paper import Paper
from insights import charts
from insights.models import Report
from insights.models_reports import Kind
from insights.reports import Part, written_of

MOST_BARS = 14
"""Of more rows the first so many are drawn, the largest where they are sorted; of those in an order all, as columns."""


def file_name(report: Report) -> str:
    """What its file is called: "daily-report-2026-11-28-7.pdf"."""
    return f"{report.kind}-report-{report.first:%Y-%m-%d}-{report.pk}.pdf"


def pdf(report: Report) -> bytes:
    """The whole report."""
    written = written_of(report)
    mark = "OFFICIAL" if report.kind != Kind.INCIDENT else "OFFICIAL-SENSITIVE"
    if report.published_at:
        mark = "Published"
    paper = Paper(report.title, head=f"{mark}   {settings.FORCE_NAME}   {report.title}", at=report.made_at)
    late = ""
    if report.is_late and report.due_at is not None:
        late = f"It was due {_local(report.due_at)} and was made late."
    paper.facts(
        [
            ("Of", written.of),
            ("Period", written.period),
            ("Made", f"{_local(report.made_at)}{f' by {report.made_by.called}' if report.made_by else ''}"),
            ("Late", late),
            (
                "Figures counted",
                _local(datetime.fromisoformat(written.counted_at)) if written.counted_at else "",
            ),
            *((label, f"{value}{f' ({note})' if note else ''}") for label, value, note in written.heads),
        ]
    )
    for part in written.parts:
        _part(paper, part)
    paper.heading("What the numbers mean")
    for words in written.definitions:
        paper.text_block(words)
    return paper.whole()


def _part(paper: Paper, part: Part) -> None:
    paper.heading(part.title)
    paper.text_block(part.says)
    if part.rows:
        drawn = [(charts.shown(row[0]), row[1]) for row in part.rows] if part.bars else []
        if any(number for _, number in drawn):
            if len(drawn) > MOST_BARS and part.in_order:
                paper.columns(drawn)
            else:
                paper.bars(drawn[:MOST_BARS])
        if len(drawn) > MOST_BARS or len(part.columns) != 2 or not drawn:
            _table(paper, part)
    if part.note:
        paper.text_block(part.note)


def _table(paper: Paper, part: Part) -> None:
    numbers = [
        place
        for place in range(1, len(part.columns))
        if all(isinstance(row[place], int | float) or row[place] is None for row in part.rows)
    ]
    cells = [[charts.shown(value) for value in row] for row in part.rows]
    paper.ruled(part.columns, cells, numbers=numbers)


def _local(at: datetime) -> str:
    return f"{clock.in_london(at):%-d %B %Y at %H:%M}"
