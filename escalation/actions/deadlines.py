"""The deadline of a case: where its clock begins, when it ends, and who is called to it before it is missed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse

from accounts.queries import people_with
from core import clock, working
from core.acting import action
from core.actors import Actor
from escalation import queries_recorded
from escalation.actions import ladder, log
from escalation.models import Case, PathwayVersion, Referral
from notices.actions import notify
from notices.models import Notice
from retention import statutory
from staff.roles import Role

OFTEN = 4
"""How often somebody is called to a deadline between the warning and its end; as often again once it is over."""
AT_MOST_EVERY = timedelta(hours=1)
WHILE_CALLED = timedelta(minutes=5)
"""How soon it is looked at again while the ladder calls for somebody to have the case."""
CRIME_WITHIN = timedelta(hours=24)
"""Source: Home Office Counting Rules, from when the public told the force on any channel."""
CRIME_WARNING = timedelta(hours=4)
"""How long before that it is first asked after."""


def due_at(version: PathwayVersion, told_at: datetime) -> datetime | None:
    """When the service level ends, counted from when the force was first told."""
    if version.deadline_law:
        return statutory.due_at(version.deadline_law, told_at)
    if version.deadline_minutes is None:
        return None
    if version.deadline_clock == PathwayVersion.Clock.WORKING:
        return working.after(told_at, version.deadline_minutes)
    return told_at + timedelta(minutes=version.deadline_minutes)


def warn(case: Case) -> None:
    """Set when whoever has the case is first called to its deadline. The caller saves `nag_at`."""
    before, due = case.version.deadline_warn_minutes, case.due_at
    case.nag_at = None
    if before is not None and due is not None and case.paused_at is None and case.state != Case.State.CLOSED:
        case.nag_at = due - timedelta(minutes=before)


def follow_requests(*, actor: Actor, case: Case) -> None:
    """What was requested is known now, so the clock of the case is that of its requests: the one that ends first.

    Within the transaction that locked the case. Nothing changes where its clock is none of the law's, or stands still.
    """
    if not case.version.deadline_law or case.paused_at is not None:
        return
    open_ones = (
        case.referrals.filter(kind__private=False)
        .exclude(kind__deadline_law="")
        .exclude(state=Referral.State.ANSWERED)
    )
    first = open_ones.select_related("kind").order_by("due_at").first()
    if first is None or first.due_at == case.due_at:
        return
    case.due_at = first.due_at
    warn(case)
    case.save(update_fields=["due_at", "nag_at"])
    by = clock.in_london(first.due_at)
    log.write(
        actor=actor,
        case=case,
        event="clock",
        text=f"The clock of the service level is that of {first.reference}: {first.kind.title}, due {by:%H:%M on %-d %B} "
        f"({first.kind.law_source}).",
    )


def told_earlier(*, actor: Actor, case: Case, at: datetime) -> None:
    """A message turned up that the force had before: every clock that begins with the first message begins with it.

    Within the transaction that locked the case. What is answered or recorded stays as it was.
    """
    if at >= (case.first_told_at or case.opened_at):
        return
    case.first_told_at = at
    if case.due_at is not None and not case.clock_changes.exists():
        # Stopped by hand once, it ends when somebody said so.
        case.due_at = due_at(case.version, at)
        warn(case)
    case.save(update_fields=["first_told_at", "due_at", "nag_at"])
    for referral in case.referrals.select_for_update(of=("self",)).select_related("kind"):
        _referral_told_earlier(referral, at)
    follow_requests(actor=actor, case=case)
    told = clock.in_london(at)
    log.write(
        actor=actor,
        case=case,
        event="clock",
        text=f"The first message is of {told:%H:%M on %-d %B}: the clocks that run from it begin then.",
    )


def _referral_told_earlier(referral: Referral, at: datetime) -> None:
    if referral.first_told_at is None or at >= referral.first_told_at:
        return
    referral.first_told_at = at
    answered = referral.state == Referral.State.ANSWERED
    if referral.kind.deadline_law and not answered:
        referral.due_at = statutory.due_at(referral.kind.deadline_law, at)
        referral.nag_at = min(referral.nag_at or referral.due_at, referral.due_at)
    if referral.crime and referral.crime_recorded_at is None:
        referral.crime_by = at + CRIME_WITHIN
        if answered:
            warned = referral.crime_by - CRIME_WARNING
            referral.nag_at = min(referral.nag_at or warned, warned)
    referral.save(update_fields=["first_told_at", "due_at", "nag_at", "crime_by"])


@action
def chase(*, actor: Actor, case: Case) -> bool:
    """The deadline nears and what is due is not recorded: whoever has the case is called, with the desk supervisors.

    Once it is over the ladder of the case goes on as well, and it is said again until it is recorded or the case is
    closed. A crime that a call for service reported is asked after by that call. Answers False where there is nothing to
    do. Audits case.chased.
    """
    now = clock.now()
    found = (
        Case.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("pathway", "version", "official_account")
        .filter(pk=case.pk, nag_at__lte=now)
        .first()
    )
    if found is None or found.due_at is None or found.version.deadline_warn_minutes is None:
        return False
    if found.version.must_record and not queries_recorded.not_recorded(found):
        found.nag_at = None
        found.save(update_fields=["nag_at"])
        return False
    if found.state == Case.State.WAITING:
        found.nag_at = now + WHILE_CALLED
        found.save(update_fields=["nag_at"])
        return False
    every = max(AT_MOST_EVERY, timedelta(minutes=found.version.deadline_warn_minutes) / OFTEN)
    over = found.due_at <= now
    found.nag_at = now + every if over else min(now + every, found.due_at)
    found.save(update_fields=["nag_at"])
    if found.referrals.filter(crime=True, crime_recorded_at=None).exists():
        return False
    by = clock.in_london(found.due_at)
    ends = "was" if over else "is"
    says = f"{found.version.deadline_says}: {ends} due {by:%H:%M on %-d %B}, and is not recorded"
    entry = log.write(actor=actor, case=found, event="chased", text=f"{says}.")
    log.audit(actor, "case.chased", found, over=over)
    holder = found.acknowledged_by
    notify(
        actor=actor,
        to=[
            *([holder] if holder is not None and holder.active else []),
            *people_with(role=Role.DESK_SUPERVISOR, official_account_id=found.official_account_id),
        ],
        urgency=Notice.Urgency.PAGE if ladder.paging(found) else Notice.Urgency.FYI,
        title=f"{'Exercise: ' if found.exercise else ''}Case {found.reference}: {says}",
        link=reverse("escalation:case", args=[found.pk]),
        key=f"case {found.pk} due {entry.pk}",
    )
    if over:
        ladder.go_on(actor=actor, case=found, why="let the deadline of the pathway pass", says=says)
    return True
