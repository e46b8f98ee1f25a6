"""The marked sheet of an exercise: read, taken away, and debriefed from."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.queries import authority_of
from audit.actions import record_reading
from core import clock
from core.downloads import as_file
from core.errors import NotFound, Refused
from core.gate import fresh, needs
from core.refusals import show_refusal
from exercise import queries as exercises
from insights import marked_sheet as queries
from insights import marked_sheet_file as files
from insights.actions import debriefs
from insights.forms_exercises import DebriefForm
from staff.roles import Power

SHOWN = {
    "amiss": "To talk about",
    "risk": "At risk",
    "all": "Every comment",
}


@needs(Power.RUN_EXERCISES)
@require_http_methods(["GET", "HEAD", "POST"])
def marked_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Each planted comment with the truth about it and what the desk did; the team's figures; the debrief."""
    run = exercises.run(request.user, min(pk, 2**63 - 1))
    form = DebriefForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                debriefs.record_debrief(actor=request.user, run=run, **form.cleaned_data)
            except Refused as refusal:
                status = refusal.status
                show_refusal(form, refusal)
            else:
                messages.success(request, "The debrief is kept. Later runs are compared with these figures.")
                return redirect("insights:marked_sheet", pk=run.pk)
    sheet = queries.sheet(request.user, run)
    record_reading(actor=request.user, event="exercise.marked", subject=run, subject_name=run.title)
    shelf = request.GET.get("show", "amiss")
    shelf = shelf if shelf in SHOWN else "amiss"
    runs, figures = queries.comparison(request.user, sheet)
    rows = {"amiss": sheet.amiss, "risk": sheet.at_risk, "all": list(sheet.rows)}[shelf]
    held = authority_of(request.user)
    return render(
        request,
        "insights/marked_sheet.html",
        {
            "run": run,
            "sheet": sheet,
            "rows": rows,
            "shelf": shelf,
            "shelves": [
                (slug, words, count)
                for (slug, words), count in zip(
                    SHOWN.items(), (len(sheet.amiss), len(sheet.at_risk), len(sheet.rows)), strict=True
                )
            ],
            "first": [
                figure
                for figure in sheet.figures
                if figure.slug
                in ("at_risk_in_time", "hidden", "answered", "wrong", "seen_median", "acknowledged_median")
            ],
            "runs": runs,
            "figures": [
                (label, list(zip(_runs_in_words(runs), cells, strict=True))) for label, cells in figures
            ],
            "rules": queries.RULES,
            "debrief": queries.debrief_of(request.user, run),
            "form": form,
            "opens_cases": held.holds(Power.SEE_CASES),
            "opens_comments": held.holds(Power.SEE_COMMENTS),
        },
        status=status,
    )


def _runs_in_words(runs: list[queries.Compared]) -> list[str]:
    """What each figure is of, where a narrow window has no heads of columns."""
    return ["This run", *(f"{clock.in_london(one.run.started_at):%-d %b %H:%M}" for one in runs[1:])]


@fresh
@needs(Power.RUN_EXERCISES)
@require_safe
def marked_sheet_file(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """The sheet as PDF or CSV: the team's acts; with `?names=yes` also who saw, did and acknowledged."""
    run = exercises.run(request.user, min(pk, 2**63 - 1))
    sheet = queries.sheet(request.user, run)
    names = request.GET.get("names") == "yes"
    if form == "csv":
        content, kind = files.as_csv(sheet, names=names).encode(), "text/csv; charset=utf-8"
    elif form == "pdf":
        runs, figures = queries.comparison(request.user, sheet)
        content, kind = files.as_pdf(sheet, runs, figures, names=names), "application/pdf"
    else:
        raise NotFound("The marked sheet is given out as pdf or csv.")
    record_reading(
        actor=request.user,
        event="exercise.sheet_exported",
        subject=run,
        subject_name=run.title,
        details={"form": form, "names": names, "to": str(request.user)},
    )
    name = f"marked-sheet-{run.scenario}-{clock.in_london(run.started_at):%Y-%m-%d-%H%M}.{form}"
    return as_file(HttpResponse(content, content_type=kind), name)
