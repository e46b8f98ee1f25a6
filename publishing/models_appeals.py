"""Public appeals, and the taking down of whatever pictures somebody, until it is seen to be gone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import OfficialAccount
from media.models import File
from staff.models import StaffMember


class Appeal(models.Model):
    """The public is asked for help over one person or matter, on several official accounts as one.

    States and moves are in publishing.workflow.APPEAL. What the public reads are its approved posts and nothing
    that stands here: all of this is for staff. `needs_case` is a fact that escalation picks up.
    """

    record_class = "public_appeal"

    class Kind(models.TextChoices):
        MISSING = "missing", "Missing person"
        WANTED = "wanted", "Wanted person"
        WITNESS = "witness", "Witnesses or information"
        IDENTIFY = "identify", "Picture of somebody we want to identify"
        PROPERTY = "property", "Property, lost or stolen"

    class State(models.TextChoices):
        DRAFT = "draft", "Not out yet"
        LIVE = "live", "Live"
        REVIEW = "under_review", "Due for review"
        CLOSING = "closing", "Being taken down"
        VERIFIED = "verified", "Seen to be gone"
        CLOSED = "closed", "Closed"

    class Basis(models.TextChoices):
        LAW_ENFORCEMENT = (
            "law_enforcement",
            "Law enforcement: necessary to prevent, detect or investigate crime",
        )
        VITAL = "vital_interests", "Vital interests: to protect somebody’s life"
        PUBLIC_TASK = "public_task", "Public task: to find somebody who is missing, or an owner"

    class Outcome(models.TextChoices):
        FOUND = "found", "Found"
        ARRESTED = "arrested", "Arrested"
        CHARGED = "charged", "Charged"
        WITHDRAWN = "withdrawn", "Withdrawn"
        OTHER = "other", "Something else"

    key = models.CharField(max_length=16, unique=True)
    """By which its public page is found: it says nothing about the matter."""
    kind = models.CharField(max_length=8, choices=Kind)
    title = models.CharField(max_length=160)
    force_reference = models.CharField(max_length=40)
    """How the force's own records call the matter: a missing person or crime reference."""
    case_reference = models.CharField(max_length=20, blank=True)
    """Of the case here that it belongs to ("W-2041"); a room above, so no foreign key."""
    basis = models.CharField(max_length=15, choices=Basis)
    basis_note = models.CharField(max_length=300)
    """Why it is necessary and proportionate."""
    family_consent = models.CharField(max_length=300, blank=True)
    """Who of the family agreed, when, and where that is recorded."""
    officer_consent = models.CharField(max_length=300, blank=True)
    """The officer in the case who agreed: rank, name, when."""
    risk_to_life = models.CharField(max_length=300, blank=True)
    """Why somebody's life is at risk: consent is then not waited for."""
    risk_assessment = models.CharField(max_length=1000)
    conditions = models.CharField(max_length=500, blank=True)
    owner = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="appeals_owned")
    review_on = models.DateField()
    """The London day on which it is looked at again."""
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)
    outcome_note = models.CharField(max_length=500, blank=True)
    words_after = models.TextField(blank=True)
    """What stands on the platforms afterwards, where words without a picture are changed and not taken away."""
    made_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    live_at = models.DateTimeField(null=True, blank=True)
    closing_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Who said that it is over."""
    verified_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    needs_case = models.CharField(max_length=20, blank=True, default="", db_default="")
    """"review" while a review is overdue and no case has been opened for it."""
    climbed_on = models.DateField(null=True, blank=True)
    """The review day that has gone by without a review and was passed on as overdue."""

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [
            models.Index(fields=["review_on"], condition=Q(state="live"), name="appeal_to_review"),
            models.Index(fields=["id"], condition=~Q(needs_case=""), name="appeal_needs_case"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "closed"]) | ~Q(risk_to_life="") | ~Q(officer_consent=""),
                name="appeal_officer_agreed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "closed"])
                | ~Q(kind="missing")
                | ~Q(risk_to_life="")
                | ~Q(family_consent=""),
                name="appeal_family_agreed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["closing", "verified", "closed"])
                | ~Q(outcome="") & Q(closed_by__isnull=False, closing_at__isnull=False),
                name="appeal_closed_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "closed"]) | Q(live_at__isnull=False),
                name="appeal_live_since",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """How people speak of it: "A-12"."""
        return f"A-{self.pk}"

    @property
    def is_public(self) -> bool:
        """Whether the public may read it."""
        return self.state in (self.State.LIVE, self.State.REVIEW)


class AppealAccount(models.Model):
    """That an appeal goes out on an official account."""

    record_class = "public_appeal"

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="on")
    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="appeals")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["appeal", "official_account"],
                condition=Q(removed_at=None),
                name="appeal_account_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.appeal} on {self.official_account}"


class AppealPicture(models.Model):
    """A picture of an appeal, with its words for those who cannot see it and the day on which it is gone at the latest."""

    record_class = "public_appeal"

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="pictures")
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+")
    alt_text = models.CharField(max_length=1000)
    down_on = models.DateField()
    """The London day on which it is taken down."""
    added_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(alt_text=""), name="appeal_picture_needs_alt_text")
        ]

    def __str__(self) -> str:
        return f"picture of {self.appeal}"


class AppealPost(models.Model):
    """A post that belongs to an appeal: written, checked and approved like any other."""

    record_class = "public_appeal"

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="posts")
    post = models.OneToOneField("publishing.Post", on_delete=models.PROTECT, related_name="appeal_post")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"post of {self.appeal}"


class AppealChange(models.Model):
    """What became of an appeal, when, by whom and why, with what stood there. Never edited."""

    record_class = "public_appeal"

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="changes")
    event = models.CharField(max_length=40)
    state = models.CharField(max_length=12)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    why = models.CharField(max_length=500, blank=True)
    content = models.JSONField(default=dict)
    """Name -> words for people, as they were."""

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.appeal}: {self.event}"


class LongerShown(models.Model):
    """An approver's decision that a post which pictures somebody stands longer than declared. Never edited."""

    record_class = "published_post"

    post = models.ForeignKey("publishing.Post", on_delete=models.PROTECT, related_name="longer_shown")
    until = models.DateField()
    """The London day on which it is taken down."""
    why = models.CharField(max_length=500)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=~Q(why=""), name="longer_shown_why")]

    def __str__(self) -> str:
        return f"{self.post} until {self.until}"


class TakeDown(models.Model):
    """One post of ours on one platform comes down, or says something else, and is read back until it is so.

    States and moves are in publishing.workflow.TAKE_DOWN. `needs_case` is a fact that escalation picks up.
    """

    record_class = "delivery"

    class Kind(models.TextChoices):
        DELETE = "delete", "taken down"
        EDIT = "edit", "changed"

    class State(models.TextChoices):
        WAITING = "waiting", "Not begun"
        ASKED = "asked", "Waits for an approver"
        BY_HAND = "by_hand", "To be done by hand"
        UNDER_WAY = "under_way", "Being read back"
        DONE = "done", "Seen to be done"

    class How(models.TextChoices):
        READ = "read", "read back from the platform"
        PERSON = "person", "a person looked"

    standing = models.OneToOneField("publishing.Delivery", on_delete=models.PROTECT, related_name="take_down")
    """The delivery by which it went out."""
    appeal = models.ForeignKey(
        Appeal, on_delete=models.PROTECT, null=True, blank=True, related_name="take_downs"
    )
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.DELETE)
    words = models.TextField(blank=True)
    """What stands there afterwards, where it is changed."""
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    why = models.CharField(max_length=500)
    says = models.CharField(max_length=500, blank=True)
    """Why the last step was not the end of it, as a sentence for staff."""
    correction = models.OneToOneField(
        "publishing.Correction", on_delete=models.PROTECT, null=True, blank=True, related_name="take_down"
    )
    begun_at = models.DateTimeField()
    checks = models.PositiveIntegerField(default=0)
    """How often it was read back."""
    checked_at = models.DateTimeField(null=True, blank=True)
    next_check_at = models.DateTimeField(null=True, blank=True)
    verify_by = models.DateTimeField()
    """Until then it is seen to be done, or people are called."""
    late_at = models.DateTimeField(null=True, blank=True)
    needs_case = models.CharField(max_length=20, blank=True, default="", db_default="")
    """"not_gone" while it is late and no case has been opened for it."""
    done_at = models.DateTimeField(null=True, blank=True)
    done_how = models.CharField(max_length=6, choices=How, blank=True)
    looked_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    looked_at = models.DateTimeField(null=True, blank=True)
    link = models.CharField(max_length=500, blank=True)
    """Where somebody looked."""

    class Meta:
        ordering = ["begun_at", "id"]
        indexes = [
            models.Index(fields=["next_check_at"], condition=~Q(state="done"), name="take_down_due"),
            models.Index(fields=["id"], condition=~Q(needs_case=""), name="take_down_needs_case"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="done") | Q(done_at__isnull=False) & ~Q(done_how=""),
                name="take_down_done_how",
            ),
            models.CheckConstraint(
                condition=Q(state="done") | Q(next_check_at__isnull=False), name="take_down_open_is_due"
            ),
            models.CheckConstraint(
                condition=~Q(done_how="person") | Q(looked_by__isnull=False), name="take_down_looked_by"
            ),
            models.CheckConstraint(
                condition=Q(kind="edit") & ~Q(words="") | Q(kind="delete", words=""), name="take_down_words"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.standing}: {self.get_kind_display()}"

    @property
    def result(self) -> str:
        """What was seen at the end, in words; empty before."""
        if self.state != self.State.DONE:
            return ""
        return "Verified gone" if self.kind == self.Kind.DELETE else "Verified changed"
