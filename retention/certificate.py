"""The certificate of a disposal as a PDF. It holds metadata alone: ids and counts, no content."""

from __future__ import annotations

from django.conf import settings
from fpdf import FPDF

from core import clock
from core.paper import latin
from retention.models import Disposal


def pdf(disposal: Disposal) -> bytes:
    """The certificate. What the built-in fonts do not know is written as its number (core.paper)."""
    paper = FPDF(format="A4")
    paper.set_title(latin(f"Certificate of disposal {disposal.pk}"))
    paper.set_author(latin(settings.FORCE_NAME))
    paper.set_margins(20, 20)
    paper.set_auto_page_break(True, 20)
    paper.add_page()
    paper.set_font("Helvetica", "B", 18)
    paper.cell(0, 12, "Certificate of disposal", new_x="LMARGIN", new_y="NEXT")
    paper.set_font("Helvetica", "", 11)
    paper.cell(0, 8, latin(settings.FORCE_NAME), new_x="LMARGIN", new_y="NEXT")
    paper.ln(4)
    for name, value in _lines(disposal):
        paper.set_font("Helvetica", "B", 10)
        paper.cell(55, 7, latin(name))
        paper.set_font("Helvetica", "", 10)
        paper.multi_cell(0, 7, latin(value), new_x="LMARGIN", new_y="NEXT")
    paper.ln(4)
    paper.set_font("Helvetica", "B", 10)
    paper.cell(0, 7, "Numbers of the records that went", new_x="LMARGIN", new_y="NEXT")
    paper.set_font("Courier", "", 8)
    numbers = ", ".join(str(pk) for pk in disposal.disposed_ids)
    paper.multi_cell(0, 4, numbers or "None listed.", new_x="LMARGIN", new_y="NEXT")
    paper.ln(4)
    paper.set_font("Helvetica", "", 9)
    paper.multi_cell(
        0,
        5,
        "The records were deleted from the database and cannot be brought back from it. This "
        "certificate holds metadata only. The audit trail holds an entry for each batch.",
    )
    return bytes(paper.output())


def _lines(disposal: Disposal) -> list[tuple[str, str]]:
    row = disposal.row
    before = clock.in_london(disposal.due_before)
    finished = clock.in_london(disposal.finished_at) if disposal.finished_at else None
    return [
        ("Certificate", str(disposal.pk)),
        ("Record class", row.title),
        ("Schedule", f"version {disposal.row_version}, counted from: {row.trigger}"),
        ("Source of the period", row.source),
        ("Day of the run", f"{disposal.run_on:%d %B %Y}"),
        ("Due", f"whatever began before {before:%d %B %Y %H:%M} (London)"),
        ("Disposed of", f"{disposal.disposed_count:,}"),
        ("Kept by a hold", f"{disposal.held_count:,}"),
        ("Finished", f"{finished:%d %B %Y %H:%M:%S %Z}" if finished else "not yet"),
    ]
