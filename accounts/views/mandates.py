"""Official accounts that are wanted: asked for, judged, opened, reviewed and closed; and what is recorded of them."""

from __future__ import annotations

import csv
from collections.abc import Callable

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import governance, naming, queries
from accounts.actions import mandates as actions
from accounts.actions import particulars as keeping
from accounts.forms_mandates import (
    AdministratorForm,
    NamingRuleForm,
    ParticularsForm,
    RequestForm,
    ReviewForm,
    WordsForm,
)
from accounts.models import Mandate
from core import clock
from core.errors import NotFound, Refused
from core.gate import needs
from core.refusals import show_refusal, show_refusal_on_page
from core.typed import whole
from platforms import registry
from staff.roles import Power

SAID = {
    "request": "asked for it",
    "enter": "entered it: it existed already",
    "assess_comms": "assessed it for communications",
    "assess_infosec": "assessed it for information security",
    "approve": "approved it",
    "refuse": "refused it",
    "withdraw": "took the request back",
    "tick": "ticked",
    "untick": "took back the tick of",
    "finish": "finished the checklist of opening",
    "send_back": "sent the checklist back",
    "open": "opened it",
    "review": "reviewed it",
    "suspend": "suspended it",
    "resume": "took it up again",
    "end": "asked that it be closed",
    "call_off": "called the closure off",
    "close": "closed it for good",
    "change": "changed what is recorded of it:",
}
"""What a step of the history reads as, after who did it."""

DONE = {
    "assess_comms": "Your assessment for communications is recorded.",
    "assess_infosec": "Your assessment for information security is recorded.",
    "approve": "It is approved. The register’s keepers open it by the checklist.",
    "refuse": "It is refused. Whoever asked is told why.",
    "withdraw": "The request is taken back.",
    "finish": "The checklist is done. A second person opens it.",
    "send_back": "It is sent back.",
    "open": "It is open, and stands in the register.",
    "review": "The review is recorded.",
    "suspend": "It is suspended: nothing is read from it and nothing leaves it.",
    "resume": "It is taken up again.",
    "end": "The checklist of closing begins. A second person closes it at its end.",
    "call_off": "It is not closed. It is suspended until somebody takes it up again.",
    "close": "It is closed for good.",
}


@needs(Power.SEE_REGISTER)
@require_safe
def mandates(request: HttpRequest) -> HttpResponse:
    """What is wanted, what is being closed, and what was answered of late."""
    found = governance.requests(request.user)
    waiting = {row.pk: step for row, step in governance.waiting_for(request.user)}
    return render(
        request,
        "accounts/mandates.html",
        {
            "rows": [
                (row, registry.NAMES.get(row.platform, row.platform), waiting.get(row.pk, ""))
                for row in found
            ],
            "answered": [
                (row, registry.NAMES.get(row.platform, row.platform))
                for row in governance.answered(request.user)
            ],
        },
    )


@needs(Power.SEE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def request_account(request: HttpRequest) -> HttpResponse:
    """Somebody asks for an official account."""
    form = RequestForm(request.POST if request.method == "POST" else None, initial={"owner": request.user.pk})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                mandate = actions.request(actor=request.user, **form.cleaned_data)
            except Refused as refusal:
                show_refusal(form, refusal)
                status = refusal.status
            else:
                messages.success(
                    request, "It is asked for. Communications and information security assess it next."
                )
                return redirect("accounts:mandate", pk=mandate.pk)
    return render(request, "accounts/request_account.html", {"form": form}, status=status)


@needs(Power.SEE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def mandate(request: HttpRequest, pk: int) -> HttpResponse:
    """Where one stands, what was said, what comes next; each step is taken here."""
    row = governance.mandate(request.user, pk)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    form: BaseForm = (ReviewForm if do == "review" else WordsForm)(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                said = _take(request, row, do, form)
                messages.success(request, said)
                return redirect(
                    reverse("accounts:mandate", args=[pk]) + ("#checklist" if do == "tick" else "")
                )
        except NotFound:
            raise
        except Refused as refusal:
            status = refusal.status
            show_refusal(form, refusal)
    return _page(request, governance.mandate(request.user, pk), do=do, form=form, status=status)


def _take(request: HttpRequest, row: Mandate, do: str, form: BaseForm) -> str:
    given = form.cleaned_data  # type: ignore[attr-defined]
    if do == "tick":
        done = request.POST.get("done") == "yes"
        actions.tick(
            actor=request.user,
            mandate=row,
            point=request.POST.get("point", ""),
            done=done,
            words=given["words"],
        )
        return "Ticked, with your name." if done else "The tick is taken back."
    if do in ("assess_comms", "assess_infosec"):
        side = do.removeprefix("assess_")
        actions.assess(actor=request.user, mandate=row, side=side, words=given["words"])
    elif do == "finish":
        actions.finish(actor=request.user, mandate=row)
    elif do == "open":
        actions.open_account(actor=request.user, mandate=row)
    elif do in STEPS:
        STEPS[do](actor=request.user, mandate=row, **given)
    else:
        raise NotFound("There is no such step. Reload the page.")
    return DONE[do]


STEPS: dict[str, Callable[..., Mandate]] = {
    "approve": actions.approve,
    "refuse": actions.refuse,
    "withdraw": actions.withdraw,
    "send_back": actions.send_back,
    "review": actions.review,
    "suspend": actions.suspend,
    "resume": actions.resume,
    "end": actions.end,
    "call_off": actions.call_off,
    "close": actions.close,
}


def _page(request: HttpRequest, row: Mandate, *, do: str, form: BaseForm, status: int) -> HttpResponse:
    can = governance.can(request.user, row)
    labels = governance.OPENING | dict([governance.OFFICER_POINT]) | governance.CLOSING
    checklist = governance.checklist(row)
    return render(
        request,
        "accounts/mandate.html",
        {
            "mandate": row,
            "account": row.official_account,
            "platform_name": registry.NAMES.get(row.platform, row.platform),
            "next": governance.NEXT.get(Mandate.State(row.state), ""),
            "can": can,
            "barred": [
                why
                for event in ("assess_comms", "assess_infosec", "approve", "open", "close")
                if governance.COURSE.allows(row.state, "assess" if event.startswith("assess") else event)
                and governance.holds_for(request.user, row, event)
                and (why := governance.barred(request.user, row, event))
            ],
            "checklist": checklist,
            "all_ticked": bool(checklist) and all(point.done for point in checklist),
            "naming": naming.broken(naming.rules(), naming.Face.of(row.official_account, row)),
            "steps": [
                (step, SAID.get(step.event, step.event), labels.get(step.point, ""))
                for step in governance.history(row)
            ],
            "do": do,
            "form": form,
            "review_form": form if do == "review" else ReviewForm(),
            "may_keep": governance.holds_for(request.user, row, "tick"),
        },
        status=status,
    )


@needs(Power.MANAGE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def particulars(request: HttpRequest, pk: int) -> HttpResponse:
    """What is recorded of an official account, or of one that is being opened."""
    row = governance.mandate(request.user, pk)
    form = ParticularsForm(request.POST) if request.method == "POST" else ParticularsForm.of(row)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                keeping.change_particulars(actor=request.user, mandate=row, **form.cleaned_data)
            except Refused as refusal:
                show_refusal(form, refusal)
                status = refusal.status
            else:
                messages.success(request, "Recorded.")
                return redirect("accounts:mandate", pk=pk)
    return render(
        request,
        "accounts/particulars.html",
        {"mandate": row, "form": form, "groups": form.groups()},
        status=status,
    )


@needs(Power.MANAGE_REGISTER)
@require_POST
def begin_particulars(request: HttpRequest, pk: int) -> HttpResponse:
    """An official account from before there were particulars gets a page for them."""
    account = queries.official_account(request.user, pk)
    row = keeping.begin_particulars(actor=request.user, official_account=account)
    return redirect("accounts:particulars", pk=row.pk)


@needs(Power.SEE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def administrators(request: HttpRequest, pk: int) -> HttpResponse:
    """Who holds which role over it on the platform itself, as somebody read it there."""
    account = queries.official_account(request.user, pk)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    form = AdministratorForm(request.POST if do == "add" else None)
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if do == "check":
                keeping.check_administrators(actor=request.user, official_account=account)
                return _said(request, pk, "Noted: it is there as the list says.")
            if do == "remove":
                number = whole(request.POST.get("administrator", "")) or 0
                row = queries.native_administrator(request.user, account, number)
                keeping.remove_administrator(actor=request.user, administrator=row)
                return _said(request, pk, f"{row.name} is off the list.")
            if form.is_valid():
                keeping.note_administrator(actor=request.user, official_account=account, **form.cleaned_data)
                return _said(request, pk, "Added.")
        except NotFound:
            raise
        except Refused as refusal:
            status = refusal.status
            show_refusal_on_page(request, refusal, form)
    return render(
        request,
        "accounts/administrators.html",
        {
            "account": account,
            "platform_name": registry.NAMES.get(account.platform, account.platform),
            "rows": queries.native_administrators(request.user, account),
            "form": form,
            "may_manage": queries.may(request.user, Power.MANAGE_REGISTER, account.pk),
        },
        status=status,
    )


def _said(request: HttpRequest, pk: int, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("accounts:administrators", pk=pk)


@needs(Power.SEE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def naming_rules(request: HttpRequest) -> HttpResponse:
    """The rules of names and profiles; who keeps the register or speaks for communications changes them."""
    do = request.POST.get("do", "") if request.method == "POST" else ""
    form = NamingRuleForm(request.POST if do == "add" else None)
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if do == "end":
                rule = naming.rule(whole(request.POST.get("rule", "")) or 0)
                keeping.end_rule(actor=request.user, rule=rule)
                messages.success(request, "The rule holds no longer.")
                return redirect("accounts:naming_rules")
            if form.is_valid():
                keeping.add_rule(actor=request.user, **form.cleaned_data)
                messages.success(request, "The rule holds from now on.")
                return redirect("accounts:naming_rules")
        except NotFound:
            raise
        except Refused as refusal:
            status = refusal.status
            show_refusal_on_page(request, refusal, form)
    return render(
        request,
        "accounts/naming_rules.html",
        {
            "rules": [
                (rule, ", ".join(registry.NAMES.get(slug, slug) for slug in rule.platforms))
                for rule in naming.rules()
            ],
            "form": form,
            "may_set": keeping.may_set_rules(request.user),
        },
        status=status,
    )


@needs(Power.SEE_REGISTER)
@require_safe
def faults(request: HttpRequest) -> HttpResponse:
    """What is lacking of each official account, and which rules it breaks; `?as=csv` for a table."""
    found = governance.faults(request.user)
    if request.GET.get("as") == "csv":
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = (
            f'attachment; filename="official-accounts-faults-{clock.today():%Y-%m-%d}.csv"'
        )
        table = csv.writer(response)
        table.writerow(["official account", "platform", "handle", "what", "fault"])
        for one in found:
            for what, sentences in (("name and profile", one.naming), ("record", one.others)):
                for sentence in sentences:
                    table.writerow(
                        [
                            one.account.name,
                            registry.NAMES.get(one.account.platform, one.account.platform),
                            one.account.handle,
                            what,
                            sentence,
                        ]
                    )
        return response
    return render(
        request,
        "accounts/faults.html",
        {
            "rows": [
                (one, registry.NAMES.get(one.account.platform, one.account.platform))
                for one in found
                if one.count
            ],
            "clean": sum(not one.count for one in found),
            "total": len(found),
            "breaking": sum(bool(one.naming) for one in found),
        },
    )
