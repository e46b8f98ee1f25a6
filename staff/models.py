"""Staff members and teams: who works here, and whether they still do."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Lower

from core.errors import NotPermitted
from staff.devices import DeviceClass

_HELD = "SELECT active FROM staff_staffmember WHERE id = %s FOR SHARE"
_HELD_ALONE = "SELECT active FROM staff_staffmember WHERE id = %s FOR NO KEY UPDATE"
"""Django's ORM has no FOR SHARE."""


class StaffManager(BaseUserManager["StaffMember"]):
    """Finds a staff member by e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> StaffMember:
        return self.get(email__iexact=username)


class Team(models.Model):
    """A group of staff members who share grants, such as a neighbourhood team."""

    record_class = "staff_record"

    name = models.CharField(max_length=120, unique=True)
    members: models.ManyToManyField[StaffMember, Membership] = models.ManyToManyField(
        "StaffMember", through="Membership", related_name="teams"
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class StaffMember(AbstractBaseUser, PermissionsMixin):
    """A member of staff. What they may do follows from their live grants alone (accounts.Grant).

    `active` and `authentication_epoch` are read on every request: recording a leaver raises the
    epoch, so every session opened before it ends at commit.
    `is_superuser` exists because Django's permission mixin has it; the database forbids it.
    """

    record_class = "staff_record"

    email = models.EmailField("e-mail", max_length=254)
    name = models.CharField(max_length=120)
    rank = models.CharField("rank or post", max_length=80, blank=True)
    phone = models.CharField("duty phone", max_length=30, blank=True)
    active = models.BooleanField(default=True)
    authentication_epoch = models.PositiveIntegerField(default=1)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    single_keys = models.BooleanField("single-key shortcuts", default=True)
    theme = models.CharField(
        max_length=6, choices=[("system", "System"), ("light", "Light"), ("dark", "Dark")], default="system"
    )

    objects = StaffManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="staff_email_once"),
            models.CheckConstraint(condition=Q(is_superuser=False), name="staff_no_superuser"),
            models.CheckConstraint(
                condition=Q(active=True, left_at=None) | Q(active=False, left_at__isnull=False),
                name="staff_left_or_active",
            ),
        ]

    def __str__(self) -> str:
        return self.called

    @property
    def called(self) -> str:
        """How colleagues read the name: "Sgt Tom Okafor"."""
        return f"{self.rank} {self.name}".strip()

    @property
    def initials(self) -> str:
        """Two letters for the round mark."""
        parts = self.name.split()
        return "".join(part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)).upper()

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Django's word for `active`."""
        return self.active

    @property
    def is_staff(self) -> bool:
        """Nobody enters a Django admin that could write: it is not installed."""
        return False

    def hold(self, *, alone: bool = False) -> None:
        """Nobody records this person as a leaver until the caller's transaction ends.

        The row is locked FOR SHARE, or for a change of its own with `alone`, and `active` is read
        again. Raises NotPermitted where their access has ended.
        """
        with connection.cursor() as cursor:
            cursor.execute(_HELD_ALONE if alone else _HELD, [self.pk])
            row = cursor.fetchone()
        self.active = bool(row and row[0])
        if not self.active:
            raise NotPermitted("Your access to this platform has ended. Nothing was changed.")

    @property
    def actor_id(self) -> int:
        return self.pk

    @property
    def actor_name(self) -> str:
        return self.called

    @property
    def actor_kind(self) -> str:
        return "staff"


class Membership(models.Model):
    """Somebody's place in a team, from when until when."""

    record_class = "staff_record"

    team = models.ForeignKey(Team, on_delete=models.PROTECT)
    member = models.ForeignKey(StaffMember, on_delete=models.PROTECT)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "member"], condition=Q(until=None), name="staff_member_once_in_team"
            )
        ]

    def __str__(self) -> str:
        return f"{self.member} in {self.team}"


class FailedSignIn(models.Model):
    """A throttle row: refused sign-ins from one source for one name, both kept as keyed hashes.

    The application may delete these rows (smmp.database.DELETABLE); they live for a day.
    """

    record_class = "security_log"

    key = models.CharField(max_length=64, unique=True)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.failures} failures"


class KnownDevice(models.Model):
    """A browser that one person signed in with before, by a keyed hash of the mark that it keeps."""

    record_class = "sign_in_session"

    member = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="known_devices")
    key_hash = models.CharField(max_length=64)
    called = models.CharField(max_length=60)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "key_hash"], name="staff_device_once_per_person")
        ]

    def __str__(self) -> str:
        return self.called


class SignInSession(models.Model):
    """A signed-in session as its person and the administrators see it. Ended, it opens nothing more.

    `network` is the address that it came from last. The browser's session key never stands here.
    """

    record_class = "sign_in_session"

    member = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="sign_in_sessions")
    device_class = models.CharField(max_length=11, choices=DeviceClass)
    called = models.CharField(max_length=60)
    network = models.GenericIPAddressField(null=True)
    epoch = models.PositiveIntegerField()
    """The person's authentication epoch when it began: a later one has ended it."""
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        StaffMember, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["member", "-seen_at"], condition=Q(ended_at=None), name="staff_session_open"
            ),
            models.Index(fields=["seen_at"], name="staff_session_age"),
        ]

    def __str__(self) -> str:
        return f"{self.member} on {self.called}"


class Allowance(models.Model):
    """That one person may use a personal device, or is reached at a personal address, until when and why."""

    record_class = "staff_record"

    class Kind(models.TextChoices):
        DEVICE = "device", "Personal device"
        ADDRESS = "address", "Personal e-mail address"

    kind = models.CharField(max_length=7, choices=Kind)
    email = models.EmailField("e-mail", max_length=254)
    """Whom it is for. An address is allowed before its person joins."""
    reason = models.CharField(max_length=300)
    until = models.DateTimeField()
    given_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-given_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="staff_allowance_says_why"),
            models.CheckConstraint(condition=Q(until__gt=models.F("given_at")), name="staff_allowance_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for {self.email}"
