"""Continuity as pages: plans and their tests, whom to ring, paper forms, and saying that a platform is down."""

from __future__ import annotations

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import continuity, papers
from accounts.actions import continuity as actions
from accounts.actions import outages
from accounts.forms_continuity import (
    ContactForm,
    OutcomeForm,
    PlanForm,
    ReviewForm,
    RuleForm,
    TestForm,
    WhyForm,
)
from core import clock
from core.downloads import as_file
from core.errors import NotFound, Refused
from core.gate import needs, stays_inside
from core.refusals import show_refusal, show_refusal_on_page
from core.typed import whole
from staff.roles import Power


@needs(Power.SEE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """Every platform and this product: which has a plan, what is due, what is down; and when one counts as down."""
    accounts, minutes = continuity.rule()
    form = RuleForm(
        request.POST if request.method == "POST" else None, initial={"accounts": accounts, "minutes": minutes}
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                outages.set_rule(actor=request.user, **form.cleaned_data)
            except Refused as refusal:
                show_refusal(form, refusal)
                status = refusal.status
            else:
                messages.success(request, "It holds from now on.")
                return redirect("accounts:continuity")
    return render(
        request,
        "accounts/continuity.html",
        {
            "rows": continuity.overview(request.user),
            "form": form,
            "rule_accounts": accounts,
            "rule_minutes": minutes,
            "rules": continuity.rules(request.user),
            "tests": continuity.exercise_log(request.user),
            "past": continuity.past_outages(request.user),
            "may_write": continuity.may_write(request.user),
            "may_raise": continuity.may_raise(request.user),
        },
        status=status,
    )


@needs(Power.SEE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, what: str) -> HttpResponse:
    """One plan whole, its tests and their actions; here it is said that the platform is down, or is back."""
    platform = continuity.lost(what)
    row = continuity.plan(request.user, platform)
    outage = continuity.outage_of(request.user, platform) if platform else None
    do = request.POST.get("do", "") if request.method == "POST" else ""
    why = WhyForm(request.POST if do in ("raise", "end") else None)
    review = ReviewForm(request.POST if do == "review" else None)
    outcome = OutcomeForm(request.POST if do == "done" else None)
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if do == "raise" and why.is_valid():
                made = outages.raise_outage(
                    actor=request.user, platform=platform, why=why.cleaned_data["why"]
                )
                return _said(request, what, f"The banner stands. {made.people_told} people are told.")
            if do == "end" and why.is_valid():
                if outage is None:
                    raise NotFound("It is over already. Reload the page.")
                outages.end_outage(actor=request.user, outage=outage, why=why.cleaned_data["why"])
                return _said(request, what, "The banner is down, and whoever was told is told so.")
            if do == "review" and row is not None and review.is_valid():
                actions.review_plan(actor=request.user, plan=row, **review.cleaned_data)
                return _said(request, what, "Noted: it was read and holds.")
            if do == "done" and outcome.is_valid():
                number = whole(request.POST.get("action", "")) or 0
                actions.settle_action(
                    actor=request.user,
                    row=continuity.action_of(request.user, number),
                    outcome=outcome.cleaned_data["outcome"],
                )
                return _said(request, what, "Done, with your name.")
        except NotFound:
            raise
        except Refused as refusal:
            status = refusal.status
            show_refusal_on_page(request, refusal, why, review, outcome)
    versions = continuity.versions(request.user, row) if row else []
    return render(
        request,
        "accounts/continuity_plan.html",
        {
            "platform": platform,
            "what": what,
            "name": continuity.called(platform),
            "plan": row,
            "version": versions[0] if versions else None,
            "several": len(versions) > 1,
            "accounts": continuity.accounts_on(request.user, platform),
            "tests": continuity.tests(request.user, row) if row else [],
            "outage": outage,
            "past": continuity.past_outages(request.user, platform) if platform else [],
            "why": why,
            "review": review,
            "outcome": outcome,
            "done_of": whole(request.POST.get("action", "")) if do == "done" else None,
            "may_write": continuity.may_write(request.user),
            "may_record": row is not None and continuity.may_record(request.user, row),
            "may_raise": bool(platform) and continuity.may_raise(request.user),
        },
        status=status,
    )


@needs(Power.SET_POLICIES)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, what: str) -> HttpResponse:
    """The plan is written, or written anew."""
    platform = continuity.lost(what)
    row = continuity.plan(request.user, platform)
    latest = continuity.versions(request.user, row)[0] if row else None
    given = (
        {"review_on": row.review_on, "next_test_on": row.next_test_on}
        if row and not row.review_is_due
        else {}
    )
    form = PlanForm(request.POST) if request.method == "POST" else PlanForm.of(latest, request.user, **given)  # type: ignore[arg-type]
    answer = _taken(
        request,
        form,
        lambda: actions.write_plan(actor=request.user, platform=platform, **form.given()),
        what,
        "It holds.",
    )
    if isinstance(answer, HttpResponse):
        return answer
    return render(
        request,
        "accounts/continuity_write.html",
        {"form": form, "what": what, "name": continuity.called(platform), "plan": row},
        status=answer,
    )


@needs(Power.SEE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def record_test(request: HttpRequest, what: str) -> HttpResponse:
    """The plan was tried: what worked, what did not, and what is done about it."""
    platform = continuity.lost(what)
    row = continuity.plan(request.user, platform)
    if row is None:
        raise NotFound("There is no plan to try yet. Write it first.")
    form = TestForm(request.POST if request.method == "POST" else None)
    answer = _taken(
        request,
        form,
        lambda: actions.record_test(actor=request.user, plan=row, **form.given()),
        what,
        "Recorded.",
    )
    if isinstance(answer, HttpResponse):
        return answer
    return render(
        request,
        "accounts/continuity_test.html",
        {"form": form, "what": what, "plan": row, "may_record": continuity.may_record(request.user, row)},
        status=answer,
    )


def _taken(request: HttpRequest, form: Form, act, what: str, said: str) -> HttpResponse | int:  # type: ignore[no-untyped-def]
    """Where the form can be used, what it asks is done; otherwise the status with which it is shown again."""
    if request.method != "POST":
        return 200
    if not form.is_valid():
        return 422
    try:
        act()
    except Refused as refusal:
        show_refusal(form, refusal)
        return refusal.status
    return _said(request, what, said)


@needs(Power.SEE_REGISTER)
@require_safe
def history(request: HttpRequest, what: str) -> HttpResponse:
    """Every version of a plan, each beside the one before."""
    row = continuity.plan(request.user, continuity.lost(what))
    if row is None:
        raise NotFound("There is no plan yet.")
    versions = continuity.versions(request.user, row)
    texts = [continuity.as_text(version) for version in versions]
    return render(
        request,
        "accounts/continuity_history.html",
        {
            "plan": row,
            "what": what,
            "rows": [
                (version, texts[n], texts[n + 1] if n + 1 < len(texts) else "")
                for n, version in enumerate(versions)
            ],
        },
    )


@needs(*continuity.RAISES)
@require_http_methods(["GET", "HEAD", "POST"])
def contacts(request: HttpRequest) -> HttpResponse:
    """Whom to ring when nothing else works; the sheet of it is taken here."""
    do = request.POST.get("do", "") if request.method == "POST" else ""
    form = ContactForm(request.POST if do == "add" else None)
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if do == "strike":
                number = whole(request.POST.get("contact", "")) or 0
                row = actions.strike_contact(
                    actor=request.user, contact=continuity.contact(request.user, number)
                )
                messages.success(request, f"{row.name} is off the list, and the number is gone.")
                return redirect("accounts:continuity_contacts")
            if form.is_valid():
                actions.note_contact(actor=request.user, **form.cleaned_data)
                messages.success(request, "Added. Print the sheet anew.")
                return redirect("accounts:continuity_contacts")
        except NotFound:
            raise
        except Refused as refusal:
            status = refusal.status
            show_refusal_on_page(request, refusal, form)
    return render(
        request,
        "accounts/continuity_contacts.html",
        {
            "rows": continuity.contacts(request.user),
            "form": form,
            "may_write": continuity.may_write(request.user),
        },
        status=status,
    )


@stays_inside
@needs(*continuity.RAISES)
@require_safe
def sheet(request: HttpRequest) -> HttpResponseBase:
    """The contact sheet, made anew."""
    document, people = papers.contact_sheet(request.user)
    actions.note_sheet(actor=request.user, contacts=people)
    return as_file(
        HttpResponse(document, content_type="application/pdf"), f"contact-sheet-{clock.today():%Y-%m-%d}.pdf"
    )


@needs(Power.SEE_REGISTER)
@require_safe
def paper_log(request: HttpRequest, what: str) -> HttpResponseBase:
    """An empty log to be written by hand."""
    platform = continuity.lost(what)
    return as_file(
        HttpResponse(papers.paper_log(platform), content_type="application/pdf"), f"paper-log-{what}.pdf"
    )


def _said(request: HttpRequest, what: str, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect(reverse("accounts:continuity_plan", args=[what]))
