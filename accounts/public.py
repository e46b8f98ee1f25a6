"""What the public may know of the official accounts: the list, and whether a handle stands on it.

Read whole and kept in this process for a few seconds, so that a crowd asks the database nothing. It names no
staff: of named officers' accounts it holds those alone for which the officer agreed (Mandate.named_publicly).
Source: APP social media, "publish the list of all official accounts".
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q

from accounts import lookalikes
from accounts.coverage import Coverage, coverages_of
from accounts.models import AreaDetails, Impostor, Mandate, Neighbourhood, OfficialAccount
from core.errors import NotFound
from platforms import registry


@dataclass(frozen=True)
class Listed:
    """One official account as the public sees it."""

    pk: int
    name: str
    platform: str
    platform_name: str
    handle: str
    url: str
    purpose: str
    audience: str
    area: str
    area_slug: str
    watched: str
    """When somebody reads what is written there, in words."""
    meanwhile: str
    """What happens when nobody does."""
    verified: bool
    run: bool


@dataclass(frozen=True)
class Area:
    """One neighbourhood as the public finds it."""

    pk: int
    name: str
    slug: str
    places: tuple[str, ...]
    accounts: int


@dataclass(frozen=True)
class Listing:
    """Everything at one moment. `version` changes when anything of it does."""

    accounts: tuple[Listed, ...]
    areas: tuple[Area, ...]
    former: tuple[tuple[str, str], ...]
    """Platform and handle of what was ours and is closed."""
    known_impostors: tuple[tuple[str, str], ...]
    """Platform and handle of accounts that staff found to pretend."""
    version: str


_HELD: list[tuple[float, Listing]] = []


def forget() -> None:
    """The next reading asks the database."""
    _HELD.clear()


def listing() -> Listing:
    """The list, at most `settings.PUBLIC_KEPT_FOR_S` old."""
    now = time.monotonic()
    if _HELD and _HELD[0][0] > now:
        return _HELD[0][1]
    made = _read()
    if settings.PUBLIC_KEPT_FOR_S:
        _HELD[:] = [(now + settings.PUBLIC_KEPT_FOR_S, made)]
    return made


def _read() -> Listing:
    rows = list(
        OfficialAccount.objects.filter(status=OfficialAccount.Status.ACTIVE, exercise=False)
        .filter(Q(mandate=None) | ~Q(mandate__kind=Mandate.Kind.OFFICER) | Q(mandate__named_publicly=True))
        .select_related("neighbourhood", "mandate")
        .order_by("neighbourhood__name", "name", "id")
    )
    hours = coverages_of(rows)
    accounts = tuple(as_listed(row, hours[row.pk]) for row in rows)
    numbers: dict[int | None, int] = {}
    for row in rows:
        numbers[row.neighbourhood_id] = numbers.get(row.neighbourhood_id, 0) + 1
    details = dict(AreaDetails.objects.values_list("neighbourhood_id", "places"))
    areas = tuple(
        Area(area.pk, area.name, area.slug, tuple(details.get(area.pk, ())), numbers.get(area.pk, 0))
        for area in Neighbourhood.objects.order_by("name")
    )
    former = tuple(
        OfficialAccount.objects.filter(exercise=False)
        .exclude(status=OfficialAccount.Status.ACTIVE)
        .exclude(mandate__kind=Mandate.Kind.OFFICER, mandate__named_publicly=False)
        .order_by("id")
        .values_list("platform", "handle")
    )
    known = tuple(
        Impostor.objects.filter(
            state__in=[Impostor.State.CONFIRMED, Impostor.State.REPORTED, Impostor.State.STAYS]
        )
        .exclude(handle="")
        .order_by("id")
        .values_list("platform", "handle")
    )
    told = json.dumps(
        [[asdict(one) for one in accounts], [asdict(one) for one in areas], former, known],
        sort_keys=True,
    )
    return Listing(accounts, areas, former, known, hashlib.sha256(told.encode()).hexdigest()[:20])


def as_listed(row: OfficialAccount, hours: Coverage) -> Listed:
    """One official account as the public sees it."""
    of = getattr(row, "mandate", None)
    return Listed(
        pk=row.pk,
        name=row.name,
        platform=row.platform,
        platform_name=registry.NAMES.get(row.platform, row.platform),
        handle=row.handle,
        url=row.profile_url,
        purpose=row.purpose,
        audience=of.audience if of else "",
        area=row.neighbourhood.name if row.neighbourhood else "",
        area_slug=row.neighbourhood.slug if row.neighbourhood else "",
        watched=_watched(hours),
        meanwhile=hours.risk.instead if hours.risk else "",
        verified=bool(of and of.verified == Mandate.Verified.VERIFIED),
        run=not of or of.run == Mandate.Run.RUN,
    )


def _watched(hours: Coverage) -> str:
    if hours.always:
        return "Read around the clock."
    if not hours.watches:
        return "Not read all the time."
    told = "; ".join(f"{stretch.days}, {stretch.hours}" for stretch in hours.watched)
    return f"Read {told.replace('Every day', 'every day')}."


def matching(found: Listing, *, platform: str = "", area: str = "", words: str = "") -> list[Listed]:
    """Those of a platform, of an area (its slug), or that somebody finds by a word, a place or a postcode."""
    words = " ".join(words.casefold().split())
    slugs = {one.slug for one in areas_matching(found, words)} if words else set()
    return [
        one
        for one in found.accounts
        if (not platform or one.platform == platform)
        and (not area or one.area_slug == area)
        and (
            not words
            or one.area_slug in slugs
            or words in f"{one.name} @{one.handle} {one.purpose} {one.area}".casefold()
        )
    ]


def areas_matching(found: Listing, words: str) -> list[Area]:
    """The areas that bear this name or hold this place; a whole postcode is found by its district."""
    words = " ".join(words.casefold().split())
    if not words:
        return []
    bare = words.replace(" ", "")
    district = bare[:-3] if len(bare) in (5, 6, 7) and bare[-3:-2].isdigit() else bare
    return [
        one
        for one in found.areas
        if words in one.name.casefold()
        or any(words in place.casefold() or place.casefold() == district for place in one.places)
    ]


@dataclass(frozen=True)
class Verdict:
    """What the check says: "real", "former", "impostor", "alike" or "unknown", and why."""

    asked: lookalikes.Asked
    kind: str
    ours: tuple[Listed, ...] = ()
    why: str = ""


def check(text: str) -> Verdict | None:
    """Whether what somebody typed is one of ours; None where there is nothing to go by.

    Only an exact handle, on the platform that the link names, is real. A real handle on another platform is not.
    """
    asked = lookalikes.read(text)
    if not asked.handle:
        return None
    found = listing()
    handle = asked.handle.casefold()
    same = [one for one in found.accounts if one.handle.casefold() == handle]
    if not same and asked.link:
        same = [one for one in found.accounts if one.url and lookalikes.plain_link(one.url) == asked.link]
        if same:
            return Verdict(asked, "real", tuple(same))
    if asked.platform:
        there = [one for one in same if one.platform == asked.platform]
    else:
        # An unknown site that bears our handle is none of ours.
        there = same if not asked.link else []
    if there:
        return Verdict(asked, "real", tuple(there))
    if _stands(found.known_impostors, asked):
        return Verdict(asked, "impostor")
    if _stands(found.former, asked):
        return Verdict(asked, "former")
    if same:
        names = " and ".join(sorted({one.platform_name for one in same}))
        return Verdict(
            asked, "alike", tuple(same), f"We have this handle on {names}, and not where your link leads."
        )
    best: list[tuple[Listed, str]] = [
        (one, why) for one in found.accounts if (why := lookalikes.likeness(asked.handle, one.handle))
    ]
    if best:
        return Verdict(asked, "alike", tuple(one for one, _ in best[:3]), best[0][1])
    if why := lookalikes.bears_name(asked.handle, brands()):
        return Verdict(asked, "alike", (), why)
    return Verdict(asked, "unknown")


def _stands(rows: tuple[tuple[str, str], ...], asked: lookalikes.Asked) -> bool:
    handle = asked.handle.casefold()
    return any(
        known.casefold() == handle and (not asked.platform or platform == asked.platform)
        for platform, known in rows
    )


def brands() -> tuple[str, ...]:
    """The force's own names that nobody else may bear."""
    return (settings.FORCE_NAME,)


def area(slug: str) -> tuple[Neighbourhood, AreaDetails | None]:
    """One policing area with what is imported of it. Raises NotFound."""
    found = Neighbourhood.objects.select_related("details").filter(slug=slug).first()
    if found is None:
        raise NotFound("There is no such area. Look for it in the list of our accounts.")
    return found, getattr(found, "details", None)


def as_data(found: Listing, address: str) -> dict[str, Any]:
    """The list as schema.org has it (GovernmentOrganization with sameAs), and each account beside it."""
    return {
        "@context": "https://schema.org",
        "@type": "GovernmentOrganization",
        "name": settings.FORCE_NAME,
        "url": address,
        "sameAs": [one.url for one in found.accounts if one.url and not one.area_slug],
        "subOrganization": [
            {
                "@type": "GovernmentOrganization",
                "name": area.name,
                "sameAs": [one.url for one in found.accounts if one.url and one.area_slug == area.slug],
            }
            for area in found.areas
            if area.accounts
        ],
        "version": found.version,
        "accounts": [
            {
                "name": one.name,
                "platform": one.platform,
                "platform_name": one.platform_name,
                "handle": one.handle,
                "url": one.url,
                "purpose": one.purpose,
                "area": one.area,
                "read": one.watched,
                "verified_by_platform": one.verified,
            }
            for one in found.accounts
        ],
    }
