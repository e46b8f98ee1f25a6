"""The register of official accounts, and grants: who may do what on which of them, until when."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce
from guardian.models import UserObjectPermissionBase

from staff.models import StaffMember, Team
from staff.roles import FORCE_WIDE, Power, Role


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
        ]

    def __str__(self) -> str:
        return self.name


class Credential(models.Model):
    """A platform token or password, sealed with the installation's key (CREDENTIAL_KEYS).

    Never replaced by an empty one; never in logs, audit, error pages or exports.
    """

    record_class = "credential"

    official_account = models.OneToOneField(
        OfficialAccount, on_delete=models.PROTECT, related_name="credential"
    )
    sealed = models.BinaryField()
    stored_at = models.DateTimeField()
    stored_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(sealed=b""), name="credential_not_empty"),
        ]

    def __str__(self) -> str:
        return f"credential of {self.official_account}"


class Grant(models.Model):
    """A role for a person or a team over one official account, one neighbourhood, or all, for a time.

    This is the truth about authority; guardian's rows (AccountPermission) are its projection.
    It holds from `since` up to but not including `until`. Rows are never deleted.
    """

    record_class = "staff_record"

    person = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="grants"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="grants")
    role = models.CharField(max_length=30, choices=Role)
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="grants"
    )
    neighbourhood = models.ForeignKey(
        Neighbourhood, on_delete=models.PROTECT, null=True, blank=True, related_name="grants"
    )
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    given_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="grants_given"
    )
    why = models.CharField(max_length=300)
    ended_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="grants_ended"
    )
    ended_why = models.CharField(max_length=300, blank=True)
    expiry_recorded = models.BooleanField(default=False)

    class Meta:
        ordering = ["-since", "-id"]
        indexes = [
            models.Index(fields=["person", "since"], name="grant_by_person"),
            models.Index(fields=["team", "since"], name="grant_by_team"),
            models.Index(fields=["until"], condition=Q(expiry_recorded=False), name="grant_to_expire"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(person=None, team__isnull=False) | Q(person__isnull=False, team=None),
                name="grant_person_or_team",
            ),
            models.CheckConstraint(
                condition=Q(official_account=None) | Q(neighbourhood=None), name="grant_one_scope"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="grant_ends_after_start"
            ),
            ExclusionConstraint(
                name="grant_no_overlap",
                expressions=[
                    (Coalesce("person", 0), RangeOperators.EQUAL),
                    (Coalesce("team", 0), RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (Coalesce("official_account", 0), RangeOperators.EQUAL),
                    (Coalesce("neighbourhood", 0), RangeOperators.EQUAL),
                    (
                        # '[)': a grant holds from its first second and not at its last.
                        Func(
                            "since",
                            "until",
                            RangeBoundary(),
                            function="TSTZRANGE",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person or self.team}: {self.get_role_display()}"

    @property
    def scope_name(self) -> str:
        """What the grant covers, in words."""
        return str(self.official_account or self.neighbourhood or "all official accounts")


class AccountPermission(UserObjectPermissionBase):
    """Guardian's direct-foreign-key row on an official account: the projection of live grants.

    Written only with grants (accounts.actions). Nobody asks it what somebody may do:
    accounts.queries answers that, since guardian knows no time.
    """

    record_class = "staff_record"

    content_object = models.ForeignKey(OfficialAccount, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.user} on {self.content_object}"
