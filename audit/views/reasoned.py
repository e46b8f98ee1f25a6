"""Why somebody has the trail open: asked once, kept in their session for half an hour, in each entry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from audit import forms, reasons
from core import clock
from core.gate import needs

KEPT = "audit.reason"
"""Session key: the reason, and until when it stands (seconds since 1970)."""
KEPT_FOR = timedelta(minutes=30)
ACTION = "audit.view"


def given(request: HttpRequest) -> str:
    """The reason that stands now, or nothing."""
    kept = request.session.get(KEPT) or {}
    return str(kept.get("text", "")) if kept.get("until", 0) > clock.now().timestamp() else ""


def asks_for_reason(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show nothing of the trail without a reason, where force policy requires one; ask kindly first."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not given(request) and reasons.is_required(ACTION):
            return render(
                request,
                "audit/reason.html",
                {"reason_form": _form(request), "back": request.get_full_path()},
            )
        return view(request, *args, **kwargs)

    return asked


def context(request: HttpRequest) -> dict[str, Any]:
    """What the pages' own small form of it needs."""
    return {
        "reason_mode": reasons.mode(ACTION),
        "reason_given": given(request),
        "reason_form": _form(request),
        "back": request.get_full_path(),
    }


def _form(request: HttpRequest) -> forms.Reason:
    form = forms.Reason(initial={"reason": given(request)})
    form.fields["reason"].label = reasons.ASKED[ACTION].question
    return form


@needs("see_audit", "see_assigned_audit")
@require_POST
def give_reason(request: HttpRequest) -> HttpResponse:
    """The reason stands for half an hour; back to the page that asked."""
    back = request.POST.get("back", "")
    if not back.startswith("/") or not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("audit:trail")
    form = forms.Reason(request.POST)
    form.fields["reason"].label = reasons.ASKED[ACTION].question
    if not form.is_valid():
        return render(request, "audit/reason.html", {"reason_form": form, "back": back}, status=422)
    request.session[KEPT] = {
        "text": form.cleaned_data["reason"],
        "until": (clock.now() + KEPT_FOR).timestamp(),
    }
    return redirect(back)
