"""What people do with a comment: decisions, notes, drafts, and looking somebody up."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from moderation.models.comments import Comment, Revision
from moderation.models.guidelines import Guidelines
from publishing.models import Delivery
from staff.models import StaffMember


class Clause(models.Model):
    """A clause of the published guidelines: the only reasons for which a comment is hidden.

    Source: APP social media, "community guidelines": the public can read why comments are hidden.
    """

    record_class = "guideline"

    guidelines = models.ForeignKey(Guidelines, on_delete=models.PROTECT, related_name="clauses")
    slug = models.SlugField(max_length=40)
    """The same from version to version, whatever the words: figures go by it."""
    title = models.CharField(max_length=120)
    title_cy = models.CharField("title in Welsh", max_length=120, blank=True)
    text = models.TextField()
    text_cy = models.TextField("text in Welsh", blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    sensitive = models.BooleanField(default=False, db_default=False)
    """A decision under it needs a note: it weighs what somebody may say, and will be asked about."""
    published = models.BooleanField(default=True)
    """Whether it may be named as a reason now: it stands in the version in force, and was not left out."""
    left_out = models.BooleanField(default=False, db_default=False)
    """It stood in the version before and does not in this one."""

    class Meta:
        ordering = ["position", "title"]
        constraints = [
            models.UniqueConstraint(fields=["guidelines", "slug"], name="clause_once_in_a_version"),
            models.CheckConstraint(
                condition=Q(left_out=False) | Q(published=False), name="clause_left_out_is_no_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Decision(models.Model):
    """What a person decided on one revision of a comment, and why. Never edited."""

    record_class = "routine_comment"

    class Kind(models.TextChoices):
        REPLY = "reply", "Replied"
        HIDE = "hide", "Hidden"
        UNHIDE = "unhide", "Shown again"
        DELETE = "delete", "Deleted on the platform"
        BLOCK = "block", "Commenter blocked"
        UNBLOCK = "unblock", "Commenter unblocked"
        MUTE = "mute", "Commenter muted"
        UNMUTE = "unmute", "Commenter unmuted"
        RESTRICT = "restrict", "Commenter restricted"
        REPORT = "report", "Reported to the platform"
        ELSEWHERE = "elsewhere", "Handled elsewhere"
        HAND_OVER = "hand_over", "Handed to a team"
        AUTOMATIC = "automatic", "Automatic first answer"
        NO_ACTION = "no_action", "No action"
        ESCALATE = "escalate", "Escalated"
        REOPEN = "reopen", "Reopened"
        RETRIAGE = "retriage", "Category changed"

    BESIDE = frozenset({"block", "unblock", "mute", "unmute", "restrict", "report", "automatic"})
    """Kinds that stand beside the decision: the comment waits on, and a refusal by the platform reopens nothing."""

    CLOSING = ("reply", "hide", "delete", "elsewhere", "no_action", "escalate")
    """Kinds by which a comment is decided."""

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="decisions")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT)
    kind = models.CharField(max_length=10, choices=Kind)
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, null=True, blank=True)
    why = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="decisions")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    delivery = models.OneToOneField(Delivery, on_delete=models.PROTECT, null=True, blank=True)
    outcome_noted = models.BooleanField(default=True)
    """False while its delivery is on the way; moderation.tasks.note_outcomes settles it."""

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["id"], condition=Q(outcome_noted=False), name="decision_outcome_due"),
            models.Index(fields=["comment"], condition=Q(kind="hide"), name="decision_hides"),
            models.Index(fields=["at"], name="decision_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind__in=["hide", "delete", "block"]) | Q(clause__isnull=False),
                name="decision_hide_needs_clause",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["delete", "block"]) | ~Q(why=""), name="decision_grave_needs_note"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.by_name}"


class Note(models.Model):
    """A private note for colleagues on a comment. It never leaves the platform."""

    record_class = "routine_comment"

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="comment_notes")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"note by {self.by}"


class ReplyDraft(models.Model):
    """A reply as it is being typed, kept so that nothing typed is lost. The application may delete these."""

    record_class = "draft"

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="drafts")
    by = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="reply_drafts")
    text = models.TextField(blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "by"], name="reply_draft_once")]

    def __str__(self) -> str:
        return f"draft by {self.by}"


class LookUp(models.Model):
    """Somebody read what one commenter wrote before, outside the queue and open cases: it counts.

    Kept for the surveillance guard alone (moderation.actions.guard), a year long; the trail is not counted.
    The commenter's number is no foreign key, so that disposal of a commenter waits for nothing here.
    The application may delete these rows (smmp.database.DELETABLE).
    """

    record_class = "look_up"

    commenter_id = models.BigIntegerField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    via = models.CharField(max_length=8)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["commenter_id", "at"], name="look_up_counted")]
        constraints = [models.CheckConstraint(condition=Q(via__in=["history", "search"]), name="look_up_via")]

    def __str__(self) -> str:
        return f"look-up of commenter {self.commenter_id}"


class Purpose(models.Model):
    """The policing purpose that somebody gave for looking one commenter up again. Never edited."""

    record_class = "audit_work"

    commenter_id = models.BigIntegerField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    until = models.DateTimeField()
    text = models.CharField(max_length=400)
    own_count = models.PositiveIntegerField()
    force_count = models.PositiveIntegerField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["commenter_id", "by", "until"], name="purpose_standing")]

    def __str__(self) -> str:
        return f"purpose given by {self.by_name}"


class GuardRule(models.Model):
    """When the surveillance guard asks for a purpose, and whom it names. One row, or the defaults."""

    record_class = "schedule"

    own = models.PositiveIntegerField("look-ups by one person", default=3)
    force = models.PositiveIntegerField("look-ups by the whole force", default=8)
    days = models.PositiveIntegerField("counted over so many days", default=30)
    stands_hours = models.PositiveIntegerField("hours for which a purpose stands", default=24)
    ask = models.CharField(
        "whom to ask",
        max_length=200,
        default="the force’s RIPA single point of contact, or the duty inspector",
    )
    set_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="guard_rule_once"),
            models.CheckConstraint(
                condition=Q(own__gte=1, force__gte=1, days__gte=1, days__lte=366, stands_hours__gte=1),
                name="guard_rule_numbers",
            ),
        ]

    def __str__(self) -> str:
        return "surveillance guard"
