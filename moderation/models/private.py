"""Whether an official account runs private messages, and the automatic first answer in hours when nobody reads."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import OfficialAccount
from moderation.models.comments import Comment, Conversation
from publishing.models import Delivery
from staff.models import StaffMember


class MessagingDecision(models.Model):
    """An informed decision whether private messages are run on an official account. The latest counts; none is edited.

    Source: APP social media, private messaging: the decision and its reasons are recorded, and so is the risk
    of hours in which nobody reads.
    """

    record_class = "official_account"

    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="messaging_decisions"
    )
    run = models.BooleanField()
    reasons = models.TextField()
    review_on = models.DateField()
    days = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    """Days on which somebody reads, Monday is 0."""
    from_time = models.TimeField(null=True, blank=True)
    until_time = models.TimeField(null=True, blank=True)
    """London times between which somebody reads, into the next day where it ends before it begins; both empty: the
    whole day."""
    automatic = models.BooleanField(default=False)
    answer = models.TextField(blank=True)
    """The automatic first answer in the hours when nobody reads."""
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reasons=""), name="messaging_decision_has_reasons"),
            models.CheckConstraint(
                condition=Q(automatic=False) | ~Q(answer=""), name="messaging_decision_answer_there"
            ),
            models.CheckConstraint(
                condition=Q(from_time=None, until_time=None)
                | (Q(from_time__isnull=False, until_time__isnull=False) & ~Q(until_time=F("from_time"))),
                name="messaging_decision_hours_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"decision on private messages of {self.official_account}"


class AutomaticAnswer(models.Model):
    """The automatic first answer that one conversation had in one stretch of hours when nobody read."""

    record_class = "routine_comment"

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    stretch_began_at = models.DateTimeField()
    delivery = models.OneToOneField(Delivery, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "stretch_began_at"], name="automatic_answer_once_a_stretch"
            )
        ]

    def __str__(self) -> str:
        return f"automatic answer in {self.conversation}"
