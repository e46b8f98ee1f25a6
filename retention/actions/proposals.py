"""Proposals: what a class would lose lies open for a while, and people stop it, stand for it, or let it go."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from core.typed import reason as typed_reason
from retention import queries
from retention.models import Proposal, ScheduleRow
from retention.models.schedule import Outcome
from staff.models import StaffMember
from staff.roles import Power

State = Proposal.State
SAMPLES = 5


@action
def propose(*, actor: Actor, row: ScheduleRow) -> Proposal | None:
    """What is due of a class today is laid open. None where nothing is, or a proposal of the class is open.

    A class without quiet days goes on at once, if it is not large. Source: APP Information management (disposal is
    planned, recorded and authorised). Audits disposal.proposed.
    """
    row = ScheduleRow.objects.select_for_update().get(pk=row.pk)
    if Proposal.objects.filter(row=row, state__in=queries.OPEN).exists() or not queries.is_disposable(row):
        return None
    today, now = clock.today(), clock.now()
    due = queries.due(row, on=today)
    count = due.count()
    if not count:
        return None
    proposal = Proposal.objects.create(
        row=row,
        row_version=row.version,
        on=today,
        made_at=now,
        goes_at=now + timedelta(days=row.quiet_days),
        due_count=count,
        held_count=queries.held_count(row, on=today),
        samples=list(due.order_by("pk").values_list("pk", flat=True)[:SAMPLES]),
        exceptions=queries.exceptions(row, on=today),
        reviewed=row.outcome != Outcome.DISPOSE,
        needs_two=count > settings.RETENTION_BULK_LIMIT,
    )
    record(
        actor=actor,
        event="disposal.proposed",
        subject=proposal,
        subject_name=row.title,
        details={"count": count, "held": proposal.held_count, "class": row.slug},
    )
    return proposal


@action
def stop(*, actor: StaffMember, proposal: Proposal, why: str) -> Proposal:
    """Nothing of the class goes until somebody lets it go on. Audits disposal.stopped.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (gone already, or stopped).
    """
    require(actor, Power.MANAGE_RETENTION)
    proposal = Proposal.objects.select_for_update(of=("self",)).select_related("row").get(pk=proposal.pk)
    why = typed_reason(why, "Say why it must not go on, e.g. which request or mistake.", most=300)
    if proposal.state != State.WAITING:
        raise TransitionNotAllowed(_too_late(proposal))
    proposal.state, proposal.stopped_by, proposal.stopped_at = State.STOPPED, actor, clock.now()
    proposal.stopped_why = why
    proposal.first_by = proposal.first_at = proposal.second_by = proposal.second_at = None
    proposal.save()
    record(
        actor=actor, event="disposal.stopped", subject=proposal, subject_name=proposal.row.title, reason=why
    )
    return proposal


@action
def let_go_on(*, actor: StaffMember, proposal: Proposal) -> Proposal:
    """A stopped proposal waits again, its quiet time from now. Audits disposal.let_go_on.

    Raises NotPermitted (whoever stopped it does not let it go on alone), TransitionNotAllowed.
    """
    require(actor, Power.MANAGE_RETENTION)
    proposal = Proposal.objects.select_for_update(of=("self",)).select_related("row").get(pk=proposal.pk)
    if proposal.state != State.STOPPED:
        raise TransitionNotAllowed(_too_late(proposal))
    if proposal.stopped_by_id == actor.pk:
        raise NotPermitted("You stopped it, so somebody else lets it go on. It stays stopped until then.")
    proposal.state = State.WAITING
    proposal.goes_at = clock.now() + timedelta(days=proposal.row.quiet_days)
    proposal.stopped_by = proposal.stopped_at = None
    proposal.stopped_why = ""
    proposal.save()
    record(actor=actor, event="disposal.let_go_on", subject=proposal, subject_name=proposal.row.title)
    return proposal


@action
def stand_for(*, actor: StaffMember, proposal: Proposal) -> Proposal:
    """One of the two people whom a large disposal takes stands for it. Audits disposal.stood_for.

    Raises NotPermitted (the same person twice), NotValid (it takes nobody), TransitionNotAllowed.
    """
    require(actor, Power.MANAGE_RETENTION)
    proposal = Proposal.objects.select_for_update(of=("self",)).select_related("row").get(pk=proposal.pk)
    if proposal.state != State.WAITING or proposal.second_by_id is not None:
        raise TransitionNotAllowed(_too_late(proposal))
    if not proposal.needs_two:
        raise NotValid("It is not large: it goes on by itself when its quiet time is over.")
    if proposal.first_by_id == actor.pk:
        raise NotPermitted(
            "You stand for it already. A second person has to stand for it before anything goes."
        )
    if proposal.first_by_id is None:
        proposal.first_by, proposal.first_at = actor, clock.now()
    else:
        proposal.second_by, proposal.second_at = actor, clock.now()
    proposal.save()
    record(
        actor=actor,
        event="disposal.stood_for",
        subject=proposal,
        subject_name=proposal.row.title,
        details={"count": proposal.due_count, "as": "first" if proposal.second_by_id is None else "second"},
    )
    return proposal


def _too_late(proposal: Proposal) -> str:
    return f"The proposal for {proposal.row.title} is {proposal.get_state_display().lower()} now. Look again."
