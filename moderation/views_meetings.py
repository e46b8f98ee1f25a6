"""The page that runs a virtual community meeting, and the step that takes a comment over as a question."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from audit.actions import record_reading
from core.errors import NotValid, Refused
from core.gate import needs
from core.refusals import show_refusal
from core.typed import whole
from moderation import queries as comments_read
from moderation import queries_meetings as comments
from moderation.actions import meetings as desk_actions
from moderation.actions import viewing
from moderation.forms_meetings import AnswerForm, ByHandForm, OfficerForm, SetUpForm, ShowForm
from publishing import queries_campaigns, queries_concerns, stripping
from publishing import queries_meetings as read
from publishing.actions import campaigns as campaign_actions
from publishing.actions import concerns as actions_of_concerns
from publishing.actions import meetings as actions
from publishing.actions import questions as question_actions
from publishing.models import Campaign, Meeting, Question
from publishing.workflow_campaigns import CAMPAIGN
from staff.roles import Power


@needs(Power.SEE_POSTS)
@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """A meeting: set up, or at work."""
    return _page(request, queries_campaigns.campaign(request.user, pk))


def _page(request: HttpRequest, campaign: Campaign, **bound: Any) -> HttpResponse:
    """bound: a form that was sent, under its name: `set_up`, `officer`, `by_hand`, or (question, form) as `question`."""
    meeting = read.meeting_of(campaign)
    shown: dict[str, Any] = {
        "campaign": campaign,
        "meeting": meeting,
        "may_run": queries_campaigns.may_run(request.user, campaign),
        "may_moderate": read.may_moderate(request.user, campaign),
        "can": {event for event in CAMPAIGN.events if CAMPAIGN.allows(campaign.state, event)},
        "set_up": bound.get("set_up") or SetUpForm(present=meeting),
        "set_up_open": "set_up" in bound,
    }
    if meeting is not None:
        shown |= _at_work(request, meeting, bound)
    wrong = (
        any(isinstance(one, django_forms.Form) and one.errors for one in bound.values())
        or "question" in bound
    )
    return render(request, "moderation/meeting.html", shown, status=422 if wrong else 200)


def _at_work(request: HttpRequest, meeting: Meeting, bound: dict[str, Any]) -> dict[str, Any]:
    viewer, campaign = request.user, meeting.campaign
    room = read.room(meeting)
    moderates = read.may_moderate(viewer, campaign)
    officer = read.officer_of(meeting, viewer)
    under = comments.under_posts(viewer, meeting) if moderates else None
    if moderates or officer:
        record_reading(
            actor=viewer,
            event="meeting.viewed",
            subject=meeting,
            subject_name=campaign.name,
            details={"questions": room.ids},
        )
    if under:
        viewing.record_listed(actor=viewer, ids=[one.pk for one in under.comments], queue="meeting")
    asked, typed = bound.get("question", (None, None))
    known = queries_campaigns.places()

    def form_of(question: Question) -> django_forms.Form:
        if asked is not None and typed is not None and asked.pk == question.pk:
            return typed
        prefix = f"q{question.pk}"
        if question.state in (Question.State.WAITING, Question.State.DECLINED):
            suggested = stripping.suggest(question.words, known).words
            return ShowForm(initial={"words": suggested, "name": question.name}, prefix=prefix)
        initial = {"words": question.answer, "reply_too": not question.answer}
        return AnswerForm(initial=initial, prefix=prefix, question=question)

    return {
        "room": room,
        "waiting": [(one, form_of(one)) for one in _in_sight(room, asked)] if moderates else [],
        "to_answer": [(one, form_of(one)) for one in room.to_answer],
        "answered": [(one, form_of(one)) for one in room.answered],
        "under": under,
        "me": officer,
        "version": read.version(meeting),
        "officers": read.officers(meeting),
        "officer_form": bound.get("officer") or OfficerForm(people=read.who_could_answer(campaign)),
        "by_hand": bound.get("by_hand") or ByHandForm(),
        "takes": read.takes_questions(meeting),
        "stopped": read.stopped_by(campaign, pauses=False),
        "may_publish": queries_campaigns.may_approve(viewer, campaign),
        "address": settings.PUBLIC_ADDRESS + reverse("publishing_public:meeting", args=[meeting.slug]),
    }


def _in_sight(room: read.Room, asked: Question | None) -> list[Question]:
    """Questions to be read; the one that was just typed about stays, whatever came before it since."""
    if asked is None or asked.state != Question.State.WAITING or asked in room.waiting:
        return room.waiting
    return [asked, *room.waiting]


@needs(Power.SEE_POSTS)
@require_safe
def news(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether something else stands there than the page shows; 204 when nothing does. The page itself never moves."""
    meeting = read.meeting(request.user, pk)
    if request.GET.get("v", "") == read.version(meeting):
        return HttpResponse(status=204)
    return render(request, "moderation/_meeting_news.html", {"campaign": meeting.campaign})


@needs(Power.PLAN_POSTS)
@require_POST
def set_up(request: HttpRequest, pk: int) -> HttpResponse:
    """What the public reads, and when it may ask."""
    campaign = queries_campaigns.campaign(request.user, pk)
    form = SetUpForm(request.POST, present=read.meeting_of(campaign))
    if form.is_valid():
        try:
            actions.set_up(actor=request.user, campaign=campaign, **form.said())
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "The public page says so from now on.")
            return redirect("moderation:meeting", pk=pk)
    return _page(request, campaign, set_up=form)


@needs(Power.PLAN_POSTS)
@require_POST
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """Name or remove an officer, close or open questions, draft the hold line or the invitation."""
    meeting = read.meeting(request.user, pk)
    do = request.POST.get("do", "")
    if do == "officer":
        return _name_officer(request, meeting)
    if do.startswith("remove-"):
        officer = meeting.officers.filter(pk=whole(do.removeprefix("remove-")) or 0).first()
        if officer is not None:
            actions.remove_officer(actor=request.user, officer=officer)
            messages.success(request, f"{officer} answers no more.")
    elif do in ("close", "open"):
        actions.close_questions(actor=request.user, meeting=meeting, close=do == "close")
        messages.success(
            request, "The page takes no more questions." if do == "close" else "It takes questions again."
        )
    elif do in ("hold_line", "invite"):
        return _draft(request, meeting, do)
    else:
        messages.error(request, "Choose what should happen.")
    return redirect("moderation:meeting", pk=pk)


def _name_officer(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    form = OfficerForm(request.POST, people=read.who_could_answer(meeting.campaign))
    if form.is_valid():
        try:
            officer = actions.name_officer(
                actor=request.user,
                meeting=meeting,
                person=form.people[form.cleaned_data["person"]],
                shown_as=form.cleaned_data["shown_as"],
            )
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"The public reads that {officer} answers.")
            return redirect("moderation:meeting", pk=meeting.campaign_id)
    return _page(request, queries_campaigns.campaign(request.user, meeting.campaign_id), officer=form)


def _draft(request: HttpRequest, meeting: Meeting, do: str) -> HttpResponse:
    address = settings.PUBLIC_ADDRESS + reverse("publishing_public:meeting", args=[meeting.slug])
    words = (
        meeting.hold_line
        if do == "hold_line"
        else f"{meeting.campaign.name}: ask your questions here or at {address}"
    )
    post = campaign_actions.draft_for(actor=request.user, campaign=meeting.campaign, words=words)
    return redirect("publishing:compose_post", pk=post.pk)


@needs(Power.WORK_COMMENTS)
@require_POST
def by_hand(request: HttpRequest, pk: int) -> HttpResponse:
    """What was asked in person."""
    meeting, form = read.meeting(request.user, pk), ByHandForm(request.POST)
    if form.is_valid():
        try:
            question_actions.ask_by_hand(
                actor=request.user, meeting=meeting, words=form.cleaned_data["words"]
            )
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "It waits to be read below.")
            return redirect("moderation:meeting", pk=pk)
    return _page(request, queries_campaigns.campaign(request.user, pk), by_hand=form)


@needs(Power.WORK_COMMENTS)
@require_POST
def take_comment(request: HttpRequest, pk: int, comment: int) -> HttpResponse:
    """A comment under one of its posts becomes a question."""
    meeting = read.meeting(request.user, pk)
    found = comments_read.comment(request.user, comment)
    desk_actions.take_comment(
        actor=request.user,
        meeting=meeting,
        comment=found,
        revision_number=whole(request.POST.get("revision", "")) or 0,
    )
    messages.success(request, "It is a question of the meeting, and waits to be read there.")
    if request.POST.get("from") == "desk":
        return redirect("moderation:conversation", pk=comment)
    return redirect("moderation:meeting", pk=pk)


@needs(Power.WORK_COMMENTS, Power.REPLY)
@require_POST
def question(request: HttpRequest, pk: int) -> HttpResponse:
    """Show it, do not show it, take it, leave it to others, answer it."""
    found = read.question(request.user, pk)
    do, back = request.POST.get("do", ""), found.meeting.campaign_id
    prefix = f"q{found.pk}"
    to = redirect(f"{reverse('moderation:meeting', args=[back])}#question-{pk}")
    if do == "take":
        question_actions.take(actor=request.user, question=found)
        return to
    if do == "free":
        question_actions.free(actor=request.user, question=found)
        return to
    if do == "worry":
        made = actions_of_concerns.raise_from_question(actor=request.user, question=found)
        messages.success(request, "Written down. Have somebody take it up.")
        return redirect("publishing:concern", pk=made.pk)
    if do not in ("show", "decline", "answer"):
        messages.error(request, "Choose what should happen to the question.")
        return to
    form = (
        AnswerForm(request.POST, prefix=prefix, question=found)
        if do == "answer"
        else ShowForm(request.POST, prefix=prefix)
    )
    form.fields["words"].required = do != "decline"
    if form.is_valid():
        given = form.cleaned_data
        try:
            if do == "decline":
                question_actions.decline(actor=request.user, question=found, why=given["why_stays"])
            elif do == "show":
                question_actions.show(actor=request.user, question=found, **given)
            else:
                desk_actions.answer(actor=request.user, question=found, **given)
        except NotValid as refusal:
            show_refusal(form, refusal)
        except Refused as refusal:
            messages.error(request, refusal.sentence)
        else:
            said = {
                "show": "The public reads it now.",
                "decline": "It is not shown.",
                "answer": "The public reads your answer now.",
            }
            messages.success(request, said[do])
            return to
    return _page(request, queries_campaigns.campaign(request.user, back), question=(found, form))


@needs(Power.WORK_COMMENTS)
@require_POST
def raise_concern(request: HttpRequest, pk: int) -> HttpResponse:
    """A comment becomes a worry of its neighbourhood, in one press."""
    found = comments_read.comment(request.user, pk)
    wanted = whole(request.POST.get("neighbourhood", "")) or found.official_account.neighbourhood_id
    area = next(
        (one for one in queries_concerns.areas(request.user, Power.WORK_COMMENTS) if one.pk == wanted), None
    )
    if area is None:
        raise NotValid("Choose which neighbourhood worries about it.", field="neighbourhood")
    made = desk_actions.raise_concern(
        actor=request.user,
        comment=found,
        revision_number=whole(request.POST.get("revision", "")) or 0,
        neighbourhood=area,
    )
    messages.success(
        request, "Written down. Its words are a suggestion: read them, and have somebody take it up."
    )
    return redirect("publishing:concern", pk=made.pk)


@needs(Power.APPROVE_POSTS)
@require_POST
def transcript(request: HttpRequest, pk: int) -> HttpResponse:
    """What was asked and answered is published for good."""
    actions.publish_transcript(actor=request.user, meeting=read.meeting(request.user, pk))
    messages.success(request, "The transcript is published.")
    return redirect("moderation:meeting", pk=pk)
