"""Acts that outlast their decision: blocks until their date, the next day's look at grave acts, acts on many at once."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q

from accounts.models import OfficialAccount
from core import clock
from moderation.models.desk import Clause
from publishing.models import Delivery
from staff.models import StaffMember


class Block(models.Model):
    """A commenter may not write to an official account until a date. It is lifted on the platform then.

    The numbers of comment and decision are no foreign keys, so that their disposal waits for nothing here.
    Source: ECHR Art. 10: the public is shut out no longer than is needed, for a reason that is recorded.
    """

    record_class = "measure"

    comment_id = models.BigIntegerField()
    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="blocks")
    commenter_id = models.BigIntegerField()
    commenter_external_id = models.CharField(max_length=300)
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    until = models.DateTimeField()
    delivery = models.OneToOneField(
        Delivery, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """How it was made from here; empty where somebody made it on the platform itself."""
    lifting = models.OneToOneField(
        Delivery, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """How it is being lifted from here."""
    by_hand_why = models.CharField(max_length=300, blank=True)
    """Why a person has to lift it on the platform itself, once it is to be lifted; else empty."""
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    """Who lifted it early, or by hand; nobody where it ended on its date."""
    lifted_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["until", "id"]
        indexes = [models.Index(fields=["until"], condition=Q(lifted_at=None), name="block_standing")]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("at")), name="block_ends_later"),
            models.UniqueConstraint(
                fields=["official_account", "commenter_external_id"],
                condition=Q(lifted_at=None),
                name="block_one_standing",
            ),
        ]

    def __str__(self) -> str:
        return f"block {self.pk}"

    @property
    def last_day(self) -> date:
        """The last London day on which it holds."""
        return clock.in_london(self.until - timedelta(seconds=1)).date()


class ActReview(models.Model):
    """A deletion or a block that one person made, and the look of somebody else at it, by the next evening.

    At night one person must be able to act, so the second pair of eyes comes after the act.
    """

    record_class = "measure"

    class State(models.TextChoices):
        OPEN = "open", "Waiting"
        AGREED = "agreed", "Agreed"
        OVERTURNED = "overturned", "Overturned"

    decision_id = models.BigIntegerField(unique=True)
    comment_id = models.BigIntegerField()
    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=[("delete", "Deletion"), ("block", "Block")])
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, related_name="+")
    block = models.OneToOneField(
        Block, on_delete=models.PROTECT, null=True, blank=True, related_name="review"
    )
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    words = models.CharField(max_length=500, blank=True)
    answered_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(
                fields=["official_account", "due_at"], condition=Q(state="open"), name="act_review_open"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", answered_by=None, answered_at=None)
                | (~Q(state="open") & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="act_review_answer_whole",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("by")), name="act_review_by_another"
            ),
            models.CheckConstraint(
                condition=~Q(state="overturned") | ~Q(words=""), name="act_review_overturned_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"review {self.pk}"


class Batch(models.Model):
    """One decision that somebody made on many comments: each by itself, with what came of it.

    `results`: [{"comment", "decision", "says", "was_with"}], `decision` empty where it was refused, `was_with` the
    team in whose queue it stood before.
    """

    record_class = "measure"

    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    kind = models.CharField(max_length=10)
    says = models.CharField(max_length=300)
    """What was decided, as its page reads."""
    results = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"batch {self.pk}"
