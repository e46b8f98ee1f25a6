"""Departures for professional standards: what was decided, why, and what somebody under audit did.

Nobody else can open these pages, and each look is recorded as an event that nobody else reads.
"""

from __future__ import annotations

import csv
import io

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.forms import LongWhyForm, MatterForm, TakeTrailForm
from audit import queries as audit
from audit.models import Entry
from core import clock
from core.errors import NotFound, NotPermitted, NotValid, TransitionNotAllowed
from core.gate import fresh, needs
from core.refusals import show_refusal
from core.sheets import cell
from staff import queries
from staff.actions import conduct
from staff.models import ConductMatter, ConductRequest, ConductSpan, StaffMember
from staff.roles import Power

SHOWN = 100
MOST_EXPORTED = 10_000


@needs(Power.HANDLE_CONDUCT)
@require_GET
def matters(request: HttpRequest) -> HttpResponse:
    """What is open, then what is over."""
    found = queries.matters(request.user)
    conduct.note_viewed(actor=request.user, what="the list")
    return render(
        request,
        "accounts/conduct.html",
        {
            "open": found.filter(carried_out_at=None, ended_at=None),
            "over": found.exclude(carried_out_at=None, ended_at=None)[:SHOWN],
        },
    )


@fresh
@needs(Power.HANDLE_CONDUCT)
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest) -> HttpResponse:
    """Whom it is about, what is to happen and when, and why."""
    form = MatterForm(request.POST or None, viewer=request.user)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                matter = conduct.decide(actor=request.user, **form.cleaned_data)
            except (NotValid, NotPermitted, TransitionNotAllowed) as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, _said(matter))
                return redirect("accounts:matter", pk=matter.pk)
    return render(request, "accounts/conduct_new.html", {"form": form}, status=status)


def _said(matter: ConductMatter) -> str:
    name = matter.person.called
    if matter.kind == ConductMatter.Kind.AT_ONCE:
        return (
            f"{name} has left and is signed out everywhere. Others read “professional standards departure”."
        )
    if matter.kind == ConductMatter.Kind.AT_TIME and matter.act_at is not None:
        at = clock.in_london(matter.act_at)
        return f"{name} is out on {at:%-d %B %Y at %H:%M}. Nobody else sees anything of it until then."
    return f"Every request of {name} is recorded from now on. Nobody else sees anything of it."


def _page(
    request: HttpRequest,
    matter: ConductMatter,
    *,
    form: LongWhyForm | None = None,
    take_form: TakeTrailForm | None = None,
    status: int = 200,
) -> HttpResponse:
    part = _part(request, matter)
    rows = _lines(request.user, matter, part, SHOWN + 1)
    what = "a matter and what the person did" + (f", part {part.pk}" if part else "")
    conduct.note_viewed(actor=request.user, member=matter.person, what=what)
    return render(
        request,
        "accounts/matter.html",
        {
            "matter": matter,
            "part": part,
            "parts": matter.spans.select_related("taken_by"),
            "lines": rows[:SHOWN],
            "more": len(rows) > SHOWN,
            "shown": SHOWN,
            "form": form or LongWhyForm(),
            "take_form": take_form or TakeTrailForm(),
            "takes": matter.ended_at is None and matter.closed_at is None,
        },
        status=status,
    )


def _part(request: HttpRequest, matter: ConductMatter) -> ConductSpan | None:
    """Which taken part of the trail the address names; none means from the decision on. Raises NotFound."""
    asked = request.GET.get("part", "")
    if not asked:
        return None
    found = matter.spans.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 19 else None
    if found is None:
        raise NotFound("This matter has no such part.")
    return found


BY_THEMSELVES = (
    "home_changed",
    "notices:alarm",
    "notices:bell",
    "moderation:look_again",
    "moderation:news",
    "moderation:refresh",
    "escalation:brief",
    "escalation:changed",
    "escalation:live",
    "exercise:progress",
    "staff:note_use",
)
"""What an open page asks for every few seconds, whether or not somebody sits before it."""


def _lines(
    viewer: StaffMember, matter: ConductMatter, part: ConductSpan | None, most: int, *, whole: bool = False
) -> list[audit.Line]:
    """What the person did in a taken part; or did and asked for since it was decided, until it was over. Newest first.

    whole: with what their pages asked for by themselves.
    """
    if part is not None:
        taken = audit.done_by(viewer, matter.person_id, since=part.since, until=part.until)
        return [audit.line(entry) for entry in taken[:most]]
    found = audit.done_by(viewer, matter.person_id, since=matter.decided_at)
    if matter.ended_at is not None:
        found = found.filter(at__lte=matter.ended_at)
    lines = [audit.line(entry) for entry in found[:most]]
    asked = queries.requests_in(viewer, matter)
    if not whole:
        asked = asked.exclude(page__in=BY_THEMSELVES)
    lines += [_asked(request) for request in asked[:most]]
    return sorted(lines, key=lambda line: line.entry.at, reverse=True)[:most]


def _asked(request: ConductRequest) -> audit.Line:
    """A request as the entry that it would be in the trail, with the address as they saw it."""
    details = {"page": _address(request), "method": request.method, "route": request.page}
    entry = Entry(
        at=request.at,
        event="conduct.request_seen",
        actor_kind="staff",
        actor_id=request.person_id,
        actor_name=request.person.called,
        details={name: value for name, value in details.items() if value},
        request_id=request.request_id,
        source_address=request.source_address,
    )
    return audit.line(entry)


def _address(request: ConductRequest) -> str:
    """Where they were; the name of the route for a page that is there no more."""
    about = {name: int(value) if value.isdecimal() else value for name, value in request.about.items()}
    try:
        return reverse(request.page, kwargs=about)
    except NoReverseMatch:
        return request.page


@needs(Power.HANDLE_CONDUCT)
@require_GET
def matter(request: HttpRequest, pk: int) -> HttpResponse:
    """One matter: the reason, the decision, and everything that the person has done since."""
    return _page(request, queries.matter(request.user, pk))


@fresh
@needs(Power.HANDLE_CONDUCT)
@require_POST
def end_matter(request: HttpRequest, pk: int) -> HttpResponse:
    """The set time counts no longer, or the audit is over."""
    found = queries.matter(request.user, pk)
    form = LongWhyForm(request.POST)
    if form.is_valid():
        try:
            conduct.end_matter(actor=request.user, matter=found, why=form.cleaned_data["why"])
        except (NotValid, NotPermitted, TransitionNotAllowed) as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "It is over. The person has seen nothing of it.")
            return redirect("accounts:matter", pk=pk)
    return _page(request, found, form=form, status=422)


@fresh
@needs(Power.HANDLE_CONDUCT)
@require_POST
def close_matter(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever left by it may be brought back."""
    found = queries.matter(request.user, pk)
    form = LongWhyForm(request.POST)
    if form.is_valid():
        try:
            conduct.close_matter(actor=request.user, matter=found, why=form.cleaned_data["why"])
        except (NotValid, NotPermitted, TransitionNotAllowed) as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(
                request, "It is closed. Administrators see nothing of it but that a return works."
            )
            return redirect("accounts:matter", pk=pk)
    return _page(request, found, form=form, status=422)


@fresh
@needs(Power.HANDLE_CONDUCT)
@require_POST
def take_trail(request: HttpRequest, pk: int) -> HttpResponse:
    """What the person did before the decision, in a time that is named, belongs to the matter too."""
    found = queries.matter(request.user, pk)
    form = TakeTrailForm(request.POST)
    if form.is_valid():
        try:
            taken = conduct.take_trail(actor=request.user, matter=found, **form.cleaned_data)
        except (NotValid, NotPermitted, TransitionNotAllowed) as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(
                request, "It belongs to the matter. Nobody outside professional standards was told."
            )
            return redirect(f"{reverse('accounts:matter', args=[pk])}?part={taken.pk}#did-title")
    return _page(request, found, take_form=form, status=422)


@fresh
@needs(Power.HANDLE_CONDUCT)
@require_GET
def export_matter(request: HttpRequest, pk: int) -> HttpResponse:
    """What the person did, as a table for a spreadsheet; it says where it stops."""
    found = queries.matter(request.user, pk)
    rows = _lines(request.user, found, _part(request, found), MOST_EXPORTED + 1, whole=True)
    conduct.note_viewed(
        actor=request.user, member=found.person, what=f"took away {min(len(rows), MOST_EXPORTED)} entries"
    )
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["Entry", "Time (London)", "What", "Event", "Details", "Leaf hash"])
    for line in rows[:MOST_EXPORTED]:
        entry = line.entry
        facts = "; ".join(f"{name}: {value}" for name, value in line.facts)
        writer.writerow(
            cell(text)
            for text in (
                entry.pk or "",
                f"{clock.in_london(entry.at):%Y-%m-%d %H:%M:%S %Z}",
                line.sentence,
                entry.event,
                facts,
                bytes(entry.leaf_hash or b"").hex(),
            )
        )
    if len(rows) > MOST_EXPORTED:
        writer.writerow([f"Stopped after the newest {MOST_EXPORTED} entries."])
    name = f"matter-{found.pk}-{clock.now():%Y%m%dT%H%M%S}Z.csv"
    return HttpResponse(
        table.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
