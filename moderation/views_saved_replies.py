"""Saved replies: the list, one of them, a new one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import NotFound, Refused
from core.gate import needs
from core.refusals import show_refusal
from moderation import forms_deciding, saved_replies
from moderation.actions import saved_replies as actions
from moderation.categories import Category
from moderation.models import SavedReply
from staff.roles import Power


@needs(Power.REPLY)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """One's own, one's teams' and the force's; withdrawn ones at the end."""
    rows = list(saved_replies.seen_by(request.user))
    groups = [
        (label, [row for row in rows if row.level == level and row.withdrawn_at is None])
        for level, label in SavedReply.Level.choices
    ]
    withdrawn = [row for row in rows if row.withdrawn_at is not None]
    return render(
        request,
        "moderation/saved_replies.html",
        {"groups": groups, "withdrawn": withdrawn, "categories": dict(Category.choices)},
    )


@needs(Power.REPLY)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new one: one's own, a team's, or the force's for those who may."""
    levels = _levels(request)
    form = forms_deciding.Saved(
        request.POST if request.method == "POST" else None,
        viewer=request.user,
        levels=levels,
        initial={"level": SavedReply.Level.PERSONAL},
    )
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            row = actions.add(
                actor=request.user,
                level=given["level"],
                team=given.get("team"),
                title=given["title"],
                text=given["text"],
                categories=given["categories"],
            )
        except Refused as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, f"“{row.title}” is saved.")
            return redirect("moderation:saved_replies")
    return render(
        request, "moderation/saved_reply_new.html", {"form": form}, status=422 if form.is_bound else 200
    )


@needs(Power.REPLY)
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """How it reads, how it read before, and changing it for those who may."""
    row = saved_replies.one(request.user, pk)
    form = forms_deciding.Saved(
        request.POST if request.method == "POST" else None,
        viewer=request.user,
        levels=[],
        fixed=True,
        initial={"title": row.title, "text": row.text, "categories": row.categories},
    )
    version = forms_deciding.Version(request.POST)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        seen = version.cleaned_data["version"] if version.is_valid() else 0
        try:
            actions.change(
                actor=request.user,
                reply=row,
                version=seen,
                title=given["title"],
                text=given["text"],
                categories=given["categories"],
            )
        except NotFound:
            raise
        except Refused as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(
                request, "The saved reply is changed. Drafts that it stands in stay as they are."
            )
            return redirect("moderation:saved_reply", pk=pk)
    return render(
        request,
        "moderation/saved_reply.html",
        {
            "row": saved_replies.one(request.user, pk),
            "form": form,
            "history": saved_replies.history(row),
            "may_change": saved_replies.may_change(request.user, row),
            "categories": [label for value, label in Category.choices if value in row.categories],
        },
        status=422 if form.is_bound else 200,
    )


@needs(Power.REPLY)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody is offered it any more, or it is offered again."""
    row = saved_replies.one(request.user, pk)
    if request.POST.get("do") == "put_back":
        actions.put_back(actor=request.user, reply=row)
        messages.success(request, f"“{row.title}” is offered again.")
    else:
        actions.withdraw(actor=request.user, reply=row)
        messages.success(request, f"“{row.title}” is withdrawn. It can be put back.")
    return redirect("moderation:saved_reply", pk=pk)


def _levels(request: HttpRequest) -> list[str]:
    levels: list[str] = [SavedReply.Level.PERSONAL]
    if saved_replies.teams_of(request.user):
        levels.append(SavedReply.Level.TEAM)
    if request.user.has_perm(f"accounts.{Power.SET_REPLIES}"):
        levels.append(SavedReply.Level.FORCE)
    return levels
