"""Reading back what should be gone. Nothing here writes: publishing.actions.take_downs notes what was seen.

The platform is asked between two transactions, never inside one. A worker that dies leaves a take-down that is due
again when its lease runs out.
"""

from __future__ import annotations

import logging

from core.errors import Refused
from platforms.contract import OutcomeUnknown, PermanentFault, TemporaryFault
from publishing import fingerprint, queries, queries_appeals, sending
from publishing.actions import appeal_course, take_downs
from publishing.models import TakeDown

log = logging.getLogger("smmp.take_downs")
STANDS = "It still stands there."
OTHER_WORDS = "It does not say there what it should."


def carry_on() -> int:
    """Every appeal that is due takes its next step, and what has reached its day begins to come down."""
    done = 0
    for delivery, day in queries_appeals.due_to_come_down():
        done += _each(
            "could not begin to come down",
            delivery.pk,
            lambda delivery=delivery, day=day: bool(
                take_downs.begin(
                    actor=take_downs.TAKE_DOWNS,
                    delivery=delivery,
                    why=f"It pictures somebody and was to come down on {day:%-d %B %Y}",
                )
            ),
        )
    for appeal in queries_appeals.to_carry_on():
        done += _each(
            "could not be carried on", appeal.pk, lambda appeal=appeal: appeal_course.carry_on(appeal=appeal)
        )
    return done


def _each(what: str, pk: int, act) -> int:
    """One that fails is logged, tried again, and holds up no other."""
    try:
        return int(act())
    except Exception:
        log.exception("%s %s", pk, what)
        return 0


def verify_due(*, most: int = 50) -> int:
    """Move on and read back what is due; answers how many were in hand. One that breaks holds up no other."""
    for done in range(most):
        taken = take_downs.claim_next()
        if taken is None:
            return done
        try:
            row, reads = take_downs.advance(take_down=taken)
            if reads:
                verify(row)
        except Exception:
            log.exception("a take-down could not be moved on", extra={"take_down": taken.pk})
    return most


def verify(row: TakeDown) -> TakeDown:
    """Ask the platform whether one post of ours stands there as it should, and note the answer."""
    standing = row.standing
    try:
        there = sending.kept_connector(standing.official_account).read_back(queries.standing_id(standing))
    except (PermanentFault, TemporaryFault, OutcomeUnknown) as fault:
        return take_downs.note_unreadable(take_down=row, says=fault.sentence)
    except Refused as refusal:
        return take_downs.note_unreadable(take_down=row, says=refusal.sentence)
    except Exception:
        log.exception("reading back broke off", extra={"take_down": row.pk})
        return take_downs.note_unreadable(take_down=row, says=sending.UNREADABLE)
    if there is None or there.deleted:
        return take_downs.note_done(take_down=row, gone=True)
    if row.kind == TakeDown.Kind.EDIT and fingerprint.likeness(row.words, there.text) == 100:
        return take_downs.note_done(take_down=row, gone=False)
    return take_downs.note_still_there(
        take_down=row, says=OTHER_WORDS if row.kind == TakeDown.Kind.EDIT else STANDS
    )
