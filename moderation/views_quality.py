"""Drawn decisions: looked over by a supervisor, read and answered by whose they are."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import Refused
from core.gate import needs
from core.refusals import show_refusal
from moderation import queries_quality as queries
from moderation.actions import quality as actions
from moderation.models import DipSample
from moderation.queries import looked_over
from staff.roles import Power


class Mark(forms.Form):
    """How it was, and why."""

    mark = forms.ChoiceField(
        label="The decision was",
        choices=DipSample.Mark.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it was right, arguable or wrong."},
    )
    sentence = forms.CharField(
        label="Why",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The person reads this with your name",
        error_messages={"required": "Say why, in a sentence: the person reads it."},
    )


@needs(Power.CHECK_DECISIONS)
@require_safe
def samples(request: HttpRequest) -> HttpResponse:
    """What waits to be looked over, what was, and figures that name nobody."""
    by_kind, by_clause = queries.figures(request.user)
    return render(
        request,
        "moderation/samples.html",
        {
            "waiting": list(
                queries.unmarked(request.user).select_related("official_account", "clause")[:100]
            ),
            "marked": queries.marked(request.user),
            "by_kind": by_kind,
            "by_clause": by_clause,
        },
    )


@needs(Power.CHECK_DECISIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def sample(request: HttpRequest, pk: int) -> HttpResponse:
    """One drawn decision with the words it was about; whose it is once it is marked."""
    row = queries.sample(request.user, pk)
    form = Mark(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                done = actions.mark(actor=request.user, sample=row, **form.cleaned_data)
            except Refused as refusal:
                status = refusal.status
                show_refusal(form, refusal)
            else:
                messages.success(request, f"Noted. It was a decision of {done.person.called}, who is told.")
                return redirect("moderation:sample", pk=row.pk)
    actions.note_read(actor=request.user, sample=row)
    return render(
        request,
        "moderation/sample.html",
        {"sample": row, "decision": looked_over(row.decision_id), "form": form},
        status=status,
    )


@needs(Power.WORK_COMMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest) -> HttpResponse:
    """What supervisors said of one's own decisions, and one's answer."""
    problem, about, status = "", 0, 200
    if request.method == "POST":
        number = request.POST.get("sample", "")
        about = int(number) if number.isdecimal() and len(number) < 10 else 0
        row = queries.own_one(request.user, about)
        try:
            actions.answer(actor=request.user, sample=row, words=request.POST.get("answer", ""))
        except Refused as refusal:
            problem, status = refusal.sentence, refusal.status
        else:
            messages.success(request, "Your answer stands beside it.")
            return redirect("moderation:feedback")
    return render(
        request,
        "moderation/feedback.html",
        {
            "samples": queries.own(request.user),
            "problem": problem,
            "about": about,
            "typed": request.POST.get("answer", "")[:2000],
        },
        status=status,
    )
