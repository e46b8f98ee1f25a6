"""A paper log comes in afterwards: each line once, joined to what it turned out to be, and nothing doubled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import OfficialAccount
from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotPermitted, TransitionNotAllowed
from core.typed import reason
from moderation import by_hand, paper_log
from moderation.actions import ingest
from moderation.models import PaperLine
from moderation.paper_log import Row, Thing
from platforms import registry
from platforms.contract import Login
from staff.models import StaffMember
from staff.roles import Power

SEARCH = System("paper log")
State = PaperLine.State


@dataclass
class Imported:
    """What became of the lines of one file."""

    new: int = 0
    found: int = 0
    entered: int = 0
    known: int = 0


@action
def import_log(*, actor: StaffMember, rows: Sequence[Row]) -> Imported:
    """Every line is kept once and joined to what ingest or the outbox knows; what nothing else brings in enters the queue.

    rows: as paper_log.read gave them; they are laid beside what is known anew, in this transaction. Raises
    NotPermitted (an official account on which the actor does not answer). Audits paper.imported, and
    comments.ingested where comments entered.
    """
    for pk in {row.account.pk for row in rows}:
        require(actor, Power.REPLY, pk)
    # Two imports of one log wait for each other, so that neither joins what the other has.
    list(
        OfficialAccount.objects.select_for_update(no_key=True)
        .filter(pk__in={row.account.pk for row in rows})
        .order_by("pk")
    )
    paper_log.lay_beside(rows)
    made = Imported()
    for row in rows:
        if row.known:
            made.known += 1
            continue
        line = PaperLine(
            direction=row.direction,
            official_account=row.account,
            at=row.at,
            who=row.who,
            words=row.words,
            link=row.link,
            approved_by=row.approved_by,
            digest=row.digest,
            imported_by=actor,
            imported_at=clock.now(),
        )
        made.new += 1
        if row.found is not None:
            _join(line, row.found)
            made.found += 1
        elif row.again:
            line.why = "The same words of the same person are in the queue by another line"
            _settle(line, State.FOUND)
            made.found += 1
        elif row.enters:
            made.entered += _enter(actor, line)
        line.save(force_insert=True)
    record(
        actor=actor,
        event="paper.imported",
        subject_name=", ".join(sorted({row.account.name for row in rows}))[:300],
        details={"count": made.new, "found": made.found, "entered": made.entered, "known": made.known},
    )
    return made


@action
def look_for(*, actor: Actor = SEARCH, line: PaperLine) -> bool:
    """A line that nobody has found is looked for once more. Answers whether it was. Audits paper.found."""
    row = (
        PaperLine.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("official_account")
        .filter(pk=line.pk, state=State.OPEN)
        .first()
    )
    thing = paper_log.find(row) if row is not None else None
    if row is None or thing is None:
        return False
    _join(row, thing)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return False  # another line has it by now
    _note(actor, row, "paper.found")
    return True


@action
def leave(*, actor: StaffMember, line: PaperLine, why: str) -> PaperLine:
    """Nobody finds it, and a person says why that is: deleted by its author, written elsewhere, a slip of the pen.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (settled). Audits paper.left.
    """
    row = PaperLine.objects.select_for_update(of=("self",)).select_related("official_account").get(pk=line.pk)
    require(actor, Power.REPLY, row.official_account_id)
    if row.state != State.OPEN:
        raise TransitionNotAllowed(
            f"This is settled already: {row.get_state_display().lower()}. Reload the page."
        )
    row.why = reason(why, "Say what it was, in a few words.", most=300)
    _settle(row, State.LEFT)
    row.settled_by = actor
    row.save()
    _note(actor, row, "paper.left", row.why)
    return row


def _enter(actor: StaffMember, line: PaperLine) -> int:
    """What the public wrote where a person pastes it: into the queue, as if pasted. Answers how many are new."""
    account = line.official_account
    if not account.by_hand:
        raise NotPermitted("What the public writes there is read by itself.")
    message = by_hand.message(author=line.who, text=line.words, posted_at=line.at, link=line.link)
    taken = ingest.take_in(
        actor=actor,
        official_account=account,
        messages=[message],
        source="paper log",
        connector=registry.connect(account.platform, Login(base_url="", handle=account.handle, secret="")),  # nosec B106
    )
    if taken.new:
        line.comment_id = taken.new[0]
    _settle(line, State.TAKEN)
    return len(taken.new)


def _join(line: PaperLine, thing: Thing) -> None:
    setattr(line, f"{thing.kind}_id", thing.pk)
    _settle(line, State.FOUND)


def _settle(line: PaperLine, state: PaperLine.State) -> None:
    line.state, line.settled_at = state, clock.now()
    if line.direction == PaperLine.Direction.IN:
        line.who = line.words = ""


def _note(actor: Actor, line: PaperLine, event: str, why: str = "") -> None:
    details: dict[str, Any] = {"direction": line.get_direction_display()}
    record(
        actor=actor,
        event=event,
        subject=line,
        subject_name=f"line of {clock.in_london(line.at):%d %B %Y %H:%M}",
        official_account_id=line.official_account_id,
        reason=why,
        details=details,
    )
