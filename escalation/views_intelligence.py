"""Intelligence reports: written at the desk, graded and passed on by the intelligence unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.downloads import as_file
from core.errors import NotValid
from core.gate import fresh, needs, signed_in, stays_inside
from core.refusals import show_refusal
from escalation import forms_intelligence as forms
from escalation import intelligence_file, queries, queries_intelligence, queries_referrals
from escalation.actions import cases
from escalation.actions import intelligence as actions
from escalation.models import IntelligenceReport
from escalation.models.intelligence import INTELLIGENCE
from escalation.workflow import INTELLIGENCE as FLOW
from staff.roles import Power


@needs(Power.SEE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a report, beside what was said."""
    case, answer = queries.case(request.user, pk), queries.answer(request.user, pk)
    choices = queries.split_choices(case)
    initial = {
        "token": uuid4(),
        "evidence": None if choices[1:] else choices[0][0] if choices else forms.NONE,
    }
    form = forms.WriteReport(request.POST or None, evidence=choices, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        number = given.pop("evidence")
        evidence = (
            case.evidence.select_related("comment__commenter").filter(pk=number).first()
            if number != forms.NONE
            else None
        )
        try:
            made = actions.write_report(actor=request.user, case=case, evidence=evidence, **given)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"{made.reference}: the intelligence unit has it, without its source.")
            return redirect("escalation:intelligence", pk=made.pk)
    cases.view_evidence(actor=request.user, case=case, comment_ids=answer.comment_ids())
    return render(
        request,
        "escalation/write_intelligence.html",
        {
            "case": case,
            "answer": answer,
            "form": form,
            "kind": queries_referrals.kind(INTELLIGENCE),
            "asked": queries_intelligence.asked_in_case(case),
            "may_refer_source": answer.may_add and queries_referrals.source_unit(),
        },
        status=422 if form.is_bound else 200,
    )


@signed_in
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """The reports that I may see, by where they stand."""
    return render(
        request,
        "escalation/intelligence_reports.html",
        {"groups": queries_intelligence.by_state(request.user)},
    )


@signed_in
@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """One report."""
    return _page(request, queries_intelligence.report(request.user, pk))


def _page(
    request: HttpRequest, found: IntelligenceReport, *, status: int = 200, **given: Any
) -> HttpResponse:
    actions.view(actor=request.user, report=found)
    unit = queries_referrals.receives(request.user, found.referral)
    here = found.referral.official_account
    may = {
        event: unit and FLOW.allows(found.state, event) for event in ("accept", "return", "dismiss", "link")
    }
    may["correct"] = (
        FLOW.allows(found.state, "correct")
        and request.user.has_perm(f"accounts.{Power.SEE_CASES}", here)
        and (not found.sensitive or found.referral.by_id == request.user.pk)
    )
    filled = {
        "unit": unit,
        "may": may,
        "steps": queries_intelligence.steps(found),
        "asked": queries_intelligence.asked_of_report(found),
        "sees_case": request.user.has_perm(f"accounts.{Power.SEE_CASES}", here),
        "has_source": hasattr(found, "source"),
        "source_unit": queries_referrals.source_unit(),
        "refer_source_form": forms.ReferSource(auto_id="refer_source_%s", initial={"token": uuid4()}),
        "grade_form": forms.Grade(initial=_graded(found), auto_id="grade_%s"),
        "return_form": forms.Why(auto_id="return_%s"),
        "dismiss_form": forms.Why(auto_id="dismiss_%s"),
        "link_form": forms.Link(auto_id="link_%s"),
        "disclose_form": forms.Disclose(auto_id="give_%s"),
        "source_form": forms.Why(auto_id="source_%s"),
        "correct_form": forms.Correct(
            initial={"words": found.words, "provenance": found.provenance, "context": found.context},
            auto_id="correct_%s",
        ),
        **given,
    }
    return render(request, "escalation/intelligence.html", {"report": found, **filled}, status=status)


def _graded(found: IntelligenceReport) -> dict[str, Any]:
    if not found.codes:
        return {"sensitive": found.sensitive, "source_code": IntelligenceReport.Source.UNTESTED}
    return {name: getattr(found, name) for name in forms.Grade.base_fields if name != "looked"}


def _act(
    request: HttpRequest,
    pk: int,
    name: str,
    form: django_forms.Form,
    do: Callable[[IntelligenceReport, dict[str, Any]], Any],
) -> HttpResponse:
    found = queries_intelligence.report(request.user, pk)
    if form.is_valid():
        try:
            do(found, form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("escalation:intelligence", pk=pk)
    return _page(request, found, status=422, **{name: form})


@signed_in
@require_POST
def grade(request: HttpRequest, pk: int) -> HttpResponse:
    """Its 3x5x2 codes."""
    return _act(
        request,
        pk,
        "grade_form",
        forms.Grade(request.POST, auto_id="grade_%s"),
        lambda found, given: actions.grade(actor=request.user, report=found, **given),
    )


@signed_in
@require_POST
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """It requires correction."""
    return _act(
        request,
        pk,
        "return_form",
        forms.Why(request.POST, auto_id="return_%s"),
        lambda found, given: actions.send_back(actor=request.user, report=found, **given),
    )


@signed_in
@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """It is no intelligence."""
    return _act(
        request,
        pk,
        "dismiss_form",
        forms.Why(request.POST, auto_id="dismiss_%s"),
        lambda found, given: actions.dismiss(actor=request.user, report=found, **given),
    )


@signed_in
@require_POST
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """It stands in the intelligence system."""
    return _act(
        request,
        pk,
        "link_form",
        forms.Link(request.POST, auto_id="link_%s"),
        lambda found, given: actions.link(actor=request.user, report=found, **given),
    )


@needs(Power.SEE_CASES)
@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """What the unit sent back, written anew."""
    return _act(
        request,
        pk,
        "correct_form",
        forms.Correct(request.POST, auto_id="correct_%s"),
        lambda found, given: actions.correct(actor=request.user, report=found, **given),
    )


@signed_in
@fresh
@stays_inside
@require_POST
def disclose(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The report as a file, for somebody who is named."""
    found = queries_intelligence.report(request.user, pk)
    form = forms.Disclose(request.POST, auto_id="give_%s")
    if not form.is_valid():
        return _page(request, found, status=422, disclose_form=form)
    to, how = form.cleaned_data["to"], form.cleaned_data["how"]
    try:
        given = actions.disclose(actor=request.user, report=found, to=to, how=how)
    except NotValid as refusal:
        show_refusal(form, refusal)
        return _page(request, found, status=422, disclose_form=form)
    if how == "json":
        response = HttpResponse(intelligence_file.structured(given), content_type="application/json")
    else:
        response = HttpResponse(intelligence_file.sheet(given, to=to), content_type="application/pdf")
    return as_file(response, f"{given.reference}.{how}")


@signed_in
@fresh
@stays_inside
@require_POST
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """Who gave it, once, for a reason that stands in the trail before it is shown."""
    found = queries_intelligence.report(request.user, pk)
    form = forms.Why(request.POST, auto_id="source_%s")
    if form.is_valid():
        try:
            opened = actions.open_source(actor=request.user, report=found, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            response = render(
                request, "escalation/intelligence_source.html", {"report": found, "source": opened}
            )
            response["Cache-Control"] = "private, no-store"
            return response
    return _page(request, found, status=422, source_form=form)


@signed_in
@require_POST
def refer_source(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever gave it, for the dedicated source unit alone."""
    found = queries_intelligence.report(request.user, pk)
    form = forms.ReferSource(request.POST, auto_id="refer_source_%s")
    if form.is_valid():
        try:
            made = actions.refer_source(actor=request.user, report=found, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"{made.reference}: {made.kind.team} has it, and nobody else sees it.")
            return redirect("escalation:intelligence", pk=pk)
    return _page(request, found, status=422, refer_source_form=form)
