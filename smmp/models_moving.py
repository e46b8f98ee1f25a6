"""What comes in from another product: files that were read, the mapping of their columns, and what each came to."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from staff.models import StaffMember

UNDO_WITHIN = timedelta(hours=24)
"""How long an import can be taken back whole."""


class Import(models.Model):
    """A file of another product: read, mapped, shown, brought in, perhaps taken back.

    Its rows go when it is brought in, and after a day in any case (actions.moving): they may hold the public's words.
    """

    record_class = "operational"

    class Kind(models.TextChoices):
        STAFF = "staff", "Staff"
        REPLIES = "replies", "Saved replies"
        MEDIA = "media", "Pictures and videos"
        POSTS = "posts", "Scheduled posts"
        MESSAGES = "messages", "Past messages"
        COMPARE = "compare", "A comparison only"

    kind = models.CharField(max_length=8, choices=Kind)
    product = models.CharField(max_length=60)
    """What the other product is called."""
    name = models.CharField(max_length=120)
    """Of the file."""
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField()
    columns = models.JSONField(default=list)
    rows = models.JSONField(default=list)
    files = models.JSONField(default=dict)
    """Name of a file that came along -> {"file": id of the stored copy} or {"wrong": why it is not one}."""
    mapping = models.JSONField(default=dict)
    """Our field -> {"column": theirs} or {"value": the same for all}."""
    steps = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-read_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(applied_at=None) | Q(rows=[]), name="import_emptied_when_in"),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None)
                | Q(applied_at__isnull=False, undone_by__isnull=False, undone_at__gte=F("applied_at")),
                name="import_undone_after_it_was_in",
            ),
            models.CheckConstraint(
                condition=~Q(kind="compare") | Q(applied_at=None), name="import_comparison_brings_nothing"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def undo_until(self) -> datetime | None:
        """Until when it can be taken back; None where it cannot be."""
        if self.applied_at is None or self.undone_at is not None:
            return None
        return self.applied_at + UNDO_WITHIN


class Imported(models.Model):
    """One thing that came in: which record it is here. The same thing of the other product comes in once."""

    record_class = "operational"

    source = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="imported")
    kind = models.CharField(max_length=8, choices=Import.Kind)
    key = models.CharField(max_length=64)
    """SHA-256 of what makes it that thing in the other product."""
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="imported_subject")]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], condition=Q(undone_at=None), name="imported_once")
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}"


class SavedMapping(models.Model):
    """Which column of a product's export is what here, for the next file of the same kind."""

    record_class = "operational"

    kind = models.CharField(max_length=8, choices=Import.Kind)
    product = models.CharField(max_length=60)
    mapping = models.JSONField(default=dict)
    saved_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("kind", Lower("product"), name="saved_mapping_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.product}"
