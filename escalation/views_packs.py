"""What leaves with a case in two clicks, our own posts kept with it, and the reply to whoever wrote."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.queries import require
from core import clock
from core.downloads import as_file
from core.errors import NotFound, NotValid
from core.gate import fresh, needs, stays_inside
from core.refusals import show_refusal
from escalation import forms_packs as forms
from escalation import packs, queries, queries_own_posts, queries_referrals
from escalation.actions import own_posts
from escalation.actions import packs as actions
from escalation.views import page
from moderation.actions import saved_replies
from staff.roles import Power


@needs(Power.SEE_CASES)
@require_POST
def sheet(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The threat-to-life sheet. It protects a life, so it never waits for a second factor."""
    case = queries.case(request.user, pk)
    form = forms.TakeSheet(request.POST, auto_id="sheet_form_%s")
    if form.is_valid():
        to, at = " ".join(form.cleaned_data["to"].split()), clock.now()
        parts = packs.sheet_parts(case, by=request.user, to=to, at=at)
        as_text = form.cleaned_data["how"] == "txt"
        content = packs.sheet_text(case, parts) if as_text else packs.sheet_pdf(case, parts, at=at)
        try:
            actions.give_sheet(actor=request.user, case=case, to=to)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            kind = "text/plain; charset=utf-8" if as_text else "application/pdf"
            name = f"{case.reference}-threat-to-life.{'txt' if as_text else 'pdf'}"
            return as_file(HttpResponse(content, content_type=kind), name)
    return page(request, pk, status=422, sheet_form=form)


@needs(Power.ACKNOWLEDGE_CASES)
@fresh
@stays_inside
@require_POST
def exhibits(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The exhibit pack, for somebody who is named."""
    case = queries.case(request.user, pk)
    form = forms.TakeExhibits(request.POST, auto_id="exhibits_form_%s")
    if form.is_valid():
        to, mark = " ".join(form.cleaned_data["to"].split()), form.cleaned_data["mark"]
        try:
            actions.checked_mark(mark)
            made = packs.exhibit_pack(case, by=request.user, to=to, mark=mark, at=clock.now())
            actions.give_exhibits(
                actor=request.user,
                case=case,
                to=to,
                mark=mark,
                sha256=made.sha256,
                exhibits=made.exhibits,
                left_out=made.left_out,
            )
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            response = FileResponse(made.content, content_type="application/zip")
            response["Content-Length"] = str(made.size_bytes)
            return as_file(response, f"{case.reference}-exhibits.zip")
    return page(request, pk, status=422, exhibits_form=form)


@needs(Power.SEE_CASES)
@require_POST
def keep_post(request: HttpRequest, pk: int) -> HttpResponse:
    """A post of ours stands in the case."""
    case = queries.case(request.user, pk)
    form = forms.KeepPost(
        request.POST, auto_id="post_form_%s", posts=queries_own_posts.choices(request.user, case)
    )
    if form.is_valid():
        delivery = queries_own_posts.sent(request.user).get(pk=form.cleaned_data["post"])
        try:
            own_posts.keep_post(
                actor=request.user, case=case, delivery=delivery, why=form.cleaned_data["why"]
            )
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("escalation:case", pk=pk)
    return page(request, pk, status=422, post_form=form)


@needs(Power.REPLY)
@require_POST
def offer_reply(request: HttpRequest, pk: int) -> HttpResponse:
    """A saved reply stands in the box of the conversation, with the incident number where there is one."""
    case = queries.case(request.user, pk)
    require(request.user, Power.REPLY, case.official_account_id)
    offer = queries_referrals.reply_offer(request.user, case)
    if offer is None:
        raise NotFound("Nobody wrote to us in this case, so there is nobody to answer.")
    form = forms.OfferReply(request.POST, auto_id="offer_form_%s", offer=offer)
    if form.is_valid():
        comment = queries.comment_for_case(request.user, int(form.cleaned_data["comment"]))
        call = queries_referrals.call_of(case)
        saved_replies.put_into_draft(
            actor=request.user,
            comment=comment,
            reply=form.cleaned_data["saved"],
            incident_number=call.incident_number if call else "",
        )
        return redirect("moderation:conversation", pk=comment.pk)
    return page(request, pk, status=422, offer_form=form)
