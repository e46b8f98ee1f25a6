"""The community guidelines: what the public reads, version by version, and how staff write the next one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from csp.decorators import csp_replace
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import condition, require_http_methods, require_POST, require_safe

from accounts.queries import may
from core.errors import Refused
from core.gate import needs, open_to_all
from core.refusals import show_refusal
from moderation import forms, guidelines
from moderation.actions import guidelines as actions
from moderation.models import Guidelines
from staff.roles import Power

LANGUAGES = {"en": "en-gb", "cy": "cy"}

# The public


def language_of(request: HttpRequest) -> str:
    """English or Welsh: as asked for, else as the browser prefers."""
    asked = request.GET.get("lang", "")
    if asked in LANGUAGES:
        return asked
    return "cy" if (translation.get_language() or "").startswith("cy") else "en"


@open_to_all
@require_safe
def in_force(request: HttpRequest) -> HttpResponse:
    """Why comments are hidden, in English and in Welsh, for anybody."""
    return _public(request, guidelines.in_force(), "moderation/guidelines.html")


@open_to_all
@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    """A version that is in force or was: what somebody whose comment was hidden then could read."""
    return _public(request, guidelines.public(number), "moderation/guidelines.html")


def _etag(request: HttpRequest) -> str:
    present = guidelines.in_force()
    return f'"{present.number}-{language_of(request)}"'


@open_to_all
@require_safe
@cache_control(public=True, max_age=60)
@condition(lambda request: _etag(request))
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
def embedded(request: HttpRequest) -> HttpResponse:
    """The clauses alone, for a frame on the force's own website."""
    response = _public(request, guidelines.in_force(), "moderation/public/guidelines_embedded.html")
    response["Access-Control-Allow-Origin"] = "*"
    return response


@open_to_all
@require_safe
@cache_control(public=True, max_age=60)
@condition(lambda request: _etag(request))
def as_data(request: HttpRequest) -> HttpResponse:
    """The same as JSON."""
    present = guidelines.in_force()
    response = JsonResponse(
        {
            "version": present.number,
            "in_force_from": present.in_force_from,
            "url": request.build_absolute_uri(guidelines.address(present)),
            "clauses": [
                {
                    "number": clause.position,
                    "slug": clause.slug,
                    "title": clause.title,
                    "text": clause.text,
                    "title_cy": clause.title_cy,
                    "text_cy": clause.text_cy,
                }
                for clause in guidelines.clauses_of(present)
            ],
        }
    )
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _public(request: HttpRequest, shown: Guidelines, template: str) -> HttpResponse:
    language = language_of(request)
    with translation.override(LANGUAGES[language]):
        response = render(
            request,
            template,
            {
                "version": shown,
                "past": shown.state == Guidelines.State.PAST,
                "clauses": guidelines.clauses_of(shown),
                "versions": guidelines.published(),
                "welsh": language == "cy",
                "language": language,
            },
        )
    response["Content-Language"] = language
    return response


# Staff


@needs(Power.WRITE_GUIDELINES)
@require_safe
def versions(request: HttpRequest) -> HttpResponse:
    """Every version: what is in force, what is being written, what was."""
    return render(
        request,
        "moderation/guidelines_versions.html",
        {"versions": guidelines.versions(request.user), "to_come": guidelines.to_come()},
    )


@needs(Power.WRITE_GUIDELINES)
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """A draft with the words of the version in force."""
    draft = actions.begin(actor=request.user)
    return redirect("moderation:guidelines_draft", number=draft.number)


@needs(Power.WRITE_GUIDELINES)
@require_safe
def draft(request: HttpRequest, number: int) -> HttpResponse:
    """One version whole: its clauses, what it changes, who did what, and what may be done next."""
    return _page(request, guidelines.version(request.user, number))


def _page(request: HttpRequest, row: Guidelines, status: int = 200, **forms_given: Any) -> HttpResponse:
    wrote = request.user.pk in guidelines.writer_ids(row)
    return render(
        request,
        "moderation/guidelines_draft.html",
        {
            "version": row,
            "seen": guidelines.changed_at(row).isoformat(),
            "clauses": guidelines.clauses_of(row),
            "left_out": row.clauses.filter(left_out=True),
            "differences": guidelines.differences(row) if row.state in ("draft", "approved") else [],
            "history": guidelines.history(row),
            "may_approve": may(request.user, Power.APPROVE_GUIDELINES),
            "wrote": wrote,
            "describe_form": forms.DescribeGuidelines(initial={"changes": row.changes}),
            "approve_form": forms.ApproveGuidelines(),
            **forms_given,
        },
        status=status,
    )


@needs(Power.WRITE_GUIDELINES)
@require_http_methods(["GET", "HEAD", "POST"])
def clause(request: HttpRequest, number: int, pk: int | None = None) -> HttpResponse:
    """The words of one clause of a draft, or of a new one."""
    row = guidelines.version(request.user, number)
    present = guidelines.clause(request.user, number, pk) if pk is not None else None
    names = ("title", "text", "title_cy", "text_cy", "sensitive", "position")
    initial = {name: getattr(present, name) for name in names} if present else {}
    form = forms.WriteClause(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            actions.write_clause(
                actor=request.user,
                version=row,
                clause=present,
                seen=_seen(request),
                **{name: form.cleaned_data[name] for name in names},
            )
        except Refused as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "The clause is kept.")
            return redirect("moderation:guidelines_draft", number=number)
    return render(
        request,
        "moderation/guidelines_clause.html",
        {
            "version": row,
            "clause": present,
            "form": form,
            "seen": request.POST.get("seen") or guidelines.changed_at(row).isoformat(),
        },
        status=422 if form.errors else 200,
    )


@needs(Power.WRITE_GUIDELINES)
@require_POST
def leave_out(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """The clause stands in the draft no more."""
    return _on_clause(request, number, pk, actions.leave_out, "It is left out. You can put it back below.")


@needs(Power.WRITE_GUIDELINES)
@require_POST
def put_back(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """The clause stands in the draft again."""
    return _on_clause(request, number, pk, actions.put_back, "It stands in the draft again, last.")


def _on_clause(
    request: HttpRequest, number: int, pk: int, act: Callable[..., object], done: str
) -> HttpResponse:
    act(actor=request.user, clause=guidelines.clause(request.user, number, pk), seen=_seen(request))
    messages.success(request, done)
    return redirect("moderation:guidelines_draft", number=number)


@needs(Power.WRITE_GUIDELINES)
@require_POST
def describe(request: HttpRequest, number: int) -> HttpResponse:
    """What is different, as the public reads it."""
    row = guidelines.version(request.user, number)
    form = forms.DescribeGuidelines(request.POST)
    if form.is_valid():
        actions.describe(actor=request.user, version=row, changes=form.cleaned_data["changes"])
        messages.success(request, "Kept.")
        return redirect("moderation:guidelines_draft", number=number)
    return _page(request, row, 422, describe_form=form)


@needs(Power.APPROVE_GUIDELINES)
@require_POST
def approve(request: HttpRequest, number: int) -> HttpResponse:
    """It comes into force, at once or on its date."""
    row = guidelines.version(request.user, number)
    form = forms.ApproveGuidelines(request.POST)
    if form.is_valid():
        try:
            done = actions.approve(
                actor=request.user,
                version=row,
                seen=_seen(request) or row.drafted_at,
                in_force_from=form.cleaned_data["in_force_from"],
            )
        except Refused as refusal:
            show_refusal(form, refusal)
        else:
            at_once = done.state == Guidelines.State.IN_FORCE
            messages.success(
                request,
                "It is in force. The public reads it now."
                if at_once
                else "Approved. It comes into force by itself on its date.",
            )
            return redirect("moderation:guidelines_draft", number=number)
    return _page(request, row, 422, approve_form=form)


@needs(Power.WRITE_GUIDELINES)
@require_POST
def take_back(request: HttpRequest, number: int) -> HttpResponse:
    """An approved version is a draft again."""
    actions.take_back(actor=request.user, version=guidelines.version(request.user, number))
    messages.success(request, "It is a draft again, and has to be approved anew.")
    return redirect("moderation:guidelines_draft", number=number)


@needs(Power.WRITE_GUIDELINES)
@require_POST
def give_up(request: HttpRequest, number: int) -> HttpResponse:
    """A draft comes to nothing."""
    actions.give_up(actor=request.user, version=guidelines.version(request.user, number))
    messages.success(request, "The draft was given up. What is in force stays.")
    return redirect("moderation:guidelines_versions")


def _seen(request: HttpRequest) -> datetime | None:
    return parse_datetime(request.POST.get("seen", "")[:40].replace(" ", "+"))
