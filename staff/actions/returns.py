"""Somebody who left works here again, with nothing of what they had before.

The one way back, whoever asks for it: an administrator on the person's page, or the force's directory
for whom it let go itself. Old grants are ended by the caller (accounts.actions.returns).
"""

from __future__ import annotations

from django.db.models import Q

from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from staff.actions import teams
from staff.actions.factors import remove_factors
from staff.models import (
    Allowance,
    ConductMatter,
    DirectoryPerson,
    Membership,
    SignOnIdentity,
    StaffMember,
)

WHY_MOST = 300


class NotCleared(NotPermitted):
    """Professional standards have not closed what they decided. The sentence says nothing of them.

    Vetting has to clear every returner anyway, so to be sent there tells nobody anything.
    """

    def __init__(self, member: StaffMember) -> None:
        super().__init__(
            f"{member.called} cannot be brought back here yet: a clearance is missing that is not kept on this "
            "page. The force’s vetting office can say what is needed. Try again afterwards; nothing was changed."
        )


@action
def readmit(*, actor: Actor, member: StaffMember, why: str, keep_groups: bool = False) -> StaffMember:
    """A leaver works here again, without password, second factor, identity at the provider, team or allowance.

    keep_groups: their places in teams that the directory keeps stay. Raises NotPermitted (oneself
    included), NotCleared, NotValid (no reason, too long), TransitionNotAllowed (works here).
    Audits staff.member_returned, and team.left, staff.allowance_ended, staff.sign_on_released for each.
    """
    _require_manager(actor)
    if actor.actor_kind == "staff" and actor.actor_id == member.pk:
        raise NotPermitted("You cannot bring yourself back. Ask another administrator.")
    why = why.strip()
    if not why:
        raise NotValid("Say why they come back, in a few words.", field="why")
    if len(why) > WHY_MOST:
        raise NotValid(f"Keep the reason under {WHY_MOST} characters.", field="why")
    # Before the person's row is locked: whoever changes a group locks it first.
    for place in _places(member, keep_groups=keep_groups):
        teams.leave_team(actor=actor, team=place.team, member=member)
    member = StaffMember.objects.alone(member.pk)
    if member.active:
        raise TransitionNotAllowed(f"{member.called} works here.")
    if standing(member).exists():
        raise NotCleared(member)
    remove_factors(member)
    _end_allowances(actor, member)
    if SignOnIdentity.objects.filter(user=member).delete()[0]:
        record(actor=actor, event="staff.sign_on_released", subject=member, subject_name=member.called)
    member.active, member.left_at, member.access_until = True, None, None
    member.authentication_epoch += 1
    member.set_unusable_password()
    member.save(update_fields=["active", "left_at", "access_until", "authentication_epoch", "password"])
    DirectoryPerson.objects.filter(member=member).update(
        changed_at=clock.now(), let_go_at=None, removed_at=None
    )
    record(actor=actor, event="staff.member_returned", subject=member, subject_name=member.called, reason=why)
    return member


@action
def note_refused(*, actor: Actor, member: StaffMember) -> None:
    """Professional standards see on the matter that somebody would bring the person back.

    Audits conduct.return_refused.
    """
    _require_manager(actor)
    standing(member).update(return_asked_at=clock.now())
    record(actor=actor, event="conduct.return_refused", subject=member, subject_name=member.called)


def standing(member: StaffMember):
    """What professional standards decided about somebody and have neither taken back nor closed."""
    return ConductMatter.objects.filter(person=member, ended_at=None, closed_at=None)


def _places(member: StaffMember, *, keep_groups: bool) -> list[Membership]:
    found = Membership.objects.filter(member=member).filter(Q(until=None) | Q(until__gt=clock.now()))
    if keep_groups:
        found = found.filter(Q(team__directory=None) | Q(team__directory__removed_at__isnull=False))
    return list(found.select_related("team").order_by("team_id"))


def _end_allowances(actor: Actor, member: StaffMember) -> None:
    at = clock.now()
    for allowance in Allowance.objects.select_for_update().filter(
        email__iexact=member.email, ended_at=None, until__gt=at
    ):
        allowance.ended_at = at
        allowance.save(update_fields=["ended_at"])
        record(actor=actor, event="staff.allowance_ended", subject=allowance, subject_name=str(allowance))


def _require_manager(actor: Actor) -> None:
    if isinstance(actor, StaffMember) and not actor.has_perm("accounts.manage_staff"):
        raise NotPermitted("Bringing somebody back belongs to the service administrators.")
