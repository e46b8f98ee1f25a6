"""The trail, and who saw a comment. Looking is itself recorded, before the page is answered."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit import forms, queries
from audit.actions import record_reading
from core import clock
from core.gate import needs

COLUMNS = (
    "Entry",
    "Time (London)",
    "Time (UTC)",
    "What",
    "Event",
    "Operation",
    "Who",
    "Who, number",
    "Subject",
    "Subject, number",
    "Official account",
    "Records shown",
    "Reason",
    "Request",
    "Leaf hash",
)

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@needs("see_audit")
@require_safe
def trail(request: HttpRequest) -> HttpResponse:
    """What happened, newest first."""
    form = forms.Trail(request.GET)
    who_form = forms.WhoSaw()
    if not form.is_valid():
        return render(request, "audit/trail.html", {"form": form, "who_form": who_form}, status=422)
    filters = form.filters()
    lines, next_before = queries.page(request.user, filters, before=_cursor(request.GET.get("before", "")))
    record_reading(actor=request.user, event="audit.viewed", details={"filters": filters.as_details()})
    query = request.GET.copy()
    query.pop("before", None)
    older = ""
    if next_before is not None:
        at, pk = next_before
        query["before"] = f"{at.isoformat()}_{pk}"
        older = f"?{query.urlencode()}"
        query.pop("before")
    return render(
        request,
        "audit/trail.html",
        {
            "form": form,
            "who_form": who_form,
            "lines": lines,
            "broken": [line for line in lines if not line.whole],
            "older": older,
            "query": query.urlencode(),
            "filtered": bool(filters.as_details()),
            "most_exported": queries.MOST_EXPORTED,
        },
    )


@needs("see_audit")
@require_safe
def who_saw(request: HttpRequest) -> HttpResponse:
    """Who saw this comment: the answer in a sentence, then person by person."""
    form = forms.WhoSaw(request.GET)
    if not form.is_valid():
        return render(request, "audit/who_saw.html", {"form": form}, status=422)
    looks = queries.who_saw(request.user, form.cleaned_data["comment"])
    entry = record_reading(
        actor=request.user, event="audit.viewed", details={"who_saw_comment": looks.number}
    )
    return render(request, "audit/who_saw.html", {"form": form, "looks": looks, "own_entry": entry})


@needs("see_audit")
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The entries that match, as a table for a spreadsheet; it says where it stops."""
    form = forms.Trail(request.GET)
    if not form.is_valid():
        return render(request, "audit/trail.html", {"form": form, "who_form": forms.WhoSaw()}, status=422)
    filters = form.filters()
    rows = list(queries.entries(request.user, filters)[: queries.MOST_EXPORTED + 1])
    capped = len(rows) > queries.MOST_EXPORTED
    rows = rows[: queries.MOST_EXPORTED]
    record_reading(
        actor=request.user,
        event="audit.exported",
        details={"count": len(rows), "capped": capped, "filters": filters.as_details()},
    )
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    for entry in rows:
        writer.writerow([_cell(value) for value in _row(entry)])
    if capped:
        writer.writerow(
            [f"Stopped after {queries.MOST_EXPORTED} entries: choose a shorter time to have the rest."]
        )
    return HttpResponse(
        table.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="audit-{clock.now():%Y%m%dT%H%M%S}Z.csv"'},
    )


def _row(entry) -> list[object]:
    return [
        entry.pk,
        f"{clock.in_london(entry.at):%Y-%m-%d %H:%M:%S %Z}",
        entry.at.isoformat(),
        queries.sentence(entry),
        entry.event,
        entry.operation,
        entry.actor_name,
        entry.actor_id,
        entry.subject_name or entry.subject_type,
        entry.subject_id,
        entry.official_account_id,
        " ".join(str(pk) for pk in entry.shown_ids),
        entry.reason,
        entry.request_id,
        bytes(entry.leaf_hash or b"").hex(),
    ]


def _cell(value: object) -> str:
    """Text that no spreadsheet takes for a formula (ASVS 1.2.10)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _cursor(text: str) -> tuple[datetime, int] | None:
    at, _, pk = text.rpartition("_")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    if moment.tzinfo is None or not 2000 <= moment.year <= 2200:
        return None
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return None
    # In UTC: Python takes offsets up to 24 hours, Postgres refuses those over 16.
    return moment.astimezone(UTC), int(pk)
