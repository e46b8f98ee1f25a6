"""Pathways: read, edited as a draft with a dry run, and switched live by a second person."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import NotFound, NotValid
from core.gate import needs
from core.refusals import show_refusal
from core.typed import whole
from escalation import forms, queries_oncall, queries_pathways
from escalation.actions import pathways as actions
from escalation.models import Pathway, PathwayVersion
from staff.roles import Power, Role

ROWS = 6
"""Levels that the form has room for."""
MAY_EDIT = f"accounts.{Power.SET_PATHWAYS}"
State = PathwayVersion.State


@needs(Power.SEE_CASES, Power.SET_PATHWAYS)
@require_safe
def pathways(request: HttpRequest) -> HttpResponse:
    """Every pathway, who owns it and when it is reviewed."""
    return _list(request)


@needs(Power.SET_PATHWAYS)
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """A new pathway, which begins as a draft."""
    form = forms.AddPathway(request.POST)
    if form.is_valid():
        try:
            made = actions.add_pathway(actor=request.user, **form.cleaned_data)
        except NotValid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            return redirect("escalation:pathway_draft", pk=made.pk)
    return _list(request, status=422, form=form)


def _list(request: HttpRequest, *, status: int = 200, **given: object) -> HttpResponse:
    return render(
        request,
        "escalation/pathways.html",
        {
            "lines": queries_pathways.lines(),
            "may_edit": request.user.has_perm(MAY_EDIT),
            "form": forms.AddPathway(),
            **given,
        },
        status=status,
    )


@needs(Power.SEE_CASES, Power.SET_PATHWAYS)
@require_safe
def pathway(request: HttpRequest, pk: int) -> HttpResponse:
    """What happens on it now, what is drafted, and what each floor would cause."""
    return _page(request, queries_pathways.pathway(pk))


def _page(request: HttpRequest, found: Pathway, *, status: int = 200, refused: str = "") -> HttpResponse:
    live = queries_pathways.version_in(found, State.LIVE)
    draft = queries_pathways.version_in(found, State.DRAFT)
    looked = draft or live
    return render(
        request,
        "escalation/pathway.html",
        {
            "pathway": found,
            "live": live,
            "draft": draft,
            "history": queries_pathways.history(found),
            "dry_run": queries_pathways.dry_run(looked.categories, pathway=found)
            if looked is not None and looked.categories
            else None,
            "clashes": queries_pathways.clashes(draft) if draft else [],
            "silenced": queries_pathways.silenced(draft) if draft else [],
            "may_edit": request.user.has_perm(MAY_EDIT),
            "own_draft": draft is not None and draft.made_by_id == request.user.pk,
            "refused": refused,
        },
        status=status,
    )


@needs(Power.SET_PATHWAYS)
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit the next version."""
    found = queries_pathways.pathway(pk)
    base = queries_pathways.version_in(found, State.DRAFT) or queries_pathways.version_in(found, State.LIVE)
    whom = _whom()
    form = forms.PathwayDraft(request.POST or None, initial=_initial(base))
    levels = _level_forms(request, base, whom)
    if request.method == "POST" and all(one.is_valid() for one in (form, *levels)):
        data = dict(form.cleaned_data)
        seen = data.pop("seen_number")
        try:
            wanted = actions.Wanted(levels=_rungs(levels), **data)
            actions.save_draft(actor=request.user, pathway=found, wanted=wanted, seen_number=seen)
        except NotValid as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, "The draft is saved. A second person switches it live.")
            return redirect("escalation:pathway", pk=pk)
    return render(
        request,
        "escalation/pathway_draft.html",
        {"pathway": found, "form": form, "levels": levels, "base": base},
        status=422 if form.is_bound else 200,
    )


@needs(Power.SET_PATHWAYS)
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft becomes what happens."""
    found = queries_pathways.pathway(pk)
    try:
        version = actions.switch_live(
            actor=request.user,
            version=_draft_of(found),
            seen_number=whole(request.POST.get("number", "")),
        )
    except NotValid as refusal:
        return _page(request, found, status=422, refused=refusal.sentence)
    messages.success(request, f"Version {version.number} of {found.title} is live. Open cases keep theirs.")
    return redirect("escalation:pathway", pk=pk)


@needs(Power.SET_PATHWAYS)
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft is given up."""
    actions.drop_draft(actor=request.user, version=_draft_of(queries_pathways.pathway(pk)))
    return redirect("escalation:pathway", pk=pk)


def _draft_of(found: Pathway) -> PathwayVersion:
    version = queries_pathways.version_in(found, State.DRAFT)
    if version is None:
        raise NotFound("This pathway has no draft.")
    return version


def _whom() -> list[tuple[str, str]]:
    return [
        ("", "Nobody: no such level"),
        *((f"role:{role.value}", f"Role: {role.label}") for role in Role),
        *((f"rota:{rota.pk}", f"Rota: {rota.name}") for rota in queries_oncall.rotas()),
        *((f"post:{post.pk}", f"Post: {post.name}") for post in queries_oncall.posts() if post.active),
    ]


def _initial(base: PathwayVersion | None) -> dict[str, object]:
    if base is None:
        return {"floor": 0, "desk_minutes": 10, "act_within_minutes": 15}
    fields = [
        "owner",
        "review_on",
        "source",
        "categories",
        "floor",
        "desk_minutes",
        "first_team",
        "advice",
        "told",
        "act_within_minutes",
        "deadline_minutes",
        "deadline_says",
        "deadline_clock",
        "deadline_law",
        "deadline_warn_minutes",
    ]
    return {
        **{field: getattr(base, field) for field in fields},
        "must_record": "\n".join(base.must_record),
        "seen_number": base.number if base.state == State.DRAFT else None,
    }


def _level_forms(request: HttpRequest, base: PathwayVersion | None, whom) -> list[forms.LevelForm]:
    standing = list(base.levels.all()) if base is not None else []
    made = []
    for number in range(max(ROWS, len(standing))):
        level = standing[number] if number < len(standing) else None
        initial = {}
        if level is not None:
            to = level.role or level.rota_id or level.post_id
            initial = {
                "whom": f"{level.kind}:{to}",
                "acknowledge_within_s": level.acknowledge_within_s,
                "ways": level.ways,
            }
        made.append(
            forms.LevelForm(request.POST or None, prefix=f"level{number + 1}", initial=initial, whom=whom)
        )
    return made


def _rungs(levels: list[forms.LevelForm]) -> list[actions.Rung]:
    found = []
    for form in levels:
        kind, _, to = form.cleaned_data.get("whom", "").partition(":")
        if not kind:
            continue
        found.append(
            actions.Rung(
                acknowledge_within_s=form.cleaned_data["acknowledge_within_s"],
                role=to if kind == "role" else "",
                rota=queries_oncall.rota(int(to)) if kind == "rota" else None,
                post=queries_oncall.post(int(to)) if kind == "post" else None,
                ways=form.cleaned_data["ways"],
            )
        )
    return found
