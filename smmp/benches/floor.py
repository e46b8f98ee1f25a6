"""What `manage.py bench queue` puts in front of the server: how many queries an answer took, and the floor page.

The floor page is the least that a queue page could be: its 50 rows by one query, through the queue's own row
template, with no sign-in, no frame, no counts and no trail. It is answered before any other middleware.
"""

from __future__ import annotations

import threading
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from moderation import queries
from moderation.models import Comment

PATH = "/bench/floor/"
SO_FAR = "/bench/statements/"
"""How many statements this web process has run for all answers so far; by itself it runs none."""
HEADER = "X-Bench-Queries"


class Counting:
    """Counts the statements of each answer; the answer says how many in a header."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response
        self.so_far = 0
        self.adding = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        count = 0

        def counted(execute: Any, *given: Any) -> Any:
            nonlocal count
            count += 1
            return execute(*given)

        if request.path == SO_FAR:
            return HttpResponse(str(self.so_far))
        with connection.execute_wrapper(counted):
            response = _floor(request) if request.path == PATH else self.get_response(request)
        with self.adding:
            self.so_far += count
        response[HEADER] = str(count)
        return response


class _Nobody:
    pk = 0


def _floor(request: HttpRequest) -> HttpResponse:
    ids = [int(pk) for pk in request.GET["ids"].split(",")]
    comments = queries.for_list(Comment.objects.filter(pk__in=ids)).order_by(*queries.ORDER)
    rows = [queries.as_row(_Nobody(), comment) for comment in comments]  # type: ignore[arg-type]
    queue = queries.Queue("now", "Needs me now", queries.Q())
    page = render_to_string(
        "moderation/_rows.html",
        {"rows": rows, "queue": queue, "place": "queue=now", "open_pk": None, "may_tick": True},
    )
    return HttpResponse(page)
