"""What the public asks about a hidden comment, and how it is answered."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import OfficialAccount
from moderation.models.desk import Clause
from staff.models import StaffMember


class Inquiry(models.Model):
    """Somebody of the public asks why a comment of theirs is hidden.

    Nothing is said before they have sent `code` from the handle that wrote the comment. The page that
    answers is found by a secret that only their browser holds; here stands its hash. The comment's
    number is no foreign key, so that its disposal waits for nothing here.
    """

    record_class = "inquiry"

    code = models.CharField(max_length=9, unique=True)
    secret_hash = models.CharField(max_length=64, unique=True)
    link = models.CharField(max_length=500)
    source_key = models.CharField(max_length=64)
    """A keyed hash of where the request came from: it limits how often one source asks."""
    comment_id = models.BigIntegerField(null=True)
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, null=True, related_name="inquiries"
    )
    asked_at = models.DateTimeField()
    until = models.DateTimeField()
    """The last moment at which the code proves the handle, and until which the page answers once it has."""
    proved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["until"],
                condition=Q(proved_at=None, comment_id__isnull=False),
                name="inquiry_unproved",
            ),
            models.Index(fields=["source_key", "asked_at"], name="inquiry_by_source"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(comment_id=None, official_account=None)
                | Q(comment_id__isnull=False, official_account__isnull=False),
                name="inquiry_about_whole",
            ),
            models.CheckConstraint(
                condition=Q(proved_at=None) | Q(comment_id__isnull=False),
                name="inquiry_proof_about_something",
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.code}"


class Reconsideration(models.Model):
    """The commenter asks for a second look at a hide, by somebody else than who decided it."""

    record_class = "inquiry"

    class State(models.TextChoices):
        OPEN = "open", "Waiting"
        UPHELD = "upheld", "The comment stays hidden"
        OVERTURNED = "overturned", "The comment is shown again"

    inquiry = models.ForeignKey(Inquiry, on_delete=models.PROTECT, related_name="reconsiderations")
    """On whose page it was asked. A comment that is hidden anew is asked about on the same page."""
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="reconsiderations"
    )
    comment_id = models.BigIntegerField()
    decision_id = models.BigIntegerField(unique=True)
    """Each decision is looked at again once."""
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT)
    decided_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField()
    words = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    """When whoever may answer was last told that it falls due, or is overdue."""

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(
                fields=["official_account", "due_on"], condition=Q(state="open"), name="reconsideration_open"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", answered_by=None, answered_at=None, answer="")
                | (
                    ~Q(state="open") & Q(answered_by__isnull=False, answered_at__isnull=False) & ~Q(answer="")
                ),
                name="reconsideration_answer_whole",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | Q(decided_by=None) | ~Q(answered_by=models.F("decided_by")),
                name="reconsideration_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"second look {self.pk}"


class Withholding(models.Model):
    """The reason for a hide is not given for now, because saying it would do harm. Ends when lifted.

    The decision's number is no foreign key, so that its disposal waits for nothing here.
    """

    record_class = "inquiry"

    decision_id = models.BigIntegerField()
    why = models.CharField(max_length=500)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    lifted_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision_id"], condition=Q(lifted_at=None), name="withholding_one_standing"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="withholding_lifted_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"withholding {self.pk}"
