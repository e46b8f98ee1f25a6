"""Disposal of what is due, proposal by proposal, with a certificate of what went.

The application cannot delete: each batch calls one database function that runs with the
disposer's rights, locks the records, and checks period, holds, restrictions and reviews again (retention.sql).
"""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import connection

from audit.actions import record
from audit.verifier import written
from core import clock
from core.acting import action
from core.actors import Actor
from retention import certificate, manifests, periods, queries
from retention.actions.schedule import in_words
from retention.models import Disposal, Proposal, ScheduleRow

BATCH = 1000


def carry_out(*, actor: Actor, proposal: Proposal) -> Disposal | None:
    """What a proposal names goes, as far as it is still due and nothing keeps it; its certificate says what went.

    Safe to run twice, and two at once: one certificate per proposal, and each batch is its own
    transaction under the certificate's lock. A run that died is taken up again. None where the proposal may
    not go, or was overtaken by a change of the schedule before anything went. Audits records.disposed per batch
    (ids alone) and disposal.finished.
    """
    disposal = begin(actor=actor, proposal=proposal)
    after: int | None = 0
    while disposal is not None and disposal.finished_at is None and after is not None:
        after = dispose_batch(actor=actor, disposal=disposal, after_id=after)
    return finish(actor=actor, disposal=disposal) if disposal is not None else None


@action
def begin(*, actor: Actor, proposal: Proposal) -> Disposal | None:
    """The certificate of a proposal that may go now, begun or found. The batches audit what goes.

    None where it may not go: stopped, its quiet time not over, large and without its two people; and where its
    rule was changed, upon which it is overtaken and the next proposal follows the new rule.
    """
    row = ScheduleRow.objects.select_for_update().get(pk=proposal.row_id)
    proposal = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if proposal.disposal is not None:
        return proposal.disposal
    if not queries.may_go(proposal):
        return None
    if row.version != proposal.row_version:
        proposal.state = Proposal.State.OVERTAKEN
        proposal.save(update_fields=["state"])
        return None
    proposal.disposal = Disposal.objects.create(
        row=row,
        row_version=row.version,
        rule=f"{in_words(row)}, counted from: {row.trigger}"[:200],
        approved_by=certificate.who_stood_for(proposal),
        run_on=proposal.on,
        due_before=periods.kept_from(row, proposal.on),
        salt=secrets.token_hex(16),
    )
    proposal.state = Proposal.State.GOING
    proposal.save(update_fields=["state", "disposal"])
    return proposal.disposal


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
    over = queries.candidates(row, on=disposal.run_on)
    ids = list(over.filter(pk__gt=after_id).order_by("pk").values_list("pk", flat=True)[:BATCH])
    if not ids:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT retention_dispose(%s, %s, %s, %s)", [row.slug, ids, disposal.run_on, disposal.pk]
        )
        gone = sorted(cursor.fetchone()[0])
    if gone:
        disposal.disposed_count += len(gone)
        disposal.save(update_fields=["disposed_count"])
        record(
            actor=actor,
            event="records.disposed",
            subject=disposal,
            subject_name=row.title,
            shown_ids=gone,
            details={"count": len(gone), "class": row.slug, "row_version": row.version},
            manifest=manifests.of_batch(disposal, row.slug, gone),
        )
    return ids[-1]


@action
def finish(*, actor: Actor, disposal: Disposal) -> Disposal:
    """The certificate is complete: how many went and how many a hold kept, sealed by its digest in the trail.

    Audits disposal.finished, once.
    """
    disposal = Disposal.objects.select_for_update(of=("self",)).select_related("row").get(pk=disposal.pk)
    if disposal.finished_at is not None:
        return disposal
    row = disposal.row
    disposal.held_count = queries.held_count(row, on=disposal.run_on)
    disposal.finished_at = clock.now()
    disposal.head = certificate.head(disposal)
    disposal.digest = certificate.digest(certificate.document(disposal))
    disposal.save(update_fields=["held_count", "finished_at", "head", "digest"])
    Proposal.objects.filter(disposal=disposal).update(state=Proposal.State.DONE)
    entry = record(
        actor=actor,
        event="disposal.finished",
        subject=disposal,
        subject_name=row.title,
        details={
            "count": disposal.disposed_count,
            "held": disposal.held_count,
            "class": row.slug,
            "certificate_sha256": disposal.digest,
        },
        manifest=manifests.of_row(disposal),
    )
    disposal.entry_id = entry.pk
    disposal.save(update_fields=["entry_id"])
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
    disposal = _of_months(row, count, periods.kept_from(row, clock.today()))
    record(
        actor=actor,
        event="records.disposed",
        subject=disposal,
        subject_name=row.title,
        details={
            "count": count,
            "class": row.slug,
            "months": names,
            "row_version": row.version,
            "certificate_sha256": disposal.digest,
        },
        manifest=manifests.of_row(disposal),
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
    for name, lines, last_segment, sealed_before in dropped:
        if not lines:
            continue
        disposal = _of_months(row, lines, sealed_before)
        record(
            actor=actor,
            event="records.disposed",
            subject=disposal,
            subject_name=row.title,
            details={
                "count": lines,
                "class": row.slug,
                "months": [name],
                "certificate_sha256": disposal.digest,
                # From the beginning: the entry that told of an earlier disposal goes one day too.
                "segments": [0, last_segment],
                "before": written(sealed_before),
                "row_version": row.version,
            },
            manifest=manifests.of_row(disposal),
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


def _of_months(row: ScheduleRow, lines: int, before: datetime) -> Disposal:
    """The certificate of months that were dropped whole: a number, and no numbers of single records."""
    made = Disposal.objects.create(
        row=row,
        row_version=row.version,
        rule=f"{in_words(row)}, counted from: {row.trigger}"[:200],
        approved_by=certificate.stood_for_rule(row),
        run_on=clock.today(),
        due_before=before,
        salt=secrets.token_hex(16),
        disposed_count=lines,
        finished_at=clock.now(),
    )
    made.head = certificate.head(made)
    made.digest = certificate.digest(certificate.document(made))
    made.save(update_fields=["head", "digest"])
    return made
