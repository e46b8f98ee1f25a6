"""Lists of staff as CSV: read, shown row by row, and applied as shown."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import imports, queries
from accounts.actions import imports as applying
from accounts.forms import StaffListForm
from audit.actions import record_reading
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, Refused, TransitionNotAllowed
from core.gate import fresh, needs
from staff.actions import members
from staff.roles import Power

OUTCOMES = {
    "refused": "Refused",
    "join": "Join",
    "change": "Change",
    "leave": "Leave",
    "unchanged": "Unchanged",
}
MOST_LINKS = 50
"""Letters that one request sends; the others go from each person's page."""


@needs(Power.MANAGE_STAFF)
@require_http_methods(["GET", "POST"])
def lists(request: HttpRequest) -> HttpResponse:
    """A file to read, the template, and what was read of late."""
    form = StaffListForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                kept = applying.read_list(
                    actor=request.user, name=file.name, content=file.read(imports.LARGEST_BYTES + 1)
                )
            except NotValid as refusal:
                form.add_error("file", refusal.sentence)
                record_reading(
                    actor=request.user,
                    event="input.refused",
                    reason=refusal.sentence[:500],
                    details={"what": "a list of staff"},
                )
            else:
                return redirect("accounts:staff_list", pk=kept.pk)
    return render(
        request,
        "accounts/staff_lists.html",
        {"form": form, "lists": queries.staff_imports(request.user), "columns": imports.COLUMNS},
        status=status,
    )


@needs(Power.MANAGE_STAFF)
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """A file to begin from."""
    response = HttpResponse(imports.template(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="staff-list.csv"'
    return response


@needs(Power.MANAGE_STAFF)
@require_GET
def shown(request: HttpRequest, pk: int) -> HttpResponse:
    """What each row comes to; nothing has happened yet."""
    return _page(request, pk)


def _page(request: HttpRequest, pk: int, *, refused: str = "", status: int = 200) -> HttpResponse:
    kept = queries.staff_import(request.user, pk)
    wanted = request.GET.get("only", "")
    steps = [step for step in kept.steps if not wanted or step["outcome"] == wanted]
    return render(
        request,
        "accounts/staff_list.html",
        {
            "list": kept,
            "steps": [{**step, "word": OUTCOMES[step["outcome"]]} for step in steps],
            "counts": [
                (key, word, kept.counts[key]) for key, word in OUTCOMES.items() if kept.counts.get(key)
            ],
            "only": wanted if wanted in OUTCOMES else "",
            "total": sum(kept.counts.values()),
            "refused": kept.counts.get("refused", 0),
            "changes": sum(kept.counts.get(key, 0) for key in ("join", "change", "leave")),
            "why_not": refused,
        },
        status=status,
    )


@fresh
@needs(Power.MANAGE_STAFF)
@require_POST
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """All of what was shown, or nothing; then the joiners get their links, where that was asked for."""
    kept = queries.staff_import(request.user, pk)
    try:
        joiners = applying.apply_list(actor=request.user, kept=kept)
    except (NotValid, NotPermitted, ChangedSinceSeen, TransitionNotAllowed) as refusal:
        return _page(request, pk, refused=refusal.sentence, status=refusal.status)
    messages.success(request, "The list is applied as it was shown.")
    if request.POST.get("links") and joiners:
        _send_links(request, joiners)
    return redirect("accounts:staff")


def _send_links(request: HttpRequest, joiners: list) -> None:
    sent = 0
    for joiner in joiners[:MOST_LINKS]:
        try:
            members.send_link(actor=request.user, member=joiner)
        except Refused as refusal:
            messages.error(request, refusal.sentence)
            break
        sent += 1
    if sent:
        messages.success(request, f"Links on their way: {sent}. Each is good for 24 hours.")
    if sent < len(joiners):
        messages.info(
            request, f"Joiners without a link yet: {len(joiners) - sent}. Send theirs from their pages."
        )
