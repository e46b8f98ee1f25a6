"""What somebody has to have read and learned before they publish: policy pages in versions, and courses with dates."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from staff.models import StaffMember


class PolicyPage(models.Model):
    """A policy or a playbook of the force, in versions. Source: APP social media, "Social media policy"."""

    record_class = "schedule"

    class Kind(models.TextChoices):
        POLICY = "policy", "Policy"
        PLAYBOOK = "playbook", "Playbook"

    kind = models.CharField(max_length=8, choices=Kind)
    title = models.CharField(max_length=120)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["kind", "title"]
        constraints = [
            models.UniqueConstraint(Lower("title"), condition=Q(ended_at=None), name="policy_page_once"),
        ]

    def __str__(self) -> str:
        return self.title


class PolicyVersion(models.Model):
    """What a page says from a moment on. Never changed: the next version takes its place."""

    record_class = "schedule"

    page = models.ForeignKey(PolicyPage, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField(max_length=40_000)
    changes = models.CharField(max_length=300)
    """What is new in it, for those who have read the one before."""
    published_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["page", "number"]
        constraints = [
            models.UniqueConstraint(fields=["page", "number"], name="policy_version_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="policy_version_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.page}, version {self.number}"


class PolicyReading(models.Model):
    """One person confirmed that they have read one version."""

    record_class = "staff_record"

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="readings")
    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="policy_readings")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "version"], name="policy_reading_once")]

    def __str__(self) -> str:
        return f"{self.person} read {self.version}"


class Course(models.Model):
    """A training without which nobody publishes, and for how long it counts."""

    record_class = "schedule"

    name = models.CharField(max_length=120)
    counts_for_months = models.PositiveSmallIntegerField()
    renew = models.CharField(max_length=300)
    """Where it is taken again, in a sentence."""
    asked_since = models.DateField()
    set_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("name"), condition=Q(ended_at=None), name="course_once"),
            models.CheckConstraint(
                condition=Q(counts_for_months__gte=1, counts_for_months__lte=120), name="course_months"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Training(models.Model):
    """Somebody took a course on a day. Struck out where it was entered wrongly, never changed."""

    record_class = "staff_record"

    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="trainings")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="trainings")
    done_on = models.DateField()
    counts_until = models.DateField()
    """The last London day on which it counts, by the course as it stood when this was noted."""
    source = models.CharField(max_length=120)
    """By hand, or the name of the file."""
    noted_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    noted_at = models.DateTimeField()
    struck_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    struck_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-done_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "course", "done_on"],
                condition=Q(struck_at=None),
                name="training_once_a_day",
            ),
            models.CheckConstraint(condition=Q(counts_until__gt=F("done_on")), name="training_counts_after"),
            models.CheckConstraint(
                condition=Q(noted_by=None) | ~Q(noted_by=F("person")), name="training_noted_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.course}, {self.done_on}"
