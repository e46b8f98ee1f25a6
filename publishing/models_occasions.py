"""Days that are run with a campaign: an event in person, a patrol, a live stream."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from publishing.models_campaigns import Campaign
from staff.models import StaffMember


class Occasion(models.Model):
    """Where a day is, who is there, and what is said when it has to be interrupted."""

    record_class = "published_post"

    campaign = models.OneToOneField(Campaign, on_delete=models.PROTECT, related_name="occasion")
    place = models.CharField(max_length=200, blank=True)
    """Of an event: where; of a patrol: the area, never where somebody is now."""
    who = models.CharField(max_length=200)
    """Who the public meets or sees, as it knows them."""
    link = models.CharField(max_length=500, blank=True)
    """Of a live stream: where it is watched."""
    hold_line = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"day of {self.campaign}"


class Duty(models.Model):
    """Somebody moderates during a live stream, from when until when."""

    record_class = "published_post"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="duties")
    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    named_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="duty_ends_after_it_begins"),
            models.UniqueConstraint(
                fields=["campaign", "person"], condition=Q(removed_at=None), name="duty_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} on {self.campaign}"


class Tick(models.Model):
    """A line of the checklist of a live stream that somebody has seen to. Taken back, it stays with its time."""

    record_class = "published_post"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="ticks")
    slug = models.CharField(max_length=20)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "slug"], condition=Q(removed_at=None), name="tick_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.slug} of {self.campaign}"


class Takeover(models.Model):
    """A guest writes on our official accounts for a day, once they have accepted the house rules.

    What they may do is a grant with an end (accounts.models.Grant), so that it ends by itself.
    """

    record_class = "published_post"

    campaign = models.OneToOneField(Campaign, on_delete=models.PROTECT, related_name="takeover")
    guest = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="takeovers")
    rules = models.TextField()
    named_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    """When the guest accepted exactly these rules."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(rules=""), name="takeover_has_house_rules"),
            models.CheckConstraint(condition=~Q(guest=F("named_by")), name="takeover_of_another"),
        ]

    def __str__(self) -> str:
        return f"takeover {self.campaign}"
