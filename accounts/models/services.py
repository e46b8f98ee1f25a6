"""Programs with keys of their own."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core import clock, doors
from core.errors import NotPermitted
from staff.models import StaffMember


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
