"""The APP scorecard: what people say of a duty, what is waived, and the meetings at which it was looked at."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core import clock
from staff.models import StaffMember


class DutyRecord(models.Model):
    """What somebody recorded of one duty: its owner, where it stands, the gap, and the paper behind it.

    The latest counts, and none is edited: together they are the duty's history. Where the product's own figures judge a
    duty (insights.evidence), a record names its owner and may judge it more strictly than they do, never more kindly.
    """

    record_class = "official_account"

    class Says(models.TextChoices):
        FIGURES = "figures", "As the figures say"
        MET = "met", "Met"
        PARTLY = "partly", "Partly met"
        NOT_MET = "not_met", "Not met"

    duty = models.CharField(max_length=40)
    owner = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    says = models.CharField(max_length=7, choices=Says)
    words = models.CharField(max_length=1000, blank=True)
    """How it is met."""
    gap = models.CharField(max_length=1000, blank=True)
    """What is lacking, and what is done about it."""
    document = models.CharField(max_length=200, blank=True)
    """Where it stands in writing."""
    review_on = models.DateField(null=True, blank=True)
    """The London day on which somebody looks at it again."""
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["duty", "-at", "-id"], name="duty_record_latest")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(says="met") | (Q(review_on__isnull=False) & ~Q(words="")),
                name="duty_record_met_with_words",
            ),
            models.CheckConstraint(
                condition=~Q(says__in=["partly", "not_met"]) | ~Q(gap=""), name="duty_record_gap_named"
            ),
        ]

    def __str__(self) -> str:
        return f"record of {self.duty}"

    @property
    def is_due(self) -> bool:
        """Whether it was to be looked at again before today."""
        return self.review_on is not None and self.review_on < clock.today()


class DutyWaiver(models.Model):
    """The force does without a duty for a time: asked for by one person, agreed to by another, over on its day."""

    record_class = "official_account"

    duty = models.CharField(max_length=40)
    reason = models.CharField(max_length=600)
    until = models.DateField()
    """The last London day on which it counts."""
    asked_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    agreed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    agreed_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Who refused it, or ended it early; nobody where its day came."""
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["duty"], condition=Q(ended_at=None), name="duty_waiver_one_open"),
            models.CheckConstraint(condition=~Q(reason=""), name="duty_waiver_has_reason"),
            models.CheckConstraint(
                condition=Q(agreed_by=None, agreed_at=None)
                | (Q(agreed_by__isnull=False, agreed_at__isnull=False) & ~Q(agreed_by=F("asked_by"))),
                name="duty_waiver_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"waiver of {self.duty}"

    @property
    def is_live(self) -> bool:
        """Whether the duty is waived today."""
        return self.agreed_at is not None and self.ended_at is None and self.until >= clock.today()

    @property
    def waits(self) -> bool:
        """Whether somebody else is still to agree."""
        return self.agreed_at is None and self.ended_at is None and self.until >= clock.today()


class ScorecardMeeting(models.Model):
    """Information security and communications looked at the scorecard together. What they saw is kept as it stood.

    Source: APP social media, "Security": standards are reviewed regularly, and the two consult each other.
    """

    record_class = "official_account"

    held_on = models.DateField()
    next_on = models.DateField()
    others = models.CharField(max_length=300, blank=True)
    """Who else was there, in words."""
    looked_at = models.CharField(max_length=2000)
    decisions = models.CharField(max_length=4000, blank=True)
    snapshot = models.JSONField()
    """insights.scorecard.Sheet.as_data at that moment. Never changed."""
    recorded_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-held_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(next_on__gt=F("held_on")), name="scorecard_meeting_next_later"
            ),
            models.CheckConstraint(condition=~Q(looked_at=""), name="scorecard_meeting_looked"),
        ]

    def __str__(self) -> str:
        return f"meeting of {self.held_on:%d %B %Y}"


class MeetingAttendance(models.Model):
    """Who was at a meeting, and for which side."""

    record_class = "official_account"

    class Side(models.TextChoices):
        INFOSEC = "infosec", "Information security"
        COMMS = "comms", "Communications"

    meeting = models.ForeignKey(ScorecardMeeting, on_delete=models.PROTECT, related_name="attendances")
    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=7, choices=Side)

    class Meta:
        ordering = ["side", "person__name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "person"], name="meeting_attendance_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person} at {self.meeting}"


class MeetingAction(models.Model):
    """What somebody is to do after a meeting, by when, and that it was done."""

    record_class = "official_account"

    meeting = models.ForeignKey(ScorecardMeeting, on_delete=models.PROTECT, related_name="actions")
    duty = models.CharField(max_length=40, blank=True)
    what = models.CharField(max_length=500)
    owner = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    added_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()
    done_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)
    done_words = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(what=""), name="meeting_action_says_what"),
            models.CheckConstraint(
                condition=Q(done_by=None, done_at=None) | Q(done_by__isnull=False, done_at__isnull=False),
                name="meeting_action_done_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def is_overdue(self) -> bool:
        """Whether it was to be done before today and is not."""
        return self.done_at is None and self.due_on < clock.today()
