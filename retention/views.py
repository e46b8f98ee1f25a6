"""Pages of the schedule and of holds. What falls due: retention.views_disposal."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import clock
from core.errors import NotFound, NotValid
from core.gate import fresh, fresh_to_change, needs
from core.refusals import show_refusal
from retention import forms, queries
from retention.actions import holds as hold_actions
from retention.actions import schedule as schedule_actions
from retention.actions.holds import AlreadyHeld
from retention.models import DraftRow, ScheduleDraft
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
    """One row: change it in the draft, see its history."""
    found = queries.row(request.user, pk)
    drafted = DraftRow.objects.filter(
        draft__state=ScheduleDraft.State.DRAFTING, draft__made_by=request.user, row=found, left_out=False
    ).first()
    form = forms.ChangeRow.of(drafted or found, found.version, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = schedule_actions.edit_row(
                actor=request.user,
                row=found,
                number=form.cleaned_data["number"],
                unit=form.cleaned_data["unit"],
                version=form.cleaned_data["version"],
                changes=form.changes(),
            )
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("retention:draft", pk=made.draft_id)
    return render(
        request,
        "retention/row.html",
        {
            "row": found,
            "form": form,
            "drafted": drafted,
            "changes": found.changes.select_related("changed_by"),
        },
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
def drafts(request: HttpRequest) -> HttpResponse:
    """Changes of the schedule, drafted, waiting, approved and in force."""
    return render(request, "retention/drafts.html", {"drafts": queries.drafts(request.user)})


@needs(*SEE)
@require_safe
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """One change of the schedule beside what is live, and what it would do."""
    return _draft_page(request, pk)


@fresh
@needs(Power.MANAGE_RETENTION)
@require_POST
def put_forward(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft goes to a second person."""
    return _change_draft(
        request, pk, "put_form", forms.PutForward(request.POST), schedule_actions.put_forward
    )


@fresh
@needs(Power.MANAGE_RETENTION)
@require_POST
def approve_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """A second person stands for the change."""
    schedule_actions.approve(actor=request.user, draft=queries.draft(request.user, pk))
    return redirect("retention:draft", pk=pk)


@fresh
@needs(Power.MANAGE_RETENTION)
@require_POST
def withdraw_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The change does not happen."""
    form = forms.Why(request.POST, auto_id="withdraw_%s")
    return _change_draft(request, pk, "withdraw_form", form, schedule_actions.withdraw)


@fresh
@needs(Power.MANAGE_RETENTION)
@require_POST
def leave_out(request: HttpRequest, pk: int, row_pk: int) -> HttpResponse:
    """One row is left as it is after all."""
    found = queries.draft(request.user, pk)
    schedule_actions.leave_out(actor=request.user, draft=found, row=queries.row(request.user, row_pk))
    return redirect("retention:draft", pk=pk)


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
            "asked": sum(1 for hold in live if hold.lift_asked_by_id is not None),
            "lifted": queries.lifted_holds(request.user),
            "today": today,
        },
    )


@fresh
@needs(Power.PLACE_HOLDS)
@require_http_methods(["GET", "HEAD", "POST"])
def place_hold(request: HttpRequest) -> HttpResponse:
    """Keep one record, or all that a case, a person, some days or words cover; pages link here with `type` and `id`."""
    form = forms.PlaceHold(
        request.POST or None,
        initial={
            "kind": request.GET.get("kind", "record"),
            "subject_type": request.GET.get("type", ""),
            "subject_id": request.GET.get("id", ""),
        },
    )
    standing = None
    if request.method == "POST" and form.is_valid():
        try:
            hold = hold_actions.place_hold(actor=request.user, **form.given())
            return redirect("retention:hold", pk=hold.pk)
        except AlreadyHeld as refusal:
            standing = refusal.hold
            form.add_error(None, refusal.sentence)
        except NotFound as refusal:
            form.add_error("subject_id", refusal.sentence)
        except NotValid as refusal:
            show_refusal(form, refusal)
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
    return _change_hold(request, pk, "review_form", forms.ReviewHold(request.POST), hold_actions.review_hold)


@fresh
@needs(Power.PLACE_HOLDS, Power.MANAGE_RETENTION)
@require_POST
def ask_to_lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody says that it is no longer needed; a second person lifts it."""
    form = forms.AskToLift(request.POST, auto_id="lift_%s")
    return _change_hold(request, pk, "lift_form", form, hold_actions.ask_to_lift)


@fresh
@needs(Power.PLACE_HOLDS, Power.MANAGE_RETENTION)
@require_POST
def lift_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person lifts it: what it covered follows its period again."""
    hold_actions.lift_hold(actor=request.user, hold=queries.hold(request.user, pk))
    return redirect("retention:hold", pk=pk)


def _change_hold(request: HttpRequest, pk: int, name: str, form, act) -> HttpResponse:
    found = queries.hold(request.user, pk)
    if form.is_valid():
        try:
            act(actor=request.user, hold=found, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("retention:hold", pk=pk)
    return _hold_page(request, pk, status=422, **{name: form})


def _hold_page(request: HttpRequest, pk: int, *, status: int = 200, **given) -> HttpResponse:
    found = queries.hold(request.user, pk)
    manages = request.user.has_perm(f"accounts.{Power.MANAGE_RETENTION}")
    own = request.user.pk in (found.placed_by_id, found.owner_id)
    filled = {
        "review_form": forms.ReviewHold(),
        "lift_form": forms.AskToLift(auto_id="lift_%s"),
        **given,
    }
    return render(
        request,
        "retention/hold.html",
        {
            "hold": found,
            "covered": queries.covered(request.user, found) if found.lifted_at is None else [],
            "overdue": found.lifted_at is None and found.review_on <= clock.today(),
            "may_change": found.lifted_at is None and (own or manages),
            "may_lift": found.lifted_at is None
            and found.lift_asked_by_id not in (None, request.user.pk)
            and (manages or request.user.has_perm(f"accounts.{Power.PLACE_HOLDS}")),
            **filled,
        },
        status=status,
    )


def _change_draft(request: HttpRequest, pk: int, name: str, form, act) -> HttpResponse:
    found = queries.draft(request.user, pk)
    if form.is_valid():
        try:
            act(actor=request.user, draft=found, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("retention:draft", pk=pk)
    return _draft_page(request, pk, status=422, **{name: form})


def _draft_page(request: HttpRequest, pk: int, *, status: int = 200, **given) -> HttpResponse:
    found = queries.draft(request.user, pk)
    own, manages = (
        found.made_by_id == request.user.pk,
        request.user.has_perm(f"accounts.{Power.MANAGE_RETENTION}"),
    )
    state = ScheduleDraft.State
    return render(
        request,
        "retention/draft.html",
        {
            "draft": found,
            "compared": queries.compared(request.user, found),
            "may_edit": manages and own and found.state == state.DRAFTING,
            "may_approve": manages and not own and found.state == state.PUT,
            "may_withdraw": manages and found.state in (state.DRAFTING, state.PUT, state.APPROVED),
            "put_form": forms.PutForward(initial={"effective_on": clock.today()}),
            "withdraw_form": forms.Why(auto_id="withdraw_%s"),
            **given,
        },
        status=status,
    )
