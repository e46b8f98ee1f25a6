"""Incidents that the public is kept informed of on our own pages."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from core.errors import NotFound, Refused
from core.gate import needs
from core.refusals import show_refusal, show_refusal_on_page
from core.typed import whole
from publishing import incidents as queries
from publishing.actions import incidents as actions
from publishing.forms_incidents import IncidentForm, UpdateForm
from publishing.models import Incident, IncidentUpdate
from staff.roles import Power


@needs(Power.SEE_POSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def incidents(request: HttpRequest) -> HttpResponse:
    """Those that go on and those that are over; a new one with its first update."""
    whole_force, areas = queries.areas_for(request.user)
    form = IncidentForm(
        request.POST if request.method == "POST" else None, whole_force=whole_force, areas=areas
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                begun = actions.begin(actor=request.user, **form.said)
            except Refused as refusal:
                show_refusal(form, refusal)
                status = refusal.status
            else:
                messages.success(request, "It waits for a second person. Nothing is public before their yes.")
                return redirect("publishing:incident", pk=begun.pk)
    live, over = queries.incidents(request.user)
    return render(
        request,
        "publishing/incidents.html",
        {
            "form": form,
            "live": live,
            "over": over,
            "waiting": queries.waiting_for(request.user),
            "may_begin": whole_force or bool(areas),
        },
        status=status,
    )


@needs(Power.SEE_POSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """One incident: its updates, the next one, and what can be done with each."""
    row = queries.incident(request.user, pk)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    form = UpdateForm(request.POST if do == "submit" else None)
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if said := _do(request, row, do, form):
                messages.success(request, said)
                return redirect("publishing:incident", pk=pk)
        except NotFound:
            raise
        except Refused as refusal:
            status = refusal.status
            show_refusal_on_page(request, refusal, form)
    row = queries.incident(request.user, pk)
    return render(
        request,
        "publishing/incident.html",
        {
            "incident": row,
            "updates": queries.updates(row),
            "form": form,
            "may_write": queries.over(request.user, Power.PLAN_POSTS, row.neighbourhood_id),
            "may_approve": queries.over(request.user, Power.APPROVE_POSTS, row.neighbourhood_id),
            "sent": whole(request.POST.get("update", "")) if status != 200 else None,
            "typed": request.POST.get("why", "")[:500],
        },
        status=status,
    )


def _do(request: HttpRequest, row: Incident, do: str, form: UpdateForm) -> str:
    """What was done, in a sentence; empty where the form has to be mended."""
    if do == "submit":
        if not form.is_valid():
            return ""
        actions.submit(actor=request.user, incident=row, **form.said)
        return "It waits for a second person. They are told."
    if do == "end":
        actions.end(actor=request.user, incident=row)
        return "It is over. The page says so, and it goes from the pages of its areas after three days."
    update = queries.update(request.user, row, whole(request.POST.get("update", "")) or 0)
    why = request.POST.get("why", "")
    if do == "approve":
        update = actions.approve(actor=request.user, update=update)
        if update.state == IncidentUpdate.State.PUBLISHED:
            return "It is public, on our own pages and feeds."
        return (
            "Yours is the first yes. A check asks for two, so somebody else says the second; they are told."
        )
    if do == "return":
        actions.send_back(actor=request.user, update=update, why=why)
        return "It went back to its author, with your reason."
    if do == "withdraw":
        actions.withdraw(actor=request.user, update=update, why=why)
        return "Its words are no longer public."
    raise NotFound("There is no such step. Reload the page.")
