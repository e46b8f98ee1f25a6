"""The surveillance guard: looking one commenter up, the purpose asked for, and when it is asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.urls import reverse

from accounts.queries import people_with, require
from audit import reasons
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotValid, Refused
from moderation import guard
from moderation.guard import Counts
from moderation.models import Commenter, GuardRule, LookUp, Purpose
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power, Role

SAME_LOOK = timedelta(minutes=15)
"""A reload, an older page or a way back within this time of one's last look is that look still."""
KEPT_FOR = timedelta(days=366)
"""The longest time over which a force can count (GuardRule.days)."""


class PurposeNeeded(Refused):
    """This person was looked up so often that a policing purpose comes first. Show `counts` and ask."""

    def __init__(self, counts: Counts) -> None:
        super().__init__("Say which policing purpose needs another look at this person first.")
        self.counts = counts


@action
def look_up(
    *, actor: StaffMember, commenter: Commenter, shown_ids: Iterable[int], via: str, reason: str = ""
) -> bool:
    """The actor reads what one commenter wrote before. Answers whether it counted.

    It counts unless it is queue work, an open case, or a look that goes on (SAME_LOOK). via: "history" or "search". Two looks at once are
    counted one after the other. Raises PurposeNeeded at the threshold, NotValid where force policy
    requires a reason and none is given. Audits commenter.history_viewed.
    Source: RIPA 2000 s.26(2); Covert Surveillance Code of Practice (internet and social media).
    """
    Commenter.objects.select_for_update().get(pk=commenter.pk)
    reason = reasons.check("commenter.history", reason)
    counted = not guard.is_work(actor, commenter) and not _still_looking(actor, commenter)
    counts = guard.counts(actor, commenter)
    if counted and counts.due:
        raise PurposeNeeded(counts)
    if counted:
        LookUp.objects.create(commenter_id=commenter.pk, by=actor, via=via, at=clock.now())
    record(
        actor=actor,
        event="commenter.history_viewed",
        subject=commenter,
        subject_name=f"commenter {commenter.pk}",
        shown_ids=shown_ids,
        reason=reason or (counts.purpose.text if counted and counts.purpose else ""),
        details={"via": via, "counted": counted},
    )
    return counted


def _still_looking(actor: StaffMember, commenter: Commenter) -> bool:
    since = clock.now() - SAME_LOOK
    return LookUp.objects.filter(commenter_id=commenter.pk, by=actor, at__gt=since).exists()


@action
def give_purpose(*, actor: StaffMember, commenter: Commenter, text: str) -> Purpose:
    """The actor says why another look is needed; their supervisors are told. It stands for some hours.

    Raises NotValid for a purpose that says nothing. Audits commenter.purpose_given.
    """
    text = " ".join(text.split())
    if len(text) < 10:
        raise NotValid(
            "Say which policing purpose needs it, in a sentence, such as the incident that you work on.",
            field="purpose",
        )
    if len(text) > 400:
        raise NotValid("Say it in 400 characters at most.", field="purpose")
    counts = guard.counts(actor, commenter)
    at = clock.now()
    given = Purpose.objects.create(
        commenter_id=commenter.pk,
        by=actor,
        by_name=actor.called,
        at=at,
        until=at + timedelta(hours=counts.rule.stands_hours),
        text=text,
        own_count=counts.own,
        force_count=counts.force,
    )
    record(
        actor=actor,
        event="commenter.purpose_given",
        subject=commenter,
        subject_name=f"commenter {commenter.pk}",
        reason=text,
        details={"own": counts.own, "force": counts.force},
    )
    notify(
        actor=actor,
        to=_supervisors(actor),
        urgency=Notice.Urgency.SOON,
        title="One member of the public is looked up repeatedly",
        body=f"{actor.called} gave a policing purpose. Read it, and ask whether an authorisation is needed.",
        link=reverse("moderation:purposes"),
        key=f"look-ups-{given.pk}",
    )
    return given


def _supervisors(actor: StaffMember) -> list[StaffMember]:
    """Desk supervisors; where the actor is the only one, duty command."""
    for role in (Role.DESK_SUPERVISOR, Role.DUTY_COMMAND):
        others = [person for person in people_with(role=role) if person.pk != actor.pk]
        if others:
            return others
    return []


@action
def set_guard(
    *, actor: StaffMember, own: int, force: int, days: int, stands_hours: int, ask: str
) -> GuardRule:
    """When a purpose is asked for, from the next look on. Raises NotPermitted, NotValid.

    Audits safeguard.guard_set where it changes something.
    """
    require(actor, Power.SET_SAFEGUARDS)
    becomes = {"own": own, "force": force, "days": days, "stands_hours": stands_hours, "ask": ask.strip()}
    for name, number, most in (
        ("own", own, 1_000),
        ("force", force, 10_000),
        ("days", days, 366),
        ("stands_hours", stands_hours, 744),
    ):
        if not 1 <= number <= most:
            raise NotValid(f"Give a whole number from 1 to {most:,}.", field=name)
    if not becomes["ask"]:
        raise NotValid("Name whom staff ask before they go on.", field="ask")
    held = guard.rule()
    was = {name: getattr(held, name) for name in becomes}
    if was == becomes:
        return held
    rule, _ = GuardRule.objects.update_or_create(
        pk=1, defaults={**becomes, "set_by": actor, "set_at": clock.now()}
    )
    record(actor=actor, event="safeguard.guard_set", subject=rule, details={"was": was, "becomes": becomes})
    return rule


@action
def see_purposes(*, actor: StaffMember, shown: Iterable[Purpose]) -> None:
    """A supervisor read what was given as purpose. Audits look_ups.listed."""
    record(actor=actor, event="look_ups.listed", details={"purposes": [one.pk for one in shown]})


@action
def sweep_look_ups(*, actor: Actor = System("scheduler")) -> int:  # noqa: B008
    """Look-ups that no count reaches any more are gone. Answers how many. Audits look_ups.swept."""
    gone, _ = LookUp.objects.filter(at__lt=clock.now() - KEPT_FOR).delete()
    if gone:
        record(actor=actor, event="look_ups.swept", details={"count": gone})
    return gone
