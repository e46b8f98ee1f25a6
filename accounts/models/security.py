"""What somebody saw, on the platform itself and in the vault, of how an official account is kept."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models.register import OfficialAccount
from staff.models import StaffMember


class SecurityCheck(models.Model):
    """One look at how an official account is secured. The latest counts, and none is edited.

    Source: APP social media, "Security", minimum standards. Where the rules themselves stand (vault entry, force devices
    only, who may use it elsewhere): accounts.Mandate. No secret is ever among the words (core.no_secrets).
    """

    record_class = "official_account"

    class Seen(models.TextChoices):
        YES = "yes", "Yes"
        NO = "no", "No"
        UNKNOWN = "unknown", "Could not be seen"

    class Factor(models.TextChoices):
        KEY = "key", "On, with security keys or passkeys that the force holds"
        APP = "app", "On, with an authenticator app on force devices"
        MESSAGE = "message", "On, with codes by text or e-mail alone"
        NONE = "none", "Off"
        UNKNOWN = "unknown", "Could not be seen"

    class Personal(models.TextChoices):
        NONE = "none", "None is used"
        NAMED = "named", "Only as allowed by name"
        OTHERS = "others", "Also otherwise"
        UNKNOWN = "unknown", "Could not be found out"

    class Elsewhere(models.TextChoices):
        NEVER = "never", "It is not used there"
        CLEAN = "clean", "Used there; nothing stays signed in, and no secret is kept there"
        LEFT = "left", "Something stays signed in, or a secret is kept there"
        UNKNOWN = "unknown", "Could not be found out"

    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="security_checks"
    )
    password = models.CharField(max_length=7, choices=Seen)
    """Long, used nowhere else, and in the force's vault; or a passkey in its place."""
    factor = models.CharField(max_length=7, choices=Factor)
    alerts = models.CharField(max_length=7, choices=Seen)
    """Alerts of new sign-ins are on, and reach an address of the force."""
    apps = models.CharField(max_length=7, choices=Seen)
    """The programs connected there are those of the register, and no others."""
    personal = models.CharField(max_length=7, choices=Personal)
    elsewhere = models.CharField(max_length=7, choices=Elsewhere)
    devices = models.CharField(max_length=7, choices=Seen)
    """Unknown and redundant devices are signed out."""
    words = models.CharField(max_length=600, blank=True)
    together_with = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Who of the other side, communications or information security, looked at it too."""
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["official_account", "-at"], name="security_check_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(together_with=None) | Q(by=None) | ~Q(together_with=F("by")),
                name="security_check_with_another",
            ),
        ]

    def __str__(self) -> str:
        return f"security check of {self.official_account}"
