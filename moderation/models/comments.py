"""What the public writes to the force.

`Comment` is any public or private message to the force. Its words live in revisions; the
latest is copied onto the comment so that the queue reads one table.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce, Upper

from accounts.models import OfficialAccount
from media.models import SealedFile
from moderation.categories import HIGH_RISK, Category, Priority
from staff.models import StaffMember, Team

NEVER_DUE = datetime(9999, 1, 1, tzinfo=UTC)


def due() -> Coalesce:
    """When a comment must be answered by, as the queue orders it: one without a deadline comes last."""
    return Coalesce("answer_by", Value(NEVER_DUE))


class Commenter(models.Model):
    """A member of the public as one platform names them. Two platforms are never joined by themselves."""

    record_class = "routine_comment"

    platform = models.CharField(max_length=20)
    external_id = models.CharField(max_length=300)
    handle = models.CharField(max_length=200)
    name = models.CharField(max_length=300, blank=True)
    first_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["platform", "external_id"], name="commenter_once")]
        indexes = [models.Index(Upper("handle"), name="commenter_by_handle")]

    def __str__(self) -> str:
        return self.name or self.handle


class Conversation(models.Model):
    """A thread under one of our posts, or private messages with one commenter."""

    record_class = "routine_comment"

    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="conversations"
    )
    root_external_id = models.CharField(max_length=300)
    """The post at the top; for private messages "private:" and the commenter's external id."""
    root_text = models.TextField(blank=True)
    root_url = models.CharField(max_length=500, blank=True)
    root_posted_at = models.DateTimeField(null=True, blank=True)
    root_read_at = models.DateTimeField(null=True, blank=True)
    private = models.BooleanField(default=False)
    swept_at = models.DateTimeField(null=True, blank=True)
    last_comment_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["official_account", "root_external_id"], name="conversation_once")
        ]
        indexes = [
            models.Index(
                fields=["official_account", "-id"],
                condition=Q(root_read_at=None, private=False),
                name="conversation_unread_top",
            ),
            models.Index(fields=["official_account", "-last_comment_at"], name="conversation_alive"),
        ]

    def __str__(self) -> str:
        return f"conversation on {self.official_account}"


class Comment(models.Model):
    """Any public or private message to the force.

    The text is the public's and hostile until escaped. States: `open` waits for the desk,
    `decided` has a decision on its present revision, `ours` was written by the official account, `withheld`
    is restricted (DPA 2018 s.47(2)): no page of the desk shows it and nothing changes it.
    """

    record_class = "routine_comment"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DECIDED = "decided", "Decided"
        OURS = "ours", "Written by us"
        RESTRICTED = "withheld", "Restricted"

    class RemovedBy(models.TextChoices):
        UNKNOWN = "", "Gone from the platform, nobody says why"
        AUTHOR = "author", "Removed by its author"
        PLATFORM = "platform", "Removed by the platform"
        US = "us", "Removed by us"

    platform = models.CharField(max_length=20)
    external_id = models.CharField(max_length=300)
    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="comments")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="comments")
    commenter = models.ForeignKey(Commenter, on_delete=models.PROTECT, related_name="comments")
    parent_external_id = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    revision_number = models.PositiveIntegerField(default=1)
    private = models.BooleanField(default=False)
    url = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=12, blank=True)
    posted_at = models.DateTimeField()
    received_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    """When the platform said that it is gone. The words stay until their period ends (evidence)."""
    removed_by = models.CharField(
        max_length=8, choices=RemovedBy, blank=True, default=RemovedBy.UNKNOWN, db_default=""
    )
    """With `removed_at`: who removed it, as far as the platform says or we did it ourselves."""
    kept_why = models.CharField(max_length=60, blank=True, default="", db_default="")
    """Why it stays in sight although its author deleted it: the basis on which it is kept, in words."""
    hidden_at = models.DateTimeField(null=True, blank=True)
    held_why = models.CharField(max_length=40, blank=True, default="", db_default="")
    """Why the platform itself keeps it from the public, in its own words ("likely spam"); else empty."""

    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.ROUTINE)
    category = models.CharField(max_length=40, choices=Category, default=Category.NONE)
    findings = models.JSONField(default=list)
    """What triage found on the present revision: [{rule, sentence, category, priority}], worst first."""
    triage_version = models.CharField(max_length=20, blank=True)
    triage_broken = models.BooleanField(default=False)
    risk = models.FloatField(null=True, blank=True)
    """0 to 1, comparable across comments of one version; None while the model has not read it."""
    model_due_at = models.DateTimeField(null=True, blank=True)
    """When the model should read it; moved on while a worker has it, empty once it has been read."""
    answer_by = models.DateTimeField(null=True, blank=True)
    needs_case = models.CharField(max_length=40, blank=True)
    """Category under which a person wants a case; escalation picks it up and opens it."""
    decided_at = models.DateTimeField(null=True, blank=True)
    handed_to = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """The team in whose queue it stands, once somebody has handed it there."""

    claimed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="claimed_comments"
    )
    claimed_until = models.DateTimeField(null=True, blank=True)
    skipped_by_all_at = models.DateTimeField(null=True, blank=True)
    """When the last person on shift had passed it over, and it went to the supervisors."""
    named_places = ArrayField(models.BigIntegerField(), null=True, blank=True)
    """Ids of the places (moderation.Place) that the present words name; null where there are none."""

    class Meta:
        indexes = [
            # The order of the queue (moderation.queries.ORDER): whole, for few official accounts, of a category.
            models.Index(
                "priority",
                due(),
                "received_at",
                "id",
                condition=Q(state="open"),
                include=["official_account", "category", "named_places", "answer_by"],
                name="comment_open_order",
            ),
            models.Index(
                "official_account",
                "priority",
                due(),
                "received_at",
                "id",
                condition=Q(state="open"),
                name="comment_open_queue",
            ),
            models.Index(
                "category",
                "priority",
                due(),
                "received_at",
                "id",
                condition=Q(state="open"),
                include=["official_account"],
                name="comment_open_category",
            ),
            # What nobody has, for pulling the next: it stays short of what is claimed, however much that is.
            models.Index(
                "priority",
                due(),
                "received_at",
                "id",
                condition=Q(state="open", claimed_by=None),
                include=["official_account"],
                name="comment_unclaimed",
            ),
            models.Index(
                fields=["id"], condition=Q(state="open", triage_broken=True), name="comment_open_broken"
            ),
            models.Index(
                fields=["id"],
                condition=Q(state="open", skipped_by_all_at__isnull=False),
                name="comment_open_skipped",
            ),
            GinIndex(
                fields=["named_places"],
                condition=Q(state="open", named_places__isnull=False),
                name="comment_open_places",
            ),
            models.Index(
                fields=["-received_at"], condition=Q(named_places__isnull=False), name="comment_names_places"
            ),
            models.Index(
                fields=["claimed_until"], condition=Q(claimed_by__isnull=False), name="comment_claims"
            ),
            models.Index(fields=["id"], condition=~Q(needs_case=""), name="comment_needs_case"),
            models.Index(fields=["conversation", "posted_at"], name="comment_in_thread"),
            models.Index(fields=["commenter", "-posted_at"], name="comment_by_commenter"),
            models.Index(fields=["official_account", "-received_at"], name="comment_recent"),
            models.Index(fields=["decided_at"], name="comment_decided"),
            models.Index(fields=["removed_at"], condition=Q(state="withheld"), name="comment_restricted"),
            models.Index(
                fields=["handed_to", "priority", "received_at", "id"],
                condition=Q(state="open", handed_to__isnull=False),
                name="comment_handed_queue",
            ),
            models.Index(
                fields=["official_account", "priority", "received_at", "id"],
                condition=Q(state="open") & ~Q(held_why=""),
                name="comment_held_queue",
            ),
            models.Index(
                fields=["model_due_at", "id"],
                condition=Q(state="open", model_due_at__isnull=False),
                name="comment_model_due",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["platform", "external_id"], name="comment_once"),
            models.CheckConstraint(condition=Q(priority__gte=1, priority__lte=5), name="comment_priority"),
            models.CheckConstraint(
                condition=Q(removed_by__in=["", "author", "platform", "us"])
                & (Q(removed_by="") | Q(removed_at__isnull=False)),
                name="comment_removed_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(held_why="") | Q(hidden_at__isnull=False), name="comment_held_is_hidden"
            ),
            models.CheckConstraint(
                condition=Q(claimed_by=None, claimed_until=None)
                | Q(claimed_by__isnull=False, claimed_until__isnull=False),
                name="comment_claim_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"comment {self.pk}"

    @property
    def at_risk(self) -> bool:
        """Whether a life may depend on somebody answering now, so that no lock and no rule may stand in the way."""
        return self.priority <= Priority.HIGH or self.category in HIGH_RISK or bool(self.needs_case)

    @property
    def removal(self) -> str:
        """How it went from the platform, in words; empty while it stands there."""
        if self.removed_at is None:
            return ""
        said = str(self.RemovedBy(self.removed_by).label)
        return f"{said}; kept because {self.kept_why}" if self.kept_why else said


class Revision(models.Model):
    """The words of a comment as they stood from `seen_at` on. Never edited."""

    record_class = "routine_comment"

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    seen_at = models.DateTimeField()
    raw_payload_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["comment", "number"], name="revision_once")]

    def __str__(self) -> str:
        return f"revision {self.number} of {self.comment}"


class Attachment(models.Model):
    """A picture or video that came with a comment: where it stands, and what was had of it.

    Fetched soon after the comment came, because authors delete; `file` is the sealed original. The address is
    the author's and hostile: nobody's browser is ever sent there.
    """

    record_class = "evidence"

    class Kind(models.TextChoices):
        IMAGE = "image", "Picture"
        VIDEO = "video", "Video"
        OTHER = "other", "File"

    class State(models.TextChoices):
        WAITING = "waiting", "Not fetched yet"
        KEPT = "kept", "Kept as it was received"
        GONE = "gone", "Gone before it could be fetched"
        TOO_BIG = "too_big", "Too big to be kept"
        REFUSED = "refused", "Not fetched: its address or its content is not safe"

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="attachments")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=5, choices=Kind)
    address = models.CharField(max_length=2000)
    alt_text = models.CharField(max_length=1000, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    why = models.CharField(max_length=200, blank=True)
    """Why it is not kept, or not yet, as a sentence for staff."""
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    file = models.ForeignKey(
        SealedFile, on_delete=models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["comment", "number"]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state="waiting"), name="attachment_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["comment", "number"], name="attachment_once"),
            models.CheckConstraint(
                condition=Q(state="kept", file__isnull=False) | (~Q(state="kept") & Q(file=None)),
                name="attachment_kept_has_file",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", next_try_at__isnull=False) | ~Q(state="waiting"),
                name="attachment_waiting_is_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display().lower()} {self.number} of {self.comment}"


class ChildSeal(models.Model):
    """Somebody thought that a picture may be an indecent image of a child: from then on nobody sees it here.

    It covers the file wherever it came with a comment, and the attachment alone while nothing was fetched. Only
    the online child abuse team opens it, each opening is audited, and only they lift the seal.
    Source: Protection of Children Act 1978 s.1 (making by display or copy), s.1B (officers preventing crime).
    """

    record_class = "evidence"

    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, related_name="child_seals")
    file = models.ForeignKey(
        SealedFile, on_delete=models.PROTECT, null=True, blank=True, related_name="child_seals"
    )
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    lifted_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["attachment"], condition=Q(lifted_at=None), name="child_seal_one_live"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None, lifted_why="")
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lifted_why="")),
                name="child_seal_lifted_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"seal on {self.attachment}"
