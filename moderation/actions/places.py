"""Names of places by which comments find their way to the neighbourhood that they are about."""

from __future__ import annotations

from accounts.models import Neighbourhood
from accounts.queries import require_over_all
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotFound, NotValid
from moderation import places
from moderation.models import Place
from staff.models import StaffMember
from staff.roles import Power

MOST_AT_ONCE = 300
LONGEST = 80


@action
def add_places(*, actor: StaffMember, neighbourhood: Neighbourhood, names: str) -> list[Place]:
    """Comments that come from now on and name one of these stand in that neighbourhood's queue as well.

    names: one a line. Those that stand there already change nothing. Raises NotPermitted, NotValid (which
    line, and why). Audits places.added where there were new ones.
    """
    require_over_all(actor, Power.MANAGE_REGISTER)
    lines = [" ".join(line.split()) for line in names.splitlines() if line.strip()]
    if not lines:
        raise NotValid("Write the names, one a line.", field="names")
    if len(lines) > MOST_AT_ONCE:
        raise NotValid(f"Add {MOST_AT_ONCE} names at most at a time.", field="names")
    wanted: dict[str, str] = {}
    for line in lines:
        matched = places.plain(line)
        if len(line) > LONGEST or len(matched) > LONGEST:
            raise NotValid(f"“{line[:40]}…” is longer than {LONGEST} characters.", field="names")
        if len(matched) < places.SHORTEST:
            raise NotValid(
                f"“{line}” is too short: it would be found in comments about anything. "
                f"Use {places.SHORTEST} letters at least.",
                field="names",
            )
        wanted.setdefault(matched, line)
    Neighbourhood.objects.select_for_update().get(pk=neighbourhood.pk)
    standing = set(
        Place.objects.filter(neighbourhood=neighbourhood, withdrawn_at=None, matched__in=wanted).values_list(
            "matched", flat=True
        )
    )
    made = Place.objects.bulk_create(
        Place(name=name, matched=matched, neighbourhood=neighbourhood, added_by=actor, added_at=clock.now())
        for matched, name in wanted.items()
        if matched not in standing
    )
    if made:
        record(
            actor=actor,
            event="places.added",
            subject=neighbourhood,
            subject_name=neighbourhood.name,
            details={"names": [place.name for place in made]},
        )
    return made


@action
def withdraw_place(*, actor: StaffMember, place: Place) -> Place:
    """The name is not looked for any more; what named it before stays where it stands.

    Raises NotPermitted, NotFound. Audits place.withdrawn; a second time changes nothing.
    """
    require_over_all(actor, Power.MANAGE_REGISTER)
    found = Place.objects.select_for_update().select_related("neighbourhood").filter(pk=place.pk).first()
    if found is None:
        raise NotFound("There is no such place.")
    if found.withdrawn_at is None:
        found.withdrawn_at = clock.now()
        found.save(update_fields=["withdrawn_at"])
        record(
            actor=actor,
            event="place.withdrawn",
            subject=found.neighbourhood,
            subject_name=found.neighbourhood.name,
            details={"name": found.name},
        )
    return found
