"""The approved posts of a week as a page to print and as a table, to be published by hand."""

from __future__ import annotations

import contextlib
import csv
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core import clock
from core.downloads import as_file
from core.gate import needs
from core.sheets import cell
from publishing import queries_lockdown, week
from publishing.actions.week import take_week
from staff.roles import Power


@needs(Power.SEE_POSTS)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """What is approved for seven days, whole, so that it can be printed."""
    first = _first(request)
    found = week.planned(request.user, first)
    return render(
        request,
        "publishing/week.html",
        {
            "first": first,
            "last": first + timedelta(days=week.DAYS - 1),
            "before": first - timedelta(days=week.DAYS),
            "after": first + timedelta(days=week.DAYS),
            "rows": found,
            "stopped": sum(bool(one.stopped_by) for one in found),
            "not_approved": week.not_approved(request.user, first),
            "made_at": clock.now(),
            "in_force": [one for one in queries_lockdown.live() if not one.drill],
            "most": week.MOST,
        },
    )


@needs(Power.SEE_POSTS)
@require_safe
def table(request: HttpRequest) -> HttpResponseBase:
    """The same as CSV; who took it stands in the trail."""
    first = _first(request)
    found = take_week(actor=request.user, first=first)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    written = csv.writer(response)
    written.writerow(week.COLUMNS)
    for row in week.rows(found):
        written.writerow(map(cell, row))
    return as_file(response, f"posts-from-{first:%Y-%m-%d}.csv")


def _first(request: HttpRequest) -> date:
    with contextlib.suppress(ValueError):
        day = date.fromisoformat(request.GET.get("on", ""))
        if 2000 <= day.year <= 2100:
            return day
    return clock.today()
