"""What the directory sees of a staff member and of a group, and back again.

A resource has only the attributes that the platform keeps. Others are accepted and dropped, as Entra
ID sends many; the published schema says which there are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Annotated, Any, ClassVar

from django.conf import settings
from pydantic import Field
from scim2_models import (
    URN,
    CaseExact,
    ComplexAttribute,
    Meta,
    Mutability,
    Reference,
    Required,
    Resource,
    ScimPolicy,
    Uniqueness,
)

from staff.models import StaffMember, Team
from staff.scim.known import ROOT, WORK, Details

USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"

POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""What Entra ID does beside the standard, and is let through."""


class Email(ComplexAttribute):
    value: Annotated[str | None, Required.true] = None
    """The work e-mail address."""
    type: str | None = Field(None, examples=[WORK])
    """Always work: one address is kept, the primary one where several are sent."""


class PhoneNumber(ComplexAttribute):
    value: str | None = None
    """The duty phone."""
    type: str | None = Field(None, examples=[WORK])
    """Always work: one number is kept, the primary one where several are sent."""


class PersonGroup(ComplexAttribute):
    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    """The id of the group."""
    ref: Annotated[Reference[Group] | None, Mutability.read_only] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """The address of the group."""
    display: Annotated[str | None, Mutability.read_only] = None
    """The name of the group."""


class User(Resource[Any]):
    """A staff member."""

    __schema__ = URN(USER_SCHEMA)

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """The name by which the directory knows the person, often an e-mail address."""
    display_name: Annotated[str | None, Required.true] = None
    """The name by which colleagues know the person."""
    title: str | None = None
    """Rank or post, as it stands before the name."""
    active: Annotated[bool | None, Required.true] = None
    """Whether the person works here. False records a leaver: out at once, everywhere."""
    emails: Annotated[list[Email] | None, Required.true] = None
    """The work e-mail address."""
    phone_numbers: list[PhoneNumber] | None = None
    """The duty phone."""
    groups: Annotated[list[PersonGroup] | None, Mutability.read_only] = None
    """The groups of the directory that the person is in."""

    Emails: ClassVar[type[ComplexAttribute]] = Email
    PhoneNumbers: ClassVar[type[ComplexAttribute]] = PhoneNumber
    Groups: ClassVar[type[ComplexAttribute]] = PersonGroup


class GroupMember(ComplexAttribute):
    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    """The id of the person."""
    ref: Annotated[Reference[User] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """The address of the person."""
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])
    """Always User: groups do not nest."""


class Group(Resource[Any]):
    """A team that the directory keeps."""

    __schema__ = URN(GROUP_SCHEMA)

    display_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """The name of the team."""
    members: list[GroupMember] | None = None
    """The people in it. What the team may do reaches those who work here."""

    Members: ClassVar[type[ComplexAttribute]] = GroupMember


# Only now is the group known that a person's entry refers to. Until then a filter finds none of their attributes.
PersonGroup.model_rebuild()
User.model_rebuild()


def _location(kind: str, pk: int) -> str:
    return f"{settings.PUBLIC_ADDRESS}{ROOT}/{kind}/{pk}"


def _versioned(resource: User | Group, kind: str, pk: int, created, changed) -> None:
    """Name the version by what stands in the resource: equal versions are equal contents."""
    content = json.dumps(resource.model_dump(), sort_keys=True, default=str).encode()
    resource.meta = Meta(
        resource_type="User" if kind == "Users" else "Group",
        created=created,
        last_modified=changed,
        location=_location(kind, pk),
        version=f'W/"{hashlib.sha256(content).hexdigest()[:20]}"',
    )


def user_of(member: StaffMember) -> User:
    """A staff member of `people` as a resource."""
    known = getattr(member, "directory", None)
    user = User(
        id=str(member.pk),
        external_id=known.external_id if known else None,
        user_name=known.user_name if known else member.email,
        display_name=member.name,
        title=member.rank or None,
        active=member.active,
        emails=[Email(value=member.email, type=WORK)],
        phone_numbers=[PhoneNumber(value=member.phone, type=WORK)] if member.phone else None,
        groups=[
            PersonGroup(
                value=str(place.team_id),
                ref=_location("Groups", place.team_id),  # type: ignore[arg-type]
                display=place.team.name,
            )
            for place in member.directory_places  # type: ignore[attr-defined]
        ]
        or None,
    )
    changed = max([member.joined_at, *([known.changed_at] if known else [])])
    _versioned(user, "Users", member.pk, member.joined_at, changed)
    return user


def group_of(team: Team) -> Group:
    """A team of `groups` as a resource."""
    group = Group(
        id=str(team.pk),
        external_id=team.directory.external_id,
        display_name=team.name,
        members=[
            GroupMember(
                value=str(place.member_id),
                ref=_location("Users", place.member_id),  # type: ignore[arg-type]
                type="User",
            )
            for place in team.live_places  # type: ignore[attr-defined]
        ]
        or None,
    )
    _versioned(group, "Groups", team.pk, team.directory.added_at, team.directory.changed_at)
    return group


def details_of(user: User) -> Details:
    """What the platform keeps of a resource that the directory sent."""
    return Details(
        user_name=(user.user_name or "").strip(),
        external_id=user.external_id or None,
        name=" ".join((user.display_name or "").split()),
        rank=(user.title or "").strip(),
        email=_kept(user.emails or []).strip(),
        phone=_kept(user.phone_numbers or []).strip(),
        active=bool(user.active),
    )


def _kept(values: Iterable[Email | PhoneNumber]) -> str:
    """Of several addresses or numbers the primary one, else that for work, else the first."""
    said = [value for value in values if value.value]
    primary = [value for value in said if (value.unknown_attributes or {}).get("primary") is True]
    for wanted in (primary, [value for value in said if value.type == WORK], said):
        if wanted:
            return wanted[0].value or ""
    return ""


def member_ids(group: Group) -> list[int]:
    """The ids of the members that a resource names. Raises ValueError for one that is none."""
    ids = set()
    for member in group.members or []:
        value = member.value or ""
        if not (value.isascii() and value.isdigit() and len(value) < 16):
            raise ValueError(value)
        ids.add(int(value))
    return sorted(ids)
