"""The page that asks for the second factor again and leads back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.errors import NotValid, TooMany
from core.gate import signed_in
from staff import sessions, step_up, switching
from staff.middleware import safe_next

HOME = "/"


@signed_in
@never_cache
@sensitive_post_parameters(step_up.FIELD, step_up.PASSKEY)
@require_http_methods(["GET", "HEAD", "POST"])
def prove_again(request: HttpRequest) -> HttpResponse:
    """The six digits or a recovery code once more, then back to the page that asked for it;
    on a locked screen, what unlocks it."""
    back = safe_next(request, request.POST.get("next") or request.GET.get("next", ""))
    locked = sessions.is_locked(request)
    if request.method != "POST" and not locked and sessions.is_fresh(request):
        return redirect(back or HOME)
    wrong, status = "", 200
    if request.method == "POST":
        try:
            page = "staff:lock_screen" if locked else step_up.route_of(back)
            step_up.prove(request, page=page)
        except (NotValid, TooMany) as refusal:
            wrong, status = refusal.sentence, refusal.status
            if request.headers.get("X-Lock"):
                return HttpResponse(wrong, status=status, content_type="text/plain; charset=utf-8")
        else:
            if request.headers.get("X-Lock"):
                return HttpResponse(status=204)
            return redirect(back or HOME)
    return render(
        request,
        "staff/step_up.html",
        {
            "next": back,
            "wrong": wrong,
            **step_up.offered(request),
            "locked": locked,
            "parked": switching.parked(request),
            "may_share": sessions.may_share(request),
            **step_up.ways(request),
        },
        status=status,
    )
