"""Reading saved replies: whose they are, who may change them, and which are suggested for a comment."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.queries import may
from core import clock
from core.errors import NotFound
from moderation.models import Comment, SavedReply, SavedReplyChange
from staff.models import Membership, StaffMember, Team
from staff.roles import Power


@dataclass(frozen=True)
class Offered:
    """What stands in the list beside a reply: those for this kind of comment first."""

    suggested: list[SavedReply]
    others: list[SavedReply]

    @property
    def any(self) -> bool:
        return bool(self.suggested or self.others)


def teams_of(viewer: StaffMember) -> list[Team]:
    """The teams that the viewer is in now."""
    now = clock.now()
    here = Membership.objects.filter(member=viewer, since__lte=now).filter(Q(until=None) | Q(until__gt=now))
    return list(Team.objects.filter(pk__in=here.values("team")).order_by("name"))


def seen_by(viewer: StaffMember) -> QuerySet[SavedReply]:
    """The viewer's own, those of their teams, and the force's; withdrawn ones too."""
    return SavedReply.objects.filter(
        Q(level=SavedReply.Level.FORCE)
        | Q(level=SavedReply.Level.TEAM, team__in=teams_of(viewer))
        | Q(level=SavedReply.Level.PERSONAL, owner=viewer)
    ).select_related("team", "changed_by")


def offered(viewer: StaffMember, comment: Comment) -> Offered:
    """What the viewer can put into a reply to this comment."""
    rows = list(seen_by(viewer).filter(withdrawn_at=None)[:300])
    return Offered(
        [row for row in rows if comment.category in row.categories],
        [row for row in rows if comment.category not in row.categories],
    )


def one(viewer: StaffMember, pk: int) -> SavedReply:
    """One that the viewer may use. Raises NotFound."""
    found = seen_by(viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such saved reply, or it is a colleague’s own.")
    return found


def may_change(viewer: StaffMember, row: SavedReply) -> bool:
    """Whether the viewer may change it: their own, their team's, or the force's with the right for it."""
    if row.level == SavedReply.Level.FORCE:
        return may(viewer, Power.SET_REPLIES)
    if row.level == SavedReply.Level.TEAM:
        return any(team.pk == row.team_id for team in teams_of(viewer))
    return row.owner_id == viewer.pk


def history(row: SavedReply) -> list[tuple[SavedReplyChange, str]]:
    """How it read after each change, the latest first, each with the words before."""
    changes = list(row.changes.all()[:50])
    before = [change.text for change in changes[1:]] + [""]
    return list(zip(changes, before, strict=True))
