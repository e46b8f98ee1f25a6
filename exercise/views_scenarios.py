"""Where trainers write scenarios: the list, the timeline of a draft, its lines, the preview, files in and out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from audit.actions import record_reading
from core.downloads import as_file
from core.errors import ChangedSinceSeen, NotFound, Refused
from core.gate import needs
from core.refusals import show_refusal
from core.typed import whole
from exercise import actions, forms_scenarios, library, queries, scenarios
from exercise.models import ScenarioVersion
from exercise.scenarios import Scenario, ScenarioBroken
from exercise.views import RUN

SCHEMA = json.loads((Path(__file__).parent / "scenario.schema.json").read_text(encoding="utf-8"))
"""The shape of a scenario file, as JSON Schema. What cannot be said in it says its description."""
MOVES = [(5, "5 seconds"), (15, "15 seconds"), (60, "1 minute"), (300, "5 minutes"), (900, "15 minutes")]
State = ScenarioVersion.State


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RUN)
def library_page(request: HttpRequest) -> HttpResponse:
    """Every scenario, shipped and own; one is begun, copied or brought as a file here."""
    do = request.POST.get("do", "") if request.method == "POST" else ""
    profiles = queries.official_profiles(request.user)
    begin = forms_scenarios.Begin(request.POST if do == "begin" else None, profiles=profiles)
    copy = forms_scenarios.Copy(request.POST if do == "copy" else None)
    bring = forms_scenarios.Bring(
        request.POST if do == "bring" else None, request.FILES if do == "bring" else None
    )
    sent = {"begin": begin, "copy": copy, "bring": bring}.get(do)
    status = 200
    if request.method == "POST":
        status = 422
        if sent is not None and sent.is_valid():
            try:
                made = _make(request, do, sent.cleaned_data)
            except Refused as refusal:
                status = refusal.status
                show_refusal(sent, refusal)
            else:
                return redirect("exercise:scenario", name=made.scenario.slug)
    return render(
        request,
        "exercise/library.html",
        {
            "shipped": scenarios.shipped(),
            "own": [_listed(one) for one in library.own(request.user)],
            "begin": begin,
            "copy": copy,
            "bring": bring,
            "copying": copy.data.get("of", "") if do == "copy" else request.GET.get("copy", "")[:60],
            "done": do,
        },
        status=status,
    )


def _make(request: HttpRequest, do: str, given: dict[str, Any]) -> ScenarioVersion:
    if do == "begin":
        return actions.begin_scenario(actor=request.user, **given)
    if do == "copy":
        return actions.copy_scenario(actor=request.user, **given)
    brought = given["file"]
    # One byte more than is read at all: whatever is larger is refused, and never held whole.
    content = brought.read(scenarios.LARGEST_FILE_BYTES + 1)
    name = Path(str(brought.name)).name[:60]
    return actions.import_scenario(actor=request.user, content=content, source=name or "the file")


def _listed(own) -> dict[str, Any]:
    rows = list(own.versions.all())
    return {
        "scenario": own,
        "draft": next((row for row in rows if row.state == State.DRAFT), None),
        "live": next((row for row in rows if row.state == State.LIVE), None),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RUN)
def scenario(request: HttpRequest, name: str) -> HttpResponse:
    """The timeline of one scenario: of a draft with everything that can be done to it, of others to read."""
    if name in scenarios.shipped_names():
        return _timeline(request, content=library.content_for(request.user, name), name=name)
    row = library.version(request.user, name, whole(request.GET.get("version", ""), under=9))
    if request.method == "POST":
        return _act(request, row)
    return _timeline(request, content=row.content, name=name, version=row)


def _act(request: HttpRequest, row: ScenarioVersion) -> HttpResponse:
    do, _, target = request.POST.get("do", "").partition(":")
    section, _, key = target.partition("/")
    seen = whole(request.POST.get("seen", "")) or 0
    place = f"#{section}-{key}" if target else ""
    try:
        if do in ("earlier", "later"):
            by_s = whole(request.POST.get("by", ""), under=6) or 60
            actions.move_line(
                actor=request.user,
                version=row,
                seen=seen,
                section=section,
                key=key,
                by_s=-by_s if do == "earlier" else by_s,
                and_all_after=bool(request.POST.get("after")),
            )
        elif do == "remove":
            actions.remove_line(actor=request.user, version=row, seen=seen, section=section, key=key)
            notes.success(request, f"{key} is removed.")
            place = ""
        elif do == "use":
            actions.put_in_use(actor=request.user, version=row, seen=seen)
            notes.success(request, f"Version {row.number} is in use: it can be started under Exercises.")
        elif do == "drop":
            actions.give_up_draft(actor=request.user, version=row)
            notes.success(request, "The draft is given up. It is kept among the former versions.")
        elif do == "next":
            actions.begin_version(actor=request.user, scenario=row.scenario)
        elif do in ("retire", "return"):
            actions.retire(actor=request.user, scenario=row.scenario, retired=do == "retire")
        else:
            raise NotFound("That cannot be done to a scenario.")
    except NotFound:
        raise
    except Refused as refusal:
        notes.error(request, refusal.sentence)
    return redirect(reverse("exercise:scenario", args=[row.scenario.slug]) + place)


def _timeline(
    request: HttpRequest,
    *,
    content: dict[str, Any],
    name: str,
    version: ScenarioVersion | None = None,
) -> HttpResponse:
    entries = library.timeline(content)
    problems = library.problems(content)
    return render(
        request,
        "exercise/scenario.html",
        {
            "content": content,
            "name": name,
            "version": version,
            "scenario": version.scenario if version else None,
            "draft": version is not None and version.state == State.DRAFT,
            "entries": entries,
            "problems": problems,
            "versions": library.versions(request.user, version.scenario) if version else [],
            "moves": MOVES,
            "by": whole(request.GET.get("by", ""), under=6) or 60,
            "grave": sum(one.row.get("risk") in ("immediate", "high") for one in entries),
            "to_hide": sum(bool(one.row.get("hide_expected")) for one in entries),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RUN)
def head(request: HttpRequest, name: str) -> HttpResponse:
    """Title, summary, length and official profiles of a draft."""
    row = library.version(request.user, name)
    accounts = row.content["accounts"]
    profiles = queries.official_profiles(request.user)
    initial = {key: row.content[key] for key in ("title", "summary", "minutes", "accounts")}
    form = forms_scenarios.Head(
        request.POST if request.method == "POST" else None, profiles=profiles, also=accounts, initial=initial
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.save_head(actor=request.user, version=row, seen=_seen(request), **form.cleaned_data)
            except Refused as refusal:
                status = refusal.status
                show_refusal(form, refusal)
            else:
                return redirect("exercise:scenario", name=name)
    return render(
        request,
        "exercise/scenario_line.html",
        {"form": form, "version": row, "heading": "The head of the scenario", "seen": _shown(request, row)},
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(RUN)
def line(request: HttpRequest, name: str, section: str, key: str = "") -> HttpResponse:
    """One line of a draft: a post, a comment with its truth, or a change of the weather."""
    row = library.version(request.user, name)
    kind = forms_scenarios.LINES.get(section)
    if kind is None:
        raise NotFound("A scenario has posts, comments and weather.")
    standing = library.entry(row.content, section, key) if key else {}
    initial = forms_scenarios.CommentLine.initial_of(standing) if section == "comments" and key else standing
    if not key and (at := request.GET.get("at", "")[:6]):
        initial = {"at": at}
    more: dict[str, Any] = {"key": key} if section == "comments" else {}
    form = kind(
        request.POST if request.method == "POST" else None, content=row.content, initial=initial, **more
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            written = key or forms_scenarios.next_key(row.content, section)
            try:
                actions.save_line(
                    actor=request.user,
                    version=row,
                    seen=_seen(request),
                    section=section,
                    key=key,
                    line=form.as_line(written),
                )
            except Refused as refusal:
                status = refusal.status
                show_refusal(form, refusal)
            else:
                return redirect(
                    reverse("exercise:scenario", args=[name]) + (f"#{section}-{written}" if written else "")
                )
    heading = {"posts": "A post", "comments": "A comment", "weather": "A change of the weather"}[section]
    return render(
        request,
        "exercise/scenario_line.html",
        {
            "form": form,
            "version": row,
            "heading": f"{heading}{': ' + key if key else ''}",
            "seen": _shown(request, row),
            "section": section,
            "key": key,
        },
        status=status,
    )


def _seen(request: HttpRequest) -> int:
    return whole(request.POST.get("seen", "")) or 0


def _shown(request: HttpRequest, row: ScenarioVersion) -> int:
    """Which state of the draft the page was opened on: kept over a refusal, so that it stays one."""
    return _seen(request) if request.method == "POST" else row.changes


@require_safe
@needs(RUN)
def preview(request: HttpRequest, name: str) -> HttpResponse:
    """What the public would see at one minute of a scenario, were nothing hidden."""
    found = _parsed(request, name)
    until = whole(request.GET.get("minute", ""), under=4)
    minute = min(until if until is not None else found.minutes, found.minutes)
    return render(
        request,
        "exercise/preview.html",
        {
            "scenario": found,
            "name": name,
            "minute": minute,
            "shown": library.preview(found, until_s=minute * 60),
            "weather": [
                (library.clock_words(one.at_s), one) for one in found.weather if one.at_s <= minute * 60
            ],
        },
    )


def _parsed(request: HttpRequest, name: str) -> Scenario:
    try:
        return scenarios.parse(library.text_of(request.user, name), source=name)
    except ScenarioBroken as broken:
        raise ChangedSinceSeen(
            f"This draft cannot be previewed yet: {broken.plain} Mend it on its timeline first."
        ) from None


@require_safe
@needs(RUN)
def scenario_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """A scenario as a YAML file, which can be brought in again here or elsewhere."""
    text = library.text_of(request.user, name, whole(request.GET.get("version", ""), under=9))
    record_reading(actor=request.user, event="exercise.scenario_exported", subject_name=name)
    return as_file(HttpResponse(text, content_type="application/yaml; charset=utf-8"), f"{name}.yaml")


@require_safe
@needs(RUN)
def file_format(request: HttpRequest) -> HttpResponseBase:
    """What a scenario file holds, in words; `?as=json` for the schema that editors and checkers read."""
    if request.GET.get("as") == "json":
        text = json.dumps(SCHEMA, indent=2, ensure_ascii=False)
        return as_file(HttpResponse(text, content_type="application/schema+json"), "scenario.schema.json")
    parts = [("A scenario", SCHEMA)] + [
        (title, SCHEMA["$defs"][part])
        for part, title in (("post", "A post"), ("comment", "A comment"), ("weather", "A change of weather"))
    ]
    return render(
        request,
        "exercise/file_format.html",
        {
            "parts": [
                (
                    title,
                    [
                        (name, name in part["required"], field.get("description", ""))
                        for name, field in part["properties"].items()
                    ],
                )
                for title, part in parts
            ],
            "categories": sorted(scenarios.CATEGORIES),
            "risks": scenarios.RISKS,
            "weathers": sorted(scenarios.WEATHERS),
        },
    )
