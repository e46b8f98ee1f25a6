"""The register of influencers, paid media and partners: asked for, approved by a second person, closed with a result."""

from __future__ import annotations

from datetime import date, timedelta

from django.urls import reverse

from accounts.queries import people_with, require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotPermitted, NotValid
from core.typed import reason
from notices.actions import notify
from notices.models import Notice
from publishing.models import Campaign, Engagement
from publishing.workflow_campaigns import ENGAGEMENT
from staff.models import StaffMember
from staff.roles import Power

LONGEST = timedelta(days=3 * 366)
MOST_PENCE = 10_000_000_00
"""Ten million pounds: more is a slip of the keyboard."""


@action
def ask(
    *,
    actor: StaffMember,
    kind: str,
    who: str,
    what: str,
    cost_pence: int,
    label: str,
    starts_on: date,
    ends_on: date,
    campaign: Campaign | None = None,
) -> Engagement:
    """An entry waits for somebody else's approval.

    label: how the public sees that it is for us; not needed of a partner who costs nothing.
    Raises NotPermitted, NotValid. Audits engagement.asked.
    """
    require(actor, Power.PLAN_POSTS)
    who, what, label = (" ".join(one.split()) for one in (who, what, label))
    if kind not in Engagement.Kind.values:
        raise NotValid("Choose what it is.", field="kind")
    if not who or len(who) > 120:
        raise NotValid("Say who it is, in at most 120 characters.", field="who")
    if not what or len(what) > 500:
        raise NotValid("Say what they do for us, in at most 500 characters.", field="what")
    if not 0 <= cost_pence <= MOST_PENCE:
        raise NotValid("Give the cost in pounds, from 0 to ten million.", field="cost")
    if not label and (kind != Engagement.Kind.PARTNER or cost_pence):
        raise NotValid(
            "Say how the public sees that it is for us, such as “Ad” or “Paid for by the force”.",
            field="label",
        )
    if len(label) > 200:
        raise NotValid("Keep the label to 200 characters.", field="label")
    if not starts_on <= ends_on <= starts_on + LONGEST or starts_on.year < 2000:
        raise NotValid("It ends on or after the day on which it begins, within three years.", field="ends_on")
    made = Engagement.objects.create(
        kind=kind,
        who=who,
        what=what,
        campaign=campaign,
        cost_pence=cost_pence,
        label=label,
        starts_on=starts_on,
        ends_on=ends_on,
        asked_by=actor,
        asked_at=clock.now(),
    )
    _record(made, actor=actor, event="engagement.asked", details={"kind": kind, "cost_pence": cost_pence})
    notify(
        actor=actor,
        to=[one for one in people_with(Power.APPROVE_POSTS) if one.pk != actor.pk],
        urgency=Notice.Urgency.FYI,
        title=f"{made.get_kind_display()} waits for approval: {made.who}",
        body=f"{actor.called} asks for it.",
        link=reverse("publishing:engagement", args=[made.pk]),
        key=f"engagement:{made.pk}",
    )
    return made


@action
def decide(*, actor: StaffMember, entry: Engagement, approve: bool, why: str = "") -> Engagement:
    """Somebody else than who asked says yes or no; a no says why.

    Raises NotPermitted, NotValid, TransitionNotAllowed. Audits engagement.approved or engagement.refused.
    """
    require(actor, Power.APPROVE_POSTS)
    entry = Engagement.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if entry.asked_by_id == actor.pk:
        raise NotPermitted("You asked for this, so somebody else decides about it.")
    why = why.strip()[:500] if approve else reason(why, "Say why it is refused.")
    entry.state = ENGAGEMENT.next(entry.state, "approve" if approve else "refuse")
    entry.decided_by, entry.decided_at, entry.decided_why = actor, clock.now(), why
    entry.save()
    _record(entry, actor=actor, event="engagement.approved" if approve else "engagement.refused", why=why)
    return entry


@action
def close(*, actor: StaffMember, entry: Engagement, result: str) -> Engagement:
    """It is over, and what it brought is written down. Raises NotPermitted, NotValid, TransitionNotAllowed.

    Audits engagement.closed.
    """
    require(actor, Power.PLAN_POSTS)
    result = result.strip()
    if not result or len(result) > 1000:
        raise NotValid("Say what it brought, in at most 1,000 characters.", field="why")
    entry = Engagement.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    entry.state = ENGAGEMENT.next(entry.state, "close")
    entry.result, entry.closed_by, entry.closed_at = result, actor, clock.now()
    entry.save()
    _record(entry, actor=actor, event="engagement.closed")
    return entry


def _record(
    entry: Engagement,
    *,
    actor: StaffMember,
    event: str,
    why: str = "",
    details: dict[str, object] | None = None,
) -> None:
    record(actor=actor, event=event, subject=entry, subject_name=entry.who, reason=why, details=details or {})
