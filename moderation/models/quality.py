"""Looking over closed decisions, a few a month, drawn at random: what a supervisor thinks, and what the person answers."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import OfficialAccount
from moderation.models.desk import Clause, Decision
from staff.models import StaffMember


class DipDraw(models.Model):
    """That the decisions of one month were drawn from. One row a month, so that nobody is drawn twice."""

    record_class = "quality"

    month = models.DateField(unique=True)
    """Its first day, London."""
    drawn_at = models.DateTimeField()
    samples = models.PositiveIntegerField()

    class Meta:
        ordering = ["-month"]

    def __str__(self) -> str:
        return f"draw of {self.month:%B %Y}"


class DipSample(models.Model):
    """One closed decision that was drawn. Whose it was is shown once it is marked.

    Numbers of decision and comment are no foreign keys, so that their disposal waits for nothing here.
    """

    record_class = "quality"

    class Mark(models.TextChoices):
        RIGHT = "right", "Right"
        ARGUABLE = "arguable", "Arguable"
        WRONG = "wrong", "Wrong"

    draw = models.ForeignKey(DipDraw, on_delete=models.PROTECT, related_name="drawn")
    decision_id = models.BigIntegerField(unique=True)
    comment_id = models.BigIntegerField()
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="dip_samples"
    )
    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="dip_samples")
    kind = models.CharField(max_length=20)
    """A kind of Decision, as it was called then."""
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField()
    mark = models.CharField(max_length=8, choices=Mark, blank=True)
    sentence = models.CharField(max_length=1000, blank=True)
    marked_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    marked_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=1000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["official_account", "id"], condition=Q(mark=""), name="dip_sample_unmarked"),
            models.Index(fields=["person", "-marked_at"], name="dip_sample_of_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(mark="", sentence="", marked_by=None, marked_at=None)
                | (~Q(mark="") & ~Q(sentence="") & Q(marked_by__isnull=False, marked_at__isnull=False)),
                name="dip_sample_marked_whole",
            ),
            models.CheckConstraint(
                condition=Q(marked_by=None) | ~Q(marked_by=F("person")), name="dip_sample_by_another"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None)
                | (~Q(answer="") & Q(answered_at__isnull=False, marked_at__isnull=False)),
                name="dip_sample_answer_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"drawn decision {self.pk}"

    def get_kind_display(self) -> str:
        """The kind of decision in words."""
        return str(dict(Decision.Kind.choices).get(self.kind, self.kind))
