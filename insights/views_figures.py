"""Figures: the pages of each role, and each picture's table as CSV."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from core import sheets
from core.downloads import as_table
from core.errors import NotValid
from core.gate import needs
from insights import dashboards, forms_figures
from insights import queries_figures as figures
from insights.charts import Picture
from insights.dashboards import DASHBOARDS, Dashboard
from insights.forms_figures import Asked
from insights.pictures.reading import Reading

OPENS = tuple(sorted({power for one in DASHBOARDS.values() for power in one.opens}))


@needs(*OPENS)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The first page of figures of those that are the viewer's."""
    return redirect("insights:dashboard", dashboards.open_to(request.user)[0].slug)


@needs(*OPENS)
@require_safe
def dashboard(request: HttpRequest, slug: str) -> HttpResponse:
    """All pictures of one role, over days that the reader chooses, of official accounts that are theirs."""
    found = dashboards.dashboard(request.user, slug)
    refusal = ""
    status = 200
    try:
        asked = _asked(request, found, dict(request.GET.items()))
    except NotValid as wrong:
        refusal, status = str(wrong), wrong.status
        asked = _asked(request, found, {})
    reading = Reading(request.user, asked.scope, asked.period, public=found.public)
    return render(
        request,
        "insights/dashboard.html",
        {
            "dashboard": found,
            "dashboards": dashboards.open_to(request.user),
            "asked": asked,
            "refusal": refusal,
            "heads": dashboards.heads(reading),
            "pictures": dashboards.drawn(found, reading),
            "spans": forms_figures.SPANS.items(),
            "places": figures.neighbourhoods(request.user, power=found.sees),
            "accounts": figures.scope(request.user, power=found.sees).accounts,
            "as_of": figures.as_of(),
            "definitions": figures.DEFINITIONS.values(),
        },
        status=status,
    )


@needs(*OPENS)
@require_safe
def picture(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """The table behind one picture, as CSV."""
    found = dashboards.dashboard(request.user, slug)
    asked = _asked(request, found, dict(request.GET.items()))
    reading = Reading(request.user, asked.scope, asked.period, public=found.public)
    drawn = dashboards.picture(found, name, reading)
    name = f"{found.slug}-{drawn.slug}-{asked.period.first}-{asked.period.last}.csv"
    return as_table(as_csv(drawn), name)


def as_csv(drawn: Picture) -> str:
    """A picture's table. Numbers stand there as numbers, shares from 0 to 1."""
    return sheets.written(
        [sheets.cell(name) for name in drawn.columns],
        ([_cell(value) for value in row] for row in drawn.rows),
    )


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    return str(value) if isinstance(value, int) else sheets.cell(value)


def _asked(request: HttpRequest, found: Dashboard, given: dict[str, str]) -> Asked:
    return forms_figures.asked(
        request.user,
        given,
        power=found.sees,
        usual="month" if found.by_place else "week",
        begin_with_place=found.by_place,
    )
