"""Whoever speaks for us beside our own official accounts: influencers, paid media, partners."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from publishing.models_campaigns import Campaign
from staff.models import StaffMember


class Engagement(models.Model):
    """One entry of the register: who does what for us, at what cost, approved by a second person.

    Source: CAP Code 2.1 and 2.3 (what is paid for has to be recognisable as such); Procurement and audit of public
    money want who, what, cost and approval. Moves are in publishing.workflow_campaigns.ENGAGEMENT.
    """

    record_class = "engagement"

    class Kind(models.TextChoices):
        INFLUENCER = "influencer", "Influencer"
        PAID = "paid", "Paid media"
        PARTNER = "partner", "Partner"

    class State(models.TextChoices):
        ASKED = "asked", "Waiting for approval"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"
        CLOSED = "closed", "Closed"

    kind = models.CharField(max_length=10, choices=Kind)
    who = models.CharField(max_length=120)
    what = models.CharField(max_length=500)
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, null=True, blank=True, related_name="engagements"
    )
    cost_pence = models.PositiveBigIntegerField(default=0)
    label = models.CharField(max_length=200, blank=True)
    """How the public sees that it is for us: “Ad”, “Paid for by Wealdshire Police”."""
    starts_on = models.DateField()
    ends_on = models.DateField()
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_why = models.CharField(max_length=500, blank=True)
    result = models.CharField(max_length=1000, blank=True)
    closed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="engagement_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")), name="engagement_two_people"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_by=None)
                | ~Q(state="asked") & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="engagement_decided_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(kind="partner", cost_pence=0) | ~Q(label=""),
                name="engagement_says_that_it_is_paid",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | ~Q(result="") & Q(closed_by__isnull=False),
                name="engagement_closed_with_a_result",
            ),
        ]

    def __str__(self) -> str:
        return self.who
