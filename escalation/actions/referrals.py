"""Handing something of a case to another team, and what comes back. Overdue ones are asked after until it does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from accounts import queries as accounts
from accounts.queries import people_with
from audit.actions import record
from core import clock, working
from core.acting import action
from core.actors import Actor
from core.errors import NotFound, NotPermitted, NotValid, TransitionNotAllowed
from escalation import queries_referrals
from escalation.actions import deadlines, ladder, log
from escalation.actions.deadlines import CRIME_WARNING, CRIME_WITHIN
from escalation.actions.taking import locked, note_act, refuse_if_closed
from escalation.models import Case, PathwayVersion, Referral, ReferralKind
from escalation.models.intelligence import INTELLIGENCE
from escalation.workflow import REFERRAL
from notices import ways
from notices.actions import notify, notify_beyond, send_again
from notices.models import Notice, NoticeDelivery
from retention import statutory
from staff.models import StaffMember
from staff.roles import Power, Role

CRIME_NAG = timedelta(hours=1)
VERSION = 1
"""Of the structured message to the control room; docs/guide/api.md."""
OLDEST_NUMBER = timedelta(days=366)


@action
def refer(
    *,
    actor: StaffMember,
    case: Case,
    kind: ReferralKind,
    given: Mapping[str, str],
    token: UUID,
    crime: bool = False,
) -> Referral:
    """The team of this kind has it, with what was said as the case keeps it; its deadline runs from now.

    A call for service leaves at once by the configured way. The same form sent twice makes one referral.
    Raises NotPermitted, NotValid, TransitionNotAllowed (closed). Audits referral.made.
    """
    case = locked(case.pk)
    accounts.require(actor, Power.SEE_CASES, case.official_account_id)
    if made := Referral.objects.select_related("kind").filter(case=case, token=token).first():
        return made
    refuse_if_closed(case, "refer it")
    if kind.slug == INTELLIGENCE:
        raise NotValid("Intelligence is written on a form of its own, which keeps its source apart.")
    if not kind.active:
        raise NotValid("This kind of referral is not in use any more.", field="kind")
    referral = begin(
        actor=actor, case=case, kind=kind, given=read(kind.asks, given), token=token, crime=crime
    )
    if kind.to_control_room:
        _send(actor, case, referral)
    else:
        tell_team(actor, referral)
    return referral


def begin(
    *,
    actor: StaffMember,
    case: Case,
    kind: ReferralKind,
    given: Mapping[str, str],
    token: UUID,
    crime: bool = False,
    evidence: Sequence[dict[str, Any]] | None = None,
) -> Referral:
    """The row, the line of the log and the entry. Within the transaction that locked the case. Audits referral.made.

    evidence: what was said, where it is something else than what the case keeps.
    """
    at = clock.now()
    told_at = queries_referrals.first_told(case)
    due = due_at(kind, at, told_at)
    crime = crime and kind.to_control_room
    referral = Referral.objects.create(
        case=case,
        kind=kind,
        official_account_id=case.official_account_id,
        token=token,
        given=dict(given),
        evidence=_kept(case) if evidence is None else list(evidence),
        at=at,
        by=actor,
        by_name=actor.called,
        due_at=due,
        nag_at=due,
        first_told_at=told_at,
        crime=crime,
        crime_by=told_at + CRIME_WITHIN if crime else None,
    )
    if not kind.private:
        by = clock.in_london(due)
        log.write(
            actor=actor,
            case=case,
            event="referred",
            text=f"Referred to {kind.team}: {kind.title}, {referral.reference}. An answer is due by {by:%H:%M on %-d %B}.",
        )
        note_act(case)
    if kind.deadline_law:
        deadlines.follow_requests(actor=actor, case=case)
    _audit(
        actor,
        "referral.made",
        referral,
        in_confidence="referral.made_in_confidence",
        to=kind.team,
        kind=kind.slug,
    )
    return referral


def _audit(
    actor: Actor,
    event: str,
    referral: Referral,
    *,
    in_confidence: str = "",
    shown_ids: Sequence[int] = (),
    **details: object,
) -> None:
    """The trail's entry of what was done to a referral; `in_confidence`: of which kind it is where that is private."""
    record(
        actor=actor,
        event=in_confidence if in_confidence and referral.kind.private else event,
        subject=referral,
        subject_name=referral.reference,
        official_account_id=referral.official_account_id,
        shown_ids=shown_ids,
        details=details,
    )


def read(fields: list[dict], given: Mapping[str, str]) -> dict[str, str]:
    """What a form of these fields says. Raises NotValid for what is missing or too long."""
    said = {}
    for field in fields:
        text = given.get(field["slug"], "").replace("\r\n", "\n").strip()
        most = 4000 if field.get("long") else 300
        if not text and field.get("required"):
            raise NotValid(f"Fill in “{field['label']}”.", field=field["slug"])
        if len(text) > most:
            raise NotValid(f"Keep “{field['label']}” under {most:,} characters.", field=field["slug"])
        if text:
            said[field["slug"]] = text
    return said


def due_at(kind: ReferralKind, since: datetime, told_at: datetime) -> datetime:
    """By when it is answered. The law counts from the first message, the force from when it was referred."""
    if kind.deadline_law:
        return statutory.due_at(kind.deadline_law, told_at)
    if kind.deadline_working_days is not None:
        day, left = clock.in_london(since).date(), kind.deadline_working_days
        while left:
            day += timedelta(days=1)
            left -= working.is_working_day(day)
        return working.end_of(day)
    assert kind.deadline_minutes is not None
    if kind.deadline_clock == PathwayVersion.Clock.WORKING:
        return working.after(since, kind.deadline_minutes)
    return since + timedelta(minutes=kind.deadline_minutes)


def _kept(case: Case) -> list[dict[str, Any]]:
    return [
        {"comment": link.comment_id, **link.snapshot} for link in case.evidence.order_by("added_at", "id")
    ]


def _title(referral: Referral, says: str = "") -> str:
    """What a notice about it is called: nothing of what is private."""
    mark = "Exercise: " if referral.case.exercise else ""
    what = "a referral for your team" if referral.kind.private else referral.kind.title
    return f"{mark}{referral.reference}, {what}{f': {says}' if says else ''}"


def tell_team(actor: Actor, referral: Referral) -> None:
    kind = referral.kind
    if not kind.role:
        return
    people = people_with(role=kind.role, official_account_id=referral.official_account_id)
    if not people:
        # Whoever can give the role is told at once; the deadline runs on.
        people = people_with(Power.GIVE_GRANTS)
        notify(
            actor=actor,
            to=people,
            urgency=Notice.Urgency.SOON,
            title=f"Nobody holds the role “{Role(kind.role).label}”: a referral waits for them",
            key=f"referral {referral.pk} nobody",
            in_confidence=kind.private,
        )
        return
    by = clock.in_london(referral.due_at)
    notify(
        actor=actor,
        to=people,
        urgency=Notice.Urgency.SOON if ladder.paging(referral.case) else Notice.Urgency.FYI,
        title=_title(referral),
        body=f"An answer is due by {by:%H:%M on %-d %B}.",
        link=reverse("escalation:referral", args=[referral.pk]),
        key=f"referral {referral.pk}",
        in_confidence=kind.private,
    )


def holders(referral: Referral) -> list[StaffMember]:
    """Who answers it now: whoever has it, else everybody of the team."""
    if referral.taken_by is not None and referral.taken_by.active:
        return [referral.taken_by]
    role = referral.kind.role
    return people_with(role=role, official_account_id=referral.official_account_id) if role else []


# Calls for service


def message(referral: Referral) -> dict[str, Any]:
    """The structured message to the control room, version 1. Its shape stands in the API's schema."""
    case = referral.case
    page = f"{settings.PUBLIC_ADDRESS}{reverse('escalation:referral', args=[referral.pk])}"
    return {
        "event": "control_room.call",
        "version": VERSION,
        "id": referral.pk,
        "reference": referral.reference,
        "case": case.reference,
        "exercise": case.exercise,
        "made_at": referral.at.isoformat(),
        "first_told_at": referral.first_told_at.isoformat() if referral.first_told_at else None,
        **{field["slug"]: referral.given.get(field["slug"], "") for field in referral.kind.asks},
        "crime_reported": referral.crime,
        "crime_by": referral.crime_by.isoformat() if referral.crime_by else None,
        "evidence": [
            {
                "comment": piece["comment"],
                "platform": piece.get("platform", ""),
                "url": piece.get("url", ""),
                "posted_at": piece.get("posted_at"),
                "words": piece.get("words", ""),
            }
            for piece in referral.evidence
        ],
        "page": page,
        "answer_to": f"{settings.PUBLIC_ADDRESS}/api/v1/calls/{referral.pk}/numbers",
    }


def _send(actor: StaffMember, case: Case, referral: Referral) -> None:
    addresses: dict[str, str] = {}
    if ladder.paging(case):
        if ways.available(NoticeDelivery.Channel.WEBHOOK):
            addresses = {NoticeDelivery.Channel.WEBHOOK: ""}
        elif settings.CONTROL_ROOM_EMAIL:
            addresses = {NoticeDelivery.Channel.EMAIL: settings.CONTROL_ROOM_EMAIL}
    if not addresses:
        rings = f" on {settings.CONTROL_ROOM_PHONE}" if settings.CONTROL_ROOM_PHONE else ""
        log.write(
            actor=actor,
            case=case,
            event="referred",
            text=f"No way leads to the control room’s system: read {referral.reference} out to them{rings}, and type the number.",
        )
        return
    referral.notice = notify_beyond(
        actor=actor,
        name="Control room",
        urgency=Notice.Urgency.PAGE,
        title=_title(referral),
        key=f"referral {referral.pk}",
        addresses=addresses,
        payload=message(referral),
    )
    referral.save(update_fields=["notice"])


@action
def send_anew(*, actor: StaffMember, referral: Referral) -> Referral:
    """The message to the control room goes out once more, under the same number. Raises NotPermitted,
    TransitionNotAllowed (nothing of it left, or it is on its way). Audits notice.sent_again.
    """
    referral = locked_referral(referral)
    _require_call(actor, referral, "You may not have this call sent again.")
    if referral.notice is None or not send_again(
        actor=actor, notice=referral.notice, payload=message(referral)
    ):
        raise TransitionNotAllowed(
            "There is nothing to send again: it is on its way, or it was read out. Ring the control room."
        )
    if not referral.kind.private:
        log.write(
            actor=actor,
            case=referral.case,
            event="referred",
            text=f"{referral.reference} goes out once more.",
        )
    return referral


def _require_call(actor: StaffMember, referral: Referral, refusal: str) -> None:
    """The desk, and whoever sends back numbers. Raises NotPermitted."""
    account = referral.official_account_id
    if not any(accounts.may(actor, power, account) for power in (Power.SEE_CASES, Power.RECORD_INCIDENTS)):
        raise NotPermitted(refusal, power=Power.RECORD_INCIDENTS.label)


@action
def record_numbers(
    *,
    actor: StaffMember,
    referral: Referral,
    incident_number: str = "",
    incident_on: date | None = None,
    crime_number: str = "",
    why: str = "",
) -> Referral:
    """The control room's number stands with its day, and the crime's where there is one: the calls after it end.

    A number that stands is changed only with a reason. Said twice, nothing changes. Raises NotPermitted, NotValid,
    TransitionNotAllowed (no call for service). Audits referral.numbered.
    """
    referral = locked_referral(referral)
    _require_call(actor, referral, "You may not write down the numbers of this call.")
    if not referral.kind.to_control_room:
        raise TransitionNotAllowed(
            f"{referral.reference} is no call for service, so it has no incident number."
        )
    incident_number, crime_number = " ".join(incident_number.split()), " ".join(crime_number.split())
    why = " ".join(why.split())[:300]
    if not incident_number and not crime_number:
        raise NotValid("Type the incident number, or the crime number.", field="incident_number")
    now, said = clock.now(), []
    if incident_number and incident_on is None and incident_number == referral.incident_number:
        # Said again without its day, perhaps after midnight: it is still the number of the day that stands.
        incident_on = referral.incident_on
    if incident_number:
        said += _number(referral, incident_number, incident_on, why)
        referral.incident_number, referral.incident_on = incident_number, incident_on or clock.today()
        if referral.state != Referral.State.ANSWERED:
            referral.state = REFERRAL.next(referral.state, "answer")
            referral.answered_at, referral.answered_by_name = now, actor.actor_name[:200]
    if crime_number:
        said += _crime_number(referral, crime_number, why)
        if not referral.crime:
            referral.crime = True
            assert referral.first_told_at is not None
            referral.crime_by = referral.first_told_at + CRIME_WITHIN
        referral.crime_number = crime_number
        referral.crime_recorded_at = referral.crime_recorded_at or now
    if not said:
        return referral
    referral.nag_at = _next_nag(referral, now)
    if referral.nag_at is not None and incident_number:
        referral.nags = 0
    referral.save()
    log.write(
        actor=actor,
        case=referral.case,
        event="numbered",
        text=f"{referral.reference}: {'; '.join(said)}.{f' {why}' if why else ''}",
    )
    if actor.actor_kind == "staff":
        # A program that sends back a number has not acted on the risk: the second clock runs on.
        note_act(referral.case)
    _audit(actor, "referral.numbered", referral, number="; ".join(said))
    return referral


def _number(referral: Referral, number: str, on: date | None, why: str) -> list[str]:
    if len(number) > 40 or not re.fullmatch(r"[\w./ -]*\d[\w./ -]*", number):
        raise NotValid(
            "An incident number has up to 40 letters and digits, and at least one digit.",
            field="incident_number",
        )
    today = clock.today()
    on = on or today
    if on > today or on < today - OLDEST_NUMBER:
        raise NotValid(
            "Give the day on which the control room made the number: today, or a day of the last year.",
            field="incident_on",
        )
    if (referral.incident_number, referral.incident_on) == (number, on):
        return []
    if referral.incident_number and not why:
        raise NotValid(f"It has the number {referral.incident} already. Say why it changes.", field="why")
    before = f" in place of {referral.incident}" if referral.incident_number else ""
    return [f"incident {number} of {on:%-d %B %Y}{before}"]


def _crime_number(referral: Referral, number: str, why: str) -> list[str]:
    if len(number) > 60:
        raise NotValid(
            "Keep the crime number, or why there is none, under 60 characters.", field="crime_number"
        )
    if referral.crime_number == number:
        return []
    if referral.crime_number and not why:
        raise NotValid(f"It has {referral.crime_number} already. Say why it changes.", field="why")
    return [f"crime recorded as {number}"]


def _next_nag(referral: Referral, now: datetime) -> datetime | None:
    if referral.state != Referral.State.ANSWERED:
        return referral.nag_at or now
    if referral.crime and referral.crime_recorded_at is None and referral.crime_by is not None:
        return max(now + timedelta(minutes=referral.kind.nag_minutes), referral.crime_by - CRIME_WARNING)
    return None


# What the receiving team does


@action
def take(*, actor: StaffMember, referral: Referral) -> Referral:
    """Somebody of the team has it. Raises NotPermitted, TransitionNotAllowed (answered). Audits referral.taken."""
    referral = locked_referral(referral)
    _require_team(actor, referral)
    state = REFERRAL.next(referral.state, "take")
    if referral.taken_by_id == actor.pk:
        return referral
    referral.state, referral.taken_at, referral.taken_by = state, clock.now(), actor
    referral.save(update_fields=["state", "taken_at", "taken_by"])
    _note(actor, referral, "referral.taken", f"{actor.called} has {referral.reference}.")
    return referral


@action
def answer(*, actor: StaffMember, referral: Referral, given: Mapping[str, str]) -> Referral:
    """The outcome stands, and whoever referred it is told. Raises NotPermitted, NotValid, TransitionNotAllowed.

    Audits referral.answered.
    """
    referral = locked_referral(referral)
    _require_team(actor, referral)
    if not referral.kind.answers:
        raise TransitionNotAllowed(
            "Its outcome is set on the report itself."
            if referral.kind.slug == INTELLIGENCE
            else "What comes back to this is a number: type it."
        )
    state = REFERRAL.next(referral.state, "answer")
    settle(referral, by=actor, state=state, said=read(referral.kind.answers, given))
    _note(actor, referral, "referral.answered", f"{referral.kind.team} answered {referral.reference}.")
    if referral.kind.deadline_law:
        deadlines.follow_requests(actor=actor, case=referral.case)
    _tell_author(actor, referral)
    return referral


@action
def answer_by_request(
    *, actor: Actor, referral: Referral, by: StaffMember, said: Mapping[str, str]
) -> Referral:
    """The request that it was taken in as was answered, and so is it. Audits referral.answered."""
    referral = locked_referral(referral)
    settle(referral, by=by, state=REFERRAL.next(referral.state, "answer"), said=said)
    log.write(
        actor=actor,
        case=referral.case,
        event="referred",
        text=f"{referral.kind.team} answered {referral.reference}.",
    )
    _audit(actor, "referral.answered", referral)
    deadlines.follow_requests(actor=actor, case=referral.case)
    _tell_author(by, referral)
    return referral


def settle(referral: Referral, *, by: StaffMember, state: str, said: Mapping[str, str]) -> None:
    """Its answer is written down, and nobody is asked after it any more. The caller audits."""
    referral.state = state
    referral.answered_at, referral.answered_by_name = clock.now(), by.called
    referral.answer = dict(said)
    referral.nag_at = None
    referral.save(update_fields=["state", "answered_at", "answered_by_name", "answer", "nag_at"])


def _tell_author(actor: StaffMember, referral: Referral) -> None:
    if referral.kind.private or referral.by_id == actor.pk:
        return
    notify(
        actor=actor,
        to=[referral.by],
        urgency=Notice.Urgency.FYI,
        title=_title(referral, "answered"),
        link=reverse("escalation:referral", args=[referral.pk]),
        key=f"referral {referral.pk} answered",
    )


def _require_team(actor: StaffMember, referral: Referral) -> None:
    if referral.kind.role:
        if not queries_referrals.receives(actor, referral):
            raise NotPermitted(f"{referral.reference} is for {referral.kind.team}: they answer it.")
    else:
        accounts.require(actor, Power.SEE_CASES, referral.official_account_id)


def _note(actor: StaffMember, referral: Referral, event: str, text: str) -> None:
    if not referral.kind.private:
        log.write(actor=actor, case=referral.case, event="referred", text=text)
    _audit(actor, event, referral, in_confidence="referral.settled_in_confidence")


@action
def view(*, actor: StaffMember, referral: Referral) -> None:
    """The person was shown the referral with the words in it. Audits referral.viewed."""
    _audit(
        actor,
        "referral.viewed",
        referral,
        in_confidence="referral.viewed_in_confidence",
        shown_ids=[piece["comment"] for piece in referral.evidence if piece.get("comment")],
    )


@action
def view_list(*, actor: StaffMember, referrals: list[Referral]) -> None:
    """The person was shown these referrals in a list. Audits referrals.listed; private ones are not named there."""
    record(
        actor=actor,
        event="referrals.listed",
        shown_ids=[one.pk for one in referrals if not one.kind.private],
    )


# Asking after what is overdue


@action
def chase(*, actor: Actor, referral: Referral) -> bool:
    """Nothing came back in time: whoever owes it is told again, and from the second time on more people are.

    Without an incident number, or without the record of a crime in its 24 hours, the ladder of the case goes on.
    Answers False where there is nothing to do. Audits referral.chased.
    """
    # The case comes first, as everywhere: two that lock in the other order would wait for each other.
    case = (
        Case.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("pathway", "version", "official_account")
        .filter(pk=referral.case_id)
        .first()
    )
    now = clock.now()
    found = (
        case
        and Referral.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("kind", "by")
        .filter(pk=referral.pk, nag_at__lte=now)
        .first()
    )
    if case is None or not found:
        return False
    found.case = case
    crime = found.state == Referral.State.ANSWERED
    found.nags += 1
    found.nag_at = now + (CRIME_NAG if crime else timedelta(minutes=found.kind.nag_minutes))
    found.save(update_fields=["nags", "nag_at"])
    says = _owes(found)
    if not found.kind.private:
        log.write(
            actor=actor,
            case=case,
            event="chased",
            text=f"{found.reference}: {says}. Asked after, time {found.nags}.",
        )
    _audit(actor, "referral.chased", found, in_confidence="referral.chased_in_confidence", time=found.nags)
    _tell_again(actor, found, says)
    late = found.crime_by is not None and found.crime_by <= now if crime else found.nags > 1
    if found.kind.to_control_room and late:
        ladder.go_on(
            actor=actor,
            case=case,
            why="handed over a call for service that has no number",
            says=f"{found.reference}: {says}",
        )
    return True


def _owes(referral: Referral) -> str:
    if referral.state == Referral.State.ANSWERED and referral.crime_by is not None:
        by = clock.in_london(referral.crime_by)
        return f"the crime is not recorded yet; its 24 hours end at {by:%H:%M on %-d %B}"
    if referral.kind.to_control_room:
        return "no incident number has come back"
    return "no answer yet"


def _tell_again(actor: Actor, referral: Referral, says: str) -> None:
    kind, case = referral.kind, referral.case
    urgent = Notice.Urgency.PAGE if kind.to_control_room else Notice.Urgency.SOON
    if kind.role:
        people = people_with(role=kind.role, official_account_id=referral.official_account_id)
        if referral.taken_by is not None:
            people = [referral.taken_by, *people]
    else:
        people = [referral.by, *([case.acknowledged_by] if case.acknowledged_by is not None else [])]
    if not kind.private and (referral.nags > 1 or not people):
        people += people_with(role=Role.DESK_SUPERVISOR, official_account_id=referral.official_account_id)
    if kind.private and not people:
        people = people_with(Power.GIVE_GRANTS)
    notify(
        actor=actor,
        to=people,
        urgency=urgent if ladder.paging(case) else Notice.Urgency.FYI,
        title=_title(referral, says),
        link=reverse("escalation:referral", args=[referral.pk]),
        key=f"referral {referral.pk} overdue {referral.nags} {referral.state}",
        in_confidence=kind.private,
    )


def locked_referral(referral: Referral) -> Referral:
    """The referral and its case, locked until the transaction ends, the case first. Raises NotFound."""
    case = locked(referral.case_id)
    found = (
        Referral.objects.select_for_update(of=("self",))
        .select_related("kind", "by", "taken_by", "notice")
        .filter(pk=referral.pk)
        .first()
    )
    if found is None:
        raise NotFound("There is no such referral.")
    found.case = case
    return found
