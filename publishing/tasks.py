"""The outbox at work. Each task reads from Postgres what is due and is safe to run twice at once."""

from __future__ import annotations

from celery import shared_task

from publishing import sending


@shared_task(name="publishing.send_due")
def send_due() -> int:
    """Everything that is due goes to its platform (every second)."""
    return sending.send_due()


@shared_task(name="publishing.settle")
def settle() -> int:
    """What is unknown is read back from its platform (every 5 seconds)."""
    return sending.settle_due()
