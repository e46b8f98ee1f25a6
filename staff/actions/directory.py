"""The force's directory: its keys, and the people and groups that it keeps here."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from audit.actions import record
from core import clock, doors
from core.acting import action
from core.actors import Actor, Stranger
from core.errors import NotFound, NotPermitted, NotValid, TransitionNotAllowed
from staff import addresses
from staff.actions import departures, members, sign_in, teams
from staff.models import (
    KEY_DOOR,
    ConductMatter,
    DirectoryGroup,
    DirectoryKey,
    DirectoryPerson,
    Membership,
    StaffMember,
    Team,
)
from staff.scim.known import Details, known_members
from staff.throttle import key_for

KEY_PREFIX = "smmp-scim-"
KEY_DAYS = (30, 90, 180, 365)
"""How long a key may live."""
OVERLAP = timedelta(hours=24)
"""How long the key before a renewed one still works, so that the directory can be changed over."""
NOTED_EVERY = timedelta(minutes=1)

_LENGTHS = {"user_name": 254, "external_id": 254, "name": 120, "rank": 80, "email": 254, "phone": 30}
_WORDS = {
    "user_name": "userName",
    "external_id": "externalId",
    "name": "displayName",
    "rank": "title",
    "email": "emails.value",
    "phone": "phoneNumbers.value",
}


class Taken(NotValid):
    """The name, address or id belongs to somebody else already."""

    status = 409


# Keys


@action
def make_key(*, actor: Actor, name: str, days: int) -> tuple[DirectoryKey, str]:
    """A key for the directory, answered once in clear and kept as its hash.

    Raises NotPermitted, or NotValid (no name, a life that is not offered).
    Audits directory.key_made.
    """
    _require_manager(actor)
    name = " ".join(name.split())
    if not name or len(name) > 60:
        raise NotValid("Name the directory that will hold the key, in at most 60 characters.", field="name")
    if days not in KEY_DAYS:
        raise NotValid("Choose how long the key works.", field="days")
    return _made(actor, name, timedelta(days=days))


def _made(actor: Actor, name: str, life: timedelta) -> tuple[DirectoryKey, str]:
    token = KEY_PREFIX + secrets.token_urlsafe(32)
    at = clock.now()
    key = DirectoryKey.objects.create(
        name=name,
        hint=token[-4:],
        key_hash=hash_of(token),
        made_by=actor if isinstance(actor, StaffMember) else None,
        made_at=at,
        expires_at=at + life,
    )
    record(
        actor=actor,
        event="directory.key_made",
        subject=key,
        subject_name=str(key),
        details={"expires_at": key.expires_at.isoformat()},
    )
    return key, token


@action
def renew_key(*, actor: Actor, key: DirectoryKey) -> tuple[DirectoryKey, str]:
    """A new key of the same name and life, in clear once; the one before it works for 24 hours more.

    Raises NotPermitted, or TransitionNotAllowed (revoked or expired already).
    Audits directory.key_made and directory.key_renewed.
    """
    _require_manager(actor)
    key = _live_key(key)
    life = key.expires_at - key.made_at
    key.expires_at = min(key.expires_at, clock.now() + OVERLAP)
    key.save(update_fields=["expires_at"])
    fresh, token = _made(actor, key.name, life)
    record(actor=actor, event="directory.key_renewed", subject=key, subject_name=str(key))
    return fresh, token


@action
def revoke_key(*, actor: Actor, key: DirectoryKey, why: str) -> DirectoryKey:
    """The key opens nothing any more, at commit. What it did stays.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (revoked or expired already).
    Audits directory.key_revoked.
    """
    _require_manager(actor)
    key = _live_key(key)
    if not why.strip():
        raise NotValid("Say why, in a few words.", field="why")
    key.revoked_at = clock.now()
    key.revoked_by = actor if isinstance(actor, StaffMember) else None
    key.save(update_fields=["revoked_at", "revoked_by"])
    record(actor=actor, event="directory.key_revoked", subject=key, subject_name=str(key), reason=why.strip())
    return key


def _live_key(key: DirectoryKey) -> DirectoryKey:
    doors.close(KEY_DOOR, [key.pk])
    key = DirectoryKey.objects.select_for_update().get(pk=key.pk)
    if key.revoked_at is not None or key.expires_at <= clock.now():
        raise TransitionNotAllowed("This key does not work any more. Make a new one.")
    return key


def hash_of(token: str) -> str:
    """A key as the database keeps it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def prove_key(*, token: str, source: str) -> DirectoryKey:
    """The key behind a bearer token; when it was last used is noted once a minute.

    Raises NotPermitted for one that there is not, or that was revoked or has expired; TooMany after ten
    of those from one source. Audits directory.key_refused.
    """
    at = clock.now()
    key = DirectoryKey.objects.filter(key_hash=hash_of(token), revoked_at=None, expires_at__gt=at).first()
    if key is None:
        sign_in.spend_try(key=key_for("directory key", "", source), source=source)
        _refuse_key()
        raise NotPermitted("The bearer token is not a key of this platform, or no longer one.")
    if key.last_used_at is None or at - key.last_used_at >= NOTED_EVERY:
        DirectoryKey.objects.filter(pk=key.pk).update(last_used_at=at)
    return key


@transaction.atomic
def _refuse_key() -> None:
    record(actor=Stranger("a caller with a wrong key"), event="directory.key_refused")


# People


@action
def add_person(*, actor: Actor, details: Details) -> StaffMember:
    """Somebody of the directory works here. They hold no grant but those of groups they are put into.

    Raises NotPermitted, NotValid (unreadable or too long), Taken. Audits staff.member_added.
    """
    _require_manager(actor)
    _check(details)
    _refuse_taken(details, None)
    member = members.add_member(
        actor=actor, email=details.email, name=details.name, rank=details.rank, phone=details.phone
    )
    _write_known(member, details)
    return member


@action
def change_person(*, actor: Actor, member: StaffMember, details: Details) -> StaffMember:
    """Name, rank, addresses and the directory's own names of a person are as given.

    Whether they work here is not changed by this. Raises NotPermitted, NotValid, Taken.
    Audits staff.details_changed with the names of what changed, where anything did.
    """
    _require_manager(actor)
    member = StaffMember.objects.alone(member.pk)
    _check(details)
    _refuse_taken(details, member)
    known = DirectoryPerson.objects.filter(member=member).first()
    present = {
        "user_name": known.user_name if known else member.email,
        "external_id": known.external_id if known else None,
        "name": member.name,
        "rank": member.rank,
        "email": member.email,
        "phone": member.phone,
    }
    changed = sorted(field for field, value in present.items() if getattr(details, field) != value)
    if not changed:
        return member
    if "email" in changed and member.active:
        # Both addresses are told, as when an administrator changes it.
        member = members.change_email(actor=actor, member=member, email=details.email)
    for field in {"name", "rank", "email", "phone"} & set(changed):
        setattr(member, field, getattr(details, field))
    member.save(update_fields=["name", "rank", "email", "phone"])
    _write_known(member, details)
    record(
        actor=actor,
        event="staff.details_changed",
        subject=member,
        subject_name=member.called,
        details={"changed": [_WORDS[field] for field in changed]},
    )
    return member


def _write_known(member: StaffMember, details: Details) -> None:
    try:
        with transaction.atomic():
            DirectoryPerson.objects.update_or_create(
                member=member,
                defaults={
                    "user_name": details.user_name,
                    "external_id": details.external_id,
                    "changed_at": clock.now(),
                },
            )
    except IntegrityError:
        raise Taken("Somebody else has this userName or externalId already.", field="userName") from None


@action
def let_go(*, actor: Actor, member: StaffMember, why: str, removed: bool = False) -> StaffMember:
    """The directory says that the person has left: out at once, everywhere.

    They stay in its groups, as it sees it, and hold nothing by them. With `removed` they are out of those
    too, and its addresses no longer know them; our rows remain. Somebody who has left already is only
    removed. Raises NotPermitted. Audits staff.member_left, team.left and directory.person_removed.
    """
    _require_manager(actor)
    at = clock.now()
    # Before the person's row is locked: whoever changes a group locks it first.
    for place in _places_of(member) if removed else []:
        teams.leave_team(actor=actor, team=place.team, member=member)
    if member.active:
        # Where people have decided already how somebody leaves, it is theirs to take back, not the directory's.
        decided = departures.coming(member) is not None or _has_open_matter(member)
        member = departures.record_leaver(actor=actor, member=member, why=why)
        _know(member, changed_at=at, let_go_at=None if decided else at)
    if removed:
        # The directory may use its id for somebody else from now on.
        _know(member, changed_at=at, removed_at=at, external_id=None)
        record(actor=actor, event="directory.person_removed", subject=member, subject_name=member.called)
    return member


def _has_open_matter(member: StaffMember) -> bool:
    return ConductMatter.objects.filter(person=member, carried_out_at=None, ended_at=None).exists()


def _know(member: StaffMember, **values) -> None:
    DirectoryPerson.objects.update_or_create(
        member=member, defaults=values, create_defaults={"user_name": member.email, **values}
    )


def _places_of(member: StaffMember) -> list[Membership]:
    at = clock.now()
    return list(
        Membership.objects.filter(member=member, team__directory__removed_at=None)
        .exclude(team__directory=None)
        .filter(Q(until=None) | Q(until__gt=at))
        .select_related("team")
        .order_by("team_id")
    )


def require_own_leaver(member: StaffMember) -> None:
    """Refuse the return of somebody whom not the directory but people let go. Raises NotPermitted.

    The same words for whatever reason they decided it, at once or for a time to come: an administrator
    decides then.
    """
    if not DirectoryPerson.objects.filter(member=member, let_go_at__isnull=False).exists():
        raise NotPermitted(
            f"The directory cannot bring {member.called} back by itself. Ask a service administrator."
        )


def _check(details: Details) -> None:
    for field, most in _LENGTHS.items():
        if len(getattr(details, field) or "") > most:
            raise NotValid(f"{_WORDS[field]} has at most {most} characters.", field=_WORDS[field])
    if not details.user_name:
        raise NotValid("Give a userName.", field="userName")
    if not details.name:
        raise NotValid("Give a displayName.", field="displayName")
    try:
        addresses.check(details.email)
    except ValidationError:
        raise NotValid("Give a work e-mail address in emails.", field="emails.value") from None


def _refuse_taken(details: Details, member: StaffMember | None) -> None:
    others = StaffMember.objects.exclude(pk=member.pk) if member else StaffMember.objects.all()
    if others.filter(email__iexact=details.email).exists():
        raise Taken("A staff member with this e-mail address is here already, or has left.", field="emails")
    same = Q(directory__user_name__iexact=details.user_name)
    same |= Q(directory=None, email__iexact=details.user_name)
    if others.filter(same).exists():
        raise Taken("A staff member with this userName is here already, or has left.", field="userName")
    if details.external_id and others.filter(directory__external_id=details.external_id).exists():
        raise Taken("A staff member with this externalId is here already.", field="externalId")


# Groups


@action
def add_group(*, actor: Actor, name: str, external_id: str | None) -> Team:
    """A team whose members the directory keeps. It grants nothing until somebody gives it a grant.

    A group that the directory removed before comes back as the same team, empty. Raises NotPermitted,
    NotValid, Taken (a team of ours has the name: an administrator can hand it to the directory).
    Audits directory.group_added, and team.added where it is new.
    """
    _require_manager(actor)
    external_id = _checked_id(external_id)
    before = Team.objects.select_for_update(of=("self",)).filter(name=" ".join(name.split())).first()
    known = DirectoryGroup.objects.filter(team=before).first() if before else None
    if before is not None and (known is None or known.removed_at is None):
        raise Taken(f"There is a team called {before.name} already.", field="displayName")
    team = before or teams.add_team(actor=actor, name=name)
    _hand(team, external_id)
    record(actor=actor, event="directory.group_added", subject=team, subject_name=team.name)
    return team


@action
def hand_over(*, actor: Actor, team: Team, external_id: str | None) -> Team:
    """The directory keeps the members of an existing team from now on; its people and grants stay.

    Raises NotPermitted, NotValid, Taken, TransitionNotAllowed (it does already).
    Audits directory.group_added.
    """
    _require_manager(actor)
    team = Team.objects.select_for_update().get(pk=team.pk)
    if DirectoryGroup.objects.filter(team=team, removed_at=None).exists():
        raise TransitionNotAllowed(f"The directory keeps {team.name} already.")
    _hand(team, _checked_id(external_id))
    record(actor=actor, event="directory.group_added", subject=team, subject_name=team.name)
    return team


def _hand(team: Team, external_id: str | None) -> None:
    at = clock.now()
    try:
        with transaction.atomic():
            DirectoryGroup.objects.update_or_create(
                team=team,
                defaults={
                    "external_id": external_id,
                    "added_at": at,
                    "changed_at": at,
                    "removed_at": None,
                },
            )
    except IntegrityError:
        raise Taken("Another group has this externalId already.", field="externalId") from None


@action
def change_group(
    *, actor: Actor, team: Team, name: str, external_id: str | None, member_ids: list[int]
) -> Team:
    """Name, id and members of a group are as given; each who joins or leaves is one entry.

    Raises NotPermitted, NotValid (somebody whom there is not), Taken, NotFound (removed meanwhile).
    Audits team.renamed, team.joined, team.left.
    """
    _require_manager(actor)
    team = Team.objects.select_for_update().get(pk=team.pk)
    known = DirectoryGroup.objects.select_for_update().filter(team=team, removed_at=None).first()
    if known is None:
        raise NotFound("The directory keeps no such group.")
    external_id = _checked_id(external_id)
    try:
        teams.rename_team(actor=actor, team=team, name=name)
    except NotValid as refusal:
        if " ".join(name.split()) and len(name) <= teams.NAME_MOST:
            raise Taken(refusal.sentence, field="displayName") from None
        raise
    at = clock.now()
    inside = set(
        Membership.objects.filter(known_members(), team=team)
        .filter(Q(until=None) | Q(until__gt=at))
        .values_list("member_id", flat=True)
    )
    wanted = set(member_ids)
    people = StaffMember.objects.filter(
        Q(directory=None) | Q(directory__removed_at=None) | Q(pk__in=inside)
    ).in_bulk(list(inside ^ wanted))
    for pk in sorted(inside ^ wanted):
        member = people.get(pk)
        if member is None:
            raise NotValid("A member is nobody whom the platform knows.", field="members")
        if pk in wanted:
            teams.join_team(actor=actor, team=team, member=member, left_too=True)
        else:
            teams.leave_team(actor=actor, team=team, member=member)
    if inside != wanted or known.external_id != external_id or team.name != " ".join(name.split()):
        known.external_id, known.changed_at = external_id, at
        try:
            with transaction.atomic():
                known.save(update_fields=["external_id", "changed_at"])
        except IntegrityError:
            raise Taken("Another group has this externalId already.", field="externalId") from None
    return Team.objects.get(pk=team.pk)


@action
def remove_group(*, actor: Actor, team: Team) -> Team:
    """The directory no longer keeps the group: everybody is out of it. The team and its history remain.

    Raises NotPermitted, NotFound (removed already). Audits team.left for each and directory.group_removed.
    """
    _require_manager(actor)
    team = Team.objects.select_for_update().get(pk=team.pk)
    known = DirectoryGroup.objects.select_for_update().filter(team=team, removed_at=None).first()
    if known is None:
        raise NotFound("The directory keeps no such group.")
    at = clock.now()
    places = Membership.objects.filter(team=team).filter(Q(until=None) | Q(until__gt=at))
    for place in places.select_related("member").order_by("member_id"):
        teams.leave_team(actor=actor, team=team, member=place.member)
    known.removed_at, known.changed_at, known.external_id = at, at, None
    known.save(update_fields=["removed_at", "changed_at", "external_id"])
    record(actor=actor, event="directory.group_removed", subject=team, subject_name=team.name)
    return team


def _checked_id(external_id: str | None) -> str | None:
    external_id = (external_id or "").strip()
    if len(external_id) > 254:
        raise NotValid("externalId has at most 254 characters.", field="externalId")
    return external_id or None


def _require_manager(actor: Actor) -> None:
    if isinstance(actor, StaffMember) and not actor.has_perm("accounts.manage_staff"):
        raise NotPermitted("The directory belongs to the service administrators.")
