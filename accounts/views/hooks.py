"""Webhooks of a service: where it is told that the register changed, and what it was told."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import queries
from accounts.actions import hooks as actions
from accounts.forms_hooks import HookForm
from core.errors import NotFound, Refused
from core.gate import fresh_to_change, needs, stays_inside
from core.refusals import show_refusal
from core.typed import whole
from staff.roles import Power


@stays_inside
@fresh_to_change
@needs(Power.MANAGE_STAFF)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hooks(request: HttpRequest, pk: int) -> HttpResponse:
    """The webhooks of a service, and a new one; its secret is shown on the page that answers and nowhere else."""
    service = queries.service(request.user, pk)
    form = HookForm(request.POST if request.method == "POST" else None)
    status, secret, made = 200, "", None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                address = actions.check_address(form.cleaned_data["address"])
                made, secret = actions.add_hook(actor=request.user, service=service, address=address)
            except Refused as refusal:
                show_refusal(form, refusal)
                status = refusal.status
            else:
                status, form = 200, HookForm()
    return render(
        request,
        "accounts/hooks.html",
        {
            "service": service,
            "hooks": queries.hooks_of(request.user, service),
            "form": form,
            "secret": secret,
            "made": made,
        },
        status=status,
    )


@stays_inside
@fresh_to_change
@needs(Power.MANAGE_STAFF)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hook(request: HttpRequest, pk: int) -> HttpResponse:
    """One webhook: what it was told last, and what can be done with it."""
    found = queries.hook(request.user, pk)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    status, secret, refused = 200, "", ""
    if request.method == "POST":
        try:
            if do == "secret":
                secret = actions.renew_secret(actor=request.user, hook=found)
            else:
                messages.success(request, _do(request, do, pk))
                return redirect("accounts:hook", pk=pk)
        except NotFound:
            raise
        except Refused as refusal:
            status, refused = refusal.status, refusal.sentence
    return render(
        request,
        "accounts/hook.html",
        {
            "hook": queries.hook(request.user, pk),
            "calls": queries.hook_calls(request.user, found),
            "secret": secret,
            "refused": refused,
        },
        status=status,
    )


def _do(request: HttpRequest, do: str, pk: int) -> str:
    found = queries.hook(request.user, pk)
    if do == "test":
        actions.try_hook(actor=request.user, hook=found)
        return "It is on its way. Reload the page in a few seconds to see what was answered."
    if do == "again":
        call = queries.hook_call(request.user, found, whole(request.POST.get("call", "")) or 0)
        actions.send_again(actor=request.user, call=call)
        return "It is told once more, under the same number."
    if do == "on":
        actions.switch_on(actor=request.user, hook=found)
        return "It is switched on. What waits is told now."
    if do == "end":
        actions.end_hook(actor=request.user, hook=found)
        return "It is ended. Nothing is told there any more."
    raise NotFound("There is no such step. Reload the page.")
