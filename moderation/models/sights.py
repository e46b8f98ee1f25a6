"""When a comment of an exercise was first seen, for the marked sheet. Of real comments nothing of the kind is kept."""

from __future__ import annotations

from django.db import models

from moderation.models.comments import Comment
from staff.models import StaffMember


class FirstSight(models.Model):
    """Somebody opened a comment of the exercise network for the first time. Never of a real one: who reads what is in
    the audit trail, and no measure of anybody's work is made of it (DPA 2018 s.62(4))."""

    record_class = "routine_comment"

    comment = models.OneToOneField(Comment, on_delete=models.PROTECT, related_name="first_sight")
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"first sight of comment {self.comment_id}"
