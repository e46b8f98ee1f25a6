"""What checks go by and what they found: what an author declared, judgements, overrides, the force's own settings."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from staff.models import StaffMember


class Declaration(models.Model):
    """What its author says about a post besides its words: of what kind it is, and the answers to the checks' questions.

    It belongs to a version: changing it is an edit.
    """

    record_class = "published_post"

    class Kind(models.TextChoices):
        GENERAL = "general", "News, advice or an event"
        LIVE = "live", "Something that is happening now"
        WITNESS = "witness", "Appeal for witnesses or information"
        MISSING = "missing", "Missing person"
        WANTED = "wanted", "Wanted person"
        IDENTIFY = "identify", "Picture of somebody we want to identify"
        ARREST = "arrest", "Arrest"
        CHARGE = "charge", "Charge or a hearing to come"
        OUTCOME = "outcome", "Outcome at court"
        JOINT = "joint", "Joint with a partner"

    post = models.OneToOneField("publishing.Post", on_delete=models.PROTECT, related_name="declaration")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.GENERAL)
    answers = models.JSONField(default=dict, blank=True)
    """Question (publishing.checks.questions) -> what its author answered."""
    urgent_why = models.CharField(max_length=300, blank=True)
    """Why somebody's life may depend on it; empty where it is not urgent."""
    declared_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"what is declared of {self.post}"


class Judgement(models.Model):
    """What the checks found in a post exactly as it stood, when it was sent for approval or approved. Never changed.

    One row for each content and for what it was judged against: the same two are always judged alike.
    """

    record_class = "published_post"

    post = models.ForeignKey("publishing.Post", on_delete=models.PROTECT, related_name="judgements")
    version = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    """publishing.checks.prepared.Prepared.content_hash."""
    against = models.CharField(max_length=64)
    """SHA-256 over the checks and the force's settings by which it was judged."""
    findings = models.JSONField()
    """Each as publishing.checks.registry.Finding."""
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["post", "content_hash", "against"], name="judgement_once")
        ]

    def __str__(self) -> str:
        return f"checks of version {self.version} of {self.post}"


class Override(models.Model):
    """Somebody's decision that a post may go on though a check stops it: for this content alone. Never changed."""

    record_class = "published_post"

    post = models.ForeignKey("publishing.Post", on_delete=models.PROTECT, related_name="overrides")
    version = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    slug = models.CharField(max_length=40)
    """Of the check."""
    why = models.CharField(max_length=500)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["post", "content_hash", "slug"], name="override_once"),
            models.CheckConstraint(condition=~Q(why=""), name="override_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.slug} overridden on {self.post}"


class CheckSetting(models.Model):
    """The force's policy on one check: its level, and who may override it. A row is replaced, never changed."""

    record_class = "published_post"

    class Level(models.TextChoices):
        ADVICE = "advice", "Advice"
        SECOND = "second", "Two approvers"
        STOP = "stop", "Stop"

    class By(models.TextChoices):
        NOBODY = "", "Nobody"
        APPROVER = "approver", "Whoever may approve it and wrote none of it"
        COMMAND = "command", "Duty command"

    slug = models.CharField(max_length=40)
    level = models.CharField(max_length=8, choices=Level, blank=True)
    """At least this grave; empty: as the check has it."""
    override_by = models.CharField(max_length=10, choices=By, blank=True)
    set_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """Nobody: as it came."""
    set_at = models.DateTimeField()
    why = models.CharField(max_length=300)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-set_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["slug"], condition=Q(replaced_at=None), name="check_setting_one_live"
            )
        ]

    def __str__(self) -> str:
        return f"setting of {self.slug}"


class SensitivePeriod(models.Model):
    """Days before an election on which every post is looked at by two approvers.

    Source: College of Policing APP, Policing elections: the period of heightened sensitivity.
    """

    record_class = "published_post"

    name = models.CharField(max_length=120)
    first_on = models.DateField()
    last_on = models.DateField()
    """The London day of the vote."""
    added_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["first_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="sensitive_period_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_why=""),
                name="sensitive_period_ended_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class KnownValue(models.Model):
    """A site that posts may link to, a number that they may give, or a handle that they may name, as the force says."""

    record_class = "published_post"

    class Kind(models.TextChoices):
        DOMAIN = "domain", "Website"
        NUMBER = "number", "Telephone number"
        HANDLE = "handle", "Handle of an organisation"

    kind = models.CharField(max_length=6, choices=Kind)
    value = models.CharField(max_length=120)
    """A host ("wealdshire.example", which takes in what is under it), a number as +44…, or a handle without the @."""
    about = models.CharField(max_length=200)
    added_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["kind", "value"]
        constraints = [
            models.UniqueConstraint(
                Lower("value"), "kind", condition=Q(removed_at=None), name="known_value_once"
            )
        ]

    def __str__(self) -> str:
        return self.value


class FollowUp(models.Model):
    """What is put right after an urgent post has gone out, which an ordinary one would have waited for."""

    record_class = "published_post"

    post = models.ForeignKey("publishing.Post", on_delete=models.PROTECT, related_name="follow_ups")
    slug = models.CharField(max_length=40)
    sentence = models.CharField(max_length=500)
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    done_how = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["made_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["post", "slug"], condition=Q(done_at=None), name="follow_up_one_open"
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None)
                | Q(done_at__isnull=False, done_by__isnull=False) & ~Q(done_how=""),
                name="follow_up_done_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"to put right: {self.sentence}"
