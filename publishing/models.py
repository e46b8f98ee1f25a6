"""Posts, approvals, lockdown, and the outbox through which everything leaves."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from accounts.models import OfficialAccount
from media.models import File
from platforms.registry import NAMES
from publishing.models_appeals import (
    Appeal,
    AppealAccount,
    AppealChange,
    AppealPicture,
    AppealPost,
    LongerShown,
    TakeDown,
)
from publishing.models_approval import (
    AfterLook,
    CorrectionApproval,
    Cover,
    PostQuestion,
    Requirement,
    StepRule,
    StepsVersion,
    TelephoneApproval,
    Trust,
)
from publishing.models_campaigns import Campaign, CampaignAccount, CampaignChange, LogLine, LogSummary
from publishing.models_checks import (
    CheckSetting,
    Declaration,
    FollowUp,
    Judgement,
    KnownValue,
    Override,
    SensitivePeriod,
)
from publishing.models_concerns import Concern, ConcernChange
from publishing.models_incidents import Incident, IncidentUpdate
from publishing.models_lockdown import Lockdown, LockdownException, LockdownRelease, LockdownStop
from publishing.models_media import Asset, PostVideo
from publishing.models_meetings import Meeting, MeetingOfficer, Question, QuestionChange
from publishing.models_occasions import Duty, Occasion, Takeover, Tick
from publishing.models_outside import Engagement
from publishing.models_planning import CalendarFeed, PostTag, PostTemplate, Series, Tag
from staff.models import StaffMember

__all__ = [
    "AfterLook",
    "Appeal",
    "AppealAccount",
    "AppealChange",
    "AppealPicture",
    "AppealPost",
    "Approval",
    "Asset",
    "CalendarFeed",
    "Campaign",
    "CampaignAccount",
    "CampaignChange",
    "CheckSetting",
    "Concern",
    "ConcernChange",
    "Correction",
    "CorrectionApproval",
    "Cover",
    "Declaration",
    "Delivery",
    "DeliveryChange",
    "Duty",
    "Engagement",
    "FollowUp",
    "Incident",
    "IncidentUpdate",
    "Judgement",
    "KnownValue",
    "Lockdown",
    "LockdownException",
    "LockdownRelease",
    "LockdownStop",
    "LogLine",
    "LogSummary",
    "LongerShown",
    "Meeting",
    "MeetingOfficer",
    "Occasion",
    "Override",
    "Pace",
    "Post",
    "PostChange",
    "PostPicture",
    "PostQuestion",
    "PostTag",
    "PostTemplate",
    "PostVideo",
    "Question",
    "QuestionChange",
    "Requirement",
    "SensitivePeriod",
    "Series",
    "StepRule",
    "StepsVersion",
    "Tag",
    "TakeDown",
    "Takeover",
    "TelephoneApproval",
    "Tick",
    "Trust",
    "Variant",
]


class Post(models.Model):
    """Something the force wants to say, on one official account or several.

    `version` rises with each edit; an approval is for one version.
    """

    record_class = "published_post"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Waiting for approval"
        APPROVED = "approved", "Approved"
        PUBLISHED = "published", "Published"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class ReplyControl(models.TextChoices):
        FOLLOWING = "following", "Only people that the official account follows"
        MENTIONED = "mentioned", "Only people whom the post mentions"
        NOBODY = "nobody", "Nobody"

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        WELSH = "cy", "Welsh"

    title = models.CharField(max_length=120)
    author = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="posts")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    words = models.TextField(blank=True, default="", db_default="")
    """The words for all; a variant whose text differs has words of its own."""
    publish_at = models.DateTimeField(null=True, blank=True)
    """When it goes out; empty means at once on approval."""
    published_at = models.DateTimeField(null=True, blank=True)
    """When the last of it had gone out."""
    reply_control = models.CharField(
        max_length=12, choices=ReplyControl, blank=True, default="", db_default=""
    )
    """Who may reply, where a platform lets us say so; empty: as the platform has it, which is anybody."""
    as_thread = models.BooleanField(default=False, db_default=False)
    """Words that are too long for a platform go out there as several posts under each other."""
    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, blank=True, related_name="posts")
    occurs_on = models.DateField(null=True, blank=True)
    """Which day of its series it was made for, wherever it was moved since."""
    template = models.ForeignKey(
        PostTemplate, on_delete=models.PROTECT, null=True, blank=True, related_name="posts"
    )
    language = models.CharField(max_length=2, choices=Language, blank=True, default="", db_default="")
    pair = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="paired_by"
    )
    """On the Welsh post: the English one that it is approved and goes out with. Neither goes alone."""
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-changed_at"]
        indexes = [
            models.Index(fields=["publish_at"], name="post_by_time"),
            models.Index(fields=["published_at"], condition=Q(publish_at=None), name="post_by_going_out"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["series", "occurs_on"], name="post_once_in_its_series"),
            models.CheckConstraint(
                condition=Q(series=None, occurs_on=None) | Q(series__isnull=False, occurs_on__isnull=False),
                name="post_of_a_series_has_its_day",
            ),
            models.CheckConstraint(condition=Q(pair=None) | Q(language="cy"), name="post_pair_is_welsh"),
            models.CheckConstraint(condition=Q(pair=None) | ~Q(pair=F("pk")), name="post_pair_is_another"),
        ]

    def __str__(self) -> str:
        return self.title


class Variant(models.Model):
    """The words of a post for one official account."""

    record_class = "published_post"

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="variants")
    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="variants")
    text = models.TextField()
    parts = models.JSONField(default=list, db_default=[], blank=True)
    """The words in the posts of a thread, in their order; empty where it is one post."""
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["official_account__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["post", "official_account"], condition=Q(removed_at=None), name="variant_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.post} on {self.official_account}"


class PostPicture(models.Model):
    """A picture on a post, with the alternative text that it cannot go without."""

    record_class = "published_post"

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="pictures")
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+")
    alt_text = models.CharField(max_length=1000)
    position = models.PositiveSmallIntegerField(default=0)
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, null=True, blank=True, related_name="pictures")
    """Where it came from the library."""
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.CheckConstraint(condition=~Q(alt_text=""), name="picture_needs_alt_text")]

    def __str__(self) -> str:
        return f"picture of {self.post}"


class PostChange(models.Model):
    """History of a post: each state change and each edit, with the words as they were. Never edited."""

    record_class = "published_post"

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="changes")
    event = models.CharField(max_length=20)
    version = models.PositiveIntegerField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True)
    at = models.DateTimeField()
    why = models.CharField(max_length=500, blank=True)
    texts = models.JSONField(default=dict)
    """Official account id -> words, at this version."""
    content = models.JSONField(default=dict, db_default={})
    """What else it was at this version, name -> words for people: its time, alt texts, captions, who may reply."""

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.post}: {self.event}"


class Approval(models.Model):
    """One person's yes to one version of a post. Nobody who wrote some of it can give it (ASVS 2.3.5).

    The trigger publishing_approval_two_people refuses it whatever the code does.
    """

    record_class = "published_post"

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="approvals")
    version = models.PositiveIntegerField()
    approver = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="approvals")
    content_hash = models.CharField(max_length=64, blank=True, default="", db_default="")
    """Of the content that was approved (publishing.checks.prepared.Prepared.content_hash)."""
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "version", "approver"], name="approval_once")]

    def __str__(self) -> str:
        return f"{self.approver} approved version {self.version} of {self.post}"


class Delivery(models.Model):
    """One act towards one platform: the outbox row. The intent is committed before a socket opens.

    States and moves are in publishing.workflow.DELIVERY. `key` is the idempotency key that the
    platform sees. `subject_*` names what it is for without pointing upward ("moderation.comment").
    """

    record_class = "delivery"

    class Kind(models.TextChoices):
        POST = "post", "post"
        REPLY = "reply", "reply"
        HIDE = "hide", "hide"
        UNHIDE = "unhide", "unhide"
        EDIT = "edit", "change of words"
        DELETE = "delete", "deletion"
        DELETE_COMMENT = "delete_comment", "deletion of a comment"
        BLOCK = "block", "block"
        UNBLOCK = "unblock", "unblock"
        MUTE = "mute", "mute"
        UNMUTE = "unmute", "unmute"

    class State(models.TextChoices):
        SCHEDULED = "scheduled", "Scheduled"
        CLAIMED = "claimed", "About to be sent"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        REJECTED = "rejected", "Refused by the platform"
        UNKNOWN = "unknown", "Outcome unknown"
        WITHDRAWN = "withdrawn", "Withdrawn"

    CAME_TO_NOTHING = (State.REJECTED, State.WITHDRAWN)
    """States in which it never took effect on the platform and never will."""

    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="deliveries")
    kind = models.CharField(max_length=14, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.SCHEDULED)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    author = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="deliveries")
    approver = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries_approved"
    )
    first_approver = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries_approved_first"
    )
    """Where two had to approve it: who did so before `approver`."""
    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries"
    )
    part = models.PositiveSmallIntegerField(default=1, db_default=1)
    """Which post of a thread; each after the first is queued when the one before it stands."""
    subject_type = models.CharField(max_length=64, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    text = models.TextField(blank=True)
    target_external_id = models.CharField(max_length=300, blank=True)
    """What is answered, hidden, changed or deleted, or who is blocked or muted, as the platform calls it."""
    root_external_id = models.CharField(max_length=300, blank=True)
    private_to_external_id = models.CharField(max_length=300, blank=True)
    due_at = models.DateTimeField()
    cut_off_at = models.DateTimeField(null=True, blank=True)
    """Later than this it is held for a person, never blurted."""
    undo_until = models.DateTimeField(null=True, blank=True)
    """Until then its author can take it back with one press; nothing leaves before."""
    urgent = models.BooleanField(default=False, db_default=False)
    """Somebody's life may depend on it: no undo window and no pace holds it back."""
    held_why = models.CharField(max_length=300, blank=True)
    fence = models.PositiveIntegerField(default=0, db_default=0)
    """The number of the claim in force. Each claim has a higher one, and a step with an older one is refused."""
    fingerprint = models.CharField(max_length=64, blank=True, default="", db_default="")
    """publishing.fingerprint of what was meant, kept with the intent before the socket opens."""
    content = models.JSONField(default=dict, db_default={}, blank=True)
    """What the fingerprint was made from besides the words: "links", and "media" as SHA-256 of each file."""
    first_opened_at = models.DateTimeField(null=True, blank=True)
    """When the intent was first committed: nothing that stood on the platform before is it."""
    opened_at = models.DateTimeField(null=True, blank=True)
    """When it was last, or after a lost answer the latest moment at which it can have left: until the platform's
    own delay has passed since, not finding it says nothing."""
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_found_reads = models.PositiveSmallIntegerField(default=0)
    """While unknown: how often the account was read back in vain past the platform's delay. Two mean it never went."""
    unreadable_reads = models.PositiveSmallIntegerField(default=0, db_default=0)
    unsettled_why = models.CharField(max_length=300, blank=True, default="", db_default="")
    """While unknown: why reading back does not settle it, so that a person decides; else empty."""
    next_check_at = models.DateTimeField(null=True, blank=True)
    external_id = models.CharField(max_length=300, blank=True)
    external_url = models.CharField(max_length=500, blank=True)
    fault = models.CharField(max_length=500, blank=True)
    """The platform's answer as a sentence for staff."""
    fault_link = models.CharField(max_length=500, blank=True, default="", db_default="")
    """Where it can be done by hand on the platform; empty where there is no such place."""
    fault_raw = models.TextField(blank=True, default="", db_default="")
    """What the platform answered, cut short and without secrets, for whoever looks into it."""
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(state="scheduled", held_why=""),
                name="delivery_due_first",
            ),
            models.Index(
                fields=["next_check_at"],
                condition=Q(state__in=["claimed", "sending", "unknown"]),
                name="delivery_unsettled",
            ),
            models.Index(fields=["subject_type", "subject_id"], name="delivery_by_subject"),
            models.Index(fields=["sent_at"], condition=Q(state="sent"), name="delivery_sent"),
            models.Index(fields=["official_account", "external_id"], name="delivery_by_external_id"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="delivery_sent_has_time"
            ),
            models.CheckConstraint(
                condition=Q(approver=None) | ~Q(approver=F("author")), name="delivery_two_people"
            ),
            models.CheckConstraint(
                condition=Q(first_approver=None)
                | Q(approver__isnull=False)
                & ~Q(first_approver=F("author"))
                & ~Q(first_approver=F("approver")),
                name="delivery_three_people",
            ),
            models.UniqueConstraint(
                fields=["official_account", "external_id"],
                condition=Q(kind__in=["post", "reply"]) & ~Q(external_id=""),
                name="delivery_remote_id_once",
            ),
            models.UniqueConstraint(
                fields=["variant", "part"],
                condition=Q(part__gt=1) & ~Q(state="withdrawn"),
                name="delivery_part_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.official_account}"

    @property
    def platform_name(self) -> str:
        """How staff call the platform."""
        return NAMES.get(self.official_account.platform, self.official_account.platform)


class Pace(models.Model):
    """How far apart acts of one kind leave on one official account, so that no outage ends in a burst."""

    record_class = "delivery"

    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="paces")
    kind = models.CharField(max_length=14, choices=Delivery.Kind)
    next_at = models.DateTimeField(null=True, blank=True)
    """Before this none of the kind leaves there."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["official_account", "kind"], name="pace_once")]

    def __str__(self) -> str:
        return f"pace of {self.kind} on {self.official_account}"


class Correction(models.Model):
    """Other words for a post that stands on a platform, or its deletion: asked for, and approved by another.

    Nobody who asked for it or wrote some of the post approves it (trigger publishing_correction_two_people).
    """

    record_class = "published_post"

    class Kind(models.TextChoices):
        EDIT = "edit", "change of words"
        DELETE = "delete", "deletion"

    class State(models.TextChoices):
        ASKED = "asked", "Waiting for approval"
        APPROVED = "approved", "On its way"
        DONE = "done", "Done"
        RETURNED = "returned", "Returned"
        WITHDRAWN = "withdrawn", "Withdrawn"

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="corrections")
    standing = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="corrections")
    """The delivery by which the post went out."""
    kind = models.CharField(max_length=6, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    text_before = models.TextField()
    text = models.TextField(blank=True)
    """The words that shall stand there; empty for a deletion."""
    why = models.CharField(max_length=500)
    asked_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="corrections_asked")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="corrections_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_why = models.CharField(max_length=500, blank=True)
    delivery = models.OneToOneField(
        Delivery, on_delete=models.PROTECT, null=True, blank=True, related_name="correction"
    )
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["standing"], condition=Q(state__in=["asked", "approved"]), name="correction_one_open"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")), name="correction_two_people"
            ),
            models.CheckConstraint(
                condition=(Q(kind="edit") & ~Q(text="")) | Q(kind="delete", text=""), name="correction_words"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "done"])
                | Q(decided_by__isnull=False, delivery__isnull=False),
                name="correction_approved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.post}"


class DeliveryChange(models.Model):
    """History of a delivery: each state it went through, when, by whom and why. Never edited."""

    record_class = "delivery"

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="changes")
    state = models.CharField(max_length=10)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=200)
    why = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.delivery}: {self.state}"
