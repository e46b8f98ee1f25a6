"""Requests under information law: who asks what, by when it is answered, what was found, and what was given out."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import OfficialAccount
from media.models import SealedFile
from retention import statutory
from retention.models.holds import Hold
from retention.models.schedule import Regime
from staff.models import StaffMember


class RightsRequest(models.Model):
    """What somebody asks of the force under information law, from the day of receipt to the answer.

    `received_on` never changes, and `due_at` is worked out when it is taken in and when the law moves it, and stored with
    the version of the rules. `needs_case` is a fact that escalation picks up.
    """

    record_class = "information_request"

    class Kind(models.TextChoices):
        ACCESS = "subject_access", "Subject access"
        FOI = "foi", "Freedom of information"
        ERASURE = "erasure", "Erasure"
        RECTIFICATION = "rectification", "Rectification"
        RESTRICTION = "restriction", "Restriction"

    class Channel(models.TextChoices):
        COMMENT = "comment", "Public comment"
        MESSAGE = "message", "Private message"
        EMAIL = "email", "E-mail"
        LETTER = "letter", "Letter"
        WEB = "web", "Web form"
        TELEPHONE = "telephone", "Telephone"
        PERSON = "person", "In person"
        CASEWORK = "casework", "The force’s casework system"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        PUT = "put", "Waits for a second person"
        AGREED = "agreed", "Agreed, to be sent"
        CLOSED = "closed", "Answered"

    class Identity(models.TextChoices):
        NOT_LOOKED_AT = "", "Not looked at yet"
        NOT_NEEDED = "not_needed", "Not needed"
        ASKED = "asked", "Asked for"
        PROVED = "proved", "Proved"

    class Stopped(models.TextChoices):
        NO = "", "It runs"
        IDENTITY = "identity", "Stands still until they prove who they are"
        CLEARER = "clearer", "Stands still until they say more exactly what they want"

    class Outcome(models.TextChoices):
        DONE = "done", "Granted"
        PARTLY = "partly", "Granted in part"
        REFUSED = "refused", "Refused"
        NOTHING = "nothing", "Nothing is held"
        WITHDRAWN = "withdrawn", "Withdrawn by whoever asked"

    kind = models.CharField(max_length=14, choices=Kind)
    regime = models.CharField(max_length=5, choices=Regime)
    channel = models.CharField(max_length=9, choices=Channel)
    received_on = models.DateField()
    outside_reference = models.CharField(max_length=60, blank=True)
    """Its number in the force's own casework system."""
    requester = models.CharField(max_length=200)
    contact = models.CharField(max_length=300, blank=True)
    """Where the answer goes."""
    wanted = models.TextField()
    """What they ask, in their words."""
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Where it came; empty where it came by another way."""
    origin_type = models.CharField(max_length=64, blank=True)
    origin_id = models.BigIntegerField(null=True, blank=True)
    """The record that it was made from: a comment, a referral."""
    taken_in_at = models.DateTimeField()
    taken_in_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="requests_taken_in")
    handler = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="requests_handled"
    )
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)

    identity = models.CharField(max_length=10, choices=Identity, blank=True, default=Identity.NOT_LOOKED_AT)
    identity_how = models.CharField(max_length=300, blank=True)
    identity_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    identity_on = models.DateField(null=True, blank=True)

    begins_on = models.DateField()
    """The day from which its clock counts: of receipt, or later where the law says so."""
    stopped = models.CharField(max_length=8, choices=Stopped, blank=True, default=Stopped.NO)
    stopped_on = models.DateField(null=True, blank=True)
    stopped_days = models.PositiveIntegerField(default=0)
    longer_why = models.CharField(max_length=400, blank=True)
    """Why the law's longer time was taken; empty where it was not."""
    due_at = models.DateTimeField()
    rule_version = models.PositiveSmallIntegerField(default=statutory.VERSION)
    warned_for = models.DateTimeField(null=True, blank=True)
    climbed_for = models.DateTimeField(null=True, blank=True)
    """The deadline over which it was made a case."""
    needs_case = models.CharField(max_length=10, blank=True, default="")

    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)
    words = models.TextField(blank=True)
    """What the requester is told."""
    why = models.CharField(max_length=600, blank=True)
    """Why it is answered so, for the file."""
    put_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    put_at = models.DateTimeField(null=True, blank=True)
    agreed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    agreed_at = models.DateTimeField(null=True, blank=True)
    sent_back_why = models.CharField(max_length=300, blank=True)
    answered_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=~Q(state="closed"), name="rights_open_by_deadline"
            ),
            models.Index(fields=["id"], condition=~Q(needs_case=""), name="rights_needs_case"),
            models.Index(fields=["-received_on"], name="rights_by_receipt"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["outside_reference"], condition=~Q(outside_reference=""), name="rights_reference_once"
            ),
            models.UniqueConstraint(
                fields=["origin_type", "origin_id", "kind"],
                condition=Q(origin_id__isnull=False),
                name="rights_origin_once",
            ),
            models.CheckConstraint(
                condition=Q(stopped="", stopped_on=None) | (~Q(stopped="") & Q(stopped_on__isnull=False)),
                name="rights_stopped_since",
            ),
            models.CheckConstraint(
                condition=Q(begins_on__gte=F("received_on")), name="rights_begins_with_receipt"
            ),
            models.CheckConstraint(
                condition=Q(state="open")
                | (Q(put_by__isnull=False, put_at__isnull=False) & ~Q(outcome="") & ~Q(why="")),
                name="rights_put_whole",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by=None) | ~Q(agreed_by=F("put_by")), name="rights_agreed_by_another"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "put"]) | Q(agreed_by__isnull=False), name="rights_two_people"
            ),
            models.CheckConstraint(
                condition=(Q(state="closed", closed_at__isnull=False, answered_on__isnull=False))
                | (~Q(state="closed") & Q(closed_at=None, answered_on=None)),
                name="rights_closed_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """How people speak of it: "RQ-12". IR-12 is an intelligence report."""
        return f"RQ-{self.pk}"

    @property
    def title(self) -> str:
        """Its number and what kind it is; nothing of whoever asks."""
        return f"{self.reference}, {self.get_kind_display().lower()}"

    @property
    def law(self) -> str:
        """The clock of the law that it runs by."""
        return statutory.Law.FOI if self.kind == self.Kind.FOI else statutory.Law.SUBJECT_ACCESS

    @property
    def source(self) -> str:
        """Where that clock stands in the law."""
        return statutory.source(self.law)

    @property
    def is_open(self) -> bool:
        """Whether it is not answered yet."""
        return self.state != self.State.CLOSED

    @property
    def changes_records(self) -> bool:
        """Whether it asks that something happens to records, and not that they are given out."""
        return self.kind in (self.Kind.ERASURE, self.Kind.RECTIFICATION, self.Kind.RESTRICTION)


class RequestSubject(models.Model):
    """Whom a request is about: a record that stands for them, or words that name them; and the hold over it."""

    record_class = "information_request"

    request = models.ForeignKey(RightsRequest, on_delete=models.PROTECT, related_name="subjects")
    subject_type = models.CharField(max_length=64, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    words = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=300)
    why = models.CharField(max_length=300)
    """Why it is them."""
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    left_out_at = models.DateTimeField(null=True, blank=True)
    """When it turned out not to be them."""

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "subject_type", "subject_id", "words"],
                condition=Q(left_out_at=None),
                nulls_distinct=False,
                name="request_subject_once",
            ),
            models.CheckConstraint(
                condition=(~Q(subject_type="") & Q(subject_id__isnull=False, words=""))
                | (Q(subject_type="", subject_id=None) & ~Q(words="")),
                name="request_subject_one_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.request}"


class FoundItem(models.Model):
    """One record that the search found, as it stood then, and what a person decided on it.

    `parts` is [[name, text], …] and never changes once it is decided on; `spans` is [[part, start, end, what], …]. The
    suggestions are worked out anew on each look. `files` is [[label, number, sha256, content type, what it is], …];
    `given` says of those that go in how, and stays empty for the others: [{"file", "how", "covered", "why"}, …].
    """

    record_class = "information_request"

    class Decision(models.TextChoices):
        UNDECIDED = "", "Not looked at"
        INCLUDE = "include", "Goes in"
        WITHHOLD = "withhold", "Withheld"

    request = models.ForeignKey(RightsRequest, on_delete=models.PROTECT, related_name="items")
    subject_type = models.CharField(max_length=64)
    subject_id = models.BigIntegerField()
    noun = models.CharField(max_length=60)
    where = models.CharField(max_length=200, blank=True)
    occurred_at = models.DateTimeField()
    parts = models.JSONField()
    others = models.JSONField(default=list)
    files = models.JSONField(default=list, db_default=[], blank=True)
    found_at = models.DateTimeField()
    decision = models.CharField(max_length=8, choices=Decision, blank=True, default=Decision.UNDECIDED)
    exemption = models.CharField(max_length=20, blank=True)
    why = models.CharField(max_length=400, blank=True)
    spans = models.JSONField(default=list)
    given = models.JSONField(default=list, db_default=[], blank=True)
    decided_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["occurred_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["request", "subject_type", "subject_id"], name="found_once"),
            models.CheckConstraint(
                condition=~Q(decision="withhold") | (~Q(exemption="") & ~Q(why="")),
                name="found_withheld_with_why",
            ),
            models.CheckConstraint(
                condition=Q(decision="") | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="found_decided_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.noun} {self.subject_id} in {self.request}"


class Bundle(models.Model):
    """What is given out, made once and never changed: a ZIP with a PDF, JSON and a manifest of their hashes.

    `of` is the digest of the decisions that it was made from: it is not given out once one of them is another.
    """

    record_class = "information_request"

    request = models.ForeignKey(RightsRequest, on_delete=models.PROTECT, related_name="bundles")
    number = models.PositiveSmallIntegerField()
    file = models.ForeignKey(SealedFile, on_delete=models.PROTECT, related_name="+")
    manifest = models.JSONField()
    of = models.CharField(max_length=64)
    included = models.PositiveIntegerField()
    withheld = models.PositiveIntegerField()
    redactions = models.PositiveIntegerField()
    pictures = models.PositiveIntegerField(default=0, db_default=0)
    """Pictures and videos in it."""
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["request", "number"], name="bundle_once")]

    def __str__(self) -> str:
        return f"bundle {self.number} of {self.request}"


class Disclosure(models.Model):
    """What was sent to whom, how, when and by whom. Never edited. Source: DPA 2018 s.62(3)."""

    record_class = "information_request"

    request = models.ForeignKey(RightsRequest, on_delete=models.PROTECT, related_name="disclosures")
    bundle = models.ForeignKey(
        Bundle, on_delete=models.PROTECT, null=True, blank=True, related_name="disclosures"
    )
    to = models.CharField(max_length=200)
    how = models.CharField(max_length=200)
    on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.request} on {self.on}"


class RequestChange(models.Model):
    """The story of a request: what happened, when, and who did it. Never edited."""

    record_class = "information_request"

    request = models.ForeignKey(RightsRequest, on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField()
    by_name = models.CharField(max_length=200)
    text = models.CharField(max_length=700)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.request}: {self.text}"


class Erasure(models.Model):
    """A record that goes before its period is over because two people granted a request. The disposing function reads it."""

    record_class = "information_request"

    request = models.ForeignKey(RightsRequest, on_delete=models.PROTECT, related_name="erasures")
    subject_type = models.CharField(max_length=64)
    subject_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["subject_type", "subject_id"], name="erasure_once")]

    def __str__(self) -> str:
        return f"erasure of {self.subject_type} {self.subject_id}"
