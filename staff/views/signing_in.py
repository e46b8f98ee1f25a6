"""Signing in with two factors, signing out, and the link that begins it."""

from __future__ import annotations

import io
from base64 import b32encode
from collections.abc import Callable

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_otp.models import Device
from django_otp.plugins.otp_totp.models import TOTPDevice

from audit.actions import record_reading
from core.actors import Stranger
from core.errors import NotFound, NotValid, TooMany
from core.gate import open_to_all, signed_in, stays_inside
from staff import links, queries, sessions, step_up, switching
from staff.actions import factors, members, passkeys
from staff.actions import sign_in as signing_in
from staff.forms import CodeForm, FirstPasswordForm, ForgottenForm, SignInForm
from staff.middleware import NEEDS_PASSKEY, safe_next
from staff.models import StaffMember
from staff.passkeys import works_here

HOME = "/"


def _next(request: HttpRequest) -> str:
    return safe_next(request, request.POST.get("next") or request.GET.get("next", ""))


def _source(request: HttpRequest) -> str:
    return request.META.get("REMOTE_ADDR", "")


def _onwards(route: str, back: str) -> HttpResponse:
    response = redirect(route)
    if back:
        response["Location"] += "?" + _query(back)
    return response


def _query(back: str) -> str:
    from_query = HttpRequest().GET.copy()
    from_query["next"] = back
    return from_query.urlencode()


@open_to_all
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """E-mail address and password; the second factor is asked for on the next page."""
    back = _next(request)
    if sessions.is_whole(request) and not sessions.why_over(request):
        return redirect(back or HOME)
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                member = signing_in.prove_password(**form.cleaned_data, source=_source(request))
            except (NotValid, TooMany) as refusal:
                status = refusal.status
                form.add_error(None, refusal.sentence)
            else:
                sessions.begin(request, member)
                return _onwards("staff:second_factor", back)
    return render(
        request,
        "staff/sign_in.html",
        {
            "form": form,
            "next": back,
            "demo": settings.DEMO,
            "parked": switching.parked(request),
            "sso": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
            "left": request.GET.get("left") == "1",
        },
        status=status,
    )


@signed_in
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """A passkey, the six digits of the authenticator app, or a recovery code."""
    back = _next(request)
    if sessions.is_whole(request):
        return redirect(back or HOME)
    if not queries.has_factor(request.user):
        return _onwards("staff:set_up_second_factor", back)
    wrong, status = "", 200
    if request.method == "POST":
        try:
            sessions.complete(request, _second_factor(request))
        except (NotValid, TooMany) as refusal:
            wrong, status = refusal.sentence, refusal.status
        else:
            if queries.lacks_passkey(request.user):
                messages.info(request, NEEDS_PASSKEY)
                return redirect("staff:factors")
            return redirect(back or HOME)
    context = {"next": back, "wrong": wrong, **step_up.offered(request), "field": "code"}
    return render(request, "staff/second_factor.html", context, status=status)


def _second_factor(request: HttpRequest) -> Device:
    if given := request.POST.get(step_up.PASSKEY, ""):
        return passkeys.prove(
            actor=request.user,
            ceremony=request.session.pop(step_up.CEREMONY, None),
            given=given,
            right="staff.signed_in",
            wrong="staff.second_factor_refused",
        )
    form = CodeForm(request.POST)
    if not form.is_valid():
        raise NotValid(" ".join(form.errors["code"]), field="code")
    return signing_in.prove_second_factor(actor=request.user, code=form.cleaned_data["code"])


@stays_inside
@signed_in
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def set_up_second_factor(request: HttpRequest) -> HttpResponse:
    """The first sign-in: an authenticator app is set up, and recovery codes are shown once."""
    back = _next(request)
    if sessions.is_whole(request):
        return redirect(back or HOME)
    if queries.has_factor(request.user):
        return _onwards("staff:second_factor", back)
    device = factors.begin_enrolment(actor=request.user)
    form = CodeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                device, codes = factors.finish_enrolment(actor=request.user, code=form.cleaned_data["code"])
            except (NotValid, TooMany) as refusal:
                status = refusal.status
                form.add_error("code", refusal.sentence)
            else:
                sessions.complete(request, device)
                return render(
                    request,
                    "staff/recovery_codes.html",
                    {"codes": codes, "onwards": back or HOME, "first": True},
                )
    context = {
        "form": form,
        "next": back,
        "key_groups": key_groups(device),
        "works_here": works_here(request),
    }
    return render(request, "staff/set_up_second_factor.html", context, status=status)


def key_groups(device: TOTPDevice) -> list[str]:
    """The key of an authenticator app as people type it: letters in fours."""
    key = b32encode(device.bin_key).decode().rstrip("=").lower()
    return [key[i : i + 4] for i in range(0, len(key), 4)]


@stays_inside
@signed_in
@never_cache
@require_GET
def authenticator_picture(request: HttpRequest) -> HttpResponse:
    """The authenticator key as a picture to scan, only while it waits for its first code."""
    proved = sessions.is_whole(request) and sessions.is_fresh(request)
    device = queries.waiting_app(request.user) if proved or not queries.has_factor(request.user) else None
    if device is None:
        raise NotFound("There is nothing to scan: no authenticator app waits for its first code.")
    drawing = io.BytesIO()
    segno.make(device.config_url, error="m").save(
        drawing, kind="svg", border=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
    response = HttpResponse(drawing.getvalue(), content_type="image/svg+xml")
    return response


@open_to_all
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """The session is over. Signing out twice is no fault."""
    by_provider = step_up.by_provider(request)
    if sessions.is_whole(request):
        signing_in.record_sign_out(actor=request.user, session_id=request.session.get(sessions.ROW))
    logout(request)
    messages.success(request, "You have signed out.")
    response = redirect("staff:sign_in")
    if by_provider:
        response["Location"] += "?left=1"
    return response


@open_to_all
@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest, token: str) -> HttpResponse:
    """A one-use link: choose a password, then set up the authenticator app."""
    member = _owner(request, links.owner, token)
    return _password_by_link(
        request, token, member, choose=members.choose_first_password, template="staff/enrol.html"
    )


@open_to_all
@never_cache
@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """A lost password: the answer is the same whether or not anybody has the address."""
    form = ForgottenForm(request.POST or None)
    status, sent = 200, False
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                members.ask_reset(actor=Stranger(), email=form.cleaned_data["email"], source=_source(request))
            except TooMany as refusal:
                status = refusal.status
                form.add_error(None, refusal.sentence)
            else:
                status, sent = 200, True
    return render(request, "staff/forgotten.html", {"form": form, "sent": sent}, status=status)


@open_to_all
@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def new_password(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the letter: a new password, then the second factor as always."""
    member = _owner(request, links.owner_of_reset, token)
    return _password_by_link(
        request, token, member, choose=members.choose_new_password, template="staff/new_password.html"
    )


def _owner(request: HttpRequest, read: Callable[[str], StaffMember], token: str) -> StaffMember:
    """Whose link it is; one that is forged, spent or too old leaves an entry in the trail."""
    try:
        return read(token)
    except NotValid:
        record_reading(actor=Stranger(), event="input.refused", details={"what": "a one-use link"})
        raise


def _password_by_link(
    request: HttpRequest,
    token: str,
    member: StaffMember,
    *,
    choose: Callable[..., StaffMember],
    template: str,
) -> HttpResponse:
    """The page of a one-use link: a password is chosen, and the second factor comes next."""
    # Before the link is spent, so that it still works on the right device.
    sessions.require_here(request, member)
    form = FirstPasswordForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                member = choose(token=token, password=form.cleaned_data["password"])
            except NotValid as refusal:
                form.add_error(refusal.field, refusal.sentence)
            else:
                member.backend = settings.AUTHENTICATION_BACKENDS[0]
                sessions.begin(request, member)
                return redirect("staff:second_factor")
    return render(request, template, {"form": form, "member": member}, status=status)
