"""Emergency access: asking for it, agreeing to it, ending it, and the review afterwards."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import glass as glasses
from accounts.actions import glass as acting
from accounts.actions.requests import Wanted
from accounts.forms import GlassForm, GlassReviewForm, WhyForm
from accounts.models import BreakGlass
from core.errors import NotValid, TransitionNotAllowed
from core.gate import fresh, needs, signed_in
from staff.roles import Power


def _add(form, refusal) -> None:
    name = getattr(refusal, "field", None)
    name = "email" if name == "person" else name
    form.add_error(name if name in form.fields else None, refusal.sentence)


@signed_in
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Emergency accesses in which the viewer has a part, or all for whoever answers or reviews: open ones first."""
    return render(request, "accounts/glasses.html", {"glasses": glasses.shown(request.user)})


@signed_in
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Emergency access for oneself or a colleague. It opens when somebody else agrees."""
    form = GlassForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                asked = acting.ask(
                    actor=request.user,
                    person=given["email"] or request.user,
                    wanted=Wanted(given["role"], given["official_account"], given["neighbourhood"]),
                    hours=given["hours"],
                    why=given["why"],
                )
            except (NotValid, TransitionNotAllowed) as refusal:
                _add(form, refusal)
            else:
                messages.success(
                    request, "Asked. Whoever may agree has been called; ring one of them as well."
                )
                return redirect("accounts:glass", asked.pk)
    return render(request, "accounts/ask_glass.html", {"form": form}, status=status)


def _page(
    request: HttpRequest,
    glass: BreakGlass,
    *,
    refusal: WhyForm | None = None,
    ending: WhyForm | None = None,
    review: GlassReviewForm | None = None,
    status: int = 200,
) -> HttpResponse:
    viewer = request.user
    state = glass.state
    part = viewer.pk in {glass.asked_by_id, glass.person_id}
    return render(
        request,
        "accounts/glass.html",
        {
            "glass": glass,
            "state": state,
            "may_agree": state == "waiting" and not part and glasses.may_agree(viewer),
            "may_refuse": state == "waiting"
            and (viewer.pk == glass.asked_by_id or (not part and glasses.may_agree(viewer))),
            "may_close": state == "open" and glasses.may_close(viewer, glass),
            "may_review": state == "over" and glasses.may_review(viewer, glass),
            "agreers": glasses.agreers(glass) if state == "waiting" else [],
            "given": glasses.given_meanwhile(glass),
            "refusal_form": refusal or WhyForm(prefix="refusal"),
            "ending_form": ending or WhyForm(prefix="ending"),
            "review_form": review or GlassReviewForm(prefix="review"),
        },
        status=status,
    )


@signed_in
@require_GET
def shown(request: HttpRequest, pk: int) -> HttpResponse:
    """One emergency access: who, what, why, until when, and the next step for whoever looks."""
    return _page(request, glasses.one(request.user, pk))


@fresh
@needs(Power.GIVE_GRANTS, Power.LOCK_DOWN)
@require_POST
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person agrees: it is open from now."""
    glass = glasses.one(request.user, pk)
    try:
        acting.agree(actor=request.user, glass=glass)
    except NotValid as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "It is open. Information security has been called.")
    return redirect("accounts:glass", pk)


@signed_in
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing opens. Whoever asked takes it back the same way."""
    glass = glasses.one(request.user, pk)
    form = WhyForm(request.POST, prefix="refusal")
    if form.is_valid():
        try:
            acting.refuse(actor=request.user, glass=glass, why=form.cleaned_data["why"])
        except NotValid as refusal:
            _add(form, refusal)
        else:
            own = request.user.pk == glass.asked_by_id
            messages.success(request, "Taken back." if own else "Refused. They have been told.")
            return redirect("accounts:glass", pk)
    return _page(request, glass, refusal=form, status=422)


@signed_in
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """It ends now."""
    glass = glasses.one(request.user, pk)
    form = WhyForm(request.POST, prefix="ending")
    if form.is_valid():
        try:
            acting.close(actor=request.user, glass=glass, why=form.cleaned_data["why"])
        except NotValid as refusal:
            _add(form, refusal)
        else:
            messages.success(request, "It is over. Information security reviews it.")
            return redirect("accounts:glass", pk)
    return _page(request, glass, ending=form, status=422)


@needs(Power.SEE_AUDIT)
@require_POST
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Information security says what came of it."""
    glass = glasses.one(request.user, pk)
    form = GlassReviewForm(request.POST, prefix="review")
    if form.is_valid():
        try:
            acting.review(actor=request.user, glass=glass, **form.cleaned_data)
        except NotValid as refusal:
            _add(form, refusal)
        else:
            messages.success(request, "Reviewed.")
            return redirect("accounts:glass", pk)
    return _page(request, glass, review=form, status=422)
