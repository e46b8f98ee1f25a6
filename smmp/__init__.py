"""Wiring: settings, addresses, the worker, the scheduler, the local supervisor, seed and benches."""

from smmp.celery import app as celery_app

__all__ = ["celery_app"]
