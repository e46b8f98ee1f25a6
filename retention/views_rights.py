"""Pages of requests under information law: the board, one of them, its records one after the other, its bundle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.downloads import as_file, shown_apart
from core.errors import NotFound, NotValid, Refused
from core.gate import fresh, needs, stays_inside
from core.refusals import show_refusal
from core.templatetags.show import plain_words
from media import queries as media
from retention import bundle, exemptions, forms_rights, pictures, queries_rights, redaction, registry
from retention.actions import rights, rights_answer, rights_review
from retention.models import FoundItem, RightsRequest, ScheduleRow
from retention.redaction import Piece, Span
from staff.roles import Power

ITEMS_LISTED = 200
State = RightsRequest.State


@needs(Power.HANDLE_REQUESTS)
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Open requests by their deadline, and what was answered last."""
    found = queries_rights.board(request.user)
    lists = [
        (
            "overdue",
            "Time is over",
            "Each is a case by now; answer it and say that it is late",
            found.overdue,
        ),
        ("soon", "Due within a week", "", found.soon),
        ("later", "Later", "", found.later),
        (
            "still",
            "Clock stands still",
            "They have to prove who they are, or say what they want",
            found.still,
        ),
    ]
    return render(request, "retention/requests.html", {"board": found, "lists": lists, "now": clock.now()})


@fresh
@needs(Power.TAKE_IN_REQUESTS)
@require_http_methods(["GET", "HEAD", "POST"])
def take_in(request: HttpRequest) -> HttpResponse:
    """A request that came by another way than a comment is taken in."""
    form = forms_rights.TakeIn(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = rights.receive(actor=request.user, intake=form.intake())
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            by = clock.in_london(made.due_at)
            messages.success(
                request,
                f"{made.title}, is taken in. An answer is due by {by:%-d %B %Y}, and what names them is held.",
            )
            if request.user.has_perm(f"accounts.{Power.HANDLE_REQUESTS}"):
                return redirect("retention:request", pk=made.pk)
            return redirect("retention:take_in")
    return render(request, "retention/request_new.html", {"form": form}, status=422 if form.is_bound else 200)


@needs(Power.HANDLE_REQUESTS)
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: by when, who asks, what is held and found, what comes next."""
    return _page(request, pk)


@fresh
@needs(Power.HANDLE_REQUESTS)
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody answers for it from now on."""
    return _do(request, pk, lambda found: rights.take(actor=request.user, request=found))


@fresh
@needs(Power.HANDLE_REQUESTS)
@require_POST
def add_subject(request: HttpRequest, pk: int) -> HttpResponse:
    """Another handle or name is held and searched."""
    return _change(request, pk, "name_form", forms_rights.Name(request.POST), rights.add_subject)


@fresh
@needs(Power.HANDLE_REQUESTS)
@require_POST
def leave_out(request: HttpRequest, pk: int, subject_pk: int) -> HttpResponse:
    """It is not them after all."""
    found = queries_rights.request(request.user, pk)
    named = queries_rights.subject(request.user, found, subject_pk)
    form = forms_rights.SendBack(request.POST)
    why = form.cleaned_data["why"] if form.is_valid() else ""
    return _do(
        request,
        pk,
        lambda row: rights.leave_out_subject(actor=request.user, request=row, subject=named, why=why),
    )


@fresh
@needs(Power.HANDLE_REQUESTS)
@require_POST
def who_asks(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether whoever asks is who they say."""
    form = forms_rights.WhoAsks(request.POST, auto_id="who_%s")
    return _change(request, pk, "who_form", form, rights.record_identity)


@fresh
@needs(Power.HANDLE_REQUESTS)
@require_POST
def ask_clearer(request: HttpRequest, pk: int) -> HttpResponse:
    """They were asked what exactly they want."""
    form = forms_rights.AskClearer(request.POST, auto_id="clearer_%s")
    return _change(request, pk, "clearer_form", form, rights.ask_for_clearer)


@fresh
@needs(Power.HANDLE_REQUESTS)
@require_POST
def made_clear(request: HttpRequest, pk: int) -> HttpResponse:
    """They said what they want."""
    form = forms_rights.MadeClear(request.POST, auto_id="clear_%s")
    return _change(request, pk, "clear_form", form, rights.made_clear)


@fresh
@needs(Power.HANDLE_REQUESTS)
@require_POST
def take_longer(request: HttpRequest, pk: int) -> HttpResponse:
    """The law's longer time is taken."""
    form = forms_rights.TakeLonger(request.POST, auto_id="longer_%s")
    return _change(request, pk, "longer_form", form, rights.take_longer)


@fresh
@needs(Power.HANDLE_REQUESTS)
@require_POST
def search(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that is held about them lies ready for review."""

    def look(found: RightsRequest) -> None:
        new, more = rights_review.search(actor=request.user, request=found)
        said = (
            "Nothing new was found."
            if not new
            else f"{new} {'record is' if new == 1 else 'records are'} to be looked at."
        )
        if more:
            said += (
                f" A room had more than {registry.MOST_FOUND} records of a kind: name them more exactly, or ask the "
                "records manager."
            )
        messages.success(request, said)

    return _do(request, pk, look)


@fresh
@needs(Power.HANDLE_REQUESTS)
@require_safe
def items(request: HttpRequest, pk: int) -> HttpResponse:
    """The records that were found, as a list without their words."""
    found = queries_rights.request(request.user, pk)
    return render(
        request,
        "retention/request_items.html",
        {
            "request_": found,
            "items": queries_rights.items(request.user, found)[:ITEMS_LISTED],
            "whole": queries_rights.whole(request.user, found),
            "limit": ITEMS_LISTED,
        },
    )


@fresh
@needs(Power.HANDLE_REQUESTS)
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, pk: int, item_pk: int) -> HttpResponse:
    """One record: what it says, what is suggested to be redacted, and whether it goes in."""
    of = queries_rights.request(request.user, pk)
    found = queries_rights.item(request.user, of, item_pk)
    offered = _offered(of, found)
    if request.method == "POST":
        form = forms_rights.Decide(request.POST, item=found, offered=offered)
        if form.is_valid():
            try:
                rights_review.decide(actor=request.user, item=found, **form.given())
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                onwards = queries_rights.beside(found).next_undecided
                if onwards is None:
                    messages.success(request, "Every record was looked at.")
                    return redirect("retention:request", pk=pk)
                return redirect("retention:request_item", pk=pk, item_pk=onwards)
        ticked = set(request.POST.getlist("redact"))
    else:
        form = forms_rights.Decide(initial={"version": found.version}, item=found, offered=offered)
        ticked = _ticked(found, offered)
    rights_review.note_view(actor=request.user, request=of, items=[found])
    return render(
        request,
        "retention/request_item.html",
        {
            "request_": of,
            "item": found,
            "form": form,
            "parts": _shown(found, offered, ticked),
            "pictures": form.pictures(),
            "beside": queries_rights.beside(found),
            "exemptions": exemptions.for_request(of.kind, of.regime),
            "may_decide": of.state == State.OPEN,
            "chosen": request.POST.get("exemption", found.exemption),
            "why": request.POST.get("why", found.why),
            "words": request.POST.get("words", ""),
            "ground": queries_rights.why_it_stays(of, found) if of.kind == RightsRequest.Kind.ERASURE else "",
        },
        status=422 if form.is_bound else 200,
    )


@fresh
@needs(Power.HANDLE_REQUESTS)
@require_safe
def picture(request: HttpRequest, pk: int, item_pk: int, number: int) -> HttpResponse:
    """One picture of a record, made anew; as it goes in where it was decided on and `as=given` is asked for."""
    of = queries_rights.request(request.user, pk)
    found = queries_rights.item(request.user, of, item_pk)
    kept = pictures.one(found, number)
    rights_review.note_picture(actor=request.user, item=found, number=number)
    try:
        content, content_type = pictures.content(
            kept, kept.covered if request.GET.get("as") == "given" else ()
        )
    except NotValid as broken:
        raise NotFound(str(broken)) from None
    return shown_apart(content, content_type)


@fresh
@needs(Power.HANDLE_REQUESTS)
@require_POST
def make_bundle(request: HttpRequest, pk: int) -> HttpResponse:
    """What goes in is a ZIP, sealed as it was made."""
    return _do(request, pk, lambda found: rights_review.make_bundle(actor=request.user, request=found))


@stays_inside
@fresh
@needs(Power.HANDLE_REQUESTS)
@require_safe
def download(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """The bundle as it goes out."""
    found = queries_rights.request(request.user, pk)
    made = queries_rights.bundle_of(request.user, found, number)
    rights_review.note_opened(actor=request.user, made=made)
    answer = HttpResponse(media.received(made.file), content_type=bundle.CONTENT_TYPE)
    return as_file(answer, f"{found.reference}-{made.number}.zip")


@fresh
@needs(Power.HANDLE_REQUESTS)
@require_POST
def put_forward(request: HttpRequest, pk: int) -> HttpResponse:
    """An answer waits for a second person."""
    form = forms_rights.PutForward(request.POST, auto_id="put_%s")
    return _change(request, pk, "put_form", form, rights_answer.put_forward)


@fresh
@needs(Power.HANDLE_REQUESTS)
@require_POST
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """A second person stands for the answer, and what it grants is carried out."""
    return _do(request, pk, lambda found: rights_answer.agree(actor=request.user, request=found))


@fresh
@needs(Power.HANDLE_REQUESTS)
@require_POST
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The answer is not agreed to."""
    form = forms_rights.SendBack(request.POST, auto_id="back_%s")
    return _change(request, pk, "back_form", form, rights_answer.send_back)


@fresh
@needs(Power.HANDLE_REQUESTS)
@require_POST
def answered(request: HttpRequest, pk: int) -> HttpResponse:
    """The answer has gone: to whom, how and when."""
    form = forms_rights.Answered(request.POST, auto_id="answered_%s")
    return _change(request, pk, "answered_form", form, rights_answer.answer)


def _do(request: HttpRequest, pk: int, act: Callable[[RightsRequest], object]) -> HttpResponse:
    """A button alone: a refusal stands above the page."""
    found = queries_rights.request(request.user, pk)
    try:
        act(found)
    except NotValid as refusal:
        messages.error(request, refusal.sentence)
        return _page(request, pk, status=422)
    return redirect("retention:request", pk=pk)


def _change(request: HttpRequest, pk: int, name: str, form: Form, act: Callable[..., object]) -> HttpResponse:
    found = queries_rights.request(request.user, pk)
    if form.is_valid():
        try:
            act(actor=request.user, request=found, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("retention:request", pk=pk)
    return _page(request, pk, status=422, **{name: form})


def _page(request: HttpRequest, pk: int, *, status: int = 200, **given: Any) -> HttpResponse:
    found = queries_rights.request(request.user, pk)
    whole = queries_rights.whole(request.user, found)
    titles = dict(ScheduleRow.objects.values_list("slug", "title"))
    is_open = found.state == State.OPEN
    return render(
        request,
        "retention/request.html",
        {
            "request_": found,
            "whole": whole,
            "now": clock.now(),
            "overdue": found.is_open and not found.stopped and found.due_at <= clock.now(),
            "changes": found.changes.all(),
            "disclosures": found.disclosures.select_related("bundle", "by"),
            "not_searched": [(titles.get(slug, slug), why) for slug, why in registry.not_searched().items()],
            "is_open": is_open,
            "may_agree": found.state == State.PUT and found.put_by_id != request.user.pk,
            "may_take_longer": is_open and rights.may_take_longer(found),
            "may_ask_clearer": is_open and not found.stopped and not found.changes_records,
            "name_form": forms_rights.Name(),
            "who_form": forms_rights.WhoAsks(auto_id="who_%s"),
            "clearer_form": forms_rights.AskClearer(auto_id="clearer_%s"),
            "clear_form": forms_rights.MadeClear(auto_id="clear_%s"),
            "longer_form": forms_rights.TakeLonger(auto_id="longer_%s"),
            "put_form": forms_rights.PutForward(
                auto_id="put_%s",
                initial={"outcome": found.outcome, "words": found.words, "why": found.why},
            ),
            "back_form": forms_rights.SendBack(auto_id="back_%s"),
            "answered_form": forms_rights.Answered(auto_id="answered_%s", initial={"to": found.requester}),
            **given,
        },
        status=status,
    )


# One record


@dataclass(frozen=True)
class Tick:
    """One place that can be redacted."""

    mark: str
    text: str
    what: str
    ticked: bool
    number: int


@dataclass(frozen=True)
class Part:
    """One part of a record: its text cut at what can be redacted, and a tick for each."""

    name: str
    pieces: list[tuple[Piece, int, bool]]
    """(piece, the number of its tick or 0, whether it is ticked)."""
    ticks: list[Tick]


def _offered(of: RightsRequest, found: FoundItem) -> list[tuple[int, Span]]:
    """What is suggested anew, and what was chosen already, part by part."""
    # Nor are the force and its official account anybody who is protected.
    theirs = [*queries_rights.theirs(of), settings.FORCE_NAME, found.where.split(", ")[0]]
    offered = []
    for part, (_, text) in enumerate(found.parts):
        kept = bundle.spans_of(found, part)
        suggested = redaction.suggest(text, theirs=theirs, others=found.others)
        places = {(span.start, span.end): span for span in (*suggested, *kept)}
        offered += [(part, span) for span in sorted(places.values())]
    return offered


def _ticked(found: FoundItem, offered: list[tuple[int, Span]]) -> set[str]:
    """Before anybody decided, what is sure; afterwards what was chosen."""
    if found.decision == FoundItem.Decision.INCLUDE:
        return {f"{part}-{start}-{end}" for part, start, end, _ in found.spans}
    return {forms_rights.mark(part, span) for part, span in offered if span.sure}


def _tidy(text: str) -> str:
    """The words without what could deface the page, and with the blanks at their ends, which the next piece needs."""
    inner = text.strip()
    if not inner:
        return text
    before, _, after = text.partition(inner)
    return f"{before}{plain_words(inner)}{after}"


def _shown(found: FoundItem, offered: list[tuple[int, Span]], ticked: set[str]) -> list[Part]:
    shown, number = [], 0
    for part, (name, text) in enumerate(found.parts):
        here = [span for of, span in offered if of == part]
        ticks = []
        for span in here:
            number += 1
            mark = forms_rights.mark(part, span)
            ticks.append(Tick(mark, text[span.start : span.end], span.what, mark in ticked, number))
        pieces = []
        for piece in redaction.pieces(text, here):
            # Places that overlap are one piece here, and a tick each below.
            within = [
                tick
                for span, tick in zip(here, ticks, strict=True)
                if piece.span is not None and piece.span.start <= span.start < piece.span.end
            ]
            number_shown = within[0].number if within else 0
            shown_piece = Piece(_tidy(piece.text), piece.span)
            pieces.append((shown_piece, number_shown, any(tick.ticked for tick in within)))
        if text:
            shown.append(Part(name, pieces, ticks))
    return shown
