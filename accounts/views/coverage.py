"""Who watches which official account when, and what is recorded where nobody does."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import coverage as queries
from accounts.actions import coverage as actions
from accounts.forms_coverage import HoursForm, RiskForm
from accounts.queries import may
from core.errors import NotFound, Refused
from core.gate import needs
from core.refusals import show_refusal_on_page
from core.typed import whole
from staff.roles import Power

MEASURED_AT_MOST = 300
"""Characters of what figures say of hours in which nobody watches: the words that the form of the risk begins with."""


@needs(Power.SEE_REGISTER)
@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    """Every official account in use: how much of the week it is watched, and what is recorded about the rest."""
    return render(request, "accounts/coverage.html", {"coverages": queries.coverages(request.user)})


@needs(Power.SEE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def coverage_of(request: HttpRequest, pk: int) -> HttpResponse:
    """One official account hour by hour; hours are added and ended, and the risk is recorded, here."""
    found = queries.coverage(request.user, pk)
    account = found.account
    do = request.POST.get("do", "") if request.method == "POST" else ""
    hours = HoursForm(request.POST if do == "add" else None)
    measured = request.GET.get("measured", "")[:MEASURED_AT_MOST]
    risk = RiskForm(
        request.POST if do == "risk" else None,
        initial={
            "risk": f"{found.risk.risk} {measured}".strip(),
            "instead": found.risk.instead,
            "borne_by": found.risk.borne_by_id,
        }
        if found.risk
        else {"risk": measured, "borne_by": account.owner_id},
    )
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if do == "end":
                pk_of = whole(request.POST.get("watch", ""), under=10) or 0
                actions.end_hours(actor=request.user, watch=queries.watch_hours(request.user, account, pk_of))
                return _said(request, pk, "These hours are over.")
            if do == "add" and hours.is_valid():
                actions.add_hours(actor=request.user, account=account, **hours.cleaned_data)
                return _said(request, pk, "Added.")
            if do == "risk" and risk.is_valid():
                actions.record_risk(actor=request.user, account=account, **risk.cleaned_data)
                return _said(request, pk, "Recorded.")
        except NotFound:
            raise
        except Refused as refusal:
            status = refusal.status
            show_refusal_on_page(request, refusal, risk, hours)
    return render(
        request,
        "accounts/coverage_of.html",
        {
            "coverage": found,
            "account": account,
            "hours": hours,
            "risk": risk,
            "rows": [
                (name, [found.week.get(day * 24 + hour, []) for hour in range(24)])
                for day, name in enumerate(queries.DAYS)
            ],
            "heads": [f"{hour:02}" for hour in range(24)],
            "watches": [(watch, queries.days_in_words(watch)) for watch in found.watches],
            "may_manage": may(request.user, Power.MANAGE_REGISTER, account.pk),
        },
        status=status,
    )


def _said(request: HttpRequest, pk: int, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("accounts:coverage_of", pk=pk)
