"""Pages of cases. Phone first: whoever is called at night answers here with one thumb."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.queries import account_ids
from core.errors import NotFound, NotValid
from core.gate import needs
from core.refusals import show_refusal
from core.typed import whole
from escalation import (
    forms,
    forms_packs,
    queries,
    queries_appeals,
    queries_intelligence,
    queries_oncall,
    queries_own_posts,
    queries_recorded,
    queries_referrals,
    queries_requests,
    queries_risk,
)
from escalation.actions import cases as actions
from escalation.models import Case
from staff.roles import Power

PLAIN_IDS = frozenset({"log_form", "comment_form", "close_form", "reopen_form"})
"""Forms whose fields stand once on the page; the others carry their own name in their ids."""


@needs(Power.SEE_CASES)
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """What waits for me, what somebody has, what is closed."""
    before = whole(request.GET.get("before", ""), under=10)
    closed, next_before = queries.closed(request.user, before_number=before)
    waiting = [] if before else list(queries.waiting(request.user))
    acknowledged = [] if before else queries.acknowledged(request.user)
    actions.view_list(actor=request.user, cases=[*waiting, *acknowledged, *closed])
    return render(
        request,
        "escalation/cases.html",
        {
            "waiting": waiting,
            "acknowledged": acknowledged,
            "version": queries.list_version(waiting, acknowledged),
            "closed": closed,
            "older": f"?before={next_before}" if next_before else "",
            "further": before is not None,
            "may_open": queries.accounts_to_escalate(request.user).exists(),
            "may_take": account_ids(request.user, Power.ACKNOWLEDGE_CASES),
            "reviews": [] if before else queries_risk.reviews_due(request.user)[:20],
        },
    )


@needs(Power.SEE_CASES)
@require_GET
def changed(request: HttpRequest) -> HttpResponse:
    """Whether other cases wait, or other people have them, than the list shows; 204 when nothing did.

    A list that somebody may be about to touch is never moved: the page says that there is more. An
    empty one fills by itself.
    """
    had = request.GET.get("v", "")
    waiting, acknowledged = list(queries.waiting(request.user)), queries.acknowledged(request.user)
    version = queries.list_version(waiting, acknowledged)
    if had in (version, f"{version}.told"):
        return HttpResponse(status=204)
    if had == queries.list_version([], []):
        actions.view_list(actor=request.user, cases=[*waiting, *acknowledged])
        response = render(
            request,
            "escalation/_open.html",
            {
                "waiting": waiting,
                "acknowledged": acknowledged,
                "version": version,
                "again": True,
                "may_take": account_ids(request.user, Power.ACKNOWLEDGE_CASES),
            },
        )
        response["HX-Retarget"] = "#open-cases"
        response["HX-Reswap"] = "outerHTML"
    else:
        response = render(
            request, "escalation/_changed.html", {"version": f"{version}.told", "changed": True}
        )
    response["HX-Trigger"] = json.dumps({"announce": {"value": "The list of cases has changed."}})
    return response


@needs(Power.SEE_CASES)
@require_safe
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """One case."""
    return page(request, pk)


@needs(Power.SEE_CASES)
@require_GET
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """What changes on the page of a case; 204 where the browser has it already."""
    answer = queries.answer(request.user, pk)
    version = request.GET.get("v", "")
    if version == answer.version:
        return HttpResponse(status=204)
    newly_shown = answer.comment_ids(queries.shown_before(answer, version))
    if newly_shown:
        actions.view_evidence(actor=request.user, case=answer.case, comment_ids=newly_shown)
    return render(request, "escalation/_live.html", {"answer": answer, "case": answer.case})


@needs(Power.ESCALATE)
@require_http_methods(["GET", "HEAD", "POST"])
def open_case(request: HttpRequest) -> HttpResponse:
    """Open a case without a comment."""
    form = forms.OpenCase(
        request.POST or None,
        accounts=queries.accounts_to_escalate(request.user),
        pathways=queries.pathways(),
        initial={"official_account": request.GET.get("account", "")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            opened = actions.open_case(actor=request.user, **form.cleaned_data)
        except NotValid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            if request.user.has_perm(f"accounts.{Power.SEE_CASES}", opened.official_account):
                return redirect("escalation:case", pk=opened.pk)
            return render(request, "escalation/opened.html", {"case": opened})
    return render(request, "escalation/open.html", {"form": form}, status=422 if form.is_bound else 200)


@needs(Power.SEE_COMMENTS)
@require_safe
def for_comment(request: HttpRequest, pk: int) -> HttpResponse:
    """The case of a comment, or how far its opening is."""
    comment = queries.comment_for_case(request.user, pk)
    found = queries.case_of(comment)
    if found is not None:
        try:
            return redirect("escalation:case", pk=queries.case(request.user, found.pk).pk)
        except NotFound:
            return render(request, "escalation/for_comment.html", {"comment": comment, "case": found})
    return render(request, "escalation/for_comment.html", {"comment": comment})


@needs(Power.SEE_COMMENTS)
@require_GET
def brief(request: HttpRequest, pk: int) -> HttpResponse:
    """In one line who has the case of this comment, for the desk; 204 where the browser has it already."""
    comment = queries.comment_for_case(request.user, pk)
    found = queries.case_of(comment)
    shown = found and queries.cases(request.user).filter(pk=found.pk).first()
    version = queries.list_version([shown], []) if shown else f"none-{bool(found)}"
    had = request.GET.get("v", "")
    if had == version:
        return HttpResponse(status=204)
    if shown and not had:
        actions.view_list(actor=request.user, cases=[shown])
    return render(
        request,
        "escalation/_brief.html",
        {
            "comment_pk": pk,
            "case": shown,
            "opened": found is not None,
            "next_call": queries.next_call(shown) if shown else "",
            "asked": queries_intelligence.asked_of_comment(comment) if shown else None,
            "source_unit": shown and shown.state != Case.State.CLOSED and queries_referrals.source_unit(),
            "version": version,
        },
    )


@needs(Power.ACKNOWLEDGE_CASES)
@require_POST
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """I have it."""
    actions.acknowledge(actor=request.user, case=queries.case(request.user, pk))
    return redirect("escalation:case", pk=pk)


@needs(Power.ACKNOWLEDGE_CASES)
@require_POST
def cannot_take(request: HttpRequest, pk: int) -> HttpResponse:
    """I cannot take it: call the next level now."""
    found = queries.case(request.user, pk)
    form = forms.CannotTake(request.POST)
    if form.is_valid():
        actions.cannot_take(actor=request.user, case=found, why=form.cleaned_data["why"])
    return redirect("escalation:case", pk=pk)


@needs(Power.SEE_CASES)
@require_POST
def add_log_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """A line of the log."""
    return change(request, pk, "log_form", forms.AddLogEntry, actions.add_log_entry)


@needs(Power.ACKNOWLEDGE_CASES)
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """The end of a case, with what its pathway asks to be recorded."""
    missing = queries_recorded.not_recorded(queries.case(request.user, pk))

    def make(*given, **more):
        return forms.CloseCase(*given, missing=missing, **more)

    def act(*, actor, case, outcome, **items):
        recorded = {item: items.get(f"item{number}", "") for number, item in enumerate(missing)}
        return actions.close(actor=actor, case=case, outcome=outcome, recorded=recorded)

    return change(request, pk, "close_form", make, act)


@needs(Power.ESCALATE)
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """A closed case is needed again."""
    return change(request, pk, "reopen_form", forms.ReopenCase, actions.reopen)


@needs(Power.ESCALATE)
@require_POST
def add_comment(request: HttpRequest, pk: int) -> HttpResponse:
    """A further comment as evidence."""

    def add(*, actor, case, comment, why):
        try:
            found = queries.comment_for_case(actor, comment)
        except NotFound as refusal:
            raise NotValid(refusal.sentence, field="comment") from None
        return actions.add_comment(actor=actor, case=case, comment=found, why=why)

    return change(request, pk, "comment_form", forms.AddComment, add)


def change(request: HttpRequest, pk: int, name: str, form_class: Callable[..., Form], act) -> HttpResponse:
    """Parse, act, and go back to the case; what was typed stays beside its error."""
    found = queries.case(request.user, pk)
    form = form_class(request.POST, auto_id="id_%s" if name in PLAIN_IDS else f"{name}_%s")
    if form.is_valid():
        try:
            act(actor=request.user, case=found, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("escalation:case", pk=pk)
    return page(request, pk, status=422, **{name: form})


def page(request: HttpRequest, pk: int, *, status: int = 200, **given: Form) -> HttpResponse:
    answer = queries.answer(request.user, pk)
    actions.open_page(actor=request.user, case=answer.case, comment_ids=answer.comment_ids())
    case = answer.case
    items = queries_recorded.items(case)
    missing = [item.name for item in items if not item.says]
    offer = queries_referrals.reply_offer(request.user, case)
    filled = {
        "log_form": forms.AddLogEntry(),
        "comment_form": forms.AddComment(),
        "close_form": forms.CloseCase(missing=missing),
        "reopen_form": forms.ReopenCase(),
        "telephone_form": forms.TakenByTelephone(auto_id="telephone_form_%s", people=queries_oncall.takers()),
        "record_form": forms.RecordItem(auto_id="record_form_%s", items=missing),
        "decide_form": forms.Decide(auto_id="decide_form_%s"),
        "place_form": forms.SetPlace(auto_id="place_form_%s", initial={"place": case.place}),
        "person_form": forms.NotePerson(auto_id="person_form_%s"),
        "clock_form": forms.ChangeClock(auto_id="clock_form_%s"),
        "together_form": forms.Together(auto_id="together_form_%s"),
        "split_form": forms.Split(
            auto_id="split_form_%s", evidence=queries.split_choices(case), pathways=queries.pathways()
        ),
        "review_form": forms.ReviewLowered(auto_id="review_form_%s"),
        "sheet_form": forms_packs.TakeSheet(auto_id="sheet_form_%s"),
        "exhibits_form": forms_packs.TakeExhibits(
            auto_id="exhibits_form_%s", initial={"mark": forms_packs.initials(request.user.name)}
        ),
        "post_form": forms_packs.KeepPost(
            auto_id="post_form_%s", posts=queries_own_posts.choices(request.user, case)
        ),
        "offer": offer,
        "offer_form": forms_packs.OfferReply(auto_id="offer_form_%s", offer=offer) if offer else None,
        "asked": queries_intelligence.asked_in_case(case),
        "may_refer_source": answer.may_add and queries_referrals.source_unit(),
        "own_posts": queries_own_posts.of_case(case),
        "tips": queries_appeals.tips_of(case),
        "about_appeals": queries_appeals.about(case),
        "about_requests": queries_requests.about(case),
        "items": items,
        "missing": missing,
        "referrals": queries_referrals.of_case(request.user, case),
        "kinds": queries_referrals.kinds(),
        "assessments": queries_risk.assessments(case),
        "desk_assessments": queries_risk.desk_assessments(case),
        "people": queries_risk.people(case),
        "links": queries_risk.links(request.user, case),
        "related": queries_risk.related(request.user, case),
        **given,
    }
    return render(request, "escalation/case.html", {"answer": answer, "case": case, **filled}, status=status)
