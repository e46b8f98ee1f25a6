"""Whether private messages are run on each official account: the list, and the decision about one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.queries import may
from core import clock
from core.errors import NotPermitted, Refused
from core.gate import needs
from core.refusals import show_refusal
from moderation import forms_deciding, private_messages
from moderation.actions import messaging
from platforms.registry import NAMES
from staff.roles import Power


@needs(Power.SEE_REGISTER)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every official account with what was decided, by whom, and when it is looked at again."""
    rows = [
        (account, NAMES.get(account.platform, account.platform), decision, why_not)
        for account, decision, why_not in private_messages.accounts(request.user)
    ]
    return render(request, "moderation/private_messages.html", {"rows": rows, "today": clock.today()})


@needs(Power.SEE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """What was decided about one official account, and deciding anew for those who approve posts there."""
    account = private_messages.account(request.user, pk)
    decision = private_messages.standing(account.pk)
    may_decide = may(request.user, Power.APPROVE_POSTS, account.pk)
    form = forms_deciding.Messaging.of(decision)
    if request.method == "POST":
        if not may_decide:
            raise NotPermitted(
                "Whether private messages are run is decided by whoever approves posts on this official account.",
                power=str(Power.APPROVE_POSTS.label),
            )
        form = forms_deciding.Messaging(request.POST)
        if form.is_valid():
            try:
                messaging.decide(actor=request.user, official_account=account, **form.decided())
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "The decision stands, with its reasons.")
                return redirect("moderation:messaging", pk=pk)
    return render(
        request,
        "moderation/messaging.html",
        {
            "account": account,
            "platform_name": NAMES.get(account.platform, account.platform),
            "decision": decision,
            "history": private_messages.history(account)[1:20],
            "form": form,
            "may_decide": may_decide,
            "why_not": private_messages.why_not(account.platform),
            "hours": private_messages.hours(decision) if decision else "",
            "now_reads": private_messages.reads_at(decision, clock.now()) if decision else False,
            "as_sent": private_messages.answer(decision, clock.now())
            if decision and decision.automatic
            else "",
        },
        status=422 if form.is_bound else 200,
    )
