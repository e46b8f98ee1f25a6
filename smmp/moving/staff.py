"""Staff of another product: who does not work here yet is added; who does is left as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accounts import imports
from smmp.moving.fields import Field, Step, key_of
from staff.models import StaffMember
from staff.roles import Power, Role

NEEDS = (Power.MANAGE_STAFF,)
FIELDS = (
    Field(
        "email", "E-mail address", True, also=("email", "e-mail", "user email", "username", "login"), most=254
    ),
    Field(
        "name", "Name", True, also=("full name", "display name", "member", "user", "member name"), most=120
    ),
    Field("rank", "Rank", also=("title", "job title"), most=80),
    Field("team", "Team", also=("team name", "group", "teams"), most=120),
    Field(
        "role",
        "Role",
        help="Roles are called otherwise in each product: choose one role for all, or leave it out and give grants afterwards.",
        also=("permission", "access level"),
        choices=tuple((role.value, str(role.label)) for role in Role),
        most=60,
    ),
    Field("neighbourhood", "Neighbourhood", also=("area",), most=120),
    Field("until", "Last day of the role", also=("expires", "expiry date"), most=10),
)


def plan(rows: Sequence[Mapping[str, str]], *, actor: StaffMember, files: Mapping[str, Any]) -> list[Step]:
    """What each row comes to. One reading of who works here for all of them."""
    given = [{**row, "leaves": ""} for row in rows]
    return [_step(step) for step in imports.plan(given, actor_id=actor.pk)]


def _step(step: imports.Step) -> Step:
    what = step.name or step.email or "no name"
    if step.outcome == "refused":
        return Step(step.line, what, "refused", step.words)
    if step.member is not None:
        return Step(step.line, what, "known", ["They work here already, and are left as they are."])
    return Step(
        step.line,
        what,
        "new",
        step.words,
        key_of("staff", step.email.lower()),
        imports.as_data([step])[0],
    )
