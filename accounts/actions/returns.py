"""Somebody who left comes back: what they held before is ended first, so that none of it comes to life."""

from __future__ import annotations

from accounts.actions import project_grants, record_expired_grants
from accounts.models import Grant
from core.acting import action
from core.actors import Actor
from core.errors import ChangedSinceSeen
from staff.actions import members, returns
from staff.models import StaffMember


def bring_back(*, actor: Actor, member: StaffMember, why: str, email: str = "") -> StaffMember:
    """An administrator has somebody back, with no grant, team, password or second factor. Send a link next.

    email: their address today, where it is another one now. Raises NotPermitted (oneself included; or a
    clearance is missing, of which professional standards alone learn more), NotValid (no reason, an
    address that is unreadable or taken), TransitionNotAllowed (works here), ChangedSinceSeen.
    Audits staff.member_returned, staff.email_changed, and what ends with it.
    """
    try:
        return _bring_back(actor=actor, member=member, why=why, email=email)
    except returns.NotCleared:
        returns.note_refused(actor=actor, member=member)
        raise


@action
def _bring_back(*, actor: Actor, member: StaffMember, why: str, email: str) -> StaffMember:
    member = have_back(actor=actor, member=member, why=why)
    if email.strip() and email.strip() != member.email:
        member = members.change_email(actor=actor, member=member, email=email)
    return member


@action
def have_back(*, actor: Actor, member: StaffMember, why: str, keep_groups: bool = False) -> StaffMember:
    """The one way back, for administrators and for the directory: old grants end, then the person returns.

    Raises what staff.actions.returns.readmit raises, and ChangedSinceSeen while old grants are being ended
    by somebody else. Audits grant.ended and staff.member_returned.
    """
    record_expired_grants(actor=actor)
    if Grant.objects.filter(person=member, expiry_recorded=False, person__active=False).exists():
        raise ChangedSinceSeen("Their grants of before are being ended just now. Try again in a second.")
    member = returns.readmit(actor=actor, member=member, why=why, keep_groups=keep_groups)
    project_grants(actor=actor)
    return member
