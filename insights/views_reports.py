"""Reports: the list, one of them as a page and as PDF, made on demand, who receives which, and the public figures."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.queries import may
from audit.actions import record_reading
from core import clock
from core.downloads import as_file
from core.errors import NotFound, Refused
from core.gate import fresh, needs, open_to_all
from core.refusals import show_refusal
from core.typed import whole
from insights import queries_reports as queries
from insights import report_paper
from insights.actions import reports as actions
from insights.forms_reports import LessonsForm, MakeForm, ReceiverForm
from insights.models import Report
from insights.models_reports import Kind
from insights.queries_figures import neighbourhoods
from insights.reports import FORMS, written_of
from staff.roles import Power


@needs(*queries.OPENS)
@require_http_methods(["GET", "HEAD", "POST"])
def reports(request: HttpRequest) -> HttpResponse:
    """Those that the reader may read, the newest first; one is made on demand here."""
    kinds = queries.forms_for(request.user)
    places = neighbourhoods(request.user)
    posted = request.method == "POST"
    form = MakeForm(
        request.POST if posted else None, kinds=kinds, places=places, initial={"day": clock.today()}
    )
    status = 200
    if posted:
        status = 422
        if form.is_valid():
            try:
                made = actions.make_now(actor=request.user, **form.cleaned_data)
            except Refused as refusal:
                status = refusal.status
                show_refusal(form, refusal)
            else:
                return redirect("insights:report", pk=made.pk)
    shelf = request.GET.get("kind", "")
    shelf = shelf if shelf in Kind.values else ""
    return render(
        request,
        "insights/reports.html",
        {
            "reports": queries.reports(request.user, shelf),
            "shelf": shelf,
            "shelves": [("", "All"), *Kind.choices],
            "form": form,
            "kinds": kinds,
            "manages": may(request.user, queries.MANAGES),
            "unreached": queries.unreached(request.user),
        },
        status=status,
    )


@needs(*queries.OPENS)
@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """One report as it was made."""
    found = queries.report(request.user, pk)
    record_reading(actor=request.user, event="report.viewed", subject=found, subject_name=found.title)
    return render(
        request,
        "insights/report.html",
        {
            **_shown(found),
            "publishes": found.kind == Kind.YEARLY
            and not found.published_at
            and queries.is_over(found)
            and queries.publishes(request.user),
        },
    )


def _shown(found: Report) -> dict[str, Any]:
    return {"report": found, "written": written_of(found)}


@fresh
@needs(*queries.OPENS)
@require_safe
def report_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The same as PDF."""
    found = queries.report(request.user, pk)
    record_reading(
        actor=request.user,
        event="report.exported",
        subject=found,
        subject_name=found.title,
        details={"to": str(request.user)},
    )
    paper = HttpResponse(report_paper.pdf(found), content_type="application/pdf")
    return as_file(paper, report_paper.file_name(found))


@needs(Power.APPROVE_GUIDELINES)
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """The yearly figures are open to the public."""
    actions.publish(actor=request.user, report=queries.report(request.user, pk))
    messages.success(request, "Published. Anybody can read these figures from now on.")
    return redirect("insights:report", pk=pk)


@needs(Power.SEE_CASES, Power.SEE_COMMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def incident(request: HttpRequest, of: str, pk: int) -> HttpResponse:
    """An incident report is made from a case or a surge, with what was learned."""
    pk = min(pk, 2**63 - 1)
    subject: Any
    if of == "case":
        subject = queries.case_queries.case(request.user, pk)
        name, back = f"case {subject.reference}", reverse("escalation:case", args=[subject.pk])
    elif of == "surge":
        subject = queries.queries_surges.surge(request.user, pk)
        name, back = (
            f"the surge on {subject.official_account}",
            reverse("moderation:surge", args=[subject.pk]),
        )
    else:
        raise NotFound("An incident report is made of a case or of a surge.")
    form = LessonsForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                lessons = form.cleaned_data["lessons"]
                made = (
                    actions.make_of_case(actor=request.user, case=subject, lessons=lessons)
                    if of == "case"
                    else actions.make_of_surge(actor=request.user, surge=subject, lessons=lessons)
                )
            except Refused as refusal:
                status = refusal.status
                show_refusal(form, refusal)
            else:
                return redirect("insights:report", pk=made.pk)
    return render(
        request, "insights/new_incident.html", {"form": form, "name": name, "back": back}, status=status
    )


@needs(queries.MANAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def receivers(request: HttpRequest) -> HttpResponse:
    """Who is told of which report; what nobody receives is not made by itself."""
    adding = request.method == "POST" and request.POST.get("do") == "add"
    form = ReceiverForm(
        request.POST if adding else None, people=queries.could_receive(), places=queries.places()
    )
    status = 200
    if request.method == "POST" and not adding:
        again = whole(request.POST.get("again", ""))
        row = queries.receiver(request.user, again or whole(request.POST.get("receiver", "")) or 0)
        if again:
            actions.send_again(actor=request.user, receiver=row)
            messages.success(request, f"The e-mail to {row.person.called} goes out again.")
        else:
            actions.end_receiver(actor=request.user, receiver=row)
            messages.success(request, f"{row.person.called} is told of it no more.")
        return redirect("insights:report_receivers")
    if adding:
        status = 422
        if form.is_valid():
            try:
                row = actions.add_receiver(actor=request.user, **form.cleaned_data)
            except Refused as refusal:
                status = refusal.status
                show_refusal(form, refusal)
            else:
                messages.success(request, f"{row.person.called} receives it from the next one on.")
                return redirect("insights:report_receivers")
    return render(
        request,
        "insights/report_receivers.html",
        {
            "rows": queries.receivers(request.user),
            "form": form,
            "forms": FORMS.values(),
            "attached": queries.attachments_leave(),
        },
        status=status,
    )


@open_to_all
@require_safe
def public_figures(request: HttpRequest) -> HttpResponse:
    """What people wrote to the force in a year and what was done, for anybody: as it was published."""
    found = queries.published()
    asked = whole(request.GET.get("year", ""), under=5)
    chosen = next((one for one in found if one.first.year == asked), found[0] if found else None)
    return render(
        request,
        "insights/public/figures.html",
        {
            "years": [one.first.year for one in found],
            "report": chosen,
            "written": written_of(chosen) if chosen else None,
        },
    )
