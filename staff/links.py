"""One-use links by which somebody chooses a password and sets up their second factor.

A link is bound to the password hash and the authentication epoch at the time that it was made:
choosing a password, a newer link, renewing a sign-in and leaving the force each make it worthless.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from core.errors import NotValid
from staff.models import StaffMember

VALID_FOR = timedelta(hours=24)
RESET_VALID_FOR = timedelta(hours=1)
_SALT = "staff.enrol"
_RESET_SALT = "staff.reset"


def make(member: StaffMember) -> str:
    """The whole address of a fresh link."""
    return settings.PUBLIC_ADDRESS + reverse("staff:enrol", args=[_token(member, _SALT)])


def make_reset(member: StaffMember) -> str:
    """The whole address of a link by which a lost password is chosen anew; the second factor stays."""
    return settings.PUBLIC_ADDRESS + reverse("staff:new_password", args=[_token(member, _RESET_SALT)])


def owner(token: str) -> StaffMember:
    """Whose link it is. Raises NotValid for one that is spent, older than 24 hours, or not ours."""
    if (member := _owner(token, _SALT, VALID_FOR)) is None:
        raise NotValid(
            "This link has been used already or is older than 24 hours. Ask your service administrator "
            "for a new one."
        )
    return member


def owner_of_reset(token: str) -> StaffMember:
    """Whose link it is. Raises NotValid for one that is spent, older than an hour, or not ours."""
    if (member := _owner(token, _RESET_SALT, RESET_VALID_FOR)) is None:
        raise NotValid(
            "This link has been used already or is older than an hour. Ask for a new one on the sign-in page."
        )
    return member


def _token(member: StaffMember, salt: str) -> str:
    return signing.dumps([member.pk, _fingerprint(member)], salt=salt)


def _owner(token: str, salt: str, valid_for: timedelta) -> StaffMember | None:
    try:
        pk, fingerprint = signing.loads(token, salt=salt, max_age=valid_for)
        member = StaffMember.objects.get(pk=pk, active=True)
    except (signing.BadSignature, StaffMember.DoesNotExist, TypeError, ValueError):
        return None
    whole = member.is_active and constant_time_compare(fingerprint, _fingerprint(member))
    return member if whole else None


def _fingerprint(member: StaffMember) -> str:
    return salted_hmac(
        _SALT, f"{member.password}:{member.authentication_epoch}", algorithm="sha256"
    ).hexdigest()[:32]
