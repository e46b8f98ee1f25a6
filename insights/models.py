"""Security alerts: what was noticed in the audit trail, who looks into it, and how it ended; what else insights keeps."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from insights.kinds import KINDS
from insights.models_exercises import ExerciseDebrief
from insights.models_reach import AccountReach, PostReach, ReachPull
from insights.models_reports import Report, ReportReceiver
from insights.models_rollups import (
    CommentDay,
    CommentHour,
    CommentTime,
    EventDay,
    EventHour,
    Placement,
    RollupState,
    Touched,
)
from insights.models_rumours import (
    AreaDay,
    AreaMood,
    Rumour,
    RumourChange,
    RumourEvidence,
    RumourPost,
    Sighting,
)
from insights.models_scorecard import (
    DutyRecord,
    DutyWaiver,
    MeetingAction,
    MeetingAttendance,
    ScorecardMeeting,
)
from insights.models_strategy import Strategy, StrategyChange, StrategyChannel
from staff.models import StaffMember

__all__ = [
    "AccountReach",
    "Alert",
    "AlertChange",
    "AlertRule",
    "AreaDay",
    "AreaMood",
    "CommentDay",
    "CommentHour",
    "CommentTime",
    "DutyRecord",
    "DutyWaiver",
    "EventDay",
    "EventHour",
    "ExerciseDebrief",
    "MeetingAction",
    "MeetingAttendance",
    "Placement",
    "PostReach",
    "ReachPull",
    "Report",
    "ReportReceiver",
    "RollupState",
    "Rumour",
    "RumourChange",
    "RumourEvidence",
    "RumourPost",
    "ScorecardMeeting",
    "Sighting",
    "Strategy",
    "StrategyChange",
    "StrategyChannel",
    "Touched",
]


class AlertRule(models.Model):
    """The numbers of one kind of alert, and whether it is raised at all. Without a row the defaults hold."""

    record_class = "schedule"

    kind = models.SlugField(max_length=20, unique=True, choices=[(k, v.title) for k, v in KINDS.items()])
    on = models.BooleanField(default=True)
    numbers = models.JSONField(default=dict)
    set_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.kind


class Alert(models.Model):
    """One thing that was noticed about what somebody did; information security closes it with an outcome.

    It copies ids and names from the trail and holds no words of the public. `key` names the occasion:
    the same person, kind and period is one alert, whose figures grow while it is open.
    """

    record_class = "audit_work"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLAIMED = "claimed", "Looked into"
        CLOSED = "closed", "Closed"

    class Outcome(models.TextChoices):
        EXPLAINED = "explained", "Explained, no concern"
        ADVICE = "advice", "Advice or training given"
        REFERRED = "referred", "Referred to professional standards"
        INCIDENT = "incident", "Security incident opened"
        THRESHOLD = "threshold", "The rule needs other numbers"

    kind = models.CharField(max_length=20, choices=[(k, v.title) for k, v in KINDS.items()])
    key = models.CharField(max_length=200, unique=True)
    exercise = models.BooleanField(default=False)
    person_id = models.BigIntegerField(null=True)
    person_name = models.CharField(max_length=200, blank=True)
    subject_type = models.CharField(max_length=64, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    sentence = models.CharField(max_length=300)
    count = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    claimed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="claimed_alerts"
    )
    closed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="closed_alerts"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    note = models.CharField(max_length=600, blank=True)

    class Meta:
        ordering = ["-last_at", "-id"]
        indexes = [
            models.Index(fields=["exercise", "-last_at"], condition=~Q(state="closed"), name="alert_open"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(state="closed", closed_at__isnull=False, closed_by__isnull=False)
                    & ~Q(outcome="")
                    & ~Q(note="")
                )
                | (~Q(state="closed") & Q(closed_at=None, closed_by=None, outcome="")),
                name="alert_closed_whole",
            ),
            models.CheckConstraint(
                condition=(Q(closed_by=None) | Q(person_id=None) | ~Q(closed_by=F("person_id"))),
                name="alert_closed_by_somebody_else",
            ),
            models.CheckConstraint(
                condition=(Q(claimed_by=None) | Q(person_id=None) | ~Q(claimed_by=F("person_id"))),
                name="alert_claimed_by_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.person_name}"


class AlertChange(models.Model):
    """One step of an alert: who took it, when, and with which words. Never edited."""

    record_class = "audit_work"

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="changes")
    event = models.CharField(max_length=10)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    note = models.CharField(max_length=600, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.event} by {self.by_name}"
