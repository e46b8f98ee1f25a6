"""One decision on many comments: what it would do, what it did, and taking it back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from core.errors import NotFound, NotValid, Refused
from core.gate import needs
from core.refusals import show_refusal
from moderation import bulk, forms_deciding, queries
from moderation.actions import bulk as actions
from staff.models import Team
from staff.roles import Power

CHOSEN = "moderation.many"
"""Salt of the signed list of what a preview has shown, which its button sends back."""
HOLDS_S = 3600


@needs(Power.WORK_COMMENTS)
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What the decision would do to exactly which comments, and which it leaves to people one by one."""
    form = forms_deciding.Many(request.POST)
    if not form.is_valid():
        messages.error(request, next(iter(form.errors.values()))[0])
        return redirect(reverse("moderation:desk") + _place(request))
    ids = form.cleaned_data["comment"]
    if len(ids) > bulk.MOST:
        messages.error(request, f"At most {bulk.MOST} comments are decided on in one go. Untick some.")
        return redirect(reverse("moderation:desk") + _place(request))
    return _page(
        request, bulk.preview(request.user, form.cleaned_data["do"], ids), forms_deciding.DecideMany()
    )


@needs(Power.WORK_COMMENTS)
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """It is made on each of them by itself; the page after it says what came of each."""
    try:
        chosen = signing.loads(request.POST.get("chosen", ""), salt=CHOSEN, max_age=HOLDS_S)
    except signing.BadSignature:
        raise NotValid(
            "This preview is too old. Go back to the list, tick the comments and look again."
        ) from None
    if chosen["me"] != request.user.pk:
        raise NotFound("This preview was shown to somebody else.")
    revisions = {int(pk): int(revision) for pk, revision in chosen["comments"]}
    form = forms_deciding.DecideMany(request.POST)
    if form.is_valid():
        try:
            batch = actions.decide_many(
                actor=request.user, kind=chosen["do"], revisions=revisions, **form.cleaned_data
            )
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("moderation:many_done", pk=batch.pk)
    return _page(request, bulk.preview(request.user, chosen["do"], list(revisions)), form, status=422)


@needs(Power.WORK_COMMENTS)
@require_safe
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """What came of each, and one button that takes back what can be taken back."""
    batch = bulk.batch(request.user, pk)
    results = bulk.results(request.user, batch)
    actions.see_results(
        actor=request.user, batch=batch, ids=[one.pk for one in results if one.comment is not None]
    )
    return render(
        request,
        "moderation/many_done.html",
        {
            "batch": batch,
            "results": results,
            "done": sum(one.done for one in results),
            "can_undo": bulk.can_undo(batch),
        },
    )


@needs(Power.WORK_COMMENTS)
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """What still stands of it is taken back, each by itself."""
    try:
        batch = actions.undo(actor=request.user, batch=bulk.batch(request.user, pk))
    except NotFound:
        raise
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        back = sum(one["says"] == "Taken back" for one in batch.undone)
        messages.success(request, f"{back} of {len(batch.undone)} taken back.")
    return redirect("moderation:many_done", pk=pk)


def _page(
    request: HttpRequest, preview: bulk.Preview, form: forms_deciding.DecideMany, status: int = 200
) -> HttpResponse:
    actions.see(actor=request.user, preview=preview)
    context: dict[str, Any] = {
        "preview": preview,
        "form": form,
        "clauses": queries.clauses(),
        "teams": Team.objects.order_by("name"),
        "chosen": signing.dumps(
            {
                "me": request.user.pk,
                "do": preview.kind.slug,
                "comments": [[comment.pk, comment.revision_number] for comment in preview.taken],
            },
            salt=CHOSEN,
            compress=True,
        ),
        "back": reverse("moderation:desk") + _place(request),
    }
    return render(request, "moderation/many.html", context, status=status)


def _place(request: HttpRequest) -> str:
    """The queue that the person came from."""
    queue = request.POST.get("queue", "")[:300]
    return f"?{urlencode({'queue': queue})}" if queue else ""
