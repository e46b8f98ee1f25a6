"""Answers that leave as a file with something in it that is nobody else's business."""

from __future__ import annotations

from django.http.response import HttpResponseBase


def as_file(response: HttpResponseBase, name: str) -> HttpResponseBase:
    """The answer is saved under this name, by nobody in between and never shown as a page."""
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
