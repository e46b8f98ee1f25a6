"""Pages of the schedule, holds and disposals."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.errors import NotFound, NotValid
from core.gate import fresh, fresh_to_change, needs, stays_inside
from core.typed import whole
from retention import certificate, forms, queries
from retention.actions import holds as hold_actions
from retention.actions import schedule as schedule_actions
from retention.actions.holds import AlreadyHeld
from staff.roles import Power

SEE = (Power.SEE_RETENTION, Power.PLACE_HOLDS)


@needs(*SEE)
@require_safe
def schedule(request: HttpRequest) -> HttpResponse:
    """How long each class is kept, why, and what is due."""
    lines = queries.schedule(request.user)
    return render(
        request,
        "retention/schedule.html",
        {"lines": lines, "to_confirm": sum(1 for line in lines if line.row.confirmed_at is None)},
    )


@fresh_to_change
@needs(Power.MANAGE_RETENTION)
@require_http_methods(["GET", "HEAD", "POST"])
def row(request: HttpRequest, pk: int) -> HttpResponse:
    """One row: change its period, see its history."""
    found = queries.row(request.user, pk)
    form = forms.ChangePeriod(
        request.POST or None,
        initial={
            "number": found.keep_for_years if found.keep_for_years is not None else found.keep_for_days,
            "unit": "years" if found.keep_for_years is not None else "days",
            "version": found.version,
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            schedule_actions.change_period(actor=request.user, row=found, **form.cleaned_data)
        except NotValid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            return redirect("retention:row", pk=pk)
    return render(
        request,
        "retention/row.html",
        {"row": found, "form": form, "changes": found.changes.select_related("changed_by")},
        status=422 if form.is_bound else 200,
    )


@fresh
@needs(Power.MANAGE_RETENTION)
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The force confirms a row."""
    found = queries.row(request.user, pk)
    form = forms.Confirm(request.POST)
    if not form.is_valid():
        raise NotValid("The page was out of date. Go back, reload it and confirm again.")
    schedule_actions.confirm(actor=request.user, row=found, version=form.cleaned_data["version"])
    return redirect("retention:schedule")


@needs(*SEE)
@require_safe
def holds(request: HttpRequest) -> HttpResponse:
    """Holds in force, those to look at first."""
    live = list(queries.live_holds(request.user))
    today = clock.today()
    return render(
        request,
        "retention/holds.html",
        {
            "live": live,
            "overdue": sum(1 for hold in live if hold.review_on <= today),
            "lifted": queries.lifted_holds(request.user),
            "today": today,
        },
    )


@fresh
@needs(Power.PLACE_HOLDS)
@require_http_methods(["GET", "HEAD", "POST"])
def place_hold(request: HttpRequest) -> HttpResponse:
    """Keep one record; other pages link here with `type` and `id`."""
    form = forms.PlaceHold(
        request.POST or None,
        initial={"subject_type": request.GET.get("type", ""), "subject_id": request.GET.get("id", "")},
    )
    standing = None
    if request.method == "POST" and form.is_valid():
        try:
            hold = hold_actions.place_hold(actor=request.user, **form.cleaned_data)
            return redirect("retention:hold", pk=hold.pk)
        except AlreadyHeld as refusal:
            standing = refusal.hold
            form.add_error(None, refusal.sentence)
        except NotFound as refusal:
            form.add_error("subject_id", refusal.sentence)
        except NotValid as refusal:
            form.add_error(refusal.field, refusal.sentence)
    return render(
        request,
        "retention/place_hold.html",
        {"form": form, "standing": standing},
        status=422 if form.is_bound else 200,
    )


@needs(*SEE)
@require_safe
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """One hold."""
    return _hold_page(request, pk)


@fresh
@needs(Power.PLACE_HOLDS, Power.MANAGE_RETENTION)
@require_POST
def review_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """The hold stays, until a later review."""
    return _change_hold(request, pk, "review_form", forms.ReviewHold, hold_actions.review_hold)


@fresh
@needs(Power.PLACE_HOLDS, Power.MANAGE_RETENTION)
@require_POST
def lift_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """The record follows its period again."""
    return _change_hold(request, pk, "lift_form", forms.LiftHold, hold_actions.lift_hold)


@needs(*SEE)
@require_safe
def disposals(request: HttpRequest) -> HttpResponse:
    """What went, when, under which version of the schedule."""
    found, next_before = queries.disposals(request.user, before_id=whole(request.GET.get("before", "")))
    return render(
        request,
        "retention/disposals.html",
        {"disposals": found, "older": f"?before={next_before}" if next_before else ""},
    )


@stays_inside
@needs(*SEE)
@require_safe
def disposal_certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """The certificate as a PDF."""
    found = queries.disposal(request.user, pk)
    return HttpResponse(
        certificate.pdf(found),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="certificate-of-disposal-{found.pk}.pdf"'},
    )


def _change_hold(request: HttpRequest, pk: int, name: str, form_class, act) -> HttpResponse:
    found = queries.hold(request.user, pk)
    form = form_class(request.POST)
    if form.is_valid():
        try:
            act(actor=request.user, hold=found, **form.cleaned_data)
        except NotValid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            return redirect("retention:hold", pk=pk)
    return _hold_page(request, pk, status=422, **{name: form})


def _hold_page(request: HttpRequest, pk: int, *, status: int = 200, **given) -> HttpResponse:
    found = queries.hold(request.user, pk)
    own = found.placed_by_id == request.user.pk
    filled = {
        "review_form": forms.ReviewHold(),
        "lift_form": forms.LiftHold(auto_id="lift_%s"),
        **given,
    }
    return render(
        request,
        "retention/hold.html",
        {
            "hold": found,
            "overdue": found.lifted_at is None and found.review_on <= clock.today(),
            "may_change": found.lifted_at is None
            and (own or request.user.has_perm(f"accounts.{Power.MANAGE_RETENTION}")),
            **filled,
        },
        status=status,
    )
