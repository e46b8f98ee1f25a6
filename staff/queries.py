"""Who works here, and what they have set up to sign in with."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from core.errors import NotFound, NotPermitted
from staff.models import StaffMember


def has_app(viewer: StaffMember) -> bool:
    """Whether the viewer has set up an authenticator app."""
    return TOTPDevice.objects.filter(user=viewer, confirmed=True).exists()


def codes_left(viewer: StaffMember) -> int:
    """How many of the viewer's recovery codes are unused."""
    return StaticToken.objects.filter(device__user=viewer, device__confirmed=True).count()


def members(viewer: StaffMember, *, words: str = "", left: bool = False) -> QuerySet[StaffMember]:
    """Staff members, those who have left only where asked for, found by name or e-mail address.

    Each carries `ready`: whether an authenticator app is set up. Raises NotPermitted.
    """
    _require_manager(viewer)
    found = StaffMember.objects.filter(active=not left).annotate(
        ready=Exists(TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True))
    )
    for word in words.replace("\x00", "").split()[:5]:
        found = found.filter(name__icontains=word) | found.filter(email__icontains=word)
    return found.order_by("name", "id")


def member(viewer: StaffMember, pk: int) -> StaffMember:
    """One staff member. Raises NotPermitted, or NotFound."""
    _require_manager(viewer)
    try:
        return StaffMember.objects.get(pk=pk)
    except StaffMember.DoesNotExist:
        raise NotFound("There is no such staff member.") from None


def _require_manager(viewer: StaffMember) -> None:
    if not viewer.has_perm("accounts.manage_staff"):
        raise NotPermitted("The list of staff members belongs to the service administrators.")
