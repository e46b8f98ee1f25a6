"""Requests under information law: taking one in, who it is about, who asks, and the clock of the law."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models.functions import Upper
from django.urls import reverse

from accounts.models import OfficialAccount
from accounts.queries import may, people_with, require
from audit.actions import record
from core import clock, working
from core.acting import action
from core.actors import Actor
from core.errors import NotValid, TransitionNotAllowed
from core.typed import reason as typed_reason
from notices.actions import notify
from notices.models import Notice
from platforms import registry as platforms
from retention import registry, statutory
from retention.actions import holds
from retention.actions.holds import Covers
from retention.models import Hold, RequestChange, RequestSubject, RightsRequest
from retention.models.schedule import Regime
from staff.models import StaffMember
from staff.roles import Power

COMMENTER, COMMENT = "moderation.commenter", "moderation.comment"
HELD_BEYOND = timedelta(days=60)
"""So long after the deadline somebody looks at the hold again."""
SHORTEST_WORDS = 3
MOST_WORDS = 10
MOST_OF_A_HANDLE = 20
Kind, Stopped, Identity = RightsRequest.Kind, RightsRequest.Stopped, RightsRequest.Identity


@dataclass(frozen=True)
class Intake:
    """What is known of a request when it is taken in."""

    kind: str
    received_on: date
    requester: str
    wanted: str
    channel: str
    regime: str = ""
    contact: str = ""
    outside_reference: str = ""
    platform: str = ""
    handle: str = ""
    """Of whom it is about, as the platform shows it."""
    words: Sequence[str] = ()
    """Other names, addresses or numbers that they go by."""
    official_account: OfficialAccount | None = None
    commenter_id: int | None = None
    """Whom it is about, where that is known."""
    origin_type: str = ""
    origin_id: int | None = None


@action
def receive(*, actor: StaffMember, intake: Intake) -> RightsRequest:
    """A request is taken in: its clock is worked out, and what is held about its subject stays from this moment on.

    The same number of the casework system, or the same comment, gives the request that is there already. Source: FOIA
    s.10, UK GDPR art. 12(3), DPA 2018 s.54 (clocks); FOIA s.77 and DPA 2018 s.173 (nothing is disposed of meanwhile).
    Raises NotPermitted, NotValid (field names what to mend). Audits request.taken_in and hold.placed.
    """
    require(actor, Power.TAKE_IN_REQUESTS)
    intake = _checked(intake)
    if standing := _standing(intake):
        return standing
    law = statutory.Law.FOI if intake.kind == Kind.FOI else statutory.Law.SUBJECT_ACCESS
    try:
        with transaction.atomic():
            made = RightsRequest.objects.create(
                kind=intake.kind,
                regime=intake.regime,
                channel=intake.channel,
                received_on=intake.received_on,
                begins_on=intake.received_on,
                due_at=working.end_of(statutory.Clock(intake.received_on).last_day(law)),
                outside_reference=intake.outside_reference,
                requester=intake.requester,
                contact=intake.contact.strip(),
                wanted=intake.wanted,
                official_account=intake.official_account,
                origin_type=intake.origin_type,
                origin_id=intake.origin_id,
                identity=Identity.NOT_NEEDED if intake.kind == Kind.FOI else Identity.NOT_LOOKED_AT,
                taken_in_at=clock.now(),
                taken_in_by=actor,
            )
    except IntegrityError:
        # The same one at the same moment: whoever came first has it.
        standing = _standing(intake)
        if standing is None:
            raise
        return standing
    note(
        actor,
        made,
        f"Taken in: {made.get_kind_display().lower()}, received {made.received_on:%-d %B %Y} by "
        f"{made.get_channel_display().lower()}. An answer is due by {_day(made)}.",
    )
    record(
        actor=actor,
        event="request.taken_in",
        subject=made,
        subject_name=made.title,
        official_account_id=intake.official_account.pk if intake.official_account else None,
        details={"kind": made.kind, "channel": made.channel, "received_on": made.received_on.isoformat()},
    )
    _hold_subjects(actor, made, intake)
    if not may(actor, Power.HANDLE_REQUESTS) or actor.kind != StaffMember.Kind.PERSON:
        _tell_those_who_answer(actor, made)
    return made


@action
def add_subject(
    *,
    actor: StaffMember,
    request: RightsRequest,
    why: str,
    platform: str = "",
    handle: str = "",
    words: str = "",
) -> list[RequestSubject]:
    """Another handle or name that the request is about: what is held about it stays from now on, and is searched.

    A handle that nobody is known by is looked for as words, so that what comes later is held as well. Raises
    NotPermitted, NotValid, TransitionNotAllowed (answered). Audits request.subject_added and hold.placed.
    """
    require(actor, Power.HANDLE_REQUESTS)
    request = locked(request)
    refuse_unless_open(request, "name somebody else")
    why = typed_reason(why, "Say why it is them, e.g. that they wrote from it.", most=300)
    if not handle.strip() and not words.strip():
        raise NotValid("Give a handle, or words that name them.", field="handle")
    made = [*_by_handle(actor, request, platform, handle, why), *_by_words(actor, request, [words], why)]
    if not made:
        raise NotValid("That is named already.", field="handle" if handle.strip() else "words")
    return made


@action
def leave_out_subject(
    *, actor: StaffMember, request: RightsRequest, subject: RequestSubject, why: str
) -> RequestSubject:
    """It is not them after all: it is searched no more, and its hold stands until a second person lifts it.

    Raises NotPermitted, NotValid, TransitionNotAllowed. Audits request.subject_left_out and hold.lift_asked.
    """
    require(actor, Power.HANDLE_REQUESTS)
    request = locked(request)
    refuse_unless_open(request, "leave somebody out")
    why = typed_reason(why, "Say why it is not them.", most=300)
    subject = RequestSubject.objects.select_for_update(of=("self",)).get(pk=subject.pk, request=request)
    if subject.left_out_at is not None:
        raise TransitionNotAllowed(f"{subject.name} was left out already.")
    subject.left_out_at = clock.now()
    subject.save(update_fields=["left_out_at"])
    if subject.hold is not None:
        holds.ask_to_lift_for_request(
            actor=actor, hold=subject.hold, reason=f"{request.reference} is not about them: {why}"
        )
    note(actor, request, f"Not about them after all: {subject.name}. {why}")
    record(
        actor=actor,
        event="request.subject_left_out",
        subject=request,
        subject_name=request.title,
        reason=why,
        details={"named": subject.pk},
    )
    return subject


@action
def take(*, actor: StaffMember, request: RightsRequest) -> RightsRequest:
    """Somebody answers for it from now on. Raises NotPermitted, TransitionNotAllowed. Audits request.taken."""
    require(actor, Power.HANDLE_REQUESTS)
    request = locked(request)
    if not request.is_open:
        raise TransitionNotAllowed(f"{request.reference} was answered already.")
    request.handler = actor
    request.save(update_fields=["handler"])
    note(actor, request, f"{actor.called} has it.")
    record(actor=actor, event="request.taken", subject=request, subject_name=request.title)
    return request


# Who asks


@action
def record_identity(
    *, actor: StaffMember, request: RightsRequest, state: str, how: str, on: date
) -> RightsRequest:
    """Whether whoever asks is who they say: how that was seen, when and by whom; or that it was asked for.

    While it is asked for the clock stands still, and it begins on the day on which it is proved. Source: UK GDPR art.
    12(6) and 12A, DPA 2018 s.52(4) and s.54. Raises NotPermitted, NotValid, TransitionNotAllowed. Audits
    request.identity_recorded.
    """
    require(actor, Power.HANDLE_REQUESTS)
    request = locked(request)
    refuse_unless_open(request, "record who asks")
    how = typed_reason(how, "Say how, e.g. what was seen, or what was asked for.", most=300)
    if request.kind == Kind.FOI:
        raise NotValid("Who asks does not matter to freedom of information: it is answered as to anybody.")
    if state not in (Identity.ASKED, Identity.PROVED, Identity.NOT_NEEDED):
        raise NotValid("Choose what became of it.", field="state")
    _check_day(request, on)
    if state == Identity.ASKED:
        _refuse_if_stopped(request)
        request.stopped, request.stopped_on = Stopped.IDENTITY, on
    elif request.stopped == Stopped.IDENTITY:
        assert request.stopped_on is not None
        if on < request.stopped_on:
            raise NotValid("It was asked for later than that day.", field="on")
        if state == Identity.PROVED:
            # The month begins with the proof, so days on which it stood still before count for nothing.
            request.begins_on, request.stopped_days = on, 0
        request.stopped, request.stopped_on = Stopped.NO, None
    request.identity, request.identity_how = state, how
    request.identity_by, request.identity_on = actor, on
    _work_out(request)
    said = request.get_identity_display().lower()
    note(actor, request, f"Who asks: {said}, {on:%-d %B %Y} ({how}). {_clock_says(request)}")
    record(
        actor=actor,
        event="request.identity_recorded",
        subject=request,
        subject_name=request.title,
        details={"state": state, "on": on.isoformat(), "due_at": request.due_at.isoformat()},
    )
    return request


# The clock


@action
def ask_for_clearer(*, actor: StaffMember, request: RightsRequest, why: str, on: date) -> RightsRequest:
    """They were asked what exactly they want; the clock stands still until they say.

    Source: DPA 2018 s.54 and UK GDPR art. 12A (access alone); FOIA s.1(3) and s.10(6). Raises NotPermitted, NotValid,
    TransitionNotAllowed (it stands still already, or this right has no such pause). Audits request.clock_stopped.
    """
    require(actor, Power.HANDLE_REQUESTS)
    request = locked(request)
    refuse_unless_open(request, "ask them")
    why = typed_reason(why, "Say what they were asked.", most=300)
    if request.changes_records:
        raise TransitionNotAllowed(
            "Only the clock of access and of freedom of information stands still for that. Ask them, and answer in time."
        )
    _refuse_if_stopped(request)
    _check_day(request, on)
    request.stopped, request.stopped_on = Stopped.CLEARER, on
    request.save(update_fields=["stopped", "stopped_on"])
    note(actor, request, f"Asked on {on:%-d %B %Y} what exactly they want ({why}). {_clock_says(request)}")
    record(
        actor=actor,
        event="request.clock_stopped",
        subject=request,
        subject_name=request.title,
        reason=why,
        details={"on": on.isoformat()},
    )
    return request


@action
def made_clear(*, actor: StaffMember, request: RightsRequest, on: date) -> RightsRequest:
    """They said what exactly they want: the clock runs again, or anew for freedom of information.

    Raises NotPermitted, NotValid (a day before they were asked), TransitionNotAllowed. Audits request.clock_runs.
    """
    require(actor, Power.HANDLE_REQUESTS)
    request = locked(request)
    if request.stopped != Stopped.CLEARER or request.stopped_on is None:
        raise TransitionNotAllowed("Nobody waits for them to say more.")
    _check_day(request, on)
    if on < request.stopped_on:
        raise NotValid("They were asked later than that day.", field="on")
    if request.kind == Kind.FOI:
        request.begins_on = on
    else:
        request.stopped_days += (on - request.stopped_on).days
    request.stopped, request.stopped_on = Stopped.NO, None
    _work_out(request)
    note(actor, request, f"They said on {on:%-d %B %Y} what they want. {_clock_says(request)}")
    record(
        actor=actor,
        event="request.clock_runs",
        subject=request,
        subject_name=request.title,
        details={"on": on.isoformat(), "due_at": request.due_at.isoformat()},
    )
    return request


@action
def take_longer(*, actor: StaffMember, request: RightsRequest, why: str) -> RightsRequest:
    """The law's longer time is taken, for a reason that the requester is told within the first.

    Source: UK GDPR art. 12(3), DPA 2018 s.54 (complex, or many: two months more); FOIA s.10(3) (public interest).
    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (taken already, too late, or FOI in Scotland, which has
    none). Audits request.longer.
    """
    require(actor, Power.HANDLE_REQUESTS)
    request = locked(request)
    refuse_unless_open(request, "take longer")
    why = typed_reason(why, "Say why, as the requester is told.", most=400)
    if request.longer_why:
        raise TransitionNotAllowed("The longer time was taken already: the law gives it once.")
    if not statutory.has_longer_time(request.law):
        raise TransitionNotAllowed("Freedom of information in Scotland has no longer time (FOISA 2002 s.10).")
    if request.due_at <= clock.now():
        raise TransitionNotAllowed(
            "The first time is over: they had to be told within it. Answer now, and say so."
        )
    request.longer_why = why
    _work_out(request)
    note(actor, request, f"The longer time was taken ({why}). {_clock_says(request)}")
    record(
        actor=actor,
        event="request.longer",
        subject=request,
        subject_name=request.title,
        reason=why,
        details={"due_at": request.due_at.isoformat()},
    )
    return request


def may_take_longer(request: RightsRequest) -> bool:
    """Whether the law has a longer time for it that was not taken yet."""
    return request.is_open and not request.longer_why and statutory.has_longer_time(request.law)


# Parts of the other actions on requests


def locked(request: RightsRequest) -> RightsRequest:
    """The request, locked until the transaction ends."""
    return RightsRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)


def refuse_unless_open(request: RightsRequest, what: str) -> None:
    """Raises TransitionNotAllowed where an answer is on its way or out."""
    if request.state == RightsRequest.State.CLOSED:
        raise TransitionNotAllowed(f"{request.reference} was answered: you cannot {what} any more.")
    if request.state != RightsRequest.State.OPEN:
        raise TransitionNotAllowed(
            f"An answer to {request.reference} was put forward. Have it sent back before you {what}."
        )


def note(actor: Actor, request: RightsRequest, text: str) -> None:
    """A line of its story. The caller audits."""
    RequestChange.objects.create(
        request=request, at=clock.now(), by_name=actor.actor_name, text=" ".join(text.split())[:700]
    )


def live_holds(request: RightsRequest) -> list[Hold]:
    """Its own holds that are in force."""
    found = Hold.objects.filter(pk__in=request.subjects.exclude(hold=None).values("hold_id"), lifted_at=None)
    return list(found.order_by("pk"))


def _tell_those_who_answer(actor: StaffMember, request: RightsRequest) -> None:
    notify(
        actor=actor,
        to=people_with(Power.HANDLE_REQUESTS),
        urgency=Notice.Urgency.FYI,
        title=f"{request.title}, came in",
        body=f"Its time ends {_day(request)}, and nobody has it yet.",
        link=reverse("retention:request", args=[request.pk]),
        key=f"request {request.pk} came in",
    )


def _standing(intake: Intake) -> RightsRequest | None:
    if intake.outside_reference:
        found = RightsRequest.objects.filter(outside_reference=intake.outside_reference).first()
        if found is not None:
            if (found.kind, found.received_on) != (intake.kind, intake.received_on):
                raise NotValid(
                    f"{intake.outside_reference} is {found.title}, received {found.received_on:%-d %B %Y}. Give another "
                    "number, or the same kind and day.",
                    field="outside_reference",
                )
            return found
    if intake.origin_id is None:
        return None
    return RightsRequest.objects.filter(
        origin_type=intake.origin_type, origin_id=intake.origin_id, kind=intake.kind
    ).first()


def _checked(intake: Intake) -> Intake:
    if intake.kind not in Kind:
        raise NotValid("Choose what they ask for.", field="kind")
    if intake.channel not in RightsRequest.Channel:
        raise NotValid("Choose how it came.", field="channel")
    requester, wanted = " ".join(intake.requester.split()), intake.wanted.replace("\r\n", "\n").strip()
    if not requester:
        raise NotValid("Give the name that they gave, or their handle.", field="requester")
    if not wanted:
        raise NotValid("Write down what they ask, in their words.", field="wanted")
    if intake.received_on > clock.today():
        raise NotValid("It cannot have come on a day that is still to come.", field="received_on")
    regime = Regime.NONE if intake.kind == Kind.FOI else intake.regime or Regime.BOTH
    if intake.kind != Kind.FOI and regime not in (Regime.LAW_ENFORCEMENT, Regime.GENERAL, Regime.BOTH):
        raise NotValid("Choose under which law their data is kept.", field="regime")
    if len(intake.words) > MOST_WORDS:
        raise NotValid(f"Give at most {MOST_WORDS} names, one a line.", field="words")
    return Intake(
        **{
            **intake.__dict__,
            "requester": requester[:200],
            "wanted": wanted[:20_000],
            "regime": regime,
            "outside_reference": " ".join(intake.outside_reference.split())[:60],
        }
    )


def _hold_subjects(actor: StaffMember, request: RightsRequest, intake: Intake) -> None:
    why = f"Named when {request.reference} was taken in"
    if intake.origin_type == COMMENT and intake.origin_id is not None:
        _named(
            actor,
            request,
            f"Comment {intake.origin_id}",
            "The request itself",
            Covers(kind=Hold.Kind.RECORD, subject_type=COMMENT, subject_id=intake.origin_id),
        )
    if intake.kind == Kind.FOI:
        _by_words(actor, request, intake.words, why)
        return
    if intake.commenter_id is not None:
        _by_commenter(actor, request, intake.commenter_id, "They asked from it")
    _by_handle(actor, request, intake.platform, intake.handle, why)
    # Their name as they gave it, unless that is a handle.
    names = [] if intake.requester.startswith("@") or " " not in intake.requester else [intake.requester]
    _by_words(actor, request, [*names, *intake.words], why)


def _by_handle(
    actor: StaffMember, request: RightsRequest, platform: str, handle: str, why: str
) -> list[RequestSubject]:
    plain = handle.strip().lstrip("@")
    if not plain:
        return []
    known = registry.rows_of(COMMENTER).annotate(called=Upper("handle"))
    known = known.filter(called__in={plain.upper(), f"@{plain.upper()}"})
    if platform:
        known = known.filter(platform=platform)
    ids = list(known.order_by("pk").values_list("pk", flat=True)[:MOST_OF_A_HANDLE])
    if not ids:
        return _by_words(actor, request, [plain], why)
    made = [_by_commenter(actor, request, pk, why) for pk in ids]
    return [one for one in made if one is not None]


def _by_commenter(actor: StaffMember, request: RightsRequest, pk: int, why: str) -> RequestSubject | None:
    found = registry.rows_of(COMMENTER).get(pk=pk)
    name = f"@{found.handle.lstrip('@')} on {platforms.NAMES.get(found.platform, found.platform)}"
    return _named(
        actor, request, name, why, Covers(kind=Hold.Kind.COMMENTER, subject_type=COMMENTER, subject_id=pk)
    )


def _by_words(
    actor: StaffMember, request: RightsRequest, given: Sequence[str], why: str
) -> list[RequestSubject]:
    made = []
    for one in given:
        words = " ".join(one.replace('"', " ").split())
        if not words:
            continue
        if len(words) < SHORTEST_WORDS or len(words) > holds.LONGEST_WORDS - 2:
            raise NotValid(
                f"“{words[:40]}” is too short or too long to be looked for. Give a whole name or address.",
                field="words",
            )
        subject = _named(actor, request, words, why, Covers(kind=Hold.Kind.QUERY, words=f'"{words}"'))
        if subject is not None:
            made.append(subject)
    return made


def _named(
    actor: StaffMember, request: RightsRequest, name: str, why: str, covers: Covers
) -> RequestSubject | None:
    """None where that is named already."""
    by_words = covers.kind == Hold.Kind.QUERY
    given = {
        "subject_type": "" if by_words else covers.subject_type,
        "subject_id": None if by_words else covers.subject_id,
        "words": name if by_words else "",
    }
    if RequestSubject.objects.filter(request=request, left_out_at=None, **given).exists():
        return None
    hold = holds.place_for_request(
        actor=actor,
        covers=covers,
        reason=f"{request.title}, is open (FOIA s.77, DPA 2018 s.173)",
        review_on=max(request.due_at.date(), clock.today()) + HELD_BEYOND,
        for_what=Hold.Reason.FOI if request.kind == Kind.FOI else Hold.Reason.SAR,
        reference=request.reference,
    )
    subject = RequestSubject.objects.create(
        request=request, name=name[:300], why=why[:300], hold=hold, at=clock.now(), by=actor, **given
    )
    note(actor, request, f"Held and searched from now on: {hold.subject_name}. {why}.")
    record(
        actor=actor,
        event="request.subject_added",
        subject=request,
        subject_name=request.title,
        reason=why,
        details={"hold": hold.pk},
    )
    return subject


def _check_day(request: RightsRequest, on: date) -> None:
    if on > clock.today():
        raise NotValid("That day has not come yet.", field="on")
    if on < request.received_on:
        raise NotValid("The request came later than that day.", field="on")


def _refuse_if_stopped(request: RightsRequest) -> None:
    if request.stopped:
        raise TransitionNotAllowed(
            f"Its clock stands still already: {request.get_stopped_display().lower()}."
        )


def _work_out(request: RightsRequest) -> None:
    """The deadline by what the law says of what has happened; stored with the version of the rules."""
    last = statutory.Clock(
        request.received_on, request.begins_on, request.stopped_days, bool(request.longer_why)
    ).last_day(request.law)
    due = working.end_of(last)
    if due != request.due_at:
        request.due_at, request.rule_version = due, statutory.VERSION
        request.warned_for = None
    if due > clock.now():
        request.needs_case = ""
    request.save()


def _day(request: RightsRequest) -> str:
    return f"{clock.in_london(request.due_at):%-d %B %Y}"


def _clock_says(request: RightsRequest) -> str:
    if request.stopped:
        return "The clock stands still."
    return f"An answer is due by {_day(request)}."
