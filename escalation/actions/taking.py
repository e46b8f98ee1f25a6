"""“I have it”: said on the page, by a code that was texted back, or to an operator by telephone."""

from __future__ import annotations

import re
from datetime import timedelta

from django.urls import reverse

from accounts import queries as accounts
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotFound, NotValid, TakenBySomeoneElse, TransitionNotAllowed
from escalation import queries_oncall
from escalation.actions import log
from escalation.models import CallOut, Case
from escalation.workflow import CASE
from notices import ways
from notices.actions import notify, notify_beyond, see
from notices.models import Notice, NoticeDelivery
from staff.models import StaffMember
from staff.roles import Power

TEXTS = System("texts sent back")
MOST_CODE_TRIES = 5
"""How often a code may come from another number than it was texted to, before it counts for nobody."""
How = Case.How


@action
def acknowledge(*, actor: StaffMember, case: Case) -> Case:
    """ "I have it": the ladder stops, and everybody who was called learns who has it.

    Raises NotPermitted, TakenBySomeoneElse (the sentence names them and since when),
    TransitionNotAllowed (closed). A second time by the same person changes nothing.
    Audits case.acknowledged.
    """
    case = locked(case.pk)
    accounts.require(actor, Power.ACKNOWLEDGE_CASES, case.official_account_id)
    if case.state == Case.State.ACKNOWLEDGED and case.acknowledged_by_id == actor.pk:
        return case
    return _take(actor, case, person=actor, name=actor.called, how=How.PAGE)


@action
def take_by_telephone(
    *, actor: StaffMember, case: Case, person: StaffMember | None = None, name: str = "", said: str = ""
) -> Case:
    """An operator has rung somebody, and records who took it and what they said. It counts as their “I have it”.

    person: a staff member who may have cases; name: somebody by name who has no sign-in, such as the force
    incident manager on duty. Raises NotPermitted, NotValid (nobody named, somebody who may not have it),
    TakenBySomeoneElse, TransitionNotAllowed. Audits case.acknowledged.
    """
    case = locked(case.pk)
    accounts.require(actor, Power.ESCALATE, case.official_account_id)
    name = " ".join(name.split())
    if person is None and len(name) < 3:
        raise NotValid("Say who took it: choose them, or write their rank and name.", field="name")
    if person is not None and name:
        raise NotValid("Choose a person or write a name, not both: one person has the case.", field="name")
    if person is not None:
        if not person.active or not accounts.may(person, Power.ACKNOWLEDGE_CASES, case.official_account_id):
            raise NotValid(f"{person.called} may not have cases of {case.official_account}.", field="person")
        if case.state == Case.State.ACKNOWLEDGED and case.acknowledged_by_id == person.pk:
            return case
    if len(name) > 120:
        raise NotValid("Keep the name under 120 characters.", field="name")
    said = " ".join(said.split())[:500]
    named = person.called if person is not None else name
    return _take(
        actor,
        case,
        person=person,
        name=named,
        how=How.TELEPHONE,
        text=f"{named} has it, told by telephone by {actor.called}.{f' {said}' if said else ''}",
    )


@action
def take_by_text(*, actor: Actor = TEXTS, source: str, words: str) -> Case | None:
    """A text came back: where it holds a code that was texted to that very number, its owner has the case.

    source: the number that it came from. Answers None, and tells nobody anything, where the code is none,
    came from another number, or its case waits no more. Audits case.acknowledged, or case.code_refused.
    """
    found = re.search(r"(?<!\d)\d{6}(?!\d)", words)
    call = (
        CallOut.objects.select_related("person", "post")
        .filter(code=found[0], case__state=Case.State.WAITING, code_tries__lt=MOST_CODE_TRIES)
        .order_by("-at")
        .first()
        if found
        else None
    )
    if call is None:
        record(actor=actor, event="case.code_refused", details={"why": "no such code waits"})
        return None
    case = locked(call.case_id)
    call = CallOut.objects.select_for_update(of=("self",)).select_related("person", "post").get(pk=call.pk)
    if case.state != Case.State.WAITING or call.round != case.round:
        return None
    own = call.person.phone if call.person is not None else call.post.mobile if call.post is not None else ""
    came_from = ways.number(source)
    able = call.person is None or (
        call.person.active and accounts.may(call.person, Power.ACKNOWLEDGE_CASES, case.official_account_id)
    )
    if not came_from or came_from != ways.number(own) or not able:
        call.code_tries += 1
        call.save(update_fields=["code_tries"])
        why = "came from another number" if able else "they may not have it any more"
        log.write(
            actor=actor, case=case, event="noted", text=f"A code of {call.called} {why}: it did not count."
        )
        log.audit(actor, "case.code_refused", case, why=why)
        return None
    case = _take(
        actor,
        case,
        person=call.person,
        name=call.called,
        how=How.CODE,
        text=f"{call.called} has it, by the code that was texted.",
    )
    _confirm_by_text(actor, case, call)
    return case


def _confirm_by_text(actor: Actor, case: Case, call: CallOut) -> None:
    """Whoever texted learns that it counted."""
    title, key = f"You have case {case.reference}", f"case {case.pk} code {case.round}"
    if call.person is not None:
        notify(
            actor=actor,
            to=[call.person],
            urgency=Notice.Urgency.SOON,
            title=title,
            link=reverse("escalation:case", args=[case.pk]),
            key=key,
            ways=[NoticeDelivery.Channel.SMS],
        )
    elif call.post is not None:
        notify_beyond(
            actor=actor,
            name=call.post.name,
            urgency=Notice.Urgency.SOON,
            title=title,
            key=key,
            addresses={NoticeDelivery.Channel.SMS: call.post.mobile},
        )


def _take(
    actor: Actor, case: Case, *, person: StaffMember | None, name: str, how: str, text: str = ""
) -> Case:
    """One has it; the ladder stops and the second clock starts. Within the transaction that locked the case."""
    if case.state == Case.State.ACKNOWLEDGED:
        assert case.acknowledged_at is not None
        raise TakenBySomeoneElse(
            f"{case.holder} has case {case.reference}, "
            f"since {clock.in_london(case.acknowledged_at):%H:%M}. Nothing more is needed from you; "
            "add to the log if you know something."
        )
    case.state = CASE.next(case.state, "acknowledge")
    case.acknowledged_at = clock.now()
    case.acknowledged_by = person
    case.acknowledged_name = name[:200]
    case.acknowledged_how = how
    case.acknowledge_by = None
    case.act_by = case.acknowledged_at + timedelta(minutes=case.version.act_within_minutes)
    case.acted_at = None
    case.holder_until = queries_oncall.on_shift_until(person) if person is not None else None
    case.save()
    by = clock.in_london(case.act_by)
    log.write(
        actor=actor,
        case=case,
        event="acknowledged",
        text=f"{text or f'{name} has it.'} To record a first act by {by:%H:%M}.",
    )
    if person is not None:
        see_notices(person, case)
    others = [
        call.person
        for call in case.call_outs.select_related("person")
        if call.person is not None and (person is None or call.person_id != person.pk)
    ]
    notify(
        actor=actor,
        to=others,
        urgency=Notice.Urgency.FYI,
        title=f"{'Exercise: ' if case.exercise else ''}{name} has case {case.reference}",
        link=reverse("escalation:case", args=[case.pk]),
        key=f"case {case.pk} acknowledged {case.round}",
    )
    log.audit(actor, "case.acknowledged", case, by=name, how=how)
    return case


def note_act(case: Case) -> None:
    """Something was recorded while somebody has the case: the second clock is met. Saves it."""
    if case.state == Case.State.ACKNOWLEDGED and case.act_by is not None:
        case.act_by, case.acted_at = None, clock.now()
        case.save(update_fields=["act_by", "acted_at"])


def see_notices(person: StaffMember, case: Case) -> None:
    """Their own notices about the case stop calling them."""
    link = reverse("escalation:case", args=[case.pk])
    see(actor=person, notices=list(Notice.objects.filter(to=person, seen_at=None, link=link)))


def locked(pk: int) -> Case:
    """The case, locked until the transaction ends. Raises NotFound."""
    # Only what never changes is joined: after a wait for the lock, a row joined by a column that
    # changed meanwhile would still be the one from before.
    try:
        return (
            Case.objects.select_for_update(of=("self",))
            .select_related("pathway", "version", "official_account")
            .get(pk=pk)
        )
    except Case.DoesNotExist:
        raise NotFound("There is no such case.") from None


def refuse_if_closed(case: Case, what: str) -> None:
    """Nothing is added to a closed case. Raises TransitionNotAllowed."""
    if case.state == Case.State.CLOSED:
        raise TransitionNotAllowed(f"Case {case.reference} is closed. Reopen it to {what}.")
