"""Sessions and devices, the locked screen, and changing person at one desk."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.errors import NotPermitted, NotValid
from core.gate import fresh_to_change, needs, open_to_all, signed_in
from core.refusals import show_refusal
from staff import queries, sessions, switching
from staff.actions import sessions as acting
from staff.forms import AllowanceForm
from staff.models import StaffMember

_MANAGE = "manage_staff"
"""staff.roles.Power.MANAGE_STAFF."""


@signed_in
@never_cache
@require_safe
def own_sessions(request: HttpRequest) -> HttpResponse:
    """Where I am signed in."""
    return _sessions(request, request.user)  # type: ignore[arg-type]


@needs(_MANAGE)
@never_cache
@require_safe
def sessions_of(request: HttpRequest, pk: int) -> HttpResponse:
    """Where somebody is signed in, for an administrator."""
    return _sessions(request, queries.member(request.user, pk))  # type: ignore[arg-type]


def _sessions(request: HttpRequest, member: StaffMember) -> HttpResponse:
    return render(
        request,
        "staff/sessions.html",
        {
            "member": member,
            "oneself": member.pk == request.user.pk,
            "sessions": queries.open_sessions(request.user, member),  # type: ignore[arg-type]
            "here": request.session.get(sessions.ROW),
        },
    )


@signed_in
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """One session ends: one's own, or anybody's for an administrator."""
    ended = acting.end_session(actor=request.user, session_id=pk)  # type: ignore[arg-type]
    if ended.pk == request.session.get(sessions.ROW):
        logout(request)
        messages.success(request, "You have signed out.")
        return redirect("staff:sign_in")
    messages.success(request, f"The session on {ended.called} has ended.")
    if ended.member_id == request.user.pk:
        return redirect("staff:sessions")
    return redirect("staff:sessions_of", ended.member_id)


@fresh_to_change
@needs(_MANAGE)
@require_http_methods(["GET", "POST"])
def allowances(request: HttpRequest) -> HttpResponse:
    """Personal devices and addresses: what is allowed, to whom, why, until when; and allowing one."""
    form = AllowanceForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                given = acting.allow(actor=request.user, **form.cleaned_data)  # type: ignore[arg-type]
            except (NotValid, NotPermitted) as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"Allowed: {given}.")
                return redirect("staff:allowances")
    return render(
        request,
        "staff/allowances.html",
        {
            "form": form,
            "allowances": queries.allowances(request.user),  # type: ignore[arg-type]
            "classes_on": settings.DEVICE_CLASSES,
            "now": clock.now(),
        },
        status=status,
    )


@needs(_MANAGE)
@require_POST
def end_allowance(request: HttpRequest, pk: int) -> HttpResponse:
    """The allowance is over now."""
    ended = acting.end_allowance(actor=request.user, allowance_id=pk)  # type: ignore[arg-type]
    messages.success(request, f"Ended: {ended}.")
    return redirect("staff:allowances")


@signed_in
@require_POST
def note_use(request: HttpRequest) -> HttpResponse:
    """Somebody is writing at this screen; the middleware has noted it."""
    return HttpResponse(status=204)


@signed_in
@require_POST
def lock_screen(request: HttpRequest) -> HttpResponse:
    """The screen is locked until the second factor is proved."""
    sessions.lock(request)
    if request.headers.get("X-Lock"):
        return HttpResponse(status=204)
    return redirect("staff:step_up")


@open_to_all
@never_cache
@require_POST
def change_person(request: HttpRequest) -> HttpResponse:
    """Somebody else takes the screen; whoever had it keeps a locked session of their own."""
    if not sessions.may_share(request):
        raise NotPermitted("People change at one screen on force devices only. Sign out instead.")
    to = request.POST.get("to", "")
    if to.isascii() and to.isdigit() and len(to) < 16 and switching.go_to(request, int(to)):
        return redirect("staff:step_up")
    if not hasattr(request, "_parked"):
        request._parked = switching.leave(request)  # type: ignore[attr-defined]
    return redirect("staff:sign_in")
