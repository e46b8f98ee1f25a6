"""The scorecard of the APP: its duties, the ten minimums, what people record, waivers, and meetings."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import minimums
from accounts.queries import may
from audit.actions import record_reading
from core import clock
from core.downloads import as_file
from core.errors import NotFound, Refused
from core.gate import fresh, needs
from core.refusals import show_refusal, show_refusal_on_page
from core.typed import whole
from insights import scorecard as queries
from insights import sheet_paper
from insights.actions import meetings as meeting_actions
from insights.actions import scorecard as actions
from insights.evidence import State
from insights.forms_scorecard import ActionForm, DoneForm, MeetingForm, RecordForm, WaiverForm, WhyForm
from insights.models import MeetingAction, ScorecardMeeting
from platforms import registry
from staff.roles import Power

FORMS = {"csv": "text/csv; charset=utf-8", "pdf": "application/pdf"}


@needs(Power.SEE_SCORECARD)
@require_safe
def scorecard(request: HttpRequest) -> HttpResponse:
    """Every duty with its live state, under the headings of the APP."""
    sheet = queries.sheet(request.user)
    shelf = request.GET.get("show", "all")
    shelf = shelf if shelf in queries.SHOWN else "all"
    record_reading(actor=request.user, event="scorecard.viewed", details={"shelf": shelf})
    return render(
        request,
        "insights/scorecard.html",
        {
            "sheet": sheet,
            "counts": [(state, count) for state, count in sheet.counts.items()],
            "sections": [
                (title, [(row, queries.opens(request.user, row.found)) for row in rows])
                for title, rows in queries.shown(sheet.rows, shelf)
            ],
            "shelf": shelf,
            "shelves": queries.SHOWN.items(),
            "gaps": sum(cell.state != minimums.MET for _, cells in sheet.matrix for cell in cells),
            "last": queries.last_meeting(),
            "overdue_since": queries.review_overdue_since(),
            "actions": queries.open_actions()[:10],
            "may_keep": may(request.user, Power.KEEP_SCORECARD),
        },
    )


@needs(Power.SEE_SCORECARD)
@require_safe
def minimums_matrix(request: HttpRequest) -> HttpResponse:
    """Each official account against each of the ten minimums, with the reason for each gap and where it is mended."""
    sheet = queries.sheet(request.user)
    record_reading(actor=request.user, event="scorecard.viewed", details={"shelf": "minimums"})
    return render(
        request,
        "insights/minimums.html",
        {
            "sheet": sheet,
            "minimums": minimums.MINIMUMS,
            "rows": [
                (account, registry.NAMES.get(account.platform, account.platform), cells, _gaps(cells))
                for account, cells in sheet.matrix
            ],
        },
    )


def _gaps(cells: tuple[minimums.Cell, ...]) -> list[tuple[minimums.Minimum, minimums.Cell]]:
    return [
        (one, cell) for one, cell in zip(minimums.MINIMUMS, cells, strict=True) if cell.state != minimums.MET
    ]


@fresh
@needs(Power.SEE_SCORECARD)
@require_safe
def scorecard_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """The scorecard as it stands now, as PDF or CSV."""
    data = queries.sheet(request.user).as_data()
    return _file(request, data, form, name=f"scorecard-{clock.today():%Y-%m-%d}")


@fresh
@needs(Power.SEE_SCORECARD)
@require_safe
def meeting_file(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """The scorecard as a meeting saw it, as PDF or CSV."""
    meeting = queries.meeting(request.user, pk)
    name = f"scorecard-of-the-meeting-{meeting.held_on:%Y-%m-%d}"
    return _file(request, queries.seen_in(request.user, meeting), form, name=name, held_on=meeting.held_on)


def _file(
    request: HttpRequest, data: dict[str, Any], form: str, *, name: str, held_on: date | None = None
) -> HttpResponseBase:
    if form not in FORMS:
        raise NotFound("The scorecard is given out as pdf or csv.")
    content = sheet_paper.pdf(data, of_meeting=held_on) if form == "pdf" else queries.as_csv(data).encode()
    record_reading(
        actor=request.user, event="scorecard.exported", details={"form": form, "to": str(request.user)}
    )
    return as_file(HttpResponse(content, content_type=FORMS[form]), f"{name}.{form}")


# One duty


@needs(Power.SEE_SCORECARD)
@require_http_methods(["GET", "HEAD", "POST"])
def duty(request: HttpRequest, slug: str) -> HttpResponse:
    """One duty: its evidence, what people recorded, and its waivers; each is changed here."""
    row = queries.row(request.user, slug)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    recording = (
        RecordForm(request.POST, duty=row.duty, owner=row.owner)
        if do == "record"
        else RecordForm.after(row.record, duty=row.duty)
    )
    asking = WaiverForm(request.POST if do == "ask" else None)
    ending = WhyForm(request.POST if do == "end" else None)
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if said := _change(request, row, do, recording, asking, ending):
                messages.success(request, said)
                return redirect("insights:duty", slug=slug)
        except NotFound:
            raise
        except Refused as refusal:
            status = refusal.status
            show_refusal_on_page(request, refusal, recording, asking, ending)
    keeps = may(request.user, Power.KEEP_SCORECARD)
    waiver = row.waiver
    return render(
        request,
        "insights/duty.html",
        {
            "row": row,
            "duty": row.duty,
            "page": queries.opens(request.user, row.found),
            "recording": recording,
            "asking": asking,
            "ending": ending,
            "may_record": queries.may_record(request.user, row),
            "may_keep": keeps,
            "may_agree": keeps
            and waiver is not None
            and waiver.waits
            and waiver.asked_by_id != request.user.pk,
            "history": queries.history(request.user, slug),
            "waivers": queries.waivers(request.user, slug),
        },
        status=status,
    )


def _change(
    request: HttpRequest,
    row: queries.Row,
    do: str,
    recording: RecordForm,
    asking: WaiverForm,
    ending: WhyForm,
) -> str:
    """What was done, as a sentence; empty where a form is not right yet."""
    if do == "record" and recording.is_valid():
        actions.record_duty(actor=request.user, duty=row.duty.slug, **recording.cleaned_data)
        return "Recorded, with your name and the time."
    if do == "ask" and asking.is_valid():
        actions.ask_waiver(actor=request.user, duty=row.duty.slug, **asking.cleaned_data)
        return "Asked for. It counts once a second person has agreed to it."
    if do in ("agree", "end"):
        found = queries.waiver(request.user, whole(request.POST.get("waiver", "")) or 0)
        if do == "agree":
            actions.agree_waiver(actor=request.user, waiver=found)
            return f"Waived until {found.until:%-d %B %Y}."
        if ending.is_valid():
            actions.end_waiver(actor=request.user, waiver=found, why=ending.cleaned_data["why"])
            return "The waiver is over. The duty stands as it stands."
    return ""


# Meetings


@needs(Power.SEE_SCORECARD)
@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    """Every meeting of information security and communications about it, and what is still to be done."""
    return render(
        request,
        "insights/meetings.html",
        {
            "meetings": queries.meetings(request.user),
            "actions": queries.open_actions(),
            "overdue_since": queries.review_overdue_since(),
            "may_keep": may(request.user, Power.KEEP_SCORECARD),
        },
    )


@needs(Power.KEEP_SCORECARD)
@require_http_methods(["GET", "HEAD", "POST"])
def new_meeting(request: HttpRequest) -> HttpResponse:
    """A meeting is recorded, and the scorecard kept as it stands."""
    form = MeetingForm(request.POST if request.method == "POST" else None, initial={"held_on": clock.today()})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = meeting_actions.record_meeting(actor=request.user, **form.cleaned_data)
            except Refused as refusal:
                show_refusal(form, refusal)
                status = refusal.status
            else:
                messages.success(
                    request, "Recorded, with the scorecard as it stands. Add what is to be done."
                )
                return redirect("insights:meeting", pk=made.pk)
    return render(request, "insights/new_meeting.html", {"form": form}, status=status)


@needs(Power.SEE_SCORECARD)
@require_http_methods(["GET", "HEAD", "POST"])
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """One meeting: who was there, what they saw and decided; actions are added and finished here."""
    found = queries.meeting(request.user, pk)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    adding = ActionForm(request.POST if do == "add" else None)
    done = DoneForm(request.POST if do == "done" else None)
    number = whole(request.POST.get("action", "")) or 0
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if do == "add" and adding.is_valid():
                meeting_actions.add_action(actor=request.user, meeting=found, **adding.cleaned_data)
                return _said(request, pk, "Added. Whoever does it is told.")
            if do == "done":
                row = queries.meeting_action(request.user, found, number)
                if done.is_valid():
                    meeting_actions.finish_action(
                        actor=request.user, action_row=row, words=done.cleaned_data["words"]
                    )
                    return _said(request, pk, "Recorded as done.")
        except NotFound:
            raise
        except Refused as refusal:
            status = refusal.status
            show_refusal_on_page(request, refusal, adding, done)
    return _meeting(request, found, adding, done, number, status)


def _meeting(
    request: HttpRequest,
    found: ScorecardMeeting,
    adding: ActionForm,
    done: DoneForm,
    number: int,
    status: int,
) -> HttpResponse:
    keeps = may(request.user, Power.KEEP_SCORECARD)
    rows: list[tuple[MeetingAction, bool, DoneForm]] = [
        (
            row,
            row.done_at is None and (keeps or row.owner_id == request.user.pk),
            done if row.pk == number else DoneForm(prefix=None, auto_id=f"id_{row.pk}_%s"),
        )
        for row in queries.actions_of(found)
    ]
    snapshot = queries.seen_in(request.user, found)
    return render(
        request,
        "insights/meeting.html",
        {
            "meeting": found,
            "rows": rows,
            "adding": adding,
            "may_keep": keeps,
            "counts": [(State(slug), count) for slug, count in snapshot["counts"].items()],
            "gaps": [
                {**one, "state": State(one["state"])}
                for one in snapshot["duties"]
                if one["state"] not in (State.MET, State.WAIVED)
            ],
            "waived": [one for one in snapshot["duties"] if one["waiver"]],
            "accounts": [
                (one["name"], sum(cell["state"] == minimums.MET for cell in one["cells"]), len(one["cells"]))
                for one in snapshot["accounts"]
            ],
        },
        status=status,
    )


def _said(request: HttpRequest, pk: int, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect(reverse("insights:meeting", args=[pk]) + "#actions")
