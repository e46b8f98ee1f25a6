"""Who has to approve what: the steps as data, approvals by telephone, cover, and what is looked at afterwards."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from accounts.models import Neighbourhood, OfficialAccount
from publishing.models_checks import Declaration
from staff.models import StaffMember


class StepsVersion(models.Model):
    """The force's approval steps, in one version. One is in force at most, and one is being written at most.

    Where none is in force yet, everything takes one approver, and two where a check asks for them.
    """

    record_class = "published_post"

    class State(models.TextChoices):
        DRAFT = "draft", "Being written"
        ASKED = "asked", "Waits for a second person"
        LIVE = "live", "In force"
        REPLACED = "replaced", "Replaced"
        DROPPED = "dropped", "Dropped"

    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    why = models.CharField(max_length=300, blank=True)
    """What is different and why, for its history."""
    day_begins = models.TimeField()
    day_ends = models.TimeField()
    """London. On a working day what lies between is "in hours"; the rest of it is "night"."""
    sample_percent = models.PositiveSmallIntegerField()
    """Of the posts that go out without prior approval: how many in a hundred are looked at afterwards."""
    sample_within_hours = models.PositiveSmallIntegerField()
    urgent_within_minutes = models.PositiveSmallIntegerField()
    """So soon after an urgent post went out a second person has looked at it."""
    telephone_within_hours = models.PositiveSmallIntegerField()
    """So soon an approval by telephone is confirmed."""
    two_by_telephone = models.BooleanField(default=False)
    """Whether two people on the telephone count as two; else one of them at most counts."""
    deletion_by_one = models.BooleanField(default=True)
    """Taking down what stands takes one approver, whatever the steps say: harm ends sooner."""
    weakens = models.JSONField(default=list, blank=True)
    """Where it asks for less than the one before, as sentences, as it was put in force."""
    written_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    live_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(F("state"), condition=Q(state="live"), name="steps_version_one_live"),
            models.UniqueConstraint(
                Func(F("state"), template="(%(expressions)s IN ('draft', 'asked'))"),
                condition=Q(state__in=["draft", "asked"]),
                name="steps_version_one_written",
            ),
            models.CheckConstraint(
                condition=Q(sample_percent__lte=100)
                & Q(sample_within_hours__gte=1, sample_within_hours__lte=720)
                & Q(urgent_within_minutes__gte=5, urgent_within_minutes__lte=1440)
                & Q(telephone_within_hours__gte=1, telephone_within_hours__lte=168)
                & Q(day_ends__gt=F("day_begins")),
                name="steps_version_bounds",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("asked_by")),
                name="steps_version_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["live", "replaced"]) | Q(live_at__isnull=False),
                name="steps_version_live_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["live", "replaced"]) | Q(weakens=[]) | Q(confirmed_by__isnull=False),
                name="steps_version_weaker_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of the approval steps"


class StepRule(models.Model):
    """One line of the steps: where, for what and when, and who has to approve it then."""

    record_class = "published_post"

    class Needs(models.TextChoices):
        ONE = "one", "One approver"
        TWO = "two", "Two approvers"
        ANY = "any", "Any one of those named"
        ALL = "all", "All of those named"
        NONE = "none", "Nobody beforehand, for a trusted author whose post passes every check"

    class When(models.TextChoices):
        HOURS = "hours", "In hours"
        NIGHT = "night", "At night"
        WEEKEND = "weekend", "At weekends and on bank holidays"

    version = models.ForeignKey(StepsVersion, on_delete=models.PROTECT, related_name="rules")
    name = models.CharField(max_length=120)
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    neighbourhood = models.ForeignKey(
        Neighbourhood, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    platform = models.CharField(max_length=20, blank=True)
    kinds = ArrayField(models.CharField(max_length=8, choices=Declaration.Kind), default=list, blank=True)
    """Of what kind a post is declared to be; empty: any."""
    when = ArrayField(models.CharField(max_length=8, choices=When), default=list, blank=True)
    """When it goes out, London; empty: at any time."""
    needs = models.CharField(max_length=4, choices=Needs)
    parties = models.JSONField(default=list, blank=True)
    """For "any" and "all": "role:comms_approver", "team:12" or "telephone:gold"."""
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(official_account=None, neighbourhood=None)
                | Q(official_account=None, platform="")
                | Q(neighbourhood=None, platform=""),
                name="step_rule_one_place",
            ),
            models.CheckConstraint(
                condition=(Q(needs__in=["any", "all"]) & ~Q(parties=[]))
                | (~Q(needs__in=["any", "all"]) & Q(parties=[])),
                name="step_rule_names_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Trust(models.Model):
    """An author whose posts may go out without prior approval, where the steps say so. Given and withdrawn with a reason."""

    record_class = "published_post"

    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="trusts")
    given_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    why = models.CharField(max_length=300)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_why = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-given_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(withdrawn_at=None), name="trust_one_live"),
            models.CheckConstraint(condition=~Q(given_by=F("person")), name="trust_by_another"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_why=""),
                name="trust_withdrawn_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"trust in {self.person}"


class Requirement(models.Model):
    """What was required of a post, in one version of it, when it was let go. Read again before it leaves. Never changed."""

    record_class = "published_post"

    post = models.ForeignKey("publishing.Post", on_delete=models.PROTECT, related_name="requirements")
    version = models.PositiveIntegerField()
    correction = models.ForeignKey(
        "publishing.Correction", on_delete=models.PROTECT, null=True, blank=True, related_name="requirements"
    )
    """Where it is about other words for what stands, or its deletion."""
    content_hash = models.CharField(max_length=64)
    steps = models.ForeignKey(StepsVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """By which steps; empty: as they came."""
    count = models.PositiveSmallIntegerField()
    """How many people; 0: it went without prior approval."""
    groups = models.JSONField(default=list, blank=True)
    """For each rule that names people: its groups, each the parties of which one has to have approved it."""
    why = models.JSONField(default=list, blank=True)
    """Rules and checks that asked for it, by name."""
    two_by_telephone = models.BooleanField(default=False)
    when = models.CharField(max_length=8, choices=StepRule.When)
    """The part of the week in which it was to go out."""
    publish_at = models.DateTimeField(null=True, blank=True)
    """Its time in what was approved: a person may release it at another since."""
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["post", "version", "-id"], name="requirement_of_post")]

    def __str__(self) -> str:
        return f"what version {self.version} of {self.post} required"


class TelephoneApproval(models.Model):
    """The yes of somebody who was not at a screen, as whoever took the call recorded it. Never changed.

    Source: APP engagement and communication: high-profile statements are approved by the SIO or gold.
    """

    record_class = "published_post"

    class Function(models.TextChoices):
        SIO = "sio", "Senior investigating officer"
        GOLD = "gold", "Gold commander"
        MANAGER = "fim", "Force incident manager"

    class Known(models.TextChoices):
        NUMBER = "number", "Collar or warrant number"
        CALLED_BACK = "called_back", "Called back on a number that we hold"

    post = models.ForeignKey("publishing.Post", on_delete=models.PROTECT, related_name="telephone_approvals")
    version = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    """Of what was read out (publishing.checks.prepared.Prepared.content_hash)."""
    name = models.CharField(max_length=120)
    function = models.CharField(max_length=4, choices=Function)
    known_by = models.CharField(max_length=11, choices=Known)
    known_as = models.CharField(max_length=40)
    """The number of the officer, or that on which they were called back."""
    said_at = models.DateTimeField()
    recorded_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["recorded_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(known_as=""), name="telephone_approval_says_who"
            ),
            models.CheckConstraint(
                condition=Q(said_at__lte=F("recorded_at")), name="telephone_approval_said_before"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} approved version {self.version} of {self.post} by telephone"

    @property
    def called(self) -> str:
        """The person with their function, for sentences."""
        return f"{self.name} ({self.get_function_display().lower()}, by telephone)"


class CorrectionApproval(models.Model):
    """One person's yes to a correction of what stands, bound to its words. Never changed."""

    record_class = "published_post"

    correction = models.ForeignKey(
        "publishing.Correction", on_delete=models.PROTECT, related_name="approvals"
    )
    approver = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    content_hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["correction", "approver"], name="correction_approval_once")
        ]

    def __str__(self) -> str:
        return f"{self.approver} approved {self.correction}"


class Cover(models.Model):
    """Who stands in for an approver, from when until when. The cover's own rights are what counts at each act."""

    record_class = "published_post"

    approver = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="covers")
    cover = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="covers_for")
    since = models.DateTimeField()
    until = models.DateTimeField()
    why = models.CharField(max_length=300)
    named_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(approver=F("cover")), name="cover_is_another"),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="cover_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="cover_ended_by_someone",
            ),
            ExclusionConstraint(
                name="cover_one_at_a_time",
                expressions=[
                    (
                        Func(
                            "since",
                            "until",
                            RangeBoundary(),
                            function="TSTZRANGE",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    ("approver", RangeOperators.EQUAL),
                ],
                condition=Q(ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cover} for {self.approver}"


class AfterLook(models.Model):
    """Something that went out and that another person looks at afterwards, by a deadline that climbs."""

    record_class = "published_post"

    class Why(models.TextChoices):
        SAMPLE = "sample", "Went out without prior approval, and was drawn"
        URGENT = "urgent", "Was urgent: the second approval comes afterwards"
        TELEPHONE = "telephone", "Was approved by telephone, to be confirmed"

    class Verdict(models.TextChoices):
        FINE = "fine", "Fine"
        CORRECT = "correct", "To be corrected"
        TAKE_DOWN = "take_down", "To be taken down"

    post = models.ForeignKey("publishing.Post", on_delete=models.PROTECT, related_name="after_looks")
    version = models.PositiveIntegerField()
    why = models.CharField(max_length=9, choices=Why)
    telephone = models.OneToOneField(
        TelephoneApproval, on_delete=models.PROTECT, null=True, blank=True, related_name="look"
    )
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    """It climbs at this time, and once more when as long again has passed."""
    climbed = models.PositiveSmallIntegerField(default=0)
    """How often it has: first those who approve there are told, then duty command."""
    verdict = models.CharField(max_length=9, choices=Verdict, blank=True)
    said = models.CharField(max_length=500, blank=True)
    trust_withdrawn = models.BooleanField(default=False)
    decided_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [models.Index(fields=["due_at"], condition=Q(verdict=""), name="after_look_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["post", "version", "why"],
                condition=~Q(why="telephone"),
                name="after_look_once",
            ),
            models.CheckConstraint(
                condition=(Q(why="telephone") & Q(telephone__isnull=False))
                | (~Q(why="telephone") & Q(telephone=None)),
                name="after_look_of_a_call",
            ),
            models.CheckConstraint(
                condition=Q(verdict="", decided_by=None, decided_at=None)
                | (~Q(verdict="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="after_look_decided_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"look at {self.post}"

    @property
    def open(self) -> bool:
        return not self.verdict


class PostQuestion(models.Model):
    """What an approver asks the author while a post waits, and the answer. The words of the post stay as they are."""

    record_class = "published_post"

    post = models.ForeignKey("publishing.Post", on_delete=models.PROTECT, related_name="questions")
    version = models.PositiveIntegerField()
    question = models.CharField(max_length=500)
    asked_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=500, blank=True)
    answered_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_by=None, answered_at=None)
                | (~Q(answer="") & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="post_question_answered_by_someone",
            )
        ]

    def __str__(self) -> str:
        return f"question about {self.post}"
