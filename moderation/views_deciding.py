"""Decisions beside reply, hide and escalate, a second person's yes, THRIVE, saved replies and the preview."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from core import clock
from core.errors import TransitionNotAllowed
from core.gate import needs
from moderation import beside, forms, forms_deciding, inquiries
from moderation.actions import approving, assessing, desk, requests, saved_replies
from moderation.actions import inquiries as inquiry_actions
from moderation.models import Comment, ReplyRequest
from moderation.views import act, show
from staff.roles import Power


@needs(Power.WORK_COMMENTS)
@require_POST
def elsewhere(request: HttpRequest, pk: int) -> HttpResponse:
    """It was handled in another place, which is named."""
    return act(
        request,
        pk,
        forms_deciding.Elsewhere(request.POST),
        lambda comment, given: desk.handled_elsewhere(
            actor=request.user,
            comment=comment,
            revision_number=given["revision"],
            where=given["where"],
            why=given["why"],
        ),
        opened="elsewhere",
    )


@needs(Power.TAKE_IN_REQUESTS)
@require_POST
def take_in(request: HttpRequest, pk: int) -> HttpResponse:
    """It is a request under information law: its clock runs, and what is held about its author stays."""

    def receive(comment: Comment, given: dict) -> None:
        made = requests.take_in(actor=request.user, comment=comment, kind=given["kind"])
        by = clock.in_london(made.due_at)
        messages.success(
            request,
            f"Taken in as {made.title}: information management answers by {by:%-d %B %Y}. Thank them, and do not ask why.",
        )

    return act(request, pk, forms_deciding.TakeIn(request.POST), receive, opened="request")


@needs(Power.WORK_COMMENTS)
@require_POST
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """It stands in another team's queue, or is the desk's again."""

    def hand(comment: Comment, given: dict) -> None:
        if given["team"] is None and not given["to_desk"]:
            raise TransitionNotAllowed("Choose the team that gets it.")
        desk.hand_over(
            actor=request.user,
            comment=comment,
            revision_number=given["revision"],
            team=None if given["to_desk"] else given["team"],
            why=given["why"],
        )

    return act(request, pk, forms_deciding.HandOver(request.POST), hand, opened="hand-over")


@needs(Power.WORK_COMMENTS)
@require_POST
def assess(request: HttpRequest, pk: int) -> HttpResponse:
    """A dated and signed look at threat, harm, risk, investigation, vulnerability and engagement."""
    form = forms_deciding.Assess(request.POST)
    return act(
        request,
        pk,
        form,
        lambda comment, given: assessing.assess(
            actor=request.user, comment=comment, revision_number=given["revision"], said=form.said
        ),
        opened="thrive",
    )


@needs(Power.REPLY)
@require_POST
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The reply as the platform will show it; what was typed stays in the box and is kept."""
    if not request.POST.get("reply_text", "").strip():
        return show(
            request, pk, problem="Write the reply first.", field="reply_text", opened="reply", status=422
        )
    return show(request, pk, opened="preview", keep=True)


@needs(Power.REPLY)
@require_POST
def put_in(request: HttpRequest, pk: int) -> HttpResponse:
    """A saved reply stands in the box, with what is known filled in."""
    return act(
        request,
        pk,
        forms_deciding.PutIn(request.POST, viewer=request.user),
        lambda comment, given: saved_replies.put_into_draft(
            actor=request.user,
            comment=comment,
            reply=given["saved"],
            typed=request.POST.get("reply_text", ""),
            incident_number=given["incident_number"],
            link=given["link"],
        ),
        opened="saved",
    )


@needs(Power.REPLY)
@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """The reply waits for a second person's yes to these words."""

    def wait(comment: Comment, given: dict) -> None:
        approving.ask(
            actor=request.user,
            comment=comment,
            revision_number=given["revision"],
            text=given["reply_text"],
            why=given["why"],
        )
        messages.success(request, "Your reply waits for a second person. The comment stays open meanwhile.")

    return act(request, pk, forms_deciding.Ask(request.POST), wait, opened="reply")


@needs(Power.LOOK_AGAIN)
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Yes to exactly the words that were shown."""
    return act(
        request,
        pk,
        forms_deciding.Approve(request.POST),
        lambda comment, given: approving.approve(
            actor=request.user, row=_waiting(request, comment), text_hash=given["words"]
        ),
        opened="approve",
    )


@needs(Power.LOOK_AGAIN)
@require_POST
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """No, and why: the words are their author's draft again."""
    return act(
        request,
        pk,
        forms_deciding.SendBack(request.POST),
        lambda comment, given: approving.send_back(
            actor=request.user, row=_waiting(request, comment), answer=given["answer"]
        ),
        opened="approve",
    )


@needs(Power.REPLY)
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own words wait for nobody any more."""
    return act(
        request,
        pk,
        forms_deciding.Nothing(request.POST),
        lambda comment, given: approving.take_back(actor=request.user, row=_waiting(request, comment)),
        opened="reply",
    )


@needs(Power.HIDE_COMMENTS)
@require_POST
def keep_reason(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether its author, who may ask at any hour, is told under which clause it is hidden."""

    def keep(comment: Comment, given: dict) -> None:
        decision = inquiries.hide_of(comment.pk)
        if decision is None:
            raise TransitionNotAllowed("Nobody here has hidden this comment, so there is no reason to tell.")
        if request.POST.get("do") == "give":
            inquiry_actions.stop_withholding(actor=request.user, decision=decision)
        else:
            inquiry_actions.withhold(actor=request.user, decision=decision, why=given["why"])

    return act(request, pk, forms.Reason(request.POST), keep, opened="reason")


def _waiting(request: HttpRequest, comment: Comment) -> ReplyRequest:
    row = beside.request_of(request.user, comment.pk)
    if row is None:
        raise TransitionNotAllowed("No reply to this comment waits for a second person.")
    return row
