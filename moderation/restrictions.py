"""Blocking, muting and deleting on the platform, as the desk offers them."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.queries import may
from moderation import queries
from moderation.models import Comment
from platforms.contract import Capability
from publishing.models import Delivery
from staff.models import StaffMember
from staff.roles import Power

Kind = Delivery.Kind


@dataclass(frozen=True)
class Restriction:
    """One such act. `undoes`: the kind that it takes back, or nothing."""

    kind: str
    needs: Capability
    label: str
    done: str
    told: str = "it can be undone there."
    undoes: str = ""
    explained: str = ""


ALL = (
    Restriction(
        Kind.BLOCK,
        Capability.BLOCK,
        "Block the commenter",
        "The commenter is blocked",
        explained="They can no longer write to this official account, and may notice. It can be undone.",
    ),
    Restriction(Kind.UNBLOCK, Capability.BLOCK, "Unblock the commenter", "", undoes=Kind.BLOCK),
    Restriction(
        Kind.MUTE,
        Capability.MUTE,
        "Mute the commenter",
        "The commenter is muted",
        explained="The platform shows us no more of them, threats included, and they are not told. It can be undone.",
    ),
    Restriction(Kind.UNMUTE, Capability.MUTE, "Unmute the commenter", "", undoes=Kind.MUTE),
    Restriction(
        Kind.DELETE_COMMENT,
        Capability.DELETE_OTHERS,
        "Delete the comment for good",
        "The comment is deleted on the platform",
        told="it is gone there for good, and its words are kept here.",
        explained="It is gone from the platform for good; its words are kept here as evidence. It cannot be undone.",
    ),
)


def of(kind: str) -> Restriction | None:
    """The act by its kind, or nothing."""
    return next((one for one in ALL if one.kind == kind), None)


def target(comment: Comment, kind: str) -> str:
    """Whom or what it is done to, as the platform calls it."""
    return comment.external_id if kind == Kind.DELETE_COMMENT else comment.commenter.external_id


def in_force(comment: Comment, kind: str) -> Delivery | None:
    """The delivery by which the commenter is blocked or muted (or the comment deleted), sent or on its way."""
    kinds = [kind, *(one.kind for one in ALL if one.undoes == kind)]
    last = (
        Delivery.objects.filter(
            official_account_id=comment.official_account_id,
            kind__in=kinds,
            target_external_id=target(comment, kind),
        )
        .exclude(state__in=[Delivery.State.REJECTED, Delivery.State.WITHDRAWN])
        .select_related("author")
        .order_by("-id")
        .first()
    )
    return last if last is not None and last.kind == kind else None


@dataclass(frozen=True)
class Offered:
    """One act as the page shows it: `standing` where it is in force, `why_not` where the platform cannot."""

    restriction: Restriction
    undo: Restriction | None
    standing: Delivery | None
    why_not: str


def offered(viewer: StaffMember, comment: Comment) -> list[Offered]:
    """What the viewer may do about this commenter or comment; nothing where they may not."""
    if comment.state == Comment.State.OURS or not may(
        viewer, Power.RESTRICT_COMMENTERS, comment.official_account_id
    ):
        return []
    found = []
    for one in ALL:
        if one.undoes or (one.kind == Kind.DELETE_COMMENT and (comment.removed_at or comment.private)):
            continue
        found.append(
            Offered(
                restriction=one,
                undo=next((other for other in ALL if other.undoes == one.kind), None),
                standing=in_force(comment, one.kind),
                why_not=queries.why_not(comment, one.needs),
            )
        )
    return found
