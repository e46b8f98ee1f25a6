"""Posts of the force's own in a case, kept as they stood."""

from __future__ import annotations

from django.db import models

from escalation.models.cases import Case
from publishing.models import Delivery


class OwnPost(models.Model):
    """What the force itself wrote on a platform, as evidence: it survives its correction and deletion there."""

    record_class = "case"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="own_posts")
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="+")
    snapshot = models.JSONField()
    why = models.CharField(max_length=300, blank=True)
    added_at = models.DateTimeField()
    added_by_name = models.CharField(max_length=200)

    class Meta:
        ordering = ["added_at", "id"]
        constraints = [models.UniqueConstraint(fields=["case", "delivery"], name="own_post_once_in_case")]

    def __str__(self) -> str:
        return f"our post {self.delivery_id} in {self.case}"
