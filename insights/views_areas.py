"""What neighbourhoods worried about and what was done, as pages; and the map of them."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from audit.actions import record_reading
from core import sheets
from core.downloads import as_table
from core.gate import needs
from insights import queries_areas as queries
from insights import queries_map as maps
from staff.roles import Power


@needs(Power.SEE_COMMENTS)
@require_safe
def areas(request: HttpRequest) -> HttpResponse:
    """The neighbourhoods that the viewer may see, each with what changed this week. With one of them, that one."""
    found = queries.areas(request.user)
    if len(found) == 1:
        return redirect("insights:area", slug=found[0].slug)
    return render(
        request,
        "insights/areas.html",
        {"areas": [(one, queries.week(request.user, one)) for one in found]},
    )


@needs(Power.SEE_COMMENTS)
@require_safe
def area(request: HttpRequest, slug: str) -> HttpResponse:
    """What a neighbourhood worried about in a month, and what was done."""
    month = queries.month(request.user, slug, queries.month_of(request.GET.get("month", "")))
    record_reading(
        actor=request.user,
        event="area.viewed",
        subject=month.place,
        subject_name=month.place.name,
        shown_ids=[one.pk for topic in month.topics for one in topic.examples],
    )
    return render(
        request, "insights/area.html", {"month": month, "several": len(queries.areas(request.user)) > 1}
    )


@needs(Power.SEE_COMMENTS)
@require_safe
def area_file(request: HttpRequest, slug: str) -> HttpResponse:
    """The topics of a month as CSV, week by week: numbers alone."""
    month = queries.month(request.user, slug, queries.month_of(request.GET.get("month", "")))
    weeks = [f"from {one.isoformat()}" for one in month.weeks]
    rows = [
        [
            sheets.cell(topic.name),
            str(topic.comments),
            "" if topic.before is None else str(topic.before),
            *map(str, topic.weeks),
        ]
        for topic in month.topics
    ]
    return as_table(
        sheets.written(["topic", "comments", "month before", *weeks], rows),
        f"{month.place.slug}-{month.first:%Y-%m}.csv",
    )


@needs(Power.SEE_COMMENTS)
@require_safe
def area_map(request: HttpRequest) -> HttpResponse:
    """Neighbourhoods shaded by a number, with the table that says the same."""
    wanted, problem = maps.asked(lambda name: request.GET.get(name, ""))
    found = maps.map_of(request.user, wanted, problem)
    asked = {
        "layer": wanted.layer,
        "category": wanted.category,
        "since": wanted.since.isoformat(),
        "until": wanted.until.isoformat(),
        **({"public": "yes"} if wanted.public else {}),
    }
    return render(
        request,
        "insights/map.html",
        {"map": found, "layers": maps.LAYERS.items(), "few": maps.FEW, "query": urlencode(asked)},
    )


@needs(Power.SEE_COMMENTS)
@require_safe
def map_file(request: HttpRequest) -> HttpResponse:
    """The table of the map as CSV, with small numbers held back where it is for showing outside."""
    wanted, _ = maps.asked(lambda name: request.GET.get(name, ""))
    found = maps.map_of(request.user, wanted)
    rows = [
        [
            sheets.cell(row.place.name),
            f"fewer than {maps.FEW}" if row.number is None else str(row.number),
            "yes" if row.deaf else "",
        ]
        for row in found.rows
    ]
    return as_table(
        sheets.written(["neighbourhood", maps.LAYERS[wanted.layer], "could not read everything"], rows),
        f"map-{wanted.layer}-{wanted.since}-{wanted.until}.csv",
    )
