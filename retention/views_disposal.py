"""Pages of what falls due: proposals, reviews, certificates; of restricted records and of transfers."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import NotFound, NotValid, Refused
from core.gate import fresh, needs, stays_inside
from core.refusals import show_refusal, show_refusal_on_page
from core.typed import whole
from retention import certificate, forms, nrac, queries, registry
from retention.actions import proposals as proposal_actions
from retention.actions import restrictions as restriction_actions
from retention.actions import reviews as review_actions
from retention.models import Proposal, Review
from retention.views import SEE
from staff.roles import Power


@needs(*SEE)
@require_safe
def proposals(request: HttpRequest) -> HttpResponse:
    """What is proposed to go, the soonest first."""
    return render(
        request,
        "retention/proposals.html",
        {"proposals": queries.proposals(request.user), "limit": settings.RETENTION_BULK_LIMIT},
    )


@needs(*SEE)
@require_safe
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """One proposal: how many, which for example, what stays and why."""
    return _proposal_page(request, pk)


@fresh
@needs(Power.MANAGE_RETENTION)
@require_POST
def stop_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing of the class goes until somebody lets it go on."""
    found, form = queries.proposal(request.user, pk), forms.Why(request.POST)
    if form.is_valid():
        try:
            proposal_actions.stop(actor=request.user, proposal=found, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("retention:proposal", pk=pk)
    return _proposal_page(request, pk, status=422, form=form)


@fresh
@needs(Power.MANAGE_RETENTION)
@require_POST
def let_go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """A stopped proposal waits again."""
    proposal_actions.let_go_on(actor=request.user, proposal=queries.proposal(request.user, pk))
    return redirect("retention:proposal", pk=pk)


@fresh
@needs(Power.MANAGE_RETENTION)
@require_POST
def stand_for(request: HttpRequest, pk: int) -> HttpResponse:
    """One of two people stands for a large disposal."""
    proposal_actions.stand_for(actor=request.user, proposal=queries.proposal(request.user, pk))
    return redirect("retention:proposal", pk=pk)


@needs(*SEE)
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """Records that wait for a person to look at them."""
    found, next_after = queries.reviews(request.user, after_id=whole(request.GET.get("after", "")) or 0)
    return render(
        request,
        "retention/reviews.html",
        {"reviews": found, "older": f"?after={next_after}" if next_after else ""},
    )


@needs(*SEE)
@require_safe
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """One record to look at, with the national criteria."""
    return _review_page(request, pk)


@fresh
@needs(Power.MANAGE_RETENTION)
@require_POST
def decide_review(request: HttpRequest, pk: int) -> HttpResponse:
    """What happens to it is decided and recorded."""
    found, form = queries.review(request.user, pk), forms.Decide(request.POST)
    if form.is_valid():
        try:
            review_actions.decide(actor=request.user, review=found, **form.given())
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("retention:review", pk=pk)
    return _review_page(request, pk, status=422, form=form)


@fresh
@needs(Power.MANAGE_RETENTION)
@require_POST
def open_review(request: HttpRequest, pk: int) -> HttpResponse:
    """What the record says, to whoever reviews it."""
    said = review_actions.open_record(actor=request.user, review=queries.review(request.user, pk))
    return _review_page(request, pk, said=said)


@fresh
@needs(Power.MANAGE_RETENTION)
@require_POST
def agree_review(request: HttpRequest, pk: int) -> HttpResponse:
    """A second person stands for the decision."""
    review_actions.agree(actor=request.user, review=queries.review(request.user, pk))
    return redirect("retention:review", pk=pk)


@fresh
@needs(Power.MANAGE_RETENTION)
@require_POST
def send_back_review(request: HttpRequest, pk: int) -> HttpResponse:
    """A second person does not agree."""
    found, form = queries.review(request.user, pk), forms.Why(request.POST, auto_id="back_%s")
    if form.is_valid():
        try:
            review_actions.send_back(actor=request.user, review=found, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("retention:review", pk=pk)
    return _review_page(request, pk, status=422, back_form=form)


@needs(*SEE)
@require_safe
def restricted(request: HttpRequest) -> HttpResponse:
    """Records that are kept from sight and from change."""
    return render(request, "retention/restricted.html", {"restrictions": queries.restrictions(request.user)})


@fresh
@needs(Power.MANAGE_RETENTION)
@require_http_methods(["GET", "HEAD", "POST"])
def restrict(request: HttpRequest) -> HttpResponse:
    """Keep one record from sight and from change."""
    form = forms.Restrict(
        request.POST or None,
        initial={"subject_type": request.GET.get("type", ""), "subject_id": request.GET.get("id", "")},
    )
    return _one_record(
        request, form, "retention/restrict.html", restriction_actions.restrict, "retention:restriction"
    )


@needs(*SEE)
@require_safe
def restriction(request: HttpRequest, pk: int) -> HttpResponse:
    """One restriction; what the record says is opened with a reason."""
    return _restriction_page(request, pk)


@fresh
@needs(Power.MANAGE_RETENTION)
@require_POST
def open_restricted(request: HttpRequest, pk: int) -> HttpResponse:
    """What the restricted record says, to whoever may, with a reason in the trail."""
    found, form = queries.restriction(request.user, pk), forms.Why(request.POST)
    if not form.is_valid():
        return _restriction_page(request, pk, status=422, form=form)
    try:
        said = restriction_actions.open_restricted(actor=request.user, restriction=found, **form.cleaned_data)
    except Refused as refusal:
        show_refusal_on_page(request, refusal, form)
        return _restriction_page(request, pk, status=refusal.status, form=form)
    return _restriction_page(request, pk, said=said)


@fresh
@needs(Power.MANAGE_RETENTION)
@require_POST
def lift_restriction(request: HttpRequest, pk: int) -> HttpResponse:
    """The record stands in sight again."""
    found, form = queries.restriction(request.user, pk), forms.Why(request.POST, auto_id="lift_%s")
    if form.is_valid():
        try:
            restriction_actions.lift(actor=request.user, restriction=found, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("retention:restriction", pk=pk)
    return _restriction_page(request, pk, status=422, lift_form=form)


@needs(*SEE)
@require_safe
def transfers(request: HttpRequest) -> HttpResponse:
    """Records that were taken over into other systems."""
    return render(request, "retention/transfers.html", {"transfers": queries.transfers(request.user)})


@fresh
@needs(Power.MANAGE_RETENTION)
@require_http_methods(["GET", "HEAD", "POST"])
def record_transfer(request: HttpRequest) -> HttpResponse:
    """Record that another system took a record over."""
    form = forms.RecordTransfer(
        request.POST or None,
        initial={"subject_type": request.GET.get("type", ""), "subject_id": request.GET.get("id", "")},
    )
    return _one_record(request, form, "retention/transfer.html", restriction_actions.record_transfer, "")


@needs(*SEE)
@require_safe
def disposals(request: HttpRequest) -> HttpResponse:
    """What went, when, under which version of the schedule."""
    found, next_before = queries.disposals(request.user, before_id=whole(request.GET.get("before", "")))
    return render(
        request,
        "retention/disposals.html",
        {"disposals": found, "older": f"?before={next_before}" if next_before else ""},
    )


@stays_inside
@needs(*SEE)
@require_safe
def disposal_certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """The certificate as a PDF."""
    return _file(certificate.pdf(queries.disposal(request.user, pk)), "application/pdf", pk, "pdf")


@stays_inside
@needs(*SEE)
@require_safe
def disposal_certificate_json(request: HttpRequest, pk: int) -> HttpResponse:
    """The certificate as data, with the proof that the trail seals it."""
    return _file(certificate.as_json(queries.disposal(request.user, pk)), "application/json", pk, "json")


def _file(content: bytes, content_type: str, pk: int, ending: str) -> HttpResponse:
    name = f"certificate-of-disposal-{pk}.{ending}"
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _one_record(request: HttpRequest, form, template: str, act, onwards: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            made = act(actor=request.user, **form.cleaned_data)
        except NotFound as refusal:
            form.add_error("subject_id", refusal.sentence)
        except Refused as refusal:
            show_refusal(form, refusal)
        else:
            return redirect(onwards, pk=made.pk) if onwards else redirect("retention:transfers")
    return render(request, template, {"form": form}, status=422 if form.is_bound else 200)


def _proposal_page(request: HttpRequest, pk: int, *, status: int = 200, **given) -> HttpResponse:
    found = queries.proposal(request.user, pk)
    manages = request.user.has_perm(f"accounts.{Power.MANAGE_RETENTION}")
    waiting, me = found.state == Proposal.State.WAITING, request.user.pk
    return render(
        request,
        "retention/proposal.html",
        {
            "proposal": found,
            "noun": registry.record_class(found.row.slug).subject.noun,
            "still_due": queries.still_due(request.user, found),
            "limit": settings.RETENTION_BULK_LIMIT,
            "may_stop": manages and waiting,
            "may_let_go_on": manages and found.state == Proposal.State.STOPPED and found.stopped_by_id != me,
            "may_stand": manages
            and waiting
            and found.needs_two
            and found.second_by_id is None
            and found.first_by_id != me,
            "form": forms.Why(),
            **given,
        },
        status=status,
    )


def _review_page(request: HttpRequest, pk: int, *, status: int = 200, **given) -> HttpResponse:
    found = queries.review(request.user, pk)
    manages = request.user.has_perm(f"accounts.{Power.MANAGE_RETENTION}")
    state = Review.State
    return render(
        request,
        "retention/review.html",
        {
            "review": found,
            "answers": [
                (question, found.answers[slug])
                for slug, question in nrac.QUESTIONS.items()
                if slug in found.answers
            ],
            "earlier": queries.earlier_reviews(request.user, found),
            "may_open": manages and registry.subject(found.subject_type).snapshot is not None,
            "may_decide": manages and found.state == state.OPEN,
            "may_agree": manages and found.state == state.SECOND and found.decided_by_id != request.user.pk,
            "form": forms.Decide(),
            "back_form": forms.Why(auto_id="back_%s"),
            **given,
        },
        status=status,
    )


def _restriction_page(request: HttpRequest, pk: int, *, status: int = 200, **given) -> HttpResponse:
    found = queries.restriction(request.user, pk)
    manages = request.user.has_perm(f"accounts.{Power.MANAGE_RETENTION}")
    live = found.lifted_at is None
    return render(
        request,
        "retention/restriction.html",
        {
            "restriction": found,
            "may_open": manages and live,
            "may_lift": manages and live and found.by_id != request.user.pk,
            "form": forms.Why(),
            "lift_form": forms.Why(auto_id="lift_%s"),
            "said": None,
            **given,
        },
        status=status,
    )
