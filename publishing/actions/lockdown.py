"""The one control: pause posts or stop everything, let a life-saving message pass, and end it by two people.

Starting is one commit and waits for nothing: who is told, and what was under way at that moment, is written down
after it, by whoever locked down and again by a task each second, so that no crash in between loses it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse

from accounts.models import ServiceIdentity
from accounts.queries import people_with, require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from core.typed import reason
from notices.actions import notify
from notices.models import Notice
from publishing import queries, queries_lockdown, stopping
from publishing.actions import outbox, posts, stops
from publishing.models import (
    Delivery,
    Lockdown,
    LockdownException,
    LockdownRelease,
    LockdownStop,
)
from publishing.stopping import FORCE, Scope
from staff.models import StaffMember
from staff.roles import Power

LOCKDOWN = System("lockdown")
CONCERNED = (Power.WRITE_POSTS, Power.APPROVE_POSTS, Power.REPLY, Power.HIDE_COMMENTS)
"""Whoever holds one of these where it reaches is told of it."""
MOST_ASKED_ONE_BY_ONE = 12
"""A scope of more official accounts than this is told to everybody who holds such a power anywhere."""
CAUGHT_AFTER = timedelta(seconds=3)
"""Workers have put back by then what they had taken up: whoever locked down is told the whole list."""


# Starting

WHY_AT_MOST = 400
"""Characters."""
BY_PEOPLE = (
    "A program may stop what goes out, and never lets it go on: two people do that, on the page of the lockdown. "
    "Ask whoever answers for the program."
)
WHY = "Say why, in a few words. Colleagues see it at the top of every page."


@action
def start_lockdown(
    *,
    actor: StaffMember,
    why: str,
    kind: str = Lockdown.Kind.COMPROMISE,
    scope: Scope = FORCE,
    drill: bool = False,
) -> Lockdown:
    """From this commit on nothing that it covers leaves the force, whatever was approved.

    kind: a pause holds posts alone; a lockdown stops posts, replies, hiding, retries, by hand and by the API.
    The outbox reads it in the statement that takes an act up, and again before each request to a platform.
    drill: it is an exercise, marked as one, and holds nothing. Call `note_under_way` after the commit.
    Raises NotPermitted, NotValid (no reason, no such kind), TransitionNotAllowed naming whoever started the same
    one that is in force. Audits lockdown.started.
    """
    require(actor, Power.LOCK_DOWN)
    why = reason(why, WHY, most=WHY_AT_MOST)
    if kind not in Lockdown.Kind.values:
        raise NotValid("Choose between a pause of posts and a lockdown of everything.", field="kind")
    if kind == Lockdown.Kind.PAUSE and scope.what and "posts" not in scope.what:
        raise NotValid("A pause holds posts. To stop anything else, start a lockdown.", field="what")
    now = clock.now()
    try:
        with transaction.atomic():
            lockdown = Lockdown.objects.create(
                kind=kind,
                drill=drill,
                why=why,
                started_by=actor,
                started_at=now,
                scope=scope.key,
                scope_name=scope.in_words,
                official_account_ids=list(scope.official_accounts),
                neighbourhood_ids=list(scope.neighbourhoods),
                team_ids=list(scope.teams),
                kinds=scope.kinds,
                campaign_ids=list(scope.campaigns),
            )
    except IntegrityError:
        live = (
            Lockdown.objects.select_related("started_by")
            .filter(kind=kind, drill=drill, scope=scope.key, lifted_at=None)
            .first()
        )
        who = f"{live.started_by.called} started it at {_hour(live)}" if live else "A colleague started it"
        what = live.a_called.capitalize() if live else "The same"
        raise TransitionNotAllowed(f"{what} over {_reach(scope)} is in force already: {who}.") from None
    _record(actor, "lockdown.started", lockdown, why, {"kind": kind, "exercise": drill})
    return lockdown


@action
def start_after_restore(*, actor: Actor, person: StaffMember, why: str) -> Lockdown:
    """Nothing leaves a restored platform before people have looked: the backup does not know what has gone out since.

    Two people release it as any other; each act then waits for a decision. The one that is in force already stays.
    Audits lockdown.started.
    """
    lockdown, new = Lockdown.objects.get_or_create(
        kind=Lockdown.Kind.COMPROMISE,
        drill=False,
        scope=FORCE.key,
        lifted_at=None,
        defaults={
            "why": f"{why}. What it has as waiting may have gone out since: look at each before it goes."[
                :WHY_AT_MOST
            ],
            "started_by": person,
            "started_at": clock.now(),
            "scope_name": FORCE.in_words,
            "kinds": FORCE.kinds,
        },
    )
    if new:
        _record(actor, "lockdown.started", lockdown, lockdown.why, {"kind": lockdown.kind, "exercise": False})
    return lockdown


@action
def note_under_way(*, actor: Actor = LOCKDOWN, lockdown: Lockdown) -> int:
    """What was being sent when it was committed stands on its page. Answers how many; safe to repeat.

    Called after the commit: whatever was taken up before it is visible then, and whatever is taken up later
    reads it. A message whose request has begun cannot be called back. Audits lockdown.under_way_noted.
    """
    covered = stopping.under(lockdown)
    waiting = covered.filter(state=Delivery.State.SCHEDULED, held_why="")
    if lockdown.kind == Lockdown.Kind.PAUSE:
        waiting = waiting.filter(kind__in=stopping.PAUSED)
    Lockdown.objects.filter(pk=lockdown.pk).update(would_stop=waiting[:1000].count())
    if lockdown.drill:
        return 0
    moving = covered.filter(
        Q(state__in=[Delivery.State.CLAIMED, Delivery.State.SENDING, Delivery.State.UNKNOWN])
        | Q(state=Delivery.State.SENT, sent_at__gte=lockdown.started_at)
    ).filter(Q(opened_at=None) | Q(opened_at__gte=lockdown.started_at - timedelta(minutes=10)))
    rows = [row for row in moving if not row.exceptions.exists()]
    new = stops.note(rows, lockdown, LockdownStop.How.UNDER_WAY)
    if new:
        _record(actor, "lockdown.under_way_noted", lockdown, details={"count": new})
    return new


@action
def tell(*, actor: Actor = LOCKDOWN, lockdown: Lockdown) -> int:
    """Everybody whom it concerns reads what it means, once. Answers how many. Audits lockdown.told, notice.given."""
    row = _locked(lockdown)
    if row.told_at is not None:
        return 0
    people = _people(row)
    notify(
        actor=actor,
        to=people,
        urgency=Notice.Urgency.SOON,
        title=_title(row)[:160],
        body=f"{queries_lockdown.what_it_stops(row)} {row.started_by.called} started it at {_hour(row)}: {row.why}",
        link=reverse("publishing:one_lockdown", args=[row.pk]),
        key=told_key(row),
    )
    row.told_at = clock.now()
    row.people_told = len(people)
    row.save(update_fields=["told_at", "people_told"])
    _record(actor, "lockdown.told", row, details={"people": len(people)})
    return len(people)


@action
def tell_what_was_caught(*, actor: Actor = LOCKDOWN, lockdown: Lockdown) -> bool:
    """Whoever locked down reads which acts were in between: stopped before they left, or gone. Once.

    Audits notice.given where there were any, and lockdown.under_way_noted.
    """
    note_under_way(actor=actor, lockdown=lockdown)
    row = _locked(lockdown)
    if row.caught_noted_at is not None:
        return False
    row.caught_noted_at = clock.now()
    row.save(update_fields=["caught_noted_at"])
    between = queries_lockdown.stops_between(row)
    if not between or row.drill:
        return False
    caught = sum(one.how == LockdownStop.How.CAUGHT for one in between)
    lines = "; ".join(
        f"{one.delivery.get_kind_display()} on {one.delivery.official_account.name}: "
        f"{queries_lockdown.outcome_between(one).lower()}"
        for one in between[:8]
    )
    more = f"; and {len(between) - 8} more" if len(between) > 8 else ""
    notify(
        actor=actor,
        to=[_answers_for(row.started_by)],
        urgency=Notice.Urgency.SOON,
        title=f"In between when you started the {row.called}: {caught} stopped, {len(between) - caught} under way",
        body=f"{lines}{more}."[:600],
        link=reverse("publishing:one_lockdown", args=[row.pk]),
        key=f"lockdown:{row.pk}:between",
    )
    return True


# Letting something pass


@action
def let_pass(*, actor: StaffMember, lockdown: Lockdown, delivery: Delivery, why: str) -> Delivery:
    """One act goes out although a lockdown covers it, because somebody's life may depend on it.

    It is named: this act with these words and no other; an edit of its post ends it. Everything else that
    allowed it is read again when it is sent. A post is let pass by somebody who has written none of it.
    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (it does not wait; the lockdown is over).
    Audits lockdown.exception_allowed, and delivery.released where it had been held.
    """
    _by_a_person(actor)
    require(actor, Power.LOCK_DOWN)
    why = reason(
        why,
        "Say whose life may depend on it, in a few words. It is kept with the lockdown.",
        most=WHY_AT_MOST,
    )
    row = outbox.locked_with_post(delivery)
    live = _locked(lockdown)
    if live.lifted_at is not None or live.drill:
        raise TransitionNotAllowed("This is over, so nothing has to be let pass. Reload the page.")
    if row.state != Delivery.State.SCHEDULED or stopping.over(row, _only(live)) is None:
        raise TransitionNotAllowed(
            "This does not wait under it any more. Reload the page to see where it stands."
        )
    writers = queries.writer_ids(row.variant.post) if row.variant is not None else set()
    if row.kind == Delivery.Kind.POST and actor.pk in {row.author_id, *writers}:
        raise NotPermitted("You have written some of this, so a colleague who may lock down lets it pass.")
    what = row.variant.post.title if row.variant is not None else row.get_kind_display()
    LockdownException.objects.create(
        lockdown=live,
        delivery=row,
        what=f"{what}, on {row.official_account.name}"[:300],
        why=why,
        allowed_by=actor,
        allowed_at=clock.now(),
    )
    if row.held_why and stops.open_of(row) and stopping.over_now(row) is None:
        outbox.release(actor=actor, delivery=row, why=why)
    elif not row.held_why and row.due_at <= clock.now():
        # It was due meanwhile: let pass, it is on time from now on.
        row.due_at = clock.now()
        row.cut_off_at = row.due_at + outbox.CUT_OFF[row.kind] if row.kind in outbox.CUT_OFF else None
        row.save(update_fields=["due_at", "cut_off_at"])
    record(
        actor=actor,
        event="lockdown.exception_allowed",
        subject=live,
        subject_name=_name(live),
        official_account_id=row.official_account_id,
        reason=why,
        details={"what": row.get_kind_display(), "delivery": row.pk, "on": row.official_account.name},
    )
    return row


# Ending


@action
def ask_release(*, actor: StaffMember, lockdown: Lockdown, why: str) -> LockdownRelease:
    """One of two asks that it ends; whoever else may lock down is told, and one of them confirms it.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (it is over, or somebody has asked).
    Audits lockdown.release_asked.
    """
    _by_a_person(actor)
    require(actor, Power.LOCK_DOWN)
    row = _live(lockdown)
    why = reason(
        why, "Say why it can end, in a few words, so that a colleague can judge it.", most=WHY_AT_MOST
    )
    asked = LockdownRelease.objects.filter(lockdown=row, decided_at=None).select_related("asked_by").first()
    if asked is not None:
        raise TransitionNotAllowed(
            f"{asked.asked_by.called} has asked for it already. Somebody else than {asked.asked_by.called} confirms it."
        )
    release = LockdownRelease.objects.create(lockdown=row, asked_by=actor, asked_at=clock.now(), why=why)
    notify(
        actor=actor,
        to=[person for person in people_with(Power.LOCK_DOWN) if person.pk != actor.pk],
        urgency=Notice.Urgency.SOON,
        title=f"{'Exercise: ' if row.drill else ''}{actor.called} asks to end the {row.called}"[:160],
        body=f"Over {row.reach}. Why: {why} A second person confirms it or says no.",
        link=reverse("publishing:one_lockdown", args=[row.pk]),
        key=f"lockdown:{row.pk}:release:{release.pk}",
    )
    _record(actor, "lockdown.release_asked", row, why)
    return release


@action
def confirm_release(*, actor: StaffMember, release: LockdownRelease) -> Lockdown:
    """The second person ends it. What it kept back waits for people, one by one; nothing goes out by itself.

    Raises NotPermitted (whoever asked cannot confirm), TransitionNotAllowed, ChangedSinceSeen (decided already).
    Audits lockdown.lifted, and delivery.held for each delivery.
    """
    _by_a_person(actor)
    require(actor, Power.LOCK_DOWN)
    asked, row = _asked(release)
    if asked.asked_by_id == actor.pk:
        raise NotPermitted("You asked for it, so a second person who may lock down confirms it.")
    asked.decided_by, asked.decided_at, asked.confirmed = actor, clock.now(), True
    asked.save(update_fields=["decided_by", "decided_at", "confirmed"])
    return _end(actor, row, asked.why, details={"asked_by": asked.asked_by.called})


@action
def decline_release(*, actor: StaffMember, release: LockdownRelease, why: str = "") -> LockdownRelease:
    """It goes on: a second person says no, or whoever asked takes it back.

    Raises NotPermitted, NotValid (a no without a reason), TransitionNotAllowed, ChangedSinceSeen.
    Audits lockdown.release_declined.
    """
    _by_a_person(actor)
    require(actor, Power.LOCK_DOWN)
    asked, row = _asked(release)
    back = asked.asked_by_id == actor.pk
    why = (
        "Taken back"
        if back and not why.strip()
        else reason(why, "Say why it goes on, in a few words.", most=WHY_AT_MOST)
    )
    asked.decided_by, asked.decided_at, asked.decided_why = actor, clock.now(), why
    asked.save(update_fields=["decided_by", "decided_at", "decided_why"])
    if not back:
        notify(
            actor=actor,
            to=[asked.asked_by],
            urgency=Notice.Urgency.SOON,
            title=f"The {row.called} goes on: {actor.called} said no"[:160],
            body=why,
            link=reverse("publishing:one_lockdown", args=[row.pk]),
            key=f"lockdown:{row.pk}:declined:{asked.pk}",
        )
    _record(actor, "lockdown.release_declined", row, why)
    return asked


@action
def release_pause(*, actor: StaffMember, lockdown: Lockdown, why: str, manager_name: str) -> Lockdown:
    """One person on call ends a pause alone, and names the force incident manager who agreed.

    Raises NotPermitted, NotValid (no reason, no name, their own name), TransitionNotAllowed (it is over, or it
    is a compromise lockdown, which two people end). Audits lockdown.lifted.
    """
    _by_a_person(actor)
    require(actor, Power.LOCK_DOWN)
    row = _live(lockdown)
    if row.kind != Lockdown.Kind.PAUSE:
        raise TransitionNotAllowed(
            "Two people end a lockdown after a compromise: ask for it, and a colleague confirms. "
            "A name is enough for a pause alone."
        )
    why = reason(why, "Say why it can end, in a few words.", most=WHY_AT_MOST)
    manager = " ".join(manager_name.split())
    if not manager:
        raise NotValid("Name the force incident manager who agreed.", field="manager_name")
    if len(manager) > 120:
        raise NotValid("Give the name in at most 120 characters.", field="manager_name")
    if manager.casefold() in {actor.name.casefold(), actor.called.casefold()}:
        raise NotValid(
            "This is your own name. Name the force incident manager, or ask a colleague to confirm.",
            field="manager_name",
        )
    row.manager_name = manager
    return _end(actor, row, why, details={"force_incident_manager": manager})


@action
def end_drill(*, actor: StaffMember, lockdown: Lockdown, why: str) -> Lockdown:
    """An exercise is over; nothing was held. Raises NotPermitted, NotValid, TransitionNotAllowed. Audits lockdown.lifted."""
    _by_a_person(actor)
    require(actor, Power.LOCK_DOWN)
    row = _live(lockdown)
    if not row.drill:
        raise TransitionNotAllowed("This is no exercise, so it ends by release.")
    return _end(actor, row, reason(why, "Say how the exercise went, in a few words.", most=WHY_AT_MOST))


@action
def tell_end(*, actor: Actor = LOCKDOWN, lockdown: Lockdown) -> int:
    """Whoever was told that it began is told that it is over. Audits notice.given."""
    row = _locked(lockdown)
    if row.lifted_at is None or row.lift_told_at is not None or row.lifted_by is None:
        return 0
    told = StaffMember.objects.filter(notices__key=told_key(row)).distinct()
    kept = LockdownStop.objects.filter(lockdown=row, decision="").exclude(how=LockdownStop.How.UNDER_WAY)
    count = kept.count()
    waits = (
        f" {count} kept back wait to be looked at, one by one; none goes out by itself."
        if count
        else " Nothing was kept back."
    )
    notify(
        actor=actor,
        to=list(told),
        urgency=Notice.Urgency.SOON,
        title=f"{'Exercise over' if row.drill else 'Over'}: {row.called} over {row.reach}"[:160],
        body=f"{row.lifted_by.called} ended it at {clock.in_london(row.lifted_at):%H:%M}."
        + ("" if row.drill else waits),
        link=reverse("publishing:one_lockdown", args=[row.pk]),
        key=f"lockdown:{row.pk}:over",
    )
    row.lift_told_at = clock.now()
    row.save(update_fields=["lift_told_at"])
    return len(told)


# What it kept back, one by one


@action
def decide_stop(
    *,
    actor: StaffMember,
    stop: LockdownStop,
    decision: str,
    due_at: datetime | None = None,
    why: str = "",
) -> LockdownStop:
    """A person looks at one act that was kept back: it goes out (now or at a new time), back to a draft, or never.

    A post is sent by somebody who has written none of it; its writers may take it back or drop it.
    Back to a draft concerns the whole post, on every official account.
    Raises NotPermitted, NotValid (no reason for dropping; a time that has passed), ChangedSinceSeen (a colleague
    has decided), TransitionNotAllowed (a lockdown still covers it; only posts go back to a draft).
    Audits delivery.released, delivery.withdrawn or post.returned.
    """
    row = outbox.locked_with_post(stop.delivery)
    kept = LockdownStop.objects.select_related("lockdown", "decided_by").get(pk=stop.pk)
    if kept.decision or not row.held_why or row.state != Delivery.State.SCHEDULED:
        who = f"{kept.decided_by.called} decided: " if kept.decided_by else "It is "
        is_now = kept.get_decision_display().lower() if kept.decision else row.get_state_display().lower()
        raise ChangedSinceSeen(f"This has been decided meanwhile. {who}{is_now}.")
    if decision == LockdownStop.Decision.SEND:
        outbox.release(actor=actor, delivery=row, due_at=due_at, why=why.strip()[:300])
        if due_at is not None and row.variant is not None and row.kind == Delivery.Kind.POST:
            posts.note_new_time(actor=actor, post=row.variant.post, publish_at=due_at)
    elif decision == LockdownStop.Decision.DROP:
        outbox.withdraw(actor=actor, delivery=row, why=why)
    elif decision == LockdownStop.Decision.DRAFT:
        if row.variant is None or row.kind != Delivery.Kind.POST:
            raise TransitionNotAllowed("Only a post can be a draft again. Send it, or drop it.")
        posts.take_back_to_draft(
            actor=actor, post=row.variant.post, why=why.strip() or "Kept back by a lockdown, to be looked at"
        )
    else:
        raise NotValid("Choose what becomes of it.", field="decision")
    kept.refresh_from_db()
    return kept


# What the actions share


def told_key(lockdown: Lockdown) -> str:
    """Under which people are told that it began."""
    return f"lockdown:{lockdown.pk}:told"


def _end(
    actor: StaffMember, row: Lockdown, why: str, *, details: dict[str, object] | None = None
) -> Lockdown:
    held = 0 if row.drill else outbox.hold_what_waited(actor=actor, lockdown=row)
    row.lifted_by, row.lifted_at, row.lifted_why = actor, clock.now(), why
    row.save(update_fields=["lifted_by", "lifted_at", "lifted_why", "manager_name"])
    LockdownRelease.objects.filter(lockdown=row, decided_at=None).update(
        decided_by=actor, decided_at=row.lifted_at, decided_why="It ended in another way"
    )
    _record(actor, "lockdown.lifted", row, why, {"held": held, **(details or {})})
    return row


def _asked(release: LockdownRelease) -> tuple[LockdownRelease, Lockdown]:
    row = _live(Lockdown.objects.get(pk=release.lockdown_id))
    asked = LockdownRelease.objects.select_related("asked_by").get(pk=release.pk)
    if asked.decided_at is not None:
        raise ChangedSinceSeen("This has been decided meanwhile. Reload the page to see where it stands.")
    return asked, row


def _live(lockdown: Lockdown) -> Lockdown:
    row = _locked(lockdown)
    if row.lifted_at is not None:
        raise TransitionNotAllowed(
            f"This {row.called} is over: {row.lifted_by.called if row.lifted_by else 'somebody'} ended it at "
            f"{clock.in_london(row.lifted_at):%H:%M}. Reload the page to see where things stand."
        )
    return row


def _locked(lockdown: Lockdown) -> Lockdown:
    return (
        Lockdown.objects.select_for_update(of=("self",))
        .select_related("started_by", "lifted_by")
        .get(pk=lockdown.pk)
    )


def _only(lockdown: Lockdown):
    return Lockdown.objects.filter(pk=lockdown.pk)


def _people(lockdown: Lockdown) -> list[StaffMember]:
    accounts = list(stopping.accounts_in(lockdown).values_list("pk", flat=True)[: MOST_ASKED_ONE_BY_ONE + 1])
    scoped = bool(lockdown.official_account_ids or lockdown.neighbourhood_ids or lockdown.team_ids)
    places: list[int | None] = list(accounts) if scoped and len(accounts) <= MOST_ASKED_ONE_BY_ONE else [None]
    found = {person.pk: person for person in people_with(Power.LOCK_DOWN)}
    for place in places:
        for power in CONCERNED:
            found |= {person.pk: person for person in people_with(power, official_account_id=place)}
    return list(found.values())


def _title(row: Lockdown) -> str:
    if row.drill:
        return f"Exercise: {Lockdown.Kind(row.kind).label.lower()} over {row.reach}. Nothing is held."
    what = "Posts are paused" if row.kind == Lockdown.Kind.PAUSE else "Nothing goes out"
    return f"{what}: {row.called} over {row.reach}"


def _name(row: Lockdown) -> str:
    return f"{row.called} over {row.reach}"[:300]


def _by_a_person(actor: StaffMember) -> None:
    if actor.kind != StaffMember.Kind.PERSON:
        raise NotPermitted(BY_PEOPLE)


def _answers_for(starter: StaffMember) -> StaffMember:
    """Whoever started it; for a program, the person who answers for it."""
    service = ServiceIdentity.objects.select_related("owner").filter(member=starter).first()
    return service.owner if service is not None else starter


def _reach(scope: Scope) -> str:
    return scope.in_words or "the whole force"


def _record(
    actor: Actor, event: str, row: Lockdown, why: str = "", details: dict[str, object] | None = None
) -> None:
    record(
        actor=actor,
        event=event,
        subject=row,
        subject_name=_name(row),
        reason=why,
        details=dict(details or {}),
    )


def _hour(lockdown: Lockdown) -> str:
    london = clock.in_london(lockdown.started_at)
    return f"{london:%H:%M} on {london.day} {london:%B}"
