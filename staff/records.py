"""What retention must know of staff members and their sign-ins."""

from __future__ import annotations

from collections.abc import Iterator

from core.records import Found, Keep, Part, Person, RecordClass, Subject, named_in
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


PERSON = Subject(
    "staff.staffmember",
    "Staff member",
    "staff_staffmember",
    named_by="called",
    parts=(
        Part("staff_conductspan", "matter_id", of="staff_conductmatter"),
        Part("staff_conductmatter", "person_id"),
        Part("staff_conductrequest", "person_id"),
        Part("staff_lastseen", "member_id"),
        Part("staff_directoryperson", "member_id"),
        Part("staff_signonidentity", "user_id", record=False),
        Part("audit_savedsearch", "owner_id", record=False),
    ),
    first=(
        """UPDATE staff_allowance a SET email = 'former-' || s.id || '@disposed.invalid', reason = 'disposed of'
            FROM staff_staffmember s WHERE s.id = ANY(gone) AND lower(a.email) = lower(s.email)""",
        "UPDATE staff_departure SET why = '', kind = 'other' WHERE person_id = ANY(gone)",
    ),
    remains=(
        """UPDATE staff_staffmember SET name = 'Former staff member ' || id, rank = '', phone = '', password = '!',
            email = 'former-' || id || '@disposed.invalid' WHERE id = ANY(gone)""",
    ),
    since="joined_at",
    snapshot=snapshot,
)

CLASSES = (
    RecordClass(
        "staff_record",
        "Reviewed by a person so long after somebody left. Then name, address, rank and telephone go, with why they "
        "left, closed matters of conduct, and what the directory and sign-ins had left; the number stays, because history names it.",
        about=about,
        subject=PERSON,
        begins=(("NOT {r}.active", "left_at"),),
        where="{r}.email <> 'former-' || {r}.id || '@disposed.invalid'",
        keeps=(
            Keep(
                "their record is needed elsewhere",
                """EXISTS (SELECT 1 FROM staff_conductmatter m WHERE m.person_id = {r}.id AND m.closed_at IS NULL)""",
            ),
            Keep(
                "a hold in force is theirs to answer for",
                """EXISTS (SELECT 1 FROM retention_hold o WHERE o.lifted_at IS NULL
                AND {r}.id IN (o.owner_id, o.placed_by_id))""",
            ),
        ),
    ),
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
