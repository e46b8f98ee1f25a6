"""How somebody leaves, what they left open and to whom it went, and what is to be done by hand."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import queries
from accounts.actions import checklists, returns
from accounts.forms import LeaverForm, ReturnForm, SignForm, WhyForm
from accounts.views.people import send_by_letter
from core import clock
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from core.gate import fresh, needs, signed_in
from core.refusals import show_refusal
from staff import queries as staff_queries
from staff.actions import departures
from staff.roles import Power

PAGE_LENGTH = 50


@needs(Power.MANAGE_STAFF)
@require_http_methods(["GET", "POST"])
def record_leaver(request: HttpRequest, pk: int) -> HttpResponse:
    """When somebody leaves, how, and who takes over what they have open."""
    member = staff_queries.member(request.user, pk)
    coming = staff_queries.coming_departure(request.user, member)
    form = LeaverForm(
        request.POST or None, member=member, coming=coming, leader=staff_queries.leader_of(member)
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = {key: form.cleaned_data[key] for key in ("kind", "why", "heir")}
            try:
                if form.cleaned_data["leaves_at"]:
                    departure = departures.announce_leaver(
                        actor=request.user, member=member, leaves_at=form.cleaned_data["leaves_at"], **said
                    )
                    at = clock.in_london(departure.leaves_at)
                    words = f"{member.called} leaves on {at:%-d %B %Y at %H:%M}. Until then nothing changes."
                else:
                    departures.record_leaver(actor=request.user, member=member, **said)
                    words = (
                        f"{member.called} has left and is signed out everywhere. What they left open goes to "
                        "others within ten seconds."
                    )
            except (NotValid, NotPermitted, TransitionNotAllowed) as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, words)
                found = staff_queries.departures(request.user).filter(person=member).first()
                return redirect("accounts:departure", pk=found.pk)
    return render(
        request,
        "accounts/record_leaver.html",
        {"form": form, "member": member, "coming": coming},
        status=status,
    )


@needs(Power.MANAGE_STAFF)
@require_GET
def departures_list(request: HttpRequest) -> HttpResponse:
    """Who is to leave, and who has left with steps by hand that nobody has signed; then the others."""
    found = staff_queries.departures(request.user)
    past = Paginator(found.filter(carried_out_at__isnull=False).order_by("-carried_out_at"), PAGE_LENGTH)
    return render(
        request,
        "accounts/departures.html",
        {
            "coming": found.filter(carried_out_at=None, called_off_at=None).order_by("leaves_at"),
            "open": queries.departures_with_open_steps(),
            "past": past.get_page(request.GET.get("page")),
        },
    )


def _page(request: HttpRequest, pk: int, *, form: WhyForm | None = None, status: int = 200) -> HttpResponse:
    departure = staff_queries.departure(request.user, pk)
    steps = queries.steps_of(request.user, departure)
    return render(
        request,
        "accounts/departure.html",
        {
            "departure": departure,
            "steps": steps,
            "open_steps": sum(step.signed_at is None for step in steps),
            "handovers": departure.handovers.select_related("heir"),
            "sign_form": SignForm(auto_id=False),
            "call_off_form": form or WhyForm(),
        },
        status=status,
    )


@needs(Power.MANAGE_STAFF)
@require_GET
def departure(request: HttpRequest, pk: int) -> HttpResponse:
    """One departure: when and how, who took over what, and which steps by hand are open."""
    return _page(request, pk)


@needs(Power.MANAGE_STAFF)
@require_POST
def call_off(request: HttpRequest, pk: int) -> HttpResponse:
    """They stay after all."""
    form = WhyForm(request.POST)
    if form.is_valid():
        found = staff_queries.departure(request.user, pk)
        try:
            departures.call_off(actor=request.user, departure=found, why=form.cleaned_data["why"])
        except (NotValid, TransitionNotAllowed) as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"{found.person.called} stays. The departure is called off.")
            return redirect("accounts:member", pk=found.person_id)
    return _page(request, pk, form=form, status=422)


@needs(Power.MANAGE_STAFF)
@require_POST
def sign_step(request: HttpRequest, pk: int) -> HttpResponse:
    """This step by hand is done; the person's name and the time stand beside it."""
    step = queries.step(request.user, pk)
    form = SignForm(request.POST)
    if form.is_valid():
        checklists.sign_step(actor=request.user, step=step, note=form.cleaned_data["note"])
        messages.success(request, "Signed.")
    else:
        messages.error(request, "Keep the note under 300 characters. Nothing was signed.")
    return redirect("accounts:departure", pk=step.departure_id)


@fresh
@needs(Power.MANAGE_STAFF)
@require_http_methods(["GET", "POST"])
def bring_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody who left works here again, by a new invitation and with nothing of before."""
    member = staff_queries.member(request.user, pk)
    if member.active:
        messages.info(request, f"{member.called} works here.")
        return redirect("accounts:member", pk=pk)
    form = ReturnForm(request.POST or None, initial={"email": member.email})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                member = returns.bring_back(actor=request.user, member=member, **form.cleaned_data)
            except (NotValid, NotPermitted, TransitionNotAllowed, ChangedSinceSeen) as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"{member.called} is back, and holds nothing yet.")
                send_by_letter(request, member)
                return redirect("accounts:member", pk=pk)
    return render(
        request,
        "accounts/bring_back.html",
        {"form": form, "member": member, "departure": staff_queries.departure_of(member)},
        status=status,
    )


@signed_in
@require_GET
def taken_over(request: HttpRequest, pk: int) -> HttpResponse:
    """What came to the person from somebody who has left, each piece with what to do next."""
    handovers = staff_queries.taken_over(request.user, pk)
    return render(
        request,
        "accounts/taken_over.html",
        {"handovers": handovers, "departure": handovers[0].departure},
    )
