"""Answers that leave as a file with something in it that is nobody else's business."""

from __future__ import annotations

from django.http.response import HttpResponse, HttpResponseBase


def as_file(response: HttpResponseBase, name: str) -> HttpResponseBase:
    """The answer is saved under this name, by nobody in between and never shown as a page."""
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def shown_apart(content: bytes, content_type: str) -> HttpResponse:
    """A picture or video by itself, in a sandbox of its own and kept by nobody on the way."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def as_table(text: str, name: str) -> HttpResponse:
    """A table as CSV (core.sheets.written), saved under this name."""
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    as_file(response, name)
    return response
