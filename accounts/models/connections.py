"""What an official account signs in with, and what its platform says of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models.register import OfficialAccount
from staff.models import StaffMember


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
