"""Pages of the archive: what is marked for one, what was offered, and what the archive said."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.downloads import as_file
from core.errors import NotValid
from core.gate import fresh, needs, stays_inside
from core.refusals import show_refusal
from retention import forms, queries
from retention.actions import archive as archive_actions
from retention.models import ArchiveOffer
from retention.views import SEE
from staff.roles import Power


@needs(*SEE)
@require_safe
def offers(request: HttpRequest) -> HttpResponse:
    """Records that reviews marked for the archive, and what was offered."""
    return _offers_page(request, forms.OfferToArchive())


@fresh
@needs(Power.MANAGE_RETENTION)
@require_POST
def make_offer(request: HttpRequest) -> HttpResponse:
    """The chosen records are offered to an archive."""
    form = forms.OfferToArchive(request.POST)
    marked = queries.for_the_archive(request.user)[: archive_actions.MOST]
    form.fields["reviews"].choices = [(one.pk, one.subject_name) for one in marked]
    if form.is_valid():
        try:
            made = archive_actions.offer(actor=request.user, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("retention:archive_offer", pk=made.pk)
    return _offers_page(request, form, status=422)


@needs(*SEE)
@require_safe
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """One offer, its records, its file and its answer."""
    return _offer_page(request, pk)


@fresh
@needs(Power.MANAGE_RETENTION)
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """What the archive said is recorded."""
    found, form = queries.archive_offer(request.user, pk), forms.ArchiveAnswer(request.POST)
    if form.is_valid():
        try:
            archive_actions.answer(actor=request.user, offer=found, **form.given())
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("retention:archive_offer", pk=pk)
    return _offer_page(request, pk, status=422, form=form)


@stays_inside
@fresh
@needs(Power.MANAGE_RETENTION)
@require_POST
def offer_zip(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file for the archive: records, pictures and a manifest with hashes."""
    found = queries.archive_offer(request.user, pk)
    packed = archive_actions.hand_over(actor=request.user, offer=found)
    return as_file(HttpResponse(packed, content_type="application/zip"), f"archive-offer-{found.pk}.zip")


def _offers_page(request: HttpRequest, form: forms.OfferToArchive, *, status: int = 200) -> HttpResponse:
    return render(
        request,
        "retention/archive.html",
        {
            "marked": queries.for_the_archive(request.user)[: archive_actions.MOST],
            "form": form,
            "chosen": [int(pk) for pk in request.POST.getlist("reviews") if pk.isdecimal()],
            "offers": queries.archive_offers(request.user),
        },
        status=status,
    )


def _offer_page(request: HttpRequest, pk: int, *, status: int = 200, **given) -> HttpResponse:
    found = queries.archive_offer(request.user, pk)
    manages = request.user.has_perm(f"accounts.{Power.MANAGE_RETENTION}")
    return render(
        request,
        "retention/archive_offer.html",
        {
            "offer": found,
            "records": found.records.all(),
            "may_hand_over": manages,
            "may_answer": manages and found.state == ArchiveOffer.State.OFFERED,
            "form": forms.ArchiveAnswer(),
            **given,
        },
        status=status,
    )
