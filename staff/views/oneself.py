"""The pages about oneself: appearance, password, recovery codes, and signing out everywhere."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import NotValid, TooMany
from core.gate import fresh, signed_in, stays_inside
from core.refusals import show_refusal
from staff.actions import factors, members
from staff.actions import sign_in as signing_in
from staff.forms import ChangePasswordForm, ProfileForm
from staff.throttle import key_for


@signed_in
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Appearance, shortcuts, duty phone, and what one signs in with."""
    form = ProfileForm(request.POST or None, instance=request.user)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            members.change_profile(actor=request.user, **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("staff:profile")
    return render(request, "staff/profile.html", {"form": form}, status=status)


@fresh
@signed_in
@never_cache
@sensitive_post_parameters("present", "password", "again")
@require_http_methods(["GET", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """A new password, after the present one."""
    form = ChangePasswordForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _prove_present_password(request, form.cleaned_data["present"])
                member = members.change_password(actor=request.user, password=form.cleaned_data["password"])
            except (NotValid, TooMany) as refusal:
                status = refusal.status
                show_refusal(form, refusal)
            else:
                update_session_auth_hash(request, member)
                messages.success(request, "Your password is changed. Your other sessions have ended.")
                return redirect("staff:profile")
    return render(request, "staff/change_password.html", {"form": form}, status=status)


def _prove_present_password(request: HttpRequest, present: str) -> None:
    source = request.META.get("REMOTE_ADDR", "")
    key = key_for("present password", str(request.user.pk), source)
    signing_in.spend_try(key=key, source=source)
    if not request.user.check_password(present):
        raise NotValid("That is not your present password.", field="present")
    signing_in.forget_failures(key=key)


@stays_inside
@fresh
@signed_in
@never_cache
@require_POST
def renew_recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes, shown once."""
    codes = factors.renew_recovery_codes(actor=request.user)
    return render(
        request, "staff/recovery_codes.html", {"codes": codes, "onwards": "/profile/factors/", "first": False}
    )


@signed_in
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """Every session of the person ends, on every device."""
    signing_in.end_all_sessions(actor=request.user)
    logout(request)
    messages.success(request, "You have signed out everywhere.")
    return redirect("staff:sign_in")
