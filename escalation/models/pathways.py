"""Pathways: what happens to a case of one kind. Data, not code, and versioned: a case keeps the version it began with."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from escalation.models.rotas import Post, Rota
from moderation.categories import Category, Priority
from retention import statutory
from staff.models import StaffMember
from staff.roles import Role


class Pathway(models.Model):
    """A kind of risk or of business, under a name that stays. What happens stands in its versions."""

    record_class = "schedule"

    slug = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=120)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class PathwayVersion(models.Model):
    """One version of a pathway: a draft, the one that is live, or one that was."""

    record_class = "schedule"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        LIVE = "live", "Live"
        RETIRED = "retired", "Replaced"

    class Clock(models.TextChoices):
        ALWAYS = "always", "Day and night"
        WORKING = "working", "Working hours"

    pathway = models.ForeignKey(Pathway, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)

    owner = models.CharField(max_length=120, blank=True)
    """The post that answers for this pathway."""
    review_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=400, blank=True)
    """Where its rules come from, or that the force has to confirm them."""

    categories = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    floor = models.PositiveSmallIntegerField(default=0)
    """A machine finding of these categories at this priority or more urgent alerts the desk; 0: none does."""
    desk_minutes = models.PositiveSmallIntegerField(default=10)
    """How long the desk may leave an alert unseen before the first level is called without it."""
    first_team = models.CharField(max_length=120, blank=True)
    """Who takes it up first, in words."""
    advice = models.TextField(blank=True)
    """What the person who escalates should do meanwhile, e.g. ring the control room."""
    must_record = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    """What has to stand in the case before it is closed."""
    told = ArrayField(models.CharField(max_length=30, choices=Role), default=list, blank=True)
    """Holders of these roles are told, without being called."""

    act_within_minutes = models.PositiveSmallIntegerField(default=15)
    """The second clock: whoever has the case records an act by then, or the ladder goes on."""
    deadline_minutes = models.PositiveIntegerField(null=True, blank=True)
    """The service level: by when the matter is dealt with, on the clock below. None: the risk alone counts."""
    deadline_says = models.CharField(max_length=120, blank=True)
    """What is due then, e.g. "The crime is recorded"."""
    deadline_clock = models.CharField(max_length=8, choices=Clock, default=Clock.ALWAYS)
    deadline_law = models.CharField(
        max_length=14, choices=statutory.Law, blank=True, default="", db_default=""
    )
    """The service level is a clock that the law sets, in place of minutes."""
    deadline_warn_minutes = models.PositiveIntegerField(null=True, blank=True)
    """How long before the deadline whoever has the case is called to it. None: the page alone counts down."""

    made_at = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_by_name = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    live_at = models.DateTimeField(null=True, blank=True)
    live_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pathway", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["pathway", "number"], name="pathway_version_once"),
            models.UniqueConstraint(fields=["pathway"], condition=Q(state="live"), name="pathway_one_live"),
            models.UniqueConstraint(fields=["pathway"], condition=Q(state="draft"), name="pathway_one_draft"),
            models.CheckConstraint(condition=Q(floor__lte=Priority.NONE), name="pathway_floor"),
            models.CheckConstraint(
                condition=Q(deadline_law="") | Q(deadline_minutes=None), name="pathway_law_or_minutes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pathway}, version {self.number}"

    @property
    def law_source(self) -> str:
        """Where the law sets its clock; empty where the force does."""
        return statutory.source(self.deadline_law) if self.deadline_law else ""

    @property
    def category_names(self) -> list[str]:
        """Its findings, in words."""
        return [Category(slug).label for slug in self.categories if slug in Category.values]

    @property
    def told_names(self) -> list[str]:
        """Whom it tells without calling them, in words."""
        return [Role(slug).label for slug in self.told if slug in Role.values]


class Level(models.Model):
    """One rung of a version's ladder: whom it calls, by which ways, and how long they have to acknowledge."""

    record_class = "schedule"

    class Kind(models.TextChoices):
        ROLE = "role", "Holders of a role"
        ROTA = "rota", "Whoever is on call on a rota"
        POST = "post", "A post without a sign-in"

    version = models.ForeignKey(PathwayVersion, on_delete=models.CASCADE, related_name="levels")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=4, choices=Kind, default=Kind.ROLE)
    role = models.CharField(max_length=30, choices=Role, blank=True)
    rota = models.ForeignKey(Rota, on_delete=models.PROTECT, null=True, blank=True, related_name="levels")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="levels")
    ways = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    """How they are reached beside the page with its sound: email, sms, teams, slack."""
    acknowledge_within_s = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="level_once"),
            models.CheckConstraint(
                condition=Q(kind="role", rota=None, post=None) & ~Q(role="")
                | Q(kind="rota", rota__isnull=False, role="", post=None)
                | Q(kind="post", post__isnull=False, role="", rota=None),
                name="level_calls_one_kind",
            ),
            models.CheckConstraint(
                condition=Q(acknowledge_within_s__gte=10, acknowledge_within_s__lte=86_400),
                name="level_time",
            ),
        ]

    def __str__(self) -> str:
        return self.called

    @property
    def called(self) -> str:
        """Whom it calls, in words."""
        if self.kind == self.Kind.ROTA and self.rota is not None:
            return self.rota.name
        if self.kind == self.Kind.POST and self.post is not None:
            return self.post.name
        return str(self.get_role_display())
