"""Staff members and teams: who works here, and whether they still do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Upper
from django_otp.models import Device

from core import clock, doors
from core.errors import NotPermitted
from staff.devices import DeviceClass

_HELD = "SELECT active, access_until FROM staff_staffmember WHERE id = %s FOR SHARE"
_HELD_ALONE = "SELECT active, access_until FROM staff_staffmember WHERE id = %s FOR NO KEY UPDATE"
_KEY_HELD = "SELECT revoked_at, expires_at FROM staff_directorykey WHERE id = %s FOR SHARE"
"""Django's ORM has no FOR SHARE."""

DOOR = "staff member"
KEY_DOOR = "directory key"
"""What whoever acts passes, and whoever ends their access closes (core.doors)."""


class EveryoneManager(BaseUserManager["StaffMember"]):
    """People and service identities."""

    def alone(self, pk: int) -> StaffMember:
        """Somebody's row, locked for a change: they begin nothing until the caller's transaction ends.

        What they have begun is waited for, and nothing that they begin meanwhile overtakes it. Raises
        StaffMember.DoesNotExist.
        """
        for member in self.all_alone([pk]):
            return member
        raise StaffMember.DoesNotExist(f"There is no staff member {pk}.")

    def all_alone(self, pks: Iterable[int]) -> list[StaffMember]:
        """The same for several at once, in the order of their numbers; who does not exist is left out."""
        numbers = sorted(set(pks))
        doors.close(DOOR, numbers)
        # Not FOR UPDATE: rows that name the person are written beside it, and must not keep it waiting.
        return list(self.select_for_update(no_key=True).filter(pk__in=numbers).order_by("pk"))


class StaffManager(EveryoneManager):
    """People alone: service identities (accounts.models) sign in nowhere and stand in no list of staff.

    `StaffMember.everyone` has both.
    """

    def get_queryset(self) -> models.QuerySet[StaffMember]:
        return super().get_queryset().filter(kind=StaffMember.Kind.PERSON)

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


class StaffMember(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]
    """A member of staff. What they may do follows from their live grants alone (accounts.Grant).

    `active` and `authentication_epoch` are read on every request: recording a leaver raises the
    epoch, so every session opened before it ends at commit.
    `is_superuser` exists because Django's permission mixin has it; the database forbids it.
    """

    record_class = "staff_record"

    class Kind(models.TextChoices):
        PERSON = "person", "Person"
        SERVICE = "service", "Service identity"

    kind = models.CharField(max_length=7, choices=Kind, default=Kind.PERSON, db_default=Kind.PERSON)
    email = models.EmailField("e-mail", max_length=254)
    name = models.CharField(max_length=120)
    rank = models.CharField("rank or post", max_length=80, blank=True)
    phone = models.CharField("duty phone", max_length=30, blank=True)
    active = models.BooleanField(default=True)
    authentication_epoch = models.PositiveIntegerField(default=1)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    access_until = models.DateTimeField(null=True, blank=True)
    """From this instant on everything of theirs is refused, also while the scheduler that records it is down."""
    enhanced_audit = models.BooleanField(default=False, db_default=False)
    """Professional standards have every request of theirs recorded. No page but theirs reads it."""
    single_keys = models.BooleanField("single-key shortcuts", default=True)
    theme = models.CharField(
        max_length=6, choices=[("system", "System"), ("light", "Light"), ("dark", "Dark")], default="system"
    )

    objects = StaffManager()
    everyone = EveryoneManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="staff_email_once"),
            # Django's iexact compares capitals, in which more letters are the same than in small ones.
            models.UniqueConstraint(Upper("email"), name="staff_email_once_in_capitals"),
            models.CheckConstraint(condition=Q(is_superuser=False), name="staff_no_superuser"),
            models.CheckConstraint(
                condition=Q(active=True, left_at=None) | Q(active=False, left_at__isnull=False),
                name="staff_left_or_active",
            ),
            models.CheckConstraint(
                condition=~Q(kind="service") | Q(password__startswith="!"),  # noqa: S106
                name="staff_service_no_password",
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
        """Whether they work here at this instant: still `active`, and the end of their access is not reached."""
        return self.active and not _over(self.access_until)

    @property
    def is_staff(self) -> bool:
        """Nobody enters a Django admin that could write: it is not installed."""
        return False

    def hold(self, *, alone: bool = False) -> None:
        """Nobody records this person as a leaver until the caller's transaction ends.

        Their door is passed, the row is locked FOR SHARE, or both for a change of its own with `alone`,
        and the end of access is read again. Raises NotPermitted where their access has ended.
        """
        row = doors.read_behind(DOOR, self.pk, _HELD_ALONE if alone else _HELD, [self.pk], alone=alone)
        self.active = bool(row and row[0])
        self.access_until = row[1] if row else None
        if not self.is_active:
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


def _over(until: datetime | None) -> bool:
    return until is not None and until <= clock.now()


class Membership(models.Model):
    """Somebody's place in a team, from when until when. Whoever leads it answers for its people's work."""

    record_class = "staff_record"

    team = models.ForeignKey(Team, on_delete=models.PROTECT)
    member = models.ForeignKey(StaffMember, on_delete=models.PROTECT)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    leads = models.BooleanField("leads the team", default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "member"], condition=Q(until=None), name="staff_member_once_in_team"
            )
        ]

    def __str__(self) -> str:
        return f"{self.member} in {self.team}"


class Ceremony(models.Model):
    """A passkey ceremony that waits for the browser's answer. Its row goes with the first answer.

    The application may delete these rows (smmp.database.DELETABLE); they count for five minutes.
    """

    record_class = "security_log"

    class Kind(models.TextChoices):
        ENROL = "enrol", "Set up a passkey"
        PROVE = "prove", "Prove a passkey"

    member = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="ceremonies")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    challenge = models.CharField(max_length=120, unique=True)
    begun_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=["enrol", "prove"]), name="ceremony_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.member}"


class Letter(models.Model):
    """An e-mail about somebody's own sign-in, queued with the change and sent after it is committed.

    It holds no link and no secret: what it says is written when it leaves (staff.letters).
    """

    record_class = "notice"

    class Kind(models.TextChoices):
        FACTOR = "factor", "Second factor changed"
        PASSWORD = "password", "Password changed"
        EMAIL = "email", "E-mail address changed"
        RECOVERY = "recovery", "Recovery begun"
        RESET = "reset", "Password reset asked for"
        DEVICE = "device", "Signed in on a new device"

    member = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    to = models.EmailField(max_length=254)
    what = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(sent_at=None, given_up_at=None), name="staff_letter_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.member}"


class Recovery(models.Model):
    """Somebody lost their password or second factor: one administrator asks, another one agrees.

    The database refuses one person in two of the three places.
    """

    record_class = "staff_record"

    member = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="recoveries")
    why = models.CharField(max_length=400)
    asked_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="recoveries_asked")
    asked_at = models.DateTimeField()
    agreed = models.BooleanField(null=True, blank=True)
    answered_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="recoveries_answered"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_why = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(answered_at=None), name="recovery_one_open"
            ),
            models.CheckConstraint(condition=~Q(asked_by=F("member")), name="recovery_not_asked_by_oneself"),
            models.CheckConstraint(
                condition=~Q(agreed=True)
                | (
                    Q(answered_by__isnull=False) & ~Q(answered_by=F("asked_by")) & ~Q(answered_by=F("member"))
                ),
                name="recovery_agreed_by_a_second",
            ),
            models.CheckConstraint(
                condition=Q(agreed=None, answered_at=None, answered_by=None)
                | Q(agreed__isnull=False, answered_at__isnull=False),
                name="recovery_answered_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"Recovery of {self.member}"


class DirectoryKey(models.Model):
    """A bearer key with which the force's directory keeps people and groups here (SCIM).

    The key itself is shown once, when it is made; its SHA-256 is kept (it is random, 256 bits). It acts
    in its own name, and holds no grant: it reaches the SCIM addresses and nothing else.
    """

    record_class = "staff_record"

    name = models.CharField(max_length=60)
    hint = models.CharField(max_length=4)
    """Its last four characters, to tell two keys of one name apart."""
    key_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="directory_keys_made"
    )
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="directory_keys_revoked"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("made_at")), name="directory_key_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (…{self.hint})"

    def hold(self, *, alone: bool = False) -> None:
        """Nobody revokes the key until the caller's transaction ends.

        Raises NotPermitted where it has been revoked or has expired.
        """
        row = doors.read_behind(KEY_DOOR, self.pk, _KEY_HELD, [self.pk], alone=False)
        if not row or row[0] is not None or row[1] <= clock.now():
            raise NotPermitted("This directory key no longer works. Nothing was changed.")

    @property
    def actor_id(self) -> None:
        """None: the ids of actors in the trail are those of staff members."""
        return None

    @property
    def actor_name(self) -> str:
        return f"directory key “{self}”"

    @property
    def actor_kind(self) -> str:
        return "service"


class DirectoryPerson(models.Model):
    """How the force's directory calls a staff member, and whether it let them go.

    `let_go_at` is set where the directory itself recorded the leaver: only then may it take them back.
    `removed_at` is set where it deleted them: its addresses answer 404, while our rows remain.
    """

    record_class = "staff_record"

    member = models.OneToOneField(StaffMember, on_delete=models.PROTECT, related_name="directory")
    user_name = models.CharField(max_length=254)
    external_id = models.CharField(max_length=254, null=True, blank=True)  # noqa: DJ001 - unique where given
    changed_at = models.DateTimeField()
    let_go_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("user_name"), name="directory_user_name_once"),
            models.UniqueConstraint(fields=["external_id"], name="directory_person_external_id_once"),
            models.CheckConstraint(condition=~Q(external_id=""), name="directory_person_external_id_said"),
        ]

    def __str__(self) -> str:
        return self.user_name


class DirectoryGroup(models.Model):
    """A team whose members the force's directory keeps. What it may do follows from the team's grants."""

    record_class = "staff_record"

    team = models.OneToOneField(Team, on_delete=models.PROTECT, related_name="directory")
    external_id = models.CharField(max_length=254, null=True, blank=True)  # noqa: DJ001 - unique where given
    added_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["external_id"], name="directory_group_external_id_once"),
            models.CheckConstraint(condition=~Q(external_id=""), name="directory_group_external_id_said"),
        ]

    def __str__(self) -> str:
        return str(self.team)


class SignOnIdentity(Device):
    """Who a staff member is at the force's provider: bound at the first sign-on, by subject from then on.

    It is a device of django-otp, so that a session in which the provider proved both factors is whole
    like any other. It accepts no code. The application may delete it (smmp.database.DELETABLE): releasing
    it lets the next sign-on bind anew; the trail keeps both.
    """

    record_class = "staff_record"

    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    bound_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="sign_on_subject_once"),
            models.UniqueConstraint(fields=["user"], name="sign_on_one_per_person"),
        ]

    def verify_token(self, token):
        return False


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


class RefusedAccess(models.Model):
    """What somebody was refused at one page within a minute: the first stands in the trail, the others are counted.

    It copies the actor like the trail itself. The application may delete these rows (smmp.database.DELETABLE);
    they live for a minute or two.
    """

    record_class = "security_log"

    event = models.CharField(max_length=64)
    actor_kind = models.CharField(max_length=8)
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=200)
    route = models.CharField(max_length=100)
    power = models.CharField("the right that is lacking", max_length=200, blank=True)
    written_at = models.DateTimeField(null=True)
    """When the last entry was written; the next one is a minute later at the earliest."""
    more = models.PositiveIntegerField("refusals since then", default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["actor_id", "actor_kind", "event", "route", "power"], name="refused_access_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} at {self.route}"


class ResetAsk(models.Model):
    """An address for which somebody asked for a new password, known here or not, until the letters are written.

    The application may delete these rows (smmp.database.DELETABLE); they live for seconds.
    """

    record_class = "security_log"

    email = models.CharField(max_length=254)
    asked_at = models.DateTimeField()
    request_id = models.CharField(max_length=64, blank=True)
    source = models.CharField(max_length=64, blank=True)
    """The request and the address that it came from, for the trail."""

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="reset_ask_once")]

    def __str__(self) -> str:
        return f"asked at {self.asked_at:%H:%M}"


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
    at_provider = models.CharField(max_length=64, blank=True, default="", db_default="")
    """A keyed hash of the provider's own session (`sid`) that it rests on, where the provider named one."""

    class Meta:
        indexes = [
            models.Index(
                fields=["member", "-seen_at"], condition=Q(ended_at=None), name="staff_session_open"
            ),
            models.Index(
                fields=["at_provider"], condition=~Q(at_provider=""), name="staff_session_at_provider"
            ),
            models.Index(fields=["seen_at"], name="staff_session_age"),
        ]

    def __str__(self) -> str:
        return f"{self.member} on {self.called}"


class ProviderLogout(models.Model):
    """A logout token of the provider that was obeyed, so that the same one is refused a second time.

    Both are keyed hashes. The application may delete these rows (smmp.database.DELETABLE); a token is
    taken for minutes, the row lives for a day.
    """

    record_class = "security_log"

    token = models.CharField(max_length=64, unique=True)
    at_provider = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"logout at {self.at:%H:%M}"


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


class Departure(models.Model):
    """That somebody leaves: announced for a time to come, called off, or carried out.

    `heir` is whoever the open work goes to, where they may do it. One of kind CONDUCT says no more
    than that; what stands behind it is for professional standards alone.
    """

    record_class = "staff_record"

    class Kind(models.TextChoices):
        RESIGNED = "resigned", "Resigned"
        RETIRED = "retired", "Retired"
        TRANSFERRED = "transferred", "Went to another force or body"
        ENDED = "ended", "Contract or time as a guest ended"
        OTHER = "other", "Another reason"
        CONDUCT = "conduct", "Professional standards departure"

    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="departures")
    kind = models.CharField(max_length=12, choices=Kind)
    why = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="departures_recorded"
    )
    recorded_at = models.DateTimeField()
    leaves_at = models.DateTimeField()
    carried_out_at = models.DateTimeField(null=True, blank=True)
    called_off_at = models.DateTimeField(null=True, blank=True)
    called_off_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="departures_called_off"
    )
    heir = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="departures_inherited"
    )

    class Meta:
        ordering = ["-leaves_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(carried_out_at=None, called_off_at=None),
                name="departure_one_coming",
            ),
            models.CheckConstraint(
                condition=Q(carried_out_at=None) | Q(called_off_at=None), name="departure_one_end"
            ),
            models.CheckConstraint(
                condition=Q(recorded_by=None) | ~Q(recorded_by=F("person")), name="departure_by_another"
            ),
            models.CheckConstraint(
                condition=Q(heir=None) | ~Q(heir=F("person")), name="departure_heir_is_another"
            ),
        ]

    def __str__(self) -> str:
        return f"departure of {self.person}"

    @property
    def coming(self) -> bool:
        return self.carried_out_at is None and self.called_off_at is None


class ConductMatter(models.Model):
    """What professional standards decided about somebody's access, and why. Read by them alone.

    AT_ONCE and AT_TIME become a Departure that says no more than its kind; COVERT leaves the access
    as it is and records every request. It is over when carried out or ended. Carried out, it keeps the
    person from being brought back until it is closed.
    """

    record_class = "staff_record"

    class Kind(models.TextChoices):
        AT_ONCE = "at_once", "Leaves at once"
        AT_TIME = "at_time", "Leaves at a set time, and is not warned"
        COVERT = "covert", "Keeps access under a covert enhanced audit"

    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="conduct_matters")
    kind = models.CharField(max_length=8, choices=Kind)
    why = models.TextField()
    decided_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="conduct_decided")
    decided_at = models.DateTimeField()
    act_at = models.DateTimeField(null=True, blank=True)
    heir = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    carried_out_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="conduct_ended"
    )
    ended_why = models.TextField(blank=True)
    return_asked_at = models.DateTimeField(null=True, blank=True)
    """When an administrator last tried to bring the person back, and was refused without the reason."""
    closed_at = models.DateTimeField(null=True, blank=True)
    """Once the person has left: from now on they may be brought back."""
    closed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="conduct_closed"
    )
    closed_why = models.TextField(blank=True)

    class Meta:
        ordering = ["-decided_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(carried_out_at=None, ended_at=None),
                name="conduct_one_open_of_a_kind",
            ),
            models.CheckConstraint(condition=~Q(decided_by=F("person")), name="conduct_by_another"),
            models.CheckConstraint(
                condition=~Q(kind="at_time") | Q(act_at__isnull=False), name="conduct_set_time"
            ),
            models.CheckConstraint(condition=~Q(why=""), name="conduct_needs_reason"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, closed_why="")
                | (
                    Q(closed_at__isnull=False, closed_by__isnull=False, carried_out_at__isnull=False)
                    & ~Q(closed_why="")
                    & ~Q(closed_by=F("person"))
                ),
                name="conduct_closed_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"matter {self.pk}"

    @property
    def open(self) -> bool:
        return self.carried_out_at is None and self.ended_at is None


class ConductSpan(models.Model):
    """A stretch of the audit trail that professional standards took for a matter: what its person did in that time.

    Beside what the matter opens by itself, from its decision on. Read by them alone; never edited.
    """

    record_class = "staff_record"

    LONGEST = timedelta(days=184)

    matter = models.ForeignKey(ConductMatter, on_delete=models.PROTECT, related_name="spans")
    since = models.DateTimeField()
    until = models.DateTimeField()
    why = models.TextField()
    taken_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["taken_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(since__lt=F("until"), until__lte=F("since") + timedelta(days=184)),
                name="conduct_span_bounded",
            ),
            models.CheckConstraint(condition=Q(until__lte=F("taken_at")), name="conduct_span_is_past"),
            models.CheckConstraint(condition=~Q(why=""), name="conduct_span_needs_reason"),
        ]

    def __str__(self) -> str:
        return f"part {self.pk} of matter {self.matter_id}"


class ConductRequest(models.Model):
    """One request of somebody under covert audit. Read by professional standards alone, never edited.

    It stands beside the trail: an entry for each request would leave a gap in the numbers that others read
    right beside what the person did (docs/decisions/0013-conduct.md).
    """

    record_class = "staff_record"

    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="conduct_requests")
    at = models.DateTimeField()
    page = models.CharField(max_length=120)
    method = models.CharField(max_length=10)
    about = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)
    source_address = models.CharField(max_length=45, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["person", "at"], name="conduct_request_by_person")]

    def __str__(self) -> str:
        return f"{self.method} {self.page}"


class Handover(models.Model):
    """One piece of open work that a leaver left, and to whom it went. Never edited.

    `subject_*` names the record without pointing upward; `heir` is empty where nobody may do it.
    """

    record_class = "staff_record"

    departure = models.ForeignKey(Departure, on_delete=models.PROTECT, related_name="handovers")
    heir = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="handovers"
    )
    subject_type = models.CharField(max_length=64)
    subject_id = models.BigIntegerField()
    subject_name = models.CharField(max_length=200)
    what_next = models.CharField(max_length=300)
    link = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["departure", "subject_type", "subject_id"], name="handover_once_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject_name} to {self.heir}"


class LastSeen(models.Model):
    """When somebody last did something here themselves, to within a few minutes.

    In a table of its own: writing it must not wait for, or hold up, the lock that their actions
    have on their own row.
    """

    record_class = "staff_record"

    member = models.OneToOneField(StaffMember, on_delete=models.PROTECT, related_name="last_seen")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.member} at {self.at:%H:%M}"
