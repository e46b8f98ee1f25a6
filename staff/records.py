"""What retention must know of staff members and their sign-ins."""

from __future__ import annotations

from core.records import RecordClass, Subject
from staff.models import StaffMember


def snapshot(person: StaffMember) -> list[tuple[str, str]]:
    """Who it is, and since when; nothing of their sign-in."""
    return [("Name", person.called), ("Joined", f"{person.joined_at:%d %B %Y}")]


SUBJECTS = (
    Subject("staff.staffmember", "Staff member", "staff_staffmember", named_by="called", snapshot=snapshot),
)

CLASSES = (
    RecordClass("staff_record", "Kept until a person decides, when somebody has left."),
    RecordClass(
        "security_log",
        "Swept within a day: keyed hashes alone.",
        tables=("otp_static_statictoken", "otp_static_staticdevice", "otp_totp_totpdevice"),
    ),
    RecordClass(
        "sign_in_session",
        "Swept when it is over for so long; a second factor goes when somebody leaves or replaces it.",
        tables=(
            "django_session",
            "django_otp_webauthn_webauthncredential",
            "django_otp_webauthn_webauthnattestation",
            "django_otp_webauthn_webauthnuserhandle",
        ),
    ),
)
