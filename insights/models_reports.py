"""Reports as they were made, and who receives which."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import Neighbourhood
from staff.models import StaffMember

GRACE = timedelta(minutes=30)
"""A report that is made later than this after it was due says so."""


class Kind(models.TextChoices):
    DAILY = "daily", "Daily brief"
    WEEKLY = "weekly", "Weekly of a neighbourhood"
    MONTHLY = "monthly", "Monthly for the board"
    YEARLY = "yearly", "Yearly for the public"
    INCIDENT = "incident", "Incident"


class Report(models.Model):
    """One report as it was made, for one period: never made anew, so that what was read stays what was read.

    One that is made on a schedule has `due_at`, and there is one for each kind, period and neighbourhood: two
    schedulers make it once.
    """

    record_class = "report"

    kind = models.CharField(max_length=8, choices=Kind)
    title = models.CharField(max_length=160)
    first = models.DateField()
    last = models.DateField()
    """London days, both counted."""
    neighbourhood = models.ForeignKey(
        Neighbourhood, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    official_account_ids = ArrayField(models.BigIntegerField(), default=list)
    """Of which official accounts it tells: it is read by whoever may see all of them."""
    case_id = models.BigIntegerField(null=True, blank=True)
    """Of an incident: the case that it is about. No foreign key, so that the case's disposal waits for nothing here."""
    surge_id = models.BigIntegerField(null=True, blank=True)
    content = models.JSONField()
    """What it says, as insights.reports.Written has it."""
    due_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Nobody where the platform made it by itself."""
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "first", "last", "neighbourhood"],
                condition=Q(due_at__isnull=False),
                nulls_distinct=False,
                name="report_once_per_period",
            ),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="report_in_order"),
            models.CheckConstraint(
                condition=Q(published_at=None, published_by=None)
                | Q(kind="yearly", published_at__isnull=False, published_by__isnull=False),
                name="report_published_yearly",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_late(self) -> bool:
        """Whether it was made later than it was due."""
        return self.due_at is not None and self.made_at > self.due_at + GRACE


class ReportReceiver(models.Model):
    """Somebody is told of each report of a kind. What is made by itself is made because somebody receives it."""

    record_class = "report"

    kind = models.CharField(max_length=8, choices=Kind)
    neighbourhood = models.ForeignKey(
        Neighbourhood, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Whose weekly report it is; empty for the other kinds."""
    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    attaches = models.BooleanField(default=True, db_default=True)
    """Whether its PDF comes with the e-mail, where the force allows it (settings.REPORTS_ATTACHED); else the link alone."""
    since = models.DateTimeField()
    added_by_name = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["kind", "neighbourhood__name", "person__name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "neighbourhood", "person"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="report_receiver_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="weekly", neighbourhood__isnull=False)
                | (~Q(kind="weekly") & Q(neighbourhood=None)),
                name="report_receiver_of_place",
            ),
            models.CheckConstraint(condition=~Q(kind="incident"), name="report_receiver_of_schedule"),
        ]

    def __str__(self) -> str:
        return f"{self.person} receives {self.get_kind_display().lower()}"
