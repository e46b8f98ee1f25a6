"""Messages that could not be read: looked at, mended and read again by a person."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import transaction

from accounts.connections import connector_for
from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotValid, TransitionNotAllowed
from moderation import storable
from moderation.actions import ingest
from moderation.models import Quarantined
from platforms.contract import RawMessage
from staff.models import StaffMember
from staff.roles import Power


@action
def note_viewed(*, actor: StaffMember, rows: Sequence[Quarantined]) -> None:
    """Somebody reads what the public may have written. Audits quarantine.viewed, where there is anything."""
    if rows:
        record(actor=actor, event="quarantine.viewed", details={"messages": [row.pk for row in rows]})


@action
def replay(*, actor: StaffMember, row: Quarantined, payload: str) -> Quarantined:
    """The message as a person mended it is read by the connector like any other, and settled.

    What came from the platform stays as it came in the raw payloads; the mended one stands beside it.
    payload: JSON. Raises NotPermitted, TransitionNotAllowed (read meanwhile), NotValid (no JSON object, or it
    still cannot be read: the sentence says where). Audits quarantine.replayed, and what ingest audits.
    """
    require(actor, Power.WORK_COMMENTS, row.official_account_id)
    held = (
        Quarantined.objects.select_for_update(of=("self",)).select_related("official_account").get(pk=row.pk)
    )
    if held.settled_at is not None:
        raise TransitionNotAllowed("It has been read meanwhile.")
    mended = _payload(payload)
    account = held.official_account
    connector = connector_for(account)
    message = RawMessage(external_id=held.external_id, payload=mended)
    try:
        incoming = connector.read(message)
    except Exception as fault:
        words = str(fault) if isinstance(fault, ValueError) else type(fault).__name__
        raise NotValid(f"It still cannot be read: {words[:200]}.", field="payload") from None
    if incoming is None:
        raise NotValid("As it stands now it is no comment. Put back what was in it.", field="payload")
    with transaction.atomic():
        taken = ingest.take_in(
            actor=actor,
            official_account=account,
            messages=[RawMessage(external_id=storable.text(incoming.external_id), payload=mended)],
            source="mended",
            connector=connector,
        )
        if taken.set_aside:
            raise NotValid(
                "It could be read but not stored: an id in it is empty or too long.", field="payload"
            )
    held.settled_at = clock.now()
    held.save(update_fields=["settled_at"])
    record(
        actor=actor,
        event="quarantine.replayed",
        subject=held,
        subject_name=account.name,
        official_account_id=account.pk,
        shown_ids=taken.all,
    )
    return held


def _payload(text: str) -> dict:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise NotValid(
            "This is not JSON: a bracket, a comma or a quotation mark is missing.", field="payload"
        ) from None
    if not isinstance(found, dict):
        raise NotValid("A message is an object: it begins with { and ends with }.", field="payload")
    return found
