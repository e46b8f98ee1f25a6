"""Messages to staff, and the queue through which each leaves. No lockdown stops them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from staff.models import StaffMember


class Notice(models.Model):
    """Something that one staff member should know, with the page where they act on it.

    It names things, never the public's words: it may travel by e-mail.
    """

    record_class = "notice"

    class Urgency(models.TextChoices):
        PAGE = "page", "Page: act now"
        SOON = "soon", "Soon"
        FYI = "fyi", "For information"

    to = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="notices")
    urgency = models.CharField(max_length=5, choices=Urgency, default=Urgency.FYI)
    title = models.CharField(max_length=160)
    body = models.CharField(max_length=600, blank=True)
    link = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=120, blank=True)
    """Names the occasion, so that the same occasion tells the same person once."""
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["to", "-created_at"], condition=Q(seen_at=None), name="notice_unseen")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["to", "key"], condition=~Q(key=""), name="notice_once_per_occasion"
            )
        ]

    def __str__(self) -> str:
        return self.title


class NoticeDelivery(models.Model):
    """One way by which one notice leaves (e-mail now; SMS and Teams later), and how that went."""

    record_class = "notice"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10, default="email")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(state="waiting"), name="notice_due")]
        constraints = [models.UniqueConstraint(fields=["notice", "channel"], name="notice_once_per_channel")]

    def __str__(self) -> str:
        return f"{self.channel}: {self.state}"
