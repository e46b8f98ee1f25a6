"""When far more comes than usual: counts by the hour, surges, what says the same, and decisions on many at once."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import OfficialAccount
from moderation.models.desk import Clause
from staff.models import StaffMember


class HourCount(models.Model):
    """How many comments of the public reached an official account in one hour. No words, no people."""

    record_class = "surge"

    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="hour_counts"
    )
    begins_at = models.DateTimeField()
    """A full hour."""
    comments = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["official_account", "begins_at"], name="hour_count_once")
        ]

    def __str__(self) -> str:
        return f"{self.comments} comments from {self.begins_at:%Y-%m-%d %H:%M}"


class Surge(models.Model):
    """Far more than usual comes to one official account. Software suggests it; a person starts and ends surge mode.

    `said` explains it as it stood at the beginning (moderation.surges.Explained), `report` what became of it.
    """

    record_class = "surge"

    class State(models.TextChoices):
        SUGGESTED = "suggested", "Suggested"
        RUNNING = "running", "Surge mode"
        ENDED = "ended", "Ended"
        DISMISSED = "dismissed", "No surge"
        LAPSED = "lapsed", "Passed by itself"

    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="surges")
    state = models.CharField(max_length=9, choices=State)
    since = models.DateTimeField()
    """From when on comments belong to it."""
    noticed_at = models.DateTimeField(null=True, blank=True)
    """When software suggested it; empty where a person began it alone."""
    said = models.JSONField(default=dict)
    why = models.CharField(max_length=300, blank=True)
    started_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    over_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Who ended or dismissed it; nobody where it passed by itself."""
    over_at = models.DateTimeField(null=True, blank=True)
    over_why = models.CharField(max_length=300, blank=True)
    grouped_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.PositiveIntegerField(default=0)
    """Open comments that the last grouping looked at."""
    report = models.JSONField(default=dict)

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["official_account"],
                condition=Q(state__in=["suggested", "running"]),
                name="surge_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["running", "ended"], started_by__isnull=False, started_at__isnull=False
                )
                | Q(state__in=["suggested", "dismissed", "lapsed"], started_by=None, started_at=None),
                name="surge_started_by_a_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["suggested", "running"], over_at=None, over_by=None)
                | Q(state__in=["ended", "dismissed"], over_at__isnull=False, over_by__isnull=False)
                | Q(state="lapsed", over_at__isnull=False, over_by=None),
                name="surge_over_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"surge on {self.official_account}"

    @property
    def address(self) -> str:
        """Where staff read it and work it."""
        return reverse("moderation:surge", args=[self.pk])


class SurgeGroup(models.Model):
    """Comments of a surge that say the same, as the last grouping found them.

    Who reads the ids must ask again which of them may be decided together (moderation.surges.alike_now):
    a comment may have shown a risk since. Rewritten by each grouping; decisions made are SurgeAct.
    """

    record_class = "surge"

    surge = models.ForeignKey(Surge, on_delete=models.PROTECT, related_name="groups")
    first_id = models.BigIntegerField()
    """The comment that the others are like. No foreign key, so that its disposal waits for nothing here."""
    ids = ArrayField(models.BigIntegerField(), default=list)
    revisions = ArrayField(models.IntegerField(), default=list)
    """The revision of each that was compared, in the same order."""

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["surge", "first_id"], name="surge_group_once"),
            models.CheckConstraint(
                condition=Q(ids__len=models.F("revisions__len")), name="surge_group_revisions"
            ),
        ]

    def __str__(self) -> str:
        return f"group {self.pk}"


class SurgeAct(models.Model):
    """One decision that a person made for a whole group: what, under which clause, and for how many."""

    record_class = "surge"

    class Kind(models.TextChoices):
        NO_ACTION = "no_action", "No action"
        HIDE = "hide", "Hide"

    surge = models.ForeignKey(Surge, on_delete=models.PROTECT, related_name="acts")
    group = models.ForeignKey(SurgeGroup, on_delete=models.PROTECT, related_name="acts")
    kind = models.CharField(max_length=9, choices=Kind)
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, null=True, blank=True)
    why = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="hide") | Q(clause__isnull=False), name="surge_act_hide_needs_clause"
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="surge_act_undone_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for a group"


class SurgeItem(models.Model):
    """One comment of such an act: waiting, decided by its own decision, or refused, each with its sentence."""

    record_class = "surge"

    class State(models.TextChoices):
        WAITING = "waiting", "Not yet"
        DONE = "done", "Done"
        REFUSED = "refused", "Left out"
        UNDONE = "undone", "Undone"
        STAYS = "stays", "Could not be undone"

    act = models.ForeignKey(SurgeAct, on_delete=models.PROTECT, related_name="items")
    comment_id = models.BigIntegerField()
    revision_number = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    says = models.CharField(max_length=400, blank=True)
    decision_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["act"], condition=Q(state="waiting"), name="surge_item_waiting"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["act", "comment_id"], name="surge_item_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "refused"], decision_id=None)
                | Q(state__in=["done", "undone", "stays"], decision_id__isnull=False),
                name="surge_item_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["refused", "stays"]) | ~Q(says=""), name="surge_item_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"comment {self.comment_id} in {self.act}"
