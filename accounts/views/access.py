"""Moves, roles that are asked for, and the review of who may do what."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import queries, reviews
from accounts.actions import requests
from accounts.actions import reviews as reviewing
from accounts.forms import AnswerForm, AskForm, CampaignForm, MoveForm, PolicyForm, VerdictForm
from core import clock
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from core.gate import fresh, needs, signed_in
from core.refusals import show_refusal
from staff import queries as staff_queries
from staff.roles import Power


@fresh
@needs(Power.MANAGE_STAFF)
@require_http_methods(["GET", "POST"])
def record_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Another post: what the person holds ends now, and what they need next is asked for anew."""
    member = staff_queries.member(request.user, pk)
    held = queries.own_grants(request.user, member)
    form = MoveForm(
        request.POST or None, member=member, held=held, viewer_accounts=queries.register(request.user)
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            wanted = []
            if given["role"]:
                wanted = [requests.Wanted(given["role"], given["official_account"], given["neighbourhood"])]
            try:
                asked = requests.record_move(
                    actor=request.user,
                    member=member,
                    why=given["why"],
                    rank=given["rank"],
                    team=given["team"],
                    again=given["again"],
                    wanted=wanted,
                )
            except (NotValid, NotPermitted, TransitionNotAllowed) as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(
                    request,
                    f"{member.called} has moved: the grants of the old post have ended. "
                    + (f"{len(asked)} asked for anew." if asked else "Nothing was asked for anew."),
                )
                return redirect("accounts:requests" if asked else "accounts:member", *([] if asked else [pk]))
    return render(
        request, "accounts/record_move.html", {"form": form, "member": member, "held": held}, status=status
    )


@signed_in
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """A role for oneself: over what, for how long, what for. Whoever gives grants answers."""
    form = AskForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            wanted = requests.Wanted(
                given["role"], given["official_account"], given["neighbourhood"], given["until"]
            )
            try:
                requests.ask_for_grant(
                    actor=request.user, person=request.user, wanted=wanted, why=given["why"]
                )
            except (NotValid, NotPermitted) as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "Your request waits for a service administrator. You will be told.")
                return redirect("accounts:ask")
    return render(
        request,
        "accounts/ask.html",
        {"form": form, "own": reviews.own_requests(request.user)},
        status=status,
    )


@needs(Power.GIVE_GRANTS)
@require_GET
def waiting_requests(request: HttpRequest) -> HttpResponse:
    """Roles that are asked for, the oldest first."""
    found = reviews.requests(request.user)
    return render(request, "accounts/requests.html", {"requests": found, "form": AnswerForm(auto_id=False)})


@fresh
@needs(Power.GIVE_GRANTS)
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Give what is asked for, or refuse it with a reason."""
    found = reviews.request(request.user, pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose to give it or to refuse it, with a reason under 300 characters.")
        return redirect("accounts:requests")
    give = form.cleaned_data["do"] == "give"
    try:
        requests.answer(actor=request.user, request=found, give=give, why=form.cleaned_data["why"])
    except NotValid as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "Given. They have been told." if give else "Refused. They have been told.")
    return redirect("accounts:requests")


# The review


def _review_page(request: HttpRequest, *, policy=None, campaign=None, status: int = 200) -> HttpResponse:
    viewer = request.user
    current = reviews.policy()
    dormant = reviews.dormant(viewer)
    return render(
        request,
        "accounts/review.html",
        {
            "policy": current,
            "dormant": dormant[: reviews.SHOWN],
            "dormant_count": dormant.count(),
            "ending": reviews.ending_soon(viewer)[: reviews.SHOWN],
            "unused": reviews.more_than_they_use(viewer),
            "flagged": reviews.flagged(viewer),
            "campaigns": reviews.campaigns(viewer)[:8],
            "policy_form": policy or PolicyForm(instance=current, prefix="policy"),
            "campaign_form": campaign or CampaignForm(prefix="campaign", days=current.confirm_within_days),
        },
        status=status,
    )


@needs(Power.GIVE_GRANTS)
@require_GET
def review(request: HttpRequest) -> HttpResponse:
    """Who has not been here, whose grants end, who holds more than they use, and what nobody confirmed."""
    return _review_page(request)


@fresh
@needs(Power.GIVE_GRANTS)
@require_POST
def change_policy(request: HttpRequest) -> HttpResponse:
    """The periods, and what becomes of what nobody confirms."""
    form = PolicyForm(request.POST, prefix="policy", instance=reviews.policy())
    if form.is_valid():
        try:
            reviewing.change_policy(actor=request.user, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "Saved. It holds from now on.")
            return redirect("accounts:review")
    return _review_page(request, policy=form, status=422)


@fresh
@needs(Power.GIVE_GRANTS)
@require_POST
def open_campaign(request: HttpRequest) -> HttpResponse:
    """Every leader is asked about the grants of their people."""
    form = CampaignForm(request.POST, prefix="campaign", days=reviews.policy().confirm_within_days)
    if form.is_valid():
        try:
            campaign = reviewing.open_campaign(actor=request.user, **form.cleaned_data)
        except (NotValid, TransitionNotAllowed) as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "It is open. Every leader has been told.")
            return redirect("accounts:campaign", pk=campaign.pk)
    return _review_page(request, campaign=form, status=422)


@needs(Power.GIVE_GRANTS)
@require_GET
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """Who has confirmed what, and what is still open."""
    found = reviews.campaign(request.user, pk)
    rows = list(reviews.confirmations(request.user, found))
    return render(
        request,
        "accounts/campaign.html",
        {
            "campaign": found,
            "rows": rows,
            "open": sum(not row.verdict and not row.grant.is_over for row in rows),
            "overdue": found.settled_at is None and found.due_at <= clock.now(),
        },
    )


@signed_in
@require_GET
def confirm(request: HttpRequest) -> HttpResponse:
    """The grants of one's people that wait for keep or end."""
    return render(
        request,
        "accounts/confirm.html",
        {"rows": reviews.asked_of(request.user), "form": VerdictForm(auto_id=False)},
    )


@fresh
@signed_in
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the grant, or end it with a reason."""
    row = reviews.confirmation(request.user, pk)
    form = VerdictForm(request.POST)
    back = "accounts:confirm"
    if not form.is_valid():
        messages.error(request, "Choose keep or end, with a reason under 300 characters.")
        return redirect(back)
    try:
        row = reviewing.decide(actor=request.user, confirmation=row, **form.cleaned_data)
    except NotValid as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "Kept." if row.verdict == "keep" else "The grant has ended.")
    return redirect(back)
