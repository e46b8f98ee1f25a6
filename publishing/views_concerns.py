"""You said, we did: worries of neighbourhoods as pages."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import NotValid
from core.gate import needs
from core.refusals import show_refusal
from core.typed import whole
from publishing import queries_concerns as read
from publishing.actions import concerns as actions
from publishing.forms_concerns import PlanForm, RaiseForm, ReportForm
from publishing.models import Concern
from publishing.workflow_campaigns import CONCERN
from staff.roles import Power


@needs(Power.SEE_POSTS)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Worries, by neighbourhood and by where they stand."""
    area = whole(request.GET.get("area", ""))
    state = request.GET.get("state", "")
    return render(
        request,
        "publishing/concerns.html",
        {
            "concerns": read.concerns(request.user, area=area, state=state),
            "areas": read.areas(request.user, Power.SEE_POSTS),
            "area": area,
            "state": state,
            "states": Concern.State.choices,
            "may_raise": bool(read.areas(request.user, Power.WORK_COMMENTS)),
        },
    )


@needs(Power.WORK_COMMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A worry that was heard in person."""
    areas = read.areas(request.user, Power.WORK_COMMENTS)
    form = RaiseForm(
        request.POST or None, areas=areas, initial={"neighbourhood": whole(request.GET.get("area", ""))}
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = actions.raise_concern(
                actor=request.user, neighbourhood=form.areas[given["neighbourhood"]], said=given["said"]
            )
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("publishing:concern", pk=made.pk)
    return render(request, "publishing/concern_new.html", {"form": form}, status=422 if form.errors else 200)


@needs(Power.SEE_POSTS)
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One worry, who does what about it, and its next step."""
    return _page(request, read.concern(request.user, pk))


def _page(request: HttpRequest, concern: Concern, *, wrong: str = "", **bound: Any) -> HttpResponse:
    plan = bound.get("plan") or PlanForm(concern=concern, people=read.who_could_own(concern.neighbourhood))
    report = bound.get("report") or ReportForm(initial={"said": concern.said, "result": concern.result})
    bad = any(isinstance(one, django_forms.Form) and one.errors for one in bound.values())
    writes = read.may(request.user, Power.PLAN_POSTS, concern)
    return render(
        request,
        "publishing/concern.html",
        {
            "concern": concern,
            "late": read.is_late(concern),
            "changes": read.changes(concern),
            "plan": plan,
            "report": report,
            "planning": "plan" in bound,
            "reporting": "report" in bound,
            "may_write": writes,
            "may_drop": read.may(request.user, Power.WORK_COMMENTS, concern),
            "may_publish": read.may(request.user, Power.APPROVE_POSTS, concern)
            and concern.result_by_id != request.user.pk,
            "can": {event for event in CONCERN.events if CONCERN.allows(concern.state, event)},
            "wrong": wrong,
            "typed": request.POST.get("why", ""),
        },
        status=422 if bad or wrong else 200,
    )


@needs(Power.WORK_COMMENTS, Power.PLAN_POSTS, Power.APPROVE_POSTS)
@require_POST
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan it, say what was done, publish it, take it down, drop it, draft a post from it."""
    concern = read.concern(request.user, pk)
    do, why = request.POST.get("do", ""), request.POST.get("why", "")[:1000]
    if do in ("plan", "report"):
        return _with_form(request, concern, do)
    try:
        if do == "publish":
            actions.publish(actor=request.user, concern=concern, result_seen=request.POST.get("result", ""))
            messages.success(request, "Published on the page of the neighbourhood.")
        elif do == "take_down":
            actions.take_down(actor=request.user, concern=concern, why=why)
            messages.success(request, "Taken down.")
        elif do == "drop":
            actions.drop(actor=request.user, concern=concern, why=why)
            messages.success(request, "It is not taken up.")
        elif do == "draft":
            post = actions.draft_from(actor=request.user, concern=concern)
            return redirect("publishing:compose_post", pk=post.pk)
        else:
            messages.error(request, "Choose what should happen.")
    except NotValid as refusal:
        return _page(request, read.concern(request.user, pk), wrong=refusal.sentence)
    return redirect("publishing:concern", pk=pk)


def _with_form(request: HttpRequest, concern: Concern, do: str) -> HttpResponse:
    if do == "plan":
        people = read.who_could_own(concern.neighbourhood)
        form: PlanForm | ReportForm = PlanForm(request.POST, concern=concern, people=people)
    else:
        form = ReportForm(request.POST)
    if form.is_valid():
        given = dict(form.cleaned_data)
        try:
            if isinstance(form, PlanForm):
                given["owner"] = form.people[given["owner"]]
                actions.plan(actor=request.user, concern=concern, **given)
            else:
                actions.report(actor=request.user, concern=concern, **given)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "Kept.")
            return redirect("publishing:concern", pk=concern.pk)
    return _page(request, read.concern(request.user, concern.pk), **{do: form})
