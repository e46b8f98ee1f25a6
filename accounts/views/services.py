"""Service identities: programs with keys and grants of their own."""

from __future__ import annotations

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions as accounts
from accounts import queries
from accounts.actions import services as actions
from accounts.forms import KeyForm, NetworksForm, ServiceForm, ServiceGrantForm, WhyForm
from accounts.models import ServiceIdentity
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from core.gate import fresh, needs
from core.refusals import show_refusal
from staff.roles import Power


@needs(Power.MANAGE_STAFF)
@require_GET
def services(request: HttpRequest) -> HttpResponse:
    """Every program, who answers for it, and when its keys were used last."""
    rows = []
    for found in queries.services(request.user):
        live = [key for key in found.keys.all() if key.is_live]
        uses = [key.use.last_at for key in found.keys.all() if hasattr(key, "use")]
        rows.append(
            {
                "service": found,
                "keys": len(live),
                "ends": min((key.until for key in live), default=None),
                "used": max(uses, default=None),
            }
        )
    return render(request, "accounts/services.html", {"rows": rows})


@fresh
@needs(Power.MANAGE_STAFF)
@require_http_methods(["GET", "POST"])
def add_service(request: HttpRequest) -> HttpResponse:
    """A program is added; it can do nothing until it has a grant and a key."""
    form = ServiceForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                added = actions.add_service(actor=request.user, **form.cleaned_data)
            except NotValid as refusal:
                form.add_error(refusal.field, refusal.sentence)
            else:
                messages.success(request, f"{added} is added. Give it a grant, then make a key.")
                return redirect("accounts:service", pk=added.pk)
    return render(request, "accounts/service_new.html", {"form": form}, status=status)


@needs(Power.MANAGE_STAFF)
@require_GET
def service(request: HttpRequest, pk: int) -> HttpResponse:
    """One program: its keys, its grants, and what can be done."""
    return _page(request, queries.service(request.user, pk))


def _page(
    request: HttpRequest, found: ServiceIdentity, *, status: int = 200, key: str = "", **given: Form
) -> HttpResponse:
    may_give = queries.may(request.user, Power.GIVE_GRANTS)
    accounts_to_give = queries.register(request.user).exclude(status="closed")
    return render(
        request,
        "accounts/service.html",
        {
            "service": found,
            "keys": queries.keys_of(request.user, found),
            "grants": queries.grants_of(request.user, found.member),
            "may_give": may_give,
            "whole_key": key,
            "key_form": KeyForm(prefix="key"),
            "grant_form": ServiceGrantForm(prefix="grant", viewer_accounts=accounts_to_give),
            "change_form": NetworksForm(
                prefix="change", initial={"owner": found.owner_id, "networks": "\n".join(found.networks)}
            ),
            "retire_form": WhyForm(prefix="retire"),
            "revoke_form": WhyForm(prefix="revoke"),
            **given,
        },
        status=status,
    )


@fresh
@needs(Power.MANAGE_STAFF)
@never_cache
@require_POST
def make_key(request: HttpRequest, pk: int) -> HttpResponse:
    """A key, shown this once; it stands on the page that answers and nowhere else."""
    found = queries.service(request.user, pk)
    form = KeyForm(request.POST, prefix="key")
    if form.is_valid():
        try:
            _, whole = actions.make_key(actor=request.user, service=found, until=form.cleaned_data["until"])
        except (NotValid, TransitionNotAllowed) as refusal:
            form.add_error("until", refusal.sentence)
        else:
            return _page(request, found, key=whole)
    return _page(request, found, status=422, key_form=form)


@fresh
@needs(Power.MANAGE_STAFF)
@require_POST
def revoke_key(request: HttpRequest, pk: int) -> HttpResponse:
    """The key opens nothing any more."""
    key = queries.api_key(request.user, pk)
    form = WhyForm(request.POST, prefix="revoke")
    if form.is_valid():
        actions.revoke_key(actor=request.user, key=key, why=form.cleaned_data["why"])
        messages.success(request, f"The key {key.prefix}… is revoked.")
        return redirect("accounts:service", pk=key.service_id)
    return _page(request, queries.service(request.user, key.service_id), status=422, revoke_form=form)


@fresh
@needs(Power.MANAGE_STAFF)
@require_POST
def change_service(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody else answers for it, or it comes from elsewhere."""
    found = queries.service(request.user, pk)
    form = NetworksForm(request.POST, prefix="change")
    if form.is_valid():
        try:
            actions.change_service(actor=request.user, service=found, **form.cleaned_data)
        except (NotValid, TransitionNotAllowed) as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "Saved. Its next request is judged by this.")
            return redirect("accounts:service", pk=pk)
    return _page(request, found, status=422, change_form=form)


@fresh
@needs(Power.MANAGE_STAFF)
@require_POST
def retire_service(request: HttpRequest, pk: int) -> HttpResponse:
    """The program is out at once."""
    found = queries.service(request.user, pk)
    form = WhyForm(request.POST, prefix="retire")
    if form.is_valid():
        actions.retire_service(actor=request.user, service=found, why=form.cleaned_data["why"])
        messages.success(request, f"{found} is retired: its keys are revoked and its grants are over.")
        return redirect("accounts:service", pk=pk)
    return _page(request, found, status=422, retire_form=form)


@fresh
@needs(Power.GIVE_GRANTS)
@require_POST
def give_grant(request: HttpRequest, pk: int) -> HttpResponse:
    """A role for the program, over what, until when."""
    found = queries.service(request.user, pk)
    form = ServiceGrantForm(
        request.POST,
        prefix="grant",
        viewer_accounts=queries.register(request.user).exclude(status="closed"),
    )
    if form.is_valid():
        try:
            accounts.give_grant(actor=request.user, person=found.member, **form.cleaned_data)
        except (NotValid, NotPermitted) as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"{found} has the grant.")
            return redirect("accounts:service", pk=pk)
    return _page(request, found, status=422, grant_form=form)
