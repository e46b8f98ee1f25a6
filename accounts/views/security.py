"""How one official account is secured: its rules, the ten minimums, and what was seen on the platform."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import governance, minimums, queries
from accounts.actions import security as actions
from accounts.forms_security import SecurityForm
from core.errors import Refused
from core.gate import needs
from core.refusals import show_refusal
from staff.roles import Power


@needs(Power.SEE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def security_of(request: HttpRequest, pk: int) -> HttpResponse:
    """Read by whoever sees it in the register; a look is recorded by its keepers and information security."""
    account = queries.official_account(request.user, pk)
    [sight] = minimums.sights([account])
    cells = minimums.cells(sight)
    form, status = SecurityForm.after(sight.check, viewer=request.user), 200
    if request.method == "POST":
        form, status = SecurityForm(request.POST, viewer=request.user), 422
        if form.is_valid():
            try:
                actions.check_security(actor=request.user, official_account=account, **form.cleaned_data)
            except Refused as refusal:
                show_refusal(form, refusal)
                status = refusal.status
            else:
                messages.success(request, "Recorded, with your name and the time.")
                return redirect("accounts:security_of", pk=pk)
    return render(
        request,
        "accounts/security_of.html",
        {
            "account": account,
            "mandate": governance.mandate_of(account),
            "sight": sight,
            "rows": list(zip(minimums.MINIMUMS, cells, strict=True)),
            "met": sum(cell.state == minimums.MET for cell in cells),
            "history": minimums.history(account),
            "form": form,
            "may_check": actions.may_check(request.user, account),
            "may_manage": queries.may(request.user, Power.MANAGE_REGISTER, account.pk),
        },
        status=status,
    )
