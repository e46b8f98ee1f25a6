"""The page and the feed of a policing area: its accounts, what was published, whom to reach. No session is known here."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from accounts import public as register
from accounts.models import AreaDetails
from core.crowd import for_the_crowd
from core.errors import NotFound
from core.gate import open_to_all
from platforms import registry
from publishing import incidents, public, queries_concerns

DRAWN = 400
"""Units of the drawing of a boundary, across and down."""


def _not_there(request: HttpRequest, refusal: NotFound) -> HttpResponse:
    return render(request, "refusal_public.html", {"sentence": refusal.sentence, "status": 404}, status=404)


@open_to_all
@require_safe
@for_the_crowd
def area(request: HttpRequest, slug: str) -> HttpResponse:
    """One area: which accounts are its, what they said of late, whom to reach."""
    try:
        place, details = register.area(slug)
    except NotFound as refusal:
        return _not_there(request, refusal)
    found = register.listing()
    accounts = register.matching(found, area=place.slug)
    posts = public.published(found, place)
    going_on = incidents.of_area(place)
    response = render(
        request,
        "publishing/public/area.html",
        {
            "incidents": going_on,
            "area": place,
            "details": details,
            "accounts": accounts,
            "posts": posts,
            "channels": [
                (registry.NAMES.get(channel["platform"], channel["platform"]), channel["url"])
                for channel in (details.channels if details else [])
            ],
            "drawing": _drawing(details),
            "size": DRAWN,
        },
    )
    newest = max((post.changed_at for post in posts), default=None)
    imported = details.imported_at.timestamp() if details else 0
    response["ETag"] = _etag(
        found.version, len(posts), newest.timestamp() if newest else 0, imported, incidents.version(going_on)
    )
    return response


@open_to_all
@require_safe
@for_the_crowd
def you_said(request: HttpRequest, slug: str) -> HttpResponse:
    """What people of an area told us, and what became of it."""
    try:
        place, _ = register.area(slug)
    except NotFound as refusal:
        return _not_there(request, refusal)
    return render(
        request,
        "publishing/public/you_said.html",
        {"area": place, "concerns": queries_concerns.published(place)},
    )


@open_to_all
@require_safe
@for_the_crowd
def feed(request: HttpRequest, slug: str) -> HttpResponse:
    """What the accounts of an area said, as Atom (RFC 4287)."""
    try:
        place, _ = register.area(slug)
    except NotFound as refusal:
        return _not_there(request, refusal)
    found = register.listing()
    posts = public.published(found, place)
    going_on = incidents.of_area(place)
    page = request.build_absolute_uri(reverse("publishing_public:area", args=[place.slug]))
    newest = max(
        [*(post.changed_at for post in posts), *(one.changed_at for one in going_on)], default=_BEGINNING
    )
    atom = _Feed(
        title=f"{settings.FORCE_NAME}: {place.name}",
        link=page,
        description=f"What the official accounts of {place.name} have published",
        feed_url=request.build_absolute_uri(),
        author_name=settings.FORCE_NAME,
        language="en-GB",
    )
    atom.updated = newest
    _add_updates(atom, going_on, page)
    for post in posts:
        atom.add_item(
            title=("Urgent: " if post.urgent else "") + _title(post.words),
            link=post.link or f"{page}#p-{post.key}",
            description=post.words,
            unique_id=f"urn:uuid:{post.key}",
            pubdate=post.at,
            updateddate=post.changed_at,
            author_name=post.account.name,
            categories=(post.account.platform_name,),
        )
    return _as_atom(atom, _etag(found.version, len(posts), newest.timestamp(), incidents.version(going_on)))


@open_to_all
@require_safe
@for_the_crowd
def updates(request: HttpRequest) -> HttpResponse:
    """Incidents of which the public is kept informed, of the whole force and of every area."""
    going_on = incidents.of_force()
    response = render(request, "publishing/public/updates.html", {"incidents": going_on})
    response["ETag"] = _etag(incidents.version(going_on))
    return response


@open_to_all
@require_safe
@for_the_crowd
def updates_feed(request: HttpRequest) -> HttpResponse:
    """The same as Atom (RFC 4287)."""
    going_on = incidents.of_force()
    page = request.build_absolute_uri(reverse("publishing_public:updates"))
    atom = _Feed(
        title=f"{settings.FORCE_NAME}: live updates",
        link=page,
        description="What is said of incidents that go on",
        feed_url=request.build_absolute_uri(),
        author_name=settings.FORCE_NAME,
        language="en-GB",
    )
    atom.updated = max((one.changed_at for one in going_on), default=_BEGINNING)
    _add_updates(atom, going_on, page)
    return _as_atom(atom, _etag(incidents.version(going_on)))


_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def _add_updates(atom: _Feed, going_on: list[incidents.ShownIncident], page: str) -> None:
    """Each update is an entry; one that was withdrawn says so, so that readers who have it learn of it."""
    told = [(one, incident) for incident in going_on for one in incident.updates]
    for one, incident in sorted(told, key=lambda pair: pair[0].at, reverse=True):
        atom.add_item(
            title=f"{incident.title}: {'withdrawn' if one.withdrawn else _title(one.words)}",
            link=f"{page}#p-{one.key}",
            description="This update was withdrawn." if one.withdrawn else one.words,
            unique_id=f"urn:uuid:{one.key}",
            pubdate=one.at,
            updateddate=one.changed_at,
            author_name=settings.FORCE_NAME,
            categories=(incident.area or "The whole force area",),
        )


def _as_atom(atom: _Feed, etag: str) -> HttpResponse:
    response = HttpResponse(atom.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    response["Access-Control-Allow-Origin"] = "*"
    response["ETag"] = etag
    return response


def _etag(*parts: object) -> str:
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:20]}"'


class _Feed(Atom1Feed):
    updated: datetime

    def latest_post_date(self) -> datetime:
        """When anything in it changed: an empty feed has not changed at every reading."""
        return self.updated


def _title(words: str) -> str:
    first = next((line for line in words.splitlines() if line.strip()), "A post")
    return first if len(first) <= 90 else first[:88].rsplit(" ", 1)[0] + " …"


def _drawing(details: AreaDetails | None) -> str:
    """The boundary as points of an SVG polygon, north up; empty where there is none."""
    corners = details.boundary if details else []
    if len(corners) < 3:
        return ""
    lats, lngs = [corner[0] for corner in corners], [corner[1] for corner in corners]
    # At this latitude a degree of longitude is about 0.6 of one of latitude: near enough for a sketch.
    narrow = 0.6
    wide = max((max(lngs) - min(lngs)) * narrow, max(lats) - min(lats)) or 1.0
    step = max(1, len(corners) // 400)
    return " ".join(
        f"{(lng - min(lngs)) * narrow / wide * DRAWN:.1f},{(max(lats) - lat) / wide * DRAWN:.1f}"
        for lat, lng in corners[::step]
    )
