"""Rotas and posts: read from a file and shown first, covered with one tap, and looked over for gaps in advance."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import queries as accounts
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from escalation import queries_oncall, shifts
from escalation.models import Post, Rota, RotaImport, Shift
from notices import ways
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power, Role

NIGHT_ENDS = time(7)
"""London time: until when somebody covers who takes "tonight"."""
LONGEST_COVER = timedelta(days=14)
TOLD_AHEAD = timedelta(days=3)
"""A gap that begins within so long is told at once; every gap stands on the page of the rota."""


@action
def add_rota(*, actor: Actor, name: str, what_for: str = "") -> Rota:
    """A rota with nobody on it yet. Raises NotPermitted, NotValid. Audits rota.added."""
    _require(actor)
    name = " ".join(name.split())
    if not name or len(name) > 120:
        raise NotValid("Give it a name of up to 120 characters.", field="name")
    if Rota.objects.filter(name__iexact=name).exists():
        raise NotValid("There is a rota of that name already.", field="name")
    rota = Rota.objects.create(name=name, what_for=" ".join(what_for.split())[:300])
    record(actor=actor, event="rota.added", subject=rota, subject_name=rota.name)
    return rota


@action
def read_file(*, actor: StaffMember, rota: Rota, file_name: str, content: bytes) -> RotaImport:
    """A CSV or iCalendar file is read and compared with who works here; nothing else happens yet.

    Raises NotPermitted, or NotValid where the file is none of both. Audits rota.read.
    """
    _require(actor)
    rows = shifts.plan(shifts.rows_of(content), rota)
    kept = RotaImport.objects.create(
        rota=rota, file_name=file_name[:200], rows=rows, made_at=clock.now(), made_by=actor
    )
    record(
        actor=actor,
        event="rota.read",
        subject=kept,
        subject_name=rota.name,
        details={"rows": len(rows), "refused": sum(bool(row["problem"]) for row in rows)},
    )
    return kept


@action
def apply_file(*, actor: StaffMember, kept: RotaImport) -> int:
    """What was shown stands on the rota. Shifts that it names no more, within its stretch, are withdrawn.

    Covers stay. Shifts that have begun stay until they end. Answers how many shifts are new. Raises
    NotPermitted, NotValid (a row is refused: nothing is changed), TransitionNotAllowed (applied already).
    Audits rota.applied.
    """
    _require(actor)
    kept = RotaImport.objects.select_for_update(of=("self",)).select_related("rota").get(pk=kept.pk)
    Rota.objects.select_for_update().get(pk=kept.rota_id)
    if kept.applied_at is not None:
        raise TransitionNotAllowed("This file has been applied already.")
    rows = shifts.plan(kept.rows, kept.rota)
    if any(row["problem"] for row in rows):
        raise NotValid("Mend the refused rows in the file and read it again. Nothing was changed.")
    if not rows:
        raise NotValid("There is no shift to come in this file. Nothing was changed.")
    wanted = {
        (row["person"], datetime.fromisoformat(row["starts"]), datetime.fromisoformat(row["ends"]))
        for row in rows
    }
    at = clock.now()
    since, until = min(starts for _, starts, _ in wanted), max(ends for _, _, ends in wanted)
    standing = list(
        Shift.objects.select_for_update().filter(
            rota=kept.rota,
            withdrawn_at=None,
            cover=False,
            starts_at__gt=at,
            starts_at__gte=since,
            starts_at__lt=until,
        )
    )
    withdrawn = 0
    for shift in standing:
        key = (shift.person_id, shift.starts_at, shift.ends_at)
        if key in wanted:
            wanted.discard(key)
            continue
        shift.withdrawn_at = at
        shift.save(update_fields=["withdrawn_at"])
        withdrawn += 1
    new = 0
    for person_id, starts, ends in sorted(wanted, key=lambda row: row[1]):
        same = Shift.objects.filter(
            rota=kept.rota, person_id=person_id, starts_at=starts, withdrawn_at=None
        ).first()
        if same is not None:
            same.ends_at = ends
            same.save(update_fields=["ends_at"])
            continue
        Shift.objects.create(
            rota=kept.rota,
            person_id=person_id,
            starts_at=starts,
            ends_at=ends,
            source=kept,
            given_by_name=actor.called,
            given_at=at,
        )
        new += 1
    kept.applied_at, kept.applied_by = at, actor
    kept.save(update_fields=["applied_at", "applied_by"])
    record(
        actor=actor,
        event="rota.applied",
        subject=kept,
        subject_name=kept.rota.name,
        details={"new": new, "withdrawn": withdrawn},
    )
    return new


@action
def cover(*, actor: StaffMember, rota: Rota, person: StaffMember, until: datetime | None = None) -> Shift:
    """Somebody covers the rota from now on: until 7 in the morning, or until when they say.

    People cover for themselves with one tap; for somebody else it needs the right to edit rotas. Whoever
    covered before stops. Raises NotPermitted, NotValid. Audits rota.covered.
    """
    if person.pk != actor.pk:
        _require(actor)
    accounts.require(actor, Power.SEE_CASES)
    if not person.active or not accounts.may(person, Power.ACKNOWLEDGE_CASES):
        raise NotValid(f"{person.called} may not have cases, so they cannot cover.", field="person")
    at = clock.now()
    until = until or end_of_night(at)
    if not at < until <= at + LONGEST_COVER:
        raise NotValid("Choose an end within the next 14 days.", field="until")
    rota = Rota.objects.select_for_update().get(pk=rota.pk)
    for shift in Shift.objects.select_for_update().filter(
        rota=rota, cover=True, withdrawn_at=None, ends_at__gt=at, starts_at__lte=at
    ):
        if shift.starts_at < at:
            shift.ends_at = at
        else:
            shift.withdrawn_at = at
        shift.save(update_fields=["ends_at", "withdrawn_at"])
    try:
        with transaction.atomic():
            made = Shift.objects.create(
                rota=rota,
                person=person,
                starts_at=at,
                ends_at=until,
                cover=True,
                given_by_name=actor.called,
                given_at=at,
            )
    except IntegrityError:
        raise NotValid("A shift of theirs begins at this very moment.", field="person") from None
    record(
        actor=actor,
        event="rota.covered",
        subject=made,
        subject_name=rota.name,
        details={"person": person.called, "until": until.isoformat()},
    )
    if person.pk != actor.pk:
        notify(
            actor=actor,
            to=[person],
            urgency=Notice.Urgency.SOON,
            title=f"You cover {rota.name} until {clock.in_london(until):%H:%M on %-d %B}",
            link=reverse("escalation:rota", args=[rota.pk]),
            key=f"cover {made.pk}",
        )
    return made


@action
def withdraw_shift(*, actor: StaffMember, shift: Shift) -> Shift:
    """A shift or a cover counts no longer from now on. Raises NotPermitted, TransitionNotAllowed. Audits rota.withdrawn."""
    shift = Shift.objects.select_for_update(of=("self",)).select_related("rota", "person").get(pk=shift.pk)
    if not (shift.cover and shift.person_id == actor.pk):
        _require(actor)
    at = clock.now()
    if shift.withdrawn_at is not None or shift.ends_at <= at:
        raise TransitionNotAllowed("This shift is over, or was withdrawn.")
    if shift.starts_at < at:
        shift.ends_at = at
    else:
        shift.withdrawn_at = at
    shift.save(update_fields=["ends_at", "withdrawn_at"])
    record(
        actor=actor,
        event="rota.withdrawn",
        subject=shift,
        subject_name=shift.rota.name,
        details={"person": shift.person.called},
    )
    return shift


@action
def save_post(
    *,
    actor: Actor,
    post: Post | None = None,
    name: str,
    phone: str = "",
    mobile: str = "",
    email: str = "",
    active: bool = True,
) -> Post:
    """A post that is always staffed, with the ways to reach it. Raises NotPermitted, NotValid. Audits post.saved."""
    _require(actor)
    name = " ".join(name.split())
    if not name or len(name) > 120:
        raise NotValid("Give it a name of up to 120 characters.", field="name")
    same = Post.objects.filter(name__iexact=name).first()
    if same is not None and same != post:
        raise NotValid("There is a post of that name already.", field="name")
    for field, number in (("phone", phone), ("mobile", mobile)):
        if number.strip() and not ways.number(number):
            raise NotValid("Write a UK number such as 07700 900123, or one that begins with +.", field=field)
    email = email.strip()
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise NotValid("This is no e-mail address.", field="email") from None
    if not (phone.strip() or mobile.strip() or email):
        raise NotValid("Give it at least one way to be reached.", field="phone")
    found = Post.objects.select_for_update().get(pk=post.pk) if post is not None else Post()
    found.name, found.phone, found.mobile = name, phone.strip(), mobile.strip()
    found.email, found.active = email, active
    found.save()
    record(actor=actor, event="post.saved", subject=found, subject_name=found.name)
    return found


@action
def tell_gaps(*, actor: Actor) -> int:
    """Gaps of the rotas that live pathways call are told to those who edit them, once each, before they come.

    Answers how many people were told. Safe to run twice. Audits notice.given.
    """
    told = 0
    at = clock.now()
    to = accounts.people_with(role=Role.DESK_SUPERVISOR)
    for rota in queries_oncall.needed_rotas():
        for gap in queries_oncall.gaps(rota, since=at, until=at + TOLD_AHEAD):
            # A gap that has begun moves its start with each look: its end names it.
            starts, ends = clock.in_london(gap.starts_at), clock.in_london(gap.ends_at)
            key = f"rota {rota.pk} gap until {gap.ends_at:%Y%m%d%H%M}"
            open_end = gap.ends_at >= at + TOLD_AHEAD
            if open_end:
                key = f"rota {rota.pk} gap from day {starts:%Y%m%d}"
            words = f"from {starts:%H:%M on %-d %B}" + ("" if open_end else f" to {ends:%H:%M on %-d %B}")
            before = Notice.objects.filter(key=key).count()
            notify(
                actor=actor,
                to=to,
                urgency=Notice.Urgency.SOON,
                title=f"Nobody is on call on {rota.name} {words}"[:160],
                body="Its ladders say so and call the next level. Put somebody on it, or cover it.",
                link=reverse("escalation:rota", args=[rota.pk]),
                key=key,
            )
            told += Notice.objects.filter(key=key).count() - before
    return told


def end_of_night(at: datetime) -> datetime:
    """The next 7 in the morning in London."""
    local = clock.in_london(at)
    day = local.date() + timedelta(days=0 if local.time() < NIGHT_ENDS else 1)
    wall = datetime.combine(day, NIGHT_ENDS, tzinfo=clock.LONDON)
    return wall.astimezone(at.tzinfo)


def _require(actor: Actor) -> None:
    if isinstance(actor, StaffMember):
        accounts.require(actor, Power.SET_PATHWAYS)
    elif actor.actor_kind != "system":
        raise NotPermitted("Only a person edits rotas.", power=Power.SET_PATHWAYS.label)
