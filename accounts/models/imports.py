"""Lists that were read and wait to be applied."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from staff.models import StaffMember


class StaffImport(models.Model):
    """A list of staff that was read, and what it would come to; its rows go when it is applied.

    A list that nobody applies within a day is emptied (accounts.actions.imports): only its counts stay.
    """

    record_class = "staff_record"

    name = models.CharField(max_length=120)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="lists_read")
    read_at = models.DateTimeField()
    rows = models.JSONField(default=list)
    steps = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-read_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(applied_at=None) | Q(rows=[]), name="staff_import_emptied_when_applied"
            ),
        ]

    def __str__(self) -> str:
        return self.name
