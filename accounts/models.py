"""The register of official accounts, and grants: who may do what on which of them, until when."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce, Lower
from guardian.models import UserObjectPermissionBase

from core import clock, doors
from core.errors import NotPermitted
from platforms import registry
from staff.models import Departure, StaffMember, Team
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


class Credential(models.Model):
    """A version of what an official account signs in to its platform with.

    Envelope encryption: `sealed` is under a key of its own, and that key (`wrapped_key`) under the
    installation's (CREDENTIAL_KEYS), so that a new installation key re-wraps keys and opens no secret.
    Where `wrapped_key` is empty the version is of before envelopes, sealed directly. The version that
    is replaced loses its secret and stays as history. Never replaced by an empty one; never in logs,
    audit, error pages or exports.
    """

    record_class = "credential"

    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="credentials"
    )
    number = models.PositiveIntegerField(default=1, db_default=1)
    wrapped_key = models.BinaryField(default=b"", db_default=b"", blank=True)
    sealed = models.BinaryField()
    expires_at = models.DateTimeField(null=True, blank=True)
    renewable = models.BooleanField(default=False, db_default=False)
    """Whether the platform gave what a fresh token is had with."""
    renewing_until = models.DateTimeField(null=True, blank=True)
    """One worker at a time asks for a fresh token: many platforms take a refresh token once only."""
    stored_at = models.DateTimeField()
    stored_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["official_account", "-number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(replaced_at=None) & ~Q(sealed=b"")
                | Q(replaced_at__isnull=False, sealed=b"", wrapped_key=b""),
                name="credential_not_empty",
            ),
            models.UniqueConstraint(fields=["official_account", "number"], name="credential_number_once"),
            models.UniqueConstraint(
                fields=["official_account"], condition=Q(replaced_at=None), name="credential_one_live"
            ),
        ]

    def __str__(self) -> str:
        return f"credential {self.number} of {self.official_account}"


class PlatformLink(models.Model):
    """What the platform says of an official account and its credential, as of the last check."""

    record_class = "official_account"

    official_account = models.OneToOneField(OfficialAccount, on_delete=models.PROTECT, related_name="link")
    external_id = models.CharField(max_length=300, blank=True)
    handle = models.CharField(max_length=300, blank=True)
    name = models.CharField(max_length=300, blank=True)
    scopes = models.JSONField(null=True, blank=True)
    """A list; null where the platform does not say."""
    limits = models.JSONField(default=dict, blank=True)
    settings = models.JSONField(default=dict, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    """When it last answered well."""
    fault = models.CharField(max_length=500, blank=True)
    fault_raw = models.TextField(blank=True)
    fault_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"what the platform says of {self.official_account}"


class ConnectAttempt(models.Model):
    """Somebody is on the way to a platform to allow us to speak for an official account, and is expected back."""

    record_class = "sign_in_session"

    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    state_digest = models.CharField(max_length=64, unique=True)
    wrapped_key = models.BinaryField()
    verifier = models.BinaryField()
    """The PKCE verifier, sealed as credentials are."""
    begun_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"connecting {self.official_account}"


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
        return " and ".join([", ".join(missing[:-1]), missing[-1]] if missing[1:] else missing)


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


class Allowance(models.Model):
    """What is left of one rate limit of one credential, as the platform last said it (platforms.contract.Usage)."""

    record_class = "official_account"

    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="allowances")
    endpoint = models.CharField(max_length=120)
    share_used = models.FloatField()
    limit = models.PositiveIntegerField(null=True, blank=True)
    remaining = models.PositiveIntegerField(null=True, blank=True)
    resets_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField()

    class Meta:
        ordering = ["endpoint"]
        constraints = [
            models.UniqueConstraint(fields=["official_account", "endpoint"], name="allowance_once"),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint} of {self.official_account}"


class Spending(models.Model):
    """What all processes together have used of an allowance that a platform gives the whole force and never tells.

    One row for each platform, allowance and period, which ends at `resets_at`.
    """

    record_class = "operational"

    platform = models.CharField(max_length=20)
    endpoint = models.CharField(max_length=120)
    resets_at = models.DateTimeField()
    used = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "endpoint", "resets_at"], name="spending_once")
        ]

    def __str__(self) -> str:
        return f"{self.endpoint} of {self.platform}"


class Grant(models.Model):
    """A role for a person or a team over one official account, one neighbourhood, or all, for a time.

    This is the truth about authority; guardian's rows (AccountPermission) are its projection.
    Nobody gives one to themselves, nor to a team that they are in: constraint grant_by_another and
    trigger accounts_grant_not_own_team. It holds from `since` up to but not including `until`. Rows are never deleted.
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
            models.CheckConstraint(
                condition=Q(given_by=None) | Q(person=None) | ~Q(given_by=F("person")),
                name="grant_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(role="surge_helper")
                | Q(until__isnull=False, until__lte=F("since") + timedelta(hours=72)),
                name="grant_helper_ends",
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
    def is_over(self) -> bool:
        """Whether it gives nothing any more."""
        return self.expiry_recorded or (self.until is not None and self.until <= clock.now())

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


class DepartureStep(models.Model):
    """What must be done by hand because somebody has left, until somebody signs that it is done.

    A platform knows nothing of our grants: whoever was a page admin there still is one.
    """

    record_class = "staff_record"

    class Kind(models.TextChoices):
        REMOVE = "remove", "Remove on the platform"
        ROTATE = "rotate", "Renew a shared secret"
        DEVICES = "devices", "Take back devices"

    departure = models.ForeignKey(Departure, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=8, choices=Kind)
    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, null=True, blank=True)
    what = models.CharField(max_length=300)
    signed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="departure_steps_signed"
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["departure", "kind", "official_account"],
                nulls_distinct=False,
                name="departure_step_once",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None, signed_at=None)
                | Q(signed_by__isnull=False, signed_at__isnull=False),
                name="departure_step_signed_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.what


class GrantRequest(models.Model):
    """A role that is asked for, until somebody who gives grants answers. Nobody answers their own."""

    record_class = "staff_record"

    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="grant_requests")
    role = models.CharField(max_length=30, choices=Role)
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    neighbourhood = models.ForeignKey(
        Neighbourhood, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    until = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=300)
    asked_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="grant_requests_answered"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_why = models.CharField(max_length=300, blank=True)
    grant = models.OneToOneField(
        Grant, on_delete=models.PROTECT, null=True, blank=True, related_name="request"
    )
    """What was given; empty while it waits and where it was refused."""

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("person")), name="request_by_another"
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None, answered_at=None, grant=None)
                | Q(answered_by__isnull=False, answered_at__isnull=False),
                name="request_answered_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(official_account=None) | Q(neighbourhood=None), name="request_one_scope"
            ),
            models.UniqueConstraint(
                fields=["person", "role", "official_account", "neighbourhood"],
                condition=Q(answered_at=None),
                nulls_distinct=False,
                name="request_one_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} asks for {self.get_role_display()}"

    @property
    def scope_name(self) -> str:
        """What the role would cover, in words."""
        return str(self.official_account or self.neighbourhood or "all official accounts")


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


class AccessPolicy(models.Model):
    """How the force reviews access, in one row: periods in days, and what becomes of what nobody confirmed."""

    record_class = "schedule"

    class Unconfirmed(models.TextChoices):
        END = "end", "The grant ends"
        FLAG = "flag", "The grant stays and is shown to the administrators"

    dormant_after_days = models.PositiveSmallIntegerField(default=60)
    grants_end_within_days = models.PositiveSmallIntegerField(default=14)
    unused_after_days = models.PositiveSmallIntegerField(default=90)
    confirm_within_days = models.PositiveSmallIntegerField(default=21)
    unconfirmed = models.CharField(max_length=4, choices=Unconfirmed, default=Unconfirmed.FLAG)
    each_quarter = models.BooleanField("open one by itself in the first week of a quarter", default=True)

    class Meta:
        constraints = [models.UniqueConstraint(models.Value(1), name="access_policy_one_row")]

    def __str__(self) -> str:
        return "how access is reviewed"


class Campaign(models.Model):
    """One recertification: every live grant is confirmed or ended by a due date, in the words of a leader."""

    record_class = "staff_record"

    title = models.CharField(max_length=120, unique=True)
    opened_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    unconfirmed = models.CharField(max_length=4, choices=AccessPolicy.Unconfirmed)
    """What becomes of what nobody confirmed, as it was decided when this one was opened."""
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(models.Value(1), condition=Q(settled_at=None), name="campaign_one_open")
        ]

    def __str__(self) -> str:
        return self.title


class Confirmation(models.Model):
    """What one leader says about one grant in a campaign. Nobody confirms their own."""

    record_class = "staff_record"

    class Verdict(models.TextChoices):
        KEEP = "keep", "Keep"
        END = "end", "End"
        RAN_OUT = "ran_out", "Over before it was confirmed"
        ENDED = "ended", "Not confirmed by the due date: ended"
        FLAGGED = "flagged", "Not confirmed by the due date: shown to the administrators"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="confirmations")
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="confirmations")
    leader = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="confirmations")
    verdict = models.CharField(max_length=8, choices=Verdict, blank=True)
    why = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["leader__name", "grant__person__name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "grant"], name="confirmation_once"),
            models.CheckConstraint(
                condition=~Q(verdict__in=["keep", "end"])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="confirmation_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grant} in {self.campaign}"


class ServiceIdentity(models.Model):
    """A program that works through /api/v1 with grants of its own, and the person who answers for it.

    `member` carries its grants and its acts, as a person's row does; it has no password and signs in nowhere.
    """

    record_class = "staff_record"

    member = models.OneToOneField(StaffMember, on_delete=models.PROTECT, related_name="service")
    purpose = models.CharField(max_length=300)
    owner = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="services_owned")
    networks = ArrayField(models.CharField(max_length=43))
    """Source networks (CIDR) from which its keys are taken."""
    made_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="services_made"
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(networks=[]), name="service_has_networks")]

    def __str__(self) -> str:
        return self.member.name


KEY_DOOR = "key of a program"
"""What whoever acts with a key passes, and whoever revokes it closes (core.doors)."""


class ApiKey(models.Model):
    """One key of a service identity: only its keyed hash is kept, so that nobody can show it again."""

    record_class = "staff_record"

    service = models.ForeignKey(ServiceIdentity, on_delete=models.PROTECT, related_name="keys")
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    revoked_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("made_at")), name="key_ends_after_start"),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | ~Q(revoked_why=""), name="key_revoked_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"key {self.prefix}…"

    @property
    def is_live(self) -> bool:
        """Whether it opens anything now."""
        return self.revoked_at is None and self.until > clock.now()


class KeyUse(models.Model):
    """When and from where a key was used last, and how often in the present minute."""

    record_class = "staff_record"

    key = models.OneToOneField(ApiKey, on_delete=models.CASCADE, primary_key=True, related_name="use")
    last_at = models.DateTimeField()
    last_from = models.CharField(max_length=45)
    minute_at = models.DateTimeField()
    in_minute = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"use of {self.key}"


class KeptAnswer(models.Model):
    """What a write through /api/v1 was answered with, under the Idempotency-Key that the service chose.

    `status` is empty while it is being done. The application may delete these; they live for a day.
    """

    record_class = "api_answer"

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="answers")
    token = models.CharField(max_length=128)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    begun_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "token"], name="answer_once")]
        indexes = [models.Index(fields=["begun_at"], name="answer_by_age")]

    def __str__(self) -> str:
        return f"answer to {self.token}"


class _Services(models.Manager["ServiceActor"]):
    def get_queryset(self) -> models.QuerySet[ServiceActor]:
        return super().get_queryset().filter(kind=StaffMember.Kind.SERVICE)


class ServiceActor(StaffMember):  # type: ignore[django-manager-missing]
    """A service identity at work with one of its keys: an actor like any, held by its key as well."""

    class Meta:
        proxy = True

    objects: models.Manager[ServiceActor] = _Services()  # type: ignore[assignment, misc]
    api_key: ApiKey
    """Set by accounts.keys when the key is read."""

    @property
    def actor_kind(self) -> str:
        return "service"

    def hold(self, *, alone: bool = False) -> None:
        """Neither the identity is retired nor its key revoked until the caller's transaction ends.

        Raises NotPermitted where either has happened, or the key has run out.
        """
        super().hold(alone=alone)
        row = doors.read_behind(
            KEY_DOOR,
            self.api_key.pk,
            "SELECT revoked_at IS NULL AND until > %s FROM accounts_apikey WHERE id = %s FOR SHARE",
            [clock.now(), self.api_key.pk],
            alone=False,
        )
        if not (row and row[0]):
            raise NotPermitted("This key was revoked or has run out. Nothing was changed.")


class StaffImport(models.Model):
    """A list of staff that was read, and what it would come to; its rows go when it is applied.

    A list that nobody applies within a day is emptied (accounts.actions.imports): only its counts stay.
    """

    record_class = "staff_record"

    name = models.CharField(max_length=120)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="lists_read")
    read_at = models.DateTimeField()
    rows = models.JSONField(default=list)
    steps = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-read_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(applied_at=None) | Q(rows=[]), name="staff_import_emptied_when_applied"
            ),
        ]

    def __str__(self) -> str:
        return self.name


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
