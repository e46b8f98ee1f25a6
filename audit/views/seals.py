"""The state of the seal, the trail handed over so that a stranger can verify it, and the proof of one entry."""

from __future__ import annotations

import json
import tempfile

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from audit import queries as trail
from audit.actions import record_reading
from audit.catalogue import RESTRICTED
from audit.models import Entry
from audit.seal import export as sealed
from audit.seal import forms, queries
from audit.views.reasoned import asks_for_reason, given
from core import clock
from core.errors import NotFound, Refused
from core.gate import fresh, needs

MOST_IN_A_BROWSER = 200_000
"""Entries; more are taken out with `manage.py audit export`."""
SPOOL_BYTES = 4 * 1024 * 1024
"""An export of up to so many bytes is put together in memory, a bigger one in a file without a name."""


@needs("see_audit")
@require_safe
def state(request: HttpRequest) -> HttpResponse:
    """Whether the trail is sealed, by which key, and how far its checkpoints have got."""
    return render(request, "audit/seal.html", {"state": queries.state(), "late_s": queries.LATE_S})


@fresh
@needs("see_audit")
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponse | FileResponse:
    """A part of the sealed trail as a file, for somebody who is named and can verify it. Audits audit.sealed_exported."""
    form = forms.SealedExport(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return _exported(request, form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
    return render(
        request,
        "audit/seal_export.html",
        {"form": form, "state": queries.state(), "most": MOST_IN_A_BROWSER},
        status=422 if form.is_bound else 200,
    )


def _exported(request: HttpRequest, asked: dict) -> FileResponse:
    kept_back = frozenset() if request.user.has_perm("accounts.handle_conduct") else RESTRICTED
    source = sealed.chosen(asked["since"], asked["until"], withheld=kept_back)
    count = source.count
    if count > MOST_IN_A_BROWSER:
        raise NotFound(
            f"That are {count:,} entries; a browser takes out {MOST_IN_A_BROWSER:,} at most. Choose a shorter time, or "
            "ask for `manage.py audit export` to be run."
        )
    # Committed before anything leaves: no entry, no file.
    record_reading(
        actor=request.user,
        event="audit.sealed_exported",
        reason=asked.get("reason", ""),
        details={
            "to": asked["to"],
            "count": count,
            "segments": [source.first, source.last],
            "since": asked["since"].isoformat() if asked["since"] else None,
            "until": asked["until"].isoformat() if asked["until"] else None,
        },
    )
    name = f"sealed-trail-{clock.now():%Y%m%dT%H%M%S}Z"
    file = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - the response closes it
    sealed.write_zip(source, file, name=name)  # type: ignore[arg-type]
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.zip", content_type="application/zip")


@needs("see_audit")
@require_safe
@asks_for_reason
def proof(request: HttpRequest, pk: int) -> HttpResponse:
    """The proof that one entry is in the trail, step by step. Audits audit.viewed."""
    entry = _entry(request, pk)
    try:
        found, why_not = sealed.proof(entry.pk), ""
    except NotFound as refusal:
        found, why_not = None, refusal.sentence
    record_reading(
        actor=request.user, event="audit.viewed", reason=given(request), details={"proof_of_entry": entry.pk}
    )
    steps = len(found["segment_path"]) + len(found["tree_path"]) if found else 0
    return render(
        request,
        "audit/proof.html",
        {"line": trail.line(entry), "proof": found, "steps": steps, "why_not": why_not},
    )


@fresh
@needs("see_audit")
@require_safe
def proof_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as a file that a stranger can check. Audits audit.proved."""
    entry = _entry(request, pk)
    found = sealed.proof(entry.pk)
    record_reading(
        actor=request.user,
        event="audit.proved",
        subject_name=str(entry.pk),
        reason=given(request),
        details={"to": str(request.user)},
    )
    return HttpResponse(
        json.dumps(found, indent=2, ensure_ascii=False),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="audit-entry-{entry.pk}-proof.json"'},
    )


def _entry(request: HttpRequest, pk: int) -> Entry:
    entry = trail.in_sight(request.user).filter(pk=pk).first()
    if entry is None:
        raise NotFound("There is no such entry in the trail, or it is not yours to read.")
    return entry
