"""What the public tells on an appeal: by a form, or under its posts and in messages."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.models import Neighbourhood, OfficialAccount
from media.models import File
from publishing.models import Appeal
from staff.models import StaffMember


class Tip(models.Model):
    """One thing that somebody told on an appeal. Hostile until escaped.

    The words of a comment stay with the comment, whose number is no foreign key, so that its disposal waits for
    nothing here. How to reach whoever told stands apart (`TipContact`). `needs_case` is a fact for escalation.
    """

    record_class = "appeal_tip"

    class Way(models.TextChoices):
        FORM = "form", "Public form"
        COMMENT = "comment", "Comment under a post"
        MESSAGE = "message", "Message"

    class State(models.TextChoices):
        NEW = "new", "Not looked at"
        PASSED_ON = "passed_on", "Passed on"
        SETTLED = "settled", "Nothing to do"

    class As(models.TextChoices):
        SIGHTING = "sighting", "Sighting"
        INTELLIGENCE = "intelligence", "Intelligence"

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="tips")
    way = models.CharField(max_length=7, choices=Way)
    official_account = models.ForeignKey(
        OfficialAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="tips"
    )
    """Of the comment or message; empty for the form, which belongs to every official account of the appeal."""
    comment_id = models.BigIntegerField(null=True, blank=True, unique=True)
    reference = models.CharField(max_length=9, unique=True)
    """What somebody is given for their tip."""
    words = models.TextField(blank=True)
    when = models.CharField(max_length=200, blank=True)
    """When it was, as they said it."""
    place = models.CharField(max_length=200, blank=True)
    """Where it was, as they said it."""
    area = models.ForeignKey(
        Neighbourhood, on_delete=models.PROTECT, null=True, blank=True, related_name="tips"
    )
    latitude = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    source_key = models.CharField(max_length=64, blank=True)
    """A keyed hash of where the form came from: it limits how often one source tells something."""
    received_at = models.DateTimeField()
    grouped_at = models.DateTimeField(null=True, blank=True)
    like = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="alike")
    """The first tip that says nearly the same."""
    state = models.CharField(max_length=9, choices=State, default=State.NEW)
    passed_as = models.CharField(max_length=12, choices=As, blank=True)
    decided_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_why = models.CharField(max_length=500, blank=True)
    needs_case = models.CharField(max_length=12, blank=True, default="", db_default="")

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [
            models.Index(fields=["appeal", "state", "-received_at"], name="tip_inbox"),
            models.Index(fields=["id"], condition=Q(grouped_at=None), name="tip_to_group"),
            models.Index(fields=["id"], condition=~Q(needs_case=""), name="tip_needs_case"),
            models.Index(fields=["source_key", "received_at"], name="tip_by_source"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(way="form", comment_id=None, official_account=None) & ~Q(source_key="")
                | ~Q(way="form") & Q(comment_id__isnull=False, official_account__isnull=False, words=""),
                name="tip_of_one_way",
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
                name="tip_on_the_earth",
            ),
            models.CheckConstraint(
                condition=Q(state="new", decided_by=None, decided_at=None, passed_as="")
                | Q(state="settled", decided_by__isnull=False, decided_at__isnull=False, passed_as="")
                | Q(state="passed_on", decided_by__isnull=False, decided_at__isnull=False) & ~Q(passed_as=""),
                name="tip_decided_whole",
            ),
            models.CheckConstraint(condition=~Q(like=models.F("pk")), name="tip_like_another"),
        ]

    def __str__(self) -> str:
        return f"tip {self.reference}"


class TipContact(models.Model):
    """How to reach whoever told it, kept apart: each reading is audited."""

    record_class = "appeal_tip"

    tip = models.OneToOneField(Tip, on_delete=models.PROTECT, related_name="contact")
    name = models.CharField(max_length=120, blank=True)
    telephone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=254, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="", telephone="", email=""), name="tip_contact_says_something"
            )
        ]

    def __str__(self) -> str:
        return f"contact of {self.tip}"


class TipFile(models.Model):
    """A photo or video that came with a tip: the sealed original, and the copy that staff open."""

    record_class = "appeal_tip"

    tip = models.ForeignKey(Tip, on_delete=models.PROTECT, related_name="files")
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"file of {self.tip}"
