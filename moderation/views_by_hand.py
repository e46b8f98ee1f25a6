"""Comments of platforms that are worked by hand: pasted one by one, or imported as CSV."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.connections import connector_for
from core.errors import NotFound, NotValid
from core.gate import needs
from core.refusals import show_refusal
from moderation import by_hand, forms, queries
from moderation.actions import ingest
from platforms import registry
from staff.roles import Power


@needs(Power.REPLY)
@require_http_methods(["GET", "POST"])
def add_by_hand(request: HttpRequest, pk: int) -> HttpResponse:
    """What the public wrote on a platform that nobody can read from here reaches the queue all the same."""
    account = queries.account_to_answer_on(request.user, pk)
    if not account.by_hand:
        raise NotFound("Comments of this official account are read by themselves.")
    what = request.POST.get("what", "")
    pasted = forms.Pasted(request.POST if what == "pasted" else None)
    listed = forms.Listed(request.POST if what == "list" else None, request.FILES if what == "list" else None)
    form = {"pasted": pasted, "list": listed}.get(what)
    status = 200
    if request.method == "POST":
        status = 422
        if form is not None and form.is_valid():
            try:
                rows = (
                    [by_hand.message(**form.cleaned_data)]
                    if form is pasted
                    else by_hand.read_list(form.cleaned_data["file"].read(by_hand.LARGEST_BYTES + 1))
                )
            except NotValid as refusal:
                show_refusal(form, refusal)
            else:
                taken = ingest.take_in(
                    actor=request.user,
                    official_account=account,
                    messages=rows,
                    source="by hand",
                    connector=connector_for(account),
                )
                _say(request, len(rows), len(taken.new))
                return redirect(reverse("moderation:add_by_hand", args=[pk]))
    return render(
        request,
        "moderation/by_hand.html",
        {
            "account": account,
            "platform_name": registry.NAMES[account.platform],
            "pasted": pasted,
            "listed": listed,
        },
        status=status,
    )


def _say(request: HttpRequest, given: int, new: int) -> None:
    if new:
        words = "One comment is" if new == 1 else f"{new} comments are"
        known = f" {given - new} were known already." if given > new else ""
        messages.success(request, f"{words} in the queue.{known}")
    else:
        messages.info(request, "That was known already, so nothing was added.")
