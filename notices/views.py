"""The notices page: what the platform told this person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.gate import signed_in
from notices import actions, queries


@signed_in
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """What waits first, then what was seen."""
    before = request.GET.get("before", "")
    seen, next_before = queries.seen(request.user, before_id=_whole(before))
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


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
