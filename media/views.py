"""Showing a file to the person for whom a page made the address, and to a platform that fetches it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core.errors import NotFound
from core.gate import open_to_all, signed_in
from media import actions, queries, storage

INLINE = ("image/jpeg", "image/png")


@signed_in
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture itself, in a sandbox of its own and kept by nobody on the way."""
    file = queries.file_by_token(request.user, pk, request.GET.get("t", ""))
    try:
        content = queries.content(file)
    except storage.Damaged:
        raise NotFound(
            "This picture cannot be read from the store. Tell your service administrator."
        ) from None
    actions.note_view(actor=request.user, file=file)
    inline = file.content_type in INLINE
    response = HttpResponse(content, content_type=file.content_type if inline else "application/octet-stream")
    response["Content-Disposition"] = "inline" if inline else "attachment"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@open_to_all
@require_safe
def fetch(request: HttpRequest, token: str) -> HttpResponse:
    """A picture of a post that is being published, for the platform that fetches it by a signed address."""
    content, content_type = queries.fetched(token)
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, no-store"
    return response
