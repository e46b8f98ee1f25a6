"""You said, we did: what people of a neighbourhood worry about, and what became of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import Neighbourhood
from publishing.models_meetings import Question
from staff.models import StaffMember


class Concern(models.Model):
    """A worry of a neighbourhood in our words, who does what about it until when, and the result that was published.

    A comment's number is no foreign key, so that its disposal waits for nothing here. Nobody publishes a result that
    they wrote. Moves are in publishing.workflow_campaigns.CONCERN.
    """

    record_class = "concern"

    class Source(models.TextChoices):
        COMMENT = "comment", "Comment"
        MEETING = "meeting", "Meeting"
        HAND = "hand", "Heard in person"

    class State(models.TextChoices):
        OPEN = "open", "Nobody has it yet"
        PLANNED = "planned", "Being done"
        DONE = "done", "Done, to be published"
        PUBLISHED = "published", "Published"
        DROPPED = "dropped", "Not taken up"

    neighbourhood = models.ForeignKey(Neighbourhood, on_delete=models.PROTECT, related_name="concerns")
    source = models.CharField(max_length=7, choices=Source)
    exercise = models.BooleanField(default=False)
    """From the exercise network: never on a public page."""
    comment_id = models.BigIntegerField(null=True, blank=True)
    question = models.OneToOneField(
        Question, on_delete=models.PROTECT, null=True, blank=True, related_name="concern"
    )
    said = models.CharField(max_length=500)
    """What the public reads under “You said”: our words, without who."""
    action = models.CharField(max_length=500, blank=True)
    owner = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="concerns"
    )
    due_on = models.DateField(null=True, blank=True)
    result = models.CharField(max_length=1000, blank=True)
    """What the public reads under “We did”."""
    result_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    dropped_why = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    post = models.ForeignKey(
        "publishing.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="concerns"
    )
    """The post that was drafted from it last."""
    raised_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()

    class Meta:
        ordering = ["-raised_at", "-id"]
        indexes = [
            models.Index(
                fields=["neighbourhood", "-published_at"],
                condition=Q(state="published"),
                name="concern_published",
            ),
            models.Index(fields=["owner", "due_on"], condition=Q(state="planned"), name="concern_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["comment_id"], condition=Q(comment_id__isnull=False), name="concern_once_of_a_comment"
            ),
            models.CheckConstraint(condition=~Q(said=""), name="concern_says_something"),
            models.CheckConstraint(
                condition=~Q(state__in=["planned", "done", "published"])
                | Q(owner__isnull=False, due_on__isnull=False) & ~Q(action=""),
                name="concern_planned_has_an_owner",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["done", "published"]) | ~Q(result="") & Q(result_by__isnull=False),
                name="concern_done_has_a_result",
            ),
            models.CheckConstraint(
                condition=~Q(state="published")
                | Q(published_by__isnull=False, published_at__isnull=False) & ~Q(published_by=F("result_by")),
                name="concern_published_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state="dropped") | ~Q(dropped_why=""), name="concern_dropped_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"worry {self.pk} of {self.neighbourhood}"


class ConcernChange(models.Model):
    """History of a worry: each step, with what was said then. Never edited."""

    record_class = "concern"

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="changes")
    event = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.concern}: {self.event}"
