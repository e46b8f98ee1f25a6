"""People involved in a case. What is known stands apart from what somebody thinks of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from escalation.models.cases import Case
from moderation.models import Commenter
from staff.models import StaffMember


class Involved(models.Model):
    """Somebody involved in a case. Source of the categories and of the two columns: DPA 2018 s.38(2) and (3)."""

    record_class = "case"

    class Category(models.TextChoices):
        NOT_KNOWN = "not_known", "Not known yet"
        SUSPECT = "suspect", "Suspected of an offence, or of being about to commit one"
        CONVICTED = "convicted", "Convicted of an offence"
        VICTIM = "victim", "Victim, or may be one"
        WITNESS = "witness", "Witness, or has information"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="people")
    name = models.CharField(max_length=200)
    category = models.CharField(max_length=10, choices=Category, default=Category.NOT_KNOWN)
    commenter = models.ForeignKey(
        Commenter, on_delete=models.DO_NOTHING, db_constraint=False, null=True, blank=True, related_name="+"
    )
    facts = models.TextField(blank=True)
    assessment = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    replaced_by = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaces"
    )
    """What was written later of the same person; the earlier words stay."""

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(facts="") | ~Q(assessment=""), name="involved_says_something")
        ]

    def __str__(self) -> str:
        return f"somebody involved in {self.case}"
