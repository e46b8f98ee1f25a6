"""Pages that belong to no room: what is shown when a form has grown old, or nothing is there."""

from __future__ import annotations

import sys

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from core.errors import TrailClosed
from smmp.backups import gate

DATABASE_BACK_IN_S = 5
"""When a browser or a proxy may try again after the database was away."""
RESTORED_IN_S = 300
"""And while a backup is being restored."""


def server_fault(request: HttpRequest) -> HttpResponse:
    """What anybody sees of a fault of ours; a database that is away is said so, and passes (503).

    So is an audit trail that cannot be written: no entry, no page. While a backup is being restored the application
    has no right in the database, whatever is asked: everybody is told so.

    The page asks nothing of the database: the frame around other pages does.
    """
    fault = sys.exc_info()[1]
    restoring = isinstance(fault, DatabaseError) and gate.is_closed()
    away = not restoring and isinstance(fault, OperationalError | InterfaceError | TrailClosed)
    page = loader.get_template("500.html").render(
        {"away": away, "restoring": gate.SENTENCE if restoring else ""}
    )
    response = HttpResponse(page, status=503 if away or restoring else 500)
    if away or restoring:
        response["Retry-After"] = str(RESTORED_IN_S if restoring else DATABASE_BACK_IN_S)
    response["Cache-Control"] = "no-store"
    return response


def csrf_failure(request, reason=""):
    """A form that was open too long, or came from elsewhere. Nothing was changed."""
    return render(
        request,
        "refusal.html",
        {
            "sentence": "This form had been open too long, so nothing was sent. Go back, copy your words, "
            "reload the page and send it again.",
            "status": 403,
        },
        status=403,
    )
