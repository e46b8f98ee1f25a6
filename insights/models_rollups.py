"""What figures are drawn from: counts by hour and by London day, and what must be counted anew.

The measures are defined once, as functions of the database (migration 0006): `insights_comment_facts` says what one
comment adds, the `insights_facts_of_*` what one decision, delivery, case or review adds. Whatever changes a fact leaves
a row in `Touched`, in the same transaction; a refresh counts these hours anew. Counts alone: nothing here is about anybody.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Neighbourhood, OfficialAccount


class Numbers(models.Model):
    """What comments of the public that arrived in one stretch of time came to."""

    received = models.PositiveIntegerField()
    private = models.PositiveIntegerField()
    dealt = models.PositiveIntegerField()
    """Of those received: how many have a decision on their present words."""
    due = models.PositiveIntegerField()
    """Of those received: how many have a clock."""
    in_time = models.PositiveIntegerField()
    """Of those due: dealt with before the clock ran out."""
    late = models.PositiveIntegerField()
    """Of those due: dealt with after it had."""
    agreed = models.PositiveIntegerField()
    """Of those dealt with: nobody changed the category that triage had suggested."""
    m5 = models.PositiveIntegerField()
    """Dealt with within 5 minutes of arriving; the next within 15 and not within 5, and so on (rollups.BOUNDS)."""
    m15 = models.PositiveIntegerField()
    m30 = models.PositiveIntegerField()
    m60 = models.PositiveIntegerField()
    m120 = models.PositiveIntegerField()
    m240 = models.PositiveIntegerField()
    m480 = models.PositiveIntegerField()
    m1440 = models.PositiveIntegerField()
    m4320 = models.PositiveIntegerField()
    m10080 = models.PositiveIntegerField()
    longer = models.PositiveIntegerField()

    class Meta:
        abstract = True


class CommentCounts(Numbers):
    """The same of one category and priority."""

    category = models.CharField(max_length=40)
    """As it stands now: a comment that is put into another category moves, in the past as well."""
    priority = models.PositiveSmallIntegerField()

    class Meta(Numbers.Meta):
        abstract = True


class CommentHour(CommentCounts):
    """Comments that arrived in one hour (UTC) at one official account, of one category and priority."""

    record_class = "figures"

    hour = models.DateTimeField()
    day = models.DateField()
    """The London day that the hour belongs to: 23, 24 or 25 hours make one."""
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    gone = models.BooleanField(default=False)
    """Counts of comments that have been disposed of since. Neither a refresh nor a rebuild changes these."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["official_account", "hour", "category", "priority", "gone"], name="comment_hour_once"
            ),
        ]
        indexes = [
            models.Index(fields=["day", "official_account"], name="comment_hour_day"),
            models.Index(
                fields=["hour"],
                condition=Q(received__gt=models.F("dealt"), gone=False),
                name="comment_hour_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.received} comments from {self.hour:%Y-%m-%d %H:%M}"


class CommentDay(CommentCounts):
    """The hours of one London day added up, those of comments gone since among them."""

    record_class = "figures"

    day = models.DateField()
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "official_account", "category", "priority"], name="comment_day_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.received} comments on {self.day}"


class CommentTime(Numbers):
    """The same by what the clocks in London said, all categories and priorities together. The hour that an autumn day
    has twice is one."""

    record_class = "figures"

    day = models.DateField()
    hour = models.PositiveSmallIntegerField()
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "official_account", "hour"], name="comment_time_once"),
        ]

    def __str__(self) -> str:
        return f"{self.received} comments on {self.day} from {self.hour:02}:00"


class EventHour(models.Model):
    """What else happened in one hour (UTC) on one official account: decisions, deliveries, cases, reviews, deafness.

    measure and detail: see insights.rollups.MEASURES.
    """

    record_class = "figures"

    hour = models.DateTimeField()
    day = models.DateField()
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    measure = models.CharField(max_length=20)
    detail = models.CharField(max_length=90, blank=True)
    gone = models.BooleanField(default=False)
    amount = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["hour", "official_account", "measure", "detail", "gone"], name="event_hour_once"
            ),
        ]
        indexes = [models.Index(fields=["day", "measure", "official_account"], name="event_hour_day")]

    def __str__(self) -> str:
        return f"{self.amount} × {self.measure} {self.detail}"


class EventDay(models.Model):
    """The hours of one London day added up."""

    record_class = "figures"

    day = models.DateField()
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    measure = models.CharField(max_length=20)
    detail = models.CharField(max_length=90, blank=True)
    amount = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "official_account", "measure", "detail"], name="event_day_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} × {self.measure} {self.detail} on {self.day}"


class Touched(models.Model):
    """An hour that must be counted anew because a fact in it came, changed or went. Written by triggers alone.

    It holds no foreign key, so that taking in a comment waits for nothing here. A refresh takes rows away.
    """

    record_class = "operational"

    class What(models.TextChoices):
        COMMENTS = "comments", "Comments that arrived in it"
        EVENTS = "events", "What happened in it, on any official account"

    what = models.CharField(max_length=8, choices=What)
    official_account_id = models.BigIntegerField()
    """0 with `events`: the hour is counted for all."""
    hour = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.what} of {self.hour:%Y-%m-%d %H:%M}"


class Placement(models.Model):
    """From which London day to which an official account belonged to a neighbourhood: its figures stay where it was."""

    record_class = "figures"

    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="+")
    neighbourhood = models.ForeignKey(
        Neighbourhood, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    """The first day on which it no longer did."""

    class Meta:
        ordering = ["official_account", "since"]
        constraints = [
            models.UniqueConstraint(
                fields=["official_account"], condition=Q(until=None), name="placement_one_now"
            ),
            models.UniqueConstraint(fields=["official_account", "since"], name="placement_once_a_day"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=models.F("since")), name="placement_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.official_account} in {self.neighbourhood or 'no neighbourhood'}"


class RollupState(models.Model):
    """How fresh the counts are, and what the last self-check said. One row."""

    record_class = "operational"

    refreshed_at = models.DateTimeField(null=True, blank=True)
    rebuilt_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    differing = models.PositiveIntegerField(default=0)
    """Rows that the last check found to differ from the facts. 0 is right."""
    areas_on = models.DateField(null=True, blank=True)
    """The London day up to which comments that name a place of a neighbourhood are counted (insights.counting)."""

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="rollup_state_once")]

    def __str__(self) -> str:
        return "state of the counts"
