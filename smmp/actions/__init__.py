"""What the platform as a whole does: a demonstration's sign-in by one click, and what Now showed."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django_otp.plugins.otp_totp.models import TOTPDevice

from audit.actions import record
from core.acting import action
from core.actors import System
from core.errors import NotFound
from smmp.seed.force import CAST
from staff.models import StaffMember


@action
def enter_as(*, actor: System, slug: str) -> tuple[StaffMember, TOTPDevice]:
    """Somebody of the fictional cast is let in, second factor included. Only in a demonstration.

    Raises NotFound outside a demonstration, and for a name that is not of the cast or has left.
    Audits staff.signed_in.
    """
    persona = next((persona for persona in CAST if persona.slug == slug), None)
    if not settings.DEMO or persona is None:
        raise NotFound("There is nobody of that name in the demonstration force.")
    member = StaffMember.objects.select_for_update().filter(email__iexact=persona.email, active=True).first()
    if member is None:
        raise NotFound(f"{persona.name} is not in the demonstration force, or has been recorded as a leaver.")
    device = TOTPDevice.objects.filter(user=member, confirmed=True).first()
    if device is None:
        device = TOTPDevice.objects.create(user=member, name="demonstration", confirmed=True)
    record(
        actor=member,
        event="staff.signed_in",
        subject=member,
        subject_name=member.called,
        details={"by": "the demonstration page"},
    )
    return member, device


@action
def prove_as(*, actor: StaffMember, page: str) -> None:
    """Somebody of the fictional cast has proved their second factor again. Only in a demonstration.

    page: the route that asked for it. Raises NotFound outside a demonstration and for anybody else.
    Audits staff.step_up_proved.
    """
    if not settings.DEMO or actor.email.lower() not in {persona.email.lower() for persona in CAST}:
        raise NotFound("One click proves nothing for somebody who is not of the demonstration force.")
    record(
        actor=actor,
        event="staff.step_up_proved",
        subject=actor,
        subject_name=actor.called,
        details={"page": page, "by": "the demonstration page"},
    )


@action
def note_shown(*, actor: StaffMember, comment_ids: Iterable[int], case_ids: Iterable[int]) -> None:
    """These comments and cases stood on this person's first page; what was not shown is not noted.

    Source: DPA 2018 s.62 (consultation). Audits comments.listed and cases.listed.
    """
    for event, shown in (("comments.listed", list(comment_ids)), ("cases.listed", list(case_ids))):
        if shown:
            record(actor=actor, event=event, shown_ids=shown)
