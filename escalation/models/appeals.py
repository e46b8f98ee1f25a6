"""Public appeals in cases: an overdue review, what still stands though it should be gone, and what the public told."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from escalation.models.cases import Case
from moderation.models import Tip
from publishing.models import Appeal, TakeDown


class AppealCase(models.Model):
    """Why a case is about a public appeal: its review was overdue, or a post of ours is not seen to be gone."""

    record_class = "case"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="appeals")
    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    review_on = models.DateField(null=True, blank=True)
    """The review that was overdue."""
    take_down = models.OneToOneField(
        TakeDown, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["appeal", "review_on"], name="appeal_case_once_per_review"),
            models.CheckConstraint(
                condition=Q(appeal__isnull=False, review_on__isnull=False, take_down=None)
                | Q(review_on=None, take_down__isnull=False),
                name="appeal_case_one_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.appeal or self.take_down}"


class CaseTip(models.Model):
    """A tip in a case, with a snapshot of what was told: never how to reach whoever told it."""

    record_class = "case"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tips")
    tip = models.OneToOneField(Tip, on_delete=models.PROTECT, related_name="case_link")
    snapshot = models.JSONField()
    added_at = models.DateTimeField()
    added_by_name = models.CharField(max_length=200)

    class Meta:
        ordering = ["added_at", "id"]

    def __str__(self) -> str:
        return f"{self.tip} in {self.case}"
