"""The shift handover: what stood when it was handed over and when it was taken over, signed by both."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from staff.models import StaffMember


class Handover(models.Model):
    """One shift handed to the next. The page itself is made from live state; what stood on it is with each signature.

    It is complete with two signatures, by two people. Until the second one it may be withdrawn.
    """

    record_class = "handover"

    outgoing = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="handovers_given")
    incoming = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="handovers_taken")
    note = models.TextField(blank=True)
    official_account_ids = ArrayField(models.BigIntegerField(), default=list)
    """The official accounts that the outgoing person saw: whoever sees fewer reads nothing of it."""
    made_at = models.DateTimeField()
    complete_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [
            models.Index(
                fields=["made_at"], condition=Q(complete_at=None, withdrawn_at=None), name="handover_unsigned"
            )
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(outgoing=F("incoming")), name="handover_two_people"),
            models.CheckConstraint(
                condition=Q(complete_at=None) | Q(withdrawn_at=None), name="handover_one_end"
            ),
            models.UniqueConstraint(
                fields=["outgoing"],
                condition=Q(complete_at=None, withdrawn_at=None),
                name="handover_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"handover from {self.outgoing} to {self.incoming}"

    @property
    def is_open(self) -> bool:
        return self.complete_at is None and self.withdrawn_at is None


class HandoverSignature(models.Model):
    """Somebody signed, and this is what stood on the page then. Never edited."""

    record_class = "handover"

    class Side(models.TextChoices):
        OUTGOING = "outgoing", "Handed over"
        INCOMING = "incoming", "Took over"

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="signatures")
    side = models.CharField(max_length=8, choices=Side)
    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    person_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    page = models.JSONField()
    """The sections of the page as escalation.handover.as_data gives them."""

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["handover", "side"], name="handover_side_once"),
            models.UniqueConstraint(fields=["handover", "person"], name="handover_person_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()}: {self.person_name}"
