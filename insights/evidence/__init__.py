"""The evidence for the duties of the APP from the product's own data: named functions, each over the same facts.

A function that fails says so on its row, never passes as met, and breaks nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import transaction

from accounts.minimums import Cell
from accounts.models import OfficialAccount
from insights.duties import Duty
from insights.evidence import register, work
from insights.evidence.facts import Facts
from insights.evidence.found import STRICTEST, Found, State, Where

__all__ = ["EVIDENCE", "STRICTEST", "Facts", "Found", "State", "Where", "matrix", "read"]

log = logging.getLogger(__name__)

EVIDENCE: dict[str, Callable[..., Found]] = {
    "account_reviews": register.account_reviews,
    "asset_owners": register.asset_owners,
    "channels_reviewed": work.channels_reviewed,
    "continuity_plans": register.continuity_plans,
    "coverage": register.coverage,
    "coverage_risk": register.coverage_risk,
    "decisions_checked": work.decisions_checked,
    "device_rules": register.device_rules,
    "escalation_times": work.escalation_times,
    "guidelines": work.guidelines,
    "impostor_watch": register.impostor_watch,
    "impostors_reported": register.impostors_reported,
    "lockdown_drills": work.lockdown_drills,
    "meetings": work.meetings,
    "minimum": register.minimum,
    "naming": register.naming,
    "neighbourhood_grants": register.neighbourhood_grants,
    "no_first_contact": work.no_first_contact,
    "owners_named": register.owners_named,
    "pathways": work.pathways,
    "platform_used": register.platform_used,
    "playbook": register.playbook,
    "policy_published": register.policy_published,
    "private_messages": register.private_messages,
    "public_list": register.public_list,
    "reasons_given": work.reasons_given,
    "response_times": work.response_times,
    "retention_schedule": work.retention_schedule,
    "strategy": work.strategy,
    "strategy_collaboration": work.says_something("collaboration"),
    "strategy_content": work.says_something("content"),
    "strategy_cpd": work.says_something("cpd"),
    "strategy_engagement": work.says_something("engagement"),
    "strategy_law": work.says_something("law"),
    "strategy_mix": work.strategy_mix,
    "strategy_skills": work.says_something("skills"),
    "strategy_tools": work.says_something("tools"),
    "surges": work.surges,
    "training": register.training,
    "verification": register.verification,
}
"""Name in insights/data/duties.yaml -> the function that reads it."""


def read(duty: Duty, facts: Facts, kept: dict[str, Found]) -> Found | None:
    """The evidence for one duty; None where people alone say where it stands.

    kept: what was read already, so that two duties with the same evidence read it once.
    """
    if not duty.evidence:
        return None
    key = f"{duty.evidence}:{duty.minimum}"
    if key not in kept:
        kept[key] = _safely(duty, facts)
    return kept[key]


def _safely(duty: Duty, facts: Facts) -> Found:
    given = (duty.minimum,) if duty.minimum else ()
    try:
        # A fault of the database ends what is read within, and nothing around it.
        with transaction.atomic():
            return EVIDENCE[duty.evidence](facts, *given)
    except Exception as fault:
        # Whatever broke, an inspection must see the other rows, and must not take this one for met.
        log.exception("Evidence could not be read", extra={"evidence": duty.evidence, "duty": duty.slug})
        return Found(
            State.UNREAD,
            "Its evidence could not be read just now, so it counts as not met. Reload the page; if it stays so, tell "
            f"whoever runs the platform: {duty.evidence}, {type(fault).__name__}.",
        )


def matrix(facts: Facts) -> tuple[list[tuple[OfficialAccount, tuple[Cell, ...]]], str]:
    """Each official account with its ten cells; none, and a sentence, where it could not be read."""
    try:
        with transaction.atomic():
            return facts.matrix, ""
    except Exception as fault:
        log.exception("The security minimums could not be read")
        return [], (
            "The minimums of the official accounts could not be read just now. Reload the page; if it stays so, tell "
            f"whoever runs the platform: {type(fault).__name__}."
        )
