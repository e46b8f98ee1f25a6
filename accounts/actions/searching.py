"""Searches of platforms for accounts that look like ours: taken by one worker, and what they found."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from accounts import searching
from accounts.actions.impostors import note_found
from accounts.models import Impostor, ImpostorSearch, ProfilePicture
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from platforms import registry

SEARCH = System("search for impostors")


@action
def claim_search(*, actor: Actor = SEARCH) -> ImpostorSearch | None:
    """A platform whose time has come, for this worker alone until the lease ends; None where there is none.

    A platform on which we are connected anew is searched at once.
    """
    now = clock.now()
    wanted = searching.platforms_to_search()
    ImpostorSearch.objects.bulk_create(
        [ImpostorSearch(platform=slug, next_at=now) for slug in wanted], ignore_conflicts=True
    )
    row = (
        ImpostorSearch.objects.select_for_update(skip_locked=True)
        .filter(platform__in=wanted, next_at__lte=now)
        .exclude(lease_until__gt=now)
        .order_by("next_at", "id")
        .first()
    )
    if row is not None:
        row.lease_until = now + searching.LEASE
        row.save(update_fields=["lease_until"])
    return row


@action
def put_off(*, actor: Actor = SEARCH, search: ImpostorSearch, fault: str = "") -> None:
    """It could not be done now, and is tried again in an hour."""
    ImpostorSearch.objects.filter(pk=search.pk).update(
        lease_until=None, next_at=clock.now() + searching.LATER, fault=fault[:300]
    )


@action
def note_search(
    *, actor: Actor = SEARCH, search: ImpostorSearch, searched: searching.Searched
) -> list[Impostor]:
    """What claims to be us is noted, once each; everything else that the search showed is forgotten.

    Audits impostor.searched, and impostor.reported for each that is new.
    """
    row = ImpostorSearch.objects.select_for_update().get(pk=search.pk)
    now = clock.now()
    for pk, seen_as in searched.pictures.items():
        ProfilePicture.objects.update_or_create(
            official_account_id=pk, defaults={"seen_as": seen_as, "read_at": now}
        )
    found = [
        impostor
        for finding in searched.findings
        if (impostor := _note(actor, row.platform, finding)) is not None
    ]
    row.lease_until, row.next_at, row.searched_at = None, searching.next_time(row.platform, now), now
    row.seen, row.found, row.fault = searched.seen, len(found), ""
    row.save()
    record(
        actor=actor,
        event="impostor.searched",
        subject_name=registry.NAMES.get(row.platform, row.platform),
        details={"seen": searched.seen, "found": len(found)},
    )
    return found


def _note(actor: Actor, platform: str, finding: searching.Finding) -> Impostor | None:
    try:
        with transaction.atomic():
            return note_found(
                actor=actor,
                platform=platform,
                handle=finding.account.handle,
                name=finding.account.name,
                url=finding.account.url,
                alike=finding.alike,
                why=finding.why,
                picture_differs=finding.picture_differs,
                known_key=searching.key_of(platform, finding.account.handle),
            )
    except IntegrityError:
        return None  # known: noted, dismissed, or left by the platform
