"""Intelligence reports: what the desk wrote down, what the intelligence unit made of it, and the source held apart."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from escalation.models.referrals import Referral

INTELLIGENCE = "intelligence"
"""The kind of referral that a report goes with."""


class IntelligenceReport(models.Model):
    """One report in the 3x5x2 form. Its words never name who gave it (escalation.sanitising).

    Source: College of Policing, intelligence management (3x5x2); the states are those of force intelligence systems.
    """

    record_class = "intelligence"

    class State(models.TextChoices):
        ASSESSMENT = "to_assess", "Requires assessment"
        CORRECTION = "to_correct", "Requires correction"
        LINKING = "to_link", "Requires linking"
        LINKED = "linked", "Linked"
        SET_ASIDE = "set_aside", "No intelligence"

    class Priority(models.TextChoices):
        HIGH = "high", "High: threat to life, serious harm, imminent risk or opportunity"
        MEDIUM = "medium", "Medium: time critical"
        LOW = "low", "Low: all other"

    class Source(models.TextChoices):
        RELIABLE = "1", "1 Reliable"
        UNTESTED = "2", "2 Untested"
        NOT_RELIABLE = "3", "3 Not reliable"

    class Assessment(models.TextChoices):
        DIRECT = "A", "A Known directly to the source"
        CORROBORATED = "B", "B Known indirectly to the source but corroborated"
        INDIRECT = "C", "C Known indirectly to the source"
        NOT_KNOWN = "D", "D Not known"
        FALSE = "E", "E Suspected to be false"

    class Handling(models.TextChoices):
        PERMITTED = "P", "P Lawful sharing permitted"
        CONDITIONS = "C", "C Lawful sharing permitted with conditions"

    class ActionCode(models.TextChoices):
        DEVELOPMENT = "A1", "A1 Covert development"
        COVERT = "A2", "A2 Covert use"
        OVERT = "A3", "A3 Overt use"

    class Sanitisation(models.TextChoices):
        DELEGATED = "S1", "S1 Delegated authority to sanitise"
        CONSULT = "S2", "S2 Consult the originator"

    class Group(models.IntegerChoices):
        ONE = 1, "MoPI group 1: certain public protection matters"
        TWO = 2, "MoPI group 2: other sexual, violent or serious offences"
        THREE = 3, "MoPI group 3: all other offences"
        FOUR = 4, "MoPI group 4: miscellaneous"

    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="intelligence")
    priority = models.CharField(max_length=6, choices=Priority, default=Priority.LOW)
    words = models.TextField()
    provenance = models.TextField()
    context = models.TextField(blank=True)
    sensitive = models.BooleanField(default=False)
    """The intelligence unit and whoever wrote it alone read it."""
    state = models.CharField(max_length=10, choices=State, default=State.ASSESSMENT)
    source_code = models.CharField(max_length=1, choices=Source, blank=True)
    assessment_code = models.CharField(max_length=1, choices=Assessment, blank=True)
    handling = models.CharField(max_length=1, choices=Handling, blank=True)
    conditions = models.TextField(blank=True)
    action_code = models.CharField(max_length=2, choices=ActionCode, blank=True)
    sanitisation_code = models.CharField(max_length=2, choices=Sanitisation, blank=True)
    sanitised = models.TextField(blank=True)
    """The text as it may be shared, where it is another than what the desk wrote."""
    mopi_group = models.PositiveSmallIntegerField(choices=Group, null=True, blank=True)
    next_unit = models.CharField(max_length=120, blank=True)
    assessed_at = models.DateTimeField(null=True, blank=True)
    assessed_by_name = models.CharField(max_length=200, blank=True)
    system_reference = models.CharField(max_length=60, blank=True)
    """What the intelligence system calls it."""
    linked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["to_link", "linked"])
                | (
                    ~Q(source_code="")
                    & ~Q(assessment_code="")
                    & ~Q(handling="")
                    & Q(assessed_at__isnull=False)
                ),
                name="intelligence_coded_whole",
            ),
            models.CheckConstraint(
                condition=~Q(handling="C") | ~Q(conditions=""), name="intelligence_conditions_said"
            ),
            models.CheckConstraint(
                condition=~Q(state="linked") | (~Q(system_reference="") & Q(linked_at__isnull=False)),
                name="intelligence_linked_has_reference",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """Leads back to the submission without naming anybody: "IR-12"."""
        return f"IR-{self.pk}"

    @property
    def state_says(self) -> str:
        """The state as intelligence systems write it: "Requires assessment, sensitive"."""
        return f"{self.get_state_display()}{', sensitive' if self.sensitive else ''}"

    @property
    def codes(self) -> str:
        """The grading in short: "2 C P"; empty until it is assessed."""
        return " ".join(code for code in (self.source_code, self.assessment_code, self.handling) if code)

    @property
    def shared_words(self) -> str:
        """The text as it may leave."""
        return self.sanitised or self.words


class IntelligenceSource(models.Model):
    """Who gave it, apart from the report: opened by the intelligence unit alone, each time with a reason.

    A copy, without a key into comments: these are disposed of earlier.
    """

    record_class = "intelligence"

    report = models.OneToOneField(IntelligenceReport, on_delete=models.PROTECT, related_name="source")
    platform = models.CharField(max_length=20)
    external_id = models.CharField(max_length=300)
    handle = models.CharField(max_length=200)
    name = models.CharField(max_length=300, blank=True)
    address = models.CharField(max_length=500, blank=True)
    """Of the comment on the platform."""
    comment_number = models.BigIntegerField()
    said = models.TextField(blank=True)
    """The comment's words, for a report that quotes them would lead to it."""
    anonymous = models.BooleanField(default=False)
    """They asked to stay unknown."""
    known = models.CharField(max_length=500, blank=True)
    """What the desk knows of how far they can be believed."""

    class Meta:
        indexes = [models.Index(fields=["platform", "external_id"], name="intelligence_by_source")]

    def __str__(self) -> str:
        return f"source of {self.report.reference}"


class IntelligenceStep(models.Model):
    """What was done with a report, when, by whom, and how it read then. Never edited."""

    record_class = "intelligence"

    report = models.ForeignKey(IntelligenceReport, on_delete=models.PROTECT, related_name="steps")
    at = models.DateTimeField()
    event = models.CharField(max_length=12)
    text = models.TextField()
    by_name = models.CharField(max_length=200)
    kept = models.JSONField(default=dict)
    """The texts or codes as they stood after it."""

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.report}: {self.event}"
