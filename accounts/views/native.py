"""Declaring that somebody writes on a platform itself, and ending that."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts import queries
from accounts.actions import native
from accounts.forms import NativeUseForm
from core.errors import NotPermitted, NotValid
from core.gate import fresh, needs
from core.refusals import show_refusal
from staff.roles import Power


@fresh
@needs(Power.MANAGE_REGISTER)
@require_http_methods(["GET", "POST"])
def declare(request: HttpRequest, pk: int) -> HttpResponse:
    """For one person, for a time, with a reason."""
    account = queries.official_account(request.user, pk)
    form = NativeUseForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                use = native.declare(actor=request.user, official_account=account, **form.cleaned_data)
            except (NotValid, NotPermitted) as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"{use.person.called} may write on the platform itself until then.")
                return redirect(reverse("accounts:account", args=[pk]) + "#native")
    return render(request, "accounts/declare_native.html", {"account": account, "form": form}, status=status)


@needs(Power.MANAGE_REGISTER)
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """It is over now."""
    use = native.end(actor=request.user, use=queries.native_use(request.user, pk))
    messages.success(request, f"It is over: what {use.person.called} writes there raises an alert again.")
    return redirect(reverse("accounts:account", args=[use.official_account_id]) + "#native")
