"""Proof that an account is ours which anybody can follow, as the product itself last found it."""

from __future__ import annotations

from django.db import models

from accounts.models.register import OfficialAccount
from staff.models import StaffMember


class ProofCheck(models.Model):
    """One look at one way by which a platform lets an account be proved. Never edited; the latest counts."""

    record_class = "official_account"

    class Kind(models.TextChoices):
        REL_ME = "rel_me", "Link back from our own page (rel=me)"
        DOMAIN = "domain", "Our own domain as its handle"

    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="proof_checks"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    holds = models.BooleanField()
    says = models.CharField(max_length=300)
    """What was found, and what to do where it does not hold."""
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-checked_at", "-id"]
        indexes = [models.Index(fields=["official_account", "kind", "-checked_at"], name="proof_latest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.official_account}"
