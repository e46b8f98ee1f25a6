"""Figures that people ask of the force under information law."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core import clock
from core.downloads import as_table
from core.gate import needs
from core.typed import whole
from insights import rights_figures
from staff.roles import Power


@needs(Power.SEE_RETENTION, Power.HANDLE_REQUESTS)
@require_safe
def request_figures(request: HttpRequest) -> HttpResponse:
    """Requests by kind, channel and on time; messages in and answered by month and platform. As CSV with `?as=csv`."""
    months = whole(request.GET.get("months", "")) or rights_figures.MONTHS
    asked = rights_figures.read(request.user, months=months)
    if request.GET.get("as") == "csv":
        return as_table(rights_figures.as_csv(asked), f"information-requests-{clock.today():%Y-%m-%d}.csv")
    return render(
        request,
        "insights/request_figures.html",
        {
            "asked": asked,
            "pictures": rights_figures.pictures(asked),
            "months": len(asked.requests.by_month),
            "choices": (6, 12, 24, 36),
        },
    )
