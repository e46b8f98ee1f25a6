"""From a tip on a public appeal to its case."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from core.errors import NotFound
from core.gate import needs
from escalation import queries, queries_appeals
from moderation import tips
from staff.roles import Power


@needs(Power.SEE_COMMENTS)
@require_safe
def for_tip(request: HttpRequest, pk: int) -> HttpResponse:
    """The case of a tip, or how far its opening is."""
    tip = tips.tip(request.user, pk)
    found = queries_appeals.case_of_tip(tip)
    if found is not None:
        try:
            return redirect("escalation:case", pk=queries.case(request.user, found.pk).pk)
        except NotFound:
            return render(request, "escalation/for_tip.html", {"tip": tip, "case": found})
    return render(request, "escalation/for_tip.html", {"tip": tip})
