"""What triage is taught: examples, labels, versions, and which of them speaks."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from moderation.categories import Category, Priority
from staff.models import StaffMember


class Exemplar(models.Model):
    """A text that is like a category, or (counter) only looks like it. The desk adds and withdraws them.

    The words are never changed: one that is wrong is withdrawn and another added. What ships has no `added_by`.
    A comment that an example was taken from is no foreign key, so that its disposal waits for nothing here.
    """

    record_class = "triage"

    category = models.CharField(max_length=40, choices=Category)
    counter = models.BooleanField(default=False)
    text = models.CharField(max_length=600)
    language = models.CharField(max_length=12, default="en")
    from_comment_id = models.BigIntegerField(null=True, blank=True)
    added_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    added_by_name = models.CharField(max_length=200)
    added_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_by_name = models.CharField(max_length=200, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["category", "counter", "-added_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "text"], condition=Q(withdrawn_at=None), name="exemplar_once"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="exemplar_has_words"),
        ]

    def __str__(self) -> str:
        return (
            f"{'counter-example' if self.counter else 'example'} {self.pk} of {self.get_category_display()}"
        )


class TriageVersion(models.Model):
    """A state of triage that can be live: its examples, calibration and labels made into one model.

    Kept whole, so that it can be switched back to and every comment's version can be explained.
    """

    record_class = "triage"

    class Kind(models.TextChoices):
        SHIPPED = "shipped", "What ships"
        EXEMPLARS = "exemplars", "Changed examples"
        CALIBRATED = "calibrated", "Calibrated on the force's own comments"
        LEARNED = "learned", "Learned from corrections"

    name = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    digest = models.CharField(max_length=64)
    rules = models.CharField(max_length=20)
    """The version of the rules that it was made beside."""
    exemplars = models.PositiveIntegerField()
    ordinary = models.PositiveIntegerField()
    own_ordinary = models.PositiveIntegerField(default=0)
    """Of the ordinary comments: the force's own."""
    labels = models.PositiveIntegerField(default=0)
    off = models.JSONField(default=list)
    """Slugs of the categories that are switched off."""
    model = models.BinaryField()
    report = models.JSONField(default=dict)
    """What changed against the version that was live: moderation.triage.report."""
    made_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_by_name = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    live = models.BooleanField(default=False)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["live"], condition=Q(live=True), name="triage_version_one_live")
        ]

    def __str__(self) -> str:
        return self.name


class TriageSwitch(models.Model):
    """Who made which version live, when and why. Never edited."""

    record_class = "triage"

    version = models.ForeignKey(TriageVersion, on_delete=models.PROTECT, related_name="switches")
    was = models.ForeignKey(
        TriageVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="switches_away"
    )
    why = models.CharField(max_length=500)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.version} live at {self.at:%Y-%m-%d %H:%M}"


class TriageStop(models.Model):
    """Triage is switched off by a person, whole or for some categories, until somebody switches it on again."""

    record_class = "triage"

    categories = models.JSONField(default=list)
    """Slugs; none: all of it, and comments stand by time alone."""
    why = models.CharField(max_length=500)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(ended_at=None), name="triage_stop_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="triage_stop_ended_whole",
            ),
        ]

    def __str__(self) -> str:
        return "triage off" if not self.categories else f"{len(self.categories)} categories off"


class TriageJob(models.Model):
    """A version that somebody asked for: trained, tried on what came lately, and laid before the supervisor.

    Or a change of the rules that is only tried (kind RULES): then no version comes of it, only the report.
    """

    record_class = "triage"

    RULES = "rules"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    kind = models.CharField(
        max_length=10, choices=[*TriageVersion.Kind.choices, (RULES, "A change of the rules")]
    )
    wish = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    """Of kind RULES: "off" and "on", names of rules and categories (moderation.trying_rules)."""
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    off = models.JSONField(default=list)
    days = models.PositiveSmallIntegerField(default=30)
    """The dry run looks at comments of so many days."""
    progress = models.PositiveSmallIntegerField(default=0)
    """Percent."""
    version = models.ForeignKey(
        TriageVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="jobs"
    )
    report = models.JSONField(default=dict)
    fault = models.CharField(max_length=300, blank=True)
    asked_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_by_name = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=["waiting", "running"]), name="triage_job_due")
        ]
        constraints = [
            models.CheckConstraint(condition=Q(progress__lte=100), name="triage_job_progress"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running"], finished_at=None)
                | Q(state__in=["done", "failed"], finished_at__isnull=False),
                name="triage_job_finished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_state_display().lower()}"


class Label(models.Model):
    """What a person said a comment was, beside what triage had said. Never edited; the comment keeps the words."""

    record_class = "triage"

    comment_id = models.BigIntegerField()
    revision_number = models.PositiveIntegerField()
    category = models.CharField(max_length=40, choices=Category)
    priority = models.PositiveSmallIntegerField(choices=Priority)
    was_category = models.CharField(max_length=40)
    was_priority = models.PositiveSmallIntegerField()
    triage_version = models.CharField(max_length=20, blank=True)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["comment_id", "-at"], name="label_of_comment"),
            models.Index(fields=["at"], name="label_by_time"),
        ]

    def __str__(self) -> str:
        return f"label {self.pk}"
