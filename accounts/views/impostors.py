"""Accounts that pretend to be the force: the register of them, and each with what was done about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import impostors as queries
from accounts.actions import impostors as actions
from accounts.forms_impostors import ListForm, NoticeForm, StepForm
from accounts.models import Impostor
from core.errors import NotFound, Refused
from core.gate import needs
from core.refusals import show_refusal
from platforms import registry
from staff.roles import Power

SAID = {
    "found": "reported it",
    "confirm": "found that it pretends to be us",
    "dismiss": "dismissed it",
    "report": "reported it to the platform",
    "chase": "asked the platform again",
    "take_down": "noted that it is gone",
    "leave": "noted that the platform leaves it",
    "warn": "warned the public",
}
DONE = {
    "confirm": "Noted. The public check warns of it; report it to the platform next.",
    "dismiss": "Dismissed. Its handle and everything about it are forgotten.",
    "report": "Noted. You are reminded to ask again.",
    "chase": "Noted.",
    "take_down": "It is gone. Well done.",
    "leave": "Noted. The public check goes on warning of it.",
    "warn": "Noted.",
}
STEPS: dict[str, tuple[Callable[..., Impostor], tuple[str, ...]]] = {
    "confirm": (actions.confirm, ("words", "name")),
    "dismiss": (actions.dismiss, ("words",)),
    "report": (actions.report_to_platform, ("words", "reference", "chase_on")),
    "chase": (actions.chase, ("words", "chase_on")),
    "take_down": (actions.take_down, ("words",)),
    "leave": (actions.leave, ("words",)),
    "warn": (actions.warn, ("words",)),
}


def _named(rows: list[Impostor]) -> list[tuple[Impostor, str]]:
    return [(row, registry.NAMES.get(row.platform, row.platform)) for row in rows]


@needs(Power.SEE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def impostors(request: HttpRequest) -> HttpResponse:
    """Those that are open, those that are over, and how long removal takes; staff report and compare lists here."""
    do = request.POST.get("do", "") if request.method == "POST" else ""
    noticed = NoticeForm(request.POST if do == "notice" else None)
    looking = ListForm(request.POST if do == "list" else None, auto_id="list_%s")
    form = looking if do == "list" else noticed
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_bound and form.is_valid():
            try:
                if do == "list":
                    looked = actions.look_through(actor=request.user, **form.cleaned_data)
                    messages.success(
                        request,
                        f"{looked.lines} compared: {len(looked.found)} look like ours and are noted. "
                        "No other is kept.",
                    )
                    return redirect("accounts:impostors")
                row = actions.notice(actor=request.user, **form.cleaned_data)
            except Refused as refusal:
                show_refusal(form, refusal)
                status = refusal.status
            else:
                messages.success(request, "Noted. Communications and information security are told.")
                return redirect("accounts:impostor", pk=row.pk)
    return render(
        request,
        "accounts/impostors.html",
        {
            "rows": _named(queries.impostors(request.user)),
            "over": _named(queries.impostors(request.user, over=True)),
            "figures": queries.figures(request.user),
            "watches": queries.watches(request.user),
            "noticed": noticed,
            "looking": looking,
            "may_follow": queries.may_follow(request.user),
        },
        status=status,
    )


@needs(Power.SEE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def impostor(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them; each step is taken here."""
    row = queries.impostor(request.user, pk)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    form = StepForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if do not in STEPS:
            raise NotFound("There is no such step. Reload the page.")
        if form.is_valid():
            take, fields = STEPS[do]
            given: dict[str, Any] = {field: form.cleaned_data[field] for field in fields}
            try:
                take(actor=request.user, impostor=row, **given)
            except Refused as refusal:
                show_refusal(form, refusal)
                status = refusal.status
            else:
                messages.success(request, DONE[do])
                return redirect("accounts:impostor", pk=pk)
        row = queries.impostor(request.user, pk)
    return render(
        request,
        "accounts/impostor.html",
        {
            "impostor": row,
            "platform_name": registry.NAMES.get(row.platform, row.platform),
            "can": queries.can(request.user, row),
            "may_follow": queries.may_follow(request.user),
            "steps": [(step, SAID.get(step.event, step.event)) for step in queries.steps(row)],
            "do": do,
            "form": form,
        },
        status=status,
    )
