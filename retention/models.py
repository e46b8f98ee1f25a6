"""How long each class of record is kept, what holds it back, and proof of what went."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from staff.models import StaffMember


class ScheduleRow(models.Model):
    """The period of one record class. Data, never a constant: the NRS is under review.

    Source of the seeds: NPCC National Retention Schedule headings and force practice, each row
    marked to be confirmed by the force's records manager (`confirmed_at` empty).
    """

    record_class = "schedule"

    class Outcome(models.TextChoices):
        DISPOSE = "dispose", "Dispose"
        REVIEW = "review", "A person reviews"

    slug = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    trigger = models.CharField(max_length=80)
    """What starts the period, in words: "received", "closed"."""
    keep_for_days = models.PositiveIntegerField(null=True, blank=True)
    keep_for_years = models.PositiveSmallIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome)
    source = models.CharField(max_length=200)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(keep_for_days=None, keep_for_years__isnull=False)
                | Q(keep_for_days__isnull=False, keep_for_years=None),
                name="schedule_one_unit",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def period(self) -> str:
        """The period in words."""
        number, unit = (
            (self.keep_for_years, "year") if self.keep_for_years is not None else (self.keep_for_days, "day")
        )
        return f"{number} {unit}{'' if number == 1 else 's'}"


class ScheduleChange(models.Model):
    """History of a schedule row: what it was, what it became, who and why. Never edited."""

    record_class = "schedule"

    row = models.ForeignKey(ScheduleRow, on_delete=models.PROTECT, related_name="changes")
    version = models.PositiveIntegerField()
    was = models.CharField(max_length=80)
    became = models.CharField(max_length=80)
    why = models.CharField(max_length=300)
    changed_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-changed_at"]

    def __str__(self) -> str:
        return f"{self.row}: {self.was} -> {self.became}"


class Hold(models.Model):
    """Keeps one record from disposal until somebody lifts it. It wins over every period.

    `subject_type` is a model label ("moderation.comment"), `subject_id` its primary key: the
    rooms below hold no foreign keys upward. FOIA s.77: an open request must place one.
    """

    record_class = "schedule"

    subject_type = models.CharField(max_length=64)
    subject_id = models.BigIntegerField()
    subject_name = models.CharField(max_length=160)
    why = models.CharField(max_length=400)
    review_on = models.DateField()
    placed_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="holds_placed")
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="holds_lifted"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_why = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-placed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"], condition=Q(lifted_at=None), name="hold_one_live"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="hold_lifted_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"hold on {self.subject_name}"


class Disposal(models.Model):
    """One run over one record class: what was due, what went, what holds kept. The certificate of destruction.

    Holds ids and counts only, never what was disposed of (ICO: erasure logs carry metadata only).
    """

    record_class = "disposal"

    row = models.ForeignKey(ScheduleRow, on_delete=models.PROTECT, related_name="disposals")
    row_version = models.PositiveIntegerField()
    run_on = models.DateField()
    due_before = models.DateTimeField()
    disposed_ids = ArrayField(models.BigIntegerField(), default=list)
    disposed_count = models.PositiveIntegerField(default=0)
    held_count = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-run_on", "-id"]
        constraints = [models.UniqueConstraint(fields=["row", "run_on"], name="disposal_once_a_day")]

    def __str__(self) -> str:
        return f"{self.row} on {self.run_on:%d %B %Y}"
