"""An incident as the force tells the public of it on its own pages: update after update, each by two people."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import Neighbourhood
from staff.models import StaffMember


class Incident(models.Model):
    """Something that goes on, of which the public is kept informed. Of one area, or of the whole force."""

    record_class = "published_post"

    title = models.CharField(max_length=120)
    neighbourhood = models.ForeignKey(
        Neighbourhood, on_delete=models.PROTECT, null=True, blank=True, related_name="incidents"
    )
    """Empty: of the whole force area, on the page of every neighbourhood."""
    begun_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-begun_at", "-id"]
        indexes = [
            models.Index(fields=["neighbourhood"], condition=Q(ended_at=None), name="incident_live"),
            models.Index(fields=["-ended_at"], condition=Q(ended_at__isnull=False), name="incident_ended"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__gte=F("begun_at"), ended_by__isnull=False),
                name="incident_ended_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return self.title


class IncidentUpdate(models.Model):
    """One update. What was published is never edited: a later update says what is different, or it is withdrawn."""

    record_class = "published_post"

    class State(models.TextChoices):
        SUBMITTED = "submitted", "Waiting for approval"
        PUBLISHED = "published", "Published"
        RETURNED = "returned", "Returned"
        WITHDRAWN = "withdrawn", "Withdrawn"

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="updates")
    number = models.PositiveIntegerField()
    key = models.UUIDField(unique=True)
    """What feeds call it."""
    words = models.TextField()
    answers = models.JSONField(default=dict, db_default={})
    """What its author answered to the checks' questions, question -> answer (publishing.checks.questions)."""
    findings = models.JSONField(default=list, db_default=[])
    """What the checks found in exactly these words, when they were judged last: each as publishing.checks.registry.Finding."""
    judged_against = models.CharField(max_length=64, blank=True, default="", db_default="")
    """Checks, policy and day by which they were judged. Empty: before updates were read by checks."""
    state = models.CharField(max_length=9, choices=State, default=State.SUBMITTED)
    author = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="incident_updates")
    written_at = models.DateTimeField()
    first_yes_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Where a check asks for two approvers: who said yes first."""
    first_yes_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=500, blank=True)
    """Why it was returned or withdrawn."""
    published_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["incident", "number"]
        indexes = [
            models.Index(fields=["incident", "-published_at"], name="incident_update_shown"),
            models.Index(fields=["id"], condition=Q(state="submitted"), name="incident_update_waits"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="incident_update_once"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("author")), name="incident_update_by_another"
            ),
            models.CheckConstraint(
                condition=Q(first_yes_by=None, first_yes_at=None)
                | Q(first_yes_by__isnull=False, first_yes_at__isnull=False)
                & ~Q(first_yes_by=F("author"))
                & (Q(state__in=["submitted", "returned"]) | ~Q(first_yes_by=F("decided_by"))),
                name="incident_update_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state="submitted", decided_by=None, published_at=None, withdrawn_at=None)
                | Q(state="returned", decided_by__isnull=False, published_at=None, withdrawn_at=None)
                | Q(
                    state="published",
                    decided_by__isnull=False,
                    published_at__isnull=False,
                    withdrawn_at=None,
                )
                | Q(
                    state="withdrawn",
                    decided_by__isnull=False,
                    published_at__isnull=False,
                    withdrawn_at__isnull=False,
                ),
                name="incident_update_state_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"update {self.number} of {self.incident}"

    @property
    def needs_two(self) -> bool:
        """Whether a check asked for two approvers when it was judged last."""
        return any(one["level"] == "second" for one in self.findings)
