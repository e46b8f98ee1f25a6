"""Where a reason for access is asked: force policy per action, as data.

Statute asks for none since the Data (Use and Access) Act 2025 s.82 changed DPA 2018 s.62, so the
force decides. The room in which something happens calls `check` there; audit.models.ReasonRule
holds what was decided, and `ASKED` what holds until somebody decides.
"""

from __future__ import annotations

from dataclasses import dataclass

from audit.models import ReasonRule
from core.errors import NotValid

Mode = ReasonRule.Mode
LONGEST = 300


@dataclass(frozen=True)
class Asked:
    """One kind of access: what it is called, the question that is asked, and how it starts out."""

    title: str
    question: str
    default: str


ASKED: dict[str, Asked] = {
    "commenter.history": Asked(
        "Reading what one member of the public wrote to us",
        "Why do you need this person’s earlier messages?",
        Mode.OPTIONAL,
    ),
    "audit.view": Asked("Opening the audit trail", "What are you looking into?", Mode.OPTIONAL),
    "export": Asked("Exporting records", "Why is this export needed?", Mode.REQUIRED),
}


def mode(action: str) -> str:
    """Whether a reason is asked now: off, optional or required. Raises KeyError for an unknown action."""
    default = ASKED[action].default
    rule = ReasonRule.objects.filter(action=action).values_list("mode", flat=True).first()
    return str(rule or default)


def is_required(action: str) -> bool:
    """Whether nothing is shown without a reason."""
    return mode(action) == Mode.REQUIRED


def check(action: str, given: str) -> str:
    """The reason as it goes into the trail. Raises NotValid with the question where one is required."""
    reason = " ".join(given.split())
    if len(reason) > LONGEST:
        raise NotValid(f"Say it in {LONGEST} characters at most.", field="reason")
    asked = mode(action)
    if asked == Mode.OFF:
        return ""
    if asked == Mode.REQUIRED and len(reason) < 3:
        raise NotValid(
            f"{ASKED[action].question} Say it in a few words, such as a complaint’s or an incident’s number. "
            "It is kept in the audit trail.",
            field="reason",
        )
    return reason


def rules() -> list[tuple[str, Asked, str, ReasonRule | None]]:
    """Every kind of access with its present mode, and who set it last."""
    held = {rule.action: rule for rule in ReasonRule.objects.all()}
    return [
        (action, asked, held[action].mode if action in held else str(asked.default), held.get(action))
        for action, asked in ASKED.items()
    ]
