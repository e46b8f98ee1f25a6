"""Assignments to professional standards, where a reason is asked, and the catalogue of events."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import forms, queries, reasons
from audit.actions import console as actions
from audit.catalogue import EVENTS
from audit.models import ReasonRule
from core.errors import NotValid, Refused
from core.gate import fresh, needs
from core.refusals import show_refusal


@needs("see_audit", "see_assigned_audit")
@require_safe
def assignments(request: HttpRequest) -> HttpResponse:
    """What is assigned to professional standards: all of it for information security, else one's own."""
    return render(
        request,
        "audit/assignments.html",
        {"assignments": queries.assignments(request.user), "sees_all": queries.sees_all(request.user)},
    )


@fresh
@needs("see_audit")
@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: HttpRequest) -> HttpResponse:
    """Part of the trail is opened to one person of professional standards, for a time."""
    form = forms.Assign(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            made = actions.assign(
                actor=request.user,
                officer_id=given["officer"],
                people_ids=given["people"],
                reference=given["reference"],
                why=given["why"],
                since=given["since"],
                until=given["until"],
                ends_at=given["ends"],
            )
        except Refused as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"{made.officer_name} can read it now, for {made.reference}.")
            return redirect("audit:assignments")
    return render(request, "audit/assign.html", {"form": form}, status=422 if form.is_bound else 200)


@needs("see_audit")
@require_POST
def end_assignment(request: HttpRequest, pk: int) -> HttpResponse:
    """The assignment opens nothing any more."""
    held = actions.end_assignment(actor=request.user, pk=pk)
    messages.success(request, f"The assignment {held.reference} is ended.")
    return redirect("audit:assignments")


@needs("set_safeguards")
@require_http_methods(["GET", "HEAD", "POST"])
def safeguards(request: HttpRequest) -> HttpResponse:
    """Where a reason is asked before somebody sees or takes something out."""
    if request.method == "POST":
        form = forms.SetReason(request.POST)
        if not form.is_valid():
            raise NotValid("Choose whether a reason is asked. Reload the page if the choice is missing.")
        given = form.cleaned_data
        actions.set_reason(actor=request.user, of=given["of"], mode=given["mode"])
        messages.success(request, "Saved. It holds from now on.")
        return redirect("audit:safeguards")
    rules = [
        {"action": action, "asked": asked, "mode": mode, "rule": rule}
        for action, asked, mode, rule in reasons.rules()
    ]
    return render(request, "audit/safeguards.html", {"rules": rules, "modes": ReasonRule.Mode.choices})


@needs("see_audit", "see_assigned_audit", "set_safeguards")
@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """Every event that the trail can hold."""
    rows = [
        {
            "name": name,
            "sentence": queries.event_name(name),
            "operation": event.operation,
            "says": ", ".join(key.replace("_", " ") for key in event.says),
        }
        for name, event in EVENTS.items()
        if not event.restricted
    ]
    reader = any(request.user.has_perm(power) for power in (queries.SEE_ALL, queries.SEE_ASSIGNED))
    return render(request, "audit/events.html", {"rows": rows, "sees_trail": reader})
