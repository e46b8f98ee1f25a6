"""Alerts of the desk: what a machine found, before any person has said that it is so."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import OfficialAccount
from escalation.models.cases import Case
from escalation.models.pathways import PathwayVersion
from moderation.categories import Priority
from moderation.models import Comment
from staff.models import StaffMember


class Alert(models.Model):
    """A machine finding at or above a pathway's floor, put in front of the desk and of nobody beyond it.

    It holds none of the public's words. A person confirms it (a case is opened and the ladder begins) or
    stands it down with a reason; left unseen until `desk_by`, it goes on without them. No foreign key of the
    database ties it to its comment, so that disposal of the comment waits for nothing here.
    """

    record_class = "routine_comment"

    class State(models.TextChoices):
        OPEN = "open", "Waits for the desk"
        CONFIRMED = "confirmed", "Confirmed"
        STOOD_DOWN = "stood_down", "Stood down"
        PASSED_ON = "passed_on", "Went on without the desk"

    comment = models.ForeignKey(
        Comment, on_delete=models.DO_NOTHING, db_constraint=False, related_name="alerts"
    )
    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="alerts")
    version = models.ForeignKey(PathwayVersion, on_delete=models.PROTECT, related_name="alerts")
    category = models.CharField(max_length=40)
    priority = models.PositiveSmallIntegerField(choices=Priority)
    likeness = models.CharField(max_length=32)
    """What alerts that stand together share (queries_alerts.likeness_of): nearly the same words under one post."""
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    raised_at = models.DateTimeField()
    desk_by = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_by_name = models.CharField(max_length=200, blank=True)
    why = models.CharField(max_length=500, blank=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="alerts")

    class Meta:
        ordering = ["priority", "desk_by", "id"]
        indexes = [
            models.Index(
                fields=["official_account", "desk_by"], condition=Q(state="open"), name="desk_alert_open"
            ),
            models.Index(fields=["desk_by"], condition=Q(state="open"), name="desk_alert_due"),
            models.Index(fields=["version", "raised_at"], name="alert_of_version"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["comment"], name="alert_once_per_comment"),
            models.CheckConstraint(
                condition=Q(state="open", settled_at=None) | (~Q(state="open") & Q(settled_at__isnull=False)),
                name="alert_settled_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="stood_down") | (~Q(why="") & Q(settled_by__isnull=False)),
                name="alert_stood_down_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"alert {self.pk}"
