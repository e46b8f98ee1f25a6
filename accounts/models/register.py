"""The official accounts themselves, the policing areas, and what else may write on the platform."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.text import get_text_list

from core import clock
from platforms import registry
from staff.models import StaffMember, Team
from staff.roles import FORCE_WIDE, Power


class Neighbourhood(models.Model):
    """A policing area with a team of its own."""

    record_class = "official_account"

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=60, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class OfficialAccount(models.Model):
    """An account through which the force speaks on a platform. Never bare "account" in text.

    An exercise account lives on the exercise network: it stays out of public lists, figures and
    rights searches, and pages people only in a drill.
    """

    record_class = "official_account"

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        SUSPENDED = "suspended", "Suspended"
        CLOSED = "closed", "Closed"

    platform = models.CharField(max_length=20)
    handle = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=300, blank=True)
    profile_url = models.URLField(max_length=300, blank=True)
    owner = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="owned_accounts")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True)
    neighbourhood = models.ForeignKey(
        Neighbourhood, on_delete=models.PROTECT, null=True, blank=True, related_name="official_accounts"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    exercise = models.BooleanField(default=False)
    posts_apart_s = models.PositiveIntegerField(null=True, blank=True)
    """Seconds between two posts, and two replies, that leave it; empty: as its platform has it (accounts.pace)."""
    replies_apart_s = models.PositiveIntegerField(null=True, blank=True)
    registered_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "platform"]
        default_permissions = ()
        permissions = [(power.value, power.label) for power in Power if power not in FORCE_WIDE]
        constraints = [
            models.UniqueConstraint(fields=["platform", "handle"], name="account_handle_once"),
            models.CheckConstraint(
                condition=Q(exercise=False) | Q(platform="exercise"), name="account_exercise_platform"
            ),
            models.CheckConstraint(
                condition=(Q(posts_apart_s=None) | Q(posts_apart_s__lte=21_600))
                & (Q(replies_apart_s=None) | Q(replies_apart_s__lte=21_600)),
                name="account_pace_bounds",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def by_hand(self) -> bool:
        """Whether people do the last step on its platform, and paste what the public writes there."""
        return self.platform in registry.BY_HAND


class ConnectedApp(models.Model):
    """Another program that is allowed to use an official account on its platform (APP social media, "Security").

    One without an approver, a critical need or a review date is to be removed there.
    """

    record_class = "official_account"

    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="apps")
    name = models.CharField(max_length=120)
    need = models.CharField("critical need", max_length=300, blank=True)
    approved_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    review_on = models.DateField(null=True, blank=True)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"), "official_account", condition=Q(removed_at=None), name="connected_app_once"
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None, removed_by=None)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="connected_app_removed_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.official_account}"

    @property
    def lacks(self) -> str:
        """What it would need to stay, as words after "with"; empty where it has all."""
        missing = [
            word
            for word, there in (
                ("no critical need", self.need),
                ("nobody who approved it", self.approved_by_id),
                ("no review date", self.review_on),
            )
            if not there
        ]
        return get_text_list(missing, "and")


class NativeUse(models.Model):
    """Somebody may write on the platform itself, past the approvals here, for a time and for a reason.

    What is written there in that time raises no alert. It holds from `since` up to but not including `until`.
    """

    record_class = "official_account"

    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="native_uses"
    )
    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    why = models.CharField(max_length=300)
    declared_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gt=F("since")) & ~Q(why=""), name="native_use_has_period_and_reason"
            ),
            models.CheckConstraint(
                condition=~Q(declared_by=F("person")), name="native_use_declared_by_another"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="native_use_ended_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"native use of {self.official_account} by {self.person}"

    @property
    def ends_at(self) -> datetime:
        """When it is over, or was ended."""
        return min(self.until, self.ended_at) if self.ended_at is not None else self.until

    @property
    def is_live(self) -> bool:
        """Whether it holds now."""
        return self.since <= clock.now() < self.ends_at
