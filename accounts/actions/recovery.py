"""A lost password or second factor: one administrator asks, another one agrees, then the link goes out."""

from __future__ import annotations

from datetime import timedelta

from accounts import queries
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from notices.actions import notify
from notices.models import Notice
from staff.actions import letters, members
from staff.models import Letter, Recovery, StaffMember
from staff.roles import Power

VALID_FOR = timedelta(hours=24)
"""An ask that nobody answered within this time is over."""


@action
def ask(*, actor: StaffMember, member: StaffMember, why: str) -> Recovery:
    """The other administrators are asked to agree, and the person is told by letter. Nothing ends yet.

    Raises NotPermitted (oneself included), NotValid (no reason), TransitionNotAllowed (has left, or
    somebody asked already). Audits staff.recovery_asked.
    """
    queries.require(actor, Power.MANAGE_STAFF)
    member = StaffMember.objects.alone(member.pk)
    if actor.pk == member.pk:
        raise NotPermitted("You cannot renew your own sign-in. Ask another administrator.")
    if not member.active:
        raise TransitionNotAllowed(f"{member.called} has left the force.")
    why = why.strip()
    if not why:
        raise NotValid("Say why, in a few words, such as “Phone stolen, crime number 118”.", field="why")
    standing = Recovery.objects.filter(member=member, answered_at=None).select_related("asked_by").first()
    if standing is not None:
        if not is_over(standing):
            raise TransitionNotAllowed(
                f"{standing.asked_by.called} asked for this already. Another administrator agrees or refuses."
            )
        _run_out(standing)
    asked = Recovery.objects.create(member=member, why=why[:400], asked_by=actor, asked_at=clock.now())
    record(actor=actor, event="staff.recovery_asked", subject=member, subject_name=member.called, reason=why)
    letters.queue(member, Letter.Kind.RECOVERY, what=actor.called)
    notify(
        actor=actor,
        to=[one for one in queries.people_with(Power.MANAGE_STAFF) if one.pk not in {actor.pk, member.pk}],
        urgency=Notice.Urgency.SOON,
        title=f"{actor.called} asks to renew the sign-in of {member.called}",
        body="A second administrator agrees or refuses. Ring the person before you agree.",
        link=f"/register/staff/{member.pk}/",
        key=f"recovery-{asked.pk}",
    )
    return asked


@action
def agree(*, actor: StaffMember, recovery: Recovery) -> StaffMember:
    """The second administrator agrees: password and second factors of the person count no longer, their
    sessions end. Send the link afterwards.

    Raises NotPermitted (whoever asked, and the person), TransitionNotAllowed (answered already, or asked
    more than 24 hours ago). Audits staff.sign_in_renewed.
    """
    recovery = _to_answer(actor, recovery)
    if actor.pk == recovery.asked_by_id:
        raise NotPermitted("You asked for this. Another administrator has to agree.")
    _answer(recovery, actor, agreed=True)
    return members.renew_sign_in(actor=actor, member=recovery.member, why=recovery.why)


@action
def refuse(*, actor: StaffMember, recovery: Recovery, why: str) -> Recovery:
    """Nothing is renewed; whoever asked is told why. The one who asked may take it back the same way.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed. Audits staff.recovery_refused.
    """
    recovery = _to_answer(actor, recovery)
    why = why.strip()
    if not why:
        raise NotValid("Say why, in a few words.", field="why")
    _answer(recovery, actor, agreed=False, why=why)
    record(
        actor=actor,
        event="staff.recovery_refused",
        subject=recovery.member,
        subject_name=recovery.member.called,
        reason=why,
    )
    if actor.pk != recovery.asked_by_id:
        notify(
            actor=actor,
            to=[recovery.asked_by],
            urgency=Notice.Urgency.FYI,
            title=f"{actor.called} refused to renew the sign-in of {recovery.member.called}",
            body=why[:600],
            link=f"/register/staff/{recovery.member_id}/",
            key=f"recovery-{recovery.pk}-refused",
        )
    return recovery


def is_over(recovery: Recovery) -> bool:
    """Whether it was asked too long ago to be agreed to."""
    return clock.now() - recovery.asked_at > VALID_FOR


def _to_answer(actor: StaffMember, recovery: Recovery) -> Recovery:
    queries.require(actor, Power.MANAGE_STAFF)
    # Locked, so that of two answers at once the second is told.
    recovery = (
        Recovery.objects.select_for_update(of=("self",))
        .select_related("member", "asked_by")
        .get(pk=recovery.pk)
    )
    if actor.pk == recovery.member_id:
        raise NotPermitted("This is about your own sign-in. Another administrator answers it.")
    if recovery.answered_at is not None:
        raise TransitionNotAllowed("This has been answered already.")
    if is_over(recovery):
        raise TransitionNotAllowed("This was asked more than 24 hours ago. Ask anew, if it is still needed.")
    return recovery


def _answer(recovery: Recovery, actor: StaffMember, *, agreed: bool, why: str = "") -> None:
    recovery.agreed, recovery.answered_by, recovery.answered_at = agreed, actor, clock.now()
    recovery.answered_why = why[:400]
    recovery.save(update_fields=["agreed", "answered_by", "answered_at", "answered_why"])


def _run_out(recovery: Recovery) -> None:
    recovery.agreed, recovery.answered_at = False, clock.now()
    recovery.answered_why = "Nobody answered within 24 hours."
    recovery.save(update_fields=["agreed", "answered_at", "answered_why"])
    record(
        actor=System("recovery"),
        event="staff.recovery_ran_out",
        subject=recovery.member,
        subject_name=recovery.member.called,
    )
