"""What is added to a case beside its log: who took it by telephone, assessments, decisions, people, ties."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import NotFound, NotValid
from core.gate import needs
from core.refusals import show_refusal
from core.typed import whole
from escalation import forms, queries, queries_oncall, queries_risk
from escalation.actions import cases, risk, taking, together
from escalation.views import change, page
from staff.roles import Power


@needs(Power.ESCALATE)
@require_POST
def telephone(request: HttpRequest, pk: int) -> HttpResponse:
    """Who took it by telephone."""

    def make(*given, **more):
        return forms.TakenByTelephone(*given, people=queries_oncall.takers(), **more)

    return change(request, pk, "telephone_form", make, taking.take_by_telephone)


@needs(Power.SEE_CASES)
@require_POST
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """One of the things that the pathway asks for."""
    found = queries.case(request.user, pk)

    def make(*given, **more):
        return forms.RecordItem(*given, items=found.version.must_record, **more)

    return change(request, pk, "record_form", make, cases.record_item)


@needs(Power.SEE_CASES)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """A decision with its rationale."""
    return change(request, pk, "decide_form", forms.Decide, risk.decide)


@needs(Power.SEE_CASES)
@require_POST
def place(request: HttpRequest, pk: int) -> HttpResponse:
    """Where it is."""
    return change(request, pk, "place_form", forms.SetPlace, risk.set_place)


@needs(Power.SEE_CASES)
@require_POST
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody involved, or what is written anew about them."""

    def act(*, actor, case, replaces, **given):
        before = queries_risk.involved(case, replaces) if replaces else None
        return risk.note_person(actor=actor, case=case, replaces=before, **given)

    return change(request, pk, "person_form", forms.NotePerson, act)


@needs(Power.SEE_CASES)
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """The clock of the service level stands still."""
    return change(request, pk, "clock_form", forms.ChangeClock, cases.pause_clock)


@needs(Power.SEE_CASES)
@require_POST
def run_on(request: HttpRequest, pk: int) -> HttpResponse:
    """The clock of the service level runs again."""
    return change(request, pk, "clock_form", forms.ChangeClock, cases.resume_clock)


@needs(Power.SEE_CASES)
@require_POST
def tie(request: HttpRequest, pk: int) -> HttpResponse:
    """This case and another one belong together, or are one."""

    def act(*, actor, case, other, how, why):
        try:
            found = queries.case_by_number(actor, int(other))
        except NotFound as refusal:
            raise NotValid(refusal.sentence, field="other") from None
        if how == "merge":
            return together.merge(actor=actor, case=case, into=found, why=why)
        return together.link(actor=actor, case=case, other=found, why=why)

    return change(request, pk, "together_form", forms.Together, act)


@needs(Power.ESCALATE)
@require_POST
def split(request: HttpRequest, pk: int) -> HttpResponse:
    """Some of the evidence is another matter."""
    found = queries.case(request.user, pk)

    def make(*given, **more):
        return forms.Split(*given, evidence=queries.split_choices(found), pathways=queries.pathways(), **more)

    def act(*, actor, case, evidence, **given):
        pieces = queries_risk.evidence_of(case, map(int, evidence))
        part = together.split(actor=actor, case=case, evidence=pieces, **given)
        messages.success(request, f"{part.reference} is open, and its first level is called.")

    return change(request, pk, "split_form", make, act)


@needs(Power.SEE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def assess(request: HttpRequest, pk: int) -> HttpResponse:
    """THRIVE, the grade and why; `?desk=` begins with what the desk found on a comment of the case."""
    found = queries.case(request.user, pk)
    latest = queries_risk.latest_assessment(found)
    chosen = request.POST.get("desk", "") or request.GET.get("desk", "")
    desk = queries_risk.desk_assessment(found, whole(chosen, under=19) or 0) if chosen else None
    initial = {"grade": found.grade_id, "desk": chosen, **queries_risk.begun_from(latest, desk)}
    form = forms.Assess(request.POST or None, grades=queries_risk.grades(), initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            risk.assess(
                actor=request.user,
                case=found,
                answers=form.answers,
                grade=given["grade"],
                rationale=given["rationale"],
                why_changed=given["why_changed"],
                incident_manager=given["incident_manager"],
                desk=desk,
            )
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("escalation:case", pk=pk)
    return render(
        request,
        "escalation/assess.html",
        {"case": found, "form": form, "latest": latest, "desk": desk},
        status=422 if form.is_bound else 200,
    )


@needs(Power.ACKNOWLEDGE_CASES)
@require_POST
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """A supervisor has looked at a lowered grade."""
    found = queries_risk.assessment(request.user, pk)
    form = forms.ReviewLowered(request.POST, auto_id="review_form_%s")
    if form.is_valid():
        risk.review_lowered(actor=request.user, assessment=found, says=form.cleaned_data["says"])
        return redirect("escalation:case", pk=found.case_id)
    return page(request, found.case_id, status=422, review_form=form)
