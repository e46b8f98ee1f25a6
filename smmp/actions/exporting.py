"""Everything left the platform: when, where to, and that information security was told."""

from __future__ import annotations

from accounts.queries import people_with
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import System
from notices.actions import notify
from notices.models import Notice
from staff.roles import Power


@action
def begin(*, actor: System, to: str, reason: str) -> None:
    """Before the first row is read it stands in the trail, and those who read the trail are told.

    Source: DPA 2018 s.62 (disclosure). Audits export.begun.
    """
    record(actor=actor, event="export.begun", reason=reason[:500], details={"to": to[:300]})
    notify(
        actor=actor,
        to=people_with(Power.SEE_AUDIT),
        urgency=Notice.Urgency.SOON,
        title="Everything is being exported",
        body=f"{actor.actor_name} began an export of everything. If you did not expect it, ask at once.",
        key=f"export {clock.now():%Y-%m-%d %H:%M:%S}",
    )


@action
def note_finished(
    *, actor: System, to: str, rows: int, files: int, missing: int, manifest_sha256: str
) -> None:
    """It is whole; the hash of its manifest proves later which export it was. Audits export.finished."""
    record(
        actor=actor,
        event="export.finished",
        details={
            "to": to[:300],
            "rows": rows,
            "files": files,
            "missing": missing,
            "manifest_sha256": manifest_sha256,
        },
    )


@action
def note_failed(*, actor: System, to: str) -> None:
    """It was broken off, and what there was of it is removed. Audits export.failed."""
    record(actor=actor, event="export.failed", details={"to": to[:300]})
