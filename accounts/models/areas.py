"""What the public reads of a policing area: where it is, whom to reach, which channels the force lists there."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models.register import Neighbourhood
from staff.models import StaffMember


class AreaDetails(models.Model):
    """A neighbourhood as data.police.uk describes one. Whole: each import replaces what stood before.

    Source: data.police.uk, "Specific neighbourhood" and "Neighbourhood boundary" (Open Government Licence v3.0).
    """

    record_class = "official_account"

    neighbourhood = models.OneToOneField(Neighbourhood, on_delete=models.PROTECT, related_name="details")
    force = models.CharField(max_length=60, blank=True)
    code = models.CharField(max_length=60, blank=True)
    """What the force calls the area in that data."""
    description = models.CharField(max_length=4000, blank=True)
    website = models.URLField(max_length=300, blank=True)
    email = models.EmailField(blank=True)
    telephone = models.CharField(max_length=40, blank=True)
    population = models.PositiveIntegerField(null=True, blank=True)
    centre = ArrayField(models.FloatField(), size=2, null=True, blank=True)
    """Latitude and longitude."""
    boundary = models.JSONField(default=list, blank=True)
    """[[latitude, longitude], ...]"""
    places = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    """Names of places and postcode districts by which the public finds the area."""
    channels = models.JSONField(default=list, blank=True)
    """[{"platform", "url"}, ...]: the accounts that the published data lists for the area."""
    source = models.CharField(max_length=300)
    imported_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    imported_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["force", "code"], condition=~Q(code=""), name="area_details_code_once"
            ),
        ]

    def __str__(self) -> str:
        return f"details of {self.neighbourhood}"
