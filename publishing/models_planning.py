"""What is planned around posts: series, tags, templates, holding statements, and calendars for other programs."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.models import Neighbourhood, OfficialAccount
from staff.models import StaffMember, Team


class Series(models.Model):
    """Something that comes again. Each occurrence is a post of its own, approved by itself.

    The time is a London wall clock's: 18:00 stays 18:00 when the clocks change.
    """

    record_class = "published_post"

    class Every(models.TextChoices):
        WEEK = "week", "week, on chosen days"
        MONTH = "month", "month, on the same day"

    title = models.CharField(max_length=120)
    every = models.CharField(max_length=5, choices=Every)
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    """0 is Monday; for every week alone."""
    at = models.TimeField()
    """On London wall clocks."""
    first_on = models.DateField()
    last_on = models.DateField()
    made_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="series_made")
    made_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="series_ended"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="series_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_why=""),
                name="series_ended_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Tag(models.Model):
    """A hashtag that the force uses, or a campaign that posts belong to."""

    record_class = "published_post"

    class Kind(models.TextChoices):
        HASHTAG = "hashtag", "Hashtag"
        CAMPAIGN = "campaign", "Campaign"

    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=60)
    """A hashtag with its mark and a capital for each word, so that screen readers say words: #SaltmereViaduct."""
    about = models.CharField(max_length=300, blank=True)
    added_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(Lower("name"), "kind", condition=Q(retired_at=None), name="tag_once")
        ]

    def __str__(self) -> str:
        return self.name


class PostTag(models.Model):
    """That a post belongs to a campaign."""

    record_class = "published_post"

    post = models.ForeignKey("publishing.Post", on_delete=models.PROTECT, related_name="campaigns")
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="posts")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["post", "tag"], condition=Q(removed_at=None), name="post_tag_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.post} in {self.tag}"


class PostTemplate(models.Model):
    """Words with blanks that somebody starts from. A holding statement was approved beforehand.

    Blanks stand in the words as [[what goes there]] and must be filled before a post made from it goes on.
    A version is never changed: another takes its place (`replaced_at`).
    """

    record_class = "published_post"

    class Kind(models.TextChoices):
        TEMPLATE = "template", "Template"
        HOLDING = "holding", "Holding statement"

    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=120)
    version = models.PositiveIntegerField(default=1)
    use_when = models.CharField(max_length=300, blank=True)
    words = models.TextField()
    written_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)
    """When another version took its place, or it was taken out of the library."""

    class Meta:
        ordering = ["kind", "name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "name", "version"], name="template_version_once"),
            models.UniqueConstraint(
                "kind",
                Lower("name"),
                condition=Q(replaced_at=None, approved_at__isnull=False),
                name="template_one_live",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_at=None)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="template_approved_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(kind="template") | Q(approved_by=None) | ~Q(approved_by=F("written_by")),
                name="template_two_people",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CalendarFeed(models.Model):
    """A secret address by which a calendar program reads what one person may see. Only its digest is kept."""

    record_class = "sign_in_session"

    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="calendar_feeds")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    neighbourhood = models.ForeignKey(
        Neighbourhood, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.name
