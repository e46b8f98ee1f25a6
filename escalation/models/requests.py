"""Requests under information law in cases: one whose time is over and that nobody answered."""

from __future__ import annotations

from django.db import models

from escalation.models.cases import Case
from retention.models import RightsRequest


class RequestCase(models.Model):
    """Why a case is about a request: its deadline passed. Once for each deadline."""

    record_class = "case"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="requests")
    request = models.ForeignKey(RightsRequest, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    """The deadline that passed."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "due_at"], name="request_case_once_per_deadline")
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.request}"
