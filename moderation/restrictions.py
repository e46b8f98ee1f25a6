"""Blocking, muting and deleting on the platform, as the desk offers them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.queries import account_ids, may
from core.errors import NotFound
from moderation import queries
from moderation.models import Block, Comment, Decision
from platforms.contract import Capability
from publishing.models import Delivery
from staff.models import StaffMember
from staff.roles import Power

Kind = Delivery.Kind


RESTRICT, REPORT = "restrict", "report"
"""What no platform lets a program do: it is done there by hand, and recorded here."""

LONGEST_BLOCK_DAYS = 366
USUAL_BLOCK_DAYS = 30


@dataclass(frozen=True)
class Restriction:
    """One such act. `undoes`: the kind that it takes back, or nothing.

    needs: None where no platform lets a program do it. cites: whether it is done under a clause. grave: whether it
    needs a note and somebody else's look by the next evening.
    """

    kind: str
    needs: Capability | None
    label: str
    done: str
    decided_as: str
    audited_as: str
    told: str = "it can be undone there."
    undoes: str = ""
    explained: str = ""
    cites: bool = True
    grave: bool = False


ALL = (
    Restriction(
        Kind.DELETE_COMMENT,
        Capability.DELETE_OTHERS,
        "Delete the comment for good",
        "The comment is deleted on the platform",
        Decision.Kind.DELETE,
        "comment.deleted",
        told="it is gone there for good, and its words are kept here.",
        explained="It is gone from the platform for good; its words are kept here as evidence. It cannot be undone.",
        grave=True,
    ),
    Restriction(
        Kind.BLOCK,
        Capability.BLOCK,
        "Block the commenter until a date",
        "The commenter is blocked",
        Decision.Kind.BLOCK,
        "comment.blocked",
        explained="They can no longer write to this official account, and may notice. It is lifted on its date.",
        grave=True,
    ),
    Restriction(
        Kind.UNBLOCK,
        Capability.BLOCK,
        "Unblock the commenter",
        "",
        Decision.Kind.UNBLOCK,
        "comment.unblocked",
        undoes=Kind.BLOCK,
    ),
    Restriction(
        Kind.MUTE,
        Capability.MUTE,
        "Mute the commenter",
        "The commenter is muted",
        Decision.Kind.MUTE,
        "comment.muted",
        explained="The platform shows us no more of them, threats included, and they are not told. It can be undone.",
    ),
    Restriction(
        Kind.UNMUTE,
        Capability.MUTE,
        "Unmute the commenter",
        "",
        Decision.Kind.UNMUTE,
        "comment.unmuted",
        undoes=Kind.MUTE,
    ),
    Restriction(
        RESTRICT,
        None,
        "Restrict the commenter",
        "The commenter is restricted",
        Decision.Kind.RESTRICT,
        "comment.restricted",
        explained="What they write is seen by themselves alone until somebody there allows it. They are not told.",
    ),
    Restriction(
        REPORT,
        None,
        "Report it to the platform",
        "Reported to the platform",
        Decision.Kind.REPORT,
        "comment.reported",
        explained="The platform looks at it under its own rules, and may take it down.",
        cites=False,
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
        .exclude(state__in=Delivery.CAME_TO_NOTHING)
        .select_related("author")
        .order_by("-id")
        .first()
    )
    return last if last is not None and last.kind == kind else None


def standing_block(comment: Comment) -> Block | None:
    """The block of this commenter on this official account that has not been lifted."""
    return (
        Block.objects.filter(
            official_account_id=comment.official_account_id,
            commenter_external_id=comment.commenter.external_id,
            lifted_at=None,
        )
        .select_related("by", "clause", "delivery", "lifting")
        .first()
    )


def why_not_from_here(comment: Comment, one: Restriction) -> str:
    """Why it cannot be done from here on that platform; empty where it can."""
    if one.needs is not None:
        return queries.why_not(comment, one.needs)
    name = queries.platform_name(comment)
    if one.kind == RESTRICT and comment.platform not in RESTRICTS:
        return f"{name} knows no restricting. Mute the person, or hide what they write."
    return f"{name} lets no program do this."


RESTRICTS = frozenset({"instagram"})
"""Platforms on which people can be restricted, in their own app. Source: Instagram Help Centre, "Restrict"."""


def by_hand(comment: Comment, one: Restriction) -> str:
    """How it is done on the platform itself where it cannot be done from here; empty where it is not to be had."""
    if one.undoes or not why_not_from_here(comment, one):
        return ""
    if one.kind == RESTRICT and comment.platform not in RESTRICTS:
        return ""
    name = queries.platform_name(comment)
    if comment.official_account.exercise:
        return (
            "" if one.kind != REPORT else "In an exercise nothing is reported: say here that you would have."
        )
    act = {
        Kind.DELETE_COMMENT: f"Where {name} lets you, delete it there",
        Kind.BLOCK: f"Where {name} lets you, block them there",
        Kind.MUTE: f"Where {name} lets you, mute them there",
        RESTRICT: f"Open their profile in the {name} app and restrict them there",
        REPORT: f"Open it on {name} and choose “Report” in its menu",
    }[one.kind]
    return f"{act}, then say so here."


@dataclass(frozen=True)
class Offered:
    """One act as the page shows it: `standing` where it is in force, `why_not` where the platform cannot.

    by_hand: how to do it on the platform itself, where it can be done there and not from here.
    """

    restriction: Restriction
    undo: Restriction | None
    standing: Delivery | None
    why_not: str
    by_hand: str = ""
    block: Block | None = None

    @property
    def can(self) -> bool:
        """Whether the form offers it."""
        return not (self.standing or self.block) and (not self.why_not or bool(self.by_hand))


def offered(viewer: StaffMember, comment: Comment) -> list[Offered]:
    """What the viewer may do about this commenter or comment; nothing where they may not."""
    if comment.state == Comment.State.OURS or not may(
        viewer, Power.RESTRICT_COMMENTERS, comment.official_account_id
    ):
        return []
    found = []
    for one in ALL:
        if one.undoes or (one.kind == Kind.DELETE_COMMENT and not _can_still_be_deleted(comment)):
            continue
        found.append(
            Offered(
                restriction=one,
                undo=next((other for other in ALL if other.undoes == one.kind), None),
                standing=in_force(comment, one.kind) if one.needs else None,
                why_not=why_not_from_here(comment, one),
                by_hand=by_hand(comment, one),
                block=standing_block(comment) if one.kind == Kind.BLOCK else None,
            )
        )
    return found


def _can_still_be_deleted(comment: Comment) -> bool:
    if comment.removed_at or comment.private:
        return False
    return comment.state == Comment.State.OPEN or queries.is_escalated(comment)


def blocks(viewer: StaffMember, *, lifted: bool = False, limit: int = 200) -> list[Block]:
    """Blocks on the viewer's official accounts: those in force, what a person has to lift first; or the lifted ones."""
    rows = Block.objects.filter(
        official_account_id__in=account_ids(viewer, Power.RESTRICT_COMMENTERS)
    ).select_related("official_account", "clause", "by", "lifted_by", "delivery", "lifting")
    if lifted:
        return list(rows.filter(lifted_at__isnull=False).order_by("-lifted_at")[:limit])
    return sorted(rows.filter(lifted_at=None)[:limit], key=lambda row: (not row.by_hand_why, row.until))


def to_lift_by_hand(viewer: StaffMember) -> QuerySet[Block]:
    """Blocks that a person has to lift on the platform itself, on the viewer's official accounts."""
    return Block.objects.filter(
        ~Q(by_hand_why=""),
        official_account_id__in=account_ids(viewer, Power.RESTRICT_COMMENTERS),
        lifted_at=None,
    )


def ended(now: datetime) -> list[Block]:
    """Blocks whose date has come, and blocks that are being lifted: what the clockwork has to look at."""
    return list(
        Block.objects.filter(
            Q(until__lte=now) | Q(lifting__isnull=False), lifted_at=None, by_hand_why=""
        ).order_by("until", "id")[:200]
    )


def block(viewer: StaffMember, pk: int) -> Block:
    """One block on the viewer's official accounts. Raises NotFound."""
    found = (
        Block.objects.filter(pk=pk, official_account_id__in=account_ids(viewer, Power.RESTRICT_COMMENTERS))
        .select_related("official_account")
        .first()
    )
    if found is None:
        raise NotFound("There is no such block, or it is on an official account that you do not see.")
    return found
