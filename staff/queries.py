"""Who works here, and what they have set up to sign in with."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential

from core import clock
from core.errors import NotFound, NotPermitted
from staff import devices
from staff.models import (
    Allowance,
    ConductMatter,
    ConductRequest,
    Departure,
    DirectoryKey,
    DirectoryPerson,
    Handover,
    Membership,
    Recovery,
    SignInSession,
    SignOnIdentity,
    StaffMember,
    Team,
)
from staff.roles import Power
from staff.scim import known

ADMINISTRATION = (Power.MANAGE_STAFF, Power.GIVE_GRANTS)
"""Whoever holds one of these is an administrator and needs a passkey."""


def has_app(viewer: StaffMember) -> bool:
    """Whether the viewer has set up an authenticator app."""
    return TOTPDevice.objects.filter(user=viewer, confirmed=True).exists()


def waiting_app(viewer: StaffMember) -> TOTPDevice | None:
    """The viewer's authenticator app that waits for its first code."""
    return TOTPDevice.objects.filter(user=viewer, confirmed=False).first()


def passkeys(viewer: StaffMember) -> QuerySet[WebAuthnCredential]:
    """The viewer's passkeys, the latest used first."""
    return WebAuthnCredential.objects.filter(user=viewer, confirmed=True).order_by(
        F("last_used_at").desc(nulls_last=True), "pk"
    )


def has_factor(viewer: StaffMember) -> bool:
    """Whether the viewer has a second factor; recovery codes alone are none."""
    return has_app(viewer) or passkeys(viewer).exists()


def any_factor(viewer: StaffMember) -> Device | None:
    """One of the viewer's second factors, a passkey before the app."""
    return passkeys(viewer).first() or TOTPDevice.objects.filter(user=viewer, confirmed=True).first()


def must_have_passkey(viewer: StaffMember) -> bool:
    """Whether the viewer administers people or grants, so that an authenticator app is not enough."""
    return settings.PASSKEY_FOR_ADMINISTRATORS and any(
        viewer.has_perm(f"accounts.{power}") for power in ADMINISTRATION
    )


def lacks_passkey(viewer: StaffMember) -> bool:
    """Whether the viewer must set up a passkey before administering."""
    return must_have_passkey(viewer) and not passkeys(viewer).exists()


def codes_left(viewer: StaffMember) -> int:
    """How many of the viewer's recovery codes are unused."""
    return StaticToken.objects.filter(device__user=viewer, device__confirmed=True).count()


def sign_on_identity(member: StaffMember) -> SignOnIdentity | None:
    """The identity at the force's provider that a person signs on with, if one is bound."""
    return SignOnIdentity.objects.filter(user=member).first()


def kept_by_directory(member: StaffMember) -> DirectoryPerson | None:
    """How the force's directory calls the person, where it keeps them here; None where it does not, or no more."""
    return DirectoryPerson.objects.filter(member=member, removed_at=None).first()


def members(viewer: StaffMember, *, words: str = "", left: bool = False) -> QuerySet[StaffMember]:
    """Staff members, those who have left only where asked for, found by name or e-mail address.

    Each carries `ready`: whether a second factor is set up. Raises NotPermitted.
    """
    _require_manager(viewer)
    found = StaffMember.objects.filter(active=not left).annotate(
        ready=Exists(TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True))
        | Exists(WebAuthnCredential.objects.filter(user=OuterRef("pk"), confirmed=True))
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


def leader_of(person: StaffMember) -> StaffMember | None:
    """Who leads a team of the person now, another than they: the first by name."""
    now = clock.now()
    live = Q(since__lte=now) & (Q(until=None) | Q(until__gt=now))
    teams = Membership.objects.filter(live, member=person).values("team")
    leads = Membership.objects.filter(live, team__in=teams, leads=True).exclude(member=person)
    return (
        StaffMember.objects.filter(pk__in=leads.values("member"), active=True).order_by("name", "id").first()
    )


def due_to_leave() -> list[StaffMember]:
    """People whose access has ended and who are not recorded as leavers yet."""
    return list(
        StaffMember.objects.filter(active=True, access_until__lte=clock.now()).order_by("access_until")
    )


def departure_of(person: StaffMember) -> Departure | None:
    """How somebody who has left did so, for those who hand over their work."""
    return (
        Departure.objects.select_related("person", "heir")
        .filter(person=person, carried_out_at__isnull=False)
        .order_by("-carried_out_at")
        .first()
    )


def departures(viewer: StaffMember) -> QuerySet[Departure]:
    """Everybody who leaves or has left, as administrators know it. Raises NotPermitted."""
    _require_manager(viewer)
    return Departure.objects.select_related("person", "heir", "recorded_by", "called_off_by")


def departure(viewer: StaffMember, pk: int) -> Departure:
    """One departure. Raises NotPermitted, or NotFound."""
    try:
        return departures(viewer).get(pk=pk)
    except Departure.DoesNotExist:
        raise NotFound("There is no such departure.") from None


def coming_departure(viewer: StaffMember, person: StaffMember) -> Departure | None:
    """The departure of somebody that is announced and still to come. Raises NotPermitted."""
    return departures(viewer).filter(person=person, carried_out_at=None, called_off_at=None).first()


def taken_over(viewer: StaffMember, departure_id: int) -> list[Handover]:
    """What of a leaver's open work came to the viewer. Raises NotFound where nothing did."""
    found = list(
        Handover.objects.filter(departure=departure_id, heir=viewer).select_related("departure__person")
    )
    if not found:
        raise NotFound("Nothing was handed over to you from there.")
    return found


def matters(viewer: StaffMember) -> QuerySet[ConductMatter]:
    """What professional standards decided, about others than the viewer. Raises NotPermitted.

    The only door to these rows: nobody without the power reads one, and nobody reads one about themselves.
    """
    if not viewer.has_perm("accounts.handle_conduct"):
        raise NotPermitted("This belongs to professional standards.")
    return ConductMatter.objects.exclude(person=viewer).select_related(
        "person", "decided_by", "ended_by", "heir"
    )


def matter(viewer: StaffMember, pk: int) -> ConductMatter:
    """One matter of conduct. Raises NotPermitted, or NotFound."""
    try:
        return matters(viewer).get(pk=pk)
    except ConductMatter.DoesNotExist:
        raise NotFound("There is no such matter.") from None


def requests_in(viewer: StaffMember, matter: ConductMatter) -> QuerySet[ConductRequest]:
    """What the person of a covert matter requested while it was open, newest first. Raises NotPermitted."""
    if not viewer.has_perm("accounts.handle_conduct") or viewer.pk == matter.person_id:
        raise NotPermitted("This belongs to professional standards.")
    found = ConductRequest.objects.filter(person=matter.person_id, at__gte=matter.decided_at)
    over = matter.ended_at or matter.carried_out_at
    return (found if over is None else found.filter(at__lte=over)).select_related("person")


def recovery_of(viewer: StaffMember, member: StaffMember) -> Recovery | None:
    """What was asked about somebody's lost sign-in and is not answered yet. Raises NotPermitted."""
    _require_manager(viewer)
    return Recovery.objects.filter(member=member, answered_at=None).select_related("asked_by").first()


def open_recovery(viewer: StaffMember, member: StaffMember) -> Recovery:
    """The same, where there is one. Raises NotPermitted, or NotFound."""
    if (found := recovery_of(viewer, member)) is None:
        raise NotFound("Nobody asks to renew this sign-in. It may have been answered already.")
    return found


def recoveries(viewer: StaffMember) -> QuerySet[Recovery]:
    """What waits for a second administrator, the oldest first. Raises NotPermitted."""
    _require_manager(viewer)
    return Recovery.objects.filter(answered_at=None).select_related("member", "asked_by").order_by("asked_at")


def directory_keys(viewer: StaffMember) -> QuerySet[DirectoryKey]:
    """Every key of the directory, those that work first, newest first. Raises NotPermitted."""
    _require_manager(viewer)
    over = Q(revoked_at__isnull=False) | Q(expires_at__lte=clock.now())
    return DirectoryKey.objects.annotate(over=Case(When(over, then=True), default=False)).order_by(
        "over", "-made_at", "-id"
    )


def directory_key(viewer: StaffMember, pk: int) -> DirectoryKey:
    """One key of the directory. Raises NotPermitted, or NotFound."""
    found = directory_keys(viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such key.")
    return found


def directory_teams() -> QuerySet[Team]:
    """The teams that the directory keeps, each with its `live_places`."""
    return known.groups()


def _require_manager(viewer: StaffMember) -> None:
    if not viewer.has_perm("accounts.manage_staff"):
        raise NotPermitted("The list of staff members belongs to the service administrators.")


def open_sessions(viewer: StaffMember, of: StaffMember) -> QuerySet[SignInSession]:
    """Sessions that somebody has open, last used first: one's own, or anybody's for an administrator.

    Raises NotPermitted.
    """
    if viewer.pk != of.pk:
        _require_manager(viewer)
    return SignInSession.objects.filter(
        member=of,
        ended_at=None,
        epoch=of.authentication_epoch,
        began_at__gt=clock.now() - devices.POLICIES[devices.DeviceClass.MANAGED].absolute,
    ).order_by("-seen_at", "-id")


def names_of_open_sessions(rows: Iterable[int]) -> dict[int, str]:
    """Whose sessions these are, of those that still hold: for the person at a desk that keeps them."""
    found = SignInSession.objects.filter(
        pk__in=list(rows), ended_at=None, member__active=True, epoch=F("member__authentication_epoch")
    ).select_related("member")
    return {row.pk: row.member.called for row in found}


def session(viewer: StaffMember, pk: int, *, lock: bool = False) -> SignInSession:
    """One session: the viewer's own, or anybody's for an administrator. Raises NotFound."""
    found = SignInSession.objects.select_related("member")
    if lock:
        found = found.select_for_update(of=("self",))
    if not viewer.has_perm("accounts.manage_staff"):
        found = found.filter(member=viewer)
    try:
        return found.get(pk=pk)
    except SignInSession.DoesNotExist:
        raise NotFound("There is no such session of yours. It may have ended.") from None


def allowances(viewer: StaffMember) -> QuerySet[Allowance]:
    """Every allowance, the newest first. Raises NotPermitted."""
    _require_manager(viewer)
    return Allowance.objects.select_related("given_by")


def allowance(viewer: StaffMember, pk: int, *, lock: bool = False) -> Allowance:
    """One allowance. Raises NotPermitted, or NotFound."""
    _require_manager(viewer)
    found = Allowance.objects.select_for_update() if lock else Allowance.objects.all()
    try:
        return found.get(pk=pk)
    except Allowance.DoesNotExist:
        raise NotFound("There is no such allowance.") from None


def is_allowed(kind: str, email: str) -> bool:
    """Whether a live allowance of this kind stands for the address."""
    at = clock.now()
    return Allowance.objects.filter(kind=kind, email__iexact=email, ended_at=None, until__gt=at).exists()


def is_personal_address(email: str) -> bool:
    """Whether the address lies outside the force's own mail domains, where these are named."""
    domain = email.rpartition("@")[2].casefold()
    return bool(settings.FORCE_MAIL_DOMAINS) and domain not in settings.FORCE_MAIL_DOMAINS
