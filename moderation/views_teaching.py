"""Teaching triage in the browser: its examples, its versions and what each would change, switching live and back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import NotFound, NotValid, Refused
from core.gate import needs
from core.refusals import show_refusal
from core.typed import whole
from moderation import forms, storable, switched_off
from moderation import queries_triage as queries
from moderation.actions import triage as actions
from moderation.categories import HIGH_RISK, Category, Priority
from moderation.models import TriageJob, TriageVersion
from moderation.triage.rules import RULES
from staff.roles import Power

MOST = 200
WORDS_MOST = 100
"""Examples, versions and switches that one page lists."""


# Examples


@needs(Power.WORK_COMMENTS)
@require_safe
def examples(request: HttpRequest) -> HttpResponse:
    """Every category with how many examples it has."""
    return render(
        request,
        "moderation/examples.html",
        {"categories": queries.categories(request.user), "untaught": queries.taught_since(request.user)},
    )


@needs(Power.WORK_COMMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def examples_of(request: HttpRequest, slug: str) -> HttpResponse:
    """One category's examples, looked through by their words and page by page, and a box to add another."""
    withdrawn = request.GET.get("withdrawn") == "1"
    words = storable.text(request.GET.get("q", "").strip(), at_most=WORDS_MOST)
    rows = queries.exemplars(request.user, slug, withdrawn=withdrawn, words=words)
    before = whole(request.GET.get("before", ""))
    listed = list((rows if before is None else rows.filter(pk__lt=before))[: MOST + 1])
    shown = listed[:MOST]
    kept = {"withdrawn": "1"} if withdrawn else {}
    form = forms.Example(
        request.POST if request.method == "POST" else None, initial={"counter": "no", "language": "en"}
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                added = actions.add_exemplar(actor=request.user, category=slug, **form.taught())
            except NotValid as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(
                    request,
                    f"Added as number {added.pk}. It counts once a version made from it is live.",
                )
                return redirect("moderation:examples_of", slug=slug)
    category = Category(slug)
    return render(
        request,
        "moderation/examples_of.html",
        {
            "category": category,
            "high_risk": category in HIGH_RISK,
            "rows": shown,
            "in_all": rows.count(),
            "words": words,
            "older": "?" + urlencode(kept | {"q": words, "before": shown[-1].pk})
            if len(listed) > MOST
            else "",
            "withdrawn": withdrawn,
            "form": form,
        },
        status=status,
    )


@needs(Power.WORK_COMMENTS)
@require_POST
def withdraw_example(request: HttpRequest, pk: int) -> HttpResponse:
    """The example counts no longer; the message offers to undo it."""
    row = actions.withdraw_exemplar(actor=request.user, exemplar=queries.exemplar(request.user, pk))
    messages.success(
        request,
        format_html(
            'Withdrawn. <a href="{}?withdrawn=1">Put it back</a>',
            reverse("moderation:examples_of", args=[row.category]),
        ),
    )
    return redirect("moderation:examples_of", slug=row.category)


@needs(Power.WORK_COMMENTS)
@require_POST
def restore_example(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo of a withdrawal."""
    row = queries.exemplar(request.user, pk)
    try:
        actions.restore_exemplar(actor=request.user, exemplar=row)
    except NotFound:
        raise
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, "It counts again once a version made from it is live.")
    return redirect("moderation:examples_of", slug=row.category)


# Versions


@needs(Power.WORK_COMMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def versions(request: HttpRequest) -> HttpResponse:
    """Which version speaks, those before it, and a form that asks for a new one."""
    supervisor = queries.may_switch(request.user)
    live = queries.live_version()
    form = _asked(request.POST if request.method == "POST" else None, supervisor, live)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            off = form.cleaned_data["off"] if supervisor else None
            if off is not None and set(off) == set(live.off if live else []):
                off = None
            try:
                job = actions.ask_version(
                    actor=request.user,
                    kind=form.cleaned_data["kind"],
                    days=form.cleaned_data["days"],
                    off=off,
                )
            except NotValid as refusal:
                show_refusal(form, refusal)
            else:
                return redirect("moderation:triage_job", pk=job.pk)
    return _versions_page(request, form=form, status=status)


def _asked(given: QueryDict | None, supervisor: bool, live: TriageVersion | None) -> forms.AskVersion:
    return forms.AskVersion(
        given,
        supervisor=supervisor,
        initial={"kind": TriageVersion.Kind.EXEMPLARS, "days": 30, "off": live.off if live else []},
    )


def _versions_page(
    request: HttpRequest,
    *,
    form: forms.AskVersion | None = None,
    switch_form: forms.SwitchOff | None = None,
    status: int = 200,
) -> HttpResponse:
    supervisor = queries.may_switch(request.user)
    live = queries.live_version()
    stop = switched_off.stop()
    return render(
        request,
        "moderation/versions.html",
        {
            "stop": stop,
            "stopped": _labels(stop.categories) if stop else [],
            "switch_form": switch_form or forms.SwitchOff(),
            "live": live,
            "off": _labels(live.off) if live else [],
            "all_off": bool(live) and len(live.off) >= len(Category) - 1,
            "state": queries.state(),
            "rows": queries.versions(request.user)[:MOST],
            "switches": queries.switches(request.user)[:20],
            "jobs": queries.jobs(request.user)[:5],
            "untaught": queries.taught_since(request.user),
            "supervisor": supervisor,
            "form": form or _asked(None, supervisor, live),
        },
        status=status,
    )


@needs(Power.WORK_COMMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def try_rules(request: HttpRequest) -> HttpResponse:
    """Rules and categories to be tried off or on, on what came lately. Nothing is switched by it."""
    gone = switched_off.off()
    form = forms.TryRules(request.POST if request.method == "POST" else None, gone=gone, initial={"days": 30})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                job = actions.ask_trial(
                    actor=request.user, off=given["off"], on=given.get("on", []), days=given["days"]
                )
            except NotValid as refusal:
                show_refusal(form, refusal)
            else:
                return redirect("moderation:triage_job", pk=job.pk)
    ticked = set(request.POST.getlist("off"))
    return render(
        request,
        "moderation/try_rules.html",
        {
            "form": form,
            "ticked": ticked,
            "kinds": [
                {"category": kind, "high_risk": kind in HIGH_RISK, "rules": rules, "open": opened}
                for kind in Category
                if kind != Category.NONE and kind.value not in gone
                for rules in [[rule for rule in RULES if rule.category == kind]]
                for opened in [bool(ticked & {kind.value, *(rule.name for rule in rules)})]
            ],
            "trials": queries.trials(request.user)[:10],
        },
        status=status,
    )


@needs(Power.WORK_COMMENTS)
@require_safe
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a version that was asked for has come."""
    found = queries.job(request.user, pk)
    if found.state == TriageJob.State.DONE and found.version_id:
        return redirect("moderation:triage_version", pk=found.version_id)
    trial = found.kind == TriageJob.RULES
    return render(
        request,
        "moderation/triage_job.html",
        {
            "job": found,
            "off": _labels(found.off),
            "trial": trial,
            "report": _report(found.report) if trial else None,
            "changes": [
                (said, [(name, _of_rules(name)) for name in found.wish.get(key, [])])
                for key, said in (("off", "Left out"), ("on", "Switched on again"))
                if found.wish.get(key)
            ],
            "reaching": [
                (Category(slug).label, list(row.values()))
                for slug, row in found.report.get("reaching", {}).items()
            ],
        },
    )


@needs(Power.WORK_COMMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """What one version is made of and would change, and the switch to it."""
    found = queries.version(request.user, pk)
    form = forms.Reason(request.POST if request.method == "POST" else None)
    problem, status = "", 200
    if request.method == "POST":
        status = 422
        if not form.is_valid():
            problem = str(next(iter(form.errors.values()))[0])
        else:
            try:
                actions.switch_version(actor=request.user, version=found, why=form.cleaned_data["why"])
            except NotValid as refusal:
                problem = refusal.sentence
            else:
                messages.success(request, f"{found.name} is live. It speaks on what comes from now on.")
                return redirect("moderation:triage_versions")
    return render(
        request,
        "moderation/version.html",
        {
            "version": found,
            "off": _labels(found.off),
            "report": _report(found.report),
            "live": queries.live_version(),
            "supervisor": queries.may_switch(request.user),
            "problem": problem,
            "why": request.POST.get("why", ""),
        },
        status=status,
    )


@needs(Power.WORK_COMMENTS)
@require_POST
def switch_off(request: HttpRequest) -> HttpResponse:
    """Triage off at once, whole or of some categories; or on again."""
    if request.POST.get("do") == "on":
        actions.switch_on(actor=request.user)
        messages.success(request, "Triage is on again. What came meanwhile is being read.")
        return redirect("moderation:triage_versions")
    form = forms.SwitchOff(request.POST)
    if form.is_valid():
        try:
            stop = actions.switch_off(actor=request.user, **form.cleaned_data)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(
                request,
                "These categories are off." if stop.categories else "Triage is off: comments stand by time.",
            )
            return redirect("moderation:triage_versions")
    return _versions_page(request, switch_form=form, status=422)


def _of_rules(name: str) -> str:
    """What a rule or a category is called for people."""
    if name in Category.values:
        return f"{Category(name).label}, all of it"
    return next((rule.sentence for rule in RULES if rule.name == name), name)


def _labels(slugs: list[str]) -> list[str]:
    return [str(Category(slug).label) for slug in slugs if slug in Category.values]


def _report(report: dict[str, Any]) -> dict[str, Any] | None:
    """The report in words: labels for slugs. None where nothing was tried."""
    if "comments" not in report:
        return None

    def said(row: list[Any]) -> dict[str, Any]:
        return {"category": Category(row[0]).label, "priority": Priority(row[1])}

    return {
        **report,
        "examples": [
            {"comment": row["comment"], "was": said(row["was"]), "now": said(row["now"])}
            for row in report.get("examples", [])
        ],
        "by_category": [
            {"label": Category(slug).label, "high_risk": slug in HIGH_RISK, **row}
            for slug, row in sorted(report.get("categories", {}).items())
        ],
        "by_group": [{"group": group, **row} for group, row in sorted(report.get("groups", {}).items())],
    }
