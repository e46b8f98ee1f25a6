"""Virtual community meetings: who answers, what the public asks, what is answered."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import OfficialAccount
from publishing.models_campaigns import Campaign
from staff.models import StaffMember


class Meeting(models.Model):
    """A meeting of the public with named officers, on a public page and under posts of ours."""

    record_class = "published_post"

    campaign = models.OneToOneField(Campaign, on_delete=models.PROTECT, related_name="meeting")
    slug = models.SlugField(max_length=70, unique=True)
    """In the address of its public page."""
    about = models.TextField()
    """What the public reads about it."""
    hold_line = models.CharField(max_length=500)
    """What is said when it has to be interrupted."""
    opens_at = models.DateTimeField()
    """From then on the public page takes questions."""
    closed_at = models.DateTimeField(null=True, blank=True)
    """When somebody closed it to further questions."""
    transcript_at = models.DateTimeField(null=True, blank=True)
    transcript_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(transcript_at=None, transcript_by=None)
                | Q(transcript_at__isnull=False, transcript_by__isnull=False, closed_at__isnull=False),
                name="meeting_transcript_by_someone",
            )
        ]

    def __str__(self) -> str:
        return f"meeting {self.campaign}"


class MeetingOfficer(models.Model):
    """Somebody who answers in a meeting, and the name under which the public knows them."""

    record_class = "published_post"

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="officers")
    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    shown_as = models.CharField(max_length=80)
    named_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["named_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "person"], condition=Q(removed_at=None), name="meeting_officer_once"
            )
        ]

    def __str__(self) -> str:
        return self.shown_as


class Question(models.Model):
    """What somebody of the public asks in a meeting. Nobody else of the public reads it before staff have.

    `words` are theirs; `shown` is what the public reads. A comment's number is no foreign key, so that its disposal
    waits for nothing here. Moves are in publishing.workflow_campaigns.QUESTION.
    """

    record_class = "community_question"

    class Source(models.TextChoices):
        PAGE = "page", "Public page"
        COMMENT = "comment", "Comment under a post"
        HAND = "hand", "Asked in person"

    class State(models.TextChoices):
        WAITING = "waiting", "To be read"
        SHOWN = "shown", "Shown"
        TAKEN = "taken", "Being answered"
        ANSWERED = "answered", "Answered"
        DECLINED = "declined", "Not shown"

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="questions")
    source = models.CharField(max_length=7, choices=Source)
    words = models.TextField()
    name = models.CharField(max_length=40, blank=True)
    """What they want to be called; empty where they did not say."""
    source_key = models.CharField(max_length=64, blank=True)
    """A keyed hash of where it came from: it limits how often one source asks."""
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    comment_id = models.BigIntegerField(null=True, blank=True)
    revision = models.PositiveIntegerField(null=True, blank=True)
    """Of the comment, as it was when it was taken over."""
    asked_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True, blank=True)
    """When triage had read it."""
    priority = models.PositiveSmallIntegerField(null=True, blank=True)
    """What triage makes of it, 1 to 5; None while it has not been read."""
    why_risk = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    shown = models.TextField(blank=True)
    shown_name = models.CharField(max_length=40, blank=True)
    """What the public reads of who asked; staff have read it."""
    shown_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    shown_at = models.DateTimeField(null=True, blank=True)
    officer = models.ForeignKey(
        MeetingOfficer, on_delete=models.PROTECT, null=True, blank=True, related_name="questions"
    )
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    declined_why = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["asked_at", "id"]
        indexes = [
            models.Index(fields=["meeting", "state", "asked_at"], name="question_by_state"),
            models.Index(fields=["source_key", "asked_at"], name="question_by_source"),
            models.Index(fields=["id"], condition=Q(looked_at=None), name="question_unread"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "comment_id"],
                condition=Q(comment_id__isnull=False),
                name="question_once_of_a_comment",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "declined"])
                | ~Q(shown="") & Q(shown_by__isnull=False, shown_at__isnull=False),
                name="question_shown_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(state="answered")
                | ~Q(answer="") & Q(officer__isnull=False, answered_at__isnull=False),
                name="question_answered_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(declined_why=""), name="question_declined_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(source="comment", comment_id__isnull=False, official_account__isnull=False)
                | ~Q(source="comment") & Q(comment_id=None),
                name="question_comes_from_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.pk}"


class QuestionChange(models.Model):
    """History of a question: each move, with the words that the public then read. Never edited."""

    record_class = "community_question"

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="changes")
    event = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    words = models.TextField(blank=True)
    why = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.question}: {self.event}"
