"""Files by content: the sealed original, and the re-encoded copy that people and platforms get."""

from __future__ import annotations

from django.db import models

from staff.models import StaffMember


class File(models.Model):
    """One file, known by the SHA-256 of its bytes.

    An original is never served or sent; its copy is, after the caller's scope check.
    A file is reachable only through the record that uses it (a post's picture, evidence).
    """

    record_class = "file"

    class Kind(models.TextChoices):
        ORIGINAL = "original", "Sealed original"
        COPY = "copy", "Re-encoded copy"

    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=80)
    size_bytes = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    original = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="copies"
    )
    stored_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True)
    stored_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["sha256"], name="file_by_hash")]

    def __str__(self) -> str:
        return self.name


class SealedFile(models.Model):
    """A file as it was received from elsewhere: hashed, encrypted (media.vault) and never served as it is.

    What people see is made from it anew each time. The application may add and read, and wrap the key
    anew; nothing else of a row is ever changed (smmp.database), so that an exhibit is what was received.
    """

    record_class = "evidence"

    sha256 = models.CharField(max_length=64, unique=True)
    """Of the bytes as they were received, in hexadecimal."""
    stored_sha256 = models.CharField(max_length=64)
    """The address of what is encrypted in the store."""
    wrapped_key = models.BinaryField()
    content_type = models.CharField(max_length=40)
    """What the first bytes say, not what the server said."""
    size_bytes = models.PositiveBigIntegerField()
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"sealed file {self.sha256[:12]}"


class Leaving(models.Model):
    """Where in the store bytes lie whose row was disposed of, until they are gone as well (media.actions.remove_left).

    Written by the database in the transaction that deletes the row. The application takes a line out once the bytes
    are gone (smmp.database.DELETABLE).
    """

    record_class = "file"

    address = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"bytes {self.address[:12]}"
