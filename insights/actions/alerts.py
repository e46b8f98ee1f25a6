"""Alerts: raised from the trail, taken by somebody, closed with an outcome."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.urls import reverse

from accounts import glass as glasses
from accounts.queries import people_with, require
from audit import following
from audit.actions import followers, record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotFound, NotPermitted, NotValid
from insights import watch
from insights.kinds import KINDS
from insights.models import Alert, AlertChange, AlertRule
from insights.watch import Found
from insights.workflow import ALERT
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power

FOLLOWER = "alerts"
AT_ONCE = 2_000
"""Entries read in one go."""


@action
def read_on(*, actor: System) -> int | None:
    """The next entries of the trail are looked at and what they give reason for is raised.

    Answers how many were read, None while another worker reads. The place in the trail and the alerts
    stand or fall together, and an occasion is one alert whoever finds it. Audits alert.raised.
    """
    follower = followers.hold(actor=actor, name=FOLLOWER)
    if follower is None:
        return None
    batch = following.after(following.place_of(follower), AT_ONCE)
    for found in watch.look(batch.entries, watch.rules()):
        raise_alert(actor=actor, found=found)
    followers.move(actor=actor, follower=follower, place=batch.place)
    return len(batch.entries)


@action
def raise_overdue(*, actor: System) -> int:
    """What should have been done and was not: emergency accesses that nobody reviewed. Answers how many.

    Safe to repeat: each is one alert. Audits alert.raised.
    """
    overdue = watch.overdue_reviews(watch.rules())
    for found in overdue:
        raise_alert(actor=actor, found=found)
    return len(overdue)


@action
def raise_alert(*, actor: Actor, found: Found) -> Alert:
    """It waits in information security's queue, and they are told. Found again, an open one grows.

    One that is closed stays as it was closed. Audits alert.raised.
    """
    held = Alert.objects.select_for_update().filter(key=found.key).first()
    if held is not None:
        if held.state != Alert.State.CLOSED and found.count > held.count:
            held.sentence, held.count = found.sentence, found.count
            held.last_at = max(held.last_at, found.last_at)
            held.save(update_fields=["sentence", "count", "last_at"])
        return held
    alert = Alert.objects.create(
        kind=found.kind,
        key=found.key,
        exercise=found.exercise,
        person_id=found.person_id,
        person_name=found.person_name,
        subject_type=found.subject_type,
        subject_id=found.subject_id,
        sentence=found.sentence[:300],
        count=found.count,
        first_at=found.first_at,
        last_at=found.last_at,
        raised_at=clock.now(),
    )
    record(
        actor=actor,
        event="alert.raised",
        subject=alert,
        subject_name=KINDS[found.kind].title,
        details={"kind": found.kind, "count": found.count, "exercise": found.exercise},
    )
    if not alert.exercise or settings.DEMO:
        notify(
            actor=actor,
            to=[person for person in people_with(Power.SEE_AUDIT) if person.pk != found.person_id],
            urgency=Notice.Urgency.SOON,
            title=f"Alert: {KINDS[found.kind].title.lower()}",
            body="Look into it and close it with what came of it.",
            link=reverse("insights:alert", args=[alert.pk]),
            key=f"alert-{alert.pk}",
        )
    return alert


@action
def claim(*, actor: StaffMember, alert: Alert) -> Alert:
    """The actor looks into it; one that a colleague has is taken over. Audits alert.claimed.

    Raises NotPermitted for an alert about the actor, TransitionNotAllowed for a closed one.
    """
    alert = _theirs(actor, alert)
    alert.state = ALERT.next(alert.state, "claim")
    alert.claimed_by = actor
    alert.save(update_fields=["state", "claimed_by"])
    return _note(actor, alert, "claim", "alert.claimed")


@action
def release(*, actor: StaffMember, alert: Alert) -> Alert:
    """Colleagues may have it. Audits alert.released. Raises TransitionNotAllowed."""
    alert = _theirs(actor, alert)
    alert.state = ALERT.next(alert.state, "release")
    alert.claimed_by = None
    alert.save(update_fields=["state", "claimed_by"])
    return _note(actor, alert, "release", "alert.released")


@action
def close(*, actor: StaffMember, alert: Alert, outcome: str, note: str) -> Alert:
    """It is closed with what came of it. Audits alert.closed.

    Raises NotValid without an outcome and a note, NotPermitted for an alert about the actor or in
    somebody else's hands, TransitionNotAllowed where nobody looks into it.
    """
    alert = _theirs(actor, alert)
    if outcome not in Alert.Outcome.values:
        raise NotValid("Choose what came of it.", field="outcome")
    note = " ".join(note.split())
    if len(note) < 3:
        raise NotValid("Say in a few words what you found. It is kept with the alert.", field="note")
    if len(note) > 600:
        raise NotValid("Say it in 600 characters at most.", field="note")
    after = ALERT.next(alert.state, "close")
    if alert.claimed_by_id != actor.pk:
        raise NotPermitted(f"{alert.claimed_by} looks into this alert. Take it over before you close it.")
    alert.state = after
    alert.closed_by, alert.closed_at = actor, clock.now()
    alert.outcome, alert.note = outcome, note
    alert.save(update_fields=["state", "closed_by", "closed_at", "outcome", "note"])
    return _note(actor, alert, "close", "alert.closed", note=note, outcome=outcome)


@action
def reopen(*, actor: StaffMember, alert: Alert, why: str) -> Alert:
    """It waits again. Audits alert.reopened. Raises NotValid without a reason, TransitionNotAllowed."""
    alert = _theirs(actor, alert)
    why = " ".join(why.split())[:600]
    if len(why) < 3:
        raise NotValid("Say why it is opened again.", field="why")
    alert.state = ALERT.next(alert.state, "reopen")
    alert.claimed_by = alert.closed_by = alert.closed_at = None
    alert.outcome, alert.note = "", ""
    alert.save(update_fields=["state", "claimed_by", "closed_by", "closed_at", "outcome", "note"])
    return _note(actor, alert, "reopen", "alert.reopened", note=why)


@action
def set_rule(*, actor: StaffMember, kind: str, on: bool, numbers: Mapping[str, int]) -> AlertRule:
    """The numbers of one kind of alert hold from the next reading on. Audits safeguard.alert_set.

    Raises NotPermitted, NotFound for an unknown kind, NotValid for a number out of its range.
    """
    require(actor, Power.SET_SAFEGUARDS)
    if kind not in KINDS:
        raise NotFound("There is no such kind of alert.")
    kept: dict[str, int] = {}
    for name, number in KINDS[kind].numbers.items():
        value = numbers.get(name)
        if value is None or not number.least <= value <= number.most:
            raise NotValid(f"Give a whole number from {number.least:,} to {number.most:,}.", field=name)
        kept[name] = value
    if kind == "bulk_viewing" and kept["from_hour"] == kept["to_hour"]:
        raise NotValid("The night begins and ends at different hours.", field="to_hour")
    was = AlertRule.objects.select_for_update().filter(kind=kind).first()
    if was is not None and (was.on, was.numbers) == (on, kept):
        return was
    rule, _ = AlertRule.objects.update_or_create(
        kind=kind, defaults={"on": on, "numbers": kept, "set_by": actor, "set_at": clock.now()}
    )
    record(
        actor=actor,
        event="safeguard.alert_set",
        subject=rule,
        subject_name=KINDS[kind].title,
        details={"on": on, "becomes": kept, "was": was.numbers if was else "as delivered"},
    )
    return rule


def _theirs(actor: StaffMember, alert: Alert) -> Alert:
    require(actor, Power.SEE_AUDIT)
    alert = Alert.objects.select_for_update(of=("self",)).select_related("claimed_by").get(pk=alert.pk)
    if alert.person_id == actor.pk:
        raise NotPermitted("This alert is about what you did, so a colleague looks into it.")
    if had_a_part(actor, alert):
        raise NotPermitted("You had a part in this emergency access, so a colleague looks into it.")
    return alert


def had_a_part(viewer: StaffMember, alert: Alert) -> bool:
    """Whether the alert is about an emergency access that the viewer asked for, agreed to or held."""
    return alert.subject_type == "accounts.breakglass" and glasses.had_a_part(viewer, int(alert.subject_id))


def _note(
    actor: StaffMember, alert: Alert, event: str, audited: str, *, note: str = "", outcome: str = ""
) -> Alert:
    AlertChange.objects.create(alert=alert, event=event, by_name=actor.called, at=clock.now(), note=note)
    record(
        actor=actor,
        event=audited,
        subject=alert,
        subject_name=alert.get_kind_display(),
        reason=note,
        details={"outcome": outcome} if outcome else {},
    )
    return alert
