"""Messages that could not be read, as the desk may see them."""

from __future__ import annotations

import json

from accounts.queries import account_ids
from core.errors import NotFound
from moderation.models import Quarantined
from staff.roles import Power

MOST = 100


def waiting(viewer) -> list[Quarantined]:
    """What waits on the viewer's official accounts, what was tried most first."""
    return list(
        Quarantined.objects.filter(
            official_account__in=account_ids(viewer, Power.WORK_COMMENTS), settled_at=None
        )
        .select_related("official_account")
        .order_by("-tries", "-first_at", "-id")[:MOST]
    )


def one(viewer, pk: int) -> Quarantined:
    """One that still waits. Raises NotFound."""
    row = (
        Quarantined.objects.filter(
            pk=pk, official_account__in=account_ids(viewer, Power.WORK_COMMENTS), settled_at=None
        )
        .select_related("official_account")
        .first()
        if pk < 2**63
        else None
    )
    if row is None:
        raise NotFound("There is no such message, or it has been read meanwhile.")
    return row


def as_text(row: Quarantined) -> str:
    """Its payload as people can read and mend it."""
    return json.dumps(row.payload, indent=2, ensure_ascii=False)
