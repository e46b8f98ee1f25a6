"""Calling people for a case, level by level, until one of them says "I have it". It never goes silent."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from accounts.queries import may
from core import clock
from core.acting import action
from core.actors import Actor, System
from escalation import queries_oncall
from escalation.actions import log
from escalation.models import CallOut, Case, Level, Post
from escalation.models.calls import SPENT
from escalation.queries_oncall import Whom
from escalation.workflow import CASE
from exercise.models import Run
from notices import ways
from notices.actions import notify, notify_beyond
from notices.models import Notice, NoticeDelivery
from staff.models import StaffMember
from staff.roles import Power, Role

LADDER = System("escalation")
"""Who calls: the platform, whoever opened the case."""

WITHOUT_LEVELS_S = 300
"""How often a case is called again whose pathway has no level: somebody removed them all."""

QUIET_REPEAT = timedelta(days=1)
"""How often an exercise case outside a drill is called again, once every level was told."""

CHANNELS = (NoticeDelivery.Channel.TEAMS, NoticeDelivery.Channel.SLACK)


@action
def climb(*, actor: Actor, case: Case) -> bool:
    """Nobody said "I have it" in time: the next level is called, and after the last one the last again.

    From the second round on the desk supervisors are called as well. Answers False where there is
    nothing to do (acknowledged meanwhile, called already). Audits case.climbed.
    """
    found = (
        Case.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("pathway", "version", "official_account")
        .filter(pk=case.pk, state=Case.State.WAITING, acknowledge_by__lte=clock.now())
        .first()
    )
    if found is None:
        return False
    _climb(actor, found)
    return True


@action
def note_unreached(*, actor: Actor, call_out: CallOut) -> bool:
    """Every way of reaching somebody has failed, or the text, which alone wakes anybody. Where that holds of all who
    were called now, the next level is; at the last one, once, so that what is broken does not call them every second.

    Answers False where there was nothing to note. Audits case.unreached, and case.climbed where it climbs.
    """
    case = (
        Case.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("pathway", "version", "official_account")
        .filter(pk=call_out.case_id, state=Case.State.WAITING)
        .first()
    )
    call = case and CallOut.objects.select_related("person", "post").filter(pk=call_out.pk).first()
    if case is None or not call or call.failed_at is not None or call.notice is None:
        return False
    tries = list(call.notice.deliveries.order_by("id"))
    failed = [one for one in tries if one.state == NoticeDelivery.State.FAILED]
    texts = {one.state for one in tries if one.channel == NoticeDelivery.Channel.SMS}
    if not failed or (len(failed) < len(tries) and texts != {NoticeDelivery.State.FAILED}):
        return False
    call.failed_at = clock.now()
    call.save(update_fields=["failed_at"])
    tried = "; ".join(f"{one.get_channel_display()}: {one.why or 'it failed.'}" for one in failed)
    log.write(
        actor=actor, case=case, event="unreached", text=f"{call.called} could not be reached. {tried}"[:1000]
    )
    log.audit(actor, "case.unreached", case, level=case.level, round=case.round)
    present = case.call_outs.filter(round=case.round, level=case.level)
    reached = present.filter(Q(failed_at=None) | Q(notice__seen_at__isnull=False)).exists()
    if not reached and _leads_on(case):
        _climb(actor, case)
    return True


@action
def resume(*, actor: Actor, case: Case) -> bool:
    """Whoever has the case recorded no act in time, or has gone off shift: the ladder goes on from its first level.

    Somebody whose shift was extended, or who follows on another rota, keeps it. Answers False where there was
    nothing to do. Audits case.resumed.
    """
    at = clock.now()
    found = (
        Case.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("pathway", "version", "official_account")
        .filter(pk=case.pk, state=Case.State.ACKNOWLEDGED)
        .filter(Q(act_by__lte=at) | Q(holder_until__lte=at))
        .first()
    )
    if found is None:
        return False
    holder = found.acknowledged_by
    idle = found.act_by is not None and found.act_by <= at
    if not idle and holder is not None and (until := queries_oncall.on_shift_until(holder, at)) is not None:
        found.holder_until = until
        found.save(update_fields=["holder_until"])
        log.write(
            actor=actor,
            case=found,
            event="noted",
            text=f"{found.holder} is on shift until {clock.in_london(until):%H:%M on %-d %B} and keeps it.",
        )
        return False
    why = "recorded nothing in time" if idle else "has gone off shift"
    _go_on(
        actor,
        found,
        why=why,
        says=f"{found.holder} {why}",
        besides=holder if idle and holder is not None and holder.active else None,
    )
    return True


@action
def resume_without_right(*, actor: Actor, case: Case) -> bool:
    """Whoever has the case may not have it any more, as their grant ended: the ladder goes on from its first level.

    Answers False where there was nothing to do. Audits case.resumed.
    """
    found = (
        Case.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("pathway", "version", "official_account")
        .filter(pk=case.pk, state=Case.State.ACKNOWLEDGED, acknowledged_by__active=True)
        .first()
    )
    holder = found.acknowledged_by if found is not None else None
    if found is None or holder is None or may(holder, Power.ACKNOWLEDGE_CASES, found.official_account_id):
        return False
    why = f"may not have cases of {found.official_account} at the moment"
    _go_on(actor, found, why=why, says=f"{found.holder} {why}", besides=None)
    return True


def go_on(*, actor: Actor, case: Case, why: str, says: str) -> bool:
    """What whoever has the case set going has not come to its end in time, so the ladder goes on with them.

    Within the transaction that locked the case. Answers False where nobody has it: it is being called for, or closed.
    """
    if case.state != Case.State.ACKNOWLEDGED:
        return False
    holder = case.acknowledged_by
    _go_on(actor, case, why=why, says=says, besides=holder if holder is not None and holder.active else None)
    return True


def give_up(*, actor: StaffMember, case: Case, why: str) -> None:
    """Whoever has the case cannot keep it: the calls go on, and not to them. Within the transaction that locked it."""
    why = " ".join(why.split())
    says = f"{actor.called} cannot keep it{f' ({why})' if why else ''}"
    _go_on(actor, case, why="cannot keep it", says=says, besides=None, without=actor)


def _go_on(
    actor: Actor,
    case: Case,
    *,
    why: str,
    says: str,
    besides: StaffMember | None,
    without: StaffMember | None = None,
) -> None:
    case.state = CASE.next(case.state, "resume")
    case.round += 1
    case.level = 1
    let_go(case)
    case.acknowledge_by = clock.now()
    case.save()
    log.write(
        actor=actor,
        case=case,
        event="resumed",
        text=f"{says}, so the calls go on. Somebody has to say “I have it” anew.",
    )
    log.audit(actor, "case.resumed", case, why=why)
    call_first_level(case=case, besides=besides, without=without)


def let_go(case: Case) -> None:
    """Nobody has it any more, and codes of earlier calls count no more. The caller saves."""
    _spend_codes(case)
    case.acknowledged_at = case.acknowledged_by = case.act_by = case.acted_at = case.holder_until = None
    case.acknowledged_name = case.acknowledged_how = ""


def _spend_codes(case: Case) -> None:
    case.call_outs.exclude(code="").update(code_tries=SPENT)


def call_first_level(
    *, case: Case, besides: StaffMember | None = None, without: StaffMember | None = None
) -> None:
    """Start a round of calls at the first level. Within the transaction that opened or reopened the case.

    besides: somebody who is called with it, such as the heir of whoever had the case. without: somebody who is not,
    as long as there is anybody else.
    """
    _call(LADDER, case, from_position=1, besides=besides, without=without)


def pass_over(*, case: Case) -> None:
    """Call the next level before the time is up. Within the transaction that locked the case."""
    _climb(LADDER, case)


def drill() -> bool:
    """Whether exercise cases page people now: an exercise is playing, or all of this is a demonstration."""
    return settings.DEMO or Run.objects.filter(state=Run.State.PLAYING).exists()


def paging(case: Case) -> bool:
    """Whether this case may call people away from what they do: a real one, or one of a drill."""
    return not case.exercise or case.drill or drill()


def _last(case: Case) -> int:
    return max((level.position for level in case.version.levels.all()), default=0)


def _leads_on(case: Case) -> bool:
    """Whether calling on before the time is up comes to anybody else: another level, or first the desk supervisors."""
    return case.level < _last(case) or case.round == 1


def _climb(actor: Actor, case: Case) -> None:
    last = _last(case)
    if case.level < last:
        called = _call(actor, case, from_position=case.level + 1)
    else:
        case.round += 1
        called = _call(actor, case, from_position=last)
    log.audit(actor, "case.climbed", case, level=called, position=case.level, round=case.round)


def _call(
    actor: Actor,
    case: Case,
    *,
    from_position: int,
    besides: StaffMember | None = None,
    without: StaffMember | None = None,
) -> str:
    """Call the first level from `from_position` on that has anybody. Answers who was called, in words."""
    levels = [
        level
        for level in case.version.levels.select_related("rota", "post")
        if level.position >= from_position
    ]
    for level in levels:
        whom = queries_oncall.whom(level, case.official_account)
        if whom and case.round > 1 and level == levels[-1]:
            whom.people = _with_supervisors(case, whom.people)
        if without in whom.people:
            whom.people.remove(without)
            whom.nobody_because = f"{without.called} alone would be called, and cannot keep it."
        if whom:
            if besides is not None and besides not in whom.people:
                whom.people = [besides, *whom.people]
            _tell(actor, case, level, whom)
            return level.called
        log.write(actor=actor, case=case, event="nobody", text=whom.nobody_because)
    people = [besides] if besides is not None else _anyone(case)
    people = [person for person in people if person != without] or people
    _tell(actor, case, levels[-1] if levels else None, Whom(people))
    return ", ".join(person.called for person in people) or "nobody"


def _with_supervisors(case: Case, people: list[StaffMember]) -> list[StaffMember]:
    supervisors = queries_oncall.holders(
        role=Role.DESK_SUPERVISOR, official_account_id=case.official_account_id
    )
    return people + [person for person in supervisors if person not in people]


def _anyone(case: Case) -> list[StaffMember]:
    """No level has anybody: whoever could have the case, else those who can give somebody the role."""
    return (
        queries_oncall.holders(role=Role.DESK_SUPERVISOR, official_account_id=case.official_account_id)
        or queries_oncall.holders(Power.ACKNOWLEDGE_CASES, official_account_id=case.official_account_id)
        or queries_oncall.holders(Power.GIVE_GRANTS)
    )


def _tell(actor: Actor, case: Case, level: Level | None, whom: Whom) -> None:
    at = clock.now()
    loud = paging(case)
    within = timedelta(seconds=level.acknowledge_within_s if level else WITHOUT_LEVELS_S)
    if not loud and case.round > 1:
        within = max(within, QUIET_REPEAT)
    case.level = level.position if level else case.level
    case.acknowledge_by = at + within
    case.first_acknowledge_by = case.first_acknowledge_by or case.acknowledge_by
    case.save(update_fields=["level", "round", "acknowledge_by", "first_acknowledge_by"])
    wanted = [str(way) for way in level.ways] if level else [NoticeDelivery.Channel.EMAIL]
    calls = [_step(case, person=person, at=at, ways_=wanted) for person in whom.people]
    if whom.post is not None:
        calls.append(_step(case, post=whom.post, at=at, ways_=wanted))
    new = [call for call in calls if call is not None]
    usable = {call.pk: _reach(actor, case, call, level, wanted, loud) for call in new}
    reached = [bool(usable[call.pk]) or (call.person is not None and not wanted) for call in new]
    for channel in CHANNELS if loud else ():
        if channel in wanted:
            _tell_channel(actor, case, channel)
    names = ", ".join(_name(call, wanted, usable[call.pk], loud) for call in new) or "Nobody could be called"
    said = f"{level.called}: {names}" if level and level.called != names else names
    by = clock.in_london(case.acknowledge_by)
    log.write(actor=actor, case=case, event="called", text=f"{said}. To say “I have it” by {by:%H:%M}.")
    if loud and new and not any(reached):
        # No way led to anybody; the page alone may stand on a dark screen.
        at_once = _leads_on(case)
        if at_once:
            case.acknowledge_by = at
            case.save(update_fields=["acknowledge_by"])
        log.write(
            actor=actor,
            case=case,
            event="unreached",
            text="No way leads to any of them: the next level is called."
            if at_once
            else "No way leads to any of them but this page. Ring them.",
        )


def _name(call: CallOut, wanted: Sequence[str], usable: Sequence[str], loud: bool) -> str:
    """Who was called, and which way does not lead to them."""
    lacking = [_SAYS[way] for way in wanted if way in _SAYS and way not in usable]
    return f"{call.called} (no {' and no '.join(lacking)})" if loud and lacking else call.called


def _step(
    case: Case,
    *,
    at,
    ways_: Sequence[str],
    person: StaffMember | None = None,
    post: Post | None = None,
) -> CallOut | None:
    """The row that says so; None where this person or post has been called for this very step already."""
    step = {"case": case, "round": case.round, "level": case.level, "person": person, "post": post}
    if CallOut.objects.filter(**step).exists():
        return None
    code = f"{100_000 + secrets.randbelow(900_000)}" if NoticeDelivery.Channel.SMS in ways_ else ""
    return CallOut.objects.create(**step, at=at, code=code)


def _reach(
    actor: Actor, case: Case, call: CallOut, level: Level | None, wanted: Sequence[str], loud: bool
) -> list[str]:
    """Tell whoever is called; answers which ways beside the page lead to them.

    What leaves the platform says the number of the case and its pathway, and nothing of anybody.
    """
    by = clock.in_london(case.acknowledge_by) if case.acknowledge_by else None
    mark = "Exercise: " if case.exercise else ""
    title = f"{mark}Case {case.reference}: {case.pathway.title}"
    body = f"Say “I have it” by {by:%H:%M}. If nobody does, the next level is called." if by else ""
    text = (
        f"{title}. Say you have it by {by:%H:%M}: text back {call.code}, or open the case." if by else title
    )
    key = f"case {case.pk} call {case.round}.{case.level}"
    if call.post is not None:
        addresses = queries_oncall.addresses(level, call.post) if loud else {}
        call.notice = notify_beyond(
            actor=actor,
            name=call.post.name,
            urgency=Notice.Urgency.PAGE if loud else Notice.Urgency.FYI,
            title=title,
            body=body,
            key=key,
            addresses=addresses,
            text=text,
        )
        usable = list(addresses)
    else:
        assert call.person is not None
        usable = [way for way in wanted if way not in CHANNELS and _leads_to(way, call.person)]
        notices = notify(
            actor=actor,
            to=[call.person],
            urgency=Notice.Urgency.PAGE if loud else Notice.Urgency.FYI,
            title=title,
            body=body,
            link=reverse("escalation:case", args=[case.pk]),
            key=key,
            ways=usable,
            texts={call.person.pk: text},
        )
        call.notice = notices[0] if notices else None
    call.failed_at = call.at if loud and wanted and not usable else None
    call.save(update_fields=["notice", "failed_at"])
    return usable


_SAYS = {"email": "e-mail", "sms": "text"}


def _leads_to(way: str, person: StaffMember) -> bool:
    if way == NoticeDelivery.Channel.SMS:
        return ways.available(way) and bool(ways.number(person.phone))
    return bool(person.email)


def _tell_channel(actor: Actor, case: Case, channel: str) -> None:
    if not ways.available(channel):
        log.write(
            actor=actor,
            case=case,
            event="unreached",
            text=f"The {NoticeDelivery.Channel(channel).label} channel is not set up here.",
        )
        return
    notify_beyond(
        actor=actor,
        name=f"the {NoticeDelivery.Channel(channel).label} channel",
        urgency=Notice.Urgency.PAGE,
        title=f"{'Exercise: ' if case.exercise else ''}Case {case.reference}: {case.pathway.title}",
        body=f"Somebody is called for it. {settings.PUBLIC_ADDRESS}{reverse('escalation:case', args=[case.pk])}",
        key=f"case {case.pk} call {case.round}.{case.level}",
        addresses={channel: ""},
    )
