"""What leaves for the sinks with an entry about holds, the schedule and disposals: enough to do it again after a restore.

A manifest is the image of a row of retention's own, or the numbers of what a disposal took with the salted hashes of the
platforms' ids. It never holds anything of a record (ICO: erasure logs carry metadata only).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection, models

from retention.models import Disposal


def image(row: models.Model) -> dict[str, Any]:
    """The row as it stands now, column by column."""
    table = row._meta.db_table
    with connection.cursor() as cursor:
        # The table is the model's own, quoted; the number is a parameter.
        cursor.execute(
            f"SELECT to_jsonb(t)::text FROM {connection.ops.quote_name(table)} t WHERE id = %s",  # noqa: S608 # nosec B608
            [row.pk],
        )
        return {"table": table, "row": json.loads(cursor.fetchone()[0])}


def of_row(row: models.Model) -> dict[str, Any]:
    """The manifest of a change of one row."""
    return {"kind": "row", **image(row)}


def of_batch(disposal: Disposal, slug: str, gone: Iterable[int]) -> dict[str, Any]:
    """The manifest of what one batch of a disposal took: [subject, number, hash of the platform's id or null] each."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject_type, subject_id, encode(remote_hash, 'hex') FROM retention_tombstone "
            "WHERE disposal_id = %s AND subject_id = ANY(%s) ORDER BY subject_id",
            [disposal.pk, list(gone)],
        )
        return {"kind": "disposed", "class": slug, "gone": cursor.fetchall(), **image(disposal)}
