"""Holds: what they cover stays, whatever its period says, until two people lift them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import connection

from accounts.models import OfficialAccount
from accounts.queries import may, require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotPermitted, NotValid, Refused, TransitionNotAllowed
from retention import manifests, registry, sql
from retention.models import Hold
from staff.models import StaffMember
from staff.roles import Power

LONGEST_WORDS = 200
KIND_OF_SUBJECT = {
    Hold.Kind.CASE: "escalation.case",
    Hold.Kind.COMMENTER: "moderation.commenter",
    Hold.Kind.ACCOUNT: "accounts.officialaccount",
}
"""What the number of a hold is the number of, by its kind; of one record, whatever kind was chosen."""


class AlreadyHeld(Refused):
    """The very same hold is in force, for the same reason. Show it: `hold`."""

    def __init__(self, hold: Hold) -> None:
        super().__init__(
            f"{hold.subject_name} is held already, by {hold.placed_by.called} since "
            f"{clock.in_london(hold.placed_at):%d %B %Y}: {hold.why}"
        )
        self.hold = hold


@dataclass(frozen=True)
class Covers:
    """What a hold covers. Which of the fields count follows from the kind."""

    kind: str = Hold.Kind.RECORD
    subject_type: str = ""
    subject_id: int | None = None
    official_account: OfficialAccount | None = None
    first_day: date | None = None
    last_day: date | None = None
    words: str = ""


@action
def place_hold(
    *,
    actor: StaffMember,
    reason: str,
    review_on: date,
    covers: Covers | None = None,
    subject_type: str = "",
    subject_id: int | None = None,
    for_what: str = Hold.Reason.OTHER,
    reference: str = "",
    owner: StaffMember | None = None,
) -> Hold:
    """Keep what it covers from disposal, also what comes later, until two people lift it.

    Source: FOIA s.77 (an open request must place one); force retention policy, holds section.
    covers: what; or, for one record, its model label and number alone. review_on: London calendar date, later
    than today. Disposal is kept out while it is placed, and a single record is locked as well: a disposal at
    the same moment either has taken it (NotFound) or will see the hold.
    Raises NotPermitted, NotFound, NotValid, or AlreadyHeld (show the existing hold). Audits hold.placed.
    """
    require(actor, Power.PLACE_HOLDS)
    return _place(
        actor,
        covers or Covers(subject_type=subject_type, subject_id=subject_id),
        reason=reason,
        review_on=review_on,
        for_what=for_what,
        reference=reference,
        owner=owner,
    )


@action
def place_for_request(
    *, actor: StaffMember, covers: Covers, reason: str, review_on: date, for_what: str, reference: str
) -> Hold:
    """An open request keeps the records of whom it is about, whoever took it in: the law places the hold.

    Source: FOIA s.77, DPA 2018 s.173. The same hold for the same request is placed once.
    Raises NotFound, NotValid. Audits hold.placed.
    """
    try:
        return _place(
            actor,
            covers,
            reason=reason,
            review_on=review_on,
            for_what=for_what,
            reference=reference,
            owner=None,
        )
    except AlreadyHeld as standing:
        return standing.hold


def _place(
    actor: StaffMember,
    covers: Covers,
    *,
    reason: str,
    review_on: date,
    for_what: str,
    reference: str,
    owner: StaffMember | None,
) -> Hold:
    _check(reason, review_on)
    if for_what not in Hold.Reason:
        raise NotValid("Choose what it is for.", field="for_what")
    keep_disposal_out()
    what = _COVERS[covers.kind](covers) if covers.kind in _COVERS else _nothing(covers)
    standing = (
        Hold.objects.select_related("placed_by")
        .filter(
            kind=what["kind"],
            subject_type=what["subject_type"],
            subject_id=what["subject_id"],
            reason=for_what,
            reference=reference.strip()[:60],
            lifted_at=None,
            subject_id__isnull=False,
        )
        .first()
    )
    if standing is not None:
        raise AlreadyHeld(standing)
    hold = Hold.objects.create(
        **what,
        reason=for_what,
        reference=reference.strip()[:60],
        why=reason.strip(),
        review_on=review_on,
        owner=owner or actor,
        placed_by=actor,
        placed_at=clock.now(),
    )
    record(
        actor=actor,
        event="hold.placed",
        subject=hold,
        subject_name=hold.subject_name,
        reason=hold.why,
        details={"hold": hold.pk, "kind": hold.kind, "for": hold.reason, "review_on": review_on.isoformat()},
        manifest=manifests.of_row(hold),
    )
    return hold


@action
def review_hold(*, actor: StaffMember, hold: Hold, reason: str, review_on: date) -> Hold:
    """The hold was looked at and stays, until a later date of review. Whoever asked to lift it is answered by that.

    Raises NotPermitted, NotValid, TransitionNotAllowed (lifted). Audits hold.reviewed.
    """
    hold = _live(actor, hold)
    _check(reason, review_on)
    was, hold.review_on = hold.review_on, review_on
    hold.lift_asked_by, hold.lift_asked_at, hold.lifted_why = None, None, ""
    hold.save(update_fields=["review_on", "lift_asked_by", "lift_asked_at", "lifted_why"])
    _record(actor, "hold.reviewed", hold, reason, was=was.isoformat(), review_on=review_on.isoformat())
    return hold


@action
def ask_to_lift(*, actor: StaffMember, hold: Hold, reason: str) -> Hold:
    """Somebody says that the hold is no longer needed. It stands until a second person lifts it.

    Raises NotPermitted (neither who placed or answers for it nor a records manager), NotValid (no reason),
    TransitionNotAllowed (lifted or asked already). Audits hold.lift_asked.
    """
    hold = _live(actor, hold)
    if not reason.strip():
        raise NotValid("Say why it is no longer needed.", field="reason")
    if hold.lift_asked_by is not None:
        raise TransitionNotAllowed(
            f"{hold.lift_asked_by.called} has asked already that it is lifted. Somebody else lifts it or keeps it."
        )
    hold.lift_asked_by, hold.lift_asked_at = actor, clock.now()
    hold.lifted_why = reason.strip()[:400]
    hold.save(update_fields=["lift_asked_by", "lift_asked_at", "lifted_why"])
    _record(actor, "hold.lift_asked", hold, reason)
    return hold


@action
def lift_hold(*, actor: StaffMember, hold: Hold) -> Hold:
    """What it covered follows its period again: if that is over, the next proposal names it.

    Raises NotPermitted (not the second person: whoever asked, or nobody of records management or who may place
    holds), TransitionNotAllowed (lifted already, or nobody asked). Audits hold.lifted.
    """
    if not (may(actor, Power.MANAGE_RETENTION) or may(actor, Power.PLACE_HOLDS)):
        require(actor, Power.MANAGE_RETENTION)
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    if hold.lifted_at is not None:
        raise TransitionNotAllowed(f"The hold on {hold.subject_name} was lifted already.")
    if hold.lift_asked_by_id is None:
        raise TransitionNotAllowed(
            "Nobody has said why it is no longer needed. Ask first, and somebody else lifts it."
        )
    if hold.lift_asked_by_id == actor.pk:
        raise NotPermitted(
            "You asked that it is lifted, so somebody else has to lift it. It stands until then."
        )
    hold.lifted_at = clock.now()
    hold.lifted_by = actor
    hold.save(update_fields=["lifted_at", "lifted_by"])
    _record(actor, "hold.lifted", hold, hold.lifted_why)
    return hold


@action
def ask_to_lift_for_request(*, actor: StaffMember, hold: Hold, reason: str) -> Hold:
    """The request was answered: its hold stands until a second person lifts it. Audits hold.lift_asked, once."""
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    if hold.lifted_at is None and hold.lift_asked_by_id is None:
        hold.lift_asked_by, hold.lift_asked_at, hold.lifted_why = actor, clock.now(), reason[:400]
        hold.save(update_fields=["lift_asked_by", "lift_asked_at", "lifted_why"])
        _record(actor, "hold.lift_asked", hold, reason)
    return hold


@action
def lift_for_request(*, actor: StaffMember, hold: Hold, asked_by: StaffMember, reason: str) -> Hold:
    """Two people granted that its records go: one put it forward, the other agreed, and so the hold is lifted.

    Raises NotPermitted (the same person twice). Audits hold.lifted, once.
    """
    if asked_by.pk == actor.pk:
        raise NotPermitted("Somebody else lifts the hold than whoever put the answer forward.")
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    if hold.lifted_at is None:
        hold.lift_asked_by, hold.lift_asked_at, hold.lifted_why = asked_by, clock.now(), reason[:400]
        hold.lifted_at, hold.lifted_by = clock.now(), actor
        hold.save(update_fields=["lift_asked_by", "lift_asked_at", "lifted_why", "lifted_at", "lifted_by"])
        _record(actor, "hold.lifted", hold, reason)
    return hold


def keep_disposal_out() -> None:
    """Until the transaction ends no disposal begins, and those under way have ended.

    Whatever they took is gone and whatever is left will be seen under the hold: nothing lies between.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [sql.DOOR])


def _record_of(covers: Covers) -> dict:
    if covers.subject_id is None:
        raise NotValid("Give the number of the record, as its page shows it.", field="subject_id")
    found = registry.lock(covers.subject_type, covers.subject_id)
    return _what(covers.kind, covers.subject_type, covers.subject_id, registry.name_of(found))


def _all_of(covers: Covers) -> dict:
    label = KIND_OF_SUBJECT[Hold.Kind(covers.kind)]
    noun = {"escalation.case": "case", "moderation.commenter": "commenter"}.get(label, "official account")
    if covers.subject_id is None:
        raise NotValid(f"Give the number of the {noun}, as its page shows it.", field="subject_id")
    found = registry.rows_of(label).filter(pk=covers.subject_id).first()
    if found is None:
        raise NotValid(
            f"There is no {noun} with the number {covers.subject_id}. It may have been disposed of.",
            field="subject_id",
        )
    # A commenter's name is personal data, and a hold outlives the commenter: the number is enough.
    name = f"Commenter {found.pk}" if noun == "commenter" else f"{noun.capitalize()} {found}"
    return _what(
        covers.kind, label, covers.subject_id, f"{name} and all that it holds" if noun == "case" else name
    )


def _days(covers: Covers) -> dict:
    if covers.first_day is None and covers.last_day is None:
        raise NotValid("Give the first day or the last, or both.", field="first_day")
    return _span(covers, f"Everything {_in_words(covers)}")


def _query(covers: Covers) -> dict:
    words = " ".join(covers.words.split())
    if not words:
        raise NotValid("Say which words it looks for.", field="words")
    if len(words) > LONGEST_WORDS:
        raise NotValid(f"Use at most {LONGEST_WORDS} characters.", field="words")
    with connection.cursor() as cursor:
        cursor.execute("SELECT numnode(websearch_to_tsquery('english', %s))", [words])
        if not cursor.fetchone()[0]:
            raise NotValid(
                "These words stand in nearly everything. Use a rarer one, such as a name.", field="words"
            )
    return {**_span(covers, f"Everything with certain words{_in_words(covers, before=' ')}"), "words": words}


def _nothing(covers: Covers) -> dict:
    raise NotValid("Choose what the hold covers.", field="kind")


_COVERS: dict[str, Callable[[Covers], dict]] = {
    Hold.Kind.RECORD: _record_of,
    Hold.Kind.CASE: _all_of,
    Hold.Kind.COMMENTER: _all_of,
    Hold.Kind.ACCOUNT: _all_of,
    Hold.Kind.DATES: _days,
    Hold.Kind.QUERY: _query,
}


def _span(covers: Covers, name: str) -> dict:
    if covers.first_day and covers.last_day and covers.last_day < covers.first_day:
        raise NotValid("The last day lies before the first.", field="last_day")
    return {
        **_what(covers.kind, "", None, name),
        "official_account": covers.official_account,
        "since": _midnight(covers.first_day) if covers.first_day else None,
        "until": _midnight(covers.last_day + timedelta(days=1)) if covers.last_day else None,
    }


def _in_words(covers: Covers, before: str = "") -> str:
    parts = []
    if covers.first_day:
        parts.append(f"from {covers.first_day:%-d %B %Y}")
    if covers.last_day:
        parts.append(f"to {covers.last_day:%-d %B %Y}")
    if covers.official_account is not None:
        parts.append(f"on {covers.official_account.name}")
    return before + " ".join(parts) if parts else ""


def _midnight(day: date) -> datetime:
    return clock.midnight(day).astimezone(UTC)


def _what(kind: str, subject_type: str, subject_id: int | None, name: str) -> dict:
    return {"kind": kind, "subject_type": subject_type, "subject_id": subject_id, "subject_name": name[:160]}


def _live(actor: StaffMember, hold: Hold) -> Hold:
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    own = actor.pk in (hold.placed_by_id, hold.owner_id) and may(actor, Power.PLACE_HOLDS)
    if not own and not may(actor, Power.MANAGE_RETENTION):
        raise NotPermitted(
            "A hold is reviewed by whoever placed it or answers for it, or by a records manager."
        )
    if hold.lifted_at is not None:
        raise TransitionNotAllowed(f"The hold on {hold.subject_name} was lifted already.")
    return hold


def _check(reason: str, review_on: date) -> None:
    if not reason.strip():
        raise NotValid("Say why it must be kept, e.g. the number of the request.", field="reason")
    if len(reason.strip()) > 400:
        raise NotValid("Keep the reason under 400 characters.", field="reason")
    if review_on <= clock.today():
        raise NotValid("Choose a date of review later than today.", field="review_on")


def _record(actor: StaffMember, event: str, hold: Hold, reason: str, **details: str) -> None:
    record(
        actor=actor,
        event=event,
        subject=hold,
        subject_name=hold.subject_name,
        reason=reason.strip(),
        details={"hold": hold.pk, "covers": hold.kind, **details},
        manifest=manifests.of_row(hold),
    )
