"""How triage works: for staff, and for the public in the form of the Algorithmic Transparency Recording Standard."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.gate import needs, open_to_all
from moderation import explained
from moderation.categories import ANSWER_WITHIN_MINUTES, Priority
from staff.roles import Power


@needs(Power.SEE_COMMENTS)
@require_safe
def how_it_works(request: HttpRequest) -> HttpResponse:
    """What sorts the comments, by which rules and examples, and how often it is right."""
    return render(request, "moderation/how_triage_works.html", _context())


@open_to_all
@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """The public record of the tool, tiers 1 and 2, made from what runs."""
    return render(
        request,
        "moderation/triage_record.html",
        {**_context(), "contact": settings.PUBLIC_CONTACT, "address": request.build_absolute_uri()},
    )


def _context() -> dict[str, object]:
    now = explained.explained()
    return {
        "now": now,
        "clocks": [
            (priority, explained.within(ANSWER_WITHIN_MINUTES[priority.value])) for priority in Priority
        ],
    }
