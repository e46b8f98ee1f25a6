"""The rumour desk as pages: what is said again and again, one rumour with its steps, and noting one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.actions import record_reading
from core import sheets
from core.downloads import as_table
from core.errors import NotFound, NotValid, Refused
from core.gate import needs
from core.refusals import show_refusal
from core.typed import whole
from escalation import queries as cases
from insights import forms_rumours as forms
from insights import queries_rumours as queries
from insights.actions import rumour_answers as answers
from insights.actions import rumours as actions
from insights.models import Rumour
from insights.views_figures import as_csv
from publishing.actions.templates import blanks_of
from staff.roles import Power

DONE = {
    "take_up": "Taken up. Assess the risk next.",
    "assess": "Kept.",
    "evidence": "Kept with it for good.",
    "judge": "Kept. Everybody who sees the rumour sees it.",
    "again": "It is assessed again.",
    "authority": "Kept.",
    "proceedings": "Kept.",
    "legal": "Kept. Whoever asked sees it here.",
    "words": "Communications are called.",
    "close": "Closed. What says the same is still counted.",
    "reopen": "Opened again.",
    "tie": "Every step stands in the log of the case from now on.",
    "join": "Joined.",
}


@needs(Power.SEE_COMMENTS)
@require_safe
def rumours(request: HttpRequest) -> HttpResponse:
    """What is said again and again, the most urgent first."""
    shelf = request.GET.get("shelf", "open")
    shelf = shelf if shelf in queries.SHELVES else "open"
    lines = queries.lines(request.user, shelf, before=whole(request.GET.get("before", "")))
    more = len(lines) > queries.PAGE_LENGTH
    lines = lines[: queries.PAGE_LENGTH]
    record_reading(
        actor=request.user,
        event="rumours.listed",
        details={"shelf": shelf, "rumours": [one.rumour.pk for one in lines]},
    )
    last = min((one.rumour.pk for one in lines), default=0)
    return render(
        request,
        "insights/rumours.html",
        {
            "lines": lines,
            "shelf": shelf,
            "shelves": queries.SHELVES.items(),
            "older": f"?shelf={shelf}&before={last}" if more else "",
            "may_note": bool(list(cases.accounts_to_escalate(request.user)[:1])),
        },
    )


@needs(Power.ESCALATE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A rumour that somebody heard of: on the telephone, in the street, elsewhere on the net."""
    accounts = list(cases.accounts_to_escalate(request.user))
    form = forms.New(request.POST or None, accounts=accounts)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.raise_rumour(
                actor=request.user,
                official_account=form.accounts[form.cleaned_data["official_account"]],
                words=form.cleaned_data["words"],
            )
        except Refused as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("insights:rumour", pk=made.pk)
    return render(request, "insights/rumour_new.html", {"form": form}, status=422 if form.errors else 200)


@needs(Power.ESCALATE)
@require_POST
def from_comment(request: HttpRequest, pk: int) -> HttpResponse:
    """One press in a conversation: the comment is the first appearance of a rumour, or one more of a known one."""
    comment = cases.comment_for_case(request.user, pk)
    into = whole(request.POST.get("rumour", ""))
    try:
        if into is not None:
            made = actions.add_comment(
                actor=request.user, rumour=queries.rumour(request.user, into), comment=comment
            )
        else:
            made = actions.raise_rumour(
                actor=request.user, official_account=comment.official_account, comment=comment
            )
    except NotValid as refusal:
        messages.error(request, refusal.sentence)
        return redirect("moderation:conversation", pk)
    messages.success(request, "Noted. The comment stays at the desk as it is.")
    return redirect("insights:rumour", pk=made.pk)


@needs(Power.SEE_COMMENTS)
@require_safe
def rumour(request: HttpRequest, pk: int) -> HttpResponse:
    """One rumour: where it stands, how it spreads, and the next step."""
    return _page(request, pk)


def _page(
    request: HttpRequest,
    pk: int,
    *,
    sent: str = "",
    bound: django_forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    found = queries.whole(request.user, pk)
    record_reading(
        actor=request.user,
        event="rumour.viewed",
        subject=found.rumour,
        subject_name=found.rumour.reference,
        official_account_id=found.rumour.official_account_id,
        shown_ids=[one.pk for one in (*found.examples, *(offer.comment for offer in found.asked))],
    )
    may_work = queries.may(request.user, found.rumour, *queries.WORKS)
    may_write = queries.may(request.user, found.rumour, Power.WRITE_POSTS)
    asked = {
        name: bound if name == sent and bound is not None else _form(request, found.rumour, name)
        for name in _STEPS
    }
    return render(
        request,
        "insights/rumour.html",
        {
            "whole": found,
            "rumour": found.rumour,
            "forms": asked,
            "sent": sent,
            "may_work": may_work,
            "may_write": may_write,
            "may_reply": queries.may(request.user, found.rumour, Power.REPLY),
            "may_check": found.rumour.legal == Rumour.Legal.ASKED
            and request.user.pk not in (found.rumour.legal_asked_by_id, found.rumour.judged_by_id)
            and queries.may(request.user, found.rumour, *queries.CHECKS),
            "why_no_correction": queries.why_no_correction(found.rumour),
            "offered": sum(not one.why_not for one in found.asked),
            "statements": _statements(request, found.rumour, sent, bound) if may_write else [],
        },
        status=status,
    )


def _statements(
    request: HttpRequest, found: Rumour, sent: str, bound: django_forms.Form | None
) -> list[tuple[Any, django_forms.Form]]:
    accounts = queries.accounts_to_answer_on(request.user, found)
    return [
        (
            one,
            bound
            if sent == f"holding-{one.pk}" and bound is not None
            else forms.Holding(
                name=f"holding-{one.pk}",
                blanks=blanks_of(one.words),
                accounts=accounts,
                initial={"accounts": [found.official_account_id]},
            ),
        )
        for one in queries.holding_statements(request.user)
    ]


@needs(Power.ESCALATE, Power.WRITE_POSTS, Power.ACKNOWLEDGE_CASES, Power.REPLY)
@require_POST
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """One step of a rumour: each has its own form, and what it refuses stands beside that."""
    found = queries.rumour(request.user, pk)
    do = request.POST.get("do", "")
    if do == "holding":
        return _holding(request, found)
    if do == "words":
        return _without_form(request, found)
    if do not in _STEPS:
        raise NotFound("There is no such step.")
    form = _form(request, found, do, request.POST)
    if not form.is_valid():
        return _page(request, pk, sent=do, bound=form, status=422)
    try:
        answer = _STEPS[do](request, found, form.cleaned_data)
    except Refused as refusal:
        show_refusal(form, refusal)
        return _page(request, pk, sent=do, bound=form, status=refusal.status)
    if isinstance(answer, HttpResponse):
        return answer
    messages.success(request, DONE[do])
    return redirect("insights:rumour", pk=answer.pk if isinstance(answer, Rumour) else pk)


def _without_form(request: HttpRequest, found: Rumour) -> HttpResponse:
    try:
        answers.ask_for_words(actor=request.user, rumour=found)
        messages.success(request, DONE["words"])
    except NotValid as refusal:
        messages.error(request, refusal.sentence)
    return redirect("insights:rumour", pk=found.pk)


def _holding(request: HttpRequest, found: Rumour) -> HttpResponse:
    wanted = whole(request.POST.get("template", ""))
    template = next((one for one in queries.holding_statements(request.user) if one.pk == wanted), None)
    if template is None:
        raise NotFound("There is no such holding statement in use.")
    name = f"holding-{template.pk}"
    form = forms.Holding(
        request.POST,
        name=name,
        blanks=blanks_of(template.words),
        accounts=queries.accounts_to_answer_on(request.user, found),
    )
    if not form.is_valid():
        return _page(request, found.pk, sent=name, bound=form, status=422)
    try:
        post = answers.draft_holding(
            actor=request.user,
            rumour=found,
            template=template,
            fills=form.fills,
            account_ids=form.cleaned_data["accounts"],
        )
    except Refused as refusal:
        show_refusal(form, refusal)
        return _page(request, found.pk, sent=name, bound=form, status=refusal.status)
    return redirect("publishing:compose_post", pk=post.pk)


@needs(Power.SEE_COMMENTS)
@require_safe
def spread_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """How it spread, as CSV: numbers by hour or day."""
    found = queries.whole(request.user, pk)
    table = as_csv(found.spread) if found.spread else sheets.written(["Day", "Appearances", "Read"], [])
    return as_table(table, f"rumour-{found.rumour.pk}-spread.csv")


def _form(request: HttpRequest, found: Rumour, do: str, data: Any = None) -> django_forms.Form:
    given: dict[str, Any] = {"name": do}
    if do == "take_up":
        return forms.TakeUp(data, initial={"words": found.words}, **given)
    if do == "assess":
        return forms.Assess(data, initial={"harm": found.harm, "spread": found.spread}, **given)
    if do == "judge":
        start = {
            "seen": found.state,
            "kind": found.kind,
            "truth": found.truth,
            "verdict": found.state if found.is_judged else "",
        }
        return forms.Judge(data, initial=start, **given)
    if do == "authority":
        return forms.Authority(
            data, initial={"authority": found.authority, "speaker": found.speaker}, **given
        )
    if do == "proceedings":
        return forms.Proceedings(data, initial={"proceedings": found.proceedings}, **given)
    if do == "correction":
        return forms.Correction(
            data,
            accounts=queries.accounts_to_answer_on(request.user, found),
            initial={
                "words": queries.suggested_correction(found),
                "accounts": queries.accounts_of(found),
            },
            **given,
        )
    if do == "replies":
        return forms.Replies(data, initial={"words": queries.suggested_reply(found)}, **given)
    if do == "reopen":
        return forms.Reopen(data, initial={"words": found.words}, **given)
    if do == "tie":
        return forms.Tie(data, pathways=list(cases.pathways()), **given)
    if do == "join":
        return forms.Join(data, others=queries.others_open(request.user, found), **given)
    return _PLAIN[do](data, **given)


_PLAIN: dict[str, type[forms.Step]] = {
    "evidence": forms.Evidence,
    "legal": forms.Legal,
    "close": forms.Why,
    "again": forms.Why,
}


def _tie(request: HttpRequest, found: Rumour, given: dict[str, Any]) -> Rumour:
    if given["pathway"]:
        pathway = next(one for one in cases.pathways() if str(one.pk) == given["pathway"])
        return actions.open_case(actor=request.user, rumour=found, pathway=pathway)
    number = whole(given["number"].strip().upper().removeprefix("W-"), under=10)
    if number is None:
        raise NotValid("Give the number of a case, such as W-2041, or open one.", field="number")
    try:
        case = cases.case_by_number(request.user, number)
    except NotFound as missing:
        raise NotValid(missing.sentence, field="number") from None
    return actions.tie_case(actor=request.user, rumour=found, case=case)


def _correction(request: HttpRequest, found: Rumour, given: dict[str, Any]) -> HttpResponse:
    post = answers.draft_correction(
        actor=request.user,
        rumour=found,
        words=given["words"],
        account_ids=given["accounts"],
        urgent_why=given["urgent_why"],
    )
    return redirect("publishing:compose_post", pk=post.pk)


def _replies(request: HttpRequest, found: Rumour, given: dict[str, Any]) -> HttpResponse:
    count = answers.offer_replies(actor=request.user, rumour=found, words=given["words"])
    said = "1 reply is" if count == 1 else f"{count} replies are"
    messages.success(
        request,
        f"{said} kept as your draft. Open each conversation below, read it, and send it."
        if count
        else "Nobody who asked waits for an answer that you may give.",
    )
    return redirect("insights:rumour", pk=found.pk)


_STEPS: dict[str, Callable[[HttpRequest, Rumour, dict[str, Any]], Any]] = {
    "take_up": lambda request, found, given: actions.take_up(actor=request.user, rumour=found, **given),
    "assess": lambda request, found, given: actions.assess(actor=request.user, rumour=found, **given),
    "evidence": lambda request, found, given: actions.add_evidence(actor=request.user, rumour=found, **given),
    "judge": lambda request, found, given: actions.judge(actor=request.user, rumour=found, **given),
    "again": lambda request, found, given: actions.assess_again(actor=request.user, rumour=found, **given),
    "authority": lambda request, found, given: answers.set_authority(
        actor=request.user, rumour=found, **given
    ),
    "proceedings": lambda request, found, given: answers.set_proceedings(
        actor=request.user, rumour=found, **given
    ),
    "legal": lambda request, found, given: answers.answer_legal(actor=request.user, rumour=found, **given),
    "close": lambda request, found, given: actions.close(actor=request.user, rumour=found, **given),
    "reopen": lambda request, found, given: actions.reopen(actor=request.user, rumour=found, **given),
    "tie": _tie,
    "join": lambda request, found, given: actions.join(
        actor=request.user, rumour=found, into=queries.rumour(request.user, given["into"])
    ),
    "correction": _correction,
    "replies": _replies,
}
