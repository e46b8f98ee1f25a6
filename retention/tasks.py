"""The daily run of disposal, and the months that partitions come and go by."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from celery import shared_task

from core.actors import System
from media import actions as media
from retention import queries, queries_rights
from retention.actions import disposals, proposals, reviews, rights_course, schedule

RETENTION = System("retention")
_log = logging.getLogger(__name__)


@shared_task(name="retention.run_daily")
def run_daily() -> int:
    """Schedule changes whose day has come, proposals, reviews, and what may go. Every ten minutes; safe to repeat.

    A class that fails is logged and taken up again in ten minutes; it stops no other.
    Answers how many disposals were finished now.
    """
    for draft in queries.drafts_due():
        _tried("coming into force", str(draft.pk), schedule.bring_into_force, draft=draft)
    for row in queries.disposable_rows():
        _tried("proposal", row.slug, proposals.propose, row=row)
        _tried("reviews", row.slug, reviews.open_reviews, row=row)
    finished = 0
    for proposal in queries.proposals_to_go():
        done = _tried("disposal", proposal.row.slug, disposals.carry_out, proposal=proposal)
        finished += done is not None
    _tried("removal", "the file store", media.remove_left)
    return finished


@shared_task(name="retention.mind_requests")
def mind_requests() -> int:
    """Requests under information law whose time nears or is over: people are told, and escalation. Every ten minutes."""
    done = 0
    for request in queries_rights.to_mind():
        done += bool(_tried("minding", request.reference, rights_course.carry_on, request=request))
    return done


def _tried(what: str, of: str, act: Callable[..., Any], **given: Any) -> Any:
    try:
        return act(actor=RETENTION, **given)
    except Exception:
        _log.exception("The %s of %s failed and will be tried again", what, of)
        return None


@shared_task(name="retention.drop_months")
def drop_months() -> int:
    """Months of raw payloads and of the audit trail whose period is over are gone. Daily. Answers how many."""
    return len(disposals.drop_months(actor=RETENTION)) + len(disposals.drop_audit_months(actor=RETENTION))


@shared_task(name="retention.ensure_months")
def ensure_months() -> int:
    """Partitions for this month and the next three stand ready. Daily. Answers how many were made."""
    return disposals.ensure_months(actor=RETENTION)
