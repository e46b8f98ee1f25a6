"""An intelligence report as it leaves: the structured file and the sheet, both made from the same document."""

from __future__ import annotations

import json
from typing import Any

from core import clock
from core.paper import Paper, utc
from escalation.models import IntelligenceReport
from escalation.queries_intelligence import document, first_told_on


def structured(report: IntelligenceReport) -> bytes:
    """The document as JSON in UTF-8."""
    return json.dumps(document(report), ensure_ascii=False, indent=2).encode() + b"\n"


def sheet(report: IntelligenceReport, *, to: str) -> bytes:
    """The document as a PDF, marked at the head and foot of each page."""
    told, told_on = document(report), first_told_on(report)
    at = clock.now()
    mark = f"{told['marking']}{' - EXERCISE' if told['exercise'] else ''}   {told['reference']}"
    paper = Paper(f"Intelligence report {told['reference']}", head=mark, at=at)
    paper.facts(
        [
            ("Force", told["force"]),
            ("For", to),
            ("Priority", report.get_priority_display()),
            ("Written", utc(report.referral.at)),
            ("First told", f"{told_on:%-d %B %Y}" if told_on else ""),
            ("Source evaluation", _coded(told["source_evaluation"])),
            ("Assessment", _coded(told["information_assessment"])),
            ("Handling", _coded(told["handling"])),
            ("Conditions", told["conditions"]),
            ("Action code", _coded(told["action_code"])),
            ("Sanitisation code", _coded(told["sanitisation_code"])),
            ("MoPI group", report.get_mopi_group_display() or ""),
            ("Next unit", told["next_unit"]),
            ("Assessed", utc(report.assessed_at)),
            ("In the system as", told["system_reference"]),
        ]
    )
    for heading, text in (
        ("What is known", told["text"]),
        ("How it is known", told["provenance"]),
        ("Context", told["context"]),
    ):
        if text:
            paper.heading(heading)
            paper.text_block(text)
    paper.heading("Where it came from")
    paper.text_block(
        f"The source is not named. {told['reference']} leads back to the submission, for the intelligence unit alone."
    )
    return paper.whole()


def _coded(code: dict[str, Any] | None) -> str:
    return f"{code['code']}  {code['means']}" if code else ""
