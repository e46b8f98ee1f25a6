"""The page that runs a 24-hour log: lines come in, are read, approved, and go out at a pace."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from audit.actions import record_reading
from core.errors import NotValid, Refused, TransitionNotAllowed
from core.gate import fresh_this_shift, needs
from core.refusals import show_refusal
from core.typed import whole
from publishing import queries, stripping
from publishing import queries_campaigns as read
from publishing.actions import logs
from publishing.actions import posts as post_actions
from publishing.forms_campaigns import LineForm, LinesFileForm, ReadForm
from publishing.models import Campaign, LogLine
from publishing.workflow_campaigns import CAMPAIGN
from staff.roles import Power


def _log(request: HttpRequest, pk: int) -> Campaign:
    found = read.campaign(request.user, pk)
    if found.kind != Campaign.Kind.LOG:
        raise TransitionNotAllowed("This campaign is no 24-hour log. Go back to its own page.")
    return found


@needs(Power.SEE_POSTS)
@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Where each line stands, and what waits for this person."""
    return _page(request, _log(request, pk))


def _page(
    request: HttpRequest,
    found: Campaign,
    *,
    line_form: LineForm | None = None,
    file_form: LinesFileForm | None = None,
    read_form: ReadForm | None = None,
    reading: LogLine | None = None,
) -> HttpResponse:
    may_run = read.may_run(request.user, found)
    log = read.log(request.user, found)
    lines = log.to_read if may_run else []
    if reading is not None and all(one.line.pk != reading.pk for one in lines):
        # Others have come before it since: what was typed is kept in sight.
        lines = [read.ToRead(reading, stripping.suggest(reading.came, read.places())), *lines]
    forms_of = [(one, _read_form(one, reading, read_form)) for one in lines]
    if forms_of:
        record_reading(
            actor=request.user,
            event="log.lines_shown",
            subject=found,
            subject_name=found.name,
            details={"lines": [one.line.pk for one, _ in forms_of]},
        )
    bad = any(form is not None and form.errors for form in (line_form, file_form, read_form))
    mine = {post.pk for post in log.waiting} & {
        post.pk for post in queries.waiting_for_approval(request.user)
    }
    return render(
        request,
        "publishing/log.html",
        {
            "campaign": found,
            "log": log,
            "to_read": forms_of,
            "may_run": may_run,
            "mine": mine,
            "can": {event for event in CAMPAIGN.events if CAMPAIGN.allows(found.state, event)},
            "takes_lines": found.state not in read.OVER,
            "line_form": line_form or LineForm(),
            "file_form": file_form or LinesFileForm(),
        },
        status=422 if bad else 200,
    )


def _read_form(one: read.ToRead, reading: LogLine | None, typed: ReadForm | None) -> ReadForm:
    if reading is not None and typed is not None and one.line.pk == reading.pk:
        return typed
    return ReadForm(initial={"words": one.suggested.words}, prefix=f"l{one.line.pk}")


@needs(Power.PLAN_POSTS)
@require_POST
def add_line(request: HttpRequest, pk: int) -> HttpResponse:
    """One line, by hand."""
    found, form = _log(request, pk), LineForm(request.POST)
    if form.is_valid():
        try:
            taken = logs.take_lines(
                actor=request.user, campaign=found, lines=[form.line()], source=LogLine.Source.HAND
            )
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            _say_taken(request, taken)
            return redirect("publishing:log", pk=pk)
    return _page(request, found, line_form=form)


@needs(Power.PLAN_POSTS)
@require_POST
def add_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Many lines, from a file."""
    found, form = _log(request, pk), LinesFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            taken = logs.take_lines(
                actor=request.user, campaign=found, lines=form.lines(), source=LogLine.Source.CSV
            )
        except NotValid as refusal:
            form.add_error("file", refusal.sentence)
        else:
            _say_taken(request, taken)
            return redirect("publishing:log", pk=pk)
    return _page(request, found, file_form=form)


def _say_taken(request: HttpRequest, taken: logs.Taken) -> None:
    before = f" {taken.seen} had come before." if taken.seen else ""
    messages.success(
        request, f"{taken.new} new {'line waits' if taken.new == 1 else 'lines wait'} to be read.{before}"
    )


@needs(Power.PLAN_POSTS)
@require_POST
def read_line(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """A line is read: sent for approval, kept as a draft, or passed over."""
    found = _log(request, pk)
    row = read.line(request.user, found, line)
    do, form = request.POST.get("do", ""), ReadForm(request.POST, prefix=f"l{row.pk}")
    if do == "skip":
        logs.skip_line(actor=request.user, line=row, why=request.POST.get(f"l{row.pk}-why_stays", "")[:500])
        messages.success(request, "Passed over. Its words are gone.")
        return redirect("publishing:log", pk=pk)
    if form.is_valid():
        try:
            post = logs.read_line(actor=request.user, line=row, send=do != "draft", **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            if do == "draft":
                return redirect("publishing:compose_post", pk=post.pk)
            messages.success(request, "Sent for approval.")
            return redirect("publishing:log", pk=pk)
    return _page(request, found, read_form=form, reading=row)


def _on_several(request: HttpRequest, pk: int) -> bool:
    return len(read.account_ids_of(read.campaign(request.user, pk))) > 1


@fresh_this_shift(when=_on_several)
@needs(Power.APPROVE_POSTS)
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Yes to each chosen post in the version that was shown; each takes the next place of the pace."""
    found = _log(request, pk)
    done = 0
    for chosen in request.POST.getlist("post")[: read.QUEUE_SHOWN]:
        number, _, version = chosen.partition("-")
        post = read.posts_of(request.user, found).filter(pk=whole(number) or 0).first()
        if post is None:
            continue
        try:
            post_actions.approve_post(actor=request.user, post=post, version_seen=whole(version) or 0)
            done += 1
        except Refused as refusal:
            messages.error(request, f"{post.title}: {refusal.sentence}")
    if done:
        messages.success(
            request, f"{done} approved. {'It goes' if done == 1 else 'They go'} out at the pace of the log."
        )
    elif not request.POST.getlist("post"):
        messages.error(request, "Tick the posts that you say yes to.")
    return redirect("publishing:log", pk=pk)


@needs(Power.PLAN_POSTS)
@require_POST
def skip(request: HttpRequest, pk: int, post: int) -> HttpResponse:
    """A post of the queue does not go out after all."""
    found = _log(request, pk)
    row = read.posts_of(request.user, found).filter(pk=post).first()
    if row is None:
        messages.error(request, "This post is not in the log any more.")
        return redirect("publishing:log", pk=pk)
    post_actions.withdraw_post(actor=request.user, post=row, why="Taken out of the queue of the log")
    messages.success(request, "Taken out of the queue. It does not go out.")
    return redirect("publishing:log", pk=pk)
