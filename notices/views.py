"""The notices page: what the platform told this person."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.gate import signed_in
from core.typed import whole
from notices import actions, queries


@signed_in
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """What waits first, then what was seen."""
    before = request.GET.get("before", "")
    seen, next_before = queries.seen(request.user, before_id=whole(before))
    return render(
        request,
        "notices/notices.html",
        {
            "unseen": [] if before else queries.unseen(request.user)[: queries.PAGE_LENGTH],
            "unseen_count": queries.unseen_count(request.user),
            "seen": seen,
            "older": f"?before={next_before}" if next_before else "",
            "further": bool(before),
        },
    )


@signed_in
@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """The bell and the call as they stand now; 204 where the browser has them. A new call is said aloud."""
    now = queries.bell(request.user)
    had = request.GET.get("v", "")
    if had == now.version:
        return HttpResponse(status=204)
    response = render(request, "notices/_bell.html", {"bell": now, "again": True})
    if now.called and not had.endswith(f".{now.called.pk}"):
        response["HX-Trigger"] = json.dumps({"announce": {"value": f"You are called. {now.called.title}"}})
    return response


@signed_in
@require_safe
def alarm(request: HttpRequest) -> HttpResponse:
    """How many pages ("act now") wait unseen: a number alone, so that it is open to a locked screen too."""
    return JsonResponse(queries.alarm(request.user))


@signed_in
@require_POST
def see(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that one was seen, and go where it leads if the person asked for that."""
    notice = queries.notice(request.user, pk)
    actions.see(actor=request.user, notices=[notice])
    return redirect(notice.link if "open" in request.POST and notice.link else "notices:list")


@signed_in
@require_POST
def see_all(request: HttpRequest) -> HttpResponse:
    """Note that all were seen."""
    actions.see(actor=request.user)
    return redirect("notices:list")
