"""What platforms say of our official accounts and posts, as it was each time they were asked: a history, never overwritten."""

from __future__ import annotations

from django.db import models

from accounts.models import OfficialAccount
from publishing.models import Delivery


class AccountReach(models.Model):
    """How many followed an official account at a moment."""

    record_class = "figures"

    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    followers = models.PositiveBigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["official_account", "-at"], name="account_reach_latest")]

    def __str__(self) -> str:
        return f"{self.followers} followers of {self.official_account}"


class PostReach(models.Model):
    """What had come of one of our posts at a moment. Empty where its platform does not say.

    No foreign key of the database ties it to the delivery, so that nothing waits for figures to go.
    """

    record_class = "figures"

    delivery = models.ForeignKey(
        Delivery, on_delete=models.DO_NOTHING, db_constraint=False, related_name="reach", db_index=False
    )
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    seen = models.PositiveBigIntegerField(null=True, blank=True)
    """How often it was shown, or to how many, as its platform counts."""
    likes = models.PositiveBigIntegerField(null=True, blank=True)
    replies = models.PositiveBigIntegerField(null=True, blank=True)
    shares = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["delivery", "-at"], name="post_reach_latest"),
            models.Index(fields=["official_account", "-at"], name="post_reach_by_time"),
        ]

    def __str__(self) -> str:
        return f"reach of delivery {self.delivery_id}"


class ReachPull(models.Model):
    """When the platform is next asked about an official account, and what it answered last."""

    record_class = "operational"

    official_account = models.OneToOneField(OfficialAccount, on_delete=models.PROTECT, related_name="+")
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=300, blank=True)
    """Why it could not be asked the last time, as a sentence for staff."""

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="reach_pull_due")]

    def __str__(self) -> str:
        return f"reach of {self.official_account}"
