"""Disposal of what is due, once a day per record class, with a certificate of what went.

The application cannot delete: each batch calls one database function that runs with the
disposer's rights, locks the records, and checks period, holds and cases again (smmp/migrations).
"""

from __future__ import annotations

from datetime import date

from django.db import connection
from django.db.models import F

from audit.actions import record
from audit.verifier import written
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotValid
from retention import periods, queries, registry
from retention.models import Disposal, ScheduleRow

BATCH = 1000


def dispose(*, actor: Actor, row: ScheduleRow, on: date) -> Disposal:
    """What is due of one record class goes; its day's certificate says exactly what went.

    Safe to run twice, and two at once: one certificate per class and day, and each batch is its
    own transaction under the certificate's lock. A run that died is taken up again.
    Raises NotValid for a class that is not disposed of here. Audits records.disposed per batch
    (ids alone) and disposal.finished.
    """
    if row.slug not in registry.RECORDS or row.outcome != ScheduleRow.Outcome.DISPOSE:
        raise NotValid(f"{row.title} is not disposed of by the daily run: a person reviews it.")
    disposal = begin(actor=actor, row=row, on=on)
    after: int | None = 0
    while disposal.finished_at is None and after is not None:
        after = dispose_batch(actor=actor, disposal=disposal, after_id=after)
    return finish(actor=actor, disposal=disposal)


@action
def begin(*, actor: Actor, row: ScheduleRow, on: date) -> Disposal:
    """The day's certificate for the class, begun or found. The batches audit what goes."""
    disposal, _ = Disposal.objects.get_or_create(
        row=row,
        run_on=on,
        defaults={"row_version": row.version, "due_before": periods.kept_from(row, on)},
    )
    return disposal


@action
def dispose_batch(*, actor: Actor, disposal: Disposal, after_id: int) -> int | None:
    """One batch goes. Answers the id after which the next begins, or None when nothing more is due.

    The schedule row is locked as well: a longer period decided meanwhile counts from here on.
    Audits records.disposed with the ids that went.
    """
    row = ScheduleRow.objects.select_for_update().get(pk=disposal.row_id)
    disposal = Disposal.objects.select_for_update().get(pk=disposal.pk)
    if disposal.finished_at is not None or row.version != disposal.row_version:
        return None
    due = queries.due(row, on=disposal.run_on)
    ids = list(due.filter(pk__gt=after_id).order_by("pk").values_list("pk", flat=True)[:BATCH])
    if not ids:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT retention_dispose(%s, %s, %s)", [row.slug, ids, disposal.run_on])
        gone = sorted(cursor.fetchone()[0])
    if gone:
        disposal.disposed_ids = sorted({*disposal.disposed_ids, *gone})
        disposal.disposed_count = len(disposal.disposed_ids)
        disposal.save(update_fields=["disposed_ids", "disposed_count"])
        record(
            actor=actor,
            event="records.disposed",
            subject=disposal,
            subject_name=row.title,
            shown_ids=gone,
            details={"count": len(gone), "class": row.slug, "row_version": row.version},
        )
    return ids[-1]


@action
def finish(*, actor: Actor, disposal: Disposal) -> Disposal:
    """The certificate is complete: how many went and how many a hold kept. Audits disposal.finished, once."""
    disposal = Disposal.objects.select_for_update().get(pk=disposal.pk)
    if disposal.finished_at is not None:
        return disposal
    row = disposal.row
    disposal.held_count = queries.held_count(row, on=disposal.run_on)
    disposal.finished_at = clock.now()
    disposal.save(update_fields=["held_count", "finished_at"])
    record(
        actor=actor,
        event="disposal.finished",
        subject=disposal,
        subject_name=row.title,
        details={"count": disposal.disposed_count, "held": disposal.held_count, "class": row.slug},
    )
    return disposal


@action
def drop_months(*, actor: Actor) -> list[str]:
    """Raw payloads go by the whole month, once every day of it is over its period.

    None go while somebody's change of the period waits for another to confirm it.
    The database function reads the period from the schedule itself. Answers the names of the
    partitions that went. Audits records.disposed.
    """
    row = ScheduleRow.objects.select_for_update().get(slug="raw_payload")
    if row.version > 1 and row.confirmed_by_id is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT part, lines FROM retention_drop_months()")
        dropped = cursor.fetchall()
    if not dropped:
        return []
    count = sum(lines for _, lines in dropped)
    names = [name for name, _ in dropped]
    today = clock.today()
    disposal, _ = Disposal.objects.get_or_create(
        row=row,
        run_on=today,
        defaults={"row_version": row.version, "due_before": periods.kept_from(row, today)},
    )
    Disposal.objects.filter(pk=disposal.pk).update(
        disposed_count=F("disposed_count") + count, finished_at=clock.now()
    )
    record(
        actor=actor,
        event="records.disposed",
        subject=disposal,
        subject_name=row.title,
        details={"count": count, "class": row.slug, "months": names, "row_version": row.version},
    )
    return names


@action
def drop_audit_months(*, actor: Actor) -> list[str]:
    """Months of the audit trail go once all of each is over its period; the seals over them stay.

    None go while somebody's change of the period waits for another to confirm it.
    The entry that this makes is what tells a verifier that the segments were disposed of and not emptied:
    it names them, and the instant before which they had been sealed (audit.verifier). Answers the names of
    the partitions that went. Audits records.disposed.
    """
    row = ScheduleRow.objects.select_for_update().get(slug="audit_entry")
    if row.version > 1 and row.confirmed_by_id is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT part, lines, last_segment, sealed_before FROM retention_drop_audit_months()")
        dropped = cursor.fetchall()
    today = clock.today()
    for name, lines, last_segment, sealed_before in dropped:
        if not lines:
            continue
        disposal, _ = Disposal.objects.get_or_create(
            row=row,
            run_on=today,
            defaults={"row_version": row.version, "due_before": sealed_before},
        )
        Disposal.objects.filter(pk=disposal.pk).update(
            disposed_count=F("disposed_count") + lines, finished_at=clock.now()
        )
        record(
            actor=actor,
            event="records.disposed",
            subject=disposal,
            subject_name=row.title,
            details={
                "count": lines,
                "class": row.slug,
                "months": [name],
                # From the beginning: the entry that told of an earlier disposal goes one day too.
                "segments": [0, last_segment],
                "before": written(sealed_before),
                "row_version": row.version,
            },
        )
    return [name for name, *_ in dropped]


@action
def ensure_months(*, actor: Actor) -> int:
    """This month's partition and the next three stand ready. Answers how many were made. Audits partitions.made."""
    made = 0
    with connection.cursor() as cursor:
        for parent in ("audit_entry", "moderation_rawpayload"):
            cursor.execute("SELECT smmp_ensure_months(%s, %s, 4)", [parent, clock.now().date()])
            made += cursor.fetchone()[0]
    if made:
        record(actor=actor, event="partitions.made", details={"count": made})
    return made
