"""Who saw a record, and what one person saw and did. Each answer leads to the others."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit import forms, queries, timelines
from audit.actions import record_reading
from audit.models import Entry
from audit.views import reasoned
from audit.views.reasoned import asks_for_reason
from core import clock
from core.errors import NotFound
from core.gate import needs


@needs("see_audit", "see_assigned_audit")
@require_safe
@asks_for_reason
def who_saw(request: HttpRequest) -> HttpResponse:
    """Who saw this comment: the answer in a sentence, then person by person."""
    form = forms.WhoSaw(request.GET)
    if not form.is_valid():
        return render(
            request, "audit/who_saw.html", {"form": form, "kind": "comment", **_around(request)}, status=422
        )
    return _record(request, "comment", form.cleaned_data["comment"])


@needs("see_audit", "see_assigned_audit")
@require_safe
@asks_for_reason
def record(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Who saw any record and what was done to it; for a commenter, to everything that they wrote."""
    if pk >= 2**63:
        raise NotFound("There is no record of that number.")
    return _record(request, kind.replace("-", " "), pk)


def _record(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    looks = timelines.who_saw(request.user, number, kind)
    key = "who_saw_comment" if kind == "comment" else f"who_saw_{kind.replace(' ', '_')}"
    entry = _note(request, {key: number})
    form = forms.WhoSaw(initial={"comment": number if kind == "comment" else None})
    return render(
        request,
        "audit/who_saw.html",
        {"form": form, "looks": looks, "kind": kind, "own_entry": entry, **_around(request)},
    )


@needs("see_audit", "see_assigned_audit")
@require_safe
@asks_for_reason
def person(request: HttpRequest, pk: int, span: str = "") -> HttpResponse:
    """What one staff member saw and did in a night or on a day; the present one where none is named."""
    chosen = timelines.Span.read(span or queries.span_around(clock.now()))
    if chosen is None or pk >= 2**63:
        raise NotFound("There is no such night. Its address ends like night-2026-11-22.")
    found = timelines.what_they_did(request.user, pk, chosen)
    entry = _note(request, {"person": pk, "span": chosen.slug})
    return render(request, "audit/person.html", {"found": found, "own_entry": entry, **_around(request)})


def _note(request: HttpRequest, details: dict[str, object]) -> Entry:
    if not queries.sees_all(request.user):
        held = [held.reference for held in queries.live_assignments(request.user)]
        details = details | {"assignments": held}
    return record_reading(
        actor=request.user, event="audit.viewed", reason=reasoned.given(request), details=details
    )


def _around(request: HttpRequest) -> dict[str, object]:
    return {"sees_all": queries.sees_all(request.user), **reasoned.context(request)}
