"""What triage says while some of it, or all, is switched off: nothing of what is off, and by time alone without any."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core import clock, context
from core.prepared import Given, Statement
from moderation.categories import Category
from moderation.models import TriageStop
from moderation.triage import Verdict

ALL = frozenset(Category.values)
ROUTINE = 5


BEHIND = timedelta(seconds=30)
"""A comment that the model has not read for so long means that it does not keep up."""

_READ = Statement(
    """
SELECT (SELECT id FROM moderation_triagestop WHERE ended_at IS NULL LIMIT 1),
  (SELECT off FROM moderation_triageversion WHERE live LIMIT 1),
  (SELECT received_at FROM moderation_comment
     WHERE state = 'open' AND model_due_at IS NOT NULL AND received_at < %s ORDER BY model_due_at LIMIT 1)
""",
    [Given("before")],
)


@dataclass(frozen=True)
class Standing:
    """How triage stands, as every page of the desk must know it."""

    stop_id: int | None
    live: bool
    """Whether a version of the model speaks."""
    off: tuple[str, ...]
    """Categories that the live version leaves out."""
    oldest_unread_at: datetime | None
    """When the oldest comment came that the model ought to have read by now."""


def standing() -> Standing:
    """Read in one statement, once for a request."""
    kept = context.kept()
    if kept is not None and "triage_standing" in kept:
        return kept["triage_standing"]
    ((stop_id, off, oldest),) = _READ.rows({"before": clock.now() - BEHIND}.__getitem__)
    read = Standing(stop_id, off is not None, tuple(json.loads(off or "[]")), oldest)
    if kept is not None:
        kept["triage_standing"] = read
    return read


def stop() -> TriageStop | None:
    """How somebody has switched it off; None while it is on."""
    return _stop_of(standing())


def _stop_of(read: Standing) -> TriageStop | None:
    if read.stop_id is None:
        return None
    return TriageStop.objects.filter(pk=read.stop_id).select_related("by").first()


def off() -> frozenset[str]:
    """Slugs of the categories that are off now: by a person, or in the version that is live."""
    read = standing()  # once: an action keeps nothing, and would ask again
    stopped = _stop_of(read)
    if stopped is not None and not stopped.categories:
        return ALL
    found = frozenset(read.off) | frozenset(stopped.categories if stopped is not None else ())
    return ALL if found >= ALL - {Category.NONE.value} else found


def by_time() -> bool:
    """Whether all of it is off, so that the queue stands by time alone."""
    return off() == ALL


def heard(verdict: Verdict, gone: frozenset[str]) -> Verdict:
    """The verdict without what is off. With all of it off it says nothing."""
    if not gone:
        return verdict
    if gone == ALL:
        return replace(verdict, category=Category.NONE.value, priority=ROUTINE, findings=[], broken=False)
    left = [finding for finding in verdict.findings if finding.category not in gone]
    if len(left) == len(verdict.findings):
        return verdict
    if not left:
        return replace(verdict, category=Category.NONE.value, priority=ROUTINE, findings=[])
    return replace(verdict, category=str(left[0].category), priority=left[0].priority, findings=left)
