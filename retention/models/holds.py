"""Holds, which keep records from disposal, and restrictions, which keep them from sight and from change."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import OfficialAccount
from staff.models import StaffMember


class Hold(models.Model):
    """Keeps what it covers from disposal until two people lift it. It wins over every period.

    `subject_type` is a model label ("moderation.comment"), `subject_id` its primary key: the
    rooms below hold no foreign keys upward. What comes later and is covered is held as well.
    FOIA s.77: an open request must place one.
    """

    record_class = "schedule"

    class Kind(models.TextChoices):
        RECORD = "record", "One record"
        CASE = "case", "A case, and all that it holds"
        COMMENTER = "commenter", "One commenter: all that they wrote and will write"
        ACCOUNT = "account", "An official account, and all that belongs to it"
        DATES = "dates", "Everything of some days"
        QUERY = "query", "Everything with certain words"

    class Reason(models.TextChoices):
        LITIGATION = "litigation", "Litigation, begun or expected"
        CPIA = "cpia", "Criminal investigation or appeal (CPIA)"
        IOPC = "iopc", "IOPC investigation"
        INQUIRY = "inquiry", "Public inquiry or inquest"
        FOI = "foi", "Freedom of information request"
        SAR = "sar", "Subject access or other data protection request"
        COMPLAINT = "complaint", "Complaint"
        OTHER = "other", "Another reason"

    kind = models.CharField(max_length=9, choices=Kind, default=Kind.RECORD, db_default=Kind.RECORD)
    subject_type = models.CharField(max_length=64, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    subject_name = models.CharField(max_length=160)
    """What it covers, in words; of a query its words are not here (they may be a person's name)."""
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Narrows days and words to one official account."""
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    """Days as instants: `since` belongs to them, `until` does not. Without an end it covers what comes."""
    words = models.CharField(max_length=200, blank=True, default="", db_default="")
    reason = models.CharField(max_length=10, choices=Reason, default=Reason.OTHER, db_default=Reason.OTHER)
    reference = models.CharField(max_length=60, blank=True, default="", db_default="")
    why = models.CharField(max_length=400)
    review_on = models.DateField()
    owner = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="holds_owned"
    )
    """Who answers for it; empty: whoever placed it."""
    placed_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="holds_placed")
    placed_at = models.DateTimeField()
    lift_asked_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lift_asked_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="holds_lifted"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_why = models.CharField(max_length=400, blank=True)
    """Why it is no longer needed, by whoever asked that it is lifted."""

    class Meta:
        ordering = ["-placed_at"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], condition=Q(lifted_at=None), name="hold_live")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_type", "subject_id", "reason", "reference"],
                condition=Q(lifted_at=None, subject_id__isnull=False),
                name="hold_once_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="hold_lifted_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(lifted_by=None) | Q(lift_asked_by=None) | ~Q(lifted_by=F("lift_asked_by")),
                name="hold_lifted_by_two",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["dates", "query"], subject_id=None)
                | (~Q(kind__in=["dates", "query"]) & Q(subject_id__isnull=False)),
                name="hold_names_what_it_covers",
            ),
            models.CheckConstraint(condition=~Q(kind="query") | ~Q(words=""), name="hold_by_query_has_words"),
            models.CheckConstraint(
                condition=~Q(kind="dates") | Q(since__isnull=False) | Q(until__isnull=False),
                name="hold_by_dates_has_one",
            ),
        ]

    def __str__(self) -> str:
        return f"hold on {self.subject_name}"

    @property
    def answers(self) -> StaffMember:
        """Who answers for it."""
        return self.owner or self.placed_by


class Restriction(models.Model):
    """A record that is kept from sight and from change, and not erased.

    Source: DPA 2018 s.47(2) and (3); what its author deleted waits in it for its disposal.
    """

    record_class = "schedule"

    class Ground(models.TextChoices):
        EVIDENCE = "evidence", "Must be kept as evidence (DPA s.47(2))"
        ACCURACY = "accuracy", "Its accuracy is contested (DPA s.47(3))"
        REQUEST = "request", "The person asked for it (UK GDPR art. 18)"
        AUTHOR = "author", "Deleted by its author"

    subject_type = models.CharField(max_length=64)
    subject_id = models.BigIntegerField()
    subject_name = models.CharField(max_length=160)
    ground = models.CharField(max_length=8, choices=Ground)
    why = models.CharField(max_length=400)
    was = models.CharField(max_length=20, blank=True)
    """The state of the record before, to which it goes back."""
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """Empty: the platform, at once, as the rule says."""
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lifted_why = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"],
                condition=Q(lifted_at=None),
                name="restriction_one_live",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_why="") | (Q(lifted_at__isnull=False) & ~Q(lifted_why="")),
                name="restriction_lifted_with_why",
            ),
        ]

    def __str__(self) -> str:
        return f"restriction of {self.subject_name}"
