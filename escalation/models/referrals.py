"""Referrals: what a case hands to another team, by when that answers, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import Q

from accounts.models import OfficialAccount
from escalation.models.cases import Case
from escalation.models.pathways import PathwayVersion
from notices.models import Notice
from retention import statutory
from staff.models import StaffMember
from staff.roles import Role

CONTROL_ROOM = "control_room"
"""The kind whose answer is an incident number, and which goes out as a structured message."""

SOURCE_UNIT = "source_unit"
"""The kind by which somebody who may be a covert human intelligence source is left to the unit that looks after them."""


@dataclass(frozen=True)
class Told:
    """One field of a form with what was written into it."""

    name: str
    text: str


class ReferralKind(models.Model):
    """A kind of referral: who receives it, what its form asks, by when it is answered, and with what.

    `asks` and `answers` are lists of fields: {slug, label, hint, required, long}.
    """

    record_class = "schedule"

    slug = models.SlugField(max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(unique=True)
    title = models.CharField(max_length=120)
    team = models.CharField(max_length=120)
    role = models.CharField(max_length=30, choices=Role, blank=True)
    """Who receives it here; empty where the team has no sign-in and the desk writes down its answer."""
    private = models.BooleanField(default=False)
    """The receiving team alone sees it, and that it was made."""
    advice = models.CharField(max_length=600, blank=True)
    asks = models.JSONField(default=list)
    answers = models.JSONField(default=list)
    deadline_minutes = models.PositiveIntegerField(null=True, blank=True)
    deadline_clock = models.CharField(
        max_length=8, choices=PathwayVersion.Clock, default=PathwayVersion.Clock.ALWAYS
    )
    deadline_working_days = models.PositiveSmallIntegerField(null=True, blank=True)
    """Counted from the day after it was made, to the end of the last day's working hours."""
    deadline_law = models.CharField(
        max_length=14, choices=statutory.Law, blank=True, default="", db_default=""
    )
    """A clock that the law sets, from the first message on."""
    nag_minutes = models.PositiveIntegerField()
    """How often it is asked after once the deadline is over."""
    active = models.BooleanField(default=True)
    source = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(deadline_minutes__isnull=False, deadline_working_days=None, deadline_law="")
                | Q(deadline_minutes=None, deadline_working_days__isnull=False, deadline_law="")
                | (Q(deadline_minutes=None, deadline_working_days=None) & ~Q(deadline_law="")),
                name="referral_kind_one_deadline",
            ),
            models.CheckConstraint(
                condition=Q(private=False) | ~Q(role=""), name="referral_kind_private_to_some"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def law_source(self) -> str:
        """Where the law sets its clock; empty where the force does."""
        return statutory.source(self.deadline_law) if self.deadline_law else ""

    @property
    def to_control_room(self) -> bool:
        """Whether it is a call for service."""
        return self.slug == CONTROL_ROOM


class Referral(models.Model):
    """Something of a case that another team has to do. What was handed over never changes; its answer is added.

    `due_at` is computed once. Until it is answered it is asked after (`nag_at`), for as long as it takes.
    """

    record_class = "case"

    class State(models.TextChoices):
        OPEN = "open", "Waits for the team"
        TAKEN = "taken", "Somebody has it"
        ANSWERED = "answered", "Answered"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="referrals")
    kind = models.ForeignKey(ReferralKind, on_delete=models.PROTECT, related_name="referrals")
    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="referrals")
    token = models.UUIDField()
    """Of the form that made it: a button pressed twice makes one."""
    given = models.JSONField(default=dict)
    evidence = models.JSONField(default=list)
    """What was said, as the case keeps it (escalation.actions.evidence)."""
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="referrals_made")
    by_name = models.CharField(max_length=200)
    due_at = models.DateTimeField()
    nag_at = models.DateTimeField(null=True, blank=True)
    nags = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="referrals_taken"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by_name = models.CharField(max_length=200, blank=True)
    answer = models.JSONField(default=dict)
    notice = models.ForeignKey(Notice, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    """What left for a team beyond the platform."""
    first_told_at = models.DateTimeField(null=True, blank=True)
    """When the force was first told, by the platform's own time of the first message."""
    incident_number = models.CharField(max_length=40, blank=True)
    incident_on = models.DateField(null=True, blank=True)
    """The day of the number: in many control rooms numbers begin anew each day."""
    crime = models.BooleanField(default=False)
    crime_by = models.DateTimeField(null=True, blank=True)
    """24 hours after the force was first told. Source: Home Office Counting Rules."""
    crime_number = models.CharField(max_length=60, blank=True)
    crime_recorded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["nag_at"], condition=Q(nag_at__isnull=False), name="referral_to_nag"),
            models.Index(fields=["kind", "state", "due_at"], name="referral_of_kind"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case", "token"], name="referral_once_per_form"),
            models.CheckConstraint(
                condition=(Q(state="answered", answered_at__isnull=False) & ~Q(answered_by_name=""))
                | (~Q(state="answered") & Q(answered_at=None)),
                name="referral_answered_whole",
            ),
            models.CheckConstraint(
                condition=Q(incident_number="", incident_on=None)
                | (~Q(incident_number="") & Q(incident_on__isnull=False)),
                name="referral_number_with_its_day",
            ),
            models.CheckConstraint(
                condition=Q(crime=False) | Q(crime_by__isnull=False), name="referral_crime_has_clock"
            ),
            models.CheckConstraint(
                condition=Q(state="answered", crime=False)
                | Q(state="answered", crime_recorded_at__isnull=False)
                | Q(nag_at__isnull=False),
                name="referral_open_is_asked_after",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """How people speak of it: "R-12"."""
        return f"R-{self.pk}"

    @property
    def incident(self) -> str:
        """The incident by its number and day, for numbers begin anew each day; empty while there is none."""
        if not self.incident_number or self.incident_on is None:
            return ""
        return f"{self.incident_number} of {self.incident_on:%-d %B %Y}"

    @property
    def told(self) -> list[Told]:
        """What was handed over, in the order of the form."""
        return _said(self.kind.asks, self.given)

    @property
    def outcome(self) -> list[Told]:
        """What came of it, in the order of the form."""
        return _said(self.kind.answers, self.answer)

    @property
    def open_clock(self) -> datetime | None:
        """The next deadline of it that is not met."""
        if self.state != self.State.ANSWERED:
            return self.due_at
        return self.crime_by if self.crime and self.crime_recorded_at is None else None


def _said(fields: list[dict], given: dict) -> list[Told]:
    return [Told(field["label"], given[field["slug"]]) for field in fields if given.get(field["slug"])]
