"""The cast of the demonstration force, one card each. Mounted under demo settings alone (smmp.urls)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core.actors import System
from core.gate import open_to_all, signed_in
from smmp import actions
from smmp.seed.force import CAST
from staff import sessions, step_up
from staff.middleware import safe_next
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
        for persona in CAST
        if persona.email in here
    ]
    return render(request, "smmp/demo.html", {"cards": cards})


@signed_in
@never_cache
@require_POST
def prove(request: HttpRequest) -> HttpResponse:
    """The persona's second factor is proved again by one click, because nobody holds their phone.

    A form that was held goes on to its own address: 307 keeps its method and its fields.
    """
    held = safe_next(request, request.POST.get("demo_onwards", ""))
    back = safe_next(request, request.POST.get("next", ""))
    actions.prove_as(actor=request.user, page=step_up.route_of(held or back))
    sessions.prove_again(request)
    if request.headers.get("X-Lock"):
        return HttpResponse(status=204)
    if not held:
        return redirect(back or "/")
    response = HttpResponseRedirect(held)
    response.status_code = 307
    return response
