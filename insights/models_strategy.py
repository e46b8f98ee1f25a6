"""The social media strategy of the force in versions: its words, its channels, and who approved it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core import clock
from platforms import registry
from staff.models import StaffMember


class Strategy(models.Model):
    """One version. Only a draft's words change; exactly one is live once the first was approved.

    Source: APP social media, "Social media strategy": what it should and may contain.
    """

    record_class = "guideline"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        LIVE = "live", "It holds"
        PAST = "past", "Replaced"
        DROPPED = "dropped", "Given up"

    number = models.PositiveSmallIntegerField(unique=True)
    state = models.CharField(max_length=7, choices=State, default=State.DRAFT)
    owner = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    review_on = models.DateField(null=True, blank=True)
    aims = models.TextField(max_length=6000, blank=True)
    roadmap = models.TextField(max_length=6000, blank=True)
    content = models.TextField(max_length=6000, blank=True)
    engagement = models.TextField(max_length=6000, blank=True)
    collaboration = models.TextField(max_length=6000, blank=True)
    tools = models.TextField(max_length=6000, blank=True)
    skills = models.TextField(max_length=6000, blank=True)
    cpd = models.TextField(max_length=6000, blank=True)
    law = models.TextField(max_length=6000, blank=True)
    changes = models.CharField(max_length=500, blank=True)
    """What is different from the version before."""
    drafted_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    """What somebody approves is bound to it."""
    approved_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    live_from = models.DateTimeField(null=True, blank=True)
    live_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="live"), name="strategy_one_live"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="draft"), name="strategy_one_draft"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(drafted_by=None) | ~Q(approved_by=F("drafted_by")),
                name="strategy_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "dropped"])
                | Q(live_from__isnull=False, review_on__isnull=False),
                name="strategy_live_has_dates",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of the strategy"

    @property
    def is_due(self) -> bool:
        """Whether it was to be looked at again before today."""
        return self.review_on is not None and self.review_on < clock.today()


class StrategyChannel(models.Model):
    """What one platform is for in one version of the strategy, and where it is going."""

    record_class = "guideline"

    class Course(models.TextChoices):
        KEEP = "keep", "Keep as it is"
        GROW = "grow", "Do more"
        TRY = "try", "Try out"
        SHRINK = "shrink", "Do less"
        LEAVE = "leave", "Leave"

    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="channels")
    platform = models.CharField(max_length=20)
    purpose = models.CharField(max_length=600)
    audience = models.CharField(max_length=300, blank=True)
    rhythm = models.CharField(max_length=300, blank=True)
    """What is posted there and how often."""
    course = models.CharField(max_length=6, choices=Course)
    course_words = models.CharField(max_length=300, blank=True)
    reviewed_on = models.DateField(null=True, blank=True)
    """When somebody last asked whether it is the right channel."""
    left_out = models.BooleanField(default=False)

    class Meta:
        ordering = ["platform", "id"]
        constraints = [
            models.UniqueConstraint(fields=["strategy", "platform"], name="strategy_channel_once"),
            models.CheckConstraint(condition=~Q(purpose=""), name="strategy_channel_has_purpose"),
        ]

    def __str__(self) -> str:
        return f"{self.platform} in {self.strategy}"

    @property
    def platform_name(self) -> str:
        """How people call it."""
        return registry.NAMES.get(self.platform, self.platform)


class StrategyChange(models.Model):
    """Who did what to a version, and when. Never edited."""

    record_class = "guideline"

    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="history")
    event = models.CharField(max_length=20)
    what = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.event} of {self.strategy}"
