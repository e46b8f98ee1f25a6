"""Who is on call: rotas of people, and posts that are always staffed and need no sign-in."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from staff.models import StaffMember


class Post(models.Model):
    """A post that somebody always holds, such as the force incident manager. Nobody signs in as it."""

    record_class = "schedule"

    name = models.CharField(max_length=120, unique=True)
    phone = models.CharField(max_length=30, blank=True)
    """Read out to whoever has to ring it."""
    mobile = models.CharField(max_length=30, blank=True)
    """Where its texts go."""
    email = models.EmailField("e-mail", max_length=254, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Rota(models.Model):
    """A list of who is on call when, such as "Silver commander"."""

    record_class = "schedule"

    name = models.CharField(max_length=120, unique=True)
    what_for = models.CharField(max_length=300, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class RotaImport(models.Model):
    """A file of shifts as it was read: what each row comes to, shown before anything is changed."""

    record_class = "schedule"

    rota = models.ForeignKey(Rota, on_delete=models.PROTECT, related_name="imports")
    file_name = models.CharField(max_length=200)
    rows = models.JSONField(default=list)
    """[{row, email, person, called, starts, ends, problem}], instants in UTC."""
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return f"{self.file_name} for {self.rota}"


class Shift(models.Model):
    """One person on call on one rota from one instant to another. Withdrawn, never deleted.

    A cover stands above the shifts beside it: while it lasts, its person is called in their place.
    """

    record_class = "schedule"

    rota = models.ForeignKey(Rota, on_delete=models.PROTECT, related_name="shifts")
    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cover = models.BooleanField(default=False)
    source = models.ForeignKey(
        RotaImport, on_delete=models.PROTECT, null=True, blank=True, related_name="shifts"
    )
    given_by_name = models.CharField(max_length=200)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [
            models.Index(fields=["rota", "ends_at"], condition=Q(withdrawn_at=None), name="shift_on_rota"),
            models.Index(
                fields=["person", "ends_at"], condition=Q(withdrawn_at=None), name="shift_of_person"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="shift_has_length"),
            models.UniqueConstraint(
                fields=["rota", "person", "starts_at"],
                condition=Q(withdrawn_at=None),
                name="shift_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} on {self.rota}"
