"""Rotas and posts: who is on call, where nobody is, and covering tonight."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import NotValid
from core.gate import needs
from escalation import forms, queries_oncall
from escalation.actions import rotas as actions
from escalation.models import Rota
from staff.roles import Power

MAY_EDIT = f"accounts.{Power.SET_PATHWAYS}"


@needs(Power.SEE_CASES, Power.SET_PATHWAYS)
@require_safe
def rotas(request: HttpRequest) -> HttpResponse:
    """Every rota with who is on call now and its gaps, and every post."""
    return _rotas(request)


@needs(Power.SET_PATHWAYS)
@require_POST
def add_rota(request: HttpRequest) -> HttpResponse:
    """A rota with nobody on it yet."""
    form = forms.AddRota(request.POST)
    if form.is_valid():
        try:
            made = actions.add_rota(actor=request.user, **form.cleaned_data)
        except NotValid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            return redirect("escalation:rota", pk=made.pk)
    return _rotas(request, status=422, rota_form=form)


def _rotas(request: HttpRequest, *, status: int = 200, **given: object) -> HttpResponse:
    return render(
        request,
        "escalation/rotas.html",
        {
            "lines": [
                {"rota": rota, "now": queries_oncall.on_call(rota), "gaps": queries_oncall.gaps(rota)}
                for rota in queries_oncall.rotas()
            ],
            "posts": queries_oncall.posts(),
            "may_edit": request.user.has_perm(MAY_EDIT),
            "rota_form": forms.AddRota(),
            **given,
        },
        status=status,
    )


@needs(Power.SEE_CASES, Power.SET_PATHWAYS)
@require_safe
def rota(request: HttpRequest, pk: int) -> HttpResponse:
    """One rota: who is on call, what comes, where nobody is."""
    return _rota(request, queries_oncall.rota(pk))


@needs(Power.SET_PATHWAYS)
@require_POST
def read_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A file is read; what it comes to is shown before anything changes."""
    found = queries_oncall.rota(pk)
    form = forms.RotaFile(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept = actions.read_file(actor=request.user, rota=found, file_name=file.name, content=file.read())
        except NotValid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            return redirect("escalation:rota_file", pk=pk, number=kept.pk)
    return _rota(request, found, status=422, file_form=form)


@needs(Power.SET_PATHWAYS)
@require_http_methods(["GET", "HEAD", "POST"])
def rota_file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What the file comes to, row by row; and doing it."""
    found = queries_oncall.rota(pk)
    kept = queries_oncall.rota_import(found, number)
    refused = ""
    if request.method == "POST":
        try:
            count = actions.apply_file(actor=request.user, kept=kept)
        except NotValid as refusal:
            refused = refusal.sentence
        else:
            messages.success(request, f"{count} shifts are new on {found.name}.")
            return redirect("escalation:rota", pk=pk)
    return render(
        request,
        "escalation/rota_file.html",
        {
            "rota": found,
            "kept": kept,
            "rows": queries_oncall.shown(kept),
            "problems": sum(bool(row["problem"]) for row in kept.rows),
            "refused": refused,
        },
        status=422 if refused else 200,
    )


@needs(Power.SET_PATHWAYS, Power.ACKNOWLEDGE_CASES)
@require_POST
def cover(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody covers from now on; without a name, whoever asks covers tonight."""
    found = queries_oncall.rota(pk)
    if "person" not in request.POST:
        made = actions.cover(actor=request.user, rota=found, person=request.user)
        messages.success(request, f"You cover {found.name} {queries_oncall.until_words(made)}.")
        return redirect("escalation:rota", pk=pk)
    form = forms.Cover(request.POST, people=queries_oncall.takers())
    if form.is_valid():
        try:
            made = actions.cover(actor=request.user, rota=found, **form.cleaned_data)
        except NotValid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            messages.success(
                request, f"{made.person.called} covers {found.name} {queries_oncall.until_words(made)}."
            )
            return redirect("escalation:rota", pk=pk)
    return _rota(request, found, status=422, cover_form=form)


@needs(Power.SET_PATHWAYS, Power.ACKNOWLEDGE_CASES)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """A shift or a cover counts no longer."""
    shift = actions.withdraw_shift(actor=request.user, shift=queries_oncall.shift(pk))
    messages.success(request, f"{shift.person.called} is off {shift.rota.name}.")
    return redirect("escalation:rota", pk=shift.rota_id)


def _rota(request: HttpRequest, found: Rota, *, status: int = 200, **given: object) -> HttpResponse:
    takers = queries_oncall.takers()
    return render(
        request,
        "escalation/rota.html",
        {
            "rota": found,
            "now": queries_oncall.on_call(found),
            "shifts": queries_oncall.coming(found),
            "gaps": queries_oncall.gaps(found),
            "levels": queries_oncall.levels_of(found),
            "may_edit": request.user.has_perm(MAY_EDIT),
            "may_cover": any(person.pk == request.user.pk for person in takers),
            "file_form": forms.RotaFile(),
            "cover_form": forms.Cover(people=takers),
            **given,
        },
        status=status,
    )


@needs(Power.SET_PATHWAYS)
@require_http_methods(["GET", "HEAD", "POST"])
def add_post(request: HttpRequest) -> HttpResponse:
    """A post that somebody always holds."""
    return _post(request, None)


@needs(Power.SET_PATHWAYS)
@require_http_methods(["GET", "HEAD", "POST"])
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """A post and how it is reached."""
    return _post(request, queries_oncall.post(pk))


def _post(request: HttpRequest, found) -> HttpResponse:
    fields = ("name", "phone", "mobile", "email", "active")
    initial = {field: getattr(found, field) for field in fields} if found else None
    form = forms.SavePost(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.save_post(actor=request.user, post=found, **form.cleaned_data)
        except NotValid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            messages.success(request, f"{made.name} is saved.")
            return redirect("escalation:rotas")
    return render(
        request,
        "escalation/post.html",
        {"post": found, "form": form},
        status=422 if form.is_bound else 200,
    )
