"""The append-only audit trail. Entries copy who did what to what; they have no foreign keys.

The table is partitioned by month and made in the first migration by hand, since Django has no
word for partitions. A trigger computes each entry's leaf hash; another refuses UPDATE, DELETE
and TRUNCATE, and the application's database role holds INSERT and SELECT only.
Source: DPA 2018 s.62 (logging); ../docs/decisions/0005-audit.md.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q


class Entry(models.Model):
    """One thing that happened: who, what, to which record, when, under which request.

    `details` holds names of things and non-personal values, never the public's words.
    `shown_ids` lists the records that a page showed, so that "who saw comment 42" has an answer.
    """

    record_class = "audit_entry"

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    event = models.CharField(max_length=64)
    operation = models.CharField(max_length=16, blank=True)
    actor_kind = models.CharField(max_length=8)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200)
    subject_type = models.CharField(max_length=64, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    subject_name = models.CharField(max_length=200, blank=True)
    official_account_id = models.BigIntegerField(null=True)
    shown_ids = ArrayField(models.BigIntegerField(), default=list)
    details = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    source_address = models.CharField(max_length=45, blank=True)
    """The network address that the request came from; empty for what no request began."""
    leaf_hash = models.BinaryField(editable=False, null=True)
    leaf_version = models.PositiveSmallIntegerField(default=2, editable=False)
    """The canonical form by which the row was hashed (audit.leaf)."""

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_by_time"),
            models.Index(fields=["subject_type", "subject_id", "at"], name="audit_by_subject"),
            models.Index(fields=["actor_id", "at"], name="audit_by_actor"),
            models.Index(fields=["event", "at"], name="audit_by_event"),
            GinIndex(fields=["shown_ids"], name="audit_by_shown"),
            models.Index(
                fields=["source_address", "at"], condition=~Q(source_address=""), name="audit_by_source"
            ),
            models.Index(
                fields=["official_account_id", "at"],
                condition=Q(official_account_id__isnull=False),
                name="audit_by_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} by {self.actor_name}"
