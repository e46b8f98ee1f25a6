"""When people were last here, to within five minutes."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

from audit.actions import record
from core import clock
from core.acting import action
from staff.models import Departure, StaffMember

NOTED_EVERY = timedelta(minutes=5)


def note_seen(*, actor: StaffMember) -> bool:
    """The person did something here now. Answers True for the first time on a London day.

    One statement that writes only when the last note is older than five minutes; no lock on the person.
    """
    now = clock.now()
    midnight = clock.in_london(now).replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH before AS (SELECT at FROM staff_lastseen WHERE member_id = %(id)s)
            INSERT INTO staff_lastseen AS seen (member_id, at) VALUES (%(id)s, %(now)s)
            ON CONFLICT (member_id) DO UPDATE SET at = EXCLUDED.at WHERE seen.at < %(before)s
            RETURNING (SELECT at FROM before)
            """,
            {"id": actor.pk, "now": now, "before": now - NOTED_EVERY},
        )
        row = cursor.fetchone()
    return row is not None and (row[0] is None or row[0] < midnight)


@action
def note_after_notice(*, actor: StaffMember) -> bool:
    """Somebody of whom it is announced that they leave used the platform today: once a day in the trail.

    For infosec's alerts. Audits staff.access_after_notice.
    """
    departure = Departure.objects.filter(person=actor, carried_out_at=None, called_off_at=None).first()
    if departure is None:
        return False
    record(
        actor=actor,
        event="staff.access_after_notice",
        subject=actor,
        subject_name=actor.called,
        details={
            "announced": clock.in_london(departure.recorded_at).strftime("%-d %B %Y"),
            "leaves_at": clock.in_london(departure.leaves_at).strftime("%-d %B %Y at %H:%M"),
        },
    )
    return True
