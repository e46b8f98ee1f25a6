"""One's own second factors on one page, and the authenticator app among them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import NotValid, TooMany
from core.gate import fresh, signed_in, stays_inside
from staff import passkeys, queries, sessions
from staff.actions import factors as factor_actions
from staff.forms import CodeForm
from staff.views.signing_in import key_groups


@fresh
@signed_in
@never_cache
@require_safe
def factors(request: HttpRequest) -> HttpResponse:
    """Passkeys, the authenticator app and recovery codes: what there is, and what can be added or removed."""
    return factors_page(request)


def factors_page(request: HttpRequest, *, wrong: str = "", status: int = 200) -> HttpResponse:
    """The page itself, with what was wrong with the last attempt."""
    person = request.user
    context = {
        "passkeys": queries.passkeys(person),  # type: ignore[arg-type]
        "has_app": queries.has_app(person),  # type: ignore[arg-type]
        "codes_left": queries.codes_left(person),  # type: ignore[arg-type]
        "must": queries.must_have_passkey(person),  # type: ignore[arg-type]
        "works_here": passkeys.works_here(request),
        "passkey_address": passkeys.address(),
        "wrong": wrong,
    }
    return render(request, "staff/factors.html", context, status=status)


@stays_inside
@fresh
@signed_in
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def add_app(request: HttpRequest) -> HttpResponse:
    """An authenticator app on a new phone; the one before it stops counting at the first right code."""
    device = factor_actions.begin_enrolment(actor=request.user, proved=True)  # type: ignore[arg-type]
    form = CodeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                device, _ = factor_actions.finish_enrolment(
                    actor=request.user,  # type: ignore[arg-type]
                    code=form.cleaned_data["code"],
                )
            except (NotValid, TooMany) as refusal:
                status = refusal.status
                form.add_error("code", refusal.sentence)
            else:
                sessions.stand_on(request, device)
                messages.success(request, "Your authenticator app is set up.")
                return redirect("staff:factors")
    context = {"form": form, "key_groups": key_groups(device), "replaces": queries.has_app(request.user)}  # type: ignore[arg-type]
    return render(request, "staff/add_app.html", context, status=status)


@fresh
@signed_in
@require_POST
def remove_app(request: HttpRequest) -> HttpResponse:
    """The app goes; a passkey stays."""
    factor_actions.remove_app(actor=request.user)  # type: ignore[arg-type]
    stay_in(request)
    messages.success(request, "Your authenticator app is removed. Its codes no longer count.")
    return redirect("staff:factors")


def stay_in(request: HttpRequest) -> None:
    """Where the factor that this session rested on is gone, it rests on one that is left: the person
    proved one within the last five minutes, or would not be here."""
    if device := queries.any_factor(request.user):  # type: ignore[arg-type]
        sessions.stand_on(request, device)
