"""Reading for the surveillance guard: one commenter's history, and how often they were looked up.

Reading what people write to the force is not covert. Coming back to one person again and again, from
history or a search, may become directed surveillance (Regulation of Investigatory Powers Act 2000
s.26(2)), which needs an authorisation. There is no list of people to watch: only counts of looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.queries import require
from core import clock
from core.errors import NotFound, NotPermitted
from moderation.models import Comment, Commenter, GuardRule, LookUp, Purpose
from moderation.queries import scope
from staff.models import StaffMember
from staff.roles import Power

PAGE = 30


@dataclass(frozen=True)
class Counts:
    """Look-ups of one commenter that count: the viewer's own and the whole force's."""

    own: int
    force: int
    rule: GuardRule
    purpose: Purpose | None
    """What the viewer gave and still stands."""

    @property
    def due(self) -> bool:
        """Whether the next look needs a purpose first."""
        return self.purpose is None and (self.own >= self.rule.own or self.force >= self.rule.force)


def rule() -> GuardRule:
    """The numbers that hold now."""
    return GuardRule.objects.select_related("set_by").filter(pk=1).first() or GuardRule(pk=1)


def commenter(viewer: StaffMember, pk: int) -> Commenter:
    """Somebody who wrote to an official account of the viewer's. Raises NotFound."""
    found = Commenter.objects.filter(
        pk__in=Comment.objects.filter(
            commenter_id=pk, official_account_id__in=scope(viewer), state__in=WRITTEN_TO_US
        ).values("commenter_id")
    ).first()
    if found is None:
        raise NotFound("Nobody of that number wrote to an official account that you may see.")
    return found


WRITTEN_TO_US = (Comment.State.OPEN, Comment.State.DECIDED)


def history(
    viewer: StaffMember, of: Commenter, *, before: tuple[datetime, int] | None = None
) -> tuple[list[Comment], bool]:
    """What one commenter wrote to the viewer's official accounts, newest first; whether there is more.

    Nothing else is known or shown of them: no posts of their own, no profile, no other platform.
    """
    found = (
        Comment.objects.filter(commenter=of, official_account_id__in=scope(viewer), state__in=WRITTEN_TO_US)
        .select_related("official_account")
        .order_by("-posted_at", "-id")
    )
    if before is not None:
        at, pk = before
        found = found.filter(posted_at__lte=at).exclude(posted_at=at, pk__gte=pk)
    rows = list(found[: PAGE + 1])
    return rows[:PAGE], len(rows) > PAGE


def is_work(viewer: StaffMember, of: Commenter) -> bool:
    """Whether looking is queue work, or an open case: the viewer has claimed a comment of theirs, or a case holds one."""
    theirs = Comment.objects.filter(commenter=of)
    claimed = theirs.filter(state=Comment.State.OPEN, claimed_by=viewer, claimed_until__gt=clock.now())
    cased = theirs.filter(case_link__isnull=False).exclude(case_link__case__state="closed")
    return claimed.exists() or cased.exists()


def counts(viewer: StaffMember, of: Commenter) -> Counts:
    """How often they were looked up lately."""
    held = rule()
    at = clock.now()
    lately = LookUp.objects.filter(commenter_id=of.pk, at__gt=at - timedelta(days=held.days))
    standing = Purpose.objects.filter(commenter_id=of.pk, by=viewer, until__gt=at).first()
    return Counts(lately.filter(by=viewer).count(), lately.count(), held, standing)


def purposes(viewer: StaffMember) -> QuerySet[Purpose]:
    """What was given as purpose lately, newest first, for desk supervisors and command. Raises NotPermitted.

    Of people who wrote to official accounts of the viewer's alone.
    """
    require(viewer, Power.SEE_COMMENTS)
    if not viewer.has_perm(f"accounts.{Power.ACKNOWLEDGE_CASES}"):
        raise NotPermitted("Purposes for repeated look-ups are read by desk supervisors and duty command.")
    theirs = Comment.objects.filter(official_account_id__in=scope(viewer)).values("commenter_id")
    return Purpose.objects.filter(commenter_id__in=theirs)[:200]
