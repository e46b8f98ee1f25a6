"""Accounts that pretend to be the force: reported by anybody, followed by staff until they are gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import impostors as queries
from accounts import lookalikes
from accounts.models import Impostor, ImpostorStep, OfficialAccount
from accounts.queries import people_with, require
from accounts.searching import key_of
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, Stranger
from core.errors import NotValid, TooMany
from notices.actions import notify
from notices.models import Notice
from platforms import registry
from staff.models import StaffMember
from staff.roles import Power

MOST_PER_HOUR = 5
CHASE_AFTER = timedelta(days=3)
MOST_IN_A_LIST = 500
State = Impostor.State


@action
def report_publicly(*, actor: Stranger, what: str, words: str, source_key: str) -> Impostor:
    """Somebody of the public says that an account pretends to be us. Nothing of theirs is kept.

    what: its handle, or the link of its page. source_key: a keyed hash of where the report came from.
    Raises NotValid (nothing to go by, one of ours), TooMany (five from one source in an hour).
    Audits impostor.reported.
    """
    now = clock.now()
    recent = Impostor.objects.filter(source_key=source_key, found_at__gt=now - timedelta(hours=1))
    if recent.count() >= MOST_PER_HOUR:
        raise TooMany(
            f"{MOST_PER_HOUR} reports came from where you are within the last hour. Try again in an hour."
        )
    asked = lookalikes.read(what)
    if not asked.handle:
        raise NotValid("Give the handle of the account, or copy the link of its page.", field="what")
    return _found(
        actor,
        asked,
        found_by=Impostor.Found.PUBLIC,
        words=words,
        url=what.strip() if asked.link else "",
        source_key=source_key,
    )


@action
def notice(*, actor: StaffMember, what: str, platform: str = "", name: str = "", words: str = "") -> Impostor:
    """A member of staff has seen an account that pretends to be us.

    Raises NotPermitted, NotValid (nothing to go by, one of ours). Audits impostor.reported.
    """
    require(actor, Power.SEE_REGISTER)
    asked = lookalikes.read(what)
    if not asked.handle:
        raise NotValid("Give its handle, or the link of its page.", field="what")
    if platform and platform not in registry.NAMES:
        raise NotValid("Choose a platform of the list.", field="platform")
    return _found(
        actor,
        lookalikes.Asked(asked.handle, asked.platform or platform, asked.link),
        found_by=Impostor.Found.STAFF,
        words=words,
        name=name,
        url=what.strip() if asked.link else "",
    )


@action
def note_found(
    *,
    actor: Actor,
    platform: str,
    handle: str,
    name: str,
    url: str,
    alike: OfficialAccount | None,
    why: str,
    picture_differs: int | None,
    known_key: str,
) -> Impostor:
    """A search of the platform showed an account that claims to be the force.

    Raises IntegrityError where it is known by its key or by its handle: noted, dismissed, or left by the platform.
    Audits impostor.reported.
    """
    row = Impostor(
        platform=platform,
        handle=handle[:120],
        name=" ".join(name.split())[:120],
        url=url[:300],
        found_by=Impostor.Found.SEARCH,
        alike=alike,
        alike_why=why[:300],
        picture_differs=picture_differs,
        known_key=known_key,
        found_at=clock.now(),
    )
    row.save(force_insert=True)
    _step(actor, row, "found", "")
    _note(actor, row, "impostor.reported", how=row.get_found_by_display().lower())
    _tell(actor, row, why)
    return row


@dataclass(frozen=True)
class Looked:
    """What a list came to: how many lines were compared, and those that look like us."""

    lines: int
    found: list[Impostor]


@action
def look_through(*, actor: StaffMember, platform: str, lines: str) -> Looked:
    """A list of handles, one a line, is compared with ours; those that look like ours are noted. No other is kept.

    Raises NotPermitted, NotValid (no platform, no line, more than 500). Audits impostor.list_read.
    """
    queries.require_follower(actor)
    if platform not in registry.NAMES or platform == "exercise":
        raise NotValid("Choose the platform that the list is of.", field="platform")
    handles = [line.strip() for line in lines.splitlines() if line.strip()]
    if not handles:
        raise NotValid("Paste one handle a line.", field="lines")
    if len(handles) > MOST_IN_A_LIST:
        raise NotValid(f"Paste at most {MOST_IN_A_LIST} lines at once.", field="lines")
    found = []
    for line in dict.fromkeys(handles):
        asked = lookalikes.read(line)
        _, why = queries.closest(asked.handle, "", platform) if asked.handle else (None, "")
        if not why or why == "ours" or _standing(platform, asked.handle):
            continue
        given = lookalikes.Asked(asked.handle, platform, asked.link)
        found.append(
            _found(actor, given, found_by=Impostor.Found.LIST, words="", url=line if asked.link else "")
        )
    record(
        actor=actor,
        event="impostor.list_read",
        subject_name=registry.NAMES[platform],
        details={"lines": len(handles), "found": len(found)},
    )
    return Looked(len(handles), found)


def _standing(platform: str, handle: str) -> bool:
    return (
        Impostor.objects.filter(platform=platform, handle__iexact=handle)
        .exclude(state__in=[State.TAKEN_DOWN])
        .exists()
    )


def _found(
    actor: Actor,
    asked: lookalikes.Asked,
    *,
    found_by: str,
    words: str,
    name: str = "",
    url: str = "",
    source_key: str = "",
) -> Impostor:
    platform = asked.platform or "manual"
    account, why = queries.closest(asked.handle, name, platform)
    if why == "ours":
        assert account is not None
        raise NotValid(
            f"@{account.handle} on {registry.NAMES[account.platform]} is an official account of ours.",
            field="what",
        )
    now = clock.now()
    row = Impostor(
        platform=platform,
        handle=asked.handle[:120],
        name=" ".join(name.split())[:120],
        url=url[:300] if url.startswith(("https://", "http://")) else "",
        found_by=found_by,
        words=words.strip()[:1000],
        alike=account,
        alike_why=why[:300],
        source_key=source_key,
        found_at=now,
        noticed_by=actor if isinstance(actor, StaffMember) else None,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # It is known: one more has seen it.
        row = Impostor.objects.select_for_update().get(
            platform=platform, handle__iexact=row.handle, state__in=Impostor.OPEN
        )
        row.reports += 1
        row.save(update_fields=["reports"])
        _note(actor, row, "impostor.reported", how=row.get_found_by_display().lower())
        return row
    _step(actor, row, "found", row.words)
    _note(actor, row, "impostor.reported", how=row.get_found_by_display().lower())
    if found_by != Impostor.Found.LIST:
        _tell(actor, row, why or "Look at it and decide.")
    return row


@action
def confirm(*, actor: StaffMember, impostor: Impostor, words: str, name: str = "") -> Impostor:
    """It claims to be the force: what its page shows is written down, and the public check warns of it.

    Raises NotPermitted, NotValid (nothing written down), TransitionNotAllowed. Audits impostor.confirmed.
    """
    row = _taken(actor, impostor, "confirm")
    row.snapshot = _required(words, "Write down what its page shows: name, picture, words, when.", 2000)
    if name.strip():
        row.name = " ".join(name.split())[:120]
    _move(row, "confirm", ["snapshot", "name"])
    _step(actor, row, "confirm", row.snapshot[:1000])
    _note(actor, row, "impostor.confirmed")
    return row


@action
def dismiss(*, actor: StaffMember, impostor: Impostor, words: str) -> Impostor:
    """It does not claim to be the force: its handle, name, address and all words about it are forgotten.

    The reason names nobody. Raises NotPermitted, NotValid, TransitionNotAllowed. Audits impostor.dismissed.
    """
    row = _taken(actor, impostor, "dismiss")
    words = _required(words, "Say why, without naming anybody: it is all that is kept.", 300)
    key = key_of(row.platform, row.handle) if row.handle else ""
    if key and not Impostor.objects.filter(platform=row.platform, known_key=key).exclude(pk=row.pk).exists():
        row.known_key = key  # so that no search brings it up again
    row.handle = row.name = row.url = row.words = row.snapshot = row.alike_why = ""
    row.alike = None
    row.ended_at = clock.now()
    _move(
        row,
        "dismiss",
        ["known_key", "handle", "name", "url", "words", "snapshot", "alike_why", "alike", "ended_at"],
    )
    row.steps.exclude(words="").update(words="")
    _step(actor, row, "dismiss", words)
    _note(actor, row, "impostor.dismissed", words)
    return row


@action
def report_to_platform(
    *, actor: StaffMember, impostor: Impostor, words: str, reference: str = "", chase_on: date | None = None
) -> Impostor:
    """The platform was told; it is asked again in three days unless another day is given.

    words: how it was told. Raises NotPermitted, NotValid (no words, a day that has passed),
    TransitionNotAllowed. Audits impostor.reported_to_platform.
    """
    row = _taken(actor, impostor, "report")
    words = _required(words, "Say how the platform was told.", 1000)
    row.reference = " ".join(reference.split())[:120]
    row.reported_at = row.reported_at or clock.now()
    row.chase_on = _day(chase_on)
    row.ended_at = None
    _move(row, "report", ["reference", "reported_at", "chase_on", "ended_at"])
    _step(actor, row, "report", words)
    _note(actor, row, "impostor.reported_to_platform", reference=row.reference)
    return row


@action
def chase(*, actor: StaffMember, impostor: Impostor, words: str, chase_on: date | None = None) -> Impostor:
    """The platform was asked again. Raises NotPermitted, NotValid, TransitionNotAllowed. Audits impostor.chased."""
    row = _taken(actor, impostor, "chase")
    words = _required(words, "Say how the platform was asked again, and what it said.", 1000)
    row.chase_on = _day(chase_on)
    _move(row, "chase", ["chase_on"])
    _step(actor, row, "chase", words)
    _note(actor, row, "impostor.chased")
    return row


@action
def take_down(*, actor: StaffMember, impostor: Impostor, words: str) -> Impostor:
    """It is gone from the platform: somebody looked. Audits impostor.taken_down with the hours that it took.

    Raises NotPermitted, NotValid, TransitionNotAllowed.
    """
    row = _taken(actor, impostor, "take_down")
    words = _required(words, "Say how you know that it is gone.", 1000)
    row.ended_at, row.chase_on = clock.now(), None
    _move(row, "take_down", ["ended_at", "chase_on"])
    _step(actor, row, "take_down", words)
    hours = round((row.ended_at - row.found_at).total_seconds() / 3600, 1)
    _note(actor, row, "impostor.taken_down", hours=hours)
    return row


@action
def leave(*, actor: StaffMember, impostor: Impostor, words: str) -> Impostor:
    """The platform leaves it where it is: the public check goes on warning of it. Audits impostor.left.

    Raises NotPermitted, NotValid, TransitionNotAllowed.
    """
    row = _taken(actor, impostor, "leave")
    words = _required(words, "Say what the platform answered.", 1000)
    row.ended_at, row.chase_on = clock.now(), None
    _move(row, "leave", ["ended_at", "chase_on"])
    _step(actor, row, "leave", words)
    _note(actor, row, "impostor.left")
    return row


@action
def warn(*, actor: StaffMember, impostor: Impostor, words: str) -> Impostor:
    """The public was warned of it: where, in words. Audits impostor.warned.

    Raises NotPermitted, NotValid, TransitionNotAllowed.
    """
    row = _taken(actor, impostor, "warn")
    words = _required(words, "Say where the public was warned.", 1000)
    row.warned_at = clock.now()
    _move(row, "warn", ["warned_at"])
    _step(actor, row, "warn", words)
    _note(actor, row, "impostor.warned")
    return row


def _taken(actor: StaffMember, impostor: Impostor, event: str) -> Impostor:
    queries.require_follower(actor)
    row = Impostor.objects.select_for_update().get(pk=impostor.pk)
    queries.COURSE.next(row.state, event)
    return row


def _move(row: Impostor, event: str, fields: list[str]) -> None:
    row.state = State(queries.COURSE.next(row.state, event))
    row.save(update_fields=["state", *fields])


def _step(actor: Actor, row: Impostor, event: str, words: str) -> None:
    ImpostorStep.objects.create(
        impostor=row,
        event=event,
        words=words[:1000],
        by=actor if isinstance(actor, StaffMember) else None,
        at=clock.now(),
    )


def _required(words: str, sentence: str, longest: int) -> str:
    words = words.strip()
    if not words:
        raise NotValid(sentence, field="words")
    if len(words) > longest:
        raise NotValid(f"That is longer than {longest:,} characters.", field="words")
    return words


def _day(chosen: date | None) -> date:
    if chosen is not None and chosen <= clock.today():
        raise NotValid("Choose a day to come.", field="chase_on")
    return chosen or clock.today() + CHASE_AFTER


def _note(actor: Actor, row: Impostor, event: str, reason: str = "", **details: object) -> None:
    # The trail outlives what is dismissed, so it names the report and not the account.
    record(
        actor=actor,
        event=event,
        subject=row,
        subject_name=f"report {row.pk}",
        official_account_id=row.alike_id,
        reason=reason[:500],
        details={"platform": row.platform, **details},
    )


def _tell(actor: Actor, row: Impostor, body: str) -> None:
    # What is told stands in the trail too, so that it names no handle either.
    to = {person.pk: person for power in queries.POWERS for person in people_with(power)}
    notify(
        actor=actor,
        to=[person for person in to.values() if person.pk != actor.actor_id],
        urgency=Notice.Urgency.FYI,
        title="Does an account pretend to be us?",
        body=body,
        link=reverse("accounts:impostor", args=[row.pk]),
        key=f"impostor {row.pk}",
    )
