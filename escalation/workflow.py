"""Where a case can go from where it stands."""

from __future__ import annotations

from core.workflow import Workflow
from escalation.models import Case, IntelligenceReport, Referral

CASE = Workflow(
    "case",
    {
        (Case.State.WAITING, "acknowledge"): Case.State.ACKNOWLEDGED,
        (Case.State.WAITING, "climb"): Case.State.WAITING,
        (Case.State.ACKNOWLEDGED, "close"): Case.State.CLOSED,
        # Whoever had it has left: somebody has to say “I have it” anew.
        (Case.State.ACKNOWLEDGED, "hand_over"): Case.State.WAITING,
        # Whoever had it recorded nothing in time, or has gone off shift: the ladder goes on.
        (Case.State.ACKNOWLEDGED, "resume"): Case.State.WAITING,
        # Only into a case that somebody else has, or that is being called for (escalation.actions.together).
        (Case.State.WAITING, "merge"): Case.State.CLOSED,
        (Case.State.ACKNOWLEDGED, "merge"): Case.State.CLOSED,
        (Case.State.CLOSED, "reopen"): Case.State.WAITING,
    },
)
"""A waiting case cannot be closed: somebody has it first, and answers for its end."""

REFERRAL = Workflow(
    "referral",
    {
        (Referral.State.OPEN, "take"): Referral.State.TAKEN,
        # Whoever has it hands it to a colleague by the colleague taking it.
        (Referral.State.TAKEN, "take"): Referral.State.TAKEN,
        (Referral.State.OPEN, "answer"): Referral.State.ANSWERED,
        (Referral.State.TAKEN, "answer"): Referral.State.ANSWERED,
    },
)
"""An answer stands: what comes later is another referral."""

_I = IntelligenceReport.State
INTELLIGENCE = Workflow(
    "intelligence report",
    {
        (_I.ASSESSMENT, "accept"): _I.LINKING,
        (_I.ASSESSMENT, "return"): _I.CORRECTION,
        (_I.ASSESSMENT, "dismiss"): _I.SET_ASIDE,
        (_I.CORRECTION, "correct"): _I.ASSESSMENT,
        # Graded anew while it waits to be linked.
        (_I.LINKING, "accept"): _I.LINKING,
        (_I.LINKING, "link"): _I.LINKED,
    },
)
"""What is linked stands in the intelligence system: what comes later is another report."""
