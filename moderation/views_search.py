"""Searching the comments: words, exact phrases, a person's handle, and when, where and what about."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core.gate import needs
from moderation import forms_queue, queries_search
from moderation.actions import searching
from platforms import registry
from staff.roles import Power


@needs(Power.SEE_COMMENTS)
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The newest comments that match, a page at a time; an answer that ended early says so."""
    form = forms_queue.Search(request.GET or None, viewer=request.user)
    context: dict[str, Any] = {"form": form}
    if not form.is_bound:
        return render(request, "moderation/search.html", context)
    if not form.is_valid():
        return render(request, "moderation/search.html", context, status=422)
    given = form.cleaned_data
    words, phrases, handle = queries_search.read(given["q"])
    if handle:
        return _people(request, handle, context)
    since, until = queries_search.days(given["since"], given["until"])
    wanted = queries_search.Wanted(
        words=words,
        phrases=phrases,
        since=since,
        until=until,
        account=given["account"],
        category=given["category"],
        state=given["state"],
    )
    context["wanted"] = wanted
    if wanted.anything:
        answer = queries_search.search(request.user, wanted, onwards=request.GET.get("before", ""))
        searching.record_search(
            actor=request.user,
            wanted=wanted,
            ids=[comment.pk for comment in answer.found],
            capped=answer.looked_back_to is not None,
        )
        asked = {name: value for name, value in request.GET.items() if name != "before" and value}
        context |= {
            "answer": answer,
            "rows": [(comment, queries_search.excerpt(comment.text, wanted)) for comment in answer.found],
            "onwards": urlencode({**asked, "before": answer.onwards}) if answer.onwards else "",
            "from_the_newest": urlencode(asked) if request.GET.get("before") else "",
        }
    return render(request, "moderation/search.html", context)


def _people(request: HttpRequest, handle: str, context: dict[str, Any]) -> HttpResponse:
    """Somebody is looked for by their handle: what they wrote stands behind the surveillance guard."""
    found = queries_search.commenters(request.user, handle)
    searching.record_handle_search(actor=request.user, handle=handle, found=found)
    if len(found) == 1:
        return redirect(reverse("moderation:history", args=[found[0].pk]) + "?via=search")
    context["people"] = [(one, registry.NAMES.get(one.platform, one.platform)) for one in found]
    context["handle"] = handle
    return render(request, "moderation/search.html", context)
