"""Emergency access ("break glass"): one asks, another agrees, it ends by itself, a third reviews it.

Two people open it, so that nobody widens their own access alone; information security learns of it at
that moment, so that nobody does so unseen. Source: NCSC, privileged access and break-glass accounts.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import glass as glasses
from accounts import queries
from accounts.actions import end_emergency, open_in_emergency
from accounts.actions.requests import Wanted
from accounts.models import BreakGlass
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from notices.actions import notify, see
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power

LAPSED = "It was asked for more than an hour ago. Ask anew, if it is still needed."


@action
def ask(*, actor: StaffMember, person: StaffMember, wanted: Wanted, hours: int, why: str) -> BreakGlass:
    """Whoever may agree is called at once; nothing is open yet. For oneself, or for a colleague.

    hours: from the agreement on, 1 to 4. Raises NotValid (no reason, a role that is never opened so, two
    scopes, has left, holds it already), TransitionNotAllowed (the actor's last one still waits).
    Audits accounts.break_glass_asked.
    """
    if wanted.role not in glasses.OPENABLE:
        raise NotValid("Choose a role. Those that watch over others are never opened this way.", field="role")
    if wanted.official_account is not None and wanted.neighbourhood is not None:
        raise NotValid("Choose an official account or a neighbourhood, not both.", field="official_account")
    if not 1 <= hours <= BreakGlass.MOST_HOURS:
        raise NotValid("Choose one to four hours.", field="hours")
    why = " ".join(why.split())
    if not why:
        raise NotValid("Say what has happened: whoever agrees decides by it.", field="why")
    if not person.is_active or person.kind != person.Kind.PERSON:
        raise NotValid(f"{person.called} cannot be given access: they have left.", field="person")
    if glasses.holds_already(person, wanted):
        raise NotValid(f"{person.called} holds this role over this already.", field="role")
    _lapse(BreakGlass.objects.filter(asked_by=actor))
    asked = BreakGlass(
        person=person,
        role=wanted.role,
        official_account=wanted.official_account,
        neighbourhood=wanted.neighbourhood,
        hours=hours,
        why=why[:240],
        asked_by=actor,
        asked_at=clock.now(),
    )
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
    except IntegrityError:
        raise TransitionNotAllowed(
            "You asked for emergency access already, and that still waits. Take it back before you ask for another."
        ) from None
    _record(actor, asked, "asked", reason=asked.why, hours=hours)
    notify(
        actor=actor,
        to=glasses.agreers(asked),
        urgency=Notice.Urgency.PAGE,
        title=f"{actor.called} asks for emergency access for {person.called}",
        body=f"{asked.get_role_display()} over {asked.scope_name}, {hours} h. Agree or refuse within the hour.",
        link=_page(asked),
        key=f"break-glass {asked.pk} asked",
    )
    return asked


@action
def agree(*, actor: StaffMember, glass: BreakGlass) -> BreakGlass:
    """It is open from this second for the hours asked for, and every information security auditor is called.

    Raises NotPermitted (whoever asked, the person, somebody on emergency access themselves),
    TransitionNotAllowed (answered, lapsed), NotValid (they hold it already, have left).
    Audits accounts.break_glass_opened and grant.given.
    """
    glasses.require_agreer(actor)
    glass = _waiting(glass)
    if actor.pk == glass.asked_by_id:
        raise NotPermitted("You asked for this. Somebody else has to agree.")
    if actor.pk == glass.person_id:
        raise NotPermitted("This is for you. Somebody else has to agree.")
    at = clock.now()
    if at >= glass.lapses_at:
        raise TransitionNotAllowed(LAPSED)
    glass.agreed_by, glass.agreed_at = actor, at
    glass.until = at + timedelta(hours=glass.hours)
    glass.grant = open_in_emergency(actor=actor, glass=glass)
    glass.save(update_fields=["agreed_by", "agreed_at", "until", "grant"])
    _record(actor, glass, "opened", reason=glass.why, until=glass.until.isoformat())
    _stand_down(
        actor, glass, f"{actor.called} agreed to emergency access for {glass.person.called}", "agreed"
    )
    notify(
        actor=actor,
        to=queries.people_with(Power.SEE_AUDIT),
        urgency=Notice.Urgency.PAGE,
        title=f"Emergency access is open for {glass.person.called}",
        body=f"{glass.get_role_display()} over {glass.scope_name}, until {clock.in_london(glass.until):%H:%M}. "
        f"Asked by {glass.asked_by.called}, agreed by {actor.called}: {glass.why}",
        link=_page(glass),
        key=f"break-glass {glass.pk} opened",
    )
    notify(
        actor=actor,
        to=[one for one in (glass.person, glass.asked_by) if one.pk != actor.pk],
        urgency=Notice.Urgency.SOON,
        title=f"Emergency access is open for {glass.person.called}",
        body=f"{glass.get_role_display()}, until {clock.in_london(glass.until):%H:%M}. End it when it is done.",
        link=_page(glass),
        key=f"break-glass {glass.pk} answered",
    )
    return glass


@action
def refuse(*, actor: StaffMember, glass: BreakGlass, why: str) -> BreakGlass:
    """Nothing opens; whoever asked is told why. The one who asked takes it back the same way.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (answered, lapsed).
    Audits accounts.break_glass_refused.
    """
    if glass.asked_by_id != actor.pk:
        glasses.require_agreer(actor)
    glass = _waiting(glass)
    why = " ".join(why.split())[:300]
    if not why:
        raise NotValid("Say why, in a few words.", field="why")
    glass.refused_by, glass.refused_at, glass.refused_why = actor, clock.now(), why
    glass.save(update_fields=["refused_by", "refused_at", "refused_why"])
    _record(actor, glass, "refused", reason=why)
    did = "took back" if actor.pk == glass.asked_by_id else "refused"
    _stand_down(actor, glass, f"{actor.called} {did} emergency access for {glass.person.called}", "refused")
    notify(
        actor=actor,
        to=[one for one in (glass.person, glass.asked_by) if one.pk != actor.pk],
        urgency=Notice.Urgency.SOON,
        title=f"Emergency access for {glass.person.called} was refused",
        body=f"{actor.called}: {why}",
        link=_page(glass),
        key=f"break-glass {glass.pk} answered",
    )
    return glass


@action
def close(*, actor: StaffMember, glass: BreakGlass, why: str) -> BreakGlass:
    """It ends now. Whoever asked, agreed or holds it may, and those who give grants or read the trail.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (not open).
    Audits accounts.break_glass_closed and grant.ended.
    """
    glass = _locked(glass)
    if not glasses.may_close(actor, glass):
        raise NotPermitted("Whoever asked for it, agreed to it or holds it can end it. You are none of them.")
    why = " ".join(why.split())[:300]
    if not why:
        raise NotValid("Say why it ends, such as “Done”.", field="why")
    if glass.state != "open":
        raise TransitionNotAllowed("It is not open, so there is nothing to end.")
    glass.grant = end_emergency(actor=actor, glass=glass, why=why)
    _close(actor, glass, reason=why)
    return glass


@action
def review(*, actor: StaffMember, glass: BreakGlass, outcome: str, note: str) -> BreakGlass:
    """Information security says what came of it. Nobody does who asked, agreed or held it.

    Raises NotPermitted, NotValid (no outcome, no note), TransitionNotAllowed (still open, reviewed,
    never opened). Audits accounts.break_glass_reviewed.
    """
    queries.require(actor, Power.SEE_AUDIT)
    glass = _locked(glass)
    if actor.pk in {glass.asked_by_id, glass.agreed_by_id, glass.person_id}:
        raise NotPermitted("You had a part in this, so a colleague reviews it.")
    if glass.reviewed_at is not None:
        raise TransitionNotAllowed(f"{glass.reviewed_by.called} reviewed it already.")  # type: ignore[union-attr]
    if glass.state != "over":
        raise TransitionNotAllowed("It is reviewed once it was open and is over.")
    if outcome not in BreakGlass.Outcome.values:
        raise NotValid("Choose what came of it.", field="outcome")
    note = note.strip()[:1000]
    if not note:
        raise NotValid("Say in a few words what you found. It is kept with the review.", field="note")
    if glass.closed_at is None:
        _close(System("scheduler"), glass)
    glass.reviewed_by, glass.reviewed_at = actor, clock.now()
    glass.outcome, glass.note = outcome, note
    glass.save(update_fields=["reviewed_by", "reviewed_at", "outcome", "note"])
    _record(actor, glass, "reviewed", reason=note[:300], outcome=glass.get_outcome_display())
    _stand_down(
        actor, glass, f"{actor.called} reviewed the emergency access of {glass.person.called}", "reviewed"
    )
    return glass


@action
def settle(*, actor: Actor = System("scheduler")) -> int:  # noqa: B008
    """Asks that lapsed and accesses that are over are recorded as such. Safe to repeat, and by two at once.

    Nothing waits for this: the grant ends by the clock, and a lapsed ask is refused by the clock.
    Audits accounts.break_glass_lapsed and accounts.break_glass_closed. Answers how many.
    """
    lapsed = _lapse(BreakGlass.objects.all(), actor=actor)
    over = (
        BreakGlass.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("person", "grant", "official_account", "neighbourhood")
        .filter(closed_at=None, grant__until__lte=clock.now())
    )
    found = list(over)
    for glass in found:
        _close(actor, glass)
    return lapsed + len(found)


def _lapse(found, *, actor: Actor = System("scheduler")) -> int:  # noqa: B008
    gone = list(
        found.select_for_update(skip_locked=True, of=("self",))
        .select_related("person", "official_account", "neighbourhood")
        .filter(agreed_at=None, refused_at=None, lapsed_at=None)
        .filter(asked_at__lte=clock.now() - BreakGlass.ASK_HOLDS_FOR)
    )
    for glass in gone:
        glass.lapsed_at = glass.lapses_at
        glass.save(update_fields=["lapsed_at"])
        _record(actor, glass, "lapsed")
        _stand_down(
            actor, glass, f"The request of emergency access for {glass.person.called} lapsed", "lapsed"
        )
    return len(gone)


def _stand_down(actor: Actor, glass: BreakGlass, title: str, what: str) -> None:
    """Whoever was called and has not looked is called no more, and reads how it went on; whoever acted has seen it."""
    calls = Notice.objects.filter(link=_page(glass), urgency=Notice.Urgency.PAGE, seen_at=None)
    if isinstance(actor, StaffMember):
        see(actor=actor, notices=list(calls.filter(to=actor)))
    notify(
        actor=actor,
        to=[call.to for call in calls.exclude(to=actor.actor_id).select_related("to") if call.to is not None],
        urgency=Notice.Urgency.FYI,
        title=title,
        link=_page(glass),
        key=f"break-glass {glass.pk} {what}",
    )


def _close(actor: Actor, glass: BreakGlass, *, reason: str = "") -> None:
    """Its end stands in its row, and information security is asked for the review."""
    if glass.grant is None or glass.agreed_at is None or glass.until is None:
        raise TransitionNotAllowed("It was never open.")
    ended = glass.grant.until or clock.now()
    glass.closed_at = max(glass.agreed_at, min(ended, glass.until))
    glass.closed_by = glass.grant.ended_by
    glass.save(update_fields=["closed_at", "closed_by"])
    _record(actor, glass, "closed", reason=reason, ended=glass.closed_at.isoformat())
    part = {glass.asked_by_id, glass.agreed_by_id, glass.person_id}
    notify(
        actor=actor,
        to=[one for one in queries.people_with(Power.SEE_AUDIT) if one.pk not in part],
        urgency=Notice.Urgency.SOON,
        title=f"Review the emergency access of {glass.person.called}",
        body=f"{glass.get_role_display()} over {glass.scope_name}. It is over and waits for its review.",
        link=_page(glass),
        key=f"break-glass {glass.pk} closed",
    )


def _locked(glass: BreakGlass) -> BreakGlass:
    return (
        BreakGlass.objects.select_for_update(of=("self",))
        .select_related(
            "person",
            "asked_by",
            "agreed_by",
            "reviewed_by",
            "grant__ended_by",
            "official_account",
            "neighbourhood",
        )
        .get(pk=glass.pk)
    )


def _waiting(glass: BreakGlass) -> BreakGlass:
    # Locked, so that of two answers at once the second is told.
    glass = _locked(glass)
    if glass.state == "lapsed":
        raise TransitionNotAllowed(LAPSED)
    if glass.state != "waiting":
        raise TransitionNotAllowed("This was answered already.")
    return glass


def _page(glass: BreakGlass) -> str:
    return reverse("accounts:glass", args=[glass.pk])


_EVENTS = {
    "asked": "accounts.break_glass_asked",
    "opened": "accounts.break_glass_opened",
    "refused": "accounts.break_glass_refused",
    "lapsed": "accounts.break_glass_lapsed",
    "closed": "accounts.break_glass_closed",
    "reviewed": "accounts.break_glass_reviewed",
}


def _record(actor: Actor, glass: BreakGlass, what: str, *, reason: str = "", **details) -> None:
    record(
        actor=actor,
        event=_EVENTS[what],
        subject=glass,
        subject_name=glass.person.called,
        official_account_id=glass.official_account_id,
        reason=reason,
        details={"role": glass.get_role_display(), "scope": glass.scope_name, **details},
    )
