"""Lines of a paper log: what was published by hand, or came from the public, while a platform or this product was gone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import OfficialAccount
from staff.models import StaffMember


class PaperLine(models.Model):
    """One line as it was written by hand, and what it turned out to be.

    The numbers point at what ingest brought in, without a foreign key: those records have lives of their own. The
    public's words stay on a line only while nobody has found them.
    """

    record_class = "published_post"

    class Direction(models.TextChoices):
        OUT = "out", "We published it"
        IN = "in", "The public wrote it"

    class State(models.TextChoices):
        OPEN = "open", "Not found yet"
        FOUND = "found", "Found"
        TAKEN = "taken", "Put before the desk"
        LEFT = "left", "Left, with a reason"

    direction = models.CharField(max_length=3, choices=Direction)
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="paper_lines"
    )
    at = models.DateTimeField()
    """As it was written down, to the minute."""
    who = models.CharField(max_length=200, blank=True)
    """Out: who published it. In: the name under which the public wrote, until it is settled."""
    words = models.TextField(blank=True)
    link = models.CharField(max_length=500, blank=True)
    approved_by = models.CharField(max_length=120, blank=True)
    digest = models.CharField(max_length=64)
    """Of the line as it was written: the same line is kept once, however often the log is imported."""
    state = models.CharField(max_length=5, choices=State, default=State.OPEN)
    comment_id = models.BigIntegerField(null=True, blank=True)
    native_post_id = models.BigIntegerField(null=True, blank=True)
    delivery_id = models.BigIntegerField(null=True, blank=True)
    imported_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField()
    settled_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Empty where it was found by itself."""
    settled_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["official_account"], condition=Q(state="open"), name="paper_line_open")
        ]
        constraints = [
            models.UniqueConstraint(fields=["official_account", "digest"], name="paper_line_once"),
            models.UniqueConstraint(
                fields=["comment_id"], condition=Q(comment_id__isnull=False), name="paper_line_comment_once"
            ),
            models.UniqueConstraint(
                fields=["native_post_id"],
                condition=Q(native_post_id__isnull=False),
                name="paper_line_native_once",
            ),
            models.UniqueConstraint(
                fields=["delivery_id"],
                condition=Q(delivery_id__isnull=False),
                name="paper_line_delivery_once",
            ),
            models.CheckConstraint(
                condition=Q(state="open", settled_at=None) | (~Q(state="open") & Q(settled_at__isnull=False)),
                name="paper_line_settled",
            ),
            models.CheckConstraint(
                condition=Q(direction="out") | Q(state="open") | Q(words="", who=""),
                name="paper_line_publics_words_go",
            ),
            models.CheckConstraint(
                condition=~Q(state="left") | ~Q(why=""), name="paper_line_left_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.pk} of a paper log"
