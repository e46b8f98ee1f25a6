"""What somebody was refused, in the trail: who, at which page, for which right; never what they had written.

The first refusal of a person at a page is written at once, further ones within a minute are counted and
written with their number, so that no flood of them fills the trail.
"""

from __future__ import annotations

from datetime import timedelta

from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from staff.models import RefusedAccess

APART = timedelta(minutes=1)
"""Between two entries about the same person, page and right."""
OWN_RULE = "a rule of the page itself"
AT_ONCE = 200


@action
def note(
    *,
    actor: Actor = System("access"),  # noqa: B008
    who: Actor,
    event: str,
    route: str,
    power: str = "",
) -> None:
    """One more refusal of `who`. power: the right that is lacking, in words; empty where it is none.

    Somebody whose access has just ended is noted like anybody else. Audits access.refused, access.not_found or
    conduct.refused, unless there was an entry within the last minute: then it is counted.
    """
    key = {
        "event": event,
        "actor_kind": who.actor_kind,
        "actor_id": who.actor_id or 0,
        "route": route[:100],
        "power": power[:200],
    }
    while True:
        RefusedAccess.objects.bulk_create(
            [RefusedAccess(**key, actor_name=who.actor_name[:200])], ignore_conflicts=True
        )
        row = RefusedAccess.objects.select_for_update().filter(**key).first()
        if row is not None:  # else it was written and went in between
            break
    row.more += 1
    at = clock.now()
    if row.written_at is None or at - row.written_at >= APART:
        _write(row)
        row.written_at, row.more = at, 0
    row.save(update_fields=["written_at", "more"])


@action
def note_counted(*, actor: Actor) -> int:
    """Rows whose minute is over are written, where anything was counted, and go. How many went.

    Safe beside itself: rows that another run holds are left to it. Audits access.refused or access.not_found.
    """
    due = list(
        RefusedAccess.objects.select_for_update(skip_locked=True)
        .filter(written_at__lte=clock.now() - APART)
        .order_by("pk")[:AT_ONCE]
    )
    for row in due:
        if row.more:
            _write(row)
    RefusedAccess.objects.filter(pk__in=[row.pk for row in due]).delete()
    return len(due)


def _write(row: RefusedAccess) -> None:
    says: dict[str, object] = {"route": row.route, "times": row.more}
    if row.event != "access.not_found":
        says["power"] = row.power or OWN_RULE
    record(actor=row, event=row.event, details=says)
