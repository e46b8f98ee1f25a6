"""Public appeals as everybody reads them: the list, one, its pictures. No session is known here."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.crowd import for_the_crowd
from core.errors import NotFound
from core.gate import open_to_all
from media import queries as media
from media import storage
from publishing import queries_appeals

MOST_BYTES = 400_000
"""Of a picture, so that it is kept in memory with the page."""


@open_to_all
@require_safe
@for_the_crowd
def appeals(request: HttpRequest) -> HttpResponse:
    """Every appeal that is live."""
    found = queries_appeals.public_appeals()
    response = render(request, "publishing/public/appeals.html", {"appeals": found})
    return _marked(response, *(f"{one.key}{one.changed_at}{one.words}" for one in found))


@open_to_all
@require_safe
@for_the_crowd
def appeal(request: HttpRequest, key: str) -> HttpResponse:
    """One appeal: what was approved, its pictures, and how to tell something. 410 once it is over."""
    try:
        _, found = queries_appeals.public_appeal(key)
    except NotFound as refusal:
        return _not_there(request, refusal)
    if found is None:
        return gone(request)
    response = render(request, "publishing/public/appeal.html", {"appeal": found})
    return _marked(
        response, found.key, str(found.changed_at), found.words, *(str(one.pk) for one in found.pictures)
    )


@open_to_all
@require_safe
@for_the_crowd
def picture(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """A picture of an appeal that is live, small enough for a telephone."""
    try:
        shown = queries_appeals.public_picture(key, pk)
        content, content_type = media.content_within(shown.file, MOST_BYTES)
    except NotFound:
        return HttpResponse("This picture is not shown any more.\n", status=410, content_type="text/plain")
    except storage.Damaged:
        return HttpResponse("This picture cannot be read.\n", status=503, content_type="text/plain")
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Robots-Tag"] = "noindex, noimageindex"
    return _marked(response, shown.file.sha256)


def gone(request: HttpRequest) -> HttpResponse:
    """That an appeal has ended: no name, no picture, nothing of what it was about."""
    response = render(request, "publishing/public/appeal_gone.html", status=410)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _not_there(request: HttpRequest, refusal: NotFound) -> HttpResponse:
    return render(request, "refusal_public.html", {"sentence": refusal.sentence, "status": 404}, status=404)


def _marked(response: HttpResponse, *parts: str) -> HttpResponse:
    response["ETag"] = f'"{hashlib.sha256("|".join(parts).encode()).hexdigest()[:20]}"'
    return response
