"""Where the public tells something on an appeal: a form that needs no account, no script and no session."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import NotFound, Refused
from core.gate import open_to_all
from core.refusals import show_refusal
from moderation.actions import tips as actions
from moderation.forms_tips import TellForm
from publishing import queries_appeals
from publishing.views_appeals_public import gone
from staff.throttle import key_for


@open_to_all
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tell(request: HttpRequest, key: str) -> HttpResponse:
    """Tell what one knows on an appeal that is live. 410 once it is over, with whom to ring."""
    try:
        appeal, shown = queries_appeals.public_appeal(key)
    except NotFound as refusal:
        return render(
            request, "refusal_public.html", {"sentence": refusal.sentence, "status": 404}, status=404
        )
    if shown is None:
        return gone(request)
    form = TellForm(request.POST, request.FILES) if request.method == "POST" else TellForm()
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                tip = actions.tell(
                    actor=actions.PUBLIC,
                    appeal=appeal,
                    told=form.told,
                    source_key=key_for("tip", "", request.META.get("REMOTE_ADDR", "")),
                    upload=form.cleaned_data["file"] or None,
                )
            except Refused as refusal:
                show_refusal(form, refusal)
                status = refusal.status
            else:
                told = reverse("moderation_public:told", args=[key])
                return redirect(f"{told}?reference={tip.reference}")
    return _noindex(
        render(request, "moderation/public/tell.html", {"form": form, "appeal": shown}, status=status)
    )


@open_to_all
@never_cache
@require_safe
def told(request: HttpRequest, key: str) -> HttpResponse:
    """Thanks, and what happens now. Says nothing of what was told."""
    reference = request.GET.get("reference", "")
    plain = reference if reference.replace("-", "").isalnum() and len(reference) == 9 else ""
    return _noindex(render(request, "moderation/public/told.html", {"reference": plain, "key": key}))


def _noindex(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex"
    return response
