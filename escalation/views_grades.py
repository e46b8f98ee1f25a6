"""The force's own scheme of grades."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import NotValid
from core.gate import needs
from core.refusals import show_refusal
from escalation import forms_grades as forms
from escalation import queries_risk
from escalation.actions import grades as actions
from escalation.models import Grade
from staff.roles import Power


@needs(Power.SEE_CASES, Power.SET_PATHWAYS)
@require_safe
def grades(request: HttpRequest) -> HttpResponse:
    """The scheme, the most urgent first."""
    scheme = queries_risk.scheme()
    shown = {"scheme": scheme, "may_edit": request.user.has_perm(f"accounts.{Power.SET_PATHWAYS}")}
    return render(request, "escalation/grades.html", shown)


@needs(Power.SET_PATHWAYS)
@require_http_methods(["GET", "HEAD", "POST"])
def add_grade(request: HttpRequest) -> HttpResponse:
    """A grade of the force's own."""
    return _grade(request, None)


@needs(Power.SET_PATHWAYS)
@require_http_methods(["GET", "HEAD", "POST"])
def grade(request: HttpRequest, pk: int) -> HttpResponse:
    """One grade: what it is called, what is promised, where it stands."""
    return _grade(request, queries_risk.grade(pk))


def _grade(request: HttpRequest, found: Grade | None) -> HttpResponse:
    scheme = queries_risk.scheme()
    places = [one for one in scheme if one.active and (found is None or one.pk != found.pk)]
    initial = (
        {
            **{name: getattr(found, name) for name in ("name", "target", "immediate", "source", "active")},
            "place": 1 + sum(one.position < found.position for one in places),
        }
        if found
        else {"place": len(places) + 1, "active": True}
    )
    form = forms.SaveGrade(request.POST or None, initial=initial, places=[one.name for one in places])
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.save_grade(actor=request.user, grade=found, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"{made.name} is saved.")
            return redirect("escalation:grades")
    return render(
        request,
        "escalation/grade.html",
        {"grade": found, "form": form, "signed": found is not None and queries_risk.is_signed_with(found)},
        status=422 if form.is_bound else 200,
    )
