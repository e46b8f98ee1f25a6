"""What a departure leaves to be done by hand."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models.register import OfficialAccount
from staff.models import Departure, StaffMember


class DepartureStep(models.Model):
    """What must be done by hand because somebody has left, until somebody signs that it is done.

    A platform knows nothing of our grants: whoever was a page admin there still is one.
    """

    record_class = "staff_record"

    class Kind(models.TextChoices):
        REMOVE = "remove", "Remove on the platform"
        ROTATE = "rotate", "Renew a shared secret"
        DEVICES = "devices", "Take back devices"

    departure = models.ForeignKey(Departure, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=8, choices=Kind)
    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, null=True, blank=True)
    what = models.CharField(max_length=300)
    signed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="departure_steps_signed"
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["departure", "kind", "official_account"],
                nulls_distinct=False,
                name="departure_step_once",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None, signed_at=None)
                | Q(signed_by__isnull=False, signed_at__isnull=False),
                name="departure_step_signed_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.what
