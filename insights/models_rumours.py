"""The rumour desk: what is said, where it was seen, how it was judged, and what was said to it. Claims, never people.

No column names a member of the public. A sighting holds the number of a comment and lets go of it when the comment is
disposed of or withheld (insights.actions.rumours.let_go); what was said and by whom stays with the comment alone.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.models import Neighbourhood, OfficialAccount
from moderation.categories import Category
from publishing.models import Post
from staff.models import StaffMember


class Rumour(models.Model):
    """One claim that is going round, in our words, and where the force stands to it.

    Software suggests one (`found` is "cluster") without words; a person who takes it up writes them.
    """

    record_class = "rumour"

    class Found(models.TextChoices):
        CLUSTER = "cluster", "Said again and again"
        HAND = "hand", "Noted by somebody"

    class State(models.TextChoices):
        SEEN = "seen", "Seen"
        ASSESSING = "assessing", "Being assessed"
        FALSE = "false", "False"
        MISLEADING = "misleading", "Misleading"
        TRUE = "true", "True"
        UNCLEAR = "unclear", "Unclear"
        CLOSED = "closed", "Closed"

    class Kind(models.TextChoices):
        MISINFORMATION = "mis", "Misinformation: wrong, and not meant to mislead as far as we can tell"
        DISINFORMATION = "dis", "Disinformation: made or spread in order to mislead"
        MALINFORMATION = "mal", "Malinformation: true, and spread in order to harm"

    class Harm(models.TextChoices):
        LIFE = "life", "Somebody may be hurt, or be hunted"
        DISORDER = "disorder", "Disorder, or a crowd where none should be"
        JUSTICE = "justice", "An investigation, an operation or a trial"
        TRUST = "trust", "Trust in the force, or fear in an area"
        LITTLE = "little", "Little, as far as we can see"

    class Spread(models.TextChoices):
        WIDE = "wide", "Beyond our accounts, or in the news"
        GROWING = "growing", "More each hour"
        CONTAINED = "contained", "A few, and no more each hour"

    class Priority(models.TextChoices):
        HIGH = "high", "High: answer now"
        MEDIUM = "medium", "Medium: answer, and watch"
        LOW = "low", "Low: watch"

    class Authority(models.TextChoices):
        COMMS = "comms", "Communications"
        COMMAND = "command", "Duty command or gold"
        SIO = "sio", "The senior investigating officer"
        PARTNER = "partner", "Another agency speaks, and we point to it"
        NOBODY = "nobody", "Nobody speaks on it now"

    class Proceedings(models.TextChoices):
        NO = "no", "No arrest, warrant, charge or court case"
        YES = "yes", "Yes, or one is close"
        UNKNOWN = "unknown", "Not known"

    class Legal(models.TextChoices):
        ASKED = "asked", "Waits for a second person"
        CLEAR = "clear", "May be said"
        STOP = "stop", "May not be said"

    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="rumours")
    """Where it was first seen, or the one for which it was noted."""
    found = models.CharField(max_length=7, choices=Found)
    words = models.CharField(max_length=500, blank=True)
    """What is claimed, in our words and without who is named. Empty until somebody takes it up."""
    truth = models.CharField(max_length=1000, blank=True)
    """What is so, as far as it may be said."""
    state = models.CharField(max_length=10, choices=State, default=State.SEEN)
    kind = models.CharField(max_length=3, choices=Kind, blank=True)
    first_comment_id = models.BigIntegerField(null=True, blank=True)
    """The comment with which a cluster began, so that it is suggested once. No foreign key: its disposal waits for nothing here."""
    noted_at = models.DateTimeField()
    first_seen_at = models.DateTimeField()
    """When the first known appearance was written."""
    third_at = models.DateTimeField(null=True, blank=True)
    """When the third known appearance was written."""
    told_at = models.DateTimeField(null=True, blank=True)
    """When command and communications were told of it."""
    harm = models.CharField(max_length=8, choices=Harm, blank=True)
    spread = models.CharField(max_length=9, choices=Spread, blank=True)
    priority = models.CharField(max_length=6, choices=Priority, blank=True)
    authority = models.CharField(max_length=7, choices=Authority, blank=True)
    speaker = models.CharField(max_length=160, blank=True)
    """Who that is: a member of staff or an agency."""
    proceedings = models.CharField(max_length=7, choices=Proceedings, blank=True)
    legal = models.CharField(max_length=5, choices=Legal, blank=True)
    legal_asked_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    legal_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    legal_words = models.CharField(max_length=500, blank=True)
    case_number = models.PositiveIntegerField(null=True, blank=True)
    """The case in whose log every step is written too. No foreign key: its disposal waits for nothing here."""
    raised_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    taken_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    judged_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    judged_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-noted_at", "-id"]
        indexes = [models.Index(fields=["-noted_at"], condition=~Q(state="closed"), name="rumour_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["first_comment_id"],
                condition=Q(first_comment_id__isnull=False),
                name="rumour_suggested_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["seen", "closed"]) | ~Q(words=""), name="rumour_has_words"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["false", "misleading", "true", "unclear"])
                | Q(judged_by__isnull=False, judged_at__isnull=False),
                name="rumour_judged_by_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["false", "misleading"]) | Q(kind__in=["mis", "dis"]),
                name="rumour_untrue_has_a_kind",
            ),
            models.CheckConstraint(
                condition=~Q(state="true") | Q(kind__in=["", "mal"]), name="rumour_true_is_no_misinformation"
            ),
            models.CheckConstraint(
                condition=~Q(legal__in=["clear", "stop"])
                | Q(legal_by__isnull=False, legal_asked_by__isnull=False) & ~Q(legal_by=F("legal_asked_by")),
                name="rumour_legal_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(closed_at__isnull=False), name="rumour_closed_has_time"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """How people speak of it: "RU-12"."""
        return f"RU-{self.pk}"

    @property
    def is_judged(self) -> bool:
        """Whether somebody has said what it is."""
        return self.state in (self.State.FALSE, self.State.MISLEADING, self.State.TRUE, self.State.UNCLEAR)


class Sighting(models.Model):
    """One appearance of a rumour: when, and on which official account. The comment is named as long as it is kept."""

    record_class = "rumour"

    rumour = models.ForeignKey(Rumour, on_delete=models.PROTECT, related_name="sightings")
    comment_id = models.BigIntegerField(null=True, blank=True)
    """Empty once the comment is gone or withheld. No foreign key: its disposal waits for nothing here."""
    official_account = models.ForeignKey(OfficialAccount, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    noted_at = models.DateTimeField()
    asks = models.BooleanField(default=False)
    """Whether it asks if it is so, rather than says it."""
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """Who added it; nobody where software found it."""

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rumour", "comment_id"],
                condition=Q(comment_id__isnull=False),
                name="sighting_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["comment_id"], condition=Q(comment_id__isnull=False), name="sighting_comment"
            ),
        ]

    def __str__(self) -> str:
        return f"appearance {self.pk} of {self.rumour}"


class RumourEvidence(models.Model):
    """Where somebody looked, what it says, and whether it speaks for or against. Never edited."""

    record_class = "rumour"

    class Speaks(models.TextChoices):
        AGAINST = "against", "Speaks against it"
        FOR = "for", "Speaks for it"
        NEITHER = "neither", "Neither"

    rumour = models.ForeignKey(Rumour, on_delete=models.PROTECT, related_name="evidence")
    says = models.CharField(max_length=500)
    """What it shows, in our words: a snapshot that stays when the page behind the link is gone."""
    link = models.CharField(max_length=500, blank=True)
    speaks = models.CharField(max_length=7, choices=Speaks)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=~Q(says=""), name="rumour_evidence_says")]

    def __str__(self) -> str:
        return f"evidence on {self.rumour}"


class RumourPost(models.Model):
    """A post that answers a rumour: a holding line, or the correction."""

    record_class = "rumour"

    class Kind(models.TextChoices):
        HOLDING = "holding", "Holding line"
        CORRECTION = "correction", "Correction"

    rumour = models.ForeignKey(Rumour, on_delete=models.PROTECT, related_name="posts")
    post = models.OneToOneField(Post, on_delete=models.PROTECT, related_name="rumour_link")
    kind = models.CharField(max_length=10, choices=Kind)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display().lower()} on {self.rumour}"


class RumourChange(models.Model):
    """One step of a rumour: what happened, when, who did it and what they said. Never edited."""

    record_class = "rumour"

    rumour = models.ForeignKey(Rumour, on_delete=models.PROTECT, related_name="changes")
    event = models.CharField(max_length=20)
    says = models.CharField(max_length=700)
    """A sentence for whoever reads the story."""
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.rumour}: {self.event}"


class AreaDay(models.Model):
    """How many comments of one category named a place of a neighbourhood on one London day. No words, no people.

    Those on official accounts of the neighbourhood itself are not among them: CommentDay counts these. One that names
    places of two counts for both. Counted anew for two days, then it stays as it was.
    """

    record_class = "surge"

    neighbourhood = models.ForeignKey(Neighbourhood, on_delete=models.PROTECT, related_name="days")
    day = models.DateField()
    category = models.CharField(max_length=40, choices=Category)
    comments = models.PositiveIntegerField()

    class Meta:
        ordering = ["day", "id"]
        constraints = [
            models.UniqueConstraint(fields=["neighbourhood", "day", "category"], name="area_day_once")
        ]
        indexes = [models.Index(fields=["day"], name="area_day_by_day")]

    def __str__(self) -> str:
        return f"{self.neighbourhood}, {self.day}: {self.comments}"


class AreaMood(models.Model):
    """How comments that a neighbourhood raised on one London day sounded, as far as software can tell: numbers alone.

    An aid for the eye beside the measured accuracy (insights.sentiment); nothing is decided by it.
    """

    record_class = "surge"

    neighbourhood = models.ForeignKey(Neighbourhood, on_delete=models.PROTECT, related_name="moods")
    day = models.DateField()
    pleased = models.PositiveIntegerField()
    neutral = models.PositiveIntegerField()
    displeased = models.PositiveIntegerField()

    class Meta:
        ordering = ["day", "id"]
        constraints = [models.UniqueConstraint(fields=["neighbourhood", "day"], name="area_mood_once")]

    def __str__(self) -> str:
        return f"{self.neighbourhood}, {self.day}: {self.pleased} pleased, {self.displeased} displeased"
