"""The community guidelines, version by version: what the public may be told as the reason for a hide."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from staff.models import StaffMember


class Guidelines(models.Model):
    """One version of the community guidelines. Its clauses carry its words; only a draft's may change.

    Exactly one version is in force. Who approved a version wrote none of it.
    Source: APP social media, "community guidelines".
    """

    record_class = "guideline"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        APPROVED = "approved", "Approved, not in force yet"
        IN_FORCE = "in_force", "In force"
        PAST = "past", "No longer in force"
        DROPPED = "dropped", "Given up"

    number = models.PositiveSmallIntegerField(unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    changes = models.CharField(max_length=500, blank=True)
    """What is different from the version before, as the public reads it."""
    drafted_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    """None for the words that the installation came with."""
    drafted_at = models.DateTimeField()
    approved_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    in_force_from = models.DateTimeField(null=True, blank=True)
    in_force_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="in_force"), name="guidelines_one_in_force"
            ),
            models.UniqueConstraint(
                models.Value(1),
                condition=Q(state__in=["draft", "approved"]),
                name="guidelines_one_to_come",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("drafted_by")),
                name="guidelines_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "dropped"]) | Q(in_force_from__isnull=False),
                name="guidelines_in_force_from",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class GuidelinesChange(models.Model):
    """Who did what to a version, and when. Never edited."""

    record_class = "guideline"

    guidelines = models.ForeignKey(Guidelines, on_delete=models.PROTECT, related_name="history")
    event = models.CharField(max_length=30)
    """The event's name in the audit catalogue, without "guidelines."."""
    what = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.event} of {self.guidelines}"
