"""The exercise network: a small social network inside the platform, for training, demo and tests.

It knows nothing of the rest of the platform: its connector talks to it over HTTP like to any
other network. Nothing in it is about a real person.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Profile(models.Model):
    """Somebody on the exercise network: a member of the public, or an official account of the force."""

    record_class = "exercise"

    class Weather(models.TextChoices):
        """How the network treats an official profile's connector: what a drill or a test asks for."""

        FAIR = "fair", "Fair: everything works"
        SLOW = "slow", "Slow: every answer takes two seconds"
        LIMITED = "limited", "Busy: asks to slow down and try again in 30 seconds (429)"
        REFUSING = "refusing", "Refusing: nothing may be written (403)"
        LOST = "lost", "Lost answers: what is asked is done, then answered with a fault (500)"
        GATEWAY = "gateway", "Down: a gateway's error page, nothing is done (502)"

    handle = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=80)
    official = models.BooleanField(default=False)
    about = models.CharField(max_length=200, blank=True)
    token_hash = models.CharField(max_length=64, blank=True)
    """SHA-256 of the bearer token that an official profile's connector uses; empty for the public."""
    weather = models.CharField(max_length=10, choices=Weather, default=Weather.FAIR)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"@{self.handle}"


class Message(models.Model):
    """A post, a reply under one, or a private message to an official profile."""

    record_class = "exercise"

    author = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="messages")
    text = models.TextField()
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replies"
    )
    root = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="thread")
    private_to = models.ForeignKey(
        Profile, on_delete=models.PROTECT, null=True, blank=True, related_name="private_messages"
    )
    key = models.CharField(max_length=64, blank=True)
    """The sender's own key: the same key by the same author is the same message (idempotent send)."""
    mentions = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    """Every handle that its words ever named: who was told of it must also be told when an edit takes the name out."""
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)
    held_why = models.CharField(max_length=40, blank=True, default="", db_default="")
    """Why the network itself keeps it from the public until the official profile shows it; else empty."""
    removed_by = models.CharField(max_length=8, blank=True, default="", db_default="")
    """Who deleted it: "author", "platform", or "us" where the official profile under whose post it stood did;
    empty where nobody says."""
    changed_seq = models.BigIntegerField(default=0)
    """Raised from one sequence at every change, so that a poll can ask for all that changed since."""

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["changed_seq"], name="exercise_changed"),
            models.Index(fields=["root", "created_at"], name="exercise_thread"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["author", "key"], condition=~Q(key=""), name="exercise_key_once"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class Exclusion(models.Model):
    """An official profile keeps a member of the public away (block), or is shown no more of them (mute)."""

    record_class = "exercise"

    class Kind(models.TextChoices):
        BLOCK = "block", "Blocked"
        MUTE = "mute", "Muted"

    official = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="exclusions")
    person = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=5, choices=Kind)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["official", "person", "kind"], condition=Q(until=None), name="exercise_exclusion_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.kind} by {self.official}"


class Picture(models.Model):
    """An image on a message, kept small and re-encoded by whoever sent it."""

    record_class = "exercise"

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="pictures")
    content = models.BinaryField()
    content_type = models.CharField(max_length=40)
    alt_text = models.CharField(max_length=1000, blank=True)

    def __str__(self) -> str:
        return f"picture {self.pk}"


class Run(models.Model):
    """A scenario being played: started once, moved on by the scheduler, stopped or finished."""

    record_class = "exercise"

    class State(models.TextChoices):
        PLAYING = "playing", "Playing"
        FINISHED = "finished", "Finished"
        STOPPED = "stopped", "Stopped"

    scenario = models.SlugField(max_length=60)
    version = models.PositiveIntegerField(default=0, db_default=0)
    """Which version of a scenario of the force's own; 0 for one that came with the platform."""
    title = models.CharField(max_length=120)
    speed = models.FloatField(default=1.0)
    """Scenario seconds per real second."""
    state = models.CharField(max_length=8, choices=State, default=State.PLAYING)
    started_at = models.DateTimeField()
    started_by_name = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["scenario"], condition=Q(state="playing"), name="exercise_scenario_plays_once"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def speed_words(self) -> str:
        """The speed as trainers say it."""
        return f"{self.speed:g}×" if self.speed < 100_000 else "all at once"


class Line(models.Model):
    """One step of a run: somebody writes, edits or deletes at a second of the scenario.

    The truth (category, risk, expected hiding) stays here beside it for the trainer; the desk
    never sees it while the run plays.
    """

    record_class = "exercise"

    class Act(models.TextChoices):
        POST = "post", "Post"
        COMMENT = "comment", "Comment"
        EDIT = "edit", "Edit"
        DELETE = "delete", "Delete"
        WEATHER = "weather", "Weather"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="lines")
    act = models.CharField(max_length=7, choices=Act)
    key = models.CharField(max_length=40)
    at_s = models.PositiveIntegerField()
    due_at = models.DateTimeField()
    handle = models.CharField(max_length=30)
    name = models.CharField(max_length=80, blank=True)
    under_key = models.CharField(max_length=40, blank=True)
    private_to_handle = models.CharField(max_length=30, blank=True)
    text = models.TextField(blank=True)
    true_category = models.CharField(max_length=40, blank=True)
    true_risk = models.CharField(max_length=10, blank=True)
    hide_expected = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=300, blank=True, default="", db_default="")
    """For the trainer alone: who this is meant to be, and why it matters."""
    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True, blank=True)
    played_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at_s", "id"]
        indexes = [models.Index(fields=["due_at"], condition=Q(played_at=None), name="exercise_due")]
        constraints = [models.UniqueConstraint(fields=["run", "act", "key"], name="exercise_line_once")]

    def __str__(self) -> str:
        return f"{self.act} {self.key}"


class OwnScenario(models.Model):
    """A scenario that trainers of the force wrote or brought, beside those that came with the platform."""

    record_class = "exercise"

    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    """That of the newest version."""
    begun_at = models.DateTimeField()
    begun_by_name = models.CharField(max_length=200)
    retired_at = models.DateTimeField(null=True, blank=True)
    """Since when it is offered no more. Its versions and the runs of it stay."""

    class Meta:
        ordering = ["title", "id"]

    def __str__(self) -> str:
        return self.title


class ScenarioVersion(models.Model):
    """One version of a scenario of the force's own: a draft that is worked on, the one in use, or a former one.

    What a version holds is changed only while it is a draft; a run names the version that it played.
    """

    record_class = "exercise"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        LIVE = "live", "In use"
        PAST = "past", "Former"

    scenario = models.ForeignKey(OwnScenario, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=5, choices=State, default=State.DRAFT)
    content = models.JSONField()
    """The scenario as its file has it (exercise.scenarios)."""
    changes = models.PositiveIntegerField(default=0)
    """Raised by each change, so that two who work on it at once do not write over each other."""
    changed_at = models.DateTimeField()
    changed_by_name = models.CharField(max_length=200)
    in_use_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["scenario", "number"], name="exercise_version_once"),
            models.UniqueConstraint(
                fields=["scenario"], condition=Q(state="draft"), name="exercise_one_draft"
            ),
            models.UniqueConstraint(
                fields=["scenario"], condition=Q(state="live"), name="exercise_one_in_use"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scenario.title}, version {self.number}"
