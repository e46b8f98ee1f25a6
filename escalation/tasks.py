"""Opening the cases that people asked for, and calling on when nobody has one."""

from __future__ import annotations

import logging

from celery import shared_task

from core.actors import System
from escalation import queries
from escalation.actions import cases, ladder, rehoming

ESCALATION = System("escalation")
_log = logging.getLogger(__name__)


@shared_task(name="escalation.open_cases")
def open_cases() -> int:
    """Comments for which a person wants a case are in one. Each second; each comment by itself.

    One that fails stays waiting, is logged and tried again, and holds up no other.
    """
    opened = 0
    for comment in queries.comments_wanting_a_case():
        try:
            opened += cases.open_for_comment(actor=ESCALATION, comment=comment) is not None
        except Exception:
            _log.exception("A case could not be opened for comment %s", comment.pk)
    return opened


@shared_task(name="escalation.climb")
def climb() -> int:
    """Cases that nobody has in time are called on. Each second; each case by itself."""
    climbed = 0
    for case in queries.overdue():
        try:
            climbed += ladder.climb(actor=ESCALATION, case=case)
        except Exception:
            _log.exception("Case %s could not be called on", case.reference)
    return climbed


@shared_task(name="escalation.rehome")
def rehome() -> int:
    """Cases that people who have left had are put in front of their heirs (every 3 seconds)."""
    return sum(rehoming.rehome_case(case=case) for case in queries.cases_of_leavers())
