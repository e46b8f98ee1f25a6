"""My welfare: how pictures are shown, what I met, where to turn; for supervisors the sum, and when people are spoken to."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from core.errors import Refused
from core.gate import needs
from core.refusals import show_refusal
from moderation import queries_welfare as queries
from moderation.actions import welfare as actions
from moderation.models import Comfort, WelfareRule
from staff.roles import Power


class ComfortForm(forms.ModelForm):
    """One's own settings."""

    class Meta:
        model = Comfort
        fields = ("blur", "grey", "tell_me")


class RuleForm(forms.ModelForm):
    """When and how people are spoken to."""

    class Meta:
        model = WelfareRule
        fields = ("per_day", "sentence", "turn_to")
        widgets = {
            "sentence": forms.Textarea(attrs={"rows": 3}),
            "turn_to": forms.Textarea(attrs={"rows": 3}),
        }


@needs(Power.SEE_COMMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def welfare(request: HttpRequest) -> HttpResponse:
    """Mine alone, and for supervisors the sum."""
    do = request.POST.get("do", "") if request.method == "POST" else ""
    mine = ComfortForm(request.POST if do == "mine" else None, instance=queries.comfort_of(request.user))
    rule = RuleForm(request.POST if do == "rule" else None, instance=queries.rule())
    status = 422 if request.method == "POST" else 200
    try:
        if do == "mine" and mine.is_valid():
            actions.choose(actor=request.user, **mine.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("moderation:welfare")
        if do == "rule" and rule.is_valid():
            actions.set_rule(actor=request.user, **rule.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("moderation:welfare")
    except Refused as refusal:
        status = refusal.status
        show_refusal(rule, refusal)
    looks_after = request.user.has_perm(f"accounts.{Power.CHECK_DECISIONS}")
    return render(
        request,
        "moderation/welfare.html",
        {
            "mine": mine,
            "own": [day for day in queries.own(request.user) if day.comments or day.pictures],
            "rule": queries.rule(),
            "rule_form": rule if looks_after else None,
            "desk": [day for day in queries.of_the_desk(request.user) if day.shown] if looks_after else [],
        },
        status=status,
    )
