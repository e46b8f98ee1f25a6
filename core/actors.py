"""Who does a thing: a staff member, or a named part of the platform itself.

Actions take `actor` first. Staff members satisfy `Actor` (staff.models.StaffMember); work that
no person started, such as polling or a deadline passing, is done by a `System` actor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@runtime_checkable
class Actor(Protocol):
    """Anyone or anything that an audit entry can name."""

    @property
    def actor_id(self) -> int | None: ...

    @property
    def actor_name(self) -> str: ...

    @property
    def actor_kind(self) -> str: ...


@dataclass(frozen=True)
class System:
    """A named part of the platform, e.g. System("outbox"). It has no id and holds no grants."""

    name: str

    @property
    def actor_id(self) -> None:
        return None

    @property
    def actor_name(self) -> str:
        return self.name

    @property
    def actor_kind(self) -> str:
        return "system"


@dataclass(frozen=True)
class Stranger:
    """Somebody not signed in, e.g. a failed sign-in or a member of the public on a public page."""

    name: str = "not signed in"

    @property
    def actor_id(self) -> None:
        return None

    @property
    def actor_name(self) -> str:
        return self.name

    @property
    def actor_kind(self) -> str:
        return "public"
