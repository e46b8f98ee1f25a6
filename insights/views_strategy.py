"""The social media strategy: what all staff read, and how the next version is written and approved."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.queries import may
from audit.actions import record_reading
from core.downloads import as_file
from core.errors import NotFound, Refused
from core.gate import needs, signed_in
from core.refusals import show_refusal
from core.typed import whole
from insights import strategy as queries
from insights import strategy_paper
from insights.actions import strategy as actions
from insights.forms_strategy import ChannelForm, WriteForm
from insights.models import Strategy
from staff.roles import Power


@signed_in
@require_safe
def strategy(request: HttpRequest) -> HttpResponse:
    """The version that holds, with what was measured beside each channel. For everybody who works here."""
    row = queries.live()
    if row is None:
        return render(
            request,
            "insights/no_strategy.html",
            {"draft": queries.draft(), **_powers(request)},
        )
    return _read(request, row)


@signed_in
@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version as it is or was."""
    return _read(request, queries.version(request.user, number))


def _read(request: HttpRequest, row: Strategy) -> HttpResponse:
    channels = queries.channels_of(row)
    measures = _measures(row)
    figures = queries.measured() if measures else {}
    return render(
        request,
        "insights/strategy.html",
        {
            "strategy": row,
            "sections": [(section, getattr(row, section.field)) for section in queries.SECTIONS],
            "channels": queries.beside(channels, figures),
            "measures": measures,
            "unnamed": queries.unnamed(channels, figures),
            "versions": queries.versions(request.user),
            "draft": queries.draft(),
            **_powers(request),
        },
    )


@signed_in
@require_safe
def version_file(request: HttpRequest, number: int) -> HttpResponseBase:
    """One version as a PDF, to be printed: for an inspection, or for the wall."""
    row = queries.version(request.user, number)
    content = strategy_paper.pdf(row, queries.channels_of(row), queries.measured() if _measures(row) else {})
    record_reading(
        actor=request.user, event="strategy.exported", subject=row, subject_name=f"version {row.number}"
    )
    return as_file(HttpResponse(content, content_type="application/pdf"), f"strategy-{row.number}.pdf")


def _measures(row: Strategy) -> bool:
    """What is measured now says something of what holds or is being written alone."""
    return row.state in (Strategy.State.LIVE, Strategy.State.DRAFT)


def _powers(request: HttpRequest) -> dict[str, Any]:
    return {
        "may_write": may(request.user, Power.WRITE_STRATEGY),
        "may_approve": may(request.user, Power.APPROVE_STRATEGY),
        "sees_drafts": queries.sees_drafts(request.user),
    }


@needs(Power.WRITE_STRATEGY)
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """A draft with the words of what holds."""
    row = actions.begin(actor=request.user)
    messages.success(request, "The draft has the words of what holds. Change them; nobody else sees it yet.")
    return redirect("insights:strategy_draft", number=row.number)


@needs(Power.WRITE_STRATEGY, Power.APPROVE_STRATEGY)
@require_safe
def draft(request: HttpRequest, number: int) -> HttpResponse:
    """A draft against what holds, who did what to it, and what may be done next."""
    row = queries.version(request.user, number)
    return render(
        request,
        "insights/strategy_draft.html",
        {
            "strategy": row,
            "channels": queries.channels_of(row),
            "left_out": queries.channels_of(row, left_out=True),
            "differences": queries.differences(row, queries.live()),
            "history": queries.history(row),
            "seen": row.changed_at.isoformat(),
            "wrote": request.user.pk in queries.writer_ids(row),
            **_powers(request),
        },
    )


@needs(Power.WRITE_STRATEGY)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, number: int) -> HttpResponse:
    """The words of a draft."""
    row = queries.version(request.user, number)
    form = WriteForm(request.POST) if request.method == "POST" else WriteForm.of(row)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.write(actor=request.user, version=row, **form.cleaned_data)
            except Refused as refusal:
                show_refusal(form, refusal)
                status = refusal.status
            else:
                messages.success(request, "Kept.")
                return redirect("insights:strategy_draft", number=number)
    return render(request, "insights/strategy_write.html", {"strategy": row, "form": form}, status=status)


@needs(Power.WRITE_STRATEGY)
@require_http_methods(["GET", "HEAD", "POST"])
def channel(request: HttpRequest, number: int, pk: int | None = None) -> HttpResponse:
    """What one platform is for, in a draft; or one that is new in it."""
    row = queries.version(request.user, number)
    present = queries.channel(request.user, row, pk) if pk is not None else None
    initial = ChannelForm.of(present) if present is not None else ChannelForm()
    form = ChannelForm(request.POST) if request.method == "POST" else initial
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.write_channel(actor=request.user, version=row, **form.cleaned_data)
            except Refused as refusal:
                show_refusal(form, refusal)
                status = refusal.status
            else:
                messages.success(request, "Kept.")
                return redirect("insights:strategy_draft", number=number)
    return render(
        request,
        "insights/strategy_channel.html",
        {"strategy": row, "channel": present, "form": form},
        status=status,
    )


@needs(Power.WRITE_STRATEGY, Power.APPROVE_STRATEGY)
@require_POST
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """A draft is approved or given up, or a channel left out of it."""
    row = queries.version(request.user, number)
    do = request.POST.get("do", "")
    try:
        if do == "approve":
            actions.approve(actor=request.user, version=row, seen=request.POST.get("seen", "")[:40] or "none")
            messages.success(request, f"Version {number} holds now, for everybody who works here.")
            return redirect("insights:strategy")
        if do == "give_up":
            actions.give_up(actor=request.user, version=row)
            messages.success(request, "The draft was given up. What holds stays.")
            return redirect("insights:strategy")
        if do == "leave_out":
            found = queries.channel(request.user, row, whole(request.POST.get("channel", "")) or 0)
            actions.leave_out(actor=request.user, channel=found)
            messages.success(request, "It is left out of the draft.")
            return redirect("insights:strategy_draft", number=number)
    except NotFound:
        raise
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("insights:strategy_draft", number=number)
    raise NotFound("There is no such step. Reload the page.")
