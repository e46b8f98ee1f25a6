"""What triage says while some of it, or all, is switched off: nothing of what is off, and by time alone without any."""

from __future__ import annotations

from dataclasses import replace

from core import context
from moderation.categories import Category
from moderation.models import TriageStop, TriageVersion
from moderation.triage import Verdict

ALL = frozenset(Category.values)
ROUTINE = 5


def stop() -> TriageStop | None:
    """How somebody has switched it off; None while it is on. Read once for a request."""
    kept = context.kept()
    if kept is None:
        return _stop()
    if "triage_stop" not in kept:
        kept["triage_stop"] = _stop()
    return kept["triage_stop"]


def _stop() -> TriageStop | None:
    return TriageStop.objects.filter(ended_at=None).select_related("by").first()


def off() -> frozenset[str]:
    """Slugs of the categories that are off now: by a person, or in the version that is live."""
    standing = stop()
    if standing is not None and not standing.categories:
        return ALL
    live = TriageVersion.objects.filter(live=True).values_list("off", flat=True).first() or []
    found = frozenset(live) | frozenset(standing.categories if standing is not None else ())
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
