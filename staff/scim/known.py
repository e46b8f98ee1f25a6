"""What of the platform the force's directory may know of, and what is kept of what it sends.

Apart from the resources, because programs that never speak SCIM need this as well and start sooner without them.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet

from core import clock
from staff.models import DirectoryGroup, Membership, StaffMember, Team

ROOT = "/scim/v2"
WORK = "work"


@dataclass(frozen=True)
class Details:
    """What the platform keeps of a person."""

    user_name: str
    external_id: str | None
    name: str
    rank: str
    email: str
    phone: str
    active: bool


def people() -> QuerySet[StaffMember]:
    """Everybody whom the directory may know of: all staff members but those whom it deleted."""
    groups = DirectoryGroup.objects.filter(removed_at=None).values("team")
    return (
        StaffMember.objects.filter(Q(directory=None) | Q(directory__removed_at=None))
        .select_related("directory")
        .prefetch_related(
            Prefetch(
                "membership_set",
                _live(Membership.objects.filter(team__in=groups)).select_related("team").order_by("team_id"),
                to_attr="directory_places",
            )
        )
    )


def groups() -> QuerySet[Team]:
    """The teams that the directory keeps."""
    return (
        Team.objects.filter(directory__removed_at=None, directory__isnull=False)
        .select_related("directory")
        .prefetch_related(
            Prefetch(
                "membership_set",
                _live(Membership.objects.filter(known_members())).order_by("member_id"),
                to_attr="live_places",
            )
        )
    )


def known_members() -> Q:
    """Places of people whom the directory may know of, leavers too: it may take them back."""
    return Q(member__directory=None) | Q(member__directory__removed_at=None)


def _live(places: QuerySet[Membership]) -> QuerySet[Membership]:
    at = clock.now()
    return places.filter(since__lte=at).filter(Q(until=None) | Q(until__gt=at))
