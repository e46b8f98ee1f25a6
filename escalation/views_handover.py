"""The shift handover: the page made from live state, and its two signatures."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from core.errors import NotFound, Refused
from core.gate import needs
from core.refusals import show_refusal
from escalation import handover as queries
from escalation.actions import handover as actions
from staff.roles import Power


class HandOver(forms.Form):
    """To whom, and what no list says."""

    incoming = forms.TypedChoiceField(
        label="Who takes over",
        coerce=int,
        error_messages={"required": "Choose who takes over.", "invalid_choice": "Choose who takes over."},
    )
    note = forms.CharField(
        label="What the lists do not say",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="No names of the public: the lists lead there",
    )

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["incoming"].choices = [("", "Choose one"), *((p.pk, p.called) for p in people)]


@needs(Power.SEE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def handovers(request: HttpRequest) -> HttpResponse:
    """What stands now, to be handed over and signed; and the handovers before."""
    people = queries.incoming_people(request.user)
    form = HandOver(request.POST if request.method == "POST" else None, people=people)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            chosen = next(p for p in people if p.pk == form.cleaned_data["incoming"])
            try:
                made = actions.hand_over(actor=request.user, incoming=chosen, note=form.cleaned_data["note"])
            except Refused as refusal:
                status = refusal.status
                show_refusal(form, refusal)
            else:
                messages.success(request, f"Signed. {chosen.called} signs next.")
                return redirect("escalation:handover", pk=made.pk)
    sections = queries.live(request.user)
    actions.note_read(actor=request.user, handover=None, shown_ids=queries.comment_ids(sections))
    return render(
        request,
        "escalation/handovers.html",
        {"sections": sections, "form": form, "handovers": queries.handovers(request.user)},
        status=status,
    )


@needs(Power.SEE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def handover(request: HttpRequest, pk: int) -> HttpResponse:
    """One handover: what stood when each signed, what stands now, and the second signature."""
    row = queries.handover(request.user, pk)
    problem, status = "", 200
    if request.method == "POST":
        try:
            if request.POST.get("do") == "withdraw":
                actions.withdraw(actor=request.user, handover=row)
                messages.success(request, "Withdrawn.")
            else:
                actions.take_over(actor=request.user, handover=row)
                messages.success(request, "Signed by both. You have the shift.")
        except NotFound:
            raise
        except Refused as refusal:
            problem, status = refusal.sentence, refusal.status
        else:
            return redirect("escalation:handover", pk=row.pk)
    mine = row.is_open and row.incoming_id == request.user.pk
    signed = [(one, queries.from_data(one.page)) for one in queries.signatures(row)]
    now = queries.live(request.user) if mine else []
    shown = [pk for _, page in signed for pk in queries.comment_ids(page)] + queries.comment_ids(now)
    actions.note_read(actor=request.user, handover=row, shown_ids=shown)
    return render(
        request,
        "escalation/handover.html",
        {
            "handover": row,
            "signed": signed,
            "now": now,
            "mine": mine,
            "may_withdraw": row.is_open
            and (
                row.outgoing_id == request.user.pk
                or request.user.has_perm(f"accounts.{Power.ACKNOWLEDGE_CASES}")
            ),
            "problem": problem,
        },
        status=status,
    )
