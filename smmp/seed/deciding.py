"""Decisions of the demonstration's past, written as they stand: an action would decide now."""

from __future__ import annotations

from datetime import datetime

from moderation.models import Clause, Comment, Decision
from staff.models import StaffMember


def decision(
    comment: Comment, kind: str, by: StaffMember, *, at: datetime, why: str = "", clause: Clause | None = None
) -> Decision:
    """What somebody decided at that time on the comment's only revision. The comment itself is left as it is."""
    return Decision.objects.create(
        comment=comment,
        revision=comment.revisions.get(),
        kind=kind,
        clause=clause,
        why=why,
        by=by,
        by_name=by.called,
        at=at,
    )
