"""Many at once: official accounts that exist from a CSV file, and policing areas with their details."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts import areas, bulk, queries
from accounts.actions import add_neighbourhood, project_grants, register_account
from accounts.actions.particulars import change_particulars
from accounts.models import AreaDetails, Mandate, Neighbourhood, OfficialAccount
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotValid
from staff.models import StaffMember
from staff.roles import Power

REGISTER_LOCK = "accounts.register_list"


@action
def enter_accounts(*, actor: Actor, content: bytes, name: str) -> list[OfficialAccount]:
    """Every account of the file stands in the register with what the file says of it, or none does.

    Raises NotPermitted, NotValid (a row is refused, the file cannot be read). Audits account.list_entered, and
    each account as if it were entered by hand.
    """
    _require(actor)
    with connection.cursor() as cursor:
        # Two files at once: the second waits, and is then compared with what the first has entered.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [REGISTER_LOCK])
    rows = bulk.plan(bulk.read(content))
    if refused := [row for row in rows if row.wrong]:
        raise NotValid(
            f"{len(refused)} of {len(rows)} rows are refused, first line {refused[0].line}: {refused[0].wrong[0]} "
            "Nothing was entered.",
            field="file",
        )
    entered = []
    for row in rows:
        account = register_account(actor=actor, project=False, **row.account)
        if row.particulars:
            mandate = Mandate.objects.get(official_account=account)
            if any(getattr(mandate, field) != value for field, value in row.particulars.items()):
                change_particulars(actor=actor, mandate=mandate, **row.particulars)
        entered.append(account)
    project_grants()
    record(
        actor=actor,
        event="account.list_entered",
        subject_name=name[:120],
        details={"count": len(entered)},
    )
    return entered


@dataclass(frozen=True)
class Kept:
    """How many areas are new, and of how many the details were replaced."""

    added: int
    changed: int


@action
def keep_areas(*, actor: Actor, given: Any, source: str) -> Kept:
    """Every area that was read stands in the register with its details, or none does.

    given: as areas.plan reads it. What was imported for an area before is replaced whole; a neighbourhood that
    is not in it stays as it is. Raises NotPermitted, NotValid. Audits neighbourhood.list_kept and each new one.
    """
    _require(actor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [REGISTER_LOCK])
    rows = areas.plan(given)
    if refused := [row for row in rows if row.wrong]:
        raise NotValid(
            f"{len(refused)} of {len(rows)} areas are refused, first {refused[0].name or 'one without a name'}: "
            f"{refused[0].wrong[0]} Nothing was imported.",
            field="file",
        )
    places = {place.name.casefold(): place for place in Neighbourhood.objects.all()}
    added = 0
    now = clock.now()
    for row in rows:
        place = places.get(row.name.casefold())
        if place is None:
            place = add_neighbourhood(actor=actor, name=row.name)
            added += 1
        if row.code and (
            other := AreaDetails.objects.filter(force=row.force, code=row.code)
            .exclude(neighbourhood=place)
            .select_related("neighbourhood")
            .first()
        ):
            raise NotValid(
                f"The id {row.code} belongs to {other.neighbourhood.name} already. Nothing was imported.",
                field="file",
            )
        AreaDetails.objects.update_or_create(
            neighbourhood=place,
            defaults={
                "force": row.force,
                "code": row.code,
                "description": row.description,
                "website": row.website,
                "email": row.email,
                "telephone": row.telephone,
                "population": row.population,
                "centre": row.centre,
                "boundary": row.boundary,
                "places": row.places,
                "channels": row.channels,
                "source": source[:300],
                "imported_by": actor if isinstance(actor, StaffMember) else None,
                "imported_at": now,
            },
        )
    record(
        actor=actor,
        event="neighbourhood.list_kept",
        subject_name=source[:120],
        details={"added": added, "changed": len(rows) - added},
    )
    return Kept(added, len(rows) - added)


def _require(actor: Actor) -> None:
    if isinstance(actor, StaffMember):
        queries.require_over_all(actor, Power.MANAGE_REGISTER)
