"""Messages to staff, and the queue through which each leaves. No lockdown stops them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from staff.models import StaffMember


class Notice(models.Model):
    """Something that one staff member should know, with the page where they act on it.

    It names things, never the public's words: it may travel by e-mail. One that is for nobody who signs in
    (a post, a channel of the force) has no `to` and names whom it is for.
    """

    record_class = "notice"

    class Urgency(models.TextChoices):
        PAGE = "page", "Page: act now"
        SOON = "soon", "Soon"
        FYI = "fyi", "For information"

    to = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    to_name = models.CharField(max_length=160, blank=True)
    urgency = models.CharField(max_length=5, choices=Urgency, default=Urgency.FYI)
    title = models.CharField(max_length=160)
    body = models.CharField(max_length=600, blank=True)
    link = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=120, blank=True)
    """Names the occasion, so that the same occasion tells the same person once."""
    in_confidence = models.BooleanField(default=False, db_default=False)
    """What it tells of is for one team alone: professional standards alone read the entries of the trail about it."""
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
            ),
            models.UniqueConstraint(
                fields=["to_name", "key"], condition=Q(to=None), name="notice_once_beyond_staff"
            ),
            models.CheckConstraint(
                condition=Q(to__isnull=False) | (~Q(to_name="") & ~Q(key="")), name="notice_for_somebody"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def for_whom(self) -> str:
        """Whom it is for, in words."""
        return self.to.called if self.to is not None else self.to_name


class NoticeDelivery(models.Model):
    """One way by which one notice leaves, and how that went."""

    record_class = "notice"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        SMS = "sms", "Text"
        TEAMS = "teams", "Teams"
        SLACK = "slack", "Slack"
        WEBHOOK = "webhook", "Webhook"

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    address = models.CharField(max_length=254, blank=True)
    """A number or an e-mail address other than the staff member's own, which is read when it leaves."""
    words = models.CharField(max_length=600, blank=True)
    """What it says by this way, where that is not the notice itself: a text with its code."""
    payload = models.JSONField(null=True, blank=True)
    """A structured message for another system of the force, which gets it whole and signed. It may hold the public's
    words, so it is kept only until it has left or failed: the record that it is about keeps them (its own class)."""
    attachment_name = models.CharField(max_length=120, blank=True, default="", db_default="")
    """What the file that goes along is called: stays as a record of what left. Empty where none does."""
    attachment = models.BinaryField(null=True, blank=True)
    """That file, by e-mail alone. Kept only until it has left or failed, as the payload is."""
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    reference = models.CharField(max_length=60, blank=True)
    """What the provider calls it, where it says later whether it arrived."""
    check_at = models.DateTimeField(null=True, blank=True)
    """When the provider is asked (again) whether it arrived."""
    arrived_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=200, blank=True)
    """Why it failed, as a sentence for staff."""

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="notice_due"),
            models.Index(fields=["check_at"], condition=Q(check_at__isnull=False), name="notice_to_check"),
            models.Index(fields=["failed_at"], condition=Q(state="failed"), name="notice_failed"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="notice_once_per_channel"),
            models.CheckConstraint(
                condition=Q(payload__isnull=True) | Q(state="waiting"), name="notice_payload_on_its_way"
            ),
            models.CheckConstraint(
                condition=Q(attachment__isnull=True)
                | Q(state="waiting", channel="email") & ~Q(attachment_name=""),
                name="notice_attachment_on_its_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.state}"
