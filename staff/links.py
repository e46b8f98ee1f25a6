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
_SALT = "staff.enrol"


def make(member: StaffMember) -> str:
    """The whole address of a fresh link."""
    token = signing.dumps([member.pk, _fingerprint(member)], salt=_SALT)
    return settings.PUBLIC_ADDRESS + reverse("staff:enrol", args=[token])


def owner(token: str) -> StaffMember:
    """Whose link it is. Raises NotValid for one that is spent, older than 24 hours, or not ours."""
    try:
        pk, fingerprint = signing.loads(token, salt=_SALT, max_age=VALID_FOR)
        member = StaffMember.objects.get(pk=pk, active=True)
    except (signing.BadSignature, StaffMember.DoesNotExist, TypeError, ValueError):
        member, fingerprint = None, ""
    if member is None or not member.is_active or not constant_time_compare(fingerprint, _fingerprint(member)):
        raise NotValid(
            "This link has been used already or is older than 24 hours. Ask your service administrator "
            "for a new one."
        )
    return member


def _fingerprint(member: StaffMember) -> str:
    return salted_hmac(
        _SALT, f"{member.password}:{member.authentication_epoch}", algorithm="sha256"
    ).hexdigest()[:32]
