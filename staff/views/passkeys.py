"""Passkeys: the options for the browser, setting one up, naming and removing."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from core.errors import NotPermitted, NotValid, Refused
from core.gate import fresh, signed_in, stays_inside
from staff import queries, sessions
from staff.actions import passkeys
from staff.middleware import safe_next
from staff.models import Ceremony
from staff.step_up import CEREMONY
from staff.views.factors import factors_page, stay_in


@signed_in
@never_cache
@require_POST
def options(request: HttpRequest) -> HttpResponse:
    """What the browser needs to use a passkey of this person."""
    return _begin(request, Ceremony.Kind.PROVE)


@stays_inside
@fresh
@signed_in
@never_cache
@require_POST
def new_options(request: HttpRequest) -> HttpResponse:
    """What the browser needs to make a new passkey: freshly proved, or at the very first sign-in."""
    try:
        _may_enrol(request)
    except NotPermitted as refusal:
        return JsonResponse({"sentence": refusal.sentence}, status=refusal.status)
    return _begin(request, Ceremony.Kind.ENROL)


def _begin(request: HttpRequest, kind: str) -> HttpResponse:
    try:
        options, request.session[CEREMONY] = passkeys.begin(actor=request.user, kind=kind)  # type: ignore[arg-type]
    except Refused as refusal:
        return JsonResponse({"sentence": refusal.sentence}, status=refusal.status)
    return JsonResponse(options)


def _may_enrol(request: HttpRequest) -> None:
    """A password alone sets up the first factor and never another one."""
    if not sessions.is_whole(request) and queries.has_factor(request.user):  # type: ignore[arg-type]
        raise NotPermitted("You have a second factor already. Sign in with it, then add another one.")


@stays_inside
@fresh
@signed_in
@never_cache
@sensitive_post_parameters("new_passkey")
@require_POST
def enrol(request: HttpRequest) -> HttpResponse:
    """The browser's answer: the passkey counts from now on."""
    _may_enrol(request)
    whole = sessions.is_whole(request)
    try:
        device, codes = passkeys.finish_enrolment(
            actor=request.user,  # type: ignore[arg-type]
            ceremony=request.session.pop(CEREMONY, None),
            given=request.POST.get("new_passkey", ""),
            name=request.POST.get("name", ""),
        )
    except NotValid as refusal:
        if whole:
            return factors_page(request, wrong=refusal.sentence, status=refusal.status)
        messages.error(request, refusal.sentence)
        return redirect("staff:set_up_second_factor")
    if whole:
        sessions.stand_on(request, device)
        messages.success(request, f"The passkey “{device.name}” is set up.")
        return redirect("staff:factors")
    sessions.complete(request, device)
    onwards = safe_next(request, request.POST.get("next", "")) or "/"
    return render(
        request,
        "staff/recovery_codes.html",
        {"codes": codes, "onwards": onwards, "first": True, "by": "passkey"},
    )


@fresh
@signed_in
@require_POST
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name for a passkey."""
    try:
        device = passkeys.rename(actor=request.user, pk=pk, name=request.POST.get("name", ""))  # type: ignore[arg-type]
    except NotValid as refusal:
        return factors_page(request, wrong=refusal.sentence, status=refusal.status)
    messages.success(request, f"It is called “{device.name}” now.")
    return redirect("staff:factors")


@fresh
@signed_in
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """A passkey goes."""
    try:
        passkeys.remove(actor=request.user, pk=pk)  # type: ignore[arg-type]
    except Refused as refusal:
        return factors_page(request, wrong=refusal.sentence, status=refusal.status)
    stay_in(request)
    messages.success(request, "The passkey is removed. Sessions that rested on it have ended.")
    return redirect("staff:factors")
