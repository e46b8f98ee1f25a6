"""What is gone from a platform stays here, marked with who removed it; what stands there again is marked so too."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from accounts.models import OfficialAccount
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from moderation.models import Comment
from publishing.models import Delivery

_SAID = (Comment.RemovedBy.AUTHOR, Comment.RemovedBy.PLATFORM)


@action
def note_gone(*, actor: Actor, official_account: OfficialAccount, gone: Mapping[str, str]) -> list[Comment]:
    """These comments (external id -> who removed it, as the platform says) stand on the platform no longer.

    Their words stay. Those that are marked already are left as they are. Audits comment.removed_upstream.
    """
    standing = (
        Comment.objects.select_for_update(of=("self",))
        .select_related("official_account")
        .filter(official_account=official_account, external_id__in=gone, removed_at=None)
        .order_by("pk")
    )
    return [mark(actor=actor, comment=comment, said=gone[comment.external_id]) for comment in standing]


@action
def note_back(*, actor: Actor, official_account: OfficialAccount, seen: Collection[str]) -> list[Comment]:
    """Comments that were gone without anybody saying why, and were seen again: an author let back, a lapse.

    Audits comment.back_upstream.
    """
    back = list(
        Comment.objects.select_for_update(of=("self",))
        .filter(official_account=official_account, external_id__in=seen, removed_by="")
        .exclude(removed_at=None)
        .order_by("pk")
    )
    for comment in back:
        comment.removed_at = None
        comment.save(update_fields=["removed_at"])
        record(
            actor=actor,
            event="comment.back_upstream",
            subject=comment,
            subject_name=official_account.name,
            official_account_id=official_account.pk,
        )
    return back


def mark(*, actor: Actor, comment: Comment, said: str) -> Comment:
    """One locked comment is gone. What we deleted ourselves is ours, whatever the platform says of it."""
    comment.removed_at = clock.now()
    comment.removed_by = Comment.RemovedBy.US if _deleted_by_us(comment) else (said if said in _SAID else "")
    comment.save(update_fields=["removed_at", "removed_by"])
    record(
        actor=actor,
        event="comment.removed_upstream",
        subject=comment,
        subject_name=comment.official_account.name,
        official_account_id=comment.official_account_id,
        details={"by": comment.removed_by or "unknown"},
    )
    return comment


def _deleted_by_us(comment: Comment) -> bool:
    """A deletion of ours has left for the platform, or may have."""
    return (
        Delivery.objects.filter(
            official_account_id=comment.official_account_id,
            kind__in=[Delivery.Kind.DELETE, Delivery.Kind.DELETE_COMMENT],
            target_external_id=comment.external_id,
        )
        .exclude(state__in=[Delivery.State.SCHEDULED, Delivery.State.REJECTED, Delivery.State.WITHDRAWN])
        .exists()
    )
