"""Emergency access: two people open it, it ends by itself, a third looks at it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q

from accounts.models.grants import Grant
from accounts.models.register import Neighbourhood, OfficialAccount
from core import clock
from staff.models import StaffMember
from staff.roles import Role


class BreakGlass(models.Model):
    """Emergency access for one person: asked by one, agreed to by another, over after hours, reviewed after that.

    What it opens is an ordinary grant with an end (`grant`), so that every power in it is gone at that
    second. An ask that nobody agreed to within ASK_HOLDS_FOR is over. Rows are never deleted.
    """

    record_class = "staff_record"

    MOST_HOURS = 4
    ASK_HOLDS_FOR = timedelta(hours=1)

    class Outcome(models.TextChoices):
        RIGHT = "right", "Needed, and used for what it was opened for"
        NOT_NEEDED = "not_needed", "It would have gone without it"
        FOLLOW_UP = "follow_up", "Something must be looked into further"

    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="glasses")
    role = models.CharField(max_length=30, choices=Role)
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    neighbourhood = models.ForeignKey(
        Neighbourhood, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    hours = models.PositiveSmallIntegerField()
    why = models.CharField(max_length=240)
    asked_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="glasses_asked")
    asked_at = models.DateTimeField()
    agreed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="glasses_agreed"
    )
    agreed_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    """As it was agreed; where it was ended early, `grant.until` is earlier."""
    grant = models.OneToOneField(Grant, on_delete=models.PROTECT, null=True, blank=True, related_name="glass")
    refused_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="glasses_refused"
    )
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_why = models.CharField(max_length=300, blank=True)
    lapsed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="glasses_closed"
    )
    """Who ended it early; nobody where it ran out."""
    closed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="glasses_reviewed"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    note = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(fields=["asked_at"], condition=Q(closed_at=None), name="glass_not_closed"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(hours__gte=1, hours__lte=4), name="glass_hours"),
            models.CheckConstraint(
                condition=Q(official_account=None) | Q(neighbourhood=None), name="glass_one_scope"
            ),
            models.CheckConstraint(
                condition=Q(agreed_by=None) | (~Q(agreed_by=F("asked_by")) & ~Q(agreed_by=F("person"))),
                name="glass_two_people",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by=None, agreed_at=None, until=None, grant=None)
                | Q(
                    agreed_by__isnull=False, agreed_at__isnull=False, until__isnull=False, grant__isnull=False
                ),
                name="glass_opened_whole",
            ),
            models.CheckConstraint(
                condition=Q(agreed_at=None)
                | Q(agreed_at__gte=F("asked_at"), agreed_at__lt=F("asked_at") + timedelta(hours=1)),
                name="glass_agreed_within_the_hour",
            ),
            models.CheckConstraint(
                condition=Q(until=None)
                | Q(until__gt=F("agreed_at"), until__lte=F("agreed_at") + timedelta(hours=4)),
                name="glass_four_hours",
            ),
            models.CheckConstraint(
                condition=Q(refused_by=None, refused_at=None, refused_why="")
                | (Q(refused_by__isnull=False, refused_at__isnull=False) & ~Q(refused_why="")),
                name="glass_refused_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(refused_at=None, lapsed_at=None)
                | Q(agreed_at=None, lapsed_at=None)
                | Q(agreed_at=None, refused_at=None),
                name="glass_one_answer",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None)
                | Q(agreed_at__isnull=False, closed_at__gte=F("agreed_at"), closed_at__lte=F("until")),
                name="glass_closed_while_open",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None, reviewed_at=None, outcome="", note="")
                | (
                    Q(
                        reviewed_by__isnull=False,
                        closed_at__isnull=False,
                        reviewed_at__isnull=False,
                        reviewed_at__gte=F("closed_at"),
                    )
                    & ~Q(outcome="")
                    & ~Q(note="")
                ),
                name="glass_reviewed_after_its_end",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None)
                | (
                    ~Q(reviewed_by=F("asked_by"))
                    & ~Q(reviewed_by=F("agreed_by"))
                    & ~Q(reviewed_by=F("person"))
                ),
                name="glass_reviewed_by_another",
            ),
            models.UniqueConstraint(
                fields=["asked_by"],
                condition=Q(agreed_at=None, refused_at=None, lapsed_at=None),
                name="glass_one_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()}"

    @property
    def scope_name(self) -> str:
        """What it covers, in words."""
        return str(self.official_account or self.neighbourhood or "all official accounts")

    @property
    def lapses_at(self) -> datetime:
        """From this second on nobody can agree to it."""
        return self.asked_at + self.ASK_HOLDS_FOR

    @property
    def ends_at(self) -> datetime | None:
        """When what it opened is over, or was; None where it opened nothing."""
        return self.grant.until if self.grant is not None else None

    @property
    def state(self) -> str:
        """waiting, open, over, reviewed, refused or lapsed, by the clock and not by who noticed."""
        if self.reviewed_at is not None:
            return "reviewed"
        if self.ends_at is not None:
            return "open" if self.ends_at > clock.now() else "over"
        if self.refused_at is not None:
            return "refused"
        return "waiting" if self.lapses_at > clock.now() and self.lapsed_at is None else "lapsed"
