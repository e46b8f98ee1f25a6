"""The cast of the demonstration force, one card each. Mounted under demo settings alone (smmp.urls)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core.actors import System
from core.gate import open_to_all
from smmp import actions
from smmp.seed.force import PERSONAS
from staff import sessions
from staff.models import StaffMember
from staff.roles import Role


@open_to_all
@never_cache
@require_http_methods(["GET", "POST"])
def cast(request: HttpRequest) -> HttpResponse:
    """Choose whom to be; one click signs in, second factor included."""
    if request.method == "POST":
        member, device = actions.enter_as(
            actor=System("demonstration"), slug=request.POST.get("persona", "")[:60]
        )
        member.backend = settings.AUTHENTICATION_BACKENDS[0]
        sessions.begin(request, member)
        sessions.complete(request, device)
        return redirect("/")
    here = set(StaffMember.objects.filter(active=True).values_list("email", flat=True))
    cards = [
        {
            "persona": persona,
            "called": f"{persona.rank} {persona.name}".strip(),
            "role": Role(persona.role).label,
            "initials": "".join(part[0] for part in persona.name.split()),
        }
        for persona in PERSONAS
        if persona.email in here
    ]
    return render(request, "smmp/demo.html", {"cards": cards})
