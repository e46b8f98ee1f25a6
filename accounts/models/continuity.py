"""How the force goes on without a platform, or without this product: plans, tests, whom to ring, outages."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core import clock
from platforms import registry
from staff.models import StaffMember

PRODUCT = ""
"""What stands for a platform where the loss of this product is meant."""


class ContinuityPlan(models.Model):
    """The plan for the loss of one platform, or of this product. What it says stands in its versions."""

    record_class = "official_account"

    platform = models.CharField(max_length=20, blank=True, unique=True)
    """Slug of the platform; PRODUCT for the loss of this product."""
    owner = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="continuity_plans")
    version = models.PositiveIntegerField()
    review_on = models.DateField()
    """The London day by which it is read anew."""
    next_test_on = models.DateField()
    """The London day by which it is tried."""
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["platform"]
        constraints = [
            models.CheckConstraint(condition=Q(version__gt=0), name="continuity_plan_counts_from_one")
        ]

    def __str__(self) -> str:
        return f"plan for the loss of {self.what}"

    @property
    def what(self) -> str:
        """What is lost, in words."""
        return registry.NAMES.get(self.platform, self.platform) if self.platform else "this product"

    @property
    def slug(self) -> str:
        """How its address names it."""
        return self.platform or "product"

    @property
    def review_is_due(self) -> bool:
        return self.review_on < clock.today()

    @property
    def test_is_due(self) -> bool:
        return self.next_test_on < clock.today()


class ContinuityVersion(models.Model):
    """What a plan says from a moment on. Never changed: the next version takes its place."""

    record_class = "official_account"

    plan = models.ForeignKey(ContinuityPlan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    owner = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    first = models.TextField(max_length=2000)
    """What to do first."""
    alternative = models.TextField(max_length=2000)
    """The channel that is used in its place."""
    native = models.TextField(max_length=2000, blank=True)
    """How the official accounts are reached without this product. Never a password: the vault has those."""
    afterwards = models.TextField(max_length=2000, blank=True)
    """What is done when it is back."""
    messages = models.JSONField(default=list)
    """Ready messages: a list of {"who", "where", "words"}."""
    changes = models.CharField(max_length=300)
    """What is new in it."""
    written_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["plan", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="continuity_version_once"),
            models.CheckConstraint(condition=~Q(first="") & ~Q(alternative=""), name="continuity_words"),
        ]

    def __str__(self) -> str:
        return f"{self.plan}, version {self.number}"


class ContinuityTest(models.Model):
    """One trial of a plan, or one real loss: when, who, what was played, what worked and what did not. Never edited."""

    record_class = "official_account"

    class How(models.TextChoices):
        TABLE = "table", "Talked through"
        PLAYED = "played", "Played"
        REAL = "real", "It happened"

    plan = models.ForeignKey(ContinuityPlan, on_delete=models.PROTECT, related_name="tests")
    held_on = models.DateField()
    how = models.CharField(max_length=6, choices=How)
    scenario = models.CharField(max_length=1000)
    people = models.CharField("who took part", max_length=600)
    worked = models.TextField(max_length=2000)
    failed = models.TextField(max_length=2000, blank=True)
    recorded_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-held_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(scenario="") & ~Q(people="") & ~Q(worked=""), name="continuity_test_words"
            )
        ]

    def __str__(self) -> str:
        return f"test of the {self.plan}"


class ContinuityAction(models.Model):
    """What came out of a test: somebody does it by a day."""

    record_class = "official_account"

    test = models.ForeignKey(ContinuityTest, on_delete=models.PROTECT, related_name="actions")
    words = models.CharField(max_length=300)
    owner = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="continuity_actions")
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None, outcome="")
                | (Q(done_at__isnull=False, done_by__isnull=False) & ~Q(outcome="")),
                name="continuity_action_done_by_someone",
            )
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def is_overdue(self) -> bool:
        return self.done_at is None and self.due_on < clock.today()


class ContinuityContact(models.Model):
    """Whom to ring when nothing else works, and the number recorded for that. Struck off, the number is gone."""

    record_class = "staff_record"

    duty = models.CharField(max_length=120)
    """What they are rung for, such as "Opens the vault"."""
    name = models.CharField(max_length=120)
    person = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="continuity_contacts"
    )
    """Empty for somebody outside the force."""
    phone = models.CharField(max_length=30, blank=True)
    noted_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    noted_at = models.DateTimeField()
    struck_at = models.DateTimeField(null=True, blank=True)
    struck_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Empty where they left and the number went with them."""

    class Meta:
        ordering = ["duty", "name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(struck_at=None, struck_by=None) & ~Q(phone=""))
                | Q(struck_at__isnull=False, phone=""),
                name="continuity_contact_number_goes",
            )
        ]

    def __str__(self) -> str:
        return f"{self.duty}: {self.name}"


class Outage(models.Model):
    """A platform is down for the force: raised by itself or by a person, taken down by itself or by a person."""

    record_class = "operational"

    platform = models.CharField(max_length=20)
    began_at = models.DateTimeField()
    raised_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Empty: raised by itself."""
    why = models.CharField(max_length=400)
    people_told = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Empty: taken down by itself."""
    ended_why = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-began_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["platform"], condition=Q(ended_at=None), name="outage_once_live"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, ended_why="")
                | (Q(ended_at__gte=F("began_at")) & ~Q(ended_why="")),
                name="outage_ended_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} is down"

    @property
    def name(self) -> str:
        return registry.NAMES.get(self.platform, self.platform)


class OutageRule(models.Model):
    """When a platform counts as down by itself. The newest row holds; none is changed."""

    record_class = "schedule"

    accounts = models.PositiveSmallIntegerField()
    """So many official accounts of it fail at once."""
    minutes = models.PositiveSmallIntegerField()
    """And have done for so many minutes."""
    set_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        ordering = ["-set_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(accounts__gte=1, accounts__lte=100, minutes__gte=1, minutes__lte=1440),
                name="outage_rule_bounds",
            )
        ]

    def __str__(self) -> str:
        return f"{self.accounts} official accounts for {self.minutes} minutes"
