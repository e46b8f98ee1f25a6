"""Handing something of a case to another team, and what each team does with what is referred to it."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.errors import NotValid
from core.gate import needs, signed_in
from core.refusals import show_refusal
from escalation import (
    forms,
    queries,
    queries_intelligence,
    queries_referrals,
    queries_requests,
    queries_risk,
)
from escalation.actions import cases, requests
from escalation.actions import referrals as actions
from escalation.models import Case, Referral
from escalation.models.intelligence import INTELLIGENCE
from escalation.models.referrals import SOURCE_UNIT
from staff.roles import Power


@needs(Power.SEE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def refer(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """The form of one kind of referral, filled in from the case as far as that is known."""
    case, kind = queries.case(request.user, pk), queries_referrals.kind(slug)
    answer = queries.answer(request.user, pk)
    known = (
        _known(answer) if kind.to_control_room else _known_source(answer) if kind.slug == SOURCE_UNIT else {}
    )
    initial = {"token": uuid4(), **known}
    form = forms.Refer(request.POST or None, kind=kind, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        token, crime = given.pop("token"), given.pop("crime", False)
        try:
            made = actions.refer(
                actor=request.user, case=case, kind=kind, given=given, token=token, crime=crime
            )
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"{made.reference}: {kind.team} has it.")
            return (
                redirect("escalation:case", pk=pk)
                if kind.private
                else redirect("escalation:referral", pk=made.pk)
            )
    cases.view_evidence(actor=request.user, case=case, comment_ids=answer.comment_ids())
    return render(
        request,
        "escalation/refer.html",
        {"case": case, "answer": answer, "kind": kind, "form": form},
        status=422 if form.is_bound else 200,
    )


def _authors(answer: queries.Answer) -> str:
    said = [piece.said for piece in answer.evidence]
    return ", ".join(dict.fromkeys(f"{one.name} ({one.handle})" if one.handle else one.name for one in said))


def _known(answer: queries.Answer) -> dict[str, str]:
    """What the case says already of a call for service."""
    case, said = answer.case, [piece.said for piece in answer.evidence]
    assessment = queries_risk.latest_assessment(case)
    told = queries_referrals.first_told(case)
    return {
        "what": "\n".join([case.title, *(f"“{one.text}”" for one in said)])[:4000],
        "where": case.place,
        "when": f"First message {clock.in_london(told):%H:%M on %-d %B %Y}",
        "who": _authors(answer)[:300],
        "risk": f"{assessment.grade}: {assessment.rationale}"[:4000] if assessment else "",
        "contact": "Through the digital desk, on the platform" if said else "",
    }


def _known_source(answer: queries.Answer) -> dict[str, str]:
    """What the case says already of somebody who may be a source."""
    asked = queries_intelligence.asked_in_case(answer.case)
    return {"who": _authors(answer)[:300], "why": asked.says}


@signed_in
@require_safe
def referrals(request: HttpRequest) -> HttpResponse:
    """What waits for my team, what others have, what was answered."""
    lists = queries_referrals.lists(request.user)
    actions.view_list(actor=request.user, referrals=lists.all)
    return render(request, "escalation/referrals.html", {"lists": lists})


@signed_in
@require_safe
def referral(request: HttpRequest, pk: int) -> HttpResponse:
    """One referral; intelligence has a page of its own."""
    found = queries_referrals.referral(request.user, pk)
    if found.kind.slug == INTELLIGENCE:
        return redirect(
            "escalation:intelligence", pk=queries_intelligence.of_referral(request.user, found).pk
        )
    return page(request, found)


def page(request: HttpRequest, found: Referral, *, status: int = 200, **given) -> HttpResponse:
    """What was handed over, by when an answer is due, and the next step of whoever looks."""
    actions.view(actor=request.user, referral=found)
    here = found.official_account
    sees_case = request.user.has_perm(f"accounts.{Power.SEE_CASES}", here)
    mine = queries_referrals.receives(request.user, found) if found.kind.role else sees_case
    numbers = sees_case or request.user.has_perm(f"accounts.{Power.RECORD_INCIDENTS}", here)
    filled = {
        "answer_form": forms.Fields(fields=found.kind.answers, auto_id="answer_%s"),
        "numbers_form": forms.Numbers(auto_id="numbers_%s"),
        "mine": mine,
        "control_room_phone": settings.CONTROL_ROOM_PHONE,
        "may_number": numbers and found.kind.to_control_room and _not_closed(found.case),
        "sees_case": sees_case,
        "said": queries_referrals.said(found),
        "same": queries_referrals.same_incident(request.user, found),
        "taken_in": queries_requests.of_referral(found),
        "may_take_in": mine
        and bool(found.kind.deadline_law)
        and request.user.has_perm(f"accounts.{Power.HANDLE_REQUESTS}"),
        **given,
    }
    return render(request, "escalation/referral.html", {"referral": found, **filled}, status=status)


def _not_closed(case: Case) -> bool:
    return case.state != Case.State.CLOSED


@signed_in
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """I have it."""
    actions.take(actor=request.user, referral=queries_referrals.referral(request.user, pk))
    return redirect("escalation:referral", pk=pk)


@signed_in
@require_POST
def take_in(request: HttpRequest, pk: int) -> HttpResponse:
    """It is a request on the board of information rights, and nothing is typed again."""
    found = queries_referrals.referral(request.user, pk)
    made = requests.take_in(actor=request.user, referral=found)
    return redirect("retention:request", pk=made.pk)


@signed_in
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The outcome."""
    found = queries_referrals.referral(request.user, pk)
    form = forms.Fields(request.POST, fields=found.kind.answers, auto_id="answer_%s")
    if form.is_valid():
        try:
            actions.answer(actor=request.user, referral=found, given=form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("escalation:referral", pk=pk)
    return page(request, found, status=422, answer_form=form)


@signed_in
@require_POST
def numbers(request: HttpRequest, pk: int) -> HttpResponse:
    """The number that the control room gave, typed by hand."""
    found = queries_referrals.referral(request.user, pk)
    form = forms.Numbers(request.POST, auto_id="numbers_%s")
    if form.is_valid():
        try:
            actions.record_numbers(actor=request.user, referral=found, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("escalation:referral", pk=pk)
    return page(request, found, status=422, numbers_form=form)


@needs(Power.SEE_CASES)
@require_POST
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """The message to the control room once more."""
    actions.send_anew(actor=request.user, referral=queries_referrals.referral(request.user, pk))
    return redirect("escalation:referral", pk=pk)
