"""Pause and lockdown: what stops things from going out, who may pass, how it ends, and what it kept back."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from staff.models import StaffMember


class Lockdown(models.Model):
    """While a row is live, what it covers does not go out, whatever was approved. Several may be live at once.

    Where: the official accounts, neighbourhoods and teams named; with none named, the whole force. What: the
    kinds of act and the campaigns named; with none named, everything that its kind stops. A kind that the code
    does not know stops everything (publishing.stopping). Nothing resumes by itself: what it kept back waits
    for a person (LockdownStop).
    """

    record_class = "published_post"

    class Kind(models.TextChoices):
        PAUSE = "pause", "Operational pause"
        COMPROMISE = "compromise", "Compromise lockdown"

    kind = models.CharField(
        max_length=10, choices=Kind, default=Kind.COMPROMISE, db_default=Kind.COMPROMISE.value
    )
    """A pause holds posts alone; replies, corrections, hiding and take-downs go on. A lockdown stops everything."""
    drill = models.BooleanField(default=False, db_default=False)
    """An exercise: marked everywhere, people are told that it is one, and nothing is held."""
    why = models.CharField(max_length=400)
    started_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="lockdowns_started")
    started_at = models.DateTimeField()
    scope = models.CharField(max_length=2000, default="", db_default="", blank=True)
    """What it covers in one line for the machine, so that the same is not stopped twice (publishing.stopping)."""
    scope_name = models.CharField(max_length=400, default="", db_default="", blank=True)
    """The same in words, as it was called when it began; empty: the whole force."""
    official_account_ids = ArrayField(models.BigIntegerField(), default=list, db_default=[], blank=True)
    neighbourhood_ids = ArrayField(models.BigIntegerField(), default=list, db_default=[], blank=True)
    team_ids = ArrayField(models.BigIntegerField(), default=list, db_default=[], blank=True)
    kinds = ArrayField(models.CharField(max_length=14), default=list, db_default=[], blank=True)
    """Kinds of act (Delivery.Kind)."""
    campaign_ids = ArrayField(models.BigIntegerField(), default=list, db_default=[], blank=True)
    would_stop = models.PositiveIntegerField(default=0, db_default=0)
    """How much waited under it when it began, up to 1,000: for a drill, what it would have kept back."""
    told_at = models.DateTimeField(null=True, blank=True)
    """When the last of those whom it concerns had been told."""
    people_told = models.PositiveIntegerField(default=0, db_default=0)
    caught_noted_at = models.DateTimeField(null=True, blank=True)
    """When what was under way had been written down and told to whoever locked down."""
    lifted_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="lockdowns_lifted"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_why = models.CharField(max_length=400, blank=True)
    manager_name = models.CharField(max_length=120, default="", db_default="", blank=True)
    """The force incident manager who agreed, where one person alone released a pause."""
    lift_told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "drill", "scope"], condition=Q(lifted_at=None), name="lockdown_once_live"
            )
        ]

    def __str__(self) -> str:
        return f"lockdown of {self.started_at:%d %B %Y %H:%M}"

    @property
    def called(self) -> str:
        """How staff call it."""
        name = "pause" if self.kind == self.Kind.PAUSE else "lockdown"
        return f"exercise {name}" if self.drill else name

    @property
    def a_called(self) -> str:
        return f"{'an' if self.drill else 'a'} {self.called}"

    @property
    def reach(self) -> str:
        """What it covers, in words."""
        return self.scope_name or "the whole force"


class LockdownRelease(models.Model):
    """One person asks that a lockdown ends, and another confirms it, or says no."""

    record_class = "published_post"

    lockdown = models.ForeignKey(Lockdown, on_delete=models.PROTECT, related_name="releases")
    asked_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="releases_asked")
    asked_at = models.DateTimeField()
    why = models.CharField(max_length=400)
    decided_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="releases_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    confirmed = models.BooleanField(default=False)
    """Decided and not confirmed: it was declined, or taken back by whoever asked."""
    decided_why = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lockdown"], condition=Q(decided_at=None), name="lockdown_release_one_open"
            ),
            models.CheckConstraint(
                condition=Q(confirmed=False) | (Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by"))),
                name="lockdown_release_two_people",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_at=None)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="lockdown_release_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"release of {self.lockdown}"


class LockdownException(models.Model):
    """One act that may go out although a lockdown covers it, because a life may depend on it; by whose word."""

    record_class = "published_post"

    lockdown = models.ForeignKey(Lockdown, on_delete=models.PROTECT, related_name="exceptions")
    delivery = models.ForeignKey("publishing.Delivery", on_delete=models.PROTECT, related_name="exceptions")
    what = models.CharField(max_length=300)
    """What it is called, so that the record reads by itself."""
    why = models.CharField(max_length=400)
    allowed_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    allowed_at = models.DateTimeField()

    class Meta:
        ordering = ["allowed_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["lockdown", "delivery"], name="lockdown_exception_once"),
            models.CheckConstraint(condition=~Q(why=""), name="lockdown_exception_has_reason"),
        ]

    def __str__(self) -> str:
        return f"exception from {self.lockdown}: {self.what}"


class LockdownStop(models.Model):
    """One act that a lockdown met: how, and what a person decided about what it kept back."""

    record_class = "published_post"

    class How(models.TextChoices):
        WAITING = "waiting", "Waited, and was held"
        CAUGHT = "caught", "Taken up already, and stopped before it left"
        UNDER_WAY = "under_way", "Was being sent at that moment"

    class Decision(models.TextChoices):
        SEND = "send", "Goes out"
        DRAFT = "draft", "Back to a draft"
        DROP = "drop", "Dropped"

    lockdown = models.ForeignKey(Lockdown, on_delete=models.PROTECT, related_name="stops")
    delivery = models.ForeignKey("publishing.Delivery", on_delete=models.PROTECT, related_name="stops")
    how = models.CharField(max_length=9, choices=How)
    at = models.DateTimeField()
    decision = models.CharField(max_length=5, choices=Decision, blank=True, default="")
    decided_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=500, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    """The new time, where it goes out."""

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["lockdown", "delivery"], name="lockdown_stop_once"),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None, decided_at=None)
                | (~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="lockdown_stop_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery} under {self.lockdown}"
