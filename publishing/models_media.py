"""Pictures and videos that posts use again: the media library, and the one video of a post."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from media.models import File
from staff.models import StaffMember


class Asset(models.Model):
    """A picture or video of the library: whose it is, who agreed to be in it, and until when it may be used."""

    record_class = "library_file"

    class Rights(models.TextChoices):
        OURS = "ours", "Ours: taken by staff at work"
        LICENSED = "licensed", "Licensed from somebody else"
        PARTNER = "partner", "Given by a partner"

    class Consent(models.TextChoices):
        NOT_NEEDED = "not_needed", "Nobody can be recognised"
        GIVEN = "given", "Given by everybody who can be recognised"
        OTHER_GROUND = "other_ground", "Another legal ground"

    title = models.CharField(max_length=120)
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="assets")
    alt_text = models.CharField(max_length=1000)
    """What a picture shows, or what happens in a video."""
    captions = models.TextField(blank=True)
    """WebVTT of a video; empty for a picture, and for a video without speech."""
    rights = models.CharField(max_length=8, choices=Rights)
    credit = models.CharField(max_length=200, blank=True)
    consent = models.CharField(max_length=12, choices=Consent)
    consent_note = models.CharField(max_length=300, blank=True)
    """Where the consent or the reasons are kept."""
    expires_on = models.DateField(null=True, blank=True)
    """The last London day on which it may go out; empty where neither licence nor consent ends."""
    added_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    retired_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-added_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(alt_text=""), name="asset_needs_alt_text"),
            models.CheckConstraint(
                condition=Q(rights="ours") | ~Q(credit=""), name="asset_of_others_names_them"
            ),
            models.CheckConstraint(
                condition=Q(consent="not_needed") | ~Q(consent_note=""),
                name="asset_consent_is_kept_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(retired_at=None, retired_by=None)
                | Q(retired_at__isnull=False, retired_by__isnull=False) & ~Q(retired_why=""),
                name="asset_retired_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PostVideo(models.Model):
    """The one video of a post, with captions, or the reason why it has none.

    Source: PSBAR 2018 (No. 2) and WCAG 2.2, 1.2.2: recorded speech has captions.
    """

    record_class = "published_post"

    post = models.ForeignKey("publishing.Post", on_delete=models.PROTECT, related_name="videos")
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=100)
    alt_text = models.CharField(max_length=1000)
    """What happens in it, for people who cannot see it."""
    captions = models.TextField(blank=True)
    """WebVTT."""
    no_captions_why = models.CharField(max_length=300, blank=True)
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, null=True, blank=True, related_name="videos")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post"], condition=Q(removed_at=None), name="post_one_video"),
            models.CheckConstraint(
                condition=~Q(captions="") | ~Q(no_captions_why=""), name="video_captions_or_reason"
            ),
            models.CheckConstraint(condition=~Q(alt_text=""), name="video_needs_alt_text"),
        ]

    def __str__(self) -> str:
        return f"video of {self.post}"
