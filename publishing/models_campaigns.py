"""Campaigns that gather posts, and the lines of a 24-hour log."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import Neighbourhood, OfficialAccount
from publishing.models_planning import Tag
from staff.models import StaffMember


class Campaign(models.Model):
    """What the force wants to reach over some time, and the posts that belong to it: those that have its tag.

    Moves are in publishing.workflow_campaigns.CAMPAIGN. A campaign never publishes: its posts are posts like any
    other, with their checks, approvals and lockdown.
    """

    record_class = "published_post"

    class Kind(models.TextChoices):
        PLAIN = "plain", "Campaign"
        LOG = "log", "24-hour log"
        MEETING = "meeting", "Virtual community meeting"
        EVENT = "event", "Event in person"
        PATROL = "patrol", "Day with an officer"
        LIVE = "live", "Live stream"
        TAKEOVER = "takeover", "Takeover"

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        RUNNING = "running", "Running"
        STOPPED = "stopped", "Stopped"
        ENDED = "ended", "Ended"
        CALLED_OFF = "called_off", "Called off"

    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=60)
    purpose = models.CharField(max_length=500)
    audience = models.CharField(max_length=300, blank=True)
    owner = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="campaigns")
    neighbourhood = models.ForeignKey(
        Neighbourhood, on_delete=models.PROTECT, null=True, blank=True, related_name="campaigns"
    )
    tag = models.OneToOneField(Tag, on_delete=models.PROTECT, related_name="campaign")
    """Posts that have it belong to the campaign; a lockdown can be bound to it."""
    hashtag = models.ForeignKey(Tag, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    pace_s = models.PositiveIntegerField(null=True, blank=True)
    """Of a log: so many seconds lie between two of its posts."""
    result = models.TextField(blank=True)
    """What came of it, in words, once it is over."""
    made_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="campaign_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(kind="log", pace_s__gte=30, pace_s__lte=7200) | ~Q(kind="log") & Q(pace_s=None),
                name="campaign_pace_of_a_log",
            ),
            models.CheckConstraint(condition=~Q(purpose=""), name="campaign_has_a_purpose"),
        ]

    def __str__(self) -> str:
        return self.name


class CampaignAccount(models.Model):
    """An official account on which a campaign runs."""

    record_class = "published_post"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="accounts")
    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="campaigns")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "official_account"], name="campaign_account_once")
        ]

    def __str__(self) -> str:
        return f"{self.campaign} on {self.official_account}"


class CampaignChange(models.Model):
    """History of a campaign: each move, when, by whom and why. Never edited."""

    record_class = "published_post"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="changes")
    event = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    """Nobody: its time was up."""
    why = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.event}"


class LogLine(models.Model):
    """One line of the control room's log that may become a post of a 24-hour log.

    `came` holds what came, names and addresses and all, until a person has read it or passed it over; then it is
    empty. Moves are in publishing.workflow_campaigns.LINE; what becomes of its post is the post's own.
    """

    record_class = "published_post"

    class Source(models.TextChoices):
        API = "api", "Another system"
        CSV = "csv", "A file"
        HAND = "hand", "By hand"

    class State(models.TextChoices):
        WAITING = "waiting", "To be read"
        READ = "read", "Read"
        SKIPPED = "skipped", "Passed over"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="lines")
    key = models.CharField(max_length=100)
    """What the system that sent it calls it, else a digest of it: the same line is taken in once."""
    source = models.CharField(max_length=4, choices=Source)
    happened_at = models.DateTimeField(null=True, blank=True)
    came = models.TextField(blank=True)
    came_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    post = models.OneToOneField(
        "publishing.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="log_line"
    )
    read_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    read_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=500, blank=True)
    """Why it was passed over, or why somebody may still be known from it."""

    class Meta:
        ordering = ["happened_at", "id"]
        indexes = [
            models.Index(fields=["campaign", "id"], condition=Q(state="waiting"), name="log_line_to_read")
        ]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "key"], name="log_line_once"),
            models.CheckConstraint(
                condition=Q(state="waiting", post=None, read_at=None) & ~Q(came="")
                | Q(state="read", post__isnull=False, read_by__isnull=False, read_at__isnull=False, came="")
                | Q(state="skipped", post=None, read_at__isnull=False, came=""),
                name="log_line_keeps_nothing_once_read",
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.pk} of {self.campaign}"


class LogSummary(models.Model):
    """What a 24-hour log had sent when a London morning began: counted once, told once."""

    record_class = "published_post"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="summaries")
    morning = models.DateField()
    """The London day on whose morning it was counted."""
    since = models.DateTimeField()
    until = models.DateTimeField()
    out = models.PositiveIntegerField()
    held = models.PositiveIntegerField()
    passed_over = models.PositiveIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-morning"]
        constraints = [models.UniqueConstraint(fields=["campaign", "morning"], name="log_summary_once")]

    def __str__(self) -> str:
        return f"morning of {self.morning} of {self.campaign}"
