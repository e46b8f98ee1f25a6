"""What is kept of an exercise once it was talked through."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from exercise.models import Run
from staff.models import StaffMember


class ExerciseDebrief(models.Model):
    """A run was debriefed: the team's figures as they stood, and what was learned. Never edited, and no person in it."""

    record_class = "exercise"

    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="debrief")
    figures = models.JSONField()
    """insights.marked_sheet.Sheet.as_data at that moment."""
    went_well = models.CharField(max_length=2000)
    to_change = models.CharField(max_length=2000)
    recorded_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-recorded_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(went_well="") | ~Q(to_change=""), name="exercise_debrief_says_something"
            )
        ]

    def __str__(self) -> str:
        return f"debrief of {self.run}"
