"""Posts leave as a table, to be published by hand."""

from __future__ import annotations

from datetime import date

from accounts.queries import require
from audit.actions import record
from core.acting import action
from publishing import week
from publishing.week import Planned
from staff.models import StaffMember
from staff.roles import Power


@action
def take_week(*, actor: StaffMember, first: date) -> list[Planned]:
    """What is approved for the days from that London day on, within the actor's official accounts.

    Raises NotPermitted. Audits posts.exported.
    """
    require(actor, Power.SEE_POSTS)
    found = week.planned(actor, first)
    record(
        actor=actor,
        event="posts.exported",
        subject_name=f"the week from {first:%d %B %Y}",
        details={"count": len(found), "posts": sorted({one.post.pk for one in found})[:500]},
    )
    return found
