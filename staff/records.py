"""What retention must know of staff members and their sign-ins."""

from __future__ import annotations

from collections.abc import Iterator

from core.records import Found, Person, RecordClass, Subject, named_in
from staff.models import StaffMember


def snapshot(person: StaffMember) -> list[tuple[str, str]]:
    """Who it is, and since when; nothing of their sign-in."""
    return [("Name", person.called), ("Joined", f"{person.joined_at:%d %B %Y}")]


def about(person: Person, most: int) -> Iterator[Found]:
    """Somebody who works here, by name or e-mail address: what they did is for information security to give."""
    for one in StaffMember.objects.filter(named_in(person, "name", "email")).order_by("pk")[:most]:
        yield Found(
            "staff.staffmember",
            one.pk,
            "Staff record",
            one.joined_at,
            (("Name", one.name), ("E-mail address", one.email), ("Joined", f"{one.joined_at:%d %B %Y}")),
        )


SUBJECTS = (
    Subject("staff.staffmember", "Staff member", "staff_staffmember", named_by="called", snapshot=snapshot),
)

CLASSES = (
    RecordClass("staff_record", "Kept until a person decides, when somebody has left.", about=about),
    RecordClass(
        "security_log",
        "Swept within a day: keyed hashes alone.",
        not_searched="Hashes and secrets of sign-ins of staff, in which nobody can be looked for.",
        tables=("otp_static_statictoken", "otp_static_staticdevice", "otp_totp_totpdevice"),
    ),
    RecordClass(
        "sign_in_session",
        "Swept when it is over for so long; a second factor goes when somebody leaves or replaces it.",
        not_searched="Sign-ins of staff and their devices: information security gives them to a member of staff who asks.",
        tables=(
            "django_session",
            "django_otp_webauthn_webauthncredential",
            "django_otp_webauthn_webauthnattestation",
            "django_otp_webauthn_webauthnuserhandle",
        ),
    ),
)
