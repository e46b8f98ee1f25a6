"""What falls due: proposals, reviews, disposals, and the tombstones that remain."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from retention.models.schedule import ScheduleRow
from staff.models import StaffMember


class Disposal(models.Model):
    """One run over one record class: what was due, what went, what holds kept. The certificate of destruction.

    Holds counts only; the numbers of what went are its tombstones. Never what was disposed of
    (ICO: erasure logs carry metadata only).
    """

    record_class = "disposal"

    row = models.ForeignKey(ScheduleRow, on_delete=models.PROTECT, related_name="disposals")
    row_version = models.PositiveIntegerField()
    rule = models.CharField(max_length=200, blank=True, default="", db_default="")
    """The rule in words as it stood: later versions of the row do not change the certificate."""
    approved_by = models.JSONField(default=list, db_default=[])
    """Who stood for it, in words: names, and for what."""
    run_on = models.DateField()
    due_before = models.DateTimeField()
    salt = models.CharField(max_length=64, blank=True, default="", db_default="")
    """Of the hashes of its numbers on the certificate."""
    disposed_count = models.PositiveIntegerField(default=0)
    held_count = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    head = models.JSONField(null=True, blank=True)
    """The finished certificate but for its hashes, as its digest is of it."""
    digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    """SHA-256 of the finished certificate; the audit entry that seals it says the same."""
    entry_id = models.BigIntegerField(null=True, blank=True)
    """That audit entry."""

    class Meta:
        ordering = ["-run_on", "-id"]
        indexes = [models.Index(fields=["row", "-run_on"], name="disposal_of_class")]

    def __str__(self) -> str:
        return f"{self.row} on {self.run_on:%d %B %Y}"

    @property
    def disposed_ids(self) -> list[int]:
        """The numbers of what went, in order. Of months dropped whole there are none."""
        return list(self.tombstones.order_by("subject_id").values_list("subject_id", flat=True))


class Tombstone(models.Model):
    """That a record was here and went: its class and day (by the certificate), its number. No content.

    `remote_hash` is what keeps a platform from bringing it back: a salted hash of the platform's id.
    Written by the disposing function alone.
    """

    record_class = "disposal"

    disposal = models.ForeignKey(
        Disposal, on_delete=models.PROTECT, related_name="tombstones", db_index=False
    )
    subject_type = models.CharField(max_length=64)
    subject_id = models.BigIntegerField()
    remote_hash = models.BinaryField(null=True, max_length=32)

    class Meta:
        indexes = [
            models.Index(
                fields=["remote_hash"], condition=Q(remote_hash__isnull=False), name="tombstone_remote"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["disposal", "subject_id"], name="tombstone_once"),
            models.UniqueConstraint(fields=["subject_id", "subject_type"], name="tombstone_one_death"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}, gone"


class Salt(models.Model):
    """The salt of this installation's suppression hashes: one row, made by the migration, never changed."""

    record_class = "disposal"

    value = models.CharField(max_length=64)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="salt_is_one")]

    def __str__(self) -> str:
        return "salt of suppression hashes"


class Proposal(models.Model):
    """What a class would lose, laid open before it goes: how many, which for example, what stays and why.

    One open at a time per class. An automatic class goes on by itself at `goes_at`, unless somebody
    stopped it; a large one waits for two people.
    """

    record_class = "disposal"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        STOPPED = "stopped", "Stopped"
        GOING = "going", "Going"
        DONE = "done", "Done"
        OVERTAKEN = "overtaken", "Overtaken by a change of the schedule"

    row = models.ForeignKey(ScheduleRow, on_delete=models.PROTECT, related_name="proposals")
    row_version = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    on = models.DateField()
    """The day as of which the records are due."""
    made_at = models.DateTimeField()
    goes_at = models.DateTimeField()
    due_count = models.PositiveIntegerField()
    held_count = models.PositiveIntegerField()
    samples = ArrayField(models.BigIntegerField(), default=list)
    exceptions = models.JSONField(default=list)
    """[{"why", "count"}]: due by their dates, and kept by something other than a hold."""
    reviewed = models.BooleanField(default=False)
    """Whether it carries out what people decided in reviews, one by one."""
    needs_two = models.BooleanField(default=False)
    first_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    first_at = models.DateTimeField(null=True, blank=True)
    second_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    second_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_why = models.CharField(max_length=300, blank=True)
    disposal = models.OneToOneField(
        Disposal, on_delete=models.PROTECT, null=True, blank=True, related_name="proposal"
    )

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["row"],
                condition=Q(state__in=["waiting", "stopped", "going"]),
                name="proposal_one_open",
            ),
            models.CheckConstraint(
                condition=Q(second_by=None) | (Q(first_by__isnull=False) & ~Q(first_by=F("second_by"))),
                name="proposal_two_people",
            ),
            models.CheckConstraint(
                condition=Q(needs_two=False) | ~Q(state__in=["going", "done"]) | Q(second_by__isnull=False),
                name="proposal_large_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row}: {self.due_count} due on {self.on:%d %B %Y}"


class Review(models.Model):
    """One record at the end of its period, looked at by a person against the national criteria.

    Source: APP Information management, Retention, review and disposal (NRAC); every decision to
    retain is recorded with its reasons and the next date.
    """

    record_class = "disposal"

    class State(models.TextChoices):
        OPEN = "open", "Waits for a person"
        SECOND = "second", "Waits for a second person"
        SETTLED = "settled", "Settled"

    class Decision(models.TextChoices):
        KEEP = "keep", "Keep it until another review"
        DISPOSE = "dispose", "Dispose of it"
        ARCHIVE = "archive", "Keep it, marked for the archive"

    row = models.ForeignKey(ScheduleRow, on_delete=models.PROTECT, related_name="reviews")
    subject_type = models.CharField(max_length=64)
    subject_id = models.BigIntegerField()
    subject_name = models.CharField(max_length=160)
    due_on = models.DateField()
    state = models.CharField(max_length=7, choices=State, default=State.OPEN)
    answers = models.JSONField(default=dict)
    """Slug of each NRAC question -> whether it was answered yes."""
    decision = models.CharField(max_length=7, choices=Decision, blank=True)
    why = models.CharField(max_length=600, blank=True)
    next_on = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    two_people = models.BooleanField(default=False)
    """Whether the decision takes a second person: MoPI groups 1 and 2."""
    second_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    second_at = models.DateTimeField(null=True, blank=True)
    sent_back_why = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="review_of_record")]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"], condition=~Q(state="settled"), name="review_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state="open")
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decision="") & ~Q(why="")),
                name="review_decided_whole",
            ),
            models.CheckConstraint(
                condition=Q(second_by=None) | ~Q(second_by=F("decided_by")), name="review_by_another"
            ),
            models.CheckConstraint(
                condition=Q(two_people=False) | ~Q(state="settled") | Q(second_by__isnull=False),
                name="review_grave_by_two",
            ),
            models.CheckConstraint(
                condition=Q(next_on__isnull=False) | ~Q(decision="keep"), name="review_keep_has_next_date"
            ),
        ]

    def __str__(self) -> str:
        return f"review of {self.subject_name}"


class Transfer(models.Model):
    """A record was taken over into another system, which keeps it from then on by its own rules. Never edited."""

    record_class = "disposal"

    class System(models.TextChoices):
        RMS = "rms", "Crime and records management system"
        CONTROL = "control", "Command and control"
        INTELLIGENCE = "intelligence", "Intelligence system"
        STANDARDS = "standards", "Professional standards system"
        OTHER = "other", "Another system"

    subject_type = models.CharField(max_length=64)
    subject_id = models.BigIntegerField()
    subject_name = models.CharField(max_length=160)
    system = models.CharField(max_length=12, choices=System)
    receiver = models.CharField(max_length=160)
    """Who received it there: a person or a unit, in words."""
    reference = models.CharField(max_length=60)
    """Under what number it stands there."""
    why = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="transfer_of_record")]

    def __str__(self) -> str:
        return f"{self.subject_name} to {self.get_system_display()}"
