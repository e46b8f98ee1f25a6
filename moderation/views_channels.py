"""Which official account is deaf and since when; messages that could not be read."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.queries import may
from core.errors import NotValid
from core.gate import needs
from moderation import channels as heard
from moderation import forms, native, set_aside
from moderation.actions import quarantine
from platforms import registry
from staff.roles import Power


@needs(Power.SEE_REGISTER)
@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """All of them at a glance, deaf ones first."""
    found = heard.channels(request.user)
    return render(
        request,
        "moderation/channels.html",
        {"channels": found, "deaf": sum(channel.state == "deaf" for channel in found)},
    )


@needs(Power.SEE_REGISTER)
@require_safe
def channel(request: HttpRequest, pk: int) -> HttpResponse:
    """One official account: last success, lag, gaps, budget, token, what is wrong."""
    found = heard.channel(request.user, pk)
    return render(
        request,
        "moderation/channel.html",
        {
            "channel": found,
            "platform": registry.NAMES.get(found.account.platform, found.account.platform),
            "native_posts": native.newest(found.account),
            "gaps": heard.gaps(found.account),
            "filters": link.settings if (link := found.link) is not None else {},
            "may_add": may(request.user, Power.REPLY, found.account.pk),
        },
    )


@needs(Power.WORK_COMMENTS)
@require_safe
def set_aside_list(request: HttpRequest) -> HttpResponse:
    """Messages that no connector could read, those that wait for a person first."""
    rows = set_aside.waiting(request.user)
    quarantine.note_viewed(actor=request.user, rows=rows)
    return render(request, "moderation/set_aside.html", {"rows": rows, "most": set_aside.MOST})


@needs(Power.WORK_COMMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def set_aside_one(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them as it came: mend it, and have it read again."""
    row = set_aside.one(request.user, pk)
    form = forms.Mend(request.POST or None, initial={"payload": set_aside.as_text(row)})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                quarantine.replay(actor=request.user, row=row, payload=form.cleaned_data["payload"])
            except NotValid as refusal:
                form.add_error("payload", refusal.sentence)
            else:
                messages.success(request, "It was read. What it says stands where it belongs.")
                return redirect("moderation:set_aside")
    else:
        quarantine.note_viewed(actor=request.user, rows=[row])
    return render(request, "moderation/set_aside_one.html", {"row": row, "form": form}, status=status)
