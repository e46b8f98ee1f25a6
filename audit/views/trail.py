"""The trail, its export, and one's saved searches. Looking is itself recorded, before the page is answered."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import forms, queries, reasons
from audit.actions import console as actions
from audit.actions import record_reading
from audit.models import Entry
from audit.views import reasoned
from audit.views.reasoned import asks_for_reason
from core import clock
from core.errors import NotValid
from core.gate import fresh, needs, stays_inside
from core.sheets import cell

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
    "Address",
    "Leaf hash",
)


@needs("see_audit", "see_assigned_audit")
@require_safe
@asks_for_reason
def trail(request: HttpRequest) -> HttpResponse:
    """What happened, newest first."""
    form = forms.Trail(request.GET)
    context: dict[str, Any] = {"form": form, "who_form": forms.WhoSaw(), **_around(request)}
    if not form.is_valid():
        return render(request, "audit/trail.html", context, status=422)
    filters = form.filters()
    lines, next_before = queries.page(request.user, filters, before=_cursor(request.GET.get("before", "")))
    record_reading(
        actor=request.user,
        event="audit.viewed",
        reason=reasoned.given(request),
        details=_looked_at(request, {"filters": filters.as_details()}),
    )
    query = request.GET.copy()
    for name in ("before", "reason"):
        query.pop(name, None)
    older = ""
    if next_before is not None:
        at, pk = next_before
        query["before"] = f"{at.isoformat()}_{pk}"
        older = f"?{query.urlencode()}"
        query.pop("before")
    return render(
        request,
        "audit/trail.html",
        context
        | {
            "lines": lines,
            "broken": [line for line in lines if not line.whole],
            "older": older,
            "query": query.urlencode(),
            "filtered": bool(filters.as_details()),
        },
    )


def _around(request: HttpRequest) -> dict[str, Any]:
    return {
        "searches": [
            {"pk": saved.pk, "name": saved.name, "query": _query(saved.filters)}
            for saved in queries.saved_searches(request.user)
        ],
        "save_form": forms.SaveSearch(),
        "sees_all": queries.sees_all(request.user),
        "assigned": queries.live_assignments(request.user),
        **reasoned.context(request),
    }


def _query(filters: dict[str, str]) -> str:
    names = forms.Trail.base_fields.keys() & filters.keys()
    pairs = QueryDict(mutable=True)
    for name in sorted(names):
        pairs[name] = filters[name]
    return pairs.urlencode()


def _looked_at(request: HttpRequest, details: dict[str, Any]) -> dict[str, Any]:
    """What the trail notes of a look; professional standards' also names the cases that it was for."""
    if queries.sees_all(request.user):
        return details
    return details | {"assignments": [held.reference for held in queries.live_assignments(request.user)]}


# Saved searches


@needs("see_audit", "see_assigned_audit")
@require_POST
def save_search(request: HttpRequest) -> HttpResponse:
    """These filters have a name of one's own."""
    form, named = forms.Trail(request.POST), forms.SaveSearch(request.POST)
    if not form.is_valid():
        raise NotValid("These filters cannot be used. Go back, change them and save the search again.")
    if not named.is_valid():
        raise NotValid("Give the search a name of 60 characters at most.")
    chosen = {name: request.POST.get(name, "") for name in form.fields}
    saved = actions.save_search(actor=request.user, name=named.cleaned_data["name"], filters=chosen)
    messages.success(request, f"The search “{saved.name}” is saved, for you alone.")
    return _to_trail(_query(saved.filters))


@needs("see_audit", "see_assigned_audit")
@require_POST
def delete_search(request: HttpRequest, pk: int) -> HttpResponse:
    """A saved search of one's own is gone."""
    actions.delete_search(actor=request.user, pk=pk)
    messages.success(request, "The saved search is deleted.")
    return _to_trail("")


def _to_trail(query: str) -> HttpResponseRedirect:
    return redirect(reverse("audit:trail") + (f"?{query}" if query else ""))


# Export


@stays_inside
@fresh
@needs("see_audit", "see_assigned_audit")
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The entries that match, as a file for somebody who is named, for a reason; it says where it stops.

    The disclosure is committed before the first byte leaves; what came after it is not in the file. The
    file is read from the database as it leaves, so that its length costs no memory.
    """
    search = forms.Trail(request.GET)
    if not search.is_valid():
        context = {"form": search, "who_form": forms.WhoSaw(), **_around(request)}
        return render(request, "audit/trail.html", context, status=422)
    filters = search.filters()
    form = forms.Export(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        found = queries.entries(request.user, filters).order_by()[: queries.MOST_EXPORTED + 1].count()
        return render(
            request,
            "audit/export.html",
            {
                "form": form,
                "found": min(found, queries.MOST_EXPORTED),
                "capped": found > queries.MOST_EXPORTED,
                "query": request.GET.urlencode(),
                "filters": queries.in_words(filters),
                "question": reasons.ASKED["export"].question,
                "reason_mode": reasons.mode("export"),
            },
            status=422 if form.is_bound else 200,
        )
    given = form.cleaned_data
    # Who may see what is decided here, once, and not again while it leaves.
    chosen = queries.entries(request.user, filters)
    count = chosen.order_by()[: queries.MOST_EXPORTED + 1].count()
    capped = count > queries.MOST_EXPORTED
    disclosure = record_reading(
        actor=request.user,
        event="audit.exported",
        reason=given["reason"],
        details=_looked_at(
            request,
            {
                "count": min(count, queries.MOST_EXPORTED),
                "capped": capped,
                "filters": filters.as_details(),
                "format": given["format"],
                "to": given["to"],
            },
        ),
    )
    rows = chosen.filter(pk__lt=disclosure.pk)[: queries.MOST_EXPORTED].iterator(queries.EXPORTED_AT_ONCE)
    kind, pieces = (
        ("text/csv", _csv(rows, capped))
        if given["format"] == "csv"
        else ("application/jsonl", _jsonl(rows, capped))
    )
    name = f"audit-{clock.now():%Y%m%dT%H%M%S}Z.{given['format']}"
    return StreamingHttpResponse(
        pieces,
        content_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _stopped() -> str:
    return f"Stopped after {queries.MOST_EXPORTED:,} entries: choose a shorter time to have the rest."


def _csv(rows: Iterable[Entry], capped: bool) -> Iterator[str]:
    yield _table([COLUMNS])
    for part in _parts(rows):
        yield _table([cell(value) for value in _row(entry)] for entry in part)
    if capped:
        yield _table([[_stopped()]])


def _table(rows: Iterable[Iterable[object]]) -> str:
    table = io.StringIO()
    csv.writer(table).writerows(rows)
    return table.getvalue()


def _jsonl(rows: Iterable[Entry], capped: bool) -> Iterator[str]:
    for part in _parts(rows):
        yield "".join(f"{json.dumps(queries.as_json(entry), ensure_ascii=False)}\n" for entry in part)
    if capped:
        yield json.dumps({"stopped": _stopped()}, ensure_ascii=False) + "\n"


def _parts(rows: Iterable[Entry]) -> Iterator[list[Entry]]:
    """A few rows at a time: one piece of the answer each."""
    left = iter(rows)
    while part := list(islice(left, queries.EXPORTED_AT_ONCE)):
        yield part


def _row(entry: Entry) -> list[object]:
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
        entry.source_address,
        bytes(entry.leaf_hash or b"").hex(),
    ]


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
