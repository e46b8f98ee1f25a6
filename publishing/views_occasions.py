"""What is written down for an event, a patrol or a live stream, on the page of its campaign."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import NotValid, TransitionNotAllowed
from core.gate import needs, signed_in
from core.refusals import show_refusal
from core.typed import whole
from publishing import queries_campaigns
from publishing import queries_occasions as read
from publishing.actions import occasions as actions
from publishing.actions import takeovers
from publishing.forms_occasions import DutyForm, GuestForm, OccasionForm
from publishing.models import Campaign
from publishing.workflow_campaigns import CAMPAIGN
from staff.roles import Power


def _campaign(request: HttpRequest, pk: int) -> Campaign:
    found = queries_campaigns.campaign(request.user, pk)
    if found.kind not in read.KINDS:
        raise TransitionNotAllowed(
            "This campaign is no event, patrol or live stream. Go back to its own page."
        )
    return found


@needs(Power.SEE_POSTS)
@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of the day: where, who, what is lacking, its posts."""
    return _page(request, _campaign(request, pk))


def _page(request: HttpRequest, campaign: Campaign, **bound: Any) -> HttpResponse:
    present = read.occasion_of(campaign)
    live = campaign.kind == Campaign.Kind.LIVE
    people = read.who_could_moderate(campaign) if live else []
    return render(
        request,
        "publishing/occasion.html",
        {
            "campaign": campaign,
            "occasion": present,
            "live": live,
            "may_run": queries_campaigns.may_run(request.user, campaign),
            "over": campaign.state in queries_campaigns.OVER,
            "can": {event for event in CAMPAIGN.events if CAMPAIGN.allows(campaign.state, event)}
            - ({"start"} if read.lacking(campaign) else set()),
            "lacking": read.lacking(campaign) if campaign.state == Campaign.State.PLANNED else [],
            "takeover": read.takeover_of(campaign),
            "guest_form": bound.get("guest_form") or _guest_form(request, campaign),
            "duties": read.duties(campaign),
            "on_duty": {one.pk for one in read.on_duty(campaign)},
            "checklist": read.checklist(campaign) if live else [],
            "form": bound.get("form") or OccasionForm(campaign=campaign, present=present),
            "duty_form": bound.get("duty_form") or DutyForm(campaign=campaign, people=people),
            "posts": list(queries_campaigns.posts_of(request.user, campaign)[:50]),
        },
        status=422 if bound else 200,
    )


@needs(Power.PLAN_POSTS)
@require_POST
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """Write it down, put people on duty, tick the checklist, draft reminders or the hold line."""
    campaign = _campaign(request, pk)
    do = request.POST.get("do", "")
    try:
        if do == "write":
            return _write(request, campaign)
        if do == "duty":
            return _duty(request, campaign)
        if do == "guest":
            return _guest(request, campaign)
        if do.startswith("off-"):
            duty = campaign.duties.filter(pk=whole(do.removeprefix("off-")) or 0).first()
            if duty is not None:
                actions.take_off_duty(actor=request.user, duty=duty)
        elif do.startswith(("tick-", "untick-")):
            slug = do.partition("-")[2]
            actions.tick(actor=request.user, campaign=campaign, slug=slug, done=do.startswith("tick-"))
        elif do == "remind":
            made = actions.draft_reminders(actor=request.user, campaign=campaign)
            messages.success(request, f"{len(made)} reminders are drafted. Send each for approval.")
        elif do == "hold_line":
            occasion = read.occasion_of(campaign)
            if occasion is not None and occasion.hold_line:
                post = actions.campaigns.draft_for(
                    actor=request.user, campaign=campaign, words=occasion.hold_line
                )
                return redirect("publishing:compose_post", pk=post.pk)
        else:
            messages.error(request, "Choose what should happen.")
    except NotValid as refusal:
        messages.error(request, refusal.sentence)
    return redirect("publishing:occasion", pk=pk)


def _write(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    form = OccasionForm(request.POST, campaign=campaign, present=read.occasion_of(campaign))
    if form.is_valid():
        try:
            actions.write_down(actor=request.user, campaign=campaign, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "Written down.")
            return redirect("publishing:occasion", pk=campaign.pk)
    return _page(request, campaign, form=form)


def _guest_form(request: HttpRequest, campaign: Campaign, data: Any = None) -> GuestForm | None:
    if campaign.kind != Campaign.Kind.TAKEOVER:
        return None
    return GuestForm(data, people=read.possible_guests(request.user), present=read.takeover_of(campaign))


def _guest(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    form = _guest_form(request, campaign, request.POST)
    if form is None:
        raise TransitionNotAllowed("Only a takeover has a guest.")
    if form.is_valid():
        try:
            takeovers.name_guest(
                actor=request.user,
                campaign=campaign,
                guest=form.people[form.cleaned_data["guest"]],
                rules=form.cleaned_data["rules"],
            )
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "They are asked to accept the house rules.")
            return redirect("publishing:occasion", pk=campaign.pk)
    return _page(request, campaign, guest_form=form)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def takeover_rules(request: HttpRequest, pk: int) -> HttpResponse:
    """The house rules, for the guest to read and accept."""
    found = read.takeover(request.user, pk)
    wrong = ""
    if request.method == "POST":
        try:
            takeovers.accept_rules(
                actor=request.user,
                takeover=found,
                rules_seen=request.POST.get("rules", ""),
            )
        except NotValid as refusal:
            wrong = refusal.sentence
        else:
            messages.success(
                request, "Accepted. You can write as soon as your grant is given; it ends by itself."
            )
            return redirect("publishing:takeover_rules", pk=pk)
    return render(
        request,
        "publishing/takeover_rules.html",
        {"takeover": found, "wrong": wrong},
        status=422 if wrong else 200,
    )


def _duty(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    form = DutyForm(request.POST, campaign=campaign, people=read.who_could_moderate(campaign))
    if form.is_valid():
        try:
            actions.put_on_duty(actor=request.user, campaign=campaign, **form.said())
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "They are told.")
            return redirect("publishing:occasion", pk=campaign.pk)
    return _page(request, campaign, duty_form=form)
