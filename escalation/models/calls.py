"""Whom a ladder has called, and what came of each way of reaching them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from escalation.models.cases import Case
from escalation.models.rotas import Post
from notices.models import Notice
from staff.models import StaffMember

SPENT = 1000
"""As the tries of a code: it has had its time."""


class CallOut(models.Model):
    """A person or a post was called for a case at one level. The notice shows whether they saw it."""

    record_class = "case"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="call_outs")
    round = models.PositiveIntegerField(default=1)
    level = models.PositiveSmallIntegerField()
    person = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="call_outs"
    )
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="call_outs")
    notice = models.ForeignKey(Notice, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    code = models.CharField(max_length=8, blank=True)
    """Texted back, it means "I have it". Good while the case waits, from the number that was texted."""
    code_tries = models.PositiveSmallIntegerField(default=0)
    """How often it came from another number; SPENT once somebody had the case, or it was called for anew."""
    failed_at = models.DateTimeField(null=True, blank=True)
    """When every way of reaching them had failed, which is a reason to climb."""

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["code"], condition=~Q(code=""), name="call_out_code"),
            models.Index(fields=["person", "case"], name="call_out_of_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "round", "level", "person"],
                condition=Q(person__isnull=False),
                name="called_once_a_round",
            ),
            models.UniqueConstraint(
                fields=["case", "round", "level", "post"],
                condition=Q(post__isnull=False),
                name="post_called_once_a_round",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, post=None) | Q(person=None, post__isnull=False),
                name="call_out_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.called} called for {self.case}"

    @property
    def called(self) -> str:
        """Who was called, in words."""
        return self.person.called if self.person is not None else str(self.post)
