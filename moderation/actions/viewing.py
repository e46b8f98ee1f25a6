"""Seeing is recorded: who was shown which comments, before the page answers."""

from __future__ import annotations

from collections.abc import Iterable

from audit.actions import record
from core import clock
from core.acting import action
from moderation.actions import welfare
from moderation.models import Comment, FirstSight
from staff.models import StaffMember


@action
def record_listed(*, actor: StaffMember, ids: Iterable[int], queue: str) -> None:
    """These comments stood in a list in front of this person; an empty list is no viewing.

    Source: DPA 2018 s.62 (consultation). Audits comments.listed.
    """
    shown = list(ids)
    if shown:
        record(actor=actor, event="comments.listed", shown_ids=shown, details={"queue": queue})


@action
def record_viewed(*, actor: StaffMember, comment: Comment, ids: Iterable[int]) -> None:
    """This person read a conversation; `ids` are the comments whose words it showed.

    A distressing one counts for their own welfare. Of the exercise network it is kept when it was first seen, for the
    marked sheet; of nothing else. Source: DPA 2018 s.62 (consultation). Audits comment.viewed.
    """
    record(
        actor=actor,
        event="comment.viewed",
        subject=comment,
        subject_name=f"comment {comment.pk} on {comment.official_account.name}",
        official_account_id=comment.official_account_id,
        shown_ids=ids,
    )
    welfare.note_comments(actor=actor, comments=[comment])
    if comment.official_account.exercise:
        FirstSight.objects.bulk_create(
            [FirstSight(comment=comment, by=actor, at=clock.now())], ignore_conflicts=True
        )
