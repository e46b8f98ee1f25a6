"""Calling people for a case, level by level, until one of them says "I have it". It never goes silent."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.urls import reverse

from accounts.queries import people_with
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from escalation import queries
from escalation.actions import log
from escalation.models import CallOut, Case, Level
from exercise.models import Run
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power, Role

LADDER = System("escalation")
"""Who calls: the platform, whoever opened the case."""

WITHOUT_LEVELS_S = 300
"""How often a case is called again whose pathway has no level: somebody removed them all."""

QUIET_REPEAT = timedelta(days=1)
"""How often an exercise case outside a drill is called again, once every level was told."""


@action
def climb(*, actor: Actor, case: Case) -> bool:
    """Nobody said "I have it" in time: the next level is called, and after the last one the last again.

    From the second round on the desk supervisors are called as well. Answers False where there is
    nothing to do (acknowledged meanwhile, called already). Audits case.climbed.
    """
    found = (
        Case.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("pathway", "official_account")
        .filter(pk=case.pk, state=Case.State.WAITING, acknowledge_by__lte=clock.now())
        .first()
    )
    if found is None:
        return False
    _climb(actor, found)
    return True


def call_first_level(*, case: Case, besides: StaffMember | None = None) -> None:
    """Start a round of calls at the first level. Within the transaction that opened or reopened the case.

    besides: somebody who is called with it, such as the heir of whoever had the case.
    """
    _call(LADDER, case, from_position=1, besides=besides)


def pass_over(*, case: Case) -> None:
    """Call the next level before the time is up. Within the transaction that locked the case."""
    _climb(LADDER, case)


def drill() -> bool:
    """Whether exercise cases page people now: an exercise is playing, or all of this is a demonstration."""
    return settings.DEMO or Run.objects.filter(state=Run.State.PLAYING).exists()


def _climb(actor: Actor, case: Case) -> None:
    last = max((level.position for level in case.pathway.levels.all()), default=0)
    if case.level < last:
        called = _call(actor, case, from_position=case.level + 1)
    else:
        case.round += 1
        called = _call(actor, case, from_position=last)
    record(
        actor=actor,
        event="case.climbed",
        subject=case,
        subject_name=case.reference,
        official_account_id=case.official_account_id,
        details={"level": called, "position": case.level, "round": case.round},
    )


def _call(actor: Actor, case: Case, *, from_position: int, besides: StaffMember | None = None) -> str:
    """Call the first level from `from_position` on that has a holder. Answers who was called, in words."""
    levels = [level for level in case.pathway.levels.all() if level.position >= from_position]
    for level in levels:
        people = people_with(role=level.role, official_account_id=case.official_account_id)
        if people and case.round > 1 and level == levels[-1]:
            people = _with_supervisors(case, people)
        if people:
            if besides is not None and besides not in people:
                people = [besides, *people]
            _tell(actor, case, level, people)
            return level.get_role_display()
        log.write(
            actor=actor,
            case=case,
            event="nobody",
            text=f"Nobody holds the role “{level.get_role_display()}” for {case.official_account} at the moment.",
        )
    people = [besides] if besides is not None else _anyone(case)
    _tell(actor, case, levels[-1] if levels else None, people)
    return ", ".join(person.called for person in people) or "nobody"


def _with_supervisors(case: Case, people: list[StaffMember]) -> list[StaffMember]:
    supervisors = people_with(role=Role.DESK_SUPERVISOR, official_account_id=case.official_account_id)
    return people + [person for person in supervisors if person not in people]


def _anyone(case: Case) -> list[StaffMember]:
    """No level has a holder: whoever could have the case, else those who can give somebody the role."""
    return (
        people_with(role=Role.DESK_SUPERVISOR, official_account_id=case.official_account_id)
        or people_with(Power.ACKNOWLEDGE_CASES, official_account_id=case.official_account_id)
        or people_with(Power.GIVE_GRANTS)
    )


def _tell(actor: Actor, case: Case, level: Level | None, people: list[StaffMember]) -> None:
    at = clock.now()
    paging = not case.exercise or drill()
    within = timedelta(seconds=level.acknowledge_within_s if level else WITHOUT_LEVELS_S)
    if not paging and case.round > 1:
        within = max(within, QUIET_REPEAT)
    case.level = level.position if level else case.level
    case.acknowledge_by = at + within
    case.save(update_fields=["level", "round", "acknowledge_by"])
    by = clock.in_london(case.acknowledge_by)
    notices = notify(
        actor=actor,
        to=people,
        urgency=Notice.Urgency.PAGE if paging else Notice.Urgency.FYI,
        title=f"{'Exercise: ' if case.exercise else ''}Case {case.reference}: "
        f"{case.pathway.title}, {case.official_account.name}",
        body=f"Say “I have it” by {by:%H:%M}. If nobody does, {queries.next_call(case)}. {case.pathway.advice}",
        link=reverse("escalation:case", args=[case.pk]),
        key=f"case {case.pk} call {case.round}.{case.level}",
    )
    seen_by = {notice.to_id: notice for notice in notices}
    CallOut.objects.bulk_create(
        [
            CallOut(
                case=case,
                round=case.round,
                level=case.level,
                person=person,
                notice=seen_by.get(person.pk),
                at=at,
            )
            for person in people
        ],
        ignore_conflicts=True,
    )
    names = ", ".join(person.called for person in people) or "Nobody could be called"
    whom = f"{level.get_role_display()}: {names}" if level else names
    log.write(actor=actor, case=case, event="called", text=f"{whom}. To say “I have it” by {by:%H:%M}.")
