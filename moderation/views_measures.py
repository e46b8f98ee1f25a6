"""Deletions and blocks that wait for a second person's look, and blocks in force."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core import clock
from core.errors import NotFound, Refused
from core.gate import needs
from core.refusals import show_refusal
from moderation import act_reviews, forms_deciding, restrictions
from moderation.actions import act_reviews as actions
from moderation.actions import blocks as block_actions
from moderation.models import ActReview
from moderation.queries import looked_over
from staff.roles import Power

DONE = {
    "agree": "Noted: it was right.",
    "overturn": "Noted: it was wrong. What can be undone is being undone, and whoever acted is told.",
}


@needs(Power.LOOK_AGAIN)
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """What waits, the most overdue first, and what was answered lately."""
    waiting = act_reviews.reviews(request.user)
    answered = act_reviews.reviews(request.user, closed=True, limit=25)
    actions.see(actor=request.user, rows=[*waiting, *answered])
    return render(
        request,
        "moderation/act_reviews.html",
        {"waiting": waiting, "answered": answered, "now": clock.now()},
    )


@needs(Power.LOOK_AGAIN)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """The words, the clause and the note; agree or overturn."""
    row = act_reviews.review(request.user, pk)
    form = forms_deciding.ActReviewed(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        do = form.cleaned_data["do"]
        answer = actions.agree if do == "agree" else actions.overturn
        try:
            answer(actor=request.user, row=row, words=form.cleaned_data["words"])
        except NotFound:
            raise
        except Refused as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, DONE[do])
            return redirect("moderation:act_reviews")
    actions.see(actor=request.user, rows=[row])
    return render(
        request,
        "moderation/act_review.html",
        {
            "row": row,
            "decision": looked_over(row.decision_id),
            "form": form,
            "own": row.by_id == request.user.pk,
            "open": row.state == ActReview.State.OPEN,
        },
        status=422 if form.is_bound else 200,
    )


@needs(Power.RESTRICT_COMMENTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def blocks(request: HttpRequest) -> HttpResponse:
    """Who is blocked where until when; what a person has to lift on the platform itself stands first."""
    if request.method == "POST":
        given = request.POST.get("block", "")
        pk = int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0
        row = restrictions.block(request.user, pk)
        try:
            block_actions.lifted_by_hand(actor=request.user, block=row)
        except Refused as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, "Noted: the block is lifted.")
        return redirect("moderation:blocks")
    standing = restrictions.blocks(request.user)
    lifted = restrictions.blocks(request.user, lifted=True, limit=50)
    block_actions.see(actor=request.user, rows=[*standing, *lifted])
    return render(request, "moderation/blocks.html", {"standing": standing, "lifted": lifted})
