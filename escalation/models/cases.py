"""A case, its evidence, its log, and what it is tied to."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from accounts.models import OfficialAccount
from escalation.models.pathways import Pathway, PathwayVersion
from moderation.categories import Priority
from moderation.models import Comment
from staff.models import StaffMember


class Case(models.Model):
    """A case: what is feared, the clock, and who has it.

    `acknowledge_by` is computed once per level, with the pathway version that produced it. What happens to a case
    later leaves `first_acknowledge_by` and `first_acknowledged_at` as they are: whether it was taken in time is kept.
    The ladder stops only when somebody says "I have it".
    """

    record_class = "case"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for someone to have it"
        ACKNOWLEDGED = "acknowledged", "Somebody has it"
        CLOSED = "closed", "Closed"

    class How(models.TextChoices):
        PAGE = "page", "on the page"
        CODE = "code", "by the code that was texted"
        TELEPHONE = "telephone", "by telephone"

    number = models.PositiveIntegerField(unique=True)
    title = models.CharField(max_length=160)
    pathway = models.ForeignKey(Pathway, on_delete=models.PROTECT, related_name="cases")
    version = models.ForeignKey(PathwayVersion, on_delete=models.PROTECT, related_name="cases")
    """The version of the pathway that it began with, and keeps."""
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.HIGH)
    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="cases")
    exercise = models.BooleanField(default=False)
    drill = models.BooleanField(default=False)
    """An exercise case that was started to call people: it pages them whatever else is going on."""
    place = models.CharField(max_length=160, blank=True)
    """Where it is, as somebody of the force wrote it."""
    grade = models.ForeignKey(
        "escalation.Grade", on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    """That of the latest assessment."""
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    level = models.PositiveSmallIntegerField(default=1)
    round = models.PositiveIntegerField(default=1)
    """Rises when the last level is called again, when the ladder resumes, and when the case is reopened."""
    acknowledge_by = models.DateTimeField(null=True, blank=True)
    first_acknowledge_by = models.DateTimeField(null=True, blank=True)
    """When the clock of its very first call runs out, or ran out."""
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="cases_opened"
    )
    opened_by_name = models.CharField(max_length=200)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    first_acknowledged_at = models.DateTimeField(null=True, blank=True)
    """When somebody first had it, whoever gave it up since."""
    acknowledged_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="cases_acknowledged"
    )
    acknowledged_name = models.CharField(max_length=200, blank=True)
    """Who has it, in words: also of somebody without a sign-in, who was told by telephone or sent a code."""
    acknowledged_how = models.CharField(max_length=10, choices=How, blank=True)
    act_by = models.DateTimeField(null=True, blank=True)
    """The second clock: without a recorded act by then the ladder resumes."""
    acted_at = models.DateTimeField(null=True, blank=True)
    holder_until = models.DateTimeField(null=True, blank=True)
    """When whoever has it goes off shift; the ladder resumes then. Empty where they stand on no rota."""
    first_told_at = models.DateTimeField(null=True, blank=True)
    """When the force was first told, by the platform's own time of the first message."""
    due_at = models.DateTimeField(null=True, blank=True)
    """The service level of its pathway's version, worked out once; moved only by recorded pauses."""
    paused_at = models.DateTimeField(null=True, blank=True)
    """Since when the clock of the service level stands still. The ladder never does."""
    nag_at = models.DateTimeField(null=True, blank=True)
    """When whoever has it is next called to the deadline, as long as what is due then is not recorded."""
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="cases_closed"
    )
    outcome = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-opened_at"]
        indexes = [
            models.Index(fields=["acknowledge_by"], condition=Q(state="waiting"), name="case_waiting"),
            models.Index(fields=["official_account", "state"], name="case_by_account"),
            models.Index(fields=["act_by"], condition=Q(state="acknowledged"), name="case_to_act"),
            models.Index(fields=["holder_until"], condition=Q(state="acknowledged"), name="case_off_shift"),
            models.Index(fields=["nag_at"], condition=Q(nag_at__isnull=False), name="case_to_nag"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="acknowledged")
                | Q(acknowledged_by__isnull=False)
                | (~Q(acknowledged_name="") & Q(acknowledged_at__isnull=False)),
                name="case_acknowledged_by_someone",
            ),
            # A waiting case without a clock would be one that nothing calls for.
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(acknowledge_by__isnull=False), name="case_waiting_has_clock"
            ),
            models.CheckConstraint(
                condition=Q(drill=False) | Q(exercise=True), name="case_drill_is_exercise"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """How people speak of it: "W-2041"."""
        return f"W-{self.number}"

    @property
    def holder(self) -> str:
        """Who has it, in words; empty while nobody does."""
        return self.acknowledged_by.called if self.acknowledged_by is not None else self.acknowledged_name

    @property
    def resumes_at(self) -> datetime | None:
        """When the ladder resumes unless whoever has it acts, or is still on shift."""
        if self.state != self.State.ACKNOWLEDGED:
            return None
        return min((at for at in (self.act_by, self.holder_until) if at is not None), default=None)


class CaseComment(models.Model):
    """A comment in a case, with a snapshot of its words as evidence: it survives deletion on the platform."""

    record_class = "case"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evidence")
    comment = models.OneToOneField(Comment, on_delete=models.PROTECT, related_name="case_link")
    revision_number = models.PositiveIntegerField()
    snapshot = models.JSONField()
    added_at = models.DateTimeField()
    added_by_name = models.CharField(max_length=200)

    class Meta:
        ordering = ["added_at", "id"]

    def __str__(self) -> str:
        return f"evidence in {self.case}"


class LogEntry(models.Model):
    """A line of a case's log: what happened or was said, when, by whom. Never edited."""

    record_class = "case"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="log")
    at = models.DateTimeField()
    event = models.CharField(max_length=20)
    text = models.TextField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True)
    by_name = models.CharField(max_length=200)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.case}: {self.event}"


class CaseLink(models.Model):
    """Two cases belong together, one was split off the other, or was merged into it. Never edited."""

    record_class = "case"

    class Kind(models.TextChoices):
        RELATED = "related", "Related"
        SPLIT = "split", "Split off"
        MERGED = "merged", "Merged"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links")
    other = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="linked_from")
    kind = models.CharField(max_length=7, choices=Kind, default=Kind.RELATED)
    why = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=200)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "other", "kind"], name="case_link_once"),
            models.CheckConstraint(condition=~Q(case=models.F("other")), name="case_link_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.case} and {self.other}"


class ClockChange(models.Model):
    """The clock of a case's service level was stopped or let run again: when, why, by whom. Never edited."""

    record_class = "case"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clock_changes")
    at = models.DateTimeField()
    running = models.BooleanField()
    why = models.CharField(max_length=300)
    by_name = models.CharField(max_length=200)
    due_at = models.DateTimeField(null=True)
    """The deadline as it stood afterwards."""

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"clock of {self.case}"
