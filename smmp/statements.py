"""What the public may know of the platform itself: accessibility, privacy, whom to tell of a weakness."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core import clock
from core.crowd import for_the_crowd
from core.gate import open_to_all
from retention.models import ScheduleRow
from retention.models.schedule import Regime

KEPT = (
    "routine_comment",
    "call_for_service",
    "author_deleted",
    "case",
    "impostor",
    "inquiry",
    "community_question",
    "appeal_tip",
    "audit_entry",
)
"""Record classes of which the notice says how long they are kept, in this order."""


@open_to_all
@require_safe
@for_the_crowd
def accessibility(request: HttpRequest) -> HttpResponse:
    """How accessible the public pages are, and what to do where they are not.

    Source: Public Sector Bodies (Websites and Mobile Applications) (No. 2) Accessibility Regulations 2018, reg. 8.
    """
    return render(request, "smmp/accessibility.html", {"contact": settings.PUBLIC_CONTACT})


@open_to_all
@require_safe
@for_the_crowd
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about the public, why, for how long, and their rights.

    Source: UK GDPR articles 13 and 14; DPA 2018 s.44 for law enforcement.
    """
    rows = {row.slug: row for row in ScheduleRow.objects.filter(slug__in=KEPT)}
    return render(
        request,
        "smmp/privacy.html",
        {"contact": settings.PUBLIC_CONTACT, "rows": [rows[slug] for slug in KEPT if slug in rows]},
    )


@open_to_all
@require_safe
@for_the_crowd
def retention(request: HttpRequest) -> HttpResponse:
    """How long each class of record is kept, as the live schedule says.

    Source: DPA 2018 s.44(2)(b) and UK GDPR art. 13(2)(a), the period of storage.
    """
    rows = list(ScheduleRow.objects.exclude(regime=Regime.NONE).order_by("title"))
    waiting = sum(row.confirmed_at is None for row in rows)
    return render(request, "smmp/public_retention.html", {"rows": rows, "waiting": waiting})


@open_to_all
@require_safe
@for_the_crowd
def security(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a weakness (RFC 9116); 404 where the force has named nobody."""
    contact = settings.SECURITY_CONTACT
    if not contact:
        return HttpResponse("No contact is set.\n", content_type="text/plain; charset=utf-8", status=404)
    address = contact if contact.startswith("https://") else f"mailto:{contact}"
    ends = clock.midnight(clock.today() + timedelta(days=180))
    return HttpResponse(
        f"Contact: {address}\nExpires: {ends.isoformat()}\nPreferred-Languages: en, cy\n"
        f"Canonical: {request.build_absolute_uri()}\n",
        content_type="text/plain; charset=utf-8",
    )
