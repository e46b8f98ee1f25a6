"""Signing on by the force's provider: whom its word names, and what the trail says of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac

from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, Stranger, System
from core.errors import NotPermitted, TransitionNotAllowed
from staff.actions import members, teams
from staff.models import (
    DirectoryGroup,
    Membership,
    ProviderLogout,
    SignInSession,
    SignOnIdentity,
    StaffMember,
)
from staff.sso.provider import Logout, SignOnRefused

PROVIDER = System("single sign-on")
MOST_GROUPS = 500


def find_person(*, claims: dict[str, Any]) -> tuple[StaffMember, SignOnIdentity]:
    """The staff member whom a judged token names, by the subject that is theirs.

    At the first sign-on the subject is bound: to whom the directory knows by it, else by a verified
    e-mail address, and never by that again. Nobody is added, unless that is configured. Raises
    SignOnRefused. Audits staff.sign_on_bound, and staff.member_added where somebody is.
    """
    subject = str(claims[settings.OIDC_SUBJECT_CLAIM])
    identity = _identity(subject)
    if identity is None:
        identity = _bind(subject, claims)
    if not identity.user.active:
        raise SignOnRefused("left", "Your access to this platform has ended. Ask your service administrator.")
    return identity.user, identity


def _identity(subject: str) -> SignOnIdentity | None:
    found = SignOnIdentity.objects.filter(issuer=settings.OIDC_ISSUER, subject=subject)
    return found.select_related("user").first()


@transaction.atomic
def _bind(subject: str, claims: dict[str, Any]) -> SignOnIdentity:
    member = _by_directory(subject) or _by_address(claims)
    member = StaffMember.objects.alone(member.pk)
    if not member.active:
        raise SignOnRefused("left", "Your access to this platform has ended. Ask your service administrator.")
    try:
        with transaction.atomic():
            identity = SignOnIdentity.objects.create(
                user=member,
                name="single sign-on",
                confirmed=True,
                issuer=settings.OIDC_ISSUER,
                subject=subject,
                bound_at=clock.now(),
            )
    except IntegrityError:
        # Somebody else of the provider has this person's address by now, or twice at the same moment.
        raise SignOnRefused(
            "bound_to_another",
            "This staff member signs on with another identity of the force. Ask your service administrator "
            "to release it if yours was renewed.",
        ) from None
    record(actor=PROVIDER, event="staff.sign_on_bound", subject=member, subject_name=member.called)
    return identity


def _by_directory(subject: str) -> StaffMember | None:
    """The directory's id of a person is the subject, where that is the object id (Entra ID)."""
    if settings.OIDC_SUBJECT_CLAIM == "sub":
        return None
    return StaffMember.objects.filter(directory__external_id=subject, directory__removed_at=None).first()


def _by_address(claims: dict[str, Any]) -> StaffMember:
    address = claims.get("email")
    verified = claims.get("email_verified") is True or settings.OIDC_EMAILS == "trusted"
    if (
        not isinstance(address, str)
        or not address
        or len(address) > 254
        or not _plain(address)
        or not verified
    ):
        raise SignOnRefused(
            "nobody",
            f"{settings.OIDC_NAME} does not say a verified e-mail address of yours, by which you would be "
            "found here. Ask your service administrator.",
        )
    member = StaffMember.objects.filter(email__iexact=address).first()
    if member is not None:
        return member
    if not settings.OIDC_CREATE:
        raise SignOnRefused(
            "nobody",
            f"{settings.OIDC_NAME} knows you, and this platform does not. Ask your service administrator to "
            "add you.",
        )
    name = claims.get("name")
    said = " ".join(name.split())[:120] if isinstance(name, str) and "\x00" not in name else ""
    return members.add_member(actor=PROVIDER, email=address, name=said or address)


def _plain(address: str) -> bool:
    """Whether the address is written in the one way that ours are (staff.addresses)."""
    return address.isascii() and address.isprintable()


def record_refusal(*, kind: str) -> None:
    """That a sign-on was refused, and why in a word. Audits staff.sign_on_refused."""
    with transaction.atomic():
        record(actor=Stranger(), event="staff.sign_on_refused", details={"why": kind})


@action
def record_sign_on(*, actor: StaffMember, again: bool = False, page: str = "") -> None:
    """Somebody is in with both factors proved at the provider, or proved them there once more.

    Audits staff.signed_in or staff.step_up_proved.
    """
    details = {"by": "single sign-on", **({"page": page} if page else {})}
    record(
        actor=actor,
        event="staff.step_up_proved" if again else "staff.signed_in",
        subject=actor,
        subject_name=actor.called,
        details=details,
    )


@action
def follow_groups(*, actor: System, member: StaffMember, groups: list[str]) -> None:
    """The person is in exactly those groups of the directory that their token names.

    A group is known by the directory's id or by the team's name. Audits team.joined and team.left.
    """
    wanted = set(groups[:MOST_GROUPS])
    known = DirectoryGroup.objects.filter(removed_at=None).select_related("team").order_by("team_id")
    at = clock.now()
    inside = set(
        Membership.objects.filter(member=member)
        .filter(Q(until=None) | Q(until__gt=at))
        .values_list("team_id", flat=True)
    )
    for group in known:
        named = group.external_id in wanted or group.team.name in wanted
        if named and group.team_id not in inside:
            teams.join_team(actor=actor, team=group.team, member=member)
        elif not named and group.team_id in inside:
            teams.leave_team(actor=actor, team=group.team, member=member)


@action
def end_by_provider(*, actor: System, logout: Logout) -> bool:
    """What rests on the provider's session ends, or every session of the person where it names none.

    A session of theirs there that nothing here is known to rest on ends them all: rather one sign-in too
    many than one that should be over. Answers False where nothing here is theirs. Raises SignOnRefused for
    a token that was obeyed before. Audits staff.signed_out_by_provider for each person.
    """
    at = clock.now()
    session = kept_session(logout.session)
    _, fresh = ProviderLogout.objects.get_or_create(
        token=salted_hmac("staff.logout", logout.token, algorithm="sha256").hexdigest(),
        defaults={"at_provider": session, "at": at},
    )
    if not fresh:
        raise SignOnRefused("replayed")
    identity = None
    if logout.subject and settings.OIDC_SUBJECT_CLAIM == "sub":
        identity = _identity(logout.subject)
        if identity is None:
            return False
    resting = SignInSession.objects.filter(at_provider=session) if session else SignInSession.objects.none()
    if identity is not None:
        resting = resting.filter(member=identity.user_id)
        member = StaffMember.objects.alone(identity.user_id)
        if not resting.exists():
            member.authentication_epoch += 1
            member.save(update_fields=["authentication_epoch"])
            _note_ended(actor, member)
            return True
    people = StaffMember.objects.filter(pk__in=resting.filter(ended_at=None).values("member"))
    for member in people.order_by("pk"):
        resting.filter(member=member, ended_at=None).update(ended_at=at)
        _note_ended(actor, member)
    return resting.exists()


def kept_session(sid: str) -> str:
    """A session at the provider as the database keeps it; empty for none."""
    return (
        salted_hmac("staff.sid", f"{settings.OIDC_ISSUER} {sid}", algorithm="sha256").hexdigest()
        if sid
        else ""
    )


def _note_ended(actor: System, member: StaffMember) -> None:
    record(actor=actor, event="staff.signed_out_by_provider", subject=member, subject_name=member.called)


def sweep_logouts(*, actor: System = System("scheduler")) -> int:  # noqa: B008
    """Logout tokens of more than a day ago are forgotten: none as old is taken. Answers how many."""
    gone, _ = ProviderLogout.objects.filter(at__lt=clock.now() - timedelta(days=1)).delete()
    return gone


@action
def release(*, actor: Actor, member: StaffMember) -> None:
    """The person's identity at the provider counts no longer: the next sign-on binds one anew.

    Their sessions end. Raises NotPermitted (oneself included), TransitionNotAllowed (none is bound).
    Audits staff.sign_on_released.
    """
    if isinstance(actor, StaffMember):
        if not actor.has_perm("accounts.manage_staff"):
            raise NotPermitted("Sign-ins belong to the service administrators.")
        if actor.pk == member.pk:
            raise NotPermitted("You cannot release your own identity. Ask another administrator.")
    member = StaffMember.objects.alone(member.pk)
    gone, _ = SignOnIdentity.objects.filter(user=member).delete()
    if not gone:
        raise TransitionNotAllowed(f"{member.called} has no identity of single sign-on.")
    member.authentication_epoch += 1
    member.save(update_fields=["authentication_epoch"])
    record(actor=actor, event="staff.sign_on_released", subject=member, subject_name=member.called)
