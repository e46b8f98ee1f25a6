"""The platform's own small tasks."""

from __future__ import annotations

from celery import shared_task

from smmp import pulse


@shared_task(name="smmp.worker_beat")
def worker_beat() -> None:
    """Proof that messages reach a worker and that it reaches the database."""
    pulse.beat("worker")


@shared_task(name="smmp.sweep_periods")
def sweep_periods() -> None:
    """Old claims of periods go."""
    pulse.sweep_periods()
