"""What the public writes to the force, how it was sorted, and what people decided.

`Comment` is any public or private message to the force. Its words live in revisions; the
latest is copied onto the comment so that the queue reads one table.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import NativeUse, OfficialAccount
from media.models import SealedFile
from moderation.categories import Category, Priority
from publishing.models import Delivery
from staff.models import StaffMember


class RawPayload(models.Model):
    """A payload exactly as a platform gave it, kept before it is read. Partitioned by month.

    Nothing points at it by foreign key: expired months are dropped whole.
    """

    record_class = "raw_payload"

    id = models.BigAutoField(primary_key=True)
    received_at = models.DateTimeField()
    official_account_id = models.BigIntegerField()
    source = models.CharField(max_length=10)
    external_id = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    payload = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["official_account_id", "external_id"], name="raw_by_external_id")]

    def __str__(self) -> str:
        return f"raw payload {self.pk}"


class IngestSource(models.Model):
    """Where polling one official account has got to. Only the poller moves `position`."""

    record_class = "operational"

    official_account = models.OneToOneField(
        OfficialAccount, on_delete=models.PROTECT, related_name="ingest_source"
    )
    position = models.CharField(max_length=300, blank=True)
    next_poll_at = models.DateTimeField()
    next_sweep_at = models.DateTimeField()
    polled_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=500, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    hinted_at = models.DateTimeField(null=True, blank=True)
    """When the platform last called to say that there is news."""
    own_read_at = models.DateTimeField(null=True, blank=True)
    """When the official account's own posts were last read, to see what was not made here."""
    hints_missed = models.PositiveIntegerField(default=0, db_default=0)
    """Turns that brought something new of which no call had told, since calls have come at all."""

    class Meta:
        indexes = [models.Index(fields=["next_poll_at"], name="ingest_due")]

    def __str__(self) -> str:
        return f"ingest of {self.official_account}"


class IngestGap(models.Model):
    """A stretch of time in which an official account was deaf: nothing of it was read from the platform.

    Filled when everything that was written meanwhile has been read after all.
    """

    record_class = "operational"

    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="ingest_gaps"
    )
    begins_at = models.DateTimeField()
    """When the platform last answered."""
    ends_at = models.DateTimeField(null=True, blank=True)
    filled_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=500)

    class Meta:
        ordering = ["-begins_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["official_account"], condition=Q(ends_at=None), name="ingest_gap_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None, filled_at=None)
                | (
                    Q(ends_at__gte=models.F("begins_at"))
                    & (Q(filled_at=None) | Q(filled_at__gte=models.F("ends_at")))
                ),
                name="ingest_gap_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"gap of {self.official_account}"


class NativePost(models.Model):
    """Something that the official account wrote on the platform and that did not leave through the outbox.

    While an act of ours is under way that may be it, it `waits`; then it was ours, or declared, or an alert.
    """

    record_class = "published_post"

    class State(models.TextChoices):
        WAITING = "waiting", "May be one of ours on its way"
        OURS = "ours", "One of ours"
        DECLARED = "declared", "Declared"
        ALERTED = "alerted", "Nobody declared it"

    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="native_posts"
    )
    external_id = models.CharField(max_length=300)
    what = models.CharField(max_length=16, choices=[(w, w) for w in ("post", "reply", "private message")])
    text = models.TextField(blank=True)
    url = models.CharField(max_length=500, blank=True)
    posted_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State)
    declaration = models.ForeignKey(NativeUse, on_delete=models.PROTECT, null=True, blank=True)

    class Meta:
        ordering = ["-posted_at", "-id"]
        indexes = [
            models.Index(fields=["official_account"], condition=Q(state="waiting"), name="native_waiting")
        ]
        constraints = [
            models.UniqueConstraint(fields=["official_account", "external_id"], name="native_post_once"),
            models.CheckConstraint(
                condition=Q(state="declared", declaration__isnull=False)
                | (~Q(state="declared") & Q(declaration=None)),
                name="native_post_declared_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} made natively on {self.official_account}"


class Quarantined(models.Model):
    """A message that could not be read. It is tried again; after three tries a person looks at it."""

    record_class = "raw_payload"

    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT)
    raw_payload_id = models.BigIntegerField()
    external_id = models.CharField(max_length=300, blank=True)
    digest = models.CharField(max_length=64)
    payload = models.JSONField()
    fault = models.CharField(max_length=200)
    tries = models.PositiveSmallIntegerField(default=1)
    first_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["official_account", "digest"], name="quarantined_once")
        ]

    def __str__(self) -> str:
        return f"unreadable message on {self.official_account}"


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
    `decided` has a decision on its present revision, `ours` was written by the official account.
    """

    record_class = "routine_comment"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DECIDED = "decided", "Decided"
        OURS = "ours", "Written by us"

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

    claimed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="claimed_comments"
    )
    claimed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["official_account", "priority", "received_at", "id"],
                condition=Q(state="open"),
                name="comment_open_queue",
            ),
            models.Index(
                fields=["claimed_until"], condition=Q(claimed_by__isnull=False), name="comment_claims"
            ),
            models.Index(fields=["id"], condition=~Q(needs_case=""), name="comment_needs_case"),
            models.Index(fields=["conversation", "posted_at"], name="comment_in_thread"),
            models.Index(fields=["commenter", "-posted_at"], name="comment_by_commenter"),
            models.Index(fields=["official_account", "-received_at"], name="comment_recent"),
            models.Index(fields=["decided_at"], name="comment_decided"),
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
    def removal(self) -> str:
        """How it went from the platform, in words; empty while it stands there."""
        return str(self.RemovedBy(self.removed_by).label) if self.removed_at is not None else ""


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


class Clause(models.Model):
    """A clause of the published guidelines: the only reasons for which a comment is hidden.

    Source: APP social media, "community guidelines": the public can read why comments are hidden.
    """

    record_class = "guideline"

    slug = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    title_cy = models.CharField("title in Welsh", max_length=120, blank=True)
    text = models.TextField()
    text_cy = models.TextField("text in Welsh", blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    published = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "title"]

    def __str__(self) -> str:
        return self.title


class Decision(models.Model):
    """What a person decided on one revision of a comment, and why. Never edited."""

    record_class = "routine_comment"

    class Kind(models.TextChoices):
        REPLY = "reply", "Replied"
        HIDE = "hide", "Hidden"
        UNHIDE = "unhide", "Shown again"
        NO_ACTION = "no_action", "No action"
        ESCALATE = "escalate", "Escalated"
        REOPEN = "reopen", "Reopened"
        RETRIAGE = "retriage", "Category changed"

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
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="hide") | Q(clause__isnull=False), name="decision_hide_needs_clause"
            )
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


class Exemplar(models.Model):
    """A text that is like a category, or (counter) only looks like it. The desk adds and withdraws them.

    The words are never changed: one that is wrong is withdrawn and another added. What ships has no `added_by`.
    A comment that an example was taken from is no foreign key, so that its disposal waits for nothing here.
    """

    record_class = "triage"

    category = models.CharField(max_length=40, choices=Category)
    counter = models.BooleanField(default=False)
    text = models.CharField(max_length=600)
    language = models.CharField(max_length=12, default="en")
    from_comment_id = models.BigIntegerField(null=True, blank=True)
    added_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    added_by_name = models.CharField(max_length=200)
    added_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_by_name = models.CharField(max_length=200, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["category", "counter", "-added_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "text"], condition=Q(withdrawn_at=None), name="exemplar_once"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="exemplar_has_words"),
        ]

    def __str__(self) -> str:
        return (
            f"{'counter-example' if self.counter else 'example'} {self.pk} of {self.get_category_display()}"
        )


class TriageVersion(models.Model):
    """A state of triage that can be live: its examples, calibration and labels made into one model.

    Kept whole, so that it can be switched back to and every comment's version can be explained.
    """

    record_class = "triage"

    class Kind(models.TextChoices):
        SHIPPED = "shipped", "What ships"
        EXEMPLARS = "exemplars", "Changed examples"
        CALIBRATED = "calibrated", "Calibrated on the force's own comments"
        LEARNED = "learned", "Learned from corrections"

    name = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    digest = models.CharField(max_length=64)
    rules = models.CharField(max_length=20)
    """The version of the rules that it was made beside."""
    exemplars = models.PositiveIntegerField()
    ordinary = models.PositiveIntegerField()
    own_ordinary = models.PositiveIntegerField(default=0)
    """Of the ordinary comments: the force's own."""
    labels = models.PositiveIntegerField(default=0)
    off = models.JSONField(default=list)
    """Slugs of the categories that are switched off."""
    model = models.BinaryField()
    report = models.JSONField(default=dict)
    """What changed against the version that was live: moderation.triage.report."""
    made_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_by_name = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    live = models.BooleanField(default=False)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["live"], condition=Q(live=True), name="triage_version_one_live")
        ]

    def __str__(self) -> str:
        return self.name


class TriageSwitch(models.Model):
    """Who made which version live, when and why. Never edited."""

    record_class = "triage"

    version = models.ForeignKey(TriageVersion, on_delete=models.PROTECT, related_name="switches")
    was = models.ForeignKey(
        TriageVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="switches_away"
    )
    why = models.CharField(max_length=500)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.version} live at {self.at:%Y-%m-%d %H:%M}"


class TriageJob(models.Model):
    """A version that somebody asked for: trained, tried on what came lately, and laid before the supervisor."""

    record_class = "triage"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    kind = models.CharField(max_length=10, choices=TriageVersion.Kind)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    off = models.JSONField(default=list)
    days = models.PositiveSmallIntegerField(default=30)
    """The dry run looks at comments of so many days."""
    progress = models.PositiveSmallIntegerField(default=0)
    """Percent."""
    version = models.ForeignKey(
        TriageVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="jobs"
    )
    report = models.JSONField(default=dict)
    fault = models.CharField(max_length=300, blank=True)
    asked_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_by_name = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=["waiting", "running"]), name="triage_job_due")
        ]
        constraints = [
            models.CheckConstraint(condition=Q(progress__lte=100), name="triage_job_progress"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running"], finished_at=None)
                | Q(state__in=["done", "failed"], finished_at__isnull=False),
                name="triage_job_finished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_state_display().lower()}"


class Label(models.Model):
    """What a person said a comment was, beside what triage had said. Never edited; the comment keeps the words."""

    record_class = "triage"

    comment_id = models.BigIntegerField()
    revision_number = models.PositiveIntegerField()
    category = models.CharField(max_length=40, choices=Category)
    priority = models.PositiveSmallIntegerField(choices=Priority)
    was_category = models.CharField(max_length=40)
    was_priority = models.PositiveSmallIntegerField()
    triage_version = models.CharField(max_length=20, blank=True)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["comment_id", "-at"], name="label_of_comment")]

    def __str__(self) -> str:
        return f"label {self.pk}"


class Inquiry(models.Model):
    """Somebody of the public asks why a comment of theirs is hidden.

    Nothing is said before they have sent `code` from the handle that wrote the comment. The page that
    answers is found by a secret that only their browser holds; here stands its hash. The comment's
    number is no foreign key, so that its disposal waits for nothing here.
    """

    record_class = "inquiry"

    code = models.CharField(max_length=9, unique=True)
    secret_hash = models.CharField(max_length=64, unique=True)
    link = models.CharField(max_length=500)
    source_key = models.CharField(max_length=64)
    """A keyed hash of where the request came from: it limits how often one source asks."""
    comment_id = models.BigIntegerField(null=True)
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, null=True, related_name="inquiries"
    )
    asked_at = models.DateTimeField()
    until = models.DateTimeField()
    """The last moment at which the code proves the handle, and until which the page answers once it has."""
    proved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["until"],
                condition=Q(proved_at=None, comment_id__isnull=False),
                name="inquiry_unproved",
            ),
            models.Index(fields=["source_key", "asked_at"], name="inquiry_by_source"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(comment_id=None, official_account=None)
                | Q(comment_id__isnull=False, official_account__isnull=False),
                name="inquiry_about_whole",
            ),
            models.CheckConstraint(
                condition=Q(proved_at=None) | Q(comment_id__isnull=False),
                name="inquiry_proof_about_something",
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.code}"


class Reconsideration(models.Model):
    """The commenter asks for a second look at a hide, by somebody else than who decided it."""

    record_class = "inquiry"

    class State(models.TextChoices):
        OPEN = "open", "Waiting"
        UPHELD = "upheld", "The comment stays hidden"
        OVERTURNED = "overturned", "The comment is shown again"

    inquiry = models.OneToOneField(Inquiry, on_delete=models.PROTECT, related_name="reconsideration")
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, related_name="reconsiderations"
    )
    comment_id = models.BigIntegerField()
    decision_id = models.BigIntegerField(unique=True)
    """Each decision is looked at again once."""
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT)
    decided_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField()
    words = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(
                fields=["official_account", "due_on"], condition=Q(state="open"), name="reconsideration_open"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", answered_by=None, answered_at=None, answer="")
                | (
                    ~Q(state="open") & Q(answered_by__isnull=False, answered_at__isnull=False) & ~Q(answer="")
                ),
                name="reconsideration_answer_whole",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | Q(decided_by=None) | ~Q(answered_by=models.F("decided_by")),
                name="reconsideration_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"second look {self.pk}"


class Withholding(models.Model):
    """The reason for a hide is not given for now, because saying it would do harm. Ends when lifted.

    The decision's number is no foreign key, so that its disposal waits for nothing here.
    """

    record_class = "inquiry"

    decision_id = models.BigIntegerField()
    why = models.CharField(max_length=500)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    lifted_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision_id"], condition=Q(lifted_at=None), name="withholding_one_standing"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="withholding_lifted_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"withholding {self.pk}"
