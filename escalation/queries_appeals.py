"""Public appeals in cases: why a case is about one, and the tips that it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from escalation.models import AppealCase, Case, CaseTip
from moderation.models import Tip


@dataclass(frozen=True)
class KeptTip:
    """A tip as the case keeps it: what was told, never how to reach whoever told it."""

    row: CaseTip
    words: str
    when: str
    place: str
    received_at: datetime | None
    files: int
    can_be_reached: bool


def case_of_tip(tip: Tip) -> Case | None:
    """The case that holds it, once it is there."""
    link = CaseTip.objects.filter(tip=tip).select_related("case").first()
    return link.case if link is not None else None


def tips_of(case: Case) -> list[KeptTip]:
    """The tips of a case, in the order in which they came into it."""
    return [
        _kept(row)
        for row in case.tips.select_related("tip__appeal", "tip__contact").order_by("added_at", "id")
    ]


def _kept(row: CaseTip) -> KeptTip:
    said: dict[str, Any] = row.snapshot
    where = ", ".join(part for part in (said.get("place", ""), said.get("area", "")) if part)
    if point := said.get("point"):
        where = f"{where} ({point[0]:.4f}, {point[1]:.4f})".strip()
    return KeptTip(
        row=row,
        words=said.get("words", ""),
        when=said.get("when", ""),
        place=where,
        received_at=parse_datetime(said.get("received_at", "")),
        files=len(said.get("files", [])),
        can_be_reached=hasattr(row.tip, "contact"),
    )


def about(case: Case) -> list[AppealCase]:
    """Why the case is about public appeals, if it is."""
    return list(
        case.appeals.select_related(
            "appeal", "take_down__standing__official_account", "take_down__appeal"
        ).order_by("id")
    )
