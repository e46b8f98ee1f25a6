"""The desk's own clockwork: outcomes noted, claims that ran out set free. Each is safe to run twice."""

from __future__ import annotations

from celery import shared_task

from moderation import queries
from moderation.actions import desk, outcomes


@shared_task(name="moderation.note_outcomes")
def note_outcomes() -> int:
    """Note what became of every reply and hide that has arrived, was refused or was withdrawn."""
    due = queries.outcomes_due()
    for decision in due:
        outcomes.note_outcome(decision=decision)
    return len(due)


@shared_task(name="moderation.release_claims")
def release_claims() -> int:
    """Free every comment whose lease has run out."""
    return desk.release_stale_claims()
