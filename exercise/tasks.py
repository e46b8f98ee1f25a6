"""What the scheduler calls: one step of every exercise that is playing."""

from celery import shared_task

from exercise.actions import runs


@shared_task(name="exercise.advance")
def advance() -> int:
    """Every line that is due is on the network. Safe to run twice and at once. Each second."""
    return runs.advance_runs()
