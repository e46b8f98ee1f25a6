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
from escalation.models.calls import SPENT
from escalation.workflow import CASE
from notices import ways
from notices.actions import notify, notify_beyond, see
from notices.models import Notice, NoticeDelivery
from staff.models import StaffMember
from staff.roles import Power

TEXTS = System("texts sent back")
MOST_CODE_TRIES = 5
"""How often a code may come from another number than it was texted to, before it counts for nobody."""
MOST_CALLS = 50
"""How many calls with the codes of one text are looked through for whose number it came from."""
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
        somebody = person.active and person.kind == StaffMember.Kind.PERSON
        if not somebody or not accounts.may(person, Power.ACKNOWLEDGE_CASES, case.official_account_id):
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

    A code is good from the call that it came with until somebody has the case or it is called for anew, whichever
    level is called meanwhile. source: the number that it came from. Answers None where the code is none, came from
    another number (which is told nothing), or has had its time (which its owner is told by text).
    Audits case.acknowledged, or case.code_refused.
    """
    codes = re.findall(r"(?<!\d)\d{6}(?!\d)", words)
    found = (
        CallOut.objects.select_related("case", "person", "post").filter(code__in=codes).order_by("-at", "-id")
    )
    calls = list(found[:MOST_CALLS])
    came_from = ways.number(source)
    call = next((one for one in calls if came_from and came_from == _number_of(one)), None)
    if call is None:
        call = next((one for one in calls if one.case.state == Case.State.WAITING), None)
    if call is None:
        record(actor=actor, event="case.code_refused", details={"why": "no such code waits"})
        return None
    case = locked(call.case_id)
    call = CallOut.objects.select_for_update(of=("self",)).select_related("person", "post").get(pk=call.pk)
    own = bool(came_from) and came_from == _number_of(call)
    if case.state != Case.State.WAITING or call.code_tries >= MOST_CODE_TRIES:
        log.audit(actor, "case.code_refused", case, why="no such code waits")
        if own:
            _say_too_late(actor, case, call)
        return None
    able = call.person is None or (
        call.person.active and accounts.may(call.person, Power.ACKNOWLEDGE_CASES, case.official_account_id)
    )
    if not own or not able:
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
    _text_back(actor, case, call, f"You have case {case.reference}", key=f"case {case.pk} code {case.round}")
    return case


def _number_of(call: CallOut) -> str:
    """The number that the code was texted to, as it stands now."""
    if call.person is not None:
        return ways.number(call.person.phone)
    return ways.number(call.post.mobile) if call.post is not None else ""


def _say_too_late(actor: Actor, case: Case, call: CallOut) -> None:
    """Whoever believes that they have it now learns that they have not; once, however often they text."""
    theirs = case.acknowledged_by_id == call.person_id if call.person_id else case.holder == call.called
    if case.state == Case.State.ACKNOWLEDGED and theirs:
        return
    if case.state == Case.State.WAITING:
        title = f"Case {case.reference} is called for anew: text back the newest code, or open the case"
    else:
        title = f"Case {case.reference} waits for nobody any more: you do not have it"
    _text_back(actor, case, call, title, key=f"case {case.pk} late {case.round} {case.state}")


def _text_back(actor: Actor, case: Case, call: CallOut, title: str, *, key: str) -> None:
    """Whoever texted learns what came of it."""
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
    case.first_acknowledged_at = case.first_acknowledged_at or case.acknowledged_at
    case.acknowledged_by = person
    case.acknowledged_name = name[:200]
    case.acknowledged_how = how
    case.acknowledge_by = None
    case.act_by = case.acknowledged_at + timedelta(minutes=case.version.act_within_minutes)
    case.acted_at = None
    case.holder_until = queries_oncall.on_shift_until(person) if person is not None else None
    case.save()
    case.call_outs.exclude(code="").update(code_tries=SPENT)
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
