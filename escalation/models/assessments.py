"""Assessments of the risk in a case, and the force's own grades."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.db.models import Q

from escalation.models.cases import Case
from moderation.thrive import PLUS, THRIVE
from staff.models import StaffMember


@dataclass(frozen=True)
class Said:
    """One element of an assessment with what was found."""

    name: str
    text: str


class Grade(models.Model):
    """One grade of the force's own scheme. A lower position is more urgent."""

    record_class = "schedule"

    slug = models.SlugField(max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(unique=True)
    name = models.CharField(max_length=120)
    target = models.CharField(max_length=200, blank=True)
    immediate = models.BooleanField(default=False)
    """The force incident manager is named."""
    active = models.BooleanField(default=True)
    source = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class Assessment(models.Model):
    """What somebody made of the risk at one moment, signed. Another is added when more is known; none is changed.

    A grade that was lowered with no supervisor on shift is looked at by one on the next day: those columns
    alone are filled in later.
    """

    record_class = "case"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assessments")
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="assessments")
    by_name = models.CharField(max_length=200)
    answers = models.JSONField(default=dict)
    """Slug of a THRIVE element -> what was found (moderation.thrive)."""
    grade = models.ForeignKey(Grade, on_delete=models.PROTECT, related_name="+")
    rationale = models.TextField()
    why_changed = models.CharField(max_length=500, blank=True)
    incident_manager = models.CharField(max_length=120, blank=True)
    """The force incident manager by name, of an immediate case."""
    lowered = models.BooleanField(default=False)
    agreed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """The supervisor who lowered it or agreed; none where none was on shift."""
    review_on = models.DateField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    review_says = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(
                fields=["review_on"],
                condition=Q(review_on__isnull=False, reviewed_at=None),
                name="assessment_review_due",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(lowered=False) | Q(agreed_by__isnull=False) | Q(review_on__isnull=False),
                name="assessment_lowered_by_two",
            )
        ]

    def __str__(self) -> str:
        return f"{self.grade}, {self.case}"

    @property
    def said(self) -> list[Said]:
        """Each element that was answered, with the answer, in the order of the letters."""
        return [
            Said(element.name, self.answers[element.slug])
            for element in THRIVE + PLUS
            if self.answers.get(element.slug)
        ]
