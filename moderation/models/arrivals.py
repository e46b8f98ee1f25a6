"""What comes in from a platform before it is a comment: payloads, positions, gaps, what was set aside."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import NativeUse, OfficialAccount


class RawPayload(models.Model):
    """A payload exactly as a platform gave it, kept before it is read. Partitioned by month.

    Nothing points at it by foreign key: expired months are dropped whole.
    """

    record_class = "raw_payload"

    id = models.BigAutoField(primary_key=True)
    received_at = models.DateTimeField()
    official_account_id = models.BigIntegerField()
    source = models.CharField(max_length=10)
    external_id = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    payload = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["official_account_id", "external_id"], name="raw_by_external_id")]

    def __str__(self) -> str:
        return f"raw payload {self.pk}"


class IngestSource(models.Model):
    """Where polling one official account has got to. Only the poller moves `position`."""

    record_class = "operational"

    official_account = models.OneToOneField(
        OfficialAccount, on_delete=models.PROTECT, related_name="ingest_source"
    )
    position = models.CharField(max_length=300, blank=True)
    next_poll_at = models.DateTimeField()
    next_sweep_at = models.DateTimeField()
    polled_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=500, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    hinted_at = models.DateTimeField(null=True, blank=True)
    """When the platform last called to say that there is news."""
    own_read_at = models.DateTimeField(null=True, blank=True)
    """When the official account's own posts were last read, to see what was not made here."""
    hints_missed = models.PositiveIntegerField(default=0, db_default=0)
    """Turns that brought something new of which no call had told, since calls have come at all."""

    class Meta:
        indexes = [models.Index(fields=["next_poll_at"], name="ingest_due")]

    def __str__(self) -> str:
        return f"ingest of {self.official_account}"


class IngestGap(models.Model):
    """A stretch of time in which an official account was deaf: nothing of it was read from the platform.

    Filled when everything that was written meanwhile has been read after all.
    """

    record_class = "operational"

    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="ingest_gaps"
    )
    begins_at = models.DateTimeField()
    """When the platform last answered."""
    ends_at = models.DateTimeField(null=True, blank=True)
    filled_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=500)

    class Meta:
        ordering = ["-begins_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["official_account"], condition=Q(ends_at=None), name="ingest_gap_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None, filled_at=None)
                | (
                    Q(ends_at__gte=models.F("begins_at"))
                    & (Q(filled_at=None) | Q(filled_at__gte=models.F("ends_at")))
                ),
                name="ingest_gap_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"gap of {self.official_account}"


class NativePost(models.Model):
    """Something that the official account wrote on the platform and that did not leave through the outbox.

    While an act of ours is under way that may be it, it `waits`; then it was ours, or declared, or an alert.
    """

    record_class = "published_post"

    class State(models.TextChoices):
        WAITING = "waiting", "May be one of ours on its way"
        OURS = "ours", "One of ours"
        DECLARED = "declared", "Declared"
        ALERTED = "alerted", "Nobody declared it"

    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="native_posts"
    )
    external_id = models.CharField(max_length=300)
    what = models.CharField(max_length=16, choices=[(w, w) for w in ("post", "reply", "private message")])
    text = models.TextField(blank=True)
    url = models.CharField(max_length=500, blank=True)
    posted_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State)
    declaration = models.ForeignKey(NativeUse, on_delete=models.PROTECT, null=True, blank=True)

    class Meta:
        ordering = ["-posted_at", "-id"]
        indexes = [
            models.Index(fields=["official_account"], condition=Q(state="waiting"), name="native_waiting")
        ]
        constraints = [
            models.UniqueConstraint(fields=["official_account", "external_id"], name="native_post_once"),
            models.CheckConstraint(
                condition=Q(state="declared", declaration__isnull=False)
                | (~Q(state="declared") & Q(declaration=None)),
                name="native_post_declared_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} made natively on {self.official_account}"


class Quarantined(models.Model):
    """A message that could not be read. It is tried again; after three tries a person looks at it."""

    record_class = "raw_payload"

    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT)
    raw_payload_id = models.BigIntegerField()
    external_id = models.CharField(max_length=300, blank=True)
    digest = models.CharField(max_length=64)
    payload = models.JSONField()
    fault = models.CharField(max_length=200)
    tries = models.PositiveSmallIntegerField(default=1)
    first_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["official_account", "digest"], name="quarantined_once")
        ]

    def __str__(self) -> str:
        return f"unreadable message on {self.official_account}"
