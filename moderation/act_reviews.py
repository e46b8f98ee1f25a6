"""Reading what waits for a second person's look: deletions and blocks that somebody made alone."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from accounts.queries import account_ids
from core.errors import NotFound
from moderation.models import ActReview
from staff.models import StaffMember
from staff.roles import Power


def address(row: ActReview) -> str:
    """Where it is looked at."""
    return reverse("moderation:act_review", args=[row.pk])


def reviews(viewer: StaffMember, *, closed: bool = False, limit: int = 100) -> list[ActReview]:
    """What waits on the viewer's official accounts, the most overdue first; or what was answered, newest first."""
    rows = ActReview.objects.filter(
        official_account_id__in=account_ids(viewer, Power.LOOK_AGAIN)
    ).select_related("official_account", "clause", "by", "answered_by", "block")
    if closed:
        return list(rows.exclude(state=ActReview.State.OPEN).order_by("-answered_at")[:limit])
    return list(rows.filter(state=ActReview.State.OPEN)[:limit])


def waiting_for(viewer: StaffMember) -> QuerySet[ActReview]:
    """What this person may look at: open, and not their own act."""
    return ActReview.objects.filter(
        official_account_id__in=account_ids(viewer, Power.LOOK_AGAIN), state=ActReview.State.OPEN
    ).exclude(by=viewer)


def review(viewer: StaffMember, pk: int) -> ActReview:
    """One of them in the viewer's scope. Raises NotFound."""
    found = (
        ActReview.objects.filter(pk=pk, official_account_id__in=account_ids(viewer, Power.LOOK_AGAIN))
        .select_related(
            "official_account", "clause", "by", "answered_by", "block__lifting", "block__delivery"
        )
        .first()
    )
    if found is None:
        raise NotFound(
            "There is nothing to look at here, or it is on an official account that you do not see."
        )
    return found


def overdue(now: datetime) -> list[ActReview]:
    """Open past their time, of which nobody has been reminded."""
    return list(ActReview.objects.filter(state=ActReview.State.OPEN, due_at__lte=now, reminded_at=None)[:200])
