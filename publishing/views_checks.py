"""Checks as pages: all of them with their sources and the force's settings; overrides; what is put right afterwards."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from core.errors import NotValid
from core.gate import needs
from core.refusals import show_refusal
from core.typed import whole
from publishing import queries, queries_checks
from publishing.actions import check_settings, judging
from publishing.forms_checks import KnownForm, PeriodForm, SettingForm
from staff.roles import Power


@needs(Power.SEE_POSTS, Power.WRITE_POSTS, Power.SET_SAFEGUARDS)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Every check: what it says, where it comes from, how grave it is, who may override it."""
    return _page(request)


def _page(
    request: HttpRequest,
    *,
    setting: SettingForm | None = None,
    slug: str = "",
    period: PeriodForm | None = None,
    known: KnownForm | None = None,
    wrong: str = "",
) -> HttpResponse:
    may_set = request.user.has_perm(f"accounts.{Power.SET_SAFEGUARDS}")
    groups = []
    for name, lines in queries_checks.checks_by_group():
        shown = []
        for line in lines:
            form = None
            if may_set:
                present = line.setting
                form = SettingForm(
                    initial={
                        "level": present.level if present else "",
                        "override_by": present.override_by if present else "",
                    },
                    auto_id=f"{line.check.slug}-%s",
                )
                if setting is not None and slug == line.check.slug:
                    form = setting
            shown.append({"line": line, "form": form, "open": bool(form and form.is_bound)})
        groups.append((name, shown))
    failed = any(form is not None for form in (setting, period, known)) or bool(wrong)
    return render(
        request,
        "publishing/checks.html",
        {
            "groups": groups,
            "number": sum(len(lines) for _, lines in groups),
            "periods": queries_checks.periods(),
            "known": queries_checks.known(),
            "may_set": may_set,
            "period_form": period or PeriodForm(auto_id="period-%s"),
            "known_form": known or KnownForm(auto_id="known-%s"),
            "wrong": wrong,
        },
        status=422 if failed else 200,
    )


@needs(Power.SET_SAFEGUARDS)
@require_POST
def step(request: HttpRequest) -> HttpResponse:
    """Set a check, add or end days before an election, put a site or number on the list or take it off."""
    do = request.POST.get("do", "")
    if do == "set":
        return _set(request)
    if do == "add-period":
        return _add_period(request)
    if do == "add-known":
        return _add_known(request)
    pk = whole(request.POST.get("pk", "")) or 0
    if do == "end-period":
        try:
            check_settings.end_period(
                actor=request.user, period=queries_checks.period(pk), why=request.POST.get("why", "")[:400]
            )
        except NotValid as refusal:
            return _page(request, wrong=refusal.sentence)
        messages.success(request, "These days count no longer.")
    elif do == "remove-known":
        check_settings.remove_known(actor=request.user, known=queries_checks.known_value(pk))
        messages.success(request, "It is off the list.")
    else:
        messages.error(request, "Choose what should happen.")
    return redirect("publishing:checks")


def _set(request: HttpRequest) -> HttpResponse:
    slug = request.POST.get("slug", "")[:40]
    form = SettingForm(request.POST, auto_id=f"{slug}-%s")
    if form.is_valid():
        try:
            check_settings.set_check(actor=request.user, slug=slug, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "Set. It holds from now on, also for posts that wait for approval.")
            return redirect(f"{reverse('publishing:checks')}#{slug}")
    return _page(request, setting=form, slug=slug)


def _add_period(request: HttpRequest) -> HttpResponse:
    form = PeriodForm(request.POST, auto_id="period-%s")
    if form.is_valid():
        try:
            check_settings.add_period(actor=request.user, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "Added. On these days every post is approved by two people.")
            return redirect(f"{reverse('publishing:checks')}#periods")
    return _page(request, period=form)


def _add_known(request: HttpRequest) -> HttpResponse:
    form = KnownForm(request.POST, auto_id="known-%s")
    if form.is_valid():
        try:
            check_settings.add_known(
                actor=request.user,
                kind=form.cleaned_data["known_kind"],
                value=form.cleaned_data["value"],
                about=form.cleaned_data["about"],
            )
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "It is on the list.")
            return redirect(f"{reverse('publishing:checks')}#known")
    return _page(request, known=form)


@needs(Power.APPROVE_POSTS, Power.ACKNOWLEDGE_CASES)
@require_POST
def override(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a post go on that a check stops, with a reason; two people approve it then."""
    found = queries.post(request.user, pk)
    slug = request.POST.get("slug", "")[:40]
    try:
        judging.override(
            actor=request.user,
            post=found,
            version_seen=whole(request.POST.get("version", "")) or 0,
            slug=slug,
            why=request.POST.get("why", "")[:1000],
        )
    except NotValid as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "Overridden for exactly these words. Two people approve the post then.")
    return redirect(f"{reverse('publishing:post', args=[pk])}#checks")


@needs(Power.WRITE_POSTS)
@require_POST
def put_right(request: HttpRequest, pk: int) -> HttpResponse:
    """What an urgent post was let go with has been put right."""
    found = queries_checks.follow_up(request.user, pk)
    try:
        judging.put_right(actor=request.user, follow_up=found, how=request.POST.get("how", "")[:1000])
    except NotValid as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "Noted.")
    return redirect(f"{reverse('publishing:post', args=[found.post_id])}#put-right")
