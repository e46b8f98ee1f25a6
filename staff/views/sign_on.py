"""Signing on by the force's provider, and proving oneself there again."""

from __future__ import annotations

import re

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from core import clock
from core.errors import NotFound, Refused
from core.gate import open_to_all, signed_in
from staff import sessions
from staff.actions import sign_on
from staff.forms import SignInForm
from staff.middleware import safe_next
from staff.sso import provider
from staff.sso.provider import Begun, SignOnRefused
from staff.step_up import route_of

HOME = "/"
SLOT = "sign_on"
LONGEST_S = 600
"""How long somebody may take at the provider."""


def _back_to() -> str:
    return settings.PUBLIC_ADDRESS + reverse("staff:sign_on_back")


@open_to_all
@never_cache
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """Off to the provider; what was begun is remembered in this browser's session alone."""
    if not provider.is_on():
        raise NotFound("Single sign-on is not set up here.")
    back = safe_next(request, request.GET.get("next", ""))
    if sessions.is_whole(request) and not sessions.why_over(request):
        return redirect(back or HOME)
    return _off(request, back=back)


@signed_in
@never_cache
@require_GET
def prove_again(request: HttpRequest) -> HttpResponse:
    """Off to the provider once more, which asks for both factors anew."""
    if not provider.is_on():
        raise NotFound("Single sign-on is not set up here.")
    back = safe_next(request, request.GET.get("next", ""))
    return _off(request, back=back, again=True, stay=request.GET.get("stay") == "1")


def _off(request: HttpRequest, *, back: str, again: bool = False, stay: bool = False) -> HttpResponse:
    try:
        address, begun = provider.begin(back_to=_back_to(), again=again)
    except SignOnRefused as refusal:
        return _refused(request, refusal)
    request.session[SLOT] = {
        "state": begun.state,
        "nonce": begun.nonce,
        "verifier": begun.verifier,
        "at": clock.now().timestamp(),
        "next": back,
        "again": again,
        "stay": stay,
    }
    return redirect(address)


@open_to_all
@never_cache
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """What the provider answers, judged; then in, or a sentence and an entry in the trail."""
    if not provider.is_on():
        raise NotFound("Single sign-on is not set up here.")
    held = request.session.pop(SLOT, None)
    try:
        return _judged(request, held if isinstance(held, dict) else {})
    except SignOnRefused as refusal:
        return _refused(request, refusal)


def _judged(request: HttpRequest, held: dict) -> HttpResponse:
    state = request.GET.get("state", "")
    age_s = clock.now().timestamp() - float(held.get("at", 0))
    if not held or not constant_time_compare(state, held["state"]) or not 0 <= age_s <= LONGEST_S:
        raise SignOnRefused(
            "not_begun_here",
            "This sign-on was not begun in this browser, was used already, or took longer than ten minutes. "
            "Begin again.",
        )
    if error := request.GET.get("error", ""):
        known = error if re.fullmatch(r"[a-z_]{1,40}", error) else "error"
        raise SignOnRefused(
            f"provider_{known}"[:60],
            f"{settings.OIDC_NAME} did not let you in. Try again, or ask whoever looks after it.",
        )
    claims = provider.claims_for(
        request.GET.get("code", "")[:4000],
        begun=Begun(held["state"], held["nonce"], held["verifier"]),
        back_to=_back_to(),
        issuer_said=request.GET.get("iss", ""),
    )
    if held.get("again"):
        return _proved_again(request, held, claims)
    member, identity = sign_on.find_person(claims=claims)
    member.backend = settings.AUTHENTICATION_BACKENDS[0]  # type: ignore[attr-defined]
    sessions.begin(request, member, at_provider=sign_on.kept_session(provider.session_of(claims)))
    _follow_groups(member, claims)
    if not provider.proves_mfa(claims):
        response = redirect("staff:second_factor")
        if held.get("next"):
            query = request.GET.copy()
            query.clear()
            query["next"] = held["next"]
            response["Location"] += "?" + query.urlencode()
        return response
    sign_on.record_sign_on(actor=member)
    sessions.complete(request, identity)
    return redirect(held.get("next") or HOME)


def _follow_groups(member, claims: dict) -> None:
    """Only where the token lists them: a list that was too long for it (Entra ID) changes nothing."""
    groups = claims.get(settings.OIDC_GROUPS_CLAIM) if settings.OIDC_GROUPS_CLAIM else None
    if isinstance(groups, list):
        named = [group for group in groups if isinstance(group, str)]
        sign_on.follow_groups(actor=sign_on.PROVIDER, member=member, groups=named)


def _proved_again(request: HttpRequest, held: dict, claims: dict) -> HttpResponse:
    if not sessions.is_whole(request) or sessions.why_over(request):
        raise SignOnRefused("no_session", "Your session has ended meanwhile. Sign in again.")
    member, identity = sign_on.find_person(claims=claims)
    if member.pk != request.user.pk:
        raise SignOnRefused(
            "another_person", "Somebody else proved themselves, so nothing was opened. Sign out first."
        )
    if provider.proved_at(claims) < held["at"] - provider.LEEWAY_S:
        raise SignOnRefused(
            "stale", f"{settings.OIDC_NAME} did not ask for your factors again. Try once more."
        )
    if not provider.proves_mfa(claims):
        raise SignOnRefused(
            "one_factor",
            f"{settings.OIDC_NAME} asked for one factor only. Enter the code of your app instead.",
        )
    sign_on.record_sign_on(actor=member, again=True, page=route_of(held.get("next", "")))
    sessions.prove_again(request, identity)
    if held.get("stay"):
        return render(request, "staff/proved_again.html")
    return redirect(held.get("next") or HOME)


def _refused(request: HttpRequest, refusal: SignOnRefused) -> HttpResponse:
    sign_on.record_refusal(kind=refusal.kind)
    if sessions.is_whole(request):
        raise Refused(refusal.sentence)
    return render(
        request,
        "staff/sign_in.html",
        {
            "form": SignInForm(),
            "next": "",
            "demo": settings.DEMO,
            "sso": settings.OIDC_NAME,
            "refused": refusal.sentence,
        },
        status=refusal.status,
    )


@csrf_exempt
@open_to_all
@never_cache
@require_POST
def signed_out_there(request: HttpRequest) -> HttpResponse:
    """The provider says that somebody signed out there (Back-Channel Logout): out here as well."""
    if not provider.is_on():
        raise NotFound("Single sign-on is not set up here.")
    try:
        logout = provider.judged_logout(request.POST.get("logout_token", ""))
        if not logout.session and settings.OIDC_SUBJECT_CLAIM != "sub":
            # People are known here by another claim, which no logout token carries.
            raise SignOnRefused("no_session")
        sign_on.end_by_provider(actor=sign_on.PROVIDER, logout=logout)
    except SignOnRefused as refusal:
        sign_on.record_refusal(kind=f"logout_{refusal.kind}")
        return HttpResponse(status=400)
    return HttpResponse(status=200)


@open_to_all
@never_cache
@require_GET
def sign_out_there(request: HttpRequest) -> HttpResponse:
    """On from our own sign-out to the provider's."""
    if not provider.is_on():
        raise NotFound("Single sign-on is not set up here.")
    address = provider.sign_out_address(back_to=settings.PUBLIC_ADDRESS + reverse("staff:sign_in"))
    if address:
        return redirect(address)
    messages.info(request, "You are signed out here. The force's sign-on has no page to sign out of it.")
    return redirect("staff:sign_in")
