"""By what anybody can tell that an account is ours, and whether it holds."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import proofs, queries
from accounts.actions import proofs as actions
from core.errors import NotValid
from core.gate import needs
from platforms import registry
from staff.roles import Power


@needs(Power.SEE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def proof(request: HttpRequest, pk: int) -> HttpResponse:
    """What its platform offers, how to get it, and what the last look found; a button looks anew."""
    account = queries.official_account(request.user, pk)
    may_look = queries.may(request.user, Power.MANAGE_REGISTER, account.pk)
    if request.method == "POST":
        kind = request.POST.get("kind", "")
        queries.require(request.user, Power.MANAGE_REGISTER, account.pk)
        if not proofs.offers(account, kind):
            raise NotValid("This platform offers no such proof. Reload the page.")
        row = actions.note_look(
            actor=request.user, official_account=account, kind=kind, found=proofs.look(account, kind)
        )
        (messages.success if row.holds else messages.warning)(request, row.says)
        return redirect("accounts:proof", pk=pk)
    return render(
        request,
        "accounts/proof.html",
        {
            "account": account,
            "platform_name": registry.NAMES.get(account.platform, account.platform),
            "ways": proofs.ways(request.user, account),
            "mandate": getattr(account, "mandate", None),
            "page": proofs.public_page(),
            "may_look": may_look,
        },
    )
