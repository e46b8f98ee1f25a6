"""Writing the community guidelines anew, and putting them in force: two people, a date, no word lost.

A version is a copy of the one before that is changed while it is a draft. Another person approves it as it
stands; from its date on its clauses are the only reasons, and what was decided under an older version keeps
that version's words. Source: APP social media, "community guidelines".
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max
from django.utils.text import slugify

from accounts.queries import people_with, require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from moderation import guidelines
from moderation.models import Clause, Guidelines, GuidelinesChange
from moderation.workflow import GUIDELINES
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power

MOST_CLAUSES = 40
LATEST = timedelta(days=366)
"""How far ahead a version may be put in force."""
CALENDAR = System("guidelines")


@action
def begin(*, actor: StaffMember) -> Guidelines:
    """A draft stands beside the version in force, with the same words.

    Raises NotPermitted, TransitionNotAllowed (one is being written, or waits for its date).
    Audits guidelines.begun.
    """
    require(actor, Power.WRITE_GUIDELINES)
    now = clock.now()
    present = Guidelines.objects.select_for_update().get(state=Guidelines.State.IN_FORCE)
    if (other := guidelines.to_come()) is not None:
        raise TransitionNotAllowed(
            f"Version {other.number} is {other.get_state_display().lower()} already. Go on with that one."
        )
    number = (Guidelines.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    draft = Guidelines.objects.create(number=number, drafted_by=actor, drafted_at=now)
    Clause.objects.bulk_create(
        Clause(
            guidelines=draft,
            published=False,
            **{name: getattr(clause, name) for name in guidelines.CARRIED},
        )
        for clause in guidelines.clauses_of(present)
    )
    _note(draft, actor=actor, event="guidelines.begun")
    return draft


@action
def write_clause(
    *,
    actor: StaffMember,
    version: Guidelines,
    clause: Clause | None = None,
    title: str,
    text: str,
    title_cy: str = "",
    text_cy: str = "",
    sensitive: bool = False,
    position: int | None = None,
    seen: datetime | None = None,
) -> Clause:
    """A clause of the draft has these words; a new one where none is given. Clauses are numbered from 1.

    sensitive: whoever decides under it has to add a note.
    seen: when the draft had last changed as the writer saw it.
    Raises NotPermitted, TransitionNotAllowed (not a draft any more), ChangedSinceSeen, NotValid (no words,
    half of the Welsh, a title that stands there already, too many). Audits guidelines.changed.
    """
    draft = _draft(actor, version, seen)
    title, text, title_cy, text_cy = (words.strip() for words in (title, text, title_cy, text_cy))
    if bool(title_cy) != bool(text_cy):
        raise NotValid(
            "Give both title and text in Welsh, or neither.", field="text_cy" if title_cy else "title_cy"
        )
    standing = [one for one in guidelines.clauses_of(draft) if clause is None or one.pk != clause.pk]
    if any(one.title.casefold() == title.casefold() for one in standing):
        raise NotValid(
            "Another clause has this title. People choose by it, so each needs its own.", field="title"
        )
    if clause is None:
        if len(standing) >= MOST_CLAUSES:
            raise NotValid(f"{MOST_CLAUSES} clauses are as many as anybody reads. Put two of them together.")
        row = Clause(guidelines=draft, slug=_slug(draft, title), published=False)
        what = f"added “{title}”"
    else:
        row = Clause.objects.get(pk=clause.pk, guidelines=draft)
        what = f"changed “{row.title}”" if row.title == title else f"changed “{row.title}” to “{title}”"
    row.title, row.text, row.title_cy, row.text_cy = title, text, title_cy, text_cy
    row.sensitive, row.left_out = sensitive, False
    place = min(max(1, position or len(standing) + 1), len(standing) + 1)
    row.position = place
    row.save()
    _number([*standing[: place - 1], row, *standing[place - 1 :]])
    _note(draft, actor=actor, event="guidelines.changed", what=what)
    return row


@action
def leave_out(*, actor: StaffMember, clause: Clause, seen: datetime | None = None) -> Clause:
    """The clause stands in the draft no more; it can be put back. The last one cannot be left out.

    Raises NotPermitted, TransitionNotAllowed, ChangedSinceSeen. Audits guidelines.changed.
    """
    draft = _draft(actor, clause.guidelines, seen)
    row = Clause.objects.get(pk=clause.pk, guidelines=draft)
    rest = [one for one in guidelines.clauses_of(draft) if one.pk != row.pk]
    if not rest:
        raise TransitionNotAllowed("Guidelines without a clause name no reason at all. Keep one.")
    row.left_out = True
    row.save(update_fields=["left_out"])
    _number(rest)
    _note(draft, actor=actor, event="guidelines.changed", what=f"left out “{row.title}”")
    return row


@action
def put_back(*, actor: StaffMember, clause: Clause, seen: datetime | None = None) -> Clause:
    """A clause that was left out of the draft stands in it again, last.

    Raises NotPermitted, TransitionNotAllowed, ChangedSinceSeen. Audits guidelines.changed.
    """
    draft = _draft(actor, clause.guidelines, seen)
    row = Clause.objects.get(pk=clause.pk, guidelines=draft)
    if row.left_out:
        standing = list(guidelines.clauses_of(draft))
        row.left_out = False
        row.save(update_fields=["left_out"])
        _number([*standing, row])
        _note(draft, actor=actor, event="guidelines.changed", what=f"put back “{row.title}”")
    return row


@action
def describe(*, actor: StaffMember, version: Guidelines, changes: str) -> Guidelines:
    """What is different, in a sentence or two that the public reads.

    Raises NotPermitted, TransitionNotAllowed, NotValid (nothing said). Audits guidelines.changed.
    """
    draft = _draft(actor, version, None)
    if not changes.strip():
        raise NotValid("Say in a sentence what is different. The public reads it.", field="changes")
    draft.changes = changes.strip()
    draft.save(update_fields=["changes"])
    _note(draft, actor=actor, event="guidelines.changed", what="said what is different")
    return draft


@action
def approve(
    *, actor: StaffMember, version: Guidelines, seen: datetime, in_force_from: datetime | None = None
) -> Guidelines:
    """The draft as it was seen comes into force on its date, at once by default. By somebody who wrote none of it.

    Raises NotPermitted (they wrote some of it), TransitionNotAllowed (not a draft, or the same as what is in
    force), ChangedSinceSeen, NotValid (a date that is over or too far, nothing said of what is different).
    Audits guidelines.approved, and guidelines.in_force where it is at once.
    """
    require(actor, Power.APPROVE_GUIDELINES)
    draft = Guidelines.objects.select_for_update().get(pk=version.pk)
    GUIDELINES.next(draft.state, "approve")
    _unchanged(draft, seen)
    if actor.pk in guidelines.writer_ids(draft):
        raise NotPermitted("You have written some of it, so somebody else has to approve it.")
    if not draft.changes:
        raise NotValid("Its writer has to say first what is different: the public reads it.")
    if not guidelines.differences(draft):
        raise TransitionNotAllowed(
            "It says the same as the version in force, so there is nothing to approve."
        )
    now = clock.now()
    start = in_force_from or now
    if in_force_from is not None and not now <= in_force_from <= now + LATEST:
        raise NotValid("Choose a time to come, within a year, or none for at once.", field="in_force_from")
    draft.state = GUIDELINES.next(draft.state, "approve")
    draft.approved_by, draft.approved_at, draft.in_force_from = actor, now, start
    draft.save()
    _note(draft, actor=actor, event="guidelines.approved", details={"in_force_from": start.isoformat()})
    if start <= now:
        _put_in_force(draft, actor=actor)
    return draft


@action
def take_back(*, actor: StaffMember, version: Guidelines) -> Guidelines:
    """An approved version is a draft again, before its date. Its approval is gone.

    Raises NotPermitted, TransitionNotAllowed (it is in force). Audits guidelines.taken_back.
    """
    require(actor, Power.WRITE_GUIDELINES)
    row = Guidelines.objects.select_for_update().get(pk=version.pk)
    row.state = GUIDELINES.next(row.state, "take_back")
    row.approved_by = row.approved_at = row.in_force_from = None
    row.save()
    _note(row, actor=actor, event="guidelines.taken_back")
    return row


@action
def give_up(*, actor: StaffMember, version: Guidelines) -> Guidelines:
    """A draft comes to nothing. Raises NotPermitted, TransitionNotAllowed. Audits guidelines.given_up."""
    require(actor, Power.WRITE_GUIDELINES)
    row = Guidelines.objects.select_for_update().get(pk=version.pk)
    row.state = GUIDELINES.next(row.state, "give_up")
    row.save(update_fields=["state"])
    _note(row, actor=actor, event="guidelines.given_up")
    return row


@action
def put_due_in_force(*, actor: Actor = CALENDAR) -> Guidelines | None:
    """The approved version whose date has come is in force. Safe to repeat. Audits guidelines.in_force."""
    due = (
        Guidelines.objects.select_for_update()
        .filter(state=Guidelines.State.APPROVED, in_force_from__lte=clock.now())
        .first()
    )
    return _put_in_force(due, actor=actor) if due is not None else None


def _put_in_force(row: Guidelines, *, actor: Actor) -> Guidelines:
    now = clock.now()
    present = Guidelines.objects.select_for_update().get(state=Guidelines.State.IN_FORCE)
    present.state, present.in_force_until = GUIDELINES.next(present.state, "end"), now
    present.save(update_fields=["state", "in_force_until"])
    row.state, row.in_force_from = GUIDELINES.next(row.state, "come_into_force"), now
    row.save(update_fields=["state", "in_force_from"])
    Clause.objects.filter(published=True).update(published=False)
    Clause.objects.filter(guidelines=row, left_out=False).update(published=True)
    _note(row, actor=actor, event="guidelines.in_force", details={"instead_of": present.number})
    notify(
        actor=CALENDAR,
        to=people_with(Power.HIDE_COMMENTS),
        urgency=Notice.Urgency.FYI,
        title=f"Version {row.number} of the community guidelines is in force",
        body=row.changes,
        link=guidelines.address(row),
        key=f"guidelines:{row.number}:in_force",
    )
    return row


def _draft(actor: StaffMember, version: Guidelines, seen: datetime | None) -> Guidelines:
    require(actor, Power.WRITE_GUIDELINES)
    row = Guidelines.objects.select_for_update().get(pk=version.pk)
    if row.state != Guidelines.State.DRAFT:
        raise TransitionNotAllowed(
            f"Version {row.number} is {row.get_state_display().lower()}: its words do not change any more."
        )
    if seen is not None:
        _unchanged(row, seen)
    return row


def _unchanged(row: Guidelines, seen: datetime) -> None:
    if guidelines.changed_at(row) != seen:
        raise ChangedSinceSeen(
            "Somebody has changed the draft since you opened this page. Nothing was done: read it once more."
        )


def _number(clauses: list[Clause]) -> None:
    for place, clause in enumerate(clauses, start=1):
        if clause.position != place or clause.pk is None:
            clause.position = place
            clause.save(update_fields=["position"])


def _slug(draft: Guidelines, title: str) -> str:
    """Short, and one that no clause of any version has: figures go by it."""
    wanted = slugify(title).replace("-", "_")[:34] or "clause"
    taken = set(Clause.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    return next(name for name in (wanted, *(f"{wanted}_{n}" for n in range(2, 1000))) if name not in taken)


def _note(
    row: Guidelines, *, actor: Actor, event: str, what: str = "", details: dict[str, object] | None = None
) -> None:
    GuidelinesChange.objects.create(
        guidelines=row,
        event=event.partition(".")[2],
        what=what[:200],
        by=actor if isinstance(actor, StaffMember) else None,
        at=clock.now(),
    )
    record(
        actor=actor,
        event=event,
        subject=row,
        subject_name=str(row),
        details={**({"what": what[:200]} if what else {}), **(details or {})},
    )
