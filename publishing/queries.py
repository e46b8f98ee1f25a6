"""Reading posts, the outbox and the lockdown switch."""

from __future__ import annotations

from publishing.models import Lockdown


def lockdown() -> Lockdown | None:
    """The lockdown in force now, if any. Read again before anything goes out."""
    return Lockdown.objects.select_related("started_by").filter(lifted_at=None).first()
