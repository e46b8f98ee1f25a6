"""Connecting an official account to its platform, testing it, and what else is connected there."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import connections, queries
from accounts.actions import connecting
from accounts.forms import ConnectedAppForm
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from core.gate import fresh, needs
from core.refusals import show_refusal
from platforms import registry
from staff.roles import Power


@fresh
@needs(Power.MANAGE_REGISTER)
@require_POST
def connect(request: HttpRequest, pk: int) -> HttpResponse:
    """The way to the platform's own page, as a link: a form may lead nowhere else (form-action 'self')."""
    account = queries.official_account(request.user, pk)
    address = connections.begin(
        actor=request.user, official_account=account, redirect=_return_address(account.platform)
    )
    return render(
        request,
        "accounts/connect.html",
        {"account": account, "address": address, "platform_name": registry.NAMES[account.platform]},
    )


@fresh
@needs(Power.MANAGE_REGISTER)
@require_GET
def connected(request: HttpRequest, platform: str) -> HttpResponse:
    """The platform sends somebody back here. What it sent is good once."""
    state = request.GET.get("state", "")[:200]
    try:
        account = connections.finish(
            actor=request.user,
            platform=platform,
            state=state,
            code=request.GET.get("code", "")[:2000],
            redirect=_return_address(platform),
        )
    except (NotValid, NotPermitted) as refusal:
        connecting.note_refused_answer(actor=request.user, platform=platform, why=refusal.sentence)
        raise
    messages.success(request, f"{account.name} is connected, and the platform says that it works.")
    return redirect("accounts:account", pk=account.pk)


@needs(Power.MANAGE_REGISTER)
@require_POST
def check_connection(request: HttpRequest, pk: int) -> HttpResponse:
    """The platform is asked whose the credential is; what it answers stands on the page."""
    account = queries.official_account(request.user, pk)
    link = connections.check(actor=request.user, official_account=account)
    if link.fault:
        messages.error(request, link.fault)
    else:
        messages.success(request, f"{registry.NAMES[account.platform]} answered: the credential works.")
    return redirect(reverse("accounts:account", args=[pk]) + "#connection")


@needs(Power.MANAGE_REGISTER)
@require_http_methods(["GET", "POST"])
def note_app(request: HttpRequest, pk: int) -> HttpResponse:
    """Another program that is connected on the platform stands in the inventory."""
    account = queries.official_account(request.user, pk)
    form = ConnectedAppForm(request.POST or None)
    return _app_page(
        request,
        account,
        form,
        lambda: connecting.note_app(actor=request.user, official_account=account, **form.cleaned_data),
    )


@needs(Power.MANAGE_REGISTER)
@require_http_methods(["GET", "POST"])
def change_app(request: HttpRequest, pk: int) -> HttpResponse:
    """Its need, approver and review date, looked at anew."""
    app = queries.connected_app(request.user, pk)
    initial = {"name": app.name, "need": app.need, "approved_by": app.approved_by, "review_on": app.review_on}
    form = ConnectedAppForm(request.POST or None, initial=initial, named=True)
    return _app_page(
        request,
        app.official_account,
        form,
        lambda: connecting.change_app(actor=request.user, app=app, **form.cleaned_data),
    )


@needs(Power.MANAGE_REGISTER)
@require_POST
def remove_app(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody signs that it was removed on the platform."""
    app = connecting.remove_app(actor=request.user, app=queries.connected_app(request.user, pk))
    messages.success(request, f"It is signed that {app.name} was removed.")
    return redirect(reverse("accounts:account", args=[app.official_account_id]) + "#apps")


def _app_page(request, account, form, act) -> HttpResponse:
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                app = act()
            except (NotValid, TransitionNotAllowed) as refusal:
                show_refusal(form, refusal)
            else:
                said = f"{app.name} is in the list."
                if app.lacks:
                    said += f" It has {app.lacks}, so it is to be removed on the platform."
                messages.success(request, said)
                return redirect(reverse("accounts:account", args=[account.pk]) + "#apps")
    return render(request, "accounts/app.html", {"account": account, "form": form}, status=status)


def _return_address(platform: str) -> str:
    return settings.PUBLIC_ADDRESS + reverse("accounts:connected", args=[platform])
