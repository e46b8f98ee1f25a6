"""What the public reads: why a comment was hidden, a second look, the yearly figures. No session is known here."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core import clock
from core.actors import Stranger
from core.errors import NotFound, Refused
from core.gate import open_to_all
from moderation import forms, inquiries
from moderation.actions import inquiries as actions
from moderation.models import Inquiry
from staff.throttle import key_for

PUBLIC = Stranger("somebody of the public")


@open_to_all
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def why_hidden(request: HttpRequest) -> HttpResponse:
    """Where somebody asks: the link of the comment in, a code out."""
    form = forms.AskWhy(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        try:
            _, secret = actions.ask(
                actor=PUBLIC,
                link=form.cleaned_data["link"],
                source_key=key_for("why_hidden", "", request.META.get("REMOTE_ADDR", "")),
            )
        except Refused as refusal:
            form.add_error("link", refusal.sentence)
            status = refusal.status
        else:
            return redirect("moderation_public:inquiry", secret=secret)
    if form.errors and status == 200:
        status = 422
    return render(request, "moderation/public/why_hidden.html", {"form": form}, status=status)


@open_to_all
@never_cache
@require_safe
def inquiry(request: HttpRequest, secret: str) -> HttpResponse:
    """The page of one question: the code to send, then the answer, then the second look."""
    return _with(request, secret, lambda asked: _answer_page(request, asked, secret))


@open_to_all
@never_cache
@require_http_methods(["POST"])
def proved(request: HttpRequest, secret: str) -> HttpResponse:
    """The author says that the code is sent: look for it now."""

    def look(asked: Inquiry) -> HttpResponse:
        if not actions.prove(actor=PUBLIC, inquiry=asked):
            return _answer_page(request, asked, secret, looked=True)
        return redirect("moderation_public:inquiry", secret=secret)

    return _with(request, secret, look)


@open_to_all
@never_cache
@require_http_methods(["POST"])
def ask_again(request: HttpRequest, secret: str) -> HttpResponse:
    """The author asks that somebody else looks at it again."""

    def ask(asked: Inquiry) -> HttpResponse:
        form = forms.AskAgain(request.POST)
        if form.is_valid():
            try:
                actions.ask_again(actor=PUBLIC, inquiry=asked, words=form.cleaned_data["words"])
            except Refused as refusal:
                form.add_error("words", refusal.sentence)
            else:
                return redirect("moderation_public:inquiry", secret=secret)
        return _answer_page(request, asked, secret, form=form, status=422)

    return _with(request, secret, ask)


def _with(request: HttpRequest, secret: str, answer: Callable[[Inquiry], HttpResponse]) -> HttpResponse:
    """Answer for the question whose page this is; where it has ended, say so beside the form that asks anew."""
    try:
        asked = inquiries.by_secret(secret)
    except NotFound as refusal:
        return render(
            request,
            "moderation/public/why_hidden.html",
            {"form": forms.AskWhy(), "problem": refusal.sentence},
            status=404,
        )
    return answer(asked)


def _answer_page(
    request: HttpRequest,
    asked: Inquiry,
    secret: str,
    *,
    form: django_forms.Form | None = None,
    looked: bool = False,
    status: int = 200,
) -> HttpResponse:
    shown: dict[str, Any] = {
        "answer": inquiries.answer(asked),
        "secret": secret,
        "form": form or forms.AskAgain(),
        "looked": looked,
        "accounts": [] if asked.proved_at else inquiries.places_to_write(),
    }
    response = render(request, "moderation/public/inquiry.html", shown, status=status)
    # Its address is a secret; the site's policy, same-origin, sends it nowhere else. With no-referrer a
    # browser would name no origin either, and the forms of this page would be refused.
    response["X-Robots-Tag"] = "noindex"
    return response


@open_to_all
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """How often comments were hidden, year by year; `?as=csv` for a table to work with."""
    years = inquiries.years()
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else years[0]
    if year not in years:
        year = years[0]
    found = inquiries.figures(year)
    if request.GET.get("as") == "csv":
        return _csv(found)
    return render(
        request,
        "moderation/public/figures.html",
        {"figures": found, "years": years, "this_year": clock.today().year, "least": inquiries.LEAST_SHOWN},
    )


def _csv(found: inquiries.Figures) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="hidden-comments-{found.year}.csv"'
    table = csv.writer(response)
    table.writerow(["year", "what", "clause or outcome", "platform", "number"])
    for line in found.hidden:
        table.writerow([found.year, "hidden", line.what, line.channel, line.shown])
    for line in found.looked_at_again:
        table.writerow([found.year, "looked at again", line.what, line.channel, line.shown])
    return response
