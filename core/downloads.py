"""Answers that leave as a file with something in it that is nobody else's business."""

from __future__ import annotations

from django.http.response import HttpResponse, HttpResponseBase


def as_file(response: HttpResponseBase, name: str) -> HttpResponseBase:
    """The answer is saved under this name, by nobody in between and never shown as a page."""
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def as_table(text: str, name: str) -> HttpResponse:
    """A table as CSV (core.sheets.written), saved under this name."""
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    as_file(response, name)
    return response
