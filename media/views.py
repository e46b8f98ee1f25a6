"""Showing a file to the person for whom a page made the address, and to a platform that fetches it."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core.errors import NotFound
from core.gate import open_to_all, signed_in
from media import actions, queries, storage

INLINE = ("image/jpeg", "image/png", "video/mp4", "video/quicktime")


@signed_in
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture or video itself, in a sandbox of its own and kept by nobody on the way."""
    file = queries.file_by_token(request.user, pk, request.GET.get("t", ""))
    try:
        content = queries.content(file)
    except storage.Damaged:
        raise NotFound(
            "This picture cannot be read from the store. Tell your service administrator."
        ) from None
    start, end = _asked_for(request, len(content)) if queries.is_video(file) else (0, len(content))
    if not start:
        # Players ask for the rest of a video piece by piece: that is one look, not many.
        actions.note_view(actor=request.user, file=file)
    inline = file.content_type in INLINE
    response = HttpResponse(
        content[start:end], content_type=file.content_type if inline else "application/octet-stream"
    )
    if queries.is_video(file):
        response["Accept-Ranges"] = "bytes"
        if (start, end) != (0, len(content)):
            response.status_code = 206
            response["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
    response["Content-Disposition"] = "inline" if inline else "attachment"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


_RANGE = re.compile(r"^bytes=(\d{1,12})-(\d{0,12})$")


def _asked_for(request: HttpRequest, size: int) -> tuple[int, int]:
    """Where the piece begins and ends that a player asks for (RFC 9110, 14.2); the whole where it asks otherwise."""
    found = _RANGE.match(request.headers.get("Range", ""))
    if found is None or int(found[1]) >= size:
        return 0, size
    return int(found[1]), min(size, int(found[2]) + 1) if found[2] else size


@open_to_all
@require_safe
def fetch(request: HttpRequest, token: str) -> HttpResponse:
    """A picture or video of a post that is being published, for the platform that fetches it by a signed address."""
    content, content_type = queries.fetched(token)
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, no-store"
    return response
