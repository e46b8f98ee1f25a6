"""How people share the queue: who has a comment open, who passed one over, and views that they keep."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from moderation.models.comments import Comment
from staff.models import StaffMember, Team


class Skip(models.Model):
    """Somebody passed a comment over, for a reason; it is not offered to them again, unless its author changes it."""

    record_class = "routine_comment"

    class Reason(models.TextChoices):
        SPECIALIST = "specialist", "It needs somebody who knows this subject"
        LANGUAGE = "language", "I do not read the language"
        CONFLICT = "conflict", "I know the person or the matter"
        DISTRESS = "distress", "It is too much for me just now"
        OTHER = "other", "Another reason"

    # The database deletes it with its comment (ON DELETE CASCADE, migration 0011).
    comment = models.ForeignKey(
        Comment, on_delete=models.DO_NOTHING, db_constraint=False, related_name="skips"
    )
    revision_number = models.PositiveIntegerField()
    """Of the words that they passed over."""
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=10, choices=Reason)
    words = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["comment", "by"], name="skip_once"),
            models.CheckConstraint(condition=~Q(reason="other") | ~Q(words=""), name="skip_other_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.comment} passed over by {self.by}"


class Presence(models.Model):
    """Somebody has a conversation open just now. Gone soon after they leave; a record of nothing.

    What they saw stands in the audit trail. The application may delete these rows (smmp.database.DELETABLE).
    """

    record_class = "draft"

    comment = models.ForeignKey(
        Comment, on_delete=models.DO_NOTHING, db_constraint=False, related_name="presences"
    )
    by = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    writing_at = models.DateTimeField(null=True, blank=True)
    """When they last typed into the box of the public reply."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "by"], name="presence_once")]
        indexes = [models.Index(fields=["seen_at"], name="presence_age")]

    def __str__(self) -> str:
        return f"{self.by} at {self.comment}"


class CommentWords(models.Model):
    """The words of a comment as the search finds them, beside the two things that every search asks for.

    Kept by the database alone, by a trigger on moderation_comment (migration 0011): in a table of its own,
    so that a claim or a decision, which writes the comment anew, does not write its words anew.
    """

    record_class = "routine_comment"

    comment = models.OneToOneField(
        Comment,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        primary_key=True,
        related_name="indexed_words",
    )
    official_account_id = models.BigIntegerField()
    received_at = models.DateTimeField()
    # words tsvector: in the database only. No page reads it, and the ORM would fetch it with every row.

    class Meta:
        indexes = [
            models.Index(fields=["-received_at", "-comment"], name="words_newest"),
            models.Index(fields=["official_account_id", "-received_at", "-comment"], name="words_of_account"),
        ]

    def __str__(self) -> str:
        return f"words of {self.comment_id}"


class SavedView(models.Model):
    """A filter of the queue under a name: one's own, or shared with a team or the whole force."""

    record_class = "staff_record"

    class Shared(models.TextChoices):
        NOBODY = "nobody", "Only me"
        TEAM = "team", "A team of mine"
        FORCE = "force", "Everybody at the desk"

    name = models.CharField(max_length=60)
    slug = models.CharField(max_length=300)
    """The queue as it stands in an address (moderation.queries.queue)."""
    owner = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="saved_views")
    shared = models.CharField(max_length=6, choices=Shared, default=Shared.NOBODY)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], condition=Q(removed_at=None), name="saved_view_name_once"
            ),
            models.CheckConstraint(
                condition=Q(shared="team", team__isnull=False) | (~Q(shared="team") & Q(team=None)),
                name="saved_view_team",
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(slug=""), name="saved_view_named"),
        ]

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """A name by which people call somewhere in a neighbourhood. Withdrawn ones stay, for the comments that name them."""

    record_class = "official_account"

    name = models.CharField(max_length=80)
    matched = models.CharField(max_length=80)
    """The name as it is looked for (moderation.places.plain)."""
    neighbourhood = models.ForeignKey(
        "accounts.Neighbourhood", on_delete=models.PROTECT, related_name="places"
    )
    added_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["neighbourhood", "matched"], condition=Q(withdrawn_at=None), name="place_once"
            ),
            models.CheckConstraint(condition=~Q(matched=""), name="place_matches_something"),
        ]

    def __str__(self) -> str:
        return self.name
