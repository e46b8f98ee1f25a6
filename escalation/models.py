"""Cases: risk gathered, put in front of a named person, and held there until someone has it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import OfficialAccount
from moderation.categories import Priority
from moderation.models import Comment
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Role


class Pathway(models.Model):
    """What happens to a case of one kind: who is called, in which order, how soon. Data, not code."""

    record_class = "schedule"

    slug = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    categories = ArrayField(models.CharField(max_length=40), default=list)
    advice = models.TextField(blank=True)
    """What the person who escalates should do meanwhile, e.g. ring the control room."""
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class Level(models.Model):
    """One rung of a pathway's ladder: holders of a role, and how long they have to acknowledge."""

    record_class = "schedule"

    pathway = models.ForeignKey(Pathway, on_delete=models.CASCADE, related_name="levels")
    position = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=30, choices=Role)
    acknowledge_within_s = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["pathway", "position"], name="level_once")]

    def __str__(self) -> str:
        return f"{self.get_role_display()}"


class Case(models.Model):
    """A case: what is feared, the clock, and who has it.

    `acknowledge_by` is computed once per level, with the pathway version that produced it.
    The ladder stops only when somebody says "I have it".
    """

    record_class = "case"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for someone to have it"
        ACKNOWLEDGED = "acknowledged", "Somebody has it"
        CLOSED = "closed", "Closed"

    number = models.PositiveIntegerField(unique=True)
    title = models.CharField(max_length=160)
    pathway = models.ForeignKey(Pathway, on_delete=models.PROTECT, related_name="cases")
    pathway_version = models.PositiveIntegerField()
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.HIGH)
    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="cases")
    exercise = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    level = models.PositiveSmallIntegerField(default=1)
    round = models.PositiveIntegerField(default=1)
    """Rises when the last level is called again, and when the case is reopened."""
    acknowledge_by = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="cases_opened"
    )
    opened_by_name = models.CharField(max_length=200)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="cases_acknowledged"
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
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="acknowledged") | Q(acknowledged_by__isnull=False),
                name="case_acknowledged_by_someone",
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """How people speak of it: "W-2041"."""
        return f"W-{self.number}"


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


class CallOut(models.Model):
    """Somebody was called for a case at one level. The notice shows whether they saw it."""

    record_class = "case"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="call_outs")
    round = models.PositiveIntegerField(default=1)
    level = models.PositiveSmallIntegerField()
    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="call_outs")
    notice = models.ForeignKey(Notice, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "round", "level", "person"], name="called_once_a_round")
        ]

    def __str__(self) -> str:
        return f"{self.person} called for {self.case}"
