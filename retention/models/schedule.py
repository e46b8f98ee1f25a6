"""The schedule: one row per record class, the drafts that change it, and its history."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from staff.models import StaffMember

_UNITS = ("keep_for_years", "keep_for_days", "keep_for_hours")
_ONE_UNIT = (
    Q(keep_for_years__isnull=False, keep_for_days=None, keep_for_hours=None)
    | Q(keep_for_years=None, keep_for_days__isnull=False, keep_for_hours=None)
    | Q(keep_for_years=None, keep_for_days=None, keep_for_hours__isnull=False)
)


class Outcome(models.TextChoices):
    DISPOSE = "dispose", "Dispose"
    REVIEW = "review", "A person reviews"
    ARCHIVE = "archive", "A person reviews, to offer it to the archive"
    RESTRICT = "restrict", "A person reviews, to restrict it"


class Trigger(models.TextChoices):
    RECEIVED = "received", "Received or made"
    CLOSED = "closed", "Closed or decided"
    PUBLISHED = "published", "Published or sent"
    APPEAL_CLOSED = "appeal_closed", "Appeal closed"
    LAST_EVENT = "last_event", "Last event in a clear period"
    LEAVING = "leaving", "Leaving date"


class Regime(models.TextChoices):
    LAW_ENFORCEMENT = "part3", "DPA 2018 Part 3 (law enforcement)"
    GENERAL = "gdpr", "UK GDPR"
    BOTH = "both", "Part 3 or UK GDPR, by what the record is about"
    NONE = "none", "No personal data"


class Rule(models.Model):
    """What a schedule says of one class: live in a row, proposed in a draft."""

    description = models.CharField(max_length=300, blank=True, default="", db_default="")
    starts_with = models.CharField(
        max_length=14, choices=Trigger, default=Trigger.RECEIVED, db_default=Trigger.RECEIVED
    )
    """What kind of event starts the period; `trigger` says it of this class in its own word."""
    trigger = models.CharField(max_length=80)
    """What starts the period, in words: "received", "closed"."""
    keep_for_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    keep_for_days = models.PositiveIntegerField(null=True, blank=True)
    keep_for_years = models.PositiveSmallIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome)
    quiet_days = models.PositiveSmallIntegerField(default=2, db_default=2)
    """How long a proposal lies open before an automatic disposal goes on by itself."""
    mopi_group = models.PositiveSmallIntegerField(null=True, blank=True)
    """1 to 4 where it is police information under MoPI; groups 1 and 2 take two people."""
    legal_basis = models.CharField(max_length=200, blank=True, default="", db_default="")
    regime = models.CharField(max_length=5, choices=Regime, default=Regime.BOTH, db_default=Regime.BOTH)
    source = models.CharField(max_length=200)
    paragraph = models.CharField(max_length=120, blank=True, default="", db_default="")
    """Where in the source it stands; empty until the force has read it there."""

    class Meta:
        abstract = True

    @property
    def period(self) -> str:
        """The period in words."""
        for name in _UNITS:
            number = getattr(self, name)
            if number is not None:
                unit = name.removeprefix("keep_for_").removesuffix("s")
                return f"{number} {unit}{'' if number == 1 else 's'}"
        return "no period"

    @property
    def number(self) -> int:
        """How many hours, days or years."""
        return next(getattr(self, name) for name in _UNITS if getattr(self, name) is not None)

    @property
    def unit(self) -> str:
        """ "hours", "days" or "years"."""
        return next(name.removeprefix("keep_for_") for name in _UNITS if getattr(self, name) is not None)

    def keep_for(self, number: int, unit: str) -> None:
        """Set the period, in one unit alone."""
        for name in _UNITS:
            setattr(self, name, number if name == f"keep_for_{unit}" else None)


RULE_FIELDS = tuple(field.name for field in Rule._meta.fields)


class ScheduleRow(Rule):
    """The rule of one record class. Data, never a constant: the NRS is under review.

    Source of the seeds: NPCC National Retention Schedule headings and force practice, each row
    marked to be confirmed by the force's records manager (`confirmed_at` empty).
    """

    record_class = "schedule"
    Outcome = Outcome

    slug = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(condition=_ONE_UNIT, name="schedule_one_unit"),
            models.CheckConstraint(
                condition=Q(mopi_group=None) | Q(mopi_group__gte=1, mopi_group__lte=4),
                name="schedule_mopi_group",
            ),
            # What may harm somebody until they are a hundred is never disposed of by software alone.
            models.CheckConstraint(
                condition=Q(mopi_group=None) | Q(mopi_group__gte=3) | ~Q(outcome="dispose"),
                name="schedule_grave_is_reviewed",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def two_people(self) -> bool:
        """Whether each decision on a record takes a second person: MoPI groups 1 and 2."""
        return self.mopi_group in (1, 2)


class ScheduleDraft(models.Model):
    """A change of the schedule on its way: drafted, put to a second person, approved for a day, in force."""

    record_class = "schedule"

    class State(models.TextChoices):
        DRAFTING = "drafting", "Being drafted"
        PUT = "put", "Waits for a second person"
        APPROVED = "approved", "Approved"
        IN_FORCE = "in_force", "In force"
        WITHDRAWN = "withdrawn", "Withdrawn"

    state = models.CharField(max_length=9, choices=State, default=State.DRAFTING)
    made_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    why = models.CharField(max_length=300, blank=True)
    effective_on = models.DateField(null=True, blank=True)
    """The London day from whose beginning it counts."""
    put_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    in_force_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state__in=["drafting"]), name="schedule_draft_one_open"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "in_force"])
                | (
                    Q(approved_by__isnull=False, approved_at__isnull=False, effective_on__isnull=False)
                    & ~Q(approved_by=F("made_by"))
                ),
                name="schedule_draft_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"Change {self.pk} of the schedule"


class DraftRow(Rule):
    """What a draft would have one row say, and what that would have done when it was put forward."""

    record_class = "schedule"

    draft = models.ForeignKey(ScheduleDraft, on_delete=models.PROTECT, related_name="rows")
    row = models.ForeignKey(ScheduleRow, on_delete=models.PROTECT, related_name="+")
    row_version = models.PositiveIntegerField()
    """The version of the row that it was drafted against."""
    left_out = models.BooleanField(default=False)
    """Taken back out of the draft again."""
    effect = models.JSONField(null=True, blank=True)
    """Counted when it was put to a second person: {"earlier", "at_once", "later", "on"}."""

    class Meta:
        ordering = ["row__title"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "row"], name="draft_row_once"),
            models.CheckConstraint(condition=_ONE_UNIT, name="draft_row_one_unit"),
            models.CheckConstraint(
                condition=Q(mopi_group=None) | Q(mopi_group__gte=3) | ~Q(outcome="dispose"),
                name="draft_row_grave_is_reviewed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row} in {self.draft}"


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
