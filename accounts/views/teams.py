"""Teams: who is in one, who leads it, and what it holds."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import queries
from accounts.forms import PlaceForm, TeamForm
from core.errors import NotPermitted, NotValid
from core.gate import fresh, needs
from staff.actions import leading
from staff.actions import teams as acting
from staff.roles import Power


@needs(Power.MANAGE_STAFF)
@require_http_methods(["GET", "POST"])
def teams(request: HttpRequest) -> HttpResponse:
    """Every team with its leaders, and a new one."""
    form = TeamForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                team = acting.add_team(actor=request.user, name=form.cleaned_data["name"])
            except NotValid as refusal:
                form.add_error(refusal.field, refusal.sentence)
            else:
                messages.success(request, f"{team.name} is in the list.")
                return redirect("accounts:team", pk=team.pk)
    return render(
        request, "accounts/teams.html", {"form": form, "teams": queries.teams(request.user)}, status=status
    )


@needs(Power.MANAGE_STAFF)
@require_GET
def team(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is in the team, who leads it, which grants it holds."""
    found = queries.team(request.user, pk)
    return render(
        request,
        "accounts/team.html",
        {
            "team": found,
            "places": queries.places(found),
            "grants": queries.grants_of_team(request.user, found),
            "form": PlaceForm(),
        },
    )


@fresh
@needs(Power.MANAGE_STAFF)
@require_POST
def change_place(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody joins or leaves the team, or leads it from now on or no longer."""
    found = queries.team(request.user, pk)
    form = PlaceForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose somebody who works here. Nothing was changed.")
        return redirect("accounts:team", pk=pk)
    member, do = form.cleaned_data["member"], form.cleaned_data["do"]
    try:
        if do == "join":
            acting.join_team(actor=request.user, team=found, member=member)
            said = f"{member.called} is in the team."
        elif do == "leave":
            acting.leave_team(actor=request.user, team=found, member=member)
            said = f"{member.called} is in the team no longer."
        else:
            leading.lead_team(actor=request.user, team=found, member=member, leads=do == "lead")
            said = f"{member.called} leads the team{'' if do == 'lead' else ' no longer'}."
    except (NotValid, NotPermitted) as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, said)
    return redirect("accounts:team", pk=pk)
