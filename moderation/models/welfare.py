"""What looking at distressing things does to the people at the desk: their own settings, and what they met."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from staff.models import StaffMember


class Comfort(models.Model):
    """How somebody wants the public's pictures shown. Whoever chose nothing has all of it on."""

    record_class = "staff_record"

    person = models.OneToOneField(StaffMember, on_delete=models.PROTECT, related_name="comfort")
    blur = models.BooleanField("Blur pictures until I ask for them", default=True)
    grey = models.BooleanField("Show pictures in grey", default=True)
    tell_me = models.BooleanField("Tell me when I have met a lot in one day", default=True)

    def __str__(self) -> str:
        return f"comfort of {self.person}"


class Exposure(models.Model):
    """Somebody read a distressing comment, or opened a picture of the public, on one day. Counts once a day.

    Shown to the person alone; supervisors see sums of at least three people. Never a measure of work.
    The application may delete these rows (smmp.database.DELETABLE).
    """

    record_class = "welfare"

    class What(models.TextChoices):
        COMMENT = "comment", "Distressing comments"
        PICTURE = "picture", "Pictures"

    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="exposures")
    day = models.DateField()
    """London."""
    what = models.CharField(max_length=7, choices=What)
    subject_id = models.BigIntegerField()
    """The comment or the attachment. No foreign key, so that their disposal waits for nothing here."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "day", "what", "subject_id"], name="exposure_once_a_day"
            ),
        ]
        indexes = [models.Index(fields=["day"], name="exposure_by_day")]

    def __str__(self) -> str:
        return f"{self.what} met by {self.person}"


class WelfareRule(models.Model):
    """From how many distressing things in a day somebody is spoken to gently, and where they can turn. One row."""

    record_class = "schedule"

    per_day = models.PositiveSmallIntegerField("distressing things in one day", default=20)
    sentence = models.CharField(
        "what is said",
        max_length=300,
        default="You have met a lot today. Take a break, pass the next ones on, and talk to somebody about it.",
    )
    turn_to = models.CharField(
        "where to turn",
        max_length=300,
        default="Your supervisor, the force’s occupational health team, or Oscar Kilo, the National Police Wellbeing "
        "Service. In a crisis: Samaritans, 116 123, at any hour.",
    )
    set_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="welfare_rule_once"),
            models.CheckConstraint(condition=Q(per_day__gte=1), name="welfare_rule_number"),
        ]

    def __str__(self) -> str:
        return "when somebody is spoken to about their own welfare"
