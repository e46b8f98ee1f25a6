"""Writing the audit trail. Called inside the transaction of the change that it records."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, models

from audit.catalogue import EVENTS
from audit.models import Entry, Manifest
from core import clock, context
from core.acting import action
from core.actors import Actor
from core.errors import TrailClosed
from core.rows import write_one


def record(
    *,
    actor: Actor,
    event: str,
    subject: models.Model | None = None,
    subject_name: str = "",
    official_account_id: int | None = None,
    shown_ids: Iterable[int] = (),
    reason: str = "",
    details: Mapping[str, Any] | None = None,
    manifest: Mapping[str, Any] | None = None,
) -> Entry:
    """Add one entry to the trail, in the caller's transaction.

    event: a name from audit.catalogue. details: names and non-personal values only, JSON-ready.
    subject_name: how the subject is called in the sentence; never the public's words.
    manifest: what a restored backup is brought up to date with, JSON-ready; the entry holds its digest alone.
    Raises KeyError for an event that the catalogue does not list, and for details that lack what it must
    say: both are programming mistakes. Raises TrailClosed where the trail
    cannot be written: nothing is shown then (smmp.pages answers 503). Source: DPA 2018 s.62.
    """
    known = EVENTS[event]
    said = dict(details or {})
    content = ""
    if manifest is not None:
        content = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        said["manifest"] = hashlib.sha256(content.encode()).hexdigest()
    if missing := [key for key in known.says if key not in (details or {})]:
        raise KeyError(f"{event} must say {', '.join(missing)}")
    entry = Entry(
        at=clock.now(),
        event=event,
        operation=known.operation,
        actor_kind=actor.actor_kind,
        actor_id=actor.actor_id,
        actor_name=actor.actor_name[:200],
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        subject_name=subject_name[:200],
        official_account_id=official_account_id,
        shown_ids=sorted(set(shown_ids)),
        details=said,
        reason=reason,
        request_id=context.request_id(),
        source_address=context.source_address(),
    )
    try:
        write_one(entry)
        if content:
            write_one(Manifest(entry_id=entry.pk, content=content, at=entry.at))
    except (OperationalError, InterfaceError):
        raise  # the database is away, or ended one side of a deadlock: whoever called knows what to do
    except DatabaseError as fault:
        raise TrailClosed from fault
    return entry


record_reading = action(record)
"""`record` for what is only read: its own transaction, committed before the page answers.

Raises NotPermitted where the actor's access has ended, so that nothing is shown to them.
"""
