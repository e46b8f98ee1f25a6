"""Second looks at hidden comments: who asks, and the answer of somebody else than who decided."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import NotFound, Refused
from core.gate import needs
from core.refusals import show_refusal
from moderation import forms, inquiries
from moderation.actions import inquiries as actions
from moderation.models import Reconsideration
from moderation.queries import looked_over
from staff.roles import Power

DONE = {
    "uphold": "Answered: the comment stays hidden. Its author reads your words on their page.",
    "overturn": "Answered: the comment is being shown again. Its author reads your words on their page.",
}
STANDS_ANEW = (
    "Answered: that hide was wrong. The comment stays hidden, by the newer decision; its author reads your words and "
    "may ask about that one too."
)


@needs(Power.LOOK_AGAIN)
@require_safe
def second_looks(request: HttpRequest) -> HttpResponse:
    """What waits, the most overdue first, and what was answered lately."""
    waiting = inquiries.second_looks(request.user)
    answered = inquiries.second_looks(request.user, closed=True, limit=25)
    actions.see_second_looks(actor=request.user, shown=[*waiting, *answered])
    return render(request, "moderation/second_looks.html", {"waiting": waiting, "answered": answered})


@needs(Power.LOOK_AGAIN)
@require_http_methods(["GET", "HEAD", "POST"])
def second_look(request: HttpRequest, pk: int) -> HttpResponse:
    """The hidden words, the clause, what the author says; uphold or overturn."""
    row = inquiries.second_look(request.user, pk)
    form = forms.SecondLook(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        do = form.cleaned_data["do"]
        act = actions.uphold if do == "uphold" else actions.overturn
        try:
            act(actor=request.user, row=row, answer=form.cleaned_data["answer"])
        except Refused as refusal:
            show_refusal(form, refusal)
        else:
            newer = do == "overturn" and inquiries.is_hidden_anew(row)
            messages.success(request, STANDS_ANEW if newer else DONE[do])
            return redirect("moderation:second_looks")
    return _page(request, row, form)


@needs(Power.LOOK_AGAIN)
@require_POST
def withhold(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether the author is told the reason."""
    row = inquiries.second_look(request.user, pk)
    decision = looked_over(row.decision_id)
    if decision is None:
        raise NotFound("The decision is not held any more, so there is no reason to withhold.")
    if request.POST.get("do") == "give":
        actions.stop_withholding(actor=request.user, decision=decision)
        messages.success(request, "The reason is given again.")
        return redirect("moderation:second_look", pk=row.pk)
    form = forms.Withhold(request.POST)
    if form.is_valid():
        try:
            actions.withhold(actor=request.user, decision=decision, why=form.cleaned_data["why"])
        except Refused as refusal:
            form.add_error("why", refusal.sentence)
        else:
            messages.success(request, "The reason is not given for now.")
            return redirect("moderation:second_look", pk=row.pk)
    return _page(request, row, forms.SecondLook(), withhold_form=form)


def _page(
    request: HttpRequest,
    row: Reconsideration,
    form: forms.SecondLook,
    withhold_form: forms.Withhold | None = None,
) -> HttpResponse:
    actions.see_second_look(actor=request.user, row=row)
    decision = looked_over(row.decision_id)
    failed = form.is_bound or withhold_form is not None
    return render(
        request,
        "moderation/second_look.html",
        {
            "row": row,
            "decision": decision,
            "form": form,
            "withhold_form": withhold_form or forms.Withhold(),
            "withheld": inquiries.standing_withholding(decision) if decision else None,
            "hidden_anew": inquiries.is_hidden_anew(row),
            "own": row.decided_by_id == request.user.pk,
            "open": row.state == Reconsideration.State.OPEN,
        },
        status=422 if failed else 200,
    )
