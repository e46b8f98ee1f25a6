"""Accounts that pretend to be the force: found, looked at, reported to the platform, gone."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models.register import OfficialAccount
from core import clock
from staff.models import StaffMember


class Impostor(models.Model):
    """An account that claims to be the force and is not on its list, from the first report to its end.

    Accounts of private people are not collected: what turns out not to claim that it is the force is dismissed,
    and handle, name, address and words go with that (actions.impostors).
    """

    record_class = "impostor"

    class Found(models.TextChoices):
        PUBLIC = "public", "Reported by the public"
        STAFF = "staff", "Noticed by staff"
        LIST = "list", "Found in a list"
        SEARCH = "search", "Found by searching the platform"

    class State(models.TextChoices):
        NEW = "new", "To be looked at"
        CONFIRMED = "confirmed", "Pretends to be us"
        REPORTED = "reported", "Reported to the platform"
        TAKEN_DOWN = "taken_down", "Taken down"
        STAYS = "stays", "The platform leaves it"
        DISMISSED = "dismissed", "Does not pretend to be us"

    OPEN = (State.NEW, State.CONFIRMED, State.REPORTED)

    platform = models.CharField(max_length=20)
    handle = models.CharField(max_length=120, blank=True)
    name = models.CharField(max_length=120, blank=True)
    url = models.URLField(max_length=300, blank=True)
    found_by = models.CharField(max_length=6, choices=Found)
    words = models.CharField(max_length=1000, blank=True)
    """What whoever found it says of it."""
    alike = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="impostors"
    )
    alike_why = models.CharField(max_length=300, blank=True)
    """In which way it looks like one of ours, as software compared the handles."""
    known_key = models.CharField(max_length=64, blank=True, default="", db_default="")
    """A keyed hash of which account it is, kept when it is dismissed, so that no search brings it up again."""
    picture_differs = models.PositiveSmallIntegerField(null=True, blank=True)
    """In how many of 64 bits its picture differs from ours as it is seen (pictures.likeness); None: not compared."""
    snapshot = models.CharField(max_length=2000, blank=True)
    """What its page showed, as a member of staff wrote it down when they confirmed it."""
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    reports = models.PositiveIntegerField(default=1)
    source_key = models.CharField(max_length=64, blank=True)
    """A keyed hash of where a report of the public came from: against a flood, and nothing else."""
    found_at = models.DateTimeField()
    noticed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reference = models.CharField(max_length=120, blank=True)
    """What the platform calls our report."""
    reported_at = models.DateTimeField(null=True, blank=True)
    chase_on = models.DateField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    """When the public was warned of it."""
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-found_at", "-id"]
        indexes = [
            models.Index(fields=["state", "found_at"], name="impostor_by_state"),
            models.Index(fields=["source_key", "found_at"], name="impostor_by_source"),
        ]
        constraints = [
            models.UniqueConstraint(
                "platform",
                Lower("handle"),
                condition=Q(state__in=["new", "confirmed", "reported"]) & ~Q(handle=""),
                name="impostor_open_once",
            ),
            models.UniqueConstraint(
                fields=["platform", "known_key"],
                condition=~Q(known_key="") & ~Q(state="taken_down"),
                name="impostor_found_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["new", "confirmed", "reported"], ended_at=None)
                | Q(state__in=["taken_down", "stays", "dismissed"], ended_at__isnull=False),
                name="impostor_ended_when_over",
            ),
            models.CheckConstraint(
                condition=~Q(state="dismissed") | Q(handle="", name="", url="", words="", snapshot=""),
                name="impostor_dismissed_forgotten",
            ),
            models.CheckConstraint(
                condition=~Q(state="reported") | Q(reported_at__isnull=False),
                name="impostor_reported_at",
            ),
        ]

    def __str__(self) -> str:
        return f"@{self.handle}" if self.handle else (self.name or "an account that was dismissed")

    @property
    def took(self) -> timedelta | None:
        """From the first report to its removal; None where it has not come to that."""
        if self.state != self.State.TAKEN_DOWN or self.ended_at is None:
            return None
        return self.ended_at - self.found_at

    @property
    def is_due(self) -> bool:
        """Whether the platform is to be asked again by now."""
        return self.state == self.State.REPORTED and (
            self.chase_on is not None and self.chase_on <= clock.today()
        )


class ImpostorStep(models.Model):
    """One thing that was done about an impostor: who, when, in which words. A dismissal takes the words away."""

    record_class = "impostor"

    impostor = models.ForeignKey(Impostor, on_delete=models.PROTECT, related_name="steps")
    event = models.CharField(max_length=12)
    words = models.CharField(max_length=1000, blank=True)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.event} of {self.impostor}"


class ImpostorSearch(models.Model):
    """When a platform is searched for accounts that look like ours, and what the last search came to. One a platform."""

    record_class = "operational"

    platform = models.CharField(max_length=20, unique=True)
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    searched_at = models.DateTimeField(null=True, blank=True)
    seen = models.PositiveIntegerField(default=0)
    """Accounts that the last search showed and that were compared. None of them is kept unless it looks like us."""
    found = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"search of {self.platform}"


class ProfilePicture(models.Model):
    """What our own picture on a platform looks like, in 64 bits, so that a copied one is known."""

    record_class = "official_account"

    official_account = models.OneToOneField(
        OfficialAccount, on_delete=models.PROTECT, primary_key=True, related_name="profile_picture"
    )
    seen_as = models.CharField(max_length=16)
    """Hexadecimal difference hash (accounts.likeness_of_pictures)."""
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"picture of {self.official_account}"
