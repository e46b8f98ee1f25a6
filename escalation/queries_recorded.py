"""What a pathway wants recorded before a case closes: what was written down, and the numbers that the case holds already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from escalation.models import Case, IntelligenceReport, Referral
from escalation.models.intelligence import INTELLIGENCE

INCIDENT, CRIME, REFERENCE = "incident number", "crime number", "reference"
"""What a line of a pathway has to name to be filled in from the referrals of the case."""


@dataclass(frozen=True)
class Item:
    """One thing that is wanted, and what stands for it."""

    name: str
    written: Sequence[str] = ()
    """By people, into the log."""
    held: Sequence[str] = ()
    """Numbers that came back to referrals of the case, each with the referral."""

    @property
    def says(self) -> str:
        """All that stands for it; empty while nothing does."""
        return "; ".join(dict.fromkeys([*self.written, *self.held]))


def items(case: Case) -> list[Item]:
    """What the version of the case wants recorded, in its order.

    A line that names an incident number, a crime number, or the reference of a team is filled in by what came back to
    the referrals of the case, so that nobody copies a number by hand. What is private to a team fills in nothing.
    """
    if not case.version.must_record:
        return []
    said = list(case.log.filter(event="recorded").order_by("at", "id").values_list("text", flat=True))
    referrals = list(case.referrals.filter(kind__private=False).select_related("kind").order_by("at", "id"))
    reports = {
        report.referral_id: report for report in IntelligenceReport.objects.filter(referral__case=case)
    }
    return [
        Item(
            name,
            [text.removeprefix(f"{name}: ") for text in said if text.startswith(f"{name}: ")],
            [value for one in referrals if (value := _number(name.casefold(), one, reports.get(one.pk)))],
        )
        for name in case.version.must_record
    ]


def not_recorded(case: Case) -> list[str]:
    """What the pathway asks to be recorded and nothing stands for yet."""
    return [item.name for item in items(case) if not item.says]


def _number(wanted: str, referral: Referral, report: IntelligenceReport | None) -> str:
    """What this referral brought back of what is wanted; empty where it is something else."""
    if INCIDENT in wanted and referral.incident:
        return f"incident {referral.incident} ({referral.reference})"
    if CRIME in wanted and referral.crime_recorded_at is not None:
        return f"{referral.crime_number} ({referral.reference})"
    if REFERENCE in wanted and referral.kind.team.casefold() in wanted:
        known = (
            (report.system_reference or report.reference if report is not None else "")
            if referral.kind.slug == INTELLIGENCE
            else referral.answer.get("reference", "")
        )
        return f"{known} ({referral.reference})" if known else ""
    return ""
