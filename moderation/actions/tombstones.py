"""What is gone from a platform is marked with who removed it; what stands there again is marked so too.

What its author deleted stays in sight on a recorded basis alone: evidence, risk, a case or a hold. All else is restricted
at once, and disposed of within the platform's own period (class author_deleted).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from accounts.models import OfficialAccount
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from moderation.models import Comment
from publishing.models import Delivery
from retention.actions.restrictions import restrict_deleted
from retention.queries import why_kept

_SAID = (Comment.RemovedBy.AUTHOR, Comment.RemovedBy.PLATFORM)


@action
def note_gone(*, actor: Actor, official_account: OfficialAccount, gone: Mapping[str, str]) -> list[Comment]:
    """These comments (external id -> who removed it, as the platform says) stand on the platform no longer.

    What its author deleted is restricted, unless something keeps it. Those that are marked already are left as they
    are. Audits comment.removed_upstream, record.restricted.
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
    comment.kept_why = _kept_why(comment) if _deleted_by_its_author(comment) else ""
    comment.save(update_fields=["removed_at", "removed_by", "kept_why"])
    record(
        actor=actor,
        event="comment.removed_upstream",
        subject=comment,
        subject_name=comment.official_account.name,
        official_account_id=comment.official_account_id,
        details={"by": comment.removed_by or "unknown", "kept": comment.kept_why},
    )
    _restrict(actor, comment)
    return comment


def settle_new(*, actor: Actor, comment: Comment) -> None:
    """A comment whose deletion overtook it: restricted as it comes in, or kept on a recorded basis."""
    if _deleted_by_its_author(comment):
        comment.kept_why = _kept_why(comment)
        comment.save(update_fields=["kept_why"])
        _restrict(actor, comment)


def _deleted_by_its_author(comment: Comment) -> bool:
    return comment.removed_by == Comment.RemovedBy.AUTHOR and comment.state != Comment.State.OURS


def _restrict(actor: Actor, comment: Comment) -> None:
    if _deleted_by_its_author(comment) and not comment.kept_why and comment.state != Comment.State.RESTRICTED:
        restrict_deleted(actor=actor, subject_type="moderation.comment", subject_id=comment.pk)
        comment.refresh_from_db()


def _kept_why(comment: Comment) -> str:
    """On what basis a comment stays in sight although its author deleted it; empty where there is none.

    Source: X Developer Agreement (deleted within 24 hours); DPA 2018 s.35(2) and s.47(2) for what is evidence.
    Whether it is in a case is a fact of the room above, which keeps it by a rule of its own (escalation.records).
    """
    if comment.needs_case:
        return "it is wanted for a case"
    if comment.at_risk:
        return "it tells of a risk to somebody"
    if comment.attachments.filter(child_seals__isnull=False).exists():
        return "it came with a picture that was sealed"
    return why_kept("moderation.comment", comment.pk)


def _deleted_by_us(comment: Comment) -> bool:
    """A deletion of ours has left for the platform, or may have."""
    return (
        Delivery.objects.filter(
            official_account_id=comment.official_account_id,
            kind__in=[Delivery.Kind.DELETE, Delivery.Kind.DELETE_COMMENT],
            target_external_id=comment.external_id,
        )
        .exclude(state__in=[Delivery.State.SCHEDULED, *Delivery.CAME_TO_NOTHING])
        .exists()
    )
