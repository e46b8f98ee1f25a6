"""Who watches an official account when, and what it risks where nobody does."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models.register import OfficialAccount
from staff.models import StaffMember, Team


class WatchHours(models.Model):
    """Hours of the week, on London clocks, in which a team watches an official account. Ended, never changed.

    It runs from `from_hour` up to but not including `until_hour`; one that is not later runs into the next day.
    """

    record_class = "official_account"

    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="watch_hours"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="watch_hours")
    days = ArrayField(models.PositiveSmallIntegerField())
    """0 Monday to 6 Sunday: the days on which it begins."""
    from_hour = models.PositiveSmallIntegerField()
    until_hour = models.PositiveSmallIntegerField()
    set_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["official_account", "from_hour", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_hour__lte=23, until_hour__gte=1, until_hour__lte=24),
                name="watch_hours_of_day",
            ),
            models.CheckConstraint(
                condition=Q(days__len__gte=1, days__contained_by=[0, 1, 2, 3, 4, 5, 6]),
                name="watch_hours_days",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="watch_hours_ended_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team} watches {self.official_account}"


class UnwatchedRisk(models.Model):
    """The recorded decision that an official account is not watched around the clock: the risk, who bears it, until when.

    Source: APP social media: a force that cannot monitor 24/7 records that risk.
    """

    record_class = "official_account"

    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="unwatched_risks"
    )
    risk = models.CharField(max_length=600)
    instead = models.CharField("what happens meanwhile", max_length=600)
    borne_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    review_on = models.DateField()
    recorded_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["official_account"], condition=Q(replaced_at=None), name="unwatched_risk_one_standing"
            ),
            models.CheckConstraint(condition=~Q(risk="") & ~Q(instead=""), name="unwatched_risk_words"),
        ]

    def __str__(self) -> str:
        return f"risk of not watching {self.official_account}"
