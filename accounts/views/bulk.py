"""Many official accounts or policing areas at once: read, shown, and only then entered."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import areas, bulk, queries
from accounts.actions import bulk as actions
from accounts.forms_bulk import AccountsFileForm, AreasForm
from core.downloads import as_table
from core.errors import NotValid, Refused
from core.gate import needs
from staff.roles import Power


@needs(Power.MANAGE_REGISTER)
@require_safe
def accounts_template(request: HttpRequest) -> HttpResponse:
    """A file to begin from."""
    return as_table(bulk.template(), "official-accounts.csv")


@needs(Power.MANAGE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def enter_accounts(request: HttpRequest) -> HttpResponse:
    """A file of accounts that exist: what each row comes to, then all of them or none."""
    queries.require_over_all(request.user, Power.MANAGE_REGISTER)
    form = AccountsFileForm(request.POST or None, request.FILES or None)
    shown: dict[str, Any] = {"columns": bulk.COLUMNS}
    status = 200
    if request.method == "POST":
        status = 422
        content, name = _content(request, form)
        try:
            if content is not None and request.POST.get("do") == "enter":
                entered = actions.enter_accounts(actor=request.user, content=content, name=name)
                messages.success(request, f"{len(entered)} official accounts are entered.")
                return redirect("accounts:faults")
            if content is not None:
                rows = bulk.plan(bulk.read(content))
                refused = sum(bool(row.wrong) for row in rows)
                shown |= {
                    "rows": sorted(rows, key=lambda row: (not row.wrong, row.line)),
                    "refused": refused,
                    "lacking": sum(bool(row.lacks) for row in rows),
                    "content": "" if refused else content.decode("utf-8-sig"),
                    "name": name,
                }
                status = 200
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            status = refusal.status
    return render(request, "accounts/enter_accounts.html", {**shown, "form": form}, status=status)


def _content(request: HttpRequest, form: AccountsFileForm) -> tuple[bytes | None, str]:
    """The bytes of the file, or the text that was shown before."""
    if text := request.POST.get("content", ""):
        form.fields["file"].required = False
        # Browsers write line ends as CRLF.
        return text.encode(), request.POST.get("name", "")[:120]
    if not form.is_valid():
        return None, ""
    file = form.cleaned_data["file"]
    return file.read(bulk.LARGEST_BYTES + 1), file.name[:120]


@needs(Power.MANAGE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def import_areas(request: HttpRequest) -> HttpResponse:
    """Areas from a file or an address in the shape of data.police.uk: shown, then all of them or none."""
    queries.require_over_all(request.user, Power.MANAGE_REGISTER)
    form = AreasForm(request.POST or None, request.FILES or None)
    shown: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if request.POST.get("do") == "keep":
                form = AreasForm()
                kept = actions.keep_areas(
                    actor=request.user,
                    given=_given(request.POST.get("content", "")),
                    source=request.POST.get("source", "")[:300],
                )
                messages.success(
                    request, f"{kept.added} areas are new; the details of {kept.changed} are replaced."
                )
                return redirect("accounts:neighbourhoods")
            if form.is_valid():
                rows, source = _read(form)
                refused = sum(bool(row.wrong) for row in rows)
                shown = {
                    "rows": rows,
                    "refused": refused,
                    "source": source,
                    "content": "" if refused else areas.as_given(rows),
                }
                status = 200
        except Refused as refusal:
            field = getattr(refusal, "field", None)
            form.is_bound and form.add_error(field if field in form.fields else None, refusal.sentence)
            if not form.is_bound:
                messages.error(request, refusal.sentence)
            status = refusal.status
    return render(request, "accounts/import_areas.html", {**shown, "form": form}, status=status)


def _given(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise NotValid("What was shown did not come back whole. Read the file again.") from None


def _read(form: AreasForm) -> tuple[list[areas.Read], str]:
    file = form.cleaned_data.get("file")
    if file is not None:
        return areas.from_file(file.read(areas.LARGEST_BYTES + 1)), file.name[:120]
    return areas.from_address(form.cleaned_data["address"])
