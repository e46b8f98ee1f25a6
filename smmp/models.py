"""The platform's own pulse: heartbeats, and the periods in which each job ran."""

from __future__ import annotations

from django.db import models

from smmp.models_moving import Import, Imported, SavedMapping

__all__ = ["Heartbeat", "Import", "Imported", "Period", "SavedMapping"]


class Heartbeat(models.Model):
    """When a part of the platform was last alive; /readyz shows the age."""

    record_class = "operational"

    name = models.CharField(max_length=60, unique=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Period(models.Model):
    """A job's claim on one period: the unique row is what keeps a job from running twice."""

    record_class = "operational"

    job = models.CharField(max_length=60)
    starts_at = models.DateTimeField()
    claimed_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "starts_at"], name="period_once")]

    def __str__(self) -> str:
        return f"{self.job} at {self.starts_at:%H:%M:%S}"
