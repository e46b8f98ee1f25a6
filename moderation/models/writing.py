"""What staff write with: saved replies, a second person's yes, and the short assessment of risk."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from moderation.models.comments import Comment
from moderation.thrive import PLUS, THRIVE
from staff.models import StaffMember, Team


class SavedReply(models.Model):
    """Words that are written often, with gaps in curly brackets: one's own, a team's, or the force's."""

    record_class = "guideline"

    class Level(models.TextChoices):
        PERSONAL = "personal", "Mine alone"
        TEAM = "team", "My team’s"
        FORCE = "force", "The force’s"

    level = models.CharField(max_length=8, choices=Level)
    owner = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=80)
    text = models.TextField()
    categories = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    """Kinds of comment for which it is suggested."""
    version = models.PositiveIntegerField(default=1)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["title", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(level="personal", owner__isnull=False, team=None)
                | Q(level="team", owner=None, team__isnull=False)
                | Q(level="force", owner=None, team=None),
                name="saved_reply_whose",
            )
        ]

    def __str__(self) -> str:
        return self.title


class SavedReplyChange(models.Model):
    """How a saved reply read after each change. Never edited."""

    record_class = "guideline"

    reply = models.ForeignKey(SavedReply, on_delete=models.PROTECT, related_name="changes")
    version = models.PositiveIntegerField()
    what = models.CharField(max_length=10)
    """"added", "changed", "withdrawn" or "put back"."""
    title = models.CharField(max_length=80)
    text = models.TextField()
    categories = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-version", "-id"]
        constraints = [models.UniqueConstraint(fields=["reply", "version"], name="saved_reply_version_once")]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


class ReplyRequest(models.Model):
    """A reply that goes out with a second person's yes to exactly these words."""

    record_class = "routine_comment"

    class State(models.TextChoices):
        ASKED = "asked", "Waits for a second person"
        APPROVED = "approved", "Approved and sent"
        RETURNED = "returned", "Sent back"
        WITHDRAWN = "withdrawn", "Taken back"
        OVERTAKEN = "overtaken", "Decided otherwise meanwhile"

    # The constraint is the database's own, with ON DELETE CASCADE: disposal of the comment takes it along.
    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="reply_requests", db_constraint=False
    )
    revision_number = models.PositiveIntegerField()
    text = models.TextField()
    text_hash = models.CharField(max_length=64)
    """SHA-256 of the words: the yes is to these and no others."""
    why = models.CharField(max_length=300, blank=True)
    asked_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    answered_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["asked_at", "id"]
        indexes = [models.Index(fields=["asked_at"], condition=Q(state="asked"), name="reply_request_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["comment"], condition=Q(state="asked"), name="reply_request_one_open"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | (Q(answered_by__isnull=False) & ~Q(answered_by=F("asked_by"))),
                name="reply_request_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"reply that waits on {self.comment}"


class Thrive(models.Model):
    """Threat, harm, risk, investigation, vulnerability, engagement: one person's short look at one revision.

    Repeated as things change, each dated and signed. Never edited.
    Source: College of Policing, vulnerability-related risks (THRIVE).
    """

    record_class = "routine_comment"

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="thrive", db_constraint=False)
    revision_number = models.PositiveIntegerField()
    answers = models.JSONField()
    """What was said of each element (moderation.thrive) that there was something to say of, by its slug."""
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.CheckConstraint(condition=~Q(answers={}), name="thrive_says_something")]

    def __str__(self) -> str:
        return f"THRIVE {self.pk} on {self.comment}"

    @property
    def said(self) -> list[tuple[str, str]]:
        """What was said, element by element, in the order of the word."""
        return [(one.name, self.answers[one.slug]) for one in (*THRIVE, *PLUS) if one.slug in self.answers]
