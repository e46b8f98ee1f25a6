"""The append-only audit trail. Entries copy who did what to what; they have no foreign keys.

The table is partitioned by month and made in the first migration by hand, since Django has no
word for partitions. A trigger computes each entry's leaf hash; another refuses UPDATE, DELETE
and TRUNCATE, and the application's database role holds INSERT and SELECT only.
Source: DPA 2018 s.62 (logging); ../docs/decisions/0005-audit.md.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from core import clock


class Entry(models.Model):
    """One thing that happened: who, what, to which record, when, under which request.

    `details` holds names of things and non-personal values, never the public's words.
    `shown_ids` lists the records that a page showed, so that "who saw comment 42" has an answer.
    """

    record_class = "audit_entry"

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    event = models.CharField(max_length=64)
    operation = models.CharField(max_length=16, blank=True)
    actor_kind = models.CharField(max_length=8)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200)
    subject_type = models.CharField(max_length=64, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    subject_name = models.CharField(max_length=200, blank=True)
    official_account_id = models.BigIntegerField(null=True)
    shown_ids = ArrayField(models.BigIntegerField(), default=list)
    details = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    source_address = models.CharField(max_length=45, blank=True)
    """The network address that the request came from; empty for what no request began."""
    leaf_hash = models.BinaryField(editable=False, null=True)
    leaf_version = models.PositiveSmallIntegerField(default=2, editable=False)
    """The canonical form by which the row was hashed (audit.leaf)."""

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_by_time"),
            models.Index(fields=["subject_type", "subject_id", "at"], name="audit_by_subject"),
            models.Index(fields=["actor_id", "at"], name="audit_by_actor"),
            models.Index(fields=["event", "at"], name="audit_by_event"),
            GinIndex(fields=["shown_ids"], name="audit_by_shown"),
            models.Index(fields=["operation", "at"], condition=~Q(operation=""), name="audit_by_operation"),
            models.Index(fields=["actor_kind", "at"], condition=~Q(actor_kind="staff"), name="audit_by_kind"),
            models.Index(
                fields=["source_address", "at"], condition=~Q(source_address=""), name="audit_by_source"
            ),
            models.Index(
                fields=["official_account_id", "at"],
                condition=Q(official_account_id__isnull=False),
                name="audit_by_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} by {self.actor_name}"


class SavedSearch(models.Model):
    """Filters of the trail under a name, for one person's own use. They look for what staff did.

    There is no filter for words, and none for one member of the public is saved: no watch list can be kept.
    The application may delete these rows (smmp.database.DELETABLE).
    """

    record_class = "staff_record"

    owner_id = models.BigIntegerField()
    name = models.CharField(max_length=60)
    filters = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner_id", "name"], name="saved_search_once")]

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """Part of the trail that one person of professional standards may read: whose acts, of which time.

    Made by information security. It copies ids and names like the trail itself; history is never edited,
    only ended.
    """

    record_class = "audit_work"

    reference = models.CharField("case reference", max_length=60)
    officer_id = models.BigIntegerField()
    officer_name = models.CharField(max_length=200)
    people_ids = ArrayField(models.BigIntegerField())
    people_names = ArrayField(models.CharField(max_length=200))
    entries_since = models.DateTimeField()
    entries_until = models.DateTimeField()
    why = models.CharField(max_length=400)
    made_by_id = models.BigIntegerField()
    made_by_name = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [
            models.Index(fields=["officer_id", "ends_at"], condition=Q(ended_at=None), name="assignment_live")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(entries_since__lt=F("entries_until")), name="assignment_period_whole"
            ),
            models.CheckConstraint(condition=Q(made_at__lt=F("ends_at")), name="assignment_ends_later"),
            models.CheckConstraint(
                condition=~Q(officer_id=F("made_by_id")), name="assignment_by_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(people_ids__len__gte=1) & ~Q(people_ids__contains=[F("officer_id")]),
                name="assignment_of_others",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} for {self.officer_name}"

    @property
    def people(self) -> list[tuple[int, str]]:
        """Whose acts: number and name."""
        return list(zip(self.people_ids, self.people_names, strict=True))

    @property
    def first_span(self) -> str:
        """The day on which the time looked into begins, as the page of a person is addressed."""
        return f"day-{clock.in_london(self.entries_since).date().isoformat()}"

    @property
    def live(self) -> bool:
        """Whether it opens anything now."""
        return self.ended_at is None and self.ends_at > clock.now()


class ReasonRule(models.Model):
    """Whether a reason is asked before one kind of access. An action without a row keeps its default."""

    record_class = "schedule"

    class Mode(models.TextChoices):
        OFF = "off", "Not asked"
        OPTIONAL = "optional", "Asked, may be left empty"
        REQUIRED = "required", "Required"

    action = models.SlugField(max_length=40, unique=True)
    mode = models.CharField(max_length=8, choices=Mode)
    set_by_name = models.CharField(max_length=200)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=["off", "optional", "required"]), name="reason_mode")
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.mode}"


class Follower(models.Model):
    """How far one reader of the trail has come (audit.following): the alerts, each stream to another system."""

    record_class = "operational"

    name = models.SlugField(max_length=40, unique=True)
    transaction_id = models.BigIntegerField(default=0)
    entry_id = models.BigIntegerField(default=0)
    floor_id = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    """When it last found nothing left to read, or moved."""
    lease_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=200, blank=True)
    try_at = models.DateTimeField(null=True, blank=True)


RESTORED = "\nrestored "
"""How a checkpoint begins the line by which it acknowledges a restore (audit.verifier.Restore)."""


class Segment(models.Model):
    """One seal over the entries that came to rest since the last one, or over none at all.

    Its Merkle root covers the entries from `first_position` on; its own leaf is the next leaf of the
    tree of all segments, whose head the checkpoint signs (audit.verifier). A segment without entries
    proves that nothing was sealed meanwhile. Never changed: the next one stands on it.
    """

    record_class = "seal"

    number = models.BigIntegerField(primary_key=True)
    first_position = models.BigIntegerField()
    count = models.PositiveIntegerField()
    root = models.BinaryField()
    previous_head = models.BinaryField()
    head = models.BinaryField()
    sealed_at = models.DateTimeField()
    checkpoint = models.TextField()
    """The signed note (C2SP tlog-checkpoint), as it leaves for the sinks."""
    key_id = models.CharField(max_length=8)
    subtrees = models.BinaryField()
    """Hashes of the perfect subtrees that this segment completes, 32 bytes each, its own leaf first:
    any proof is made of a few of these."""
    horizon = models.BigIntegerField()
    """Entries of transactions before this one are all sealed; the next search begins here,"""
    horizon_entry = models.BigIntegerField()
    """with the entries of that transaction that come after this one."""

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(fields=["first_position", "number"], name="segment_by_position"),
            models.Index(fields=["sealed_at"], name="segment_by_time"),
            models.Index(
                fields=["number"], condition=Q(checkpoint__contains=RESTORED), name="segment_of_restore"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(number__gte=0, count__lte=10_000), name="segment_bounds"),
        ]

    def __str__(self) -> str:
        return f"segment {self.number}"


class Place(models.Model):
    """Where an entry stands in the sealed order, and the hash under which it was sealed.

    Entries themselves are never touched. Disposal of a whole segment takes its places with it.
    """

    record_class = "audit_entry"

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField()
    entry_at = models.DateTimeField()
    leaf_hash = models.BinaryField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["entry_id", "entry_at"], name="place_once_per_entry"),
            models.CheckConstraint(condition=Q(position__gte=0), name="place_not_negative"),
        ]

    def __str__(self) -> str:
        return f"entry {self.entry_id} at position {self.position}"


class Manifest(models.Model):
    """What stands behind an entry and leaves with it for the sinks, so that a restored backup can be brought up to date.

    The image of a hold, the numbers of what a disposal took: never what was disposed of. Its SHA-256 stands in the
    entry, which is sealed. Kept here for SWEPT_AFTER; a trigger refuses its deletion before, and any change of it.
    """

    record_class = "manifest"

    entry_id = models.BigIntegerField(unique=True)
    content = models.TextField()
    """Canonical JSON, of which `manifest` in the entry's details is the SHA-256."""
    at = models.DateTimeField()

    class Meta:
        ordering = ["entry_id"]
        indexes = [models.Index(fields=["at"], name="manifest_by_time")]

    def __str__(self) -> str:
        return f"manifest of entry {self.entry_id}"


class SealKey(models.Model):
    """A public key that signs checkpoints from one segment on. Its private half is never in the database."""

    record_class = "seal"

    from_segment = models.BigIntegerField(primary_key=True)
    key = models.CharField(max_length=300, unique=True)
    """NAME+ID+KEY, as C2SP writes a verifier key."""
    introduced_by = models.TextField(blank=True)
    """The checkpoint that both the key before and this one signed; empty for the first, and after a loss."""
    began_at = models.DateTimeField()

    class Meta:
        ordering = ["from_segment"]

    def __str__(self) -> str:
        return self.key


class Sink(models.Model):
    """How far one place outside the database has been given the checkpoints."""

    record_class = "operational"

    name = models.CharField(max_length=20, primary_key=True)
    delivered = models.BigIntegerField(default=0)
    """How many segments' checkpoints arrived there: the number of the next one to send."""
    sealed_at = models.DateTimeField(null=True)
    """When the last one that arrived had been sealed."""
    arrived_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    """Nobody else delivers to it before then."""
    failures = models.PositiveIntegerField(default=0)
    """Tries in a row that came to nothing."""
    failing_since = models.DateTimeField(null=True)
    fault = models.CharField(max_length=200, blank=True)
    """What the last try failed of; never an address or a secret."""

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
