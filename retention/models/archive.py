"""What is offered to an archive: records with no policing purpose left, and of historical value."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from staff.models import StaffMember


class ArchiveOffer(models.Model):
    """Records that one archive was offered together, and what it said. They are kept until it has answered.

    Source: APP Information management, Retention, review and disposal (archiving outside the operational environment).
    """

    record_class = "disposal"

    class State(models.TextChoices):
        OFFERED = "offered", "Offered"
        TAKEN = "taken", "Taken over"
        DECLINED = "declined", "Declined"

    archive = models.CharField(max_length=160)
    """Whom it was offered to, in words."""
    why = models.CharField(max_length=400)
    state = models.CharField(max_length=8, choices=State, default=State.OFFERED)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    """SHA-256 of the manifest in the archive's file."""
    reference = models.CharField(max_length=60, blank=True)
    """Under what number it stands there."""
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="offered", answered_at=None)
                | (~Q(state="offered") & Q(answered_at__isnull=False)),
                name="archive_offer_answered_whole",
            )
        ]

    def __str__(self) -> str:
        return f"Offer {self.pk} to {self.archive}"


class ArchivedRecord(models.Model):
    """One record of an offer, marked as kept for the archive. Never edited."""

    record_class = "disposal"

    offer = models.ForeignKey(ArchiveOffer, on_delete=models.PROTECT, related_name="records")
    subject_type = models.CharField(max_length=64)
    subject_id = models.BigIntegerField()
    subject_name = models.CharField(max_length=160)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="archived_record")]
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "subject_type", "subject_id"], name="archived_once_an_offer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject_name} in {self.offer}"
