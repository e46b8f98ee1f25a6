"""The force's directory: its keys, and the groups that it keeps with what each gives."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import queries
from accounts.forms import DirectoryKeyForm, HandOverForm, WhyForm
from core.errors import NotValid, TransitionNotAllowed
from core.gate import fresh, needs
from core.refusals import show_refusal
from staff import queries as staff_queries
from staff.actions import directory
from staff.roles import Power
from staff.scim.known import ROOT


def _address() -> str:
    return f"{settings.PUBLIC_ADDRESS}{ROOT}"


@needs(Power.MANAGE_STAFF)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Where the directory is to send people and groups, its keys, and what each group gives."""
    return render(
        request,
        "accounts/directory.html",
        {
            "address": _address(),
            "keys": staff_queries.directory_keys(request.user)[:50],
            "groups": queries.directory_groups(request.user),
            "may_give": queries.may(request.user, Power.GIVE_GRANTS),
        },
    )


@fresh
@needs(Power.MANAGE_STAFF)
@never_cache
@require_http_methods(["GET", "POST"])
def make_key(request: HttpRequest) -> HttpResponse:
    """A new key, shown once."""
    form = DirectoryKeyForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                key, token = directory.make_key(actor=request.user, **form.cleaned_data)
            except NotValid as refusal:
                form.add_error(refusal.field, refusal.sentence)
            else:
                return _shown_once(request, key, token)
    return render(request, "accounts/make_directory_key.html", {"form": form}, status=status)


@fresh
@needs(Power.MANAGE_STAFF)
@never_cache
@require_POST
def renew_key(request: HttpRequest, pk: int) -> HttpResponse:
    """A new key of the same name; the present one works for a day more."""
    fresh_key, token = directory.renew_key(
        actor=request.user, key=staff_queries.directory_key(request.user, pk)
    )
    return _shown_once(request, fresh_key, token, renewed=True)


def _shown_once(request: HttpRequest, key, token: str, *, renewed: bool = False) -> HttpResponse:
    return render(
        request,
        "accounts/directory_key.html",
        {"key": key, "token": token, "address": _address(), "renewed": renewed},
    )


@fresh
@needs(Power.MANAGE_STAFF)
@require_http_methods(["GET", "POST"])
def revoke_key(request: HttpRequest, pk: int) -> HttpResponse:
    """The key opens nothing any more."""
    key = staff_queries.directory_key(request.user, pk)
    form = WhyForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                directory.revoke_key(actor=request.user, key=key, why=form.cleaned_data["why"])
            except (NotValid, TransitionNotAllowed) as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"The key {key} opens nothing any more.")
                return redirect("accounts:directory")
    return render(request, "accounts/revoke_directory_key.html", {"form": form, "key": key}, status=status)


@fresh
@needs(Power.MANAGE_STAFF)
@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest) -> HttpResponse:
    """The directory keeps the members of an existing team from now on."""
    form = HandOverForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                team = directory.hand_over(actor=request.user, **form.cleaned_data)
            except (NotValid, TransitionNotAllowed) as refusal:
                field = getattr(refusal, "field", None)
                form.add_error("external_id" if field == "externalId" else None, refusal.sentence)
            else:
                messages.success(request, f"The directory keeps {team} from now on.")
                return redirect("accounts:directory")
    return render(request, "accounts/hand_over_team.html", {"form": form}, status=status)
