"""How the force looks again at who holds what."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models.grants import Grant
from staff.models import StaffMember


class AccessPolicy(models.Model):
    """How the force reviews access, in one row: periods in days, and what becomes of what nobody confirmed."""

    record_class = "schedule"

    class Unconfirmed(models.TextChoices):
        END = "end", "The grant ends"
        FLAG = "flag", "The grant stays and is shown to the administrators"

    dormant_after_days = models.PositiveSmallIntegerField(default=60)
    grants_end_within_days = models.PositiveSmallIntegerField(default=14)
    unused_after_days = models.PositiveSmallIntegerField(default=90)
    confirm_within_days = models.PositiveSmallIntegerField(default=21)
    unconfirmed = models.CharField(max_length=4, choices=Unconfirmed, default=Unconfirmed.FLAG)
    each_quarter = models.BooleanField("open one by itself in the first week of a quarter", default=True)

    class Meta:
        constraints = [models.UniqueConstraint(models.Value(1), name="access_policy_one_row")]

    def __str__(self) -> str:
        return "how access is reviewed"


class Campaign(models.Model):
    """One recertification: every live grant is confirmed or ended by a due date, in the words of a leader."""

    record_class = "staff_record"

    title = models.CharField(max_length=120, unique=True)
    opened_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    unconfirmed = models.CharField(max_length=4, choices=AccessPolicy.Unconfirmed)
    """What becomes of what nobody confirmed, as it was decided when this one was opened."""
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(models.Value(1), condition=Q(settled_at=None), name="campaign_one_open")
        ]

    def __str__(self) -> str:
        return self.title


class Confirmation(models.Model):
    """What one leader says about one grant in a campaign. Nobody confirms their own."""

    record_class = "staff_record"

    class Verdict(models.TextChoices):
        KEEP = "keep", "Keep"
        END = "end", "End"
        RAN_OUT = "ran_out", "Over before it was confirmed"
        ENDED = "ended", "Not confirmed by the due date: ended"
        FLAGGED = "flagged", "Not confirmed by the due date: shown to the administrators"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="confirmations")
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="confirmations")
    leader = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="confirmations")
    verdict = models.CharField(max_length=8, choices=Verdict, blank=True)
    why = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["leader__name", "grant__person__name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "grant"], name="confirmation_once"),
            models.CheckConstraint(
                condition=~Q(verdict__in=["keep", "end"])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="confirmation_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grant} in {self.campaign}"
