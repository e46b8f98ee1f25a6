"""Programs of the force that are told when the register changes, and what they were told."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q

from accounts.models.register import OfficialAccount
from accounts.models.services import ServiceIdentity
from staff.models import StaffMember


class RegisterState(models.Model):
    """An entry of the register as the API shows it, as programs were last told. Compared every few seconds."""

    record_class = "operational"

    official_account = models.OneToOneField(
        OfficialAccount, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    shown = models.JSONField()
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"register of {self.official_account}"


class Hook(models.Model):
    """Where a program is told of changes. Secrets are sealed; the former one goes on signing until `former_until`."""

    record_class = "staff_record"

    service = models.ForeignKey(ServiceIdentity, on_delete=models.PROTECT, related_name="hooks")
    """It is told of what this service may see, and of no other account."""
    address = models.URLField(max_length=500)
    wrapped_key = models.BinaryField()
    sealed = models.BinaryField()
    secret_made_at = models.DateTimeField()
    former_wrapped_key = models.BinaryField(default=b"")
    former_sealed = models.BinaryField(default=b"")
    former_until = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    """Tries without an answer of 2xx since the last one that had it."""
    stopped_at = models.DateTimeField(null=True, blank=True)
    """When it was switched off because it failed too often; what is to be told waits."""
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "address"], condition=Q(ended_at=None), name="hook_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False),
                name="hook_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"webhook of {self.service}"

    @property
    def is_live(self) -> bool:
        """Whether it is told of anything now."""
        return self.ended_at is None and self.stopped_at is None


class HookCall(models.Model):
    """One thing that a program is told: when it is tried, and what came of it. `key` is the same in every try."""

    record_class = "operational"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Taken"
        FAILED = "failed", "Given up"

    hook = models.ForeignKey(Hook, on_delete=models.PROTECT, related_name="calls")
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    payload = models.JSONField()
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    """What the program answered; None where it did not."""
    why = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="waiting"), name="hook_call_due"),
            models.Index(fields=["hook", "-made_at"], name="hook_calls"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at=None)
                | (~Q(state="waiting") & Q(ended_at__isnull=False)),
                name="hook_call_ended_when_over",
            )
        ]

    def __str__(self) -> str:
        return f"{self.payload.get('event', 'call')} for {self.hook}"

    @property
    def next_try_at(self) -> datetime | None:
        """When it is tried next; None where it is over or the hook is switched off."""
        return self.due_at if self.state == self.State.WAITING and self.hook.is_live else None
