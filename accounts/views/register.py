"""The register of official accounts."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions, connections, governance, pace, queries
from accounts.actions import credentials
from accounts.forms import CredentialForm, NeighbourhoodForm, PaceForm, RegisterForm, StatusForm
from accounts.models import OfficialAccount
from core.errors import NotValid, TransitionNotAllowed
from core.gate import fresh, needs
from core.refusals import show_refusal
from platforms import registry
from staff.roles import Power


@needs(Power.SEE_REGISTER)
@require_GET
def register(request: HttpRequest) -> HttpResponse:
    """Every official account that the person may see, by name."""
    accounts = list(queries.register(request.user))
    for account in accounts:
        account.platform_name = registry.NAMES.get(account.platform, account.platform)
    return render(
        request,
        "accounts/register.html",
        {
            "real": [account for account in accounts if not account.exercise],
            "exercise": [account for account in accounts if account.exercise],
            "may_manage": Power.MANAGE_REGISTER in queries.authority(request).over_all,
        },
    )


@needs(Power.MANAGE_REGISTER)
@require_http_methods(["GET", "POST"])
def register_new(request: HttpRequest) -> HttpResponse:
    """An official account is entered in the register; its token is stored on its page afterwards."""
    form = RegisterForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                account = actions.register_account(actor=request.user, **form.cleaned_data)
            except NotValid as refusal:
                form.add_error(refusal.field, refusal.sentence)
            else:
                following = "It is worked by hand." if account.by_hand else "Store its token next."
                messages.success(request, f"{account.name} is in the register. {following}")
                return redirect("accounts:account", pk=account.pk)
    return render(request, "accounts/register_new.html", {"form": form}, status=status)


def _account_page(
    request: HttpRequest,
    account: OfficialAccount,
    *,
    credential: CredentialForm | None = None,
    change: StatusForm | None = None,
    paced: PaceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    may_manage = queries.may(request.user, Power.MANAGE_REGISTER, account.pk)
    abilities = connections.abilities(account, getattr(account, "link", None))
    return render(
        request,
        "accounts/account.html",
        {
            "account": account,
            "mandate": governance.mandate_of(account),
            "faults": None if account.exercise else governance.faults_of([account])[0],
            "platform_name": registry.NAMES.get(account.platform, account.platform),
            "credential": queries.live_credential(account),
            "link": getattr(account, "link", None),
            "abilities": abilities,
            "can": sum(ability.can for ability in abilities),
            "can_connect": connections.can_connect(account.platform),
            "apps": queries.connected_apps(request.user, account),
            "native_uses": queries.native_uses(request.user, account),
            "allowances": account.allowances.all(),
            "grants": queries.grants_over(request.user, account),
            "may_manage": may_manage,
            "credential_form": credential or CredentialForm(),
            "may_pace": queries.may(request.user, Power.APPROVE_POSTS, account.pk),
            "pace": {
                "posts_s": int(pace.apart(account, pace.POSTS).total_seconds()),
                "replies_s": int(pace.apart(account, pace.REPLIES).total_seconds()),
            },
            "pace_form": paced or PaceForm.of(account),
            "status_form": change or StatusForm(initial={"status": account.status}),
        },
        status=status,
    )


@needs(Power.SEE_REGISTER)
@require_GET
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One official account: what it is, who answers for it, who may do what on it."""
    return _account_page(request, queries.official_account(request.user, pk))


@fresh
@needs(Power.MANAGE_REGISTER)
@sensitive_post_parameters("secret")
@require_POST
def store_credential(request: HttpRequest, pk: int) -> HttpResponse:
    """The token is sealed; the page never shows it again."""
    account = queries.official_account(request.user, pk)
    form = CredentialForm(request.POST)
    if form.is_valid():
        try:
            credentials.store_credential(
                actor=request.user, official_account=account, secret=form.cleaned_data["secret"]
            )
        except NotValid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            messages.success(request, "The token is stored.")
            return redirect("accounts:account", pk=pk)
    return _account_page(request, account, credential=form, status=422)


@needs(Power.MANAGE_REGISTER)
@require_POST
def change_status(request: HttpRequest, pk: int) -> HttpResponse:
    """Active, suspended or closed, with the reason."""
    account = queries.official_account(request.user, pk)
    form = StatusForm(request.POST)
    if form.is_valid():
        try:
            account = actions.change_status(actor=request.user, official_account=account, **form.cleaned_data)
        except (NotValid, TransitionNotAllowed) as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"{account.name} is {account.get_status_display().lower()} now.")
            return redirect("accounts:account", pk=pk)
    return _account_page(request, account, change=form, status=422)


@needs(Power.APPROVE_POSTS)
@require_POST
def set_pace(request: HttpRequest, pk: int) -> HttpResponse:
    """How far apart posts and replies leave the official account."""
    account = queries.official_account(request.user, pk)
    form = PaceForm(request.POST, account=account)
    if form.is_valid():
        try:
            actions.set_pace(actor=request.user, official_account=account, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(
                request, f"The pace of {account.name} is changed, from the next post or reply on."
            )
            return redirect("accounts:account", pk=pk)
    return _account_page(request, account, paced=form, status=422)


@needs(Power.MANAGE_REGISTER)
@require_http_methods(["GET", "POST"])
def neighbourhoods(request: HttpRequest) -> HttpResponse:
    """The policing areas, and a new one."""
    form = NeighbourhoodForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                added = actions.add_neighbourhood(actor=request.user, **form.cleaned_data)
            except NotValid as refusal:
                form.add_error(refusal.field, refusal.sentence)
            else:
                messages.success(request, f"{added.name} is in the list.")
                return redirect("accounts:neighbourhoods")
    return render(
        request,
        "accounts/neighbourhoods.html",
        {
            "form": form,
            "neighbourhoods": queries.neighbourhoods(request.user),
            "unknown": governance.channels_unknown(request.user),
        },
        status=status,
    )
